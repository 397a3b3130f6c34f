"""Our own JSON lines lose nothing; what was tampered with is refused; pseudonyms hide names."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inspector.annotations import events, exchange, gold, queues, store
from inspector.annotations.database import Conflict, StoreError, open_database
from inspector.annotations.items import Item, Suggestions
from inspector.annotations.labels import Decision, Label, Mark
from inspector.inspection import KINDS, Span
from tests.annotations.conftest import fill
from tests.annotations.made import ITEMS, accepting, divergence, label


def told(opened) -> list[str]:
    """A queue with a bit of everything: undone, skipped, discarded, two annotators, gold twice, a guideline, texts."""
    made = fill(opened)
    guide = store.add_guideline(opened, "# Guide\u2028\n\x00 안녕")
    queues.set_guideline(opened, "q", guide)
    queues.add_texts(opened, "q", ["a text\x00", "مرحبا 🐝"])
    one, two, three = made
    said = accepting(ITEMS[0], comment="“two”\u2028lines\x85 \x00 שלום 👩‍👩‍👧", seconds=3.25, guideline=guide)
    for number, action in enumerate(["draft", "submit", "undo", "skip", "submit"]):
        events.add(opened, "q", one, "Ann", action, said if action in events.LABELLED else None, after=number)
    events.add(opened, "q", two, "Ann", "discard")
    events.add(opened, "q", one, "Bo", "submit", accepting(ITEMS[0], "rejected", verdict="faithful"))
    events.add(opened, "q", three, "Bo", "submit", label(ITEMS[2], ("negation", "not", None)))
    gold.adjudicate(opened, one, "Judy", Label(verdict="unsure"))
    gold.adjudicate(opened, one, "Judy", said, after=1)
    queues.create(opened, queues.Queue("again", blind=True, shown="never"))
    queues.add_items(opened, "again", [(ITEMS[0], None)], calibration=True)
    queues.add_items(opened, "again", [(ITEMS[2], None)])
    events.add(opened, "again", three, "Judy", "submit", Label(verdict="drift", blind=True))
    return list(exchange.dump(opened))


def test_out_and_in_and_out_is_the_same(db, tmp_path):
    lines = told(db)
    with open_database(tmp_path / "other.db") as other:
        assert exchange.load(other, lines) == {"items": 3, "events": 11}
        assert list(exchange.dump(other)) == lines
        assert exchange.load(other, lines) == {"items": 0, "events": 0}  # once is enough
        assert list(exchange.dump(other)) == lines
        assert exchange.load(db, exchange.dump(other)) == {"items": 0, "events": 0}
        assert store.roles(other) == store.roles(db)
        assert queues.labels_of(other, "q") == queues.labels_of(db, "q")


def test_in_from_the_other_kind_of_database(db, small):
    lines = told(small)
    exchange.load(db, lines)
    assert list(exchange.dump(db)) == lines


# Any Unicode text: also NUL, emoji of several code points, right to left, Korean, line separators; no halves of surrogate pairs.
HARD = ["\x00", "👩\u200d👩\u200d👧", "שלום", "مرحبا", "안녕", "\u1112\u1161", "e\u0301"]
HARD += ["\u2028", "\x85", "\r\n", "\ufeff", "a", " "]
texts = st.one_of(
    st.text(min_size=1, max_size=30),
    st.lists(st.sampled_from(HARD), min_size=1, max_size=9).map("".join),
)
kinds, severities = st.sampled_from(sorted(KINDS)), st.sampled_from(["serious", "minor", "acceptable"])
floats = st.floats(allow_nan=False, allow_infinity=False)
scalars = st.one_of(st.none(), st.booleans(), st.integers(-(2**53), 2**53), floats, texts)


def spans(text: str):
    ends = st.tuples(st.integers(0, len(text)), st.integers(0, len(text))).filter(lambda pair: pair[0] < pair[1])
    return ends.map(lambda pair: Span(start=pair[0], end=pair[1], text=text[slice(*pair)]))


@st.composite
def labelled(draw):
    """An item, suggestions and a label that fit together."""
    item = Item(
        source=draw(texts),
        reconstruction=draw(texts),
        compressor=draw(st.none() | texts),
        ratio=draw(st.none() | st.floats(0.1, 1e9)),
        settings=draw(st.dictionaries(texts, scalars, max_size=2)),
    )
    found, marks, decisions = [], [], []
    for number in range(draw(st.integers(0, 3))):
        kind, severity = draw(kinds), draw(severities)
        source, back = draw(spans(item.source)), draw(st.none() | spans(item.reconstruction))
        made = divergence(ITEMS[1], kind, "bee", None, severity).model_copy(update={"source": source, "reconstruction": back})
        found.append(made.model_copy(update={"confidence": draw(st.floats(0, 1)), "explanation": draw(texts)}))
        answer = draw(st.sampled_from(["accepted", "rejected", "edited", None]))
        if answer is not None:
            decisions.append(Decision(suggestion=number, answer=answer))
        if answer in ("accepted", "edited"):
            back = back if answer == "accepted" else None
            kind = kind if answer == "accepted" else "role" if kind != "role" else "number"
            marks.append(Mark(kind=kind, severity=severity, source=source, reconstruction=back, suggestion=number))
    free = draw(st.lists(spans(item.source), max_size=2))
    marks += [Mark(kind=draw(kinds), severity=draw(severities), source=each) for each in free]
    suggested = Suggestions(divergences=tuple(found), language=draw(st.none() | texts))
    return (
        item,
        suggested,
        Label(
            verdict=draw(st.sampled_from(["faithful", "drift", "unsure"])),
            marks=tuple(marks),
            comment=draw(texts | st.just("")),
            suggestions=suggested.id,
            decisions=tuple(decisions),
            shown="first",
            seconds=draw(st.none() | st.floats(0, 1e6)),
        ),
    )


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(st.lists(labelled(), min_size=1, max_size=3, unique_by=lambda each: each[0].id))
def test_nothing_is_lost_whatever_the_texts(each):
    with TemporaryDirectory() as folder, open_database(f"{folder}/a.db") as a, open_database(f"{folder}/b.db") as b:
        queues.create(a, queues.Queue("q", shown="first"))
        store.set_person(a, "Ann")
        for item, suggested, said in each:
            queues.add_items(a, "q", [(item, suggested)])
            events.add(a, "q", item.id, "Ann", "submit", said)
        file = Path(folder, "out.jsonl")
        file.write_text("\n".join(exchange.dump(a)) + "\n", encoding="utf-8", newline="")
        exchange.load(b, file.read_bytes().decode().split("\n"))
        assert list(exchange.dump(b)) == list(exchange.dump(a))
        for item, suggested, said in each:
            assert store.item(b, item.id) == item
            with b.read() as connection:
                assert store.get_suggestions(connection, item.id) == suggested
            assert queues.labels_of(b, "q")[item.id]["Ann"].label == said


@given(labelled())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
def test_every_text_survives_every_database(db, each):
    item, suggested, said = each
    if "q" not in [queue.name for queue in queues.all_queues(db)]:
        queues.create(db, queues.Queue("q", shown="first"))
        store.set_person(db, "Ann")
    queues.add_items(db, "q", [(item, suggested)])
    after = len(events.of(db, "q", item.id, "Ann"))
    events.add(db, "q", item.id, "Ann", "submit", said, after=after)
    assert store.item(db, item.id).model_copy(update={"ratio": item.ratio}) == item  # the first ratio stays
    assert events.of(db, "q", item.id, "Ann")[-1].label == said


def test_half_a_surrogate_pair_is_no_text():
    with pytest.raises(ValueError, match="valid string"):
        Item(source="\ud83d", reconstruction="a")


def test_pseudonyms_hide_every_name_and_are_one_for_each(small):
    lines = told(small)
    hidden = list(exchange.dump(small, None, exchange.pseudonyms()))
    whole = "\n".join(hidden)
    assert not [name for name in ("Ann", "Bo", "Judy") if f'"{name}"' in whole]
    header = json.loads(hidden[0])
    assert len({row["name"] for row in header["people"]}) == 3
    assert all(row["name"].startswith("person-") for row in header["people"])
    for plain, other in zip(lines[1:], hidden[1:], strict=True):
        names: dict[str, str] = {}
        a, b = json.loads(plain), json.loads(other)
        pairs = {(x["queue"], x["annotator"]): x for x in a["labels"]}
        assert len(b["labels"]) == len(pairs)
        for event in a["events"]:
            names.setdefault(event["annotator"], "")
        assert len({event["annotator"] for event in b["events"]}) == len(names)
    again = json.loads(next(exchange.dump(small, None, exchange.pseudonyms())))
    assert {row["name"] for row in again["people"]}.isdisjoint(row["name"] for row in header["people"])
    with TemporaryDirectory() as folder, open_database(f"{folder}/b.db") as b:
        assert exchange.load(b, hidden)["events"] == 11
        assert list(exchange.dump(b)) == hidden


def change(line: str, *path, to) -> str:
    row = json.loads(line)
    place = row
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = to
    return json.dumps(row)


@pytest.mark.parametrize(
    ("number", "path", "to", "words"),
    [
        (0, ("format",), "other", "line 1: .*no header"),
        (0, ("version",), 2, "line 1: version 2"),
        (0, ("guidelines", 0, "text"), "# Other", "line 1: guideline .* is not the hash"),
        (0, ("queues", 0, "shown"), "soon", "line 1: 'soon'"),
        (0, ("queues",), "none", "line 1: not as docs"),
        (0, ("people", 0, "name"), "Zoe", "line 2: there is nobody called 'Ann'"),
        (1, ("item", "source"), "Anna paid Otto 313 euros in Łódź.", "line 2: id .* is not the hash"),
        (1, ("suggestions", 0, "language"), "de", "line 2: suggestions .* are not the hash"),
        (1, ("events", 0, "number"), 2, "line 2: events are numbered"),
        (1, ("events", 1, "label", "verdict"), "wrong", "line 2: label.verdict"),
        (1, ("events", 5, "queue"), "none", "line 2: an event belongs to the queue 'none'"),
        (1, ("labels", 0, "verdict"), "faithful", "line 2: `labels` are not what"),
        (1, ("gold", "verdict"), "faithful", "line 2: `gold` is not what"),
        (1, ("extra",), 1, "line 2: extra: Extra"),
        (1, ("queues", 0, "name"), "none", "line 2: there is no queue 'none'"),
    ],
)
def test_what_was_tampered_with_is_refused_and_leaves_nothing(small, tmp_path, number, path, to, words):
    lines = told(small)
    lines[number] = change(lines[number], *path, to=to)
    with open_database(tmp_path / "other.db") as other:
        with pytest.raises(StoreError, match=words) as error:
            exchange.load(other, lines)
        assert "\n" not in str(error.value)
        assert queues.all_queues(other) == [] and store.roles(other) == {}


@pytest.mark.parametrize("line", ["nonsense", "[" * 100_000, "[]", "null", '{"id": 1}'])
def test_lines_that_are_none(small, line):
    with pytest.raises(StoreError, match="line 1"):
        exchange.load(small, [line])
    with pytest.raises(StoreError, match="line 2"):
        exchange.load(small, [next(exchange.dump(small)), line])


def test_other_events_here_are_not_overwritten(small, tmp_path):
    with open_database(tmp_path / "other.db") as other:
        fill(other)
        item = queues.add_items(other, "q", [(ITEMS[0], None)])[0]
        lines = list(exchange.dump(other))
        events.add(other, "q", item, "Ann", "submit", Label(verdict="drift"))
        longer = list(exchange.dump(other))
        fill(small)
        exchange.load(small, longer)
        exchange.load(small, lines)  # older than what is here
        assert events.count(small) == 1
        events.add(small, "q", item, "Ann", "skip", after=1)
        events.add(other, "q", item, "Ann", "discard", after=1)
        with pytest.raises(Conflict, match=r"line 2: .*other events here"):
            exchange.load(small, exchange.dump(other))
        assert [event.action for event in events.of(small, "q", item, "Ann")] == ["submit", "skip"]


def test_an_import_makes_nobody_an_admin_unless_it_may(small, tmp_path):
    lines = told(small)
    with open_database(tmp_path / "other.db") as other:
        store.set_person(other, "Judy")
        exchange.load(other, lines, roles=False)
        assert set(store.roles(other).values()) == {"annotator"}
    with open_database(tmp_path / "third.db") as third:
        store.set_person(third, "Judy")
        exchange.load(third, lines)
        assert store.roles(third)["Judy"] == "annotator"  # who is known stays what they are
