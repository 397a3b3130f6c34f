"""Probes in a study: every question a row, resumed under its content, whole where a probe fails."""

import json
from dataclasses import replace

import pytest

from inspector.cli import main
from inspector.probes import asked
from inspector.probes.asked import Asked, Registered, probes
from inspector.studies.loaders import Data, DataError, load
from inspector.studies.plan import resolved
from inspector.studies.rows import ASKED
from inspector.studies.run import InProcess, ask
from inspector.studies.store import PROBES, RESULTS, StudyError, read
from tests.studies import made

CALLS: list[tuple[str, list[str], list[str]]] = []


def names(items, address, compressor, shared):
    """Asks of each capitalised name of a text whether it is spoken of; nothing of a text without a name; fails on Clara alone."""
    CALLS.append((str(address), [item.id for item in items], sorted(shared)))
    shared["seen"] = True
    found = []
    for item in items:
        said = [word for word in item.text.split() if word in made.NAMES]
        if "Clara" in said:
            raise RuntimeError("Clara cannot be asked about.\nAnd more lines.")
        found.append([
            Asked(probe="names", way="likelihood", kind="name", question=f"{n}?", expected=n, right=1.0, memory=2.5, prior=-0.5)
            for n in said
        ])  # fmt: skip
    return found


@pytest.fixture
def probe(monkeypatch):
    registered = Registered("names", 1, f"{__name__}:names", "")
    monkeypatch.setattr(asked, "BUILT_IN", (registered,))
    probes.cache_clear()
    CALLS.clear()
    yield registered
    probes.cache_clear()


def put(out, registered, items, compressors=made.COMPRESSORS, batch=2):
    addresses = resolved(made.table(), compressors, ())
    return ask([(registered, items)], addresses, out, InProcess(made.table()), batch=batch, progress=False)


def quiet():
    """Texts without Clara."""
    return [item for item in made.items(5) if item.id != "m3"]


def test_a_row_for_each_question_in_the_order_asked(probe, tmp_path):
    items = [*made.items(3), replace(made.items(1)[0], id="none", text="nobody is named here.")]
    outcome = put(tmp_path, probe, items)
    rows = read(tmp_path, kind=PROBES).to_pylist()
    assert list(rows[0]) == list(ASKED)
    assert (outcome.planned, outcome.made, outcome.failed) == (12, 12, 0)
    first = [r for r in rows if r["compressor"] == "fake-a@4"]
    assert [(r["id"], r["number"], r["expected"]) for r in first] == [
        ("m0", 0, "Anna"), ("m0", 1, "John"), ("m1", 0, "Otto"), ("m1", 1, "Ruth"), ("m2", 0, "Mary"), ("m2", 1, "Paul"),
        ("none", 0, None),
    ]  # fmt: skip
    assert first[-1]["note"] == "Nothing can be asked of this text." and first[-1]["right"] is None
    assert first[0]["memory"] == 2.5 and first[0]["prior"] == -0.5 and first[0]["probe"] == "names"
    told = json.loads((tmp_path / "probes.json").read_text())
    assert told["probes"] == {"names": 1} and told["texts_asked"] == {"planned": 12, "before": 0, "made": 12, "failed": 0}


def test_what_is_shared_by_a_batch_is_kept_between_its_compressors(probe, tmp_path):
    put(tmp_path, probe, quiet())
    assert [c[2] for c in CALLS] == [[], ["seen"], ["seen"]] * 2


def test_only_what_is_new_is_asked_and_a_batch_stays_whole(probe, tmp_path):
    put(tmp_path, probe, quiet(), ("fake-a@4",))
    before = read(tmp_path, kind=PROBES).drop_columns(["seconds"])
    CALLS.clear()
    outcome = put(tmp_path, probe, quiet(), ("fake-a@4", "fake-b@4"))
    assert (outcome.before, outcome.made) == (4, 4)
    assert [c[:2] for c in CALLS] == [("fake-b@4", ["m0", "m1"]), ("fake-b@4", ["m2", "m4"])]
    CALLS.clear()
    grown = put(tmp_path, probe, [*made.items(3), replace(made.items(1)[0], id="x", text="Otto met Ruth.")], ("fake-a@4",))
    assert (grown.before, grown.made) == (3, 1) and CALLS[0][1] == ["m2", "x"]  # the control of x may be m2
    assert read(tmp_path, kind=PROBES).drop_columns(["seconds"]).slice(0, 6) == before.slice(0, 6)


