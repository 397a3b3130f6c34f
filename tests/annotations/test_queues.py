"""Who gets which item when, and what they may see of it."""

import threading

import pytest

from inspector.annotations import desks, events, gold, queues, store
from inspector.annotations.database import Conflict, NotAllowed, StoreError
from inspector.annotations.labels import Label
from tests.annotations.conftest import fill
from tests.annotations.made import ITEMS, accepting, label, suggested

SAID = Label(verdict="drift")


def work(db, annotator: str, queue: str = "q") -> list[str]:
    """Submit whatever comes until nothing does."""
    done: list[str] = []
    while (item := queues.next_item(db, queue, annotator)) is not None:
        assert item not in done
        events.add(db, queue, item, annotator, "submit", SAID, after=desks.desk(db, queue, item, annotator).after)
        done.append(item)
    return done


def test_each_item_goes_to_k_annotators_in_an_order_of_their_own(db):
    made = fill(db)
    store.set_person(db, "Cy")
    assert sorted(work(db, "Ann")) == sorted(work(db, "Bo")) == sorted(made)
    assert work(db, "Cy") == []
    assert queues.progress(db, "q") == {
        "items": 3,
        "calibration": 0,
        "done": 3,
        "texts": 0,
        "annotators": {"Ann": {"submitted": 3}, "Bo": {"submitted": 3}},
    }
    orders = {tuple(sorted(made, key=lambda item: queues.order(7, name, item))) for name in ("Ann", "Bo", "Cy", "Dee", "Eli")}
    assert len(orders) > 1


def test_annotators_at_once_never_get_more_than_k_places(db):
    fill(db)
    names = [f"a{number}" for number in range(6)]
    for name in names:
        store.set_person(db, name)
    got: dict[str, str | None] = {}
    start = threading.Barrier(len(names))

    def come(name: str) -> None:
        start.wait()
        got[name] = queues.next_item(db, "q", name)

    threads = [threading.Thread(target=come, args=(name,)) for name in names]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert len(got) == 6 and None not in got.values()
    assert sorted(list(got.values()).count(item) for item in set(got.values())) == [2, 2, 2]


def test_an_item_stays_on_the_desk_until_it_is_answered(db):
    fill(db)
    first = queues.next_item(db, "q", "Ann")
    assert queues.next_item(db, "q", "Ann") == first
    events.add(db, "q", first, "Ann", "draft", SAID)
    assert queues.next_item(db, "q", "Ann") == first
    events.add(db, "q", first, "Ann", "skip", after=1)
    second = queues.next_item(db, "q", "Ann")
    assert second != first
    events.add(db, "q", second, "Ann", "discard")
    third = queues.next_item(db, "q", "Ann")
    events.add(db, "q", third, "Ann", "submit", SAID)
    assert queues.next_item(db, "q", "Ann") == first  # what was skipped comes back, what was discarded does not
    assert dict(queues.worklist(db, "q", "Ann")) == {first: "skipped", second: "discarded", third: "submitted"}
    assert desks.desk(db, "q", first, "Ann").label == SAID  # as it was left


def test_a_place_comes_free_by_discarding_and_by_waiting(db):
    made = fill(db, annotators=1)
    first = queues.next_item(db, "q", "Ann", clock=0)
    taken = {queues.next_item(db, "q", "Bo", clock=1)}
    assert first not in taken
    events.add(db, "q", first, "Ann", "discard")
    for item in taken:
        events.add(db, "q", item, "Bo", "submit", SAID)
    assert {*work(db, "Bo"), *taken} == set(made)
    store.set_person(db, "Cy")
    assert queues.next_item(db, "q", "Cy") is None


def test_a_place_that_nobody_answered_goes_to_the_next_after_a_day(db):
    fill(db, annotators=1)
    for clock, name in enumerate(("Ann", "Bo", "Judy")):
        queues.next_item(db, "q", name, clock=clock)
    store.set_person(db, "Cy")
    assert queues.next_item(db, "q", "Cy", clock=queues.KEPT - 1) is None
    assert queues.next_item(db, "q", "Cy", clock=queues.KEPT + 3) is not None


def test_others_labels_are_hidden_until_ones_own_submit(db):
    item = fill(db)[0]
    queues.next_item(db, "q", "Bo")
    events.add(db, "q", item, "Ann", "submit", SAID)
    assert desks.desk(db, "q", item, "Bo").others is None
    with pytest.raises(NotAllowed, match="after your own submit"):
        desks.others(db, "q", item, "Bo")
    events.add(db, "q", item, "Bo", "draft", SAID)
    assert desks.desk(db, "q", item, "Bo").others is None
    events.add(db, "q", item, "Bo", "submit", SAID, after=1)
    assert desks.others(db, "q", item, "Bo") == {"Ann": SAID}
    assert desks.others(db, "q", item, "Judy") == {"Ann": SAID, "Bo": SAID}  # who adjudicates sees all


def test_an_adjudicator_who_annotates_an_item_sees_no_more_than_others(db):
    fill(db)
    item = queues.next_item(db, "q", "Judy")
    events.add(db, "q", item, "Ann", "submit", SAID)
    assert desks.desk(db, "q", item, "Judy").others is None


def test_suggestions_come_after_a_first_pass(db):
    item = fill(db, shown="after")[0]
    assert desks.desk(db, "q", item, "Ann").suggestions is None
    late = accepting(ITEMS[0], shown="after")
    with pytest.raises(StoreError, match="first pass"):
        events.add(db, "q", item, "Ann", "submit", late)
    events.add(db, "q", item, "Ann", "draft", label(ITEMS[0], ("number", "312", "213")))
    assert desks.desk(db, "q", item, "Ann").suggestions == suggested(ITEMS[0])
    assert desks.desk(db, "q", item, "Bo").suggestions is None
    events.add(db, "q", item, "Ann", "submit", late, after=1)


