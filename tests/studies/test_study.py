"""A study: the same rows as one comparison after another, kept under their content, whole after a kill."""

import json
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from inspector.compare import CACHE, compare
from inspector.inspection import KINDS
from inspector.studies.batch import hashes, weights
from inspector.studies.items import Item
from inspector.studies.plan import key_of, plan, resolved
from inspector.studies.rows import ABOUT, ASKED, COLUMNS, DIMENSIONS, SCORES, SEVERITIES, found
from inspector.studies.run import InProcess, study
from inspector.studies.store import Folder, StudyError, read
from tests.studies import made

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory):
    out = tmp_path_factory.mktemp("unbroken")
    made.run(out)
    return out


def test_rows_say_what_a_comparison_of_the_text_says(unbroken):
    rows = {(r["id"], r["compressor"], r["truncate"]): r for r in read(unbroken).to_pylist()}
    assert len(rows) == 8 * 3 + 8 * 2  # kept words have no directions to truncate
    for truncate in (None, "1"):
        for item in made.items()[:3]:
            CACHE.clear()
            comparison = compare(item.text, list(made.COMPRESSORS), truncate=truncate, registry=made.table())
            for inspection in comparison.inspections:
                row = rows.get((item.id, inspection.compressor, truncate))
                if row is None:
                    assert inspection.compressor == "fake-words@2" and truncate
                    continue
                assert row["reconstruction"] == inspection.reconstruction.text
                assert [row[s] for s in SCORES] == pytest.approx([getattr(inspection.scores, s) for s in SCORES])
                assert row["bits_memory"] == inspection.bits.memory and row["vectors"] == inspection.memory.vectors
                counts = Counter((d.kind, d.severity) for d in inspection.divergences)
                assert {(k, s): row[f"{k}_{s}"] for k in KINDS for s in SEVERITIES if row[f"{k}_{s}"]} == counts
                assert sum(row[d] for d in DIMENSIONS) == row["serious"] + row["minor"]
                judged = Counter(d.overwriting for d in inspection.divergences if d.change in ("substituted", "swapped"))
                assert (row["overwritten"], row["not_overwritten"]) == (judged[True], judged[False])
                assert row["entities_kept"] == inspection.retention.entities_kept
                if inspection.spectrum:
                    assert row["effective_rank"] == pytest.approx(inspection.spectrum.effective_rank, rel=1e-5)
                    assert row["entropy"] == pytest.approx(inspection.trace.mean_entropy, rel=1e-4)
                else:
                    assert row["effective_rank"] is None and row["entropy"] is None


def test_a_second_run_computes_nothing_and_a_larger_one_only_what_is_new(unbroken, tmp_path):
    class Counted(InProcess):
        computed = 0

        def run(self, units):
            for unit in units:
                Counted.computed += len(unit.cases)
            return super().run(units)

    before = made.rows(unbroken)
    again = made.run(unbroken, Counted(made.table()))
    assert (again.planned, again.before, again.made, Counted.computed) == (40, 40, 0, 0)
    assert made.rows(unbroken).equals(before)
    made.run(tmp_path, count=4)
    grown = made.run(tmp_path, Counted(made.table()), count=8)
    assert (grown.before, grown.made, Counted.computed) == (20, 20, 20)
    assert made.rows(tmp_path).equals(before)
    smaller = made.run(tmp_path, count=4)  # the table is of the study asked for; the rest stays for later
    assert smaller.made == 0 and len(read(tmp_path)) == 20
    assert made.run(tmp_path, count=8).made == 0 and made.rows(tmp_path).equals(before)


