"""A reader in a study: rows of its own under its name, beside the compressor's, in this process and on Ray."""

import json

import pytest

from inspector.cli import main
from inspector.probes import reader as readers
from inspector.probes.asked import probes
from inspector.studies.items import Item
from inspector.studies.plan import resolved
from inspector.studies.run import InProcess, ask
from inspector.studies.store import PROBES, read
from tests.models import tiny
from tests.studies import made

TEXTS = ("Anna met Ben by the mill.", "Carl gave Anna 12 pears.", "Nobody asks about this one.")


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Two readers of other weights, and one folder without any."""
    one = tiny.save(tmp_path_factory.mktemp("one"), "llama", max_position_embeddings=512)
    two = tiny.save(tmp_path_factory.mktemp("two"), "llama", max_position_embeddings=512, num_hidden_layers=1)
    return one, two, str(tmp_path_factory.mktemp("none"))


def items():
    questions = ("Who met Ben?", "Who had pears?", None)
    return [
        Item("made", f"m{k}", k + 1, text, question, (text.split()[0],), ("Tom",))
        for k, (text, question) in enumerate(zip(TEXTS, questions, strict=True))
    ]


def put(out, reader=None, engine=None, names=("knowledge", "rag", "drift")):
    addresses = resolved(made.table(), made.COMPRESSORS, ())
    asked = [(probes()[name], items()) for name in names]
    return ask(asked, addresses, out, engine or InProcess(made.table()), batch=2, reader=reader, progress=False)


def rows(out):
    return read(out, kind=PROBES).drop_columns(["seconds"])


def test_its_rows_stand_beside_the_compressors_and_leave_them_as_they_are(folders, tmp_path):
    one, two, _ = folders
    put(tmp_path)
    alone = rows(tmp_path)
    assert json.loads((tmp_path / "probes.json").read_text())["reader"] is None
    outcome = put(tmp_path, one)
    assert outcome.before == 27 and outcome.made == 18 and outcome.failed == 0  # of 3 probes; drift lets nobody read
    both = rows(tmp_path).to_pylist()
    assert [row for row in both if row["reader"] is None] == alone.to_pylist()
    read_ = [row for row in both if row["reader"]]
    assert {row["reader"] for row in read_} == {one} and {row["probe"] for row in read_} == {"knowledge", "rag"}
    assert {(row["way"], row["kind"]) for row in read_ if row["probe"] == "knowledge" and not row["note"]} == {
        ("answer", "question"),
        ("likelihood", "question"),
    }
    assert {row["kind"] for row in read_ if row["probe"] == "rag" and not row["note"]} == {"read", "read source"}
    told = json.loads((tmp_path / "probes.json").read_text())["reader"]
    assert told["name"] == one and len(told["weights"]) == 64
    assert put(tmp_path, one).made == 0
    assert put(tmp_path, two).made == 18  # another reader's are other rows
    assert {row["reader"] for row in rows(tmp_path).to_pylist()} == {None, two}
    assert put(tmp_path).made == 0 and rows(tmp_path).equals(alone)


def test_a_reader_with_other_weights_under_the_same_name_reads_again(folders, tmp_path):
    name = tiny.save(tmp_path / "reader", "llama", max_position_embeddings=512)
    put(tmp_path / "out", name, names=("rag",))
    tiny.save(tmp_path / "reader", "llama", max_position_embeddings=512, num_hidden_layers=1)
    readers._loaded.cache_clear()
    assert put(tmp_path / "out", name, names=("rag",)).made == 9


def test_what_it_says_of_a_text_depends_on_no_other_text(folders, tmp_path):
    """The same figures as when the probe is asked in Python."""
    one = folders[0]
    put(tmp_path, one, names=("knowledge",))
    table = made.table()
    address = resolved(table, ["fake-a@4"], ())[0]
    asked = probes()["knowledge"].load()(items()[:2], address, table.load(address), {"reader": readers.load(one)})
    for item, found in zip(items(), asked, strict=False):
        mine = [r for r in rows(tmp_path).to_pylist() if r["id"] == item.id and r["compressor"] == "fake-a@4" and r["reader"]]
        wanted = [each for each in found if each.reader]
        assert [(r["way"], r["given"], r["verdict"]) for r in mine] == [(e.way, e.given, e.verdict) for e in wanted]
        assert [r["memory"] for r in mine] == pytest.approx([e.memory for e in wanted], abs=1e-5)


def command(out, *more):
    return ["study", "probe", "--compressor", "pruning", "--out", str(out), "--quiet", *more]


def test_the_command_names_it_or_refuses_in_one_line(folders, tmp_path, capsys):
    one, _, none = folders
    file = tmp_path / "texts.jsonl"
    file.write_text(json.dumps({"text": TEXTS[0], "question": "Who met Ben?", "answer": "Anna", "other": "Tom"}) + "\n")
    assert main(command(tmp_path / "s", "--ask", f"drift=jsonl:{file}", "--reader", one)) == 2
    assert "it goes with knowledge and rag" in capsys.readouterr().err
    assert main(command(tmp_path / "s", "--ask", f"rag=jsonl:{file}", "--reader", none)) == 1
    said = capsys.readouterr()
    assert said.out == "" and "no config.json" in said.err and said.err.count("\n") == 1
    assert main(command(tmp_path / "s", "--ask", f"rag=jsonl:{file}", "--reader", one)) == 0
    assert [row["reader"] for row in rows(tmp_path / "s").to_pylist()] == [None, None, one, one]


@pytest.mark.slow
def test_on_ray_it_reads_the_same(folders, tmp_path):
    ray = pytest.importorskip("ray", reason="ray is not installed: pip install -e '.[cluster]'")
    import torch

    from inspector.studies.cluster import RayEngine

    one, _, none = folders
    torch.set_num_threads(1)  # sums depend on it in their last digits
    engine = RayEngine(made.table(), made.table, 1)
    try:
        put(tmp_path / "ray", one, engine, names=("knowledge",))
        with pytest.raises(RuntimeError, match=r"no config\.json"):
            put(tmp_path / "none", none, engine)
    finally:
        engine.close()
        ray.shutdown()
    put(tmp_path / "here", one, names=("knowledge",))
    assert rows(tmp_path / "ray").equals(rows(tmp_path / "here"))
