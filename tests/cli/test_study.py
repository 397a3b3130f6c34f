"""`python -m inspector study …` on the fakes."""

import csv
import json
import shutil

import pytest

from inspector.views.studies import SHIPPED

TEXTS = ("Anna paid 30 crowns to Otto in Lisbon.", "Mary met Paul in Porto on 4 March.", "It rained, and nobody came.")


@pytest.fixture
def texts(tmp_path):
    file = tmp_path / "texts.jsonl"
    file.write_text("".join(json.dumps({"text": t}) + "\n" for t in TEXTS) + "no row\n")
    return file


def test_run_table_statistics(run, texts, tmp_path):
    out = tmp_path / "study"
    asked = (
        "study",
        "run",
        "--data",
        f"jsonl:{texts}",
        "--compressor",
        "fake-a",
        "fake-b",
        "--ratio",
        "4",
        "16",
        "--out",
        str(out),
    )
    made = run(*asked, "--truncate", "none", "1", "--batch", "2")
    assert made.code == 0, made.err
    assert "24 inspections of 3 texts, 0 of them from before, 0 failed; 1 row of the data skipped" in made.out
    assert "skipped: texts, line 4: not JSON" in made.err and "24/24" in made.err
    again = run(*asked, "--truncate", "none", "1", "--quiet")
    assert "24 of them from before" in again.out and "24/24" not in again.err
    told = json.loads((out / "manifest.json").read_text())
    assert told["command"].startswith("python -m inspector study run --data jsonl:")
    assert told["data"][0]["skipped"] == 1 and told["data"][0]["reasons"] == ["line 4: not JSON"]
    for form, first in (("markdown", "| compressor |"), ("csv", "set,compressor,"), ("latex", "\\begin{tabular}")):
        shown = run("study", "table", str(out), "--format", form)
        assert shown.code == 0 and shown.out.startswith(first)
    figures = run("study", "statistics", str(out / "results.parquet"), "--json").json()
    assert len(figures["configurations"]) == 8
    assert {(r["first"], r["second"]) for r in figures["paired"] if "kept" not in r["first"] + r["second"]} == {
        ("fake-a@4", "fake-b@4"),
        ("fake-a@16", "fake-b@16"),
    }
    assert "Correlations" in run("study", "statistics", str(out)).out


@pytest.mark.parametrize(
    ("args", "complaint"),
    [
        (["--data", "x.jsonl"], "FORMAT:FILE"),
        (["--data", "jsonl:none.jsonl"], "cannot read none.jsonl"),
        (["--compressor", "nobody"], "unknown compressor 'nobody'"),
        (["--compressor", "fake-absent"], "its weights are missing"),
        (["--ratio", "5"], "has no ratio 5"),
        (["--truncate", "half"], "half"),
        (["--seed", "1"], "--seed goes with --limit"),
        (["--workers", "2"], "--engine ray"),
        (["--fields", "text"], "OURS=THEIRS"),
        (["--fields", "title=x"], "OURS=THEIRS"),
    ],
)
def test_bad_input(run, texts, tmp_path, args, complaint):
    given = {"--data": [f"jsonl:{texts}"], "--compressor": ["fake-a"], "--out": [str(tmp_path / "out")]} | {args[0]: args[1:]}
    if args[0] != "--data":
        texts.write_text(json.dumps({"text": TEXTS[0]}) + "\n")
    assert complaint in run("study", "run", *(word for name, values in given.items() for word in (name, *values))).complaint


def test_table_and_statistics_of_what_was_asked(run, tmp_path):
    folder = tmp_path / "study"
    shutil.copytree(SHIPPED, folder)
    shown = run("study", "table", str(folder), "--format", "csv")
    [head, *lines] = csv.reader(shown.out.splitlines())
    at = head.index("drift_accuracy")
    whole = [line for line in lines if not line[head.index("truncate")]]
    assert len(whole) == 15 and all(0.5 < float(line[at]) <= 1 for line in whole)
    (folder / "results.parquet").unlink()
    alone = run("study", "table", str(folder)).out
    texts = 151 + 300 + 1287 + 400  # swapped facts of two sets, ConflictQA, paragraphs for minimal pairs
    assert "drift accuracy" in alone and "BLEU" not in alone and f"| 4× | all | {texts} |" in alone
    assert run("study", "table", str(folder / "probes.parquet")).out == alone
    made = run("study", "statistics", str(folder), "--measures", "knowledge", "--json").json()
    assert made["paired"] and {r["measure"] for r in made["paired"]} == {"knowledge"}


def test_tables_of_what_is_no_study(run, tmp_path):
    assert "no such file" in run("study", "table", str(tmp_path / "none.parquet")).complaint
    assert "no results.parquet" in run("study", "statistics", str(tmp_path)).complaint
