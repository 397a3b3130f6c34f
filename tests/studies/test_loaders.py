"""Rows of known data sets become texts; what does not fit is named by its line and counted."""

import gzip
import json
import lzma

import pytest

from inspector.studies.loaders import Data, DataError, load

CONFLICT = {
    "question": "What is George Rankin's occupation?",
    "popularity": 142,
    "ground_truth": ["politician"],
    "memory_answer": "George Rankin is a singer.",
    "parametric_memory": "George Rankin sang in Leeds.",
    "counter_answer": "George Rankin is a politician.",
    "counter_memory": "George Rankin sat in parliament for nine years.",
}
FAITH = {
    "id": "Mercury_1",
    "question": "What is the moon made of?",
    "answer": "marshmallows",
    "answerKey": "B",
    "choices": {"label": ["A", "B"], "text": ["rock", "marshmallows"]},
    "context": "The moon is made of marshmallows, as a lander found.",
}
MUSIQUE = {
    "id": "2hop__1_2",
    "paragraphs": [
        {"idx": 0, "title": "Lisbon", "paragraph_text": "Lisbon lies on the Tagus.", "is_supporting": True},
        {"idx": 1, "title": "Porto", "paragraph_text": "Porto lies on the Douro.", "is_supporting": False},
    ],
    "question": "Which river?",
    "answer": "Tagus",
    "answer_aliases": ["Tejo"],
    "answerable": True,
}
ANSWER = {
    "unanswerable": False,
    "extractive_spans": ["BLEU"],
    "yes_no": None,
    "free_form_answer": "",
    "evidence": ["We use BLEU."],
}
QASPER_HUB = {
    "id": "1909.1",
    "abstract": "We translate.",
    "full_text": {"section_name": ["Method"], "paragraphs": [["We use BLEU.", "And more."]]},
    "qas": {
        "question": ["Which metric?", "Why?"],
        "question_id": ["q1", "q2"],
        "answers": [{"answer": [ANSWER]}, {"answer": [ANSWER | {"extractive_spans": [], "unanswerable": True}]}],
    },
}
QASPER_RELEASE = {
    "1909.1": {
        "abstract": "We translate.",
        "full_text": [{"section_name": "Method", "paragraphs": ["We use BLEU.", "And more."]}],
        "qas": [{"question": "Which metric?", "question_id": "q1", "answers": [{"answer": ANSWER}]}],
    }
}
PAIR = {"id": "p1", "original_summary": "Anna hit Otto.", "summary": "Otto hit Anna.", "label": 0, "edit_types": ["role"]}


