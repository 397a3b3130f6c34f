"""The study that ships: the document's figures are its own, and the shipped weights give its rows again."""

import json
import re
from pathlib import Path

import pytest

from inspector.studies.batch import hashes
from inspector.studies.loaders import Data, load
from inspector.studies.plan import resolved
from inspector.studies.rows import SCORES
from inspector.studies.run import InProcess, study
from inspector.studies.statistics import estimate, groups, measure
from inspector.studies.store import PROBES, read
from models.registry import registry

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "inspector" / "studies" / "shipped" / "pocket"
HELD_OUT = ROOT / "models" / "training" / "held_out" / "wikipedia2015-test.jsonl"
DOCUMENT = (ROOT / "docs" / "study.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def shipped():
    return read(SHIPPED)


def test_it_is_whole_and_holds_no_texts(shipped):
    assert len(shipped) == 1000 * (5 * 3 + 2 * 2) and not any(shipped.column("error").is_valid().to_pylist())
    assert not any(shipped.column("reconstruction").is_valid().to_pylist())
    asked = read(SHIPPED, kind=PROBES)
    for name in PROBES.texts:
        assert not any(asked.column(name).is_valid().to_pylist())
    assert {"knowledge", "drift"} <= set(asked.column("probe").to_pylist())


def test_its_weights_are_those_that_ship(shipped):
    table = registry()
    addresses = resolved(table, sorted(set(shipped.column("compressor").to_pylist())), ())
    assert hashes(addresses, table) == dict(zip(*(shipped.column(c).to_pylist() for c in ("compressor", "weights")), strict=True))


def test_the_document_says_what_the_table_says(shipped):
    found = {(g.configuration.name, g.configuration.ratio): g for g in groups(shipped) if g.configuration.truncate is None}
    for ratio in (4, 16, 64):
        told = []
        for name in ("pocket-xs", "pocket-s", "pocket-m", "pocket-l"):
            e = estimate(found[name, ratio], measure("bleu"))
            told.append(f"{e.value:.1f} ({e.low:.1f}–{e.high:.1f})")
        assert f"| {ratio}× | " + " | ".join(told) in DOCUMENT


def test_the_document_says_what_truncation_does(shipped):
    found = {(g.configuration.compressor, g.configuration.truncate): g for g in groups(shipped, read(SHIPPED, kind=PROBES))}
    for kept, said in ((None, "whole memory"), ("4", "4 directions"), ("2", "2 directions")):
        bleu, entities, entropy = (
            [estimate(found[name, kept], measure(of)) for name in ("pocket-s@16", "pocket-l@16")]
            for of in ("bleu", "entities_kept", "entropy")
        )
        cells = [f"{e.value:.1f} ({e.low:.1f}–{e.high:.1f})" for e in bleu]
        cells += [f"{e.value:.3f}".removeprefix("0") for e in entities] + [f"{e.value:.2f}" for e in entropy]
        assert f"| {said} | " + " | ".join(cells) + " |" in DOCUMENT


def test_the_document_says_what_the_probes_say():
    rows = [r for r in read(SHIPPED, kind=PROBES).to_pylist() if r["right"] is not None]
    for ratio in (4, 16, 64):
        told = []
        for name in ("pocket-xs", "pocket-s", "pocket-m", "pocket-l"):
            right = [r["right"] for r in rows if (r["probe"], r["name"], r["ratio_requested"]) == ("drift", name, ratio)]
            assert len(right) == 3421
            told.append(f"{sum(right) / len(right):.3f}".removeprefix("0"))
        line = next(line for line in DOCUMENT.splitlines() if line.startswith(f"| {ratio}× | {told[0]} ("))
        assert [cell.split(" (")[0].strip() for cell in line.split("|")[2:6]] == told
        kept = []
        for name in ("pocket-xs", "pocket-s", "pocket-m", "pocket-l"):
            of = [
                [
                    r["right"]
                    for r in rows
                    if (r["name"], r["ratio_requested"], r["set"], r["way"]) == (name, ratio, s, "reconstruction")
                ]
                for s in ("swapped/wikipedia2015-train", "swapped/wikipedia2021-new")
            ]
            kept.append(" / ".join(f"{sum(v) / len(v):.3f}".removeprefix("0") for v in of))
        assert f"| {ratio}× | " + " | ".join(kept) + " |" in DOCUMENT


def test_the_shipped_command_gives_its_rows_again(shipped, tmp_path):
    known = {(r["text"], r["compressor"]): r for r in shipped.to_pylist() if r["truncate"] is None}
    items = [i for i in load([Data("jsonl", str(HELD_OUT))])[0] if (i.hash, "pocket-xs@16") in known][:3]
    assert len(items) == 3
    table = registry()
    addresses = resolved(table, ["pocket-xs", "pocket-l"], [16])
    study(items, addresses, tmp_path, InProcess(table), progress=False)
    for row in read(tmp_path).to_pylist():
        stored = known[row["text"], row["compressor"]]
        assert row["entropy"] == pytest.approx(stored["entropy"], abs=0.01)
        assert row["effective_rank"] == pytest.approx(stored["effective_rank"], rel=0.001)
        for score in SCORES:  # other threads and batches may turn a tie of two tokens
            scale = 100 if stored[score] > 1 else 1
            assert row[score] == pytest.approx(stored[score], abs=0.05 * scale)


def test_the_commands_in_the_document_are_those_of_the_manifests():
    written = re.findall(r"(python -m inspector study run .*?--out runs/(?:pocket|truncated))\b", DOCUMENT, re.S)
    told = json.loads((SHIPPED / "manifest.json").read_text(encoding="utf-8"))
    assert [" ".join(one.replace("\\\n", " ").split()) for one in written] == [one["command"] for one in told["together"]]
