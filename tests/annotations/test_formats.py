"""CSV, doccano, Label Studio, Argilla and `datasets`: every offset points at the words it should, in every format."""

import csv
import io
import json
import re
from xml.etree import ElementTree

import pytest

from inspector.annotations import events, flat, formats, gold
from inspector.annotations.labels import Label
from tests.annotations.conftest import fill
from tests.annotations.made import ITEMS, accepting, label


@pytest.fixture
def filled(small):
    made = fill(small)
    events.add(small, "q", made[1], "Ann", "submit", accepting(ITEMS[1], comment='a "comment",\nof two lines', seconds=2.5))
    unlinked = label(ITEMS[1], ("entity", "벌", None), ("topic", None, "🐝"), verdict="unsure")
    events.add(small, "q", made[1], "Bo", "submit", unlinked)
    events.add(small, "q", made[2], "Bo", "submit", Label(verdict="faithful"))
    gold.adjudicate(small, made[1], "Judy", label(ITEMS[1], ("entity", "blue-banded bee", "honey bee")))
    return small


def test_csv_has_a_line_for_each_mark(filled):
    rows = list(csv.DictReader(io.StringIO(flat.as_csv(filled, "q"), newline="")))
    assert [(row["annotator"], row["kind"], row["gold"]) for row in rows] == [
        ("Ann", "entity", "False"),
        ("Bo", "entity", "False"),
        ("Bo", "topic", "False"),
        ("gold", "entity", "True"),
        ("Bo", "", "False"),
    ]
    assert rows[0]["comment"] == 'a "comment",\nof two lines' and rows[0]["suggestion"] == "0"
    assert rows[4]["source"] == ITEMS[2].source and json.loads(rows[4]["settings"]) == {"truncate": "8"}
    for row in rows[:4]:
        for side in ("source", "reconstruction"):
            if row[f"{side}_start"]:
                assert row[side][int(row[f"{side}_start"]) : int(row[f"{side}_end"])] == row[f"{side}_text"]


def test_doccano(filled):
    made = list(formats.doccano(flat.rows(filled, "q")))
    assert len(made) == 4
    ids = [entity["id"] for row in made for entity in row["entities"]]
    assert len(ids) == len(set(ids)) == 6
    words = [[row["text"][e["start_offset"] : e["end_offset"]] for e in row["entities"]] for row in made]
    assert words == [["blue-banded bee", "honey bee"], ["벌", "🐝"], ["blue-banded bee", "honey bee"], []]
    assert made[0]["relations"] == [{"id": 0, "from_id": 0, "to_id": 1, "type": "became"}]
    assert made[1]["relations"] == []  # two free marks, not linked
    assert {"start_offset", "end_offset", "label", "id"} == set(made[0]["entities"][0])
    lines = list(formats.doccano_lines(flat.rows(filled, "q")))
    assert [json.loads(line) for line in lines] == made and all(line.isascii() and "\n" not in line for line in lines)


def test_label_studio(filled):
    tasks = formats.label_studio(flat.rows(filled, "q"), flat.suggestions(filled, "q"))
    assert [len(task["annotations"]) for task in tasks] == [3, 1]
    config = ElementTree.fromstring(formats.LABEL_STUDIO)
    named = {tag.get("name"): tag.get("toName") for tag in config.iter() if tag.get("name")}
    for task in tasks:
        for made in (*task["annotations"], *task["predictions"]):
            regions = {}
            for result in made["result"]:
                if result["type"] == "relation":
                    assert {result["from_id"], result["to_id"]} <= set(regions)
                    continue
                assert named[result["from_name"]] == result["to_name"]
                if "start" in (value := result["value"]):
                    regions[result["id"]] = result
                    assert task["data"][result["to_name"]][value["start"] : value["end"]] == value["text"]
    assert [result["type"] for result in tasks[0]["annotations"][0]["result"]] == [
        *("labels", "choices") * 2,
        *("relation", "choices", "textarea", "textarea"),
    ]
    assert tasks[0]["annotations"][0]["lead_time"] == 2.5
    assert [made["ground_truth"] for made in tasks[0]["annotations"]] == [False, False, True]


def test_argilla(filled):
    records = formats.argilla(flat.rows(filled, "q"), flat.suggestions(filled, "q"))
    assert len(records) == 2
    first = records[0]
    assert [answer["value"] for answer in first["responses"]["verdict"]] == ["drift", "unsure", "drift"]
    assert all(answer["status"] == "submitted" for answers in first["responses"].values() for answer in answers)
    assert len({answer["user_id"] for answer in first["responses"]["verdict"]}) == 3
    for side in ("source", "reconstruction"):
        for spans in (*(a["value"] for a in first["responses"][f"{side}_spans"]), first["suggestions"][f"{side}_spans"]["value"]):
            for span in spans:
                assert first["fields"][side][span["start"] : span["end"]] in ("blue-banded bee", "honey bee", "벌", "🐝")
    assert len(json.loads(first["metadata"]["labels"])) == 3


def test_a_folder_for_datasets(filled, tmp_path):
    files = flat.as_folder(filled, "q", tmp_path / "out")
    labels, items = ([json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] for file in files[1:])
    assert len(labels) == 4 and len(items) == 3
    card = files[0].read_text(encoding="utf-8")
    for name, rows in (("labels", labels), ("items", items)):
        block = re.search(rf"- config_name: {name}\n  features:\n(.*?)(?=\n- |\n---)", card, re.S)[1]
        columns = re.findall(r"^  - name: (\w+)$", block, re.M)
        assert all(list(row) == columns for row in rows)
    parts = re.search(r"- name: marks\n    list:\n((?:    .*\n)*)", card)[1]
    assert list(labels[0]["marks"][0]) == re.findall(r"- name: (\w+)", parts)
    (tmp_path / "out" / "thesis.tex").touch()
    with pytest.raises(FileExistsError, match=r"holds other files \(thesis.tex\)"):
        flat.as_folder(filled, "q", tmp_path / "out")