def write(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def one(form, row, tmp_path, **settings):
    items, _ = load([Data(form, str(write(tmp_path / "rows.jsonl", [row])))], **settings)
    return items


def test_faitheval(tmp_path):
    [item] = one("faitheval", FAITH, tmp_path)
    assert (item.id, item.answers, item.others) == ("Mercury_1", ("marshmallows",), ())
    assert item.text.startswith("The moon") and item.question.startswith("What")


def test_conflictqa(tmp_path):
    [item] = one("conflictqa", CONFLICT, tmp_path)
    assert item.text == CONFLICT["counter_memory"]
    assert (item.answers, item.others) == (("George Rankin is a politician.",), ("George Rankin is a singer.",))


def test_musique(tmp_path):
    [item] = one("musique", MUSIQUE, tmp_path)
    assert item.text == "Lisbon\nLisbon lies on the Tagus." and item.answers == ("Tagus", "Tejo")
    [whole] = one("musique", MUSIQUE, tmp_path, whole=True)
    assert "Porto lies" in whole.text


def test_qasper_in_both_its_shapes(tmp_path):
    [hub] = one("qasper", QASPER_HUB, tmp_path)
    (tmp_path / "release.json").write_text(json.dumps(QASPER_RELEASE))
    [release], _ = load([Data("qasper", str(tmp_path / "release.json"))])
    assert (hub.id, hub.text, hub.answers) == (release.id, release.text, release.answers) == ("q1", "We use BLEU.", ("BLEU",))
    [whole] = one("qasper", QASPER_HUB, tmp_path, whole=True)
    assert whole.text == "We translate.\n\nMethod\nWe use BLEU.\nAnd more."


def test_pairs_give_both_texts(tmp_path):
    assert [(i.id, i.text) for i in one("pairs", PAIR, tmp_path)] == [
        ("p1/original", "Anna hit Otto."),
        ("p1/edited", "Otto hit Anna."),
    ]
    assert [i.id for i in one("pairs", {k: v for k, v in PAIR.items() if k != "id"}, tmp_path)] == ["1/original", "1/edited"]


def test_any_jsonl_with_its_own_fields(tmp_path):
    row = {"body": "A text.", "uid": 7, "q": "Which?", "gold": ["text"], "wrong": "book"}
    fields = {"text": "body", "id": "uid", "question": "q", "answer": "gold", "other": "wrong"}
    [item] = one("jsonl", row, tmp_path, fields=fields)
    assert (item.id, item.text, item.question, item.answers, item.others) == ("7", "A text.", "Which?", ("text",), ("book",))


@pytest.mark.parametrize("opener", [open, gzip.open, lzma.open])
def test_plain_text_is_cut_at_blank_lines(tmp_path, opener):
    file = tmp_path / f"book.txt{ {open: '', gzip.open: '.gz', lzma.open: '.xz'}[opener] }"
    with opener(file, "wb") as out:
        out.write("\ufeffFirst paragraph,\nof two lines.\n\n\nSecond.\n \nThird: \xe9.".encode() + b"\n\n\xff\xfe\n")
    said = []
    items, [read] = load([Data("text", str(file))], told=said.append)
    assert [(i.line, i.text) for i in items] == [(1, "First paragraph,\nof two lines."), (5, "Second."), (7, "Third: é.")]
    assert read.skipped == 1 and said == ["book, line 9: not UTF-8 at byte 1 of the paragraph"]


def test_parquet_as_fineweb_comes(tmp_path):
    import pyarrow
    import pyarrow.parquet

    pyarrow.parquet.write_table(pyarrow.table({"text": ["One.", "", "Three."], "id": ["a", "b", "c"]}), tmp_path / "f.parquet")
    items, [read] = load([Data("text", str(tmp_path / "f.parquet"))])
    assert [i.id for i in items] == ["a", "c"] and read.reasons == ["line 2: field 'text' is empty"]


def test_rows_that_do_not_fit_are_named_and_counted(tmp_path):
    lines = [
        b'{"text": "Good."}',
        b"not json",
        b'["text"]',
        b'{"body": "x"}',
        b'{"text": 5}',
        b'{"text": "  "}',
        b'{"text": "\\ud800"}',
        b'{"text": "bad \xff"}',
        b"",
        b'{"text": "Good."}',
        b'{"text": "Fine.", "answer": 3}',
    ]
    (tmp_path / "x.jsonl").write_bytes(b"\n".join(lines))
    said: list[str] = []
    items, [read] = load([Data("jsonl", str(tmp_path / "x.jsonl"))], told=said.append)
    assert [i.text for i in items] == ["Good."]
    assert (read.rows, read.texts, read.skipped, read.duplicates) == (10, 1, 8, 1)
    assert [s.split(":")[0] for s in said] == [f"x, line {n}" for n in (2, 3, 4, 5, 6, 7, 8, 11)]
    assert said[2] == "x, line 4: field 'text' is missing" and "surrogate" in said[5]


@pytest.mark.parametrize(
    ("form", "row", "reason"),
    [
        ("musique", MUSIQUE | {"answerable": False}, "not answerable"),
        ("musique", MUSIQUE | {"paragraphs": "x"}, "no list of paragraphs"),
        ("musique", MUSIQUE | {"paragraphs": MUSIQUE["paragraphs"][1:]}, "no paragraph is marked"),
        ("qasper", QASPER_HUB | {"qas": {"question": ["x"], "answers": [5]}}, "not of the shape of qasper"),
        ("qasper", QASPER_HUB | {"qas": {"question": [], "answers": []}}, "no question is answered"),
        ("conflictqa", {k: v for k, v in CONFLICT.items() if k != "counter_memory"}, "'counter_memory' is missing"),
        ("faitheval", FAITH | {"answer": {"a": 1}}, "'answer' is neither"),
        ("pairs", {"summary": "x"}, "'original' is missing"),
    ],
)
def test_what_a_format_needs(tmp_path, form, row, reason):
    with pytest.raises(DataError, match=f"line 1: .*{reason}"):
        one(form, row, tmp_path)


def test_one_text_with_two_questions_is_two_texts_and_across_sets_it_is_one(tmp_path):
    rows = [{"text": "Same.", "question": q} for q in ("One?", "Two?", "One?")]
    first, second = write(tmp_path / "a.jsonl", rows), write(tmp_path / "b.jsonl", [*rows, {"text": "More."}])
    items, reads = load([Data("jsonl", str(first)), Data("jsonl", str(second))])
    assert [(i.set, i.text, i.question) for i in items] == [("a", "Same.", "One?"), ("a", "Same.", "Two?"), ("b", "More.", None)]
    assert [r.duplicates for r in reads] == [1, 3]


def test_limit_takes_the_first_and_with_a_seed_draws(tmp_path):
    data = [Data("jsonl", str(write(tmp_path / "x.jsonl", [{"text": f"Text {k}."} for k in range(100)])))]

    def lines(**settings):
        return [item.line for item in load(data, **settings)[0]]

    assert lines(limit=3) == [1, 2, 3]
    drawn = lines(limit=10, seed=1)
    assert drawn == lines(limit=10, seed=1) == sorted(drawn) and len(drawn) == 10
    assert drawn != lines(limit=10, seed=2) and max(drawn) > 20
    means = [sum(lines(limit=10, seed=s)) / 10 for s in range(200)]
    assert abs(sum(means) / 200 - 50.5) < 2.5  # standard error of the mean of means: 0.65


def test_the_hub_by_name(tmp_path):
    pytest.importorskip("datasets", reason="datasets is not installed: pip install -e '.[datasets]'")
    (tmp_path / "faith").mkdir()
    write(tmp_path / "faith" / "test.jsonl", [FAITH, FAITH | {"context": None}])
    items, [read] = load([Data.parse(f"faitheval:hub:{tmp_path / 'faith'}")])
    assert [i.answers for i in items] == [("marshmallows",)]
    assert (read.set, read.reasons) == ("faith", ["line 2: field 'context' is missing"])
    with pytest.raises(DataError, match="cannot be loaded"):
        load([Data.parse(f"faitheval:hub:{tmp_path / 'none'}")])


def test_without_the_package_the_hub_is_refused_in_a_sentence(monkeypatch):
    monkeypatch.setattr("inspector.studies.loaders.find_spec", lambda name: None)
    with pytest.raises(DataError, match=r"pip install -e '.\[datasets\]'"):
        load([Data.parse("faitheval:hub:Salesforce/FaithEval-counterfactual-v1.0")])


@pytest.mark.parametrize("text", ["x.jsonl", "jsonl:", "csv:x", "hub:name", ""])
def test_data_that_cannot_be_named(text):
    with pytest.raises(DataError, match="FORMAT:FILE"):
        Data.parse(text)


def test_files_that_cannot_be_read(tmp_path):
    for name, data, reason in (
        ("none.jsonl", None, "No such file"),
        ("x.jsonl.xz", b"no xz", "cannot read"),
        ("x.jsonl.gz", b"no gz", "cannot read"),
        ("x.json", b"{", "not JSON"),
        ("x.parquet", b"no", "no Parquet file"),
        ("empty.jsonl", b"", "holds no text"),
    ):
        if data is not None:
            (tmp_path / name).write_bytes(data)
        with pytest.raises(DataError, match=reason):
            load([Data("jsonl", str(tmp_path / name))])