def test_a_new_version_of_a_probe_asks_again(probe, tmp_path):
    put(tmp_path, probe, made.items(2), ("fake-a@4",))
    assert put(tmp_path, replace(probe, version=2), made.items(2), ("fake-a@4",)).made == 2


def test_a_text_on_which_a_probe_fails_says_so_and_leaves_the_others(probe, tmp_path):
    items = made.items(4)  # Clara is in m3
    outcome = put(tmp_path, probe, items, ("fake-a@4",))
    rows = {r["id"]: r for r in read(tmp_path, kind=PROBES).to_pylist()}
    assert outcome.failed == 1 and rows["m3"]["error"] == "Clara cannot be asked about." and rows["m3"]["right"] is None
    assert rows["m2"]["error"] is None and rows["m2"]["right"] == 1.0
    assert put(tmp_path, probe, items, ("fake-a@4",)).made == 1  # tried again


def test_results_and_probes_live_in_one_folder(probe, tmp_path):
    made.run(tmp_path, count=2)
    put(tmp_path, probe, made.items(2))
    assert len(read(tmp_path)) == 10 and len(read(tmp_path, kind=PROBES)) == 12
    with pytest.raises(StudyError, match=r"holds no probes\.parquet"):
        read(tmp_path / "parts", kind=PROBES)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("drift", "--ask takes PROBE=FORMAT:FILE"),
        ("guess=jsonl:x", "PROBE one of drift, knowledge, rag, icl"),
        ("drift=xml:x", "FORMAT one of jsonl"),
        ("drift=jsonl:nowhere.jsonl", "cannot read nowhere.jsonl"),
    ],
)
def test_the_command_refuses_in_one_line(given, said, capsys, tmp_path):
    assert main(["study", "probe", "--ask", given, "--compressor", "pocket-xs", "--out", str(tmp_path / "s")]) == 2
    out = capsys.readouterr()
    assert out.out == "" and said in out.err and out.err.count("\n") == 1
    assert not (tmp_path / "s").exists()


def test_texts_that_are_made_here_are_refused_like_files(monkeypatch):
    monkeypatch.setitem(__import__("inspector.studies.loaders").studies.loaders.MADE, "generated", f"{__name__}:refuse")
    assert Data.parse("generated:3").set == "generated/3"
    with pytest.raises(DataError, match="a whole number"):
        load([Data.parse("generated:many")])
    assert [item.set for item in load([Data.parse("generated:2")])[0]] == ["generated/2"] * 2


def refuse(where):
    if not where.isdigit():
        raise ValueError(f"{where!r} is no number of sets; a whole number is needed")
    return made.items(int(where))


def test_a_copy_without_texts_keeps_every_figure(probe, tmp_path, capsys):
    made.run(tmp_path / "whole", count=2)
    put(tmp_path / "whole", probe, made.items(2))
    assert main(["study", "strip", str(tmp_path / "whole"), "--out", str(tmp_path / "copy")]) == 0
    assert {p.name for p in (tmp_path / "copy").iterdir()} == {
        "results.parquet",
        "manifest.json",
        "probes.parquet",
        "probes.json",
    }
    for kind, texts in ((RESULTS, ["reconstruction"]), (PROBES, ["question", "expected", "other", "given"])):
        whole, copy = (read(tmp_path / name, kind=kind) for name in ("whole", "copy"))
        assert copy.drop_columns(texts) == whole.drop_columns(texts)
        assert all(value is None for name in texts for value in copy.column(name).to_pylist())
    assert b"Lisbon" not in b"".join(p.read_bytes() for p in (tmp_path / "copy").glob("*.parquet"))
    put(tmp_path / "more", probe, made.items(2), ("fake-a@4",))
    put(tmp_path / "more", probe, made.items(3), ("fake-a@4",))
    assert main(["study", "strip", str(tmp_path / "whole"), str(tmp_path / "more"), "--out", str(tmp_path / "both")]) == 0
    assert [r["id"] for r in read(tmp_path / "both", kind=PROBES).to_pylist()][-2:] == ["m2", "m2"]
    assert len(read(tmp_path / "both", kind=PROBES)) == len(read(tmp_path / "whole", kind=PROBES)) + 2
    assert [t["texts"] for t in json.loads((tmp_path / "both" / "probes.json").read_text())["together"]] == [2, 3]
    assert main(["study", "strip", str(tmp_path / "whole"), "--out", str(tmp_path / "whole")]) == 2
    assert main(["study", "strip", str(tmp_path / "nothing"), "--out", str(tmp_path / "copy")]) == 2
    assert "neither results.parquet nor probes.parquet" in capsys.readouterr().err