@pytest.mark.slow
def test_a_study_that_is_killed_goes_on_and_ends_with_the_same_table(unbroken, tmp_path):
    process = subprocess.Popen([sys.executable, "-m", "tests.studies.made", str(tmp_path)], cwd=ROOT)
    try:
        limit = time.monotonic() + 300
        while len(list((tmp_path / "parts").glob("*.parquet"))) < 2:
            assert process.poll() is None and time.monotonic() < limit
            time.sleep(0.02)
    finally:
        process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert not (tmp_path / "results.parquet").exists()
    with pytest.raises(StudyError, match="broken off"):
        read(tmp_path)
    (tmp_path / "parts" / "torn.half").write_bytes(b"PAR1 and no more")
    kept = len(Folder(tmp_path).done())
    assert 0 < kept < 40
    outcome = made.run(tmp_path)
    assert (outcome.before, outcome.made, outcome.failed) == (kept, 40 - kept, 0)
    assert made.rows(tmp_path).equals(made.rows(unbroken))
    assert not list((tmp_path / "parts").iterdir())


def test_the_key_is_of_text_compressor_weights_and_settings(monkeypatch):
    item, *_ = made.items()
    other = Item(item.set, item.id, item.line, item.text + "!")
    keys = {
        key_of(item, "a@4", None, "w"),
        key_of(other, "a@4", None, "w"),
        key_of(item, "a@16", None, "w"),
        key_of(item, "a@4", "8", "w"),
        key_of(item, "a@4", None, "v"),
    }
    monkeypatch.setenv("INSPECTOR_PIPELINE", "en_core_web_trf")
    assert len(keys | {key_of(item, "a@4", None, "w")}) == 6
    moved = Item("elsewhere", "x", 99, item.text, item.question, item.answers, item.others)
    assert key_of(moved, "a@4", None, "w") == key_of(item, "a@4", None, "w")


def test_weights_are_hashed_by_what_they_hold():
    import torch

    one, two = made.table(), made.table()
    addresses = resolved(one, made.COMPRESSORS, ())
    assert hashes(addresses, one) == hashes(addresses, two)
    assert len(set(hashes(addresses[:2], one).values())) == 2
    loaded = one.load(addresses[0])
    before = weights(loaded)
    with torch.no_grad():
        next(loaded.decoder.network.parameters()).view(-1)[0] += 1
    assert weights(loaded) != before
    assert weights(object()) == "none"


def test_a_plan_keeps_compressors_with_one_decoder_together():
    from models.registry import registry

    addresses = resolved(registry(), ["pocket-xs", "superposition-s", "pocket-l@64"], [4, 16])
    assert [str(a) for a in addresses] == [
        *("pocket-xs@4", "pocket-xs@16", "superposition-s@4", "superposition-s@16", "pocket-l@64"),
    ]
    units = plan(made.items(5), addresses, [None], {str(a): "w" for a in addresses}, batch=2)
    assert [(u.group, len(u.items), len(u.cases)) for u in units[:4]] == [
        *(("pocket", 2, 6), ("pocket", 2, 6), ("pocket", 1, 3), ("superposition", 2, 4)),
    ]


def test_what_fails_is_a_row_that_says_why_and_is_tried_again(tmp_path):
    broken = {"yes": True}

    class Moody(type(made.table().load(made.table().resolve("fake-a@4")))):
        def compress(self, source, windows, ratio):
            if broken["yes"] and "31 crowns" in source.text:
                raise RuntimeError("no crowns\nof this sort")
            return super().compress(source, windows, ratio)

    loaded = made.table()
    loaded.load(loaded.resolve("fake-a@4")).__class__ = Moody
    addresses = resolved(loaded, ["fake-a@4", "fake-b@4"], ())
    outcome = study(made.items(3), addresses, tmp_path, InProcess(loaded), progress=False)
    assert (outcome.made, outcome.failed) == (6, 1)
    [bad] = [row for row in read(tmp_path).to_pylist() if row["error"]]
    assert (bad["id"], bad["compressor"], bad["error"], bad["bleu"]) == ("m1", "fake-a@4", "no crowns", None)
    broken["yes"] = False
    again = study(made.items(3), addresses, tmp_path, InProcess(loaded), progress=False)
    assert (again.before, again.made, again.failed) == (5, 1, 0)
    assert read(tmp_path).column("error").null_count == 6


