"""`python -m inspector drift`, as scripts call it."""

from __future__ import annotations

import pytest

from inspector.probes.drift import pairs
from inspector.probes.drift.ask import LANGUAGE, NONE, WORDS

TEXT = "Anna met Ben by the mill, and Ben gave Anna 12 pears; Carl saw 3 of them fall into the river."


def test_every_pair_with_what_each_memory_prefers(run):
    made = run("drift", "--compressor", "fake-a@4", "fake-words", "--compressor", "fake-b", "--ratio", "4", stdin=TEXT)
    assert (made.code, made.err) == (0, "")
    found = pairs(TEXT)
    lines = [line.strip() for line in made.out.splitlines()]
    told = [(line.split(":")[0], true[9:], altered[9:]) for line, true, altered in zip(lines, lines[1:], lines[2:], strict=False)
            if true.startswith("true  ")]  # fmt: skip
    assert told == [(p.dimension, p.true(TEXT), p.altered(TEXT)) for p in found]
    rows = [line.split() for line in lines if line.startswith("fake-a@4")]
    assert len(rows) == len(found) + 1 and rows[-1][2] == "of"
    assert f"fake-words@4, not asked: {WORDS}" in lines
    assert lines[-2].startswith("Nats")


def test_json_and_the_table_say_the_same(run):
    args = ("drift", "--compressor", "fake-a@4", "fake-words@2")
    made, told = run(*args, "--json", stdin=TEXT).json(), run(*args, stdin=TEXT).out
    assert (made["version"], made["source"]) == (1, {"text": TEXT})
    soft, kept = made["readings"]
    assert [each["dimension"] for each in made["pairs"]] == [each["kind"] for each in soft["asked"]]
    assert [(each["true"], each["altered"]) for each in made["pairs"]] == [(a["expected"], a["other"]) for a in soft["asked"]]
    assert all(TEXT[each["start"] : each["end"]] == each["true"] for each in made["pairs"])
    assert (kept["compressor"], [each["note"] for each in kept["asked"]]) == ("fake-words@2", [WORDS])
    put = [each for each in soft["asked"] if each["right"] is not None]
    assert put and all(None not in (each["memory"], each["prior"], each["control"]) for each in put)
    for each in put:
        assert all(f"{each[side]:+.2f}" in told for side in ("memory", "prior", "control"))
        assert each["right"] == (each["memory"] > 0)
    assert f"{sum(each['right'] for each in put):g} of {len(put)}" in told


def test_a_text_comes_from_a_file_too_and_drives_no_terminal(run, tmp_path):
    file = tmp_path / "text.txt"
    file.write_text(TEXT.replace("river", "ri\x1bver"), encoding="utf-8")
    made = run("drift", str(file), "--compressor", "fake-a")
    assert made.code == 0 and "\x1b" not in made.out and "ri\\x1bver" in made.out


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Das Schiff brachte im März zwölf Kisten Orangen in den Hafen, und niemand kam, um sie zu holen.", LANGUAGE),
        ("증기선은 삼월에 오렌지 열두 상자를 항구로 실어 왔지만 아무도 찾으러 오지 않았다.", LANGUAGE),
        ("The end of it all.", NONE),
        (" \n", "The text is empty"),
    ],
)
def test_what_has_no_pairs_is_refused_in_one_line(run, text, said):
    assert said in run("drift", "--compressor", "fake-a", stdin=text).complaint


def test_wrong_files_and_names_are_one_line(run, tmp_path):
    assert "cannot read" in run("drift", str(tmp_path / "nothing.txt"), "--compressor", "fake-a").complaint
    assert "unknown compressor" in run("drift", "--compressor", "nobody", stdin=TEXT).complaint
