"""The Studies page's payload: of the study that ships, of strangers' files, of nothing."""

import json
from io import BytesIO

import pyarrow.parquet
import pytest

from inspector.pages.studies import answer
from inspector.studies.rows import SCORES
from inspector.studies.store import StudyError
from inspector.views.studies import PUBLISHED, SHIPPED, from_files, from_folder, payload
from tests.studies.test_paradox import series
from tests.studies.test_statistics import row, table


def content(made):
    out = BytesIO()
    pyarrow.parquet.write_table(made, out)
    return out.getvalue()


@pytest.fixture(scope="module")
def shipped():
    return payload(from_folder(SHIPPED), number=1, title="pocket")


def test_the_shipped_study_says_that_the_paradox_does_not_show(shipped):
    assert shipped["inspections"] == 19_000 and shipped["failed"] == 0 and shipped["questions"] > 50_000
    told = shipped["parts"][""]
    assert told["verdicts"]["knowledge"]["outcome"] == "absent" and "does not show" in told["verdicts"]["knowledge"]["said"]["en"]
    assert told["verdicts"]["knowledge"]["said"]["ko"] != told["verdicts"]["knowledge"]["said"]["en"]
    at = [f"{c['name']}@{c['ratio']}" for c in shipped["configurations"]].index("pocket-l@4")
    assert told["values"]["bleu"][at][0] == pytest.approx(64.8, abs=0.05)
    assert not shipped["configurations"][at]["name"].endswith("+joint") and shipped["configurations"][at]["member"]
    assert "pocket-l" in told["csv"] and told["latex"].startswith(r"\begin{tabular}")
    json.dumps(shipped, allow_nan=False)


def test_published_figures_name_their_source_and_whether_they_were_read():
    found = json.loads(PUBLISHED.read_text(encoding="utf-8"))
    assert found and all(p["source"] and p["hand"] in ("first", "second") and p["scale"] in (1, 100) for p in found)
    assert all(0 <= p["value"] <= p["scale"] for p in found)


def test_names_from_a_strangers_file_stay_text():
    name = "<img src=x onerror=alert(1)>${x}\0"
    made = payload(
        from_files([("r.parquet", content(table(row(name, set=name), row(name, "t1", set=name))))]),
        number=1,
        title=name,
        own=True,
    )
    assert made["configurations"][0]["name"] == name and all(
        v["outcome"] == "untold" for v in made["parts"][""]["verdicts"].values()
    )


def test_nulls_and_one_text_are_shown_without_intervals():
    blank = dict.fromkeys((*SCORES, "entropy", "effective_rank"))
    made = payload(from_files([("r.parquet", content(table(row("a", **blank | {"bleu": 40.0}))))]), number=1, title="")
    assert made["parts"][""]["values"]["bleu"] == [[40.0, None, None, 1]] and "entropy_bits" not in made["measures"]


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ([("a.txt", b"no table")], "a.txt is no Parquet file"),
        ([("a.parquet", content(table()))], "no inspection that did not fail"),
        ([("a.parquet", content(table(row("a", error="x"))))], "no inspection that did not fail"),
        ([("a.parquet", content(table(row()))), ("b.parquet", content(table(row())))], "second table of the same kind"),
        ([("a.parquet", content(table(row()).select(["set", "text"])))], "lacks the columns"),
    ],
)
def test_what_is_no_study_is_said_in_one_sentence(files, said):
    with pytest.raises(StudyError, match=said):
        payload(from_files(files), number=1, title="")


@pytest.mark.parametrize("files", [5, "x", [{"name": 3}], [{"name": "a", "data": "%%%"}], {"data": "AAAA"}])
def test_whatever_a_browser_sends_is_answered(files, tmp_path):
    told = json.loads(answer({"files": files, "language": "ko"}, tmp_path, 7))
    assert told["number"] == 7 and told["error"].count("\n") == 0
    assert "no study ships" in json.loads(answer({}, tmp_path, 8))["error"]


def test_a_series_of_ones_own_is_told():
    made = payload(
        from_files([("r.parquet", content(table(*series((20, 40, 60), (8, 6, 4)))))]), number=1, title="mine", own=True
    )
    assert made["parts"][""]["verdicts"]["entities_kept"]["outcome"] == "shows"
