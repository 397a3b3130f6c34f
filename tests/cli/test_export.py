"""`python -m inspector export`."""

import pytest

from inspector import gallery
from inspector.compare import compare

TEXT = "Anna gave Ben 12 pears | and Carl saw it."


@pytest.fixture(scope="module")
def comparison(fakes):
    return compare(TEXT, ["fake-a@4", "fake-words@2"], registry=fakes).to_json()


def test_json_comes_out_as_it_went_in_and_is_valid(run, comparison):
    ran = run("export", "--json", stdin=comparison)
    assert (ran.code, ran.out) == (0, comparison + "\n")
    assert run("validate", "-", stdin=ran.out).out == "-: valid, 1 comparison\n"


def test_markdown_goes_to_standard_output(run, comparison):
    ran = run("export", "--markdown", stdin=comparison)
    assert ran.out.startswith("| Measure | fake-a@4 | fake-words@2 |\n| --- | ---: | ---: |\n")
    assert "12 pears &#124; and" in ran.out
    assert "측정값" in run("export", "--markdown", "--language", "ko", stdin=comparison).out


def test_html_is_one_file(run, comparison, tmp_path):
    file = tmp_path / "made.html"
    ran = run("export", "--html", str(file), stdin=comparison)
    assert (ran.code, ran.out) == (0, "")
    text = file.read_text(encoding="utf-8")
    assert text.startswith("<!doctype html>") and "fake-words@2" in text and "default-src 'none'" in text
    assert "http://" not in text.replace("http://www.w3.org/2000/svg", "") and "https://" not in text.split("inspector-data")[0]


def test_a_talk_holds_the_cases_asked_for_in_order(run, tmp_path):
    file = tmp_path / "talk.html"
    assert run("export", "--talk", str(file), "who", "bee").code == 0
    text = file.read_text(encoding="utf-8")
    assert 0 < text.index('"id": "who"') < text.index('"id": "bee"')
    assert '"id": "list"' not in text
    assert run("export", "--talk", str(file)).code == 0
    assert all(f'"id": "{case.id}"' in file.read_text(encoding="utf-8") for case in gallery.cases())


@pytest.mark.parametrize(
    ("args", "stdin", "said"),
    [
        (["--json"], "{}", "source: Field required"),
        (["--json"], "", "standard input is empty"),
        (["--markdown"], "nonsense", "Invalid JSON"),
        (["--json", "bee"], "{}", "cases of the gallery go with --talk"),
        (["--talk", "x.html", "nobody"], "", "no case 'nobody'"),
        (["--html", "/no/such/folder/x.html"], None, "cannot write /no/such/folder/x.html: No such file or directory"),
        ([], "", "one of the arguments"),
        (["--json", "--markdown"], "", "not allowed with"),
    ],
)
def test_what_cannot_be_used_is_said_in_a_line(run, comparison, args, stdin, said):
    ran = run("export", *args, stdin=comparison if stdin is None else stdin)
    assert said in ran.complaint


def test_several_comparisons_are_refused(run, comparison):
    assert "2 lines; give one" in run("export", "--json", stdin=f"{comparison}\n{comparison}\n").complaint


def test_a_result_of_another_installation_is_exported_too(run, comparison, tmp_path):
    file = tmp_path / "made.html"
    assert run("export", "--html", str(file), stdin=comparison.replace("fake-a@4", "unheard-of@9")).code == 0
    assert "unheard-of@9" in file.read_text(encoding="utf-8")
