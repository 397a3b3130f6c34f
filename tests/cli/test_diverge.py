"""`python -m inspector diverge` and `validate --data`, as scripts call them."""

from __future__ import annotations

import json

import pytest

from inspector.inspection import Report


@pytest.fixture
def files(tmp_path):
    (tmp_path / "a.txt").write_text("Alice hit Bob in May 2020.", encoding="utf-8")
    (tmp_path / "b.txt").write_text("Bob hit Alice in June 2020.", encoding="utf-8")
    return tmp_path


def test_json_is_the_contracts_report(run, files):
    ran = run("diverge", "--source", str(files / "a.txt"), "--reconstruction", str(files / "b.txt"), "--json")
    report = Report.model_validate_json(ran.out)
    assert ran.code == 0 and report.language == "en" and "inspector" in report.pipeline
    assert [(d.kind, d.severity, d.change) for d in report.divergences] == [
        ("role", "serious", "swapped"),
        ("number", "serious", "substituted"),
    ]
    assert report.divergences[0].explanation == "Source says Alice hit Bob; the reconstruction has Bob hit Alice."


def test_without_json_it_reads_as_sentences(run, files):
    out = run("diverge", "--source", str(files / "a.txt"), "--reconstruction", str(files / "b.txt")).out
    assert out.startswith("Kept all 2 entities") and "[0–13 →0–13] Source says Alice hit Bob" in out


def test_pairs_keep_their_order_and_a_bad_line_gives_its_error(run, files):
    rows = [
        {"source": "It has 5 rooms.", "reconstruction": "It has 6 rooms."},
        {"source": "", "reconstruction": "x"},
        {"source": "a"},
    ]
    lines = [
        json.dumps(rows[0]),
        "no json",
        *map(json.dumps, rows[1:]),
        json.dumps(rows[0] | {"reconstruction": "It has 5 rooms."}),
    ]
    (files / "p.jsonl").write_text("\n".join(lines), encoding="utf-8")
    found = [json.loads(line) for line in run("diverge", "--pairs", str(files / "p.jsonl")).out.splitlines()]
    assert [d["kind"] for d in found[0]["divergences"]] == ["number"] and found[4]["divergences"] == []
    assert [row["error"].split(":")[0] for row in found[1:4]] == ["line 2", "line 3", "line 4"]


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--source", "{a}"], "--source and --reconstruction are needed"),
        (["--source", "{a}", "--reconstruction", "{none}"], "cannot read"),
        (["--source", "{empty}", "--reconstruction", "{a}"], "The text is empty"),
        (["--source", "{latin}", "--reconstruction", "{a}"], "not UTF-8"),
        (["--source", "{a}", "--reconstruction", "{a}", "--pairs", "{a}"], "not both"),
        (["--source", "{a}", "--reconstruction", "{b}", "--pipeline", "no_such_pipeline"], "no_such_pipeline"),
    ],
)
def test_bad_input_is_one_line_and_code_2(run, files, args, said):
    (files / "empty.txt").write_text(" \n")
    (files / "latin.txt").write_bytes(b"caf\xe9")
    ran = run("diverge", *(a.format(**{n: files / f"{n}.txt" for n in ("a", "b", "none", "empty", "latin")}) for a in args))
    assert ran.code == 2 and said in ran.complaint and not ran.out


def test_validate_takes_files_or_data(run, files):
    assert "--data" in run("validate").complaint
    assert "neither divergence/bump-dev" in run("validate", "--data", str(files), "--sets", "bump").complaint
    out = run("validate", "--data", str(files), "--sets", "grammar", "--limit", "8").out
    assert "| grammar | swaps found" in out
