"""Reading sets, the part of a paragraph that is used, and the swaps that ship."""

import json
import lzma

import pytest

from inspector.probes.rows import HELD_OUT, NEW, SEEN, SETS, SHIPPED, DataError, evenly, excerpt, lines, made, shipped
from inspector.probes.swaps import pattern, shape
from models.pocket.tokenizer import bundled


def write(folder, name, rows):
    folder.mkdir(exist_ok=True)
    text = "".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows)
    (folder / f"{name}.jsonl").write_text(text, encoding="utf-8")
    return folder


def test_lines_come_from_plain_and_packed_files(tmp_path):
    row = {"id": 7, "title": "T", "k": 2, "text": "안녕 😀"}
    write(tmp_path, "plain", [row, {"id": "x", "text": ""}])
    with lzma.open(tmp_path / "packed.jsonl.xz", "wt", encoding="utf-8") as file:
        file.write(json.dumps(row))
    assert [(w.id, w.title, w.text) for w in lines(tmp_path, "plain")] == [("7.2", "T", "안녕 😀"), ("x", "", "")]
    assert [w.text for w in lines(tmp_path, "packed")] == ["안녕 😀"]


@pytest.mark.parametrize(
    "line",
    [
        "nonsense",
        "[1]",
        "3",
        "",
        '{"id": 1}',
        '{"text": "a"}',
        '{"id": 1, "text": 5}',
        '{"id": 1, "text": "\\ud800"}',
        "[" * 100_000,
    ],
)
def test_a_bad_line_is_named(tmp_path, line):
    write(tmp_path, "set", [{"id": 1, "text": "fine"}, line])
    with pytest.raises(DataError, match=r"set\.jsonl, line 2: .*needed\.$"):
        list(lines(tmp_path, "set"))


def test_a_missing_or_broken_file_is_named(tmp_path):
    with pytest.raises(DataError, match=r"holds neither set\.jsonl\.xz nor set\.jsonl\."):
        list(lines(tmp_path, "set"))
    (tmp_path / "set.jsonl.xz").write_bytes(b"no archive")
    with pytest.raises(DataError, match=r"set\.jsonl\.xz cannot be read"):
        list(lines(tmp_path, "set"))
    (tmp_path / "other.jsonl").write_bytes(b"\xff\xfe")
    with pytest.raises(DataError, match=r"other\.jsonl cannot be read"):
        list(lines(tmp_path, "other"))


def test_evenly_takes_the_ends_and_never_more_than_there_are():
    assert evenly([1, 2, 3, 4, 5], 3) == [1, 3, 5]
    assert evenly([1, 2], 9) == [1, 2]
    assert evenly([], 3) == []


@pytest.mark.parametrize(
    "text",
    ["", " ", "Short.", "안녕하세요 😀", "a" * 20_000, "x" + " " * 9_000 + "y", "word " * 500, "One sentence here. " * 100],
)
def test_an_excerpt_is_a_beginning_that_fits_in_one_window(text):
    part = excerpt(text)
    assert text.startswith(part)
    assert len(bundled().ids(part)) <= 128
    assert excerpt(part) == part
    assert bool(part) == bool(text.strip())
    if text.startswith("One"):
        assert part.endswith("here.") and len(part) > 200


@pytest.mark.parametrize("name", SETS)
def test_what_ships_is_sound(name):
    rows = shipped(name)
    assert len(rows) > 100
    for row in rows:
        assert row.set == name
        assert row.spans and all(row.text[a:b] == row.replacement for a, b in row.spans)
        assert pattern(row.original).search(row.original_text) and not pattern(row.original).search(row.text)
        for drawn in (row.replacement, *row.decoys):
            assert drawn not in row.original_text and drawn != row.original
            assert (len(drawn), shape_of(row, drawn)) == (
                len(row.original),
                shape_of(row, row.original),
            ) or row.family == "entity"
        assert len(bundled().ids(row.original_text)) <= 128
    same = [len(bundled().ids(row.text)) == len(bundled().ids(row.original_text)) for row in rows]
    assert sum(same) > 0.9 * len(same)
    assert {row.family for row in shipped(name, ["number"])} == {"number"}


def shape_of(row, text):
    from inspector.probes.swaps import Fact

    return shape(Fact(row.type, text))


def test_at_most_a_hundred_paragraphs_ship_beside_the_held_out_ones():
    with (SHIPPED / f"{SEEN}.jsonl").open(encoding="utf-8") as file:
        seen = [json.loads(line) for line in file]
    with (SHIPPED / f"{NEW}.jsonl").open(encoding="utf-8") as file:
        new = [json.loads(line) for line in file]
    assert len(seen) <= 100 and all(row["title"] and row["text"] for row in seen)
    assert not any("text" in row for row in new)
    held_out = {line.id for line in lines(HELD_OUT, NEW)}
    assert {row["id"] for row in new} <= held_out
    assert "CC BY-SA 3.0" in (SHIPPED / "README.md").read_text(encoding="utf-8")


def test_an_unknown_set_is_named():
    with pytest.raises(DataError, match="known are wikipedia2015-train, wikipedia2021-new"):
        shipped("novels")


CITIES = "Lisbon Madrid Vienna Prague Dublin Warsaw Athens Moscow Berlin Munich Geneva Naples".split()


def town(k, city, year):
    text = (
        f"The painter moved to {city} in {year} and opened a school there, which soon had many pupils from all over the country. "
        "He taught them to draw from nature, and most of them stayed for several years before they went on to work by themselves."
    )
    return {"id": k, "title": city, "text": text}


def test_swaps_are_made_from_a_folder(tmp_path):
    for name in SETS:
        write(tmp_path, name, [town(k, city, 1900 + 7 * k) for k, city in enumerate(CITIES)])
    sets = made(tmp_path, 4, pool=12)
    assert made(tmp_path, 4, pool=12) == sets
    for name in SETS:
        assert {row.id for row in sets[name]} == {"0", "3", "7", "11"}
        assert {row.family for row in sets[name]} == {"entity", "number"}
        for row in sets[name]:
            assert row.original in row.original_text and row.original not in row.text
            assert row.type == "number" or {row.replacement, *row.decoys} <= set(CITIES)
            assert row.frequency == (0 if name == SEEN else 1)  # its own paragraph is no evidence that the text is known


@pytest.mark.parametrize("text", ["short", "no name and no number stand in this paragraph " * 8])
def test_sets_without_facts_are_named(tmp_path, text):
    write(tmp_path, SEEN, [{"id": 1, "text": text}])
    write(tmp_path, NEW, [{"id": 1, "text": text}])
    with pytest.raises(DataError, match=SEEN):
        made(tmp_path, 4, pool=4)