def test_a_decoder_that_fails_on_one_text_leaves_the_batchs_others(tmp_path):
    from models.pocket.decoder import PocketDecoder

    class Full(PocketDecoder):
        def score(self, memories, targets):
            if len(targets) > 4:
                raise RuntimeError("out of memory")
            return super().score(memories, targets)

    loaded = made.table()
    loaded.load(loaded.resolve("fake-a@4")).decoder.__class__ = Full
    outcome = study(made.items(4), resolved(loaded, ["fake-a@4"], ()), tmp_path, InProcess(loaded), progress=False)
    assert (outcome.made, outcome.failed) == (4, 0)


def test_the_manifest_says_what_was_run(unbroken):
    told = json.loads((unbroken / "manifest.json").read_text(encoding="utf-8"))
    assert told["inspections"]["planned"] == 40 and told["inspections"]["failed"] == 0
    assert {row["address"] for row in told["compressors"]} == set(made.COMPRESSORS)
    assert all(len(row["weights"]) == 64 for row in told["compressors"])
    assert {"python", "torch", "pyarrow"} <= set(told["versions"])
    assert told["truncations"] == [None, "1"] and told["texts"] == 8


@pytest.mark.parametrize(
    ("answers", "source", "back", "there", "told"),
    [
        (("Lisbon",), "Anna in Lisbon.", "anna, LISBON!", True, True),
        (("Lisbon",), "Anna in Lisbon.", "Anna in Lisbonne.", True, False),
        (("the Tower",), "A tower stood.", "Tower", True, True),
        (("Paris",), "Anna in Lisbon.", "Anna in Paris.", True, None),
        (("Paris",), "Anna in Lisbon.", "Anna in Paris.", False, True),
        (("Lisbon",), "Anna in Lisbon.", "Anna in Lisbon.", False, None),
        ((), "Anna", "Anna", True, None),
        (("…",), "Anna", "Anna", True, None),
    ],
)
def test_answers_are_found_as_whole_words(answers, source, back, there, told):
    assert found(answers, source, back, there) is told


def test_the_priors_answer_is_asked_for_where_the_sources_own_can_be(tmp_path):
    text = "Anna paid 30 crowns to Otto in Lisbon."
    items = [
        Item("made", "words", 1, text, None, ("Lisbon",), ("Paris",)),
        Item("made", "sentence", 2, text, None, ("Otto was paid.",), ("Otto was not paid.",)),
        Item("made", "other", 3, text, None, (), ("Paris",)),
    ]
    study(items, resolved(made.table(), ["fake-a@4"], ()), tmp_path, InProcess(made.table()), progress=False)
    told = {row["id"]: (row["answer_kept"], row["other_back"]) for row in read(tmp_path).to_pylist()}
    assert told["sentence"] == (None, None) and told["other"] == (None, False)
    assert None not in told["words"]


def test_files_that_are_no_study_are_refused(tmp_path):
    import pyarrow
    import pyarrow.parquet

    with pytest.raises(StudyError, match="no such file"):
        read(tmp_path / "none.parquet")
    (tmp_path / "x.parquet").write_bytes(b"hello")
    with pytest.raises(StudyError, match="no Parquet file"):
        read(tmp_path / "x.parquet")
    pyarrow.parquet.write_table(pyarrow.table({"key": ["a"]}), tmp_path / "y.parquet")
    with pytest.raises(StudyError, match="lacks the columns set, id"):
        read(tmp_path / "y.parquet")
    (tmp_path / "file").write_text("")
    with pytest.raises(StudyError, match="cannot make the folder"):
        Folder(tmp_path / "file" / "study")


def test_the_documents_columns_are_the_tables():
    text = (ROOT / "docs" / "studies.md").read_text(encoding="utf-8")
    results, asked = text[text.index("## Columns") :].split("Of `probes.parquet`")

    def named(part):
        lines = [line.split("|")[1] for line in part.splitlines() if line.startswith("| `")]
        return {word for line in lines for word in line.replace("`", "").split()}

    pattern = {f"{kind}_{severity}" for kind in KINDS for severity in SEVERITIES}
    assert (named(results) - {"KIND_SEVERITY"}) | pattern == set(COLUMNS)
    assert named(asked) | {"key", "number", *ABOUT} == set(ASKED)
