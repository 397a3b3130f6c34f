"""`annotations`: from texts to an export, as a person at a terminal would."""

import json

import pytest

from inspector.annotations import desks, events, queues, store
from inspector.annotations.database import open_database
from inspector.annotations.labels import Label, Mark


@pytest.fixture
def told(run, tmp_path, monkeypatch):
    """The command with a database of its own."""
    monkeypatch.setenv("INSPECTOR_DATA", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    return lambda *args, **more: run("annotations", *args, **more)


@pytest.fixture
def queue(told, tmp_path):
    """Queue `q`: a pair and a text, two annotators."""
    lines = [{"source": "He paid 312 euros.", "reconstruction": "He paid 213 euros."}, {"text": "Anna met Otto. 안녕"}]
    (tmp_path / "texts.jsonl").write_text("\n".join(map(json.dumps, lines)))
    (tmp_path / "guide.md").write_text("# Read both\n")
    args = ("--queue", "q", "--annotators", "2", "--guideline", "guide.md", "--suggestions", "first")
    assert told("import", "texts.jsonl", *args).out == "q: 1 new text, 1 pair\n"
    return "q"


def label_all(verdicts: dict[str, str]) -> None:
    with open_database() as db:
        for name, verdict in verdicts.items():
            store.set_person(db, name)
            while (item := queues.next_item(db, "q", name)) is not None:
                desk = desks.desk(db, "q", item, name)
                mark = Mark(kind="number", severity="serious", source={"start": 0, "end": 2, "text": desk.item.source[:2]})
                said = Label(verdict=verdict, marks=(mark,), guideline=desk.queue.guideline)
                events.add(db, "q", item, name, "submit", said, after=desk.after)


def test_from_texts_to_figures(told, queue):
    ran = told("inspect", "--queue", "q", "--compressor", "fake-a@4", "fake-words")
    assert (ran.code, ran.out) == (0, "") and "1 of 1 text" in ran.err
    assert told("inspect", "--queue", "q").code == 0
    assert "| q | 2 | 1 | 3 | 0 | 0 | suggestions first |" in told("queues").out
    label_all({"Ann": "drift", "Bo": "faithful", "Łu": "unsure"})
    said = told("agreement", "--queue", "q")
    assert "3 items with two labels or more; labels: Ann (3), Bo (3)." in said.out and "| all marks | 6 |" in said.out
    made = told("agreement", "--queue", "q", "--json").json()
    assert made["spans"]["exact"]["value"] == 1 and made["verdict"]["percent"]["value"] == 0
    assert len(told("agreement", "--queue", "q", "--disagreements", "--json").json()) == 3
    assert told("agreement", "--queue", "q", "--disagreements").out.count("Ann: drift; Bo: faithful") == 3
    assert told("gold", "--queue", "q").out.startswith("0 of 3 items have a gold label")
    assert "Judy  adjudicator" in told("people", "--set", "Judy=adjudicator").out


def test_unanimous_labels_become_gold_and_measure_the_detectors(told, queue):
    told("inspect", "--queue", "q")
    label_all({"Ann": "drift", "Bo": "drift"})
    assert "this needs the role adjudicator" in told("gold", "--queue", "q", "--adopt-unanimous", "Ann").complaint
    told("people", "--set", "Judy=adjudicator")
    made = told("gold", "--queue", "q", "--adopt-unanimous", "Judy", "--json").json()
    assert (made["gold"], made["of"], made["items"]) == (1, 1, 1)
    assert made["alarm"]["recall"]["value"] == 1 and made["kinds"]["number"]["recall"]["value"] == 0  # "He" is no number
    assert told("gold", "--queue", "q", "--again", "--json").json()["kinds"] == made["kinds"]
    assert "| number | 1 | .00 | 1 | .00 |" in told("gold", "--queue", "q").out


@pytest.mark.parametrize("name", ["jsonl", "csv", "doccano", "label-studio", "label-studio-config", "argilla"])
def test_exports(told, queue, tmp_path, name):
    label_all({"Ann": "drift"})
    plain = told("export", "--queue", "q", "--format", name)
    assert plain.code == 0 and plain.out
    assert told("export", "--queue", "q", "--format", name, "--out", "file", "--pseudonyms").code == 0
    text = (tmp_path / "file").read_text(encoding="utf-8")
    assert text.endswith("\n") and not text.endswith("\n\n") and "Ann" not in text.replace("Anna", "")
    if name != "label-studio-config":
        assert "Ann" in plain.out.replace("Anna", "") and "person-" in text


def test_an_export_goes_back_in(told, queue, tmp_path):
    label_all({"Ann": "drift"})
    told("export", "--queue", "q", "--out", "out.jsonl")
    assert told("import", "out.jsonl").out == "out.jsonl: 0 new items, 0 new events\n"
    assert told("import", "out.jsonl", "--database", "other.db").out == "out.jsonl: 1 new item, 1 new event\n"
    assert told("export", "--queue", "q", "--database", "other.db").out == (tmp_path / "out.jsonl").read_text(encoding="utf-8")
    assert told("export", "--queue", "q", "--format", "datasets", "--out", "folder").code == 0
    assert sorted(path.name for path in (tmp_path / "folder").iterdir()) == ["README.md", "items.jsonl", "labels.jsonl"]


def test_guidelines(told, queue, tmp_path):
    first = told("guideline").out
    assert "in force: q" in first
    assert told("guideline", "--show", first[:12]).out == "# Read both\n\n"
    (tmp_path / "guide.md").write_text("# Read both, twice\n")
    listed = told("guideline", "--queue", "q", "--set", "guide.md").out.splitlines()
    assert len(listed) == 2 and listed[1].endswith("in force: q") and listed[0].startswith(first[:12])


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("export", "--queue", "none"), "no queue 'none'; queues are q"),
        (("import", "texts.jsonl"), "--queue is needed"),
        (("import", "absent.txt", "--queue", "q"), "cannot read absent.txt"),
        (("import", "texts.jsonl", "--queue", "q", "--annotators", "3"), "other settings (annotators)"),
        (("import", "guide.md", "--queue", "q"), "texts come as .txt"),
        (("import", "texts.jsonl", "--queue", "r", "--calibration"), "no gold label"),
        (("inspect", "--queue", "q", "--compressor", "fake-absent"), "its weights are missing"),
        (("inspect", "--queue", "q", "--compressor", "nothing"), "nothing"),
        (("export", "--queue", "q", "--format", "datasets"), "--out is needed"),
        (("export", "--queue", "q", "--out", "absent/file"), "cannot write absent/file"),
        (("gold", "--queue", "q", "--database", "mysql://a/b"), "not mysql"),
        (("people", "--set", "Judy"), "'Judy' is not NAME=ROLE"),
        (("people", "--set", "Judy=queen"), "'queen' is no role"),
        (("guideline", "--set", "guide.md"), "--queue is needed"),
        (("guideline", "--show", "zz"), "no guideline begins with 'zz'"),
        ((), "--help"),
        (("nonsense",), "--help"),
    ],
)
def test_bad_input_is_one_line_and_changes_nothing(told, queue, args, words):
    assert words in told(*args).complaint
    with open_database() as db:
        assert [each.name for each in queues.all_queues(db)] == ["q"] and store.roles(db) == {}


def test_help_says_where_the_database_is(told):
    said = " ".join(told("export", "--help").out.split())
    assert "annotations.db in $INSPECTOR_DATA" in said and "%LOCALAPPDATA%" in said
    assert "sqlalchemy" not in said