def test_suggestions_may_be_shown_first_or_never(db):
    item = fill(db)[0]
    queues.create(db, queues.Queue("bare", shown="never"))
    queues.add_items(db, "bare", [(ITEMS[0], suggested(ITEMS[0]))])
    assert desks.desk(db, "q", item, "Ann").suggestions == suggested(ITEMS[0])
    events.add(db, "bare", item, "Ann", "submit", SAID)
    assert desks.desk(db, "bare", item, "Ann").suggestions is None


def test_a_blind_queue_hides_the_compressor(db):
    item = fill(db, blind=True)[2]
    shown = desks.desk(db, "q", item, "Ann").item
    assert (shown.compressor, shown.ratio, shown.settings) == (None, None, {})
    assert shown.source == ITEMS[2].source
    assert desks.desk(db, "q", item, "Judy").item == ITEMS[2]
    with pytest.raises(StoreError, match="'q' is blind"):
        events.add(db, "q", item, "Ann", "submit", SAID)
    events.add(db, "q", item, "Ann", "submit", Label(verdict="drift", blind=True))


def test_calibration_comes_first_for_everybody(db):
    made = fill(db, annotators=1)
    queues.create(db, queues.Queue("with gold", annotators=1))
    with pytest.raises(StoreError, match="no gold label"):
        queues.add_items(db, "with gold", [(ITEMS[1], None)], calibration=True)
    gold.adjudicate(db, made[1], "Judy", SAID)
    queues.add_items(db, "with gold", [(ITEMS[0], None), (ITEMS[2], None)])
    queues.add_items(db, "with gold", [(ITEMS[1], None)], calibration=True)
    for name in ("Ann", "Bo"):
        assert queues.next_item(db, "with gold", name) == made[1]
        assert desks.desk(db, "with gold", made[1], name).calibration
    assert sorted([*work(db, "Ann", "with gold")[1:], *work(db, "Bo", "with gold")[1:]]) == sorted([made[0], made[2]])


def test_gold_is_for_adjudicators_and_has_a_history(db):
    item = fill(db)[0]
    with pytest.raises(NotAllowed, match="Ann is annotator; this needs the role adjudicator"):
        gold.adjudicate(db, item, "Ann", SAID)
    gold.adjudicate(db, item, "Judy", SAID)
    with pytest.raises(Conflict, match="Judy has decided"):
        gold.adjudicate(db, item, "Judy", Label(verdict="faithful"))
    gold.adjudicate(db, item, "Judy", Label(verdict="faithful"), after=1)
    assert gold.of(db, item) == (Label(verdict="faithful"), 2)
    gold.adjudicate(db, item, "Judy", None, after=2)
    assert gold.all_of(db) == {item: SAID}
    gold.adjudicate(db, item, "Judy", None, after=3)
    assert gold.of(db, item) == (None, 4) and gold.all_of(db) == {}
    with pytest.raises(StoreError, match="no gold label to undo"):
        gold.adjudicate(db, item, "Judy", None, after=4)


def test_flagging_needs_no_queue(db):
    first = queues.flag(db, ITEMS[0], suggested(ITEMS[0]))
    assert queues.flag(db, ITEMS[0], suggested(ITEMS[0])) == first
    assert queues.progress(db, "flagged")["items"] == 1
    store.set_person(db, "Ann")
    assert queues.next_item(db, "flagged", "Ann") == first


def test_names_and_settings_that_cannot_be_used(db):
    fill(db)
    for name, words in (
        ("", "empty"),
        ("  ", "empty"),
        ("a\nb", "control character"),
        ("a\x00", "control"),
        ("x" * 65, "65 characters"),
    ):
        with pytest.raises(StoreError, match=words):
            store.set_person(db, name)
        with pytest.raises(StoreError, match=words):
            queues.create(db, queues.Queue(name))
    assert store.set_person(db, " Łukasz 안녕 😀 ") == "Łukasz 안녕 😀"
    for queue, words in (
        (queues.Queue("q"), "is a queue 'q' already"),
        (queues.Queue("r", annotators=0), "at least one"),
        (queues.Queue("r", shown="soon"), "first, after, never"),
    ):
        with pytest.raises(StoreError, match=words):
            queues.create(db, queue)
    with pytest.raises(StoreError, match="no queue 'r'; queues are q"):
        queues.queue(db, "r")
    with pytest.raises(StoreError, match="'boss' is no role"):
        store.set_person(db, "Ann", "boss")


def test_guidelines_are_versions(db):
    item = fill(db)[0]
    first = store.add_guideline(db, "# Guide\n\nRead \x00 both.")
    assert store.add_guideline(db, "# Guide\n\nRead \x00 both.") == first
    second = store.add_guideline(db, "# Guide\n\nRead both twice.")
    assert store.guideline(db, first[:8]) == "# Guide\n\nRead \x00 both."
    assert [identity for identity, _ in store.all_guidelines(db)] == [first, second]
    queues.set_guideline(db, "q", second)
    assert desks.desk(db, "q", item, "Ann").queue.guideline == second
    events.add(db, "q", item, "Ann", "submit", Label(verdict="drift", guideline=first))
    for wrong, words in (("", "several"), ("zz", "no guideline begins"), ("%", "no guideline begins")):
        with pytest.raises(StoreError, match=words):
            store.guideline(db, wrong)
    with pytest.raises(StoreError, match="guideline is empty"):
        store.add_guideline(db, " \n")
