"""Label events: durable, never overwritten, undone by another event."""

import threading

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from inspector.annotations import desks, events, queues
from inspector.annotations.database import Conflict, StoreError, open_database
from inspector.annotations.labels import Label
from tests.annotations.conftest import fill
from tests.annotations.made import ITEMS, accepting, label, mark

DRIFT, FAITHFUL = Label(verdict="drift"), Label(verdict="faithful")


def test_a_submit_is_there_for_whoever_opens_the_database_next(db, where):
    item = fill(db)[0]
    whole = accepting(ITEMS[0], comment="two\x00 things: 😀 שלום 안녕", seconds=12.25)
    made = events.add(db, "q", item, "Ann", "submit", whole)
    with open_database(where) as again:
        assert events.of(again, "q", item, "Ann") == [made]
        assert queues.labels_of(again, "q")[item]["Ann"].label == whole


def test_undo_is_an_event_and_brings_back_what_held_before(db):
    item = fill(db)[0]
    steps = [
        ("submit", DRIFT, "submitted"),
        ("discard", None, "discarded"),
        ("undo", None, "submitted"),
        ("undo", None, "pending"),
    ]
    for number, (action, said, status) in enumerate(steps):
        events.add(db, "q", item, "Ann", action, said, after=number)
        assert desks.desk(db, "q", item, "Ann").status == status
    with pytest.raises(StoreError, match="nothing to undo"):
        events.add(db, "q", item, "Ann", "undo", after=4)
    assert [event.action for event in events.of(db, "q", item, "Ann")] == ["submit", "discard", "undo", "undo"]
    assert events.current(events.of(db, "q", item, "Ann")) is None


def test_a_draft_or_a_skip_after_a_submit_leaves_the_submit():
    def event(number, action, said=None):
        return events.Event(queue="q", item="i", annotator="a", number=number, action=action, label=said, time="")

    told = [event(1, "submit", DRIFT), event(2, "draft", FAITHFUL), event(3, "skip")]
    assert events.current(told).label == DRIFT
    assert events.latest_label(told) == FAITHFUL
    assert events.status(told) == "skipped"
    assert events.current([*told, event(4, "discard")]) is None


def test_the_second_tab_is_told_and_nothing_is_lost(db):
    item = fill(db)[0]
    events.add(db, "q", item, "Ann", "submit", DRIFT)
    with pytest.raises(Conflict, match=r"Ann has worked on this item in another tab .*: submit"):
        events.add(db, "q", item, "Ann", "submit", FAITHFUL)
    assert [event.label for event in events.of(db, "q", item, "Ann")] == [DRIFT]
    events.add(db, "q", item, "Ann", "submit", FAITHFUL, after=1)
    assert [event.label for event in events.of(db, "q", item, "Ann")] == [DRIFT, FAITHFUL]


def test_the_same_event_sent_again_is_one_event(db):
    item = fill(db)[0]
    first = events.add(db, "q", item, "Ann", "submit", DRIFT)
    assert events.add(db, "q", item, "Ann", "submit", DRIFT) == first
    assert events.count(db) == 1
    events.add(db, "q", item, "Ann", "submit", FAITHFUL, after=1)
    with pytest.raises(Conflict):
        events.add(db, "q", item, "Ann", "submit", DRIFT)  # no longer the last


def test_two_tabs_at_the_same_moment(db):
    item = fill(db)[0]
    told: list[object] = []
    start = threading.Barrier(8)

    def tab(number: int) -> None:
        start.wait()
        try:
            told.append(events.add(db, "q", item, "Ann", "submit", Label(verdict="drift", comment=str(number))))
        except Conflict as error:
            told.append(error)

    threads = [threading.Thread(target=tab, args=(number,)) for number in range(8)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    stored = events.of(db, "q", item, "Ann")
    assert len(stored) == 1 and [one for one in told if not isinstance(one, Conflict)] == stored
    assert len(told) == 8


def test_an_event_out_of_nowhere_is_refused(db):
    item = fill(db)[0]
    for args, words in (
        (("q", item, "Ann", "submit", DRIFT, 3), "cannot be number 3"),
        (("q", item, "Eve", "submit", DRIFT, 0), "nobody called 'Eve'"),
        (("q", "0" * 64, "Ann", "submit", DRIFT, 0), "has no item 000000000000"),
        (("none", item, "Ann", "submit", DRIFT, 0), "'none' has no item"),
        (("q", item, "Ann", "submit", None, 0), "submit needs a label"),
        (("q", item, "Ann", "skip", DRIFT, 0), "skip has no label"),
        (("q", item, "Ann", "submit", Label(verdict="drift", guideline="ab"), 0), "no guideline ab"),
    ):
        *sent, after = args
        with pytest.raises(StoreError, match=words):
            events.add(db, *sent, after=after)
    assert events.count(db) == 0


@pytest.mark.parametrize("statement", ["UPDATE events SET action = 'skip'", "DELETE FROM events", "DELETE FROM gold"])
def test_the_database_itself_keeps_every_event(db, statement):
    from inspector.annotations import gold

    item = fill(db)[0]
    events.add(db, "q", item, "Ann", "submit", DRIFT)
    gold.adjudicate(db, item, "Judy", DRIFT)
    with pytest.raises(DBAPIError, match="only ever added"), db.write() as connection:
        connection.execute(text(statement))
    assert events.of(db, "q", item, "Ann")[0].action == "submit"


def test_a_label_must_fit_its_item_and_its_queue(db):
    one, two, _ = fill(db)
    fits, item = accepting(ITEMS[0]), ITEMS[0]
    changed = fits.marks[0].model_copy(update={"severity": "minor"})
    for identity, wrong, words in (
        (two, label(item, ("number", "312", "213")), "mark 1: the source has"),
        (one, label(ITEMS[1], ("entity", "🐝", None)), "mark 1: the source has 'A'"),
        (one, fits.model_copy(update={"suggestions": "ff"}), "has no suggestions ff"),
        (two, fits, "has no suggestions"),
        (one, fits.model_copy(update={"shown": "never"}), "names its suggestions"),
        (one, fits.model_copy(update={"marks": fits.marks[:1]}), "suggestion 1 is accepted"),
        (one, fits.model_copy(update={"marks": (changed, fits.marks[1])}), "suggestion 0 is accepted"),
        (one, fits.model_copy(update={"decisions": fits.decisions[:1]}), "suggestion 1, which has no decision"),
        (one, fits.model_copy(update={"decisions": (*fits.decisions, fits.decisions[0])}), "two decisions"),
        (one, accepting(item, "edited").model_copy(update={"marks": fits.marks}), "suggestion 0 is edited"),
        (one, accepting(item, "rejected").model_copy(update={"marks": fits.marks}), "suggestion 0 is rejected"),
        (one, fits.model_copy(update={"blind": True}), "not blind"),
        (one, fits.model_copy(update={"shown": "after"}), "shows suggestions first"),
    ):
        with pytest.raises(StoreError, match=words):
            events.add(db, "q", identity, "Ann", "submit", wrong)
    for number, answer in enumerate(("accepted", "edited", "rejected")):
        events.add(db, "q", one, "Ann", "submit", accepting(item, answer), after=number)
    assert events.count(db) == 3


def test_a_mark_needs_a_kind_and_a_place():
    with pytest.raises(ValueError, match="'name' is no kind"):
        mark(ITEMS[0], "name", "312", None)
    with pytest.raises(ValueError, match="needs a span"):
        mark(ITEMS[0], "number", None, None)
