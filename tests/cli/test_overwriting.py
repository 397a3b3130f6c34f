"""`python -m inspector overwriting`, as scripts call it."""

from __future__ import annotations

import json

import pytest

from inspector.probes.rows import NEW, SEEN
from tests.probes.test_rows import CITIES, town, write


def rows(out: str) -> list[list[str]]:
    """Cells of every table line."""
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in out.splitlines() if line.startswith("|")]


def test_two_tables_and_json_from_the_shipped_swaps(run, tmp_path):
    file = tmp_path / "out.json"
    ran = run("overwriting", "--compressor", "fake-a@4", "fake-words", "--texts", "4", "--json", str(file))
    assert (ran.code, ran.err) == (0, "")
    table, smaller = ([*rows(part)] for part in ran.out.split("\n\n")[:2])
    assert [line[0] for line in table[2:]] == ["fake-a", "fake-words"]
    assert [line[2] for line in table[2:]] == ["4×", "2×"]
    assert all(len(line) == len(table[0]) for line in table)
    assert table[3][-3:] == ["–"] * 3  # kept words have no prior
    assert [line[2] for line in smaller[2:]] == ["entity", "number", "frequent", "rare"] * 2
    assert all(len(line) == len(smaller[0]) for line in smaller)
    found = json.loads(file.read_text(encoding="utf-8"))
    assert [f["compressor"] for f in found] == ["fake-a@4", "fake-words@2"]
    for one in found:
        whole, swaps = one["groups"]["all"], one["swaps"]
        assert len({s["id"] for s in swaps}) == 8
        for name in (SEEN, NEW):
            here = [s for s in swaps if s["set"] == name]
            assert whole[name]["n"] == len(here)
            for outcome, field in (("kept", "kept"), ("original", "overwriting"), ("other", "other")):
                assert whole[name][field] == pytest.approx(sum(s["outcome"] == outcome for s in here) / len(here))
        difference = whole["difference"]["kept"]["value"]
        assert difference == pytest.approx(whole[SEEN]["kept"] - whole[NEW]["kept"])
        assert one["groups"]["entity"][SEEN]["n"] + one["groups"]["number"][SEEN]["n"] == whole[SEEN]["n"]


def test_one_type_alone(run, tmp_path):
    file = tmp_path / "out.json"
    assert run("overwriting", "--compressor", "fake-words", "--types", "number", "--texts", "4", "--json", str(file)).code == 0
    assert {s["type"] for s in json.loads(file.read_text(encoding="utf-8"))[0]["swaps"]} == {"number"}


def test_swaps_made_from_a_folder(run, tmp_path):
    for name in (SEEN, NEW):
        write(tmp_path, name, [town(k, city, 1900 + 7 * k) for k, city in enumerate(CITIES)])
    ran = run("overwriting", "--compressor", "fake-words", "--data", str(tmp_path), "--texts", "5")
    assert (ran.code, ran.err) == (0, "")
    assert rows(ran.out)[2][3] == "10 / 10"


def test_nothing_come_back_is_no_proof_of_zero(run):
    out = run("overwriting", "--compressor", "fake-words@4", "--texts", "2").out
    assert "rule of three" in out


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["nobody"], "unknown compressor 'nobody'; known: fake-a"),
        (["fake-a@5"], "no ratio 5; known: 4, 16"),
        (["fake-absent"], "not ready: its weights are missing"),
        (["fake-a", "--types", "verb"], "unknown type 'verb'; known: entity, number"),
        (["fake-a", "--texts", "0"], "'0' is not a whole number from 1"),
        (["fake-a", "--data", "{folder}/none"], "holds neither wikipedia2015-train.jsonl.xz nor wikipedia2015-train.jsonl"),
        (["fake-a", "--data", "{folder}/broken"], "wikipedia2015-train.jsonl, line 1: an object"),
        (["fake-a", "--data", "{folder}/bare"], "holds no paragraph of 200 characters"),
        (["fake-a", "--json", "{folder}/none/out.json"], "no file in a folder that exists"),
        (["fake-a", "--json", "{folder}"], "no file in a folder that exists"),
    ],
)
def test_bad_input_is_one_clear_line(run, tmp_path, args, said):
    write(tmp_path / "broken", SEEN, ["{"])
    write(tmp_path / "bare", SEEN, [{"id": 1, "text": ""}])
    complaint = run("overwriting", "--compressor", *(a.format(folder=tmp_path) for a in args)).complaint
    assert said in complaint


def test_a_compressor_is_needed(run):
    assert "--compressor" in run("overwriting").complaint
