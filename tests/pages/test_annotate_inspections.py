"""Inspections of a queue go on while nobody looks: the tab is closed, opened again, stopped; failures say why. In Chromium."""

import json
import time

import pytest

from inspector.annotations import jobs, queues
from inspector.annotations.database import open_database
from inspector.pages.annotate import annotations
from tests.pages.test_annotate import come, named, place, said

pytestmark = pytest.mark.ui
__all__ = ["come", "place"]  # fixtures


def begin(one, texts: int, *compressors: str) -> None:
    """A new queue with that many texts, inspected."""
    one.page.fill("input[name=queue]", "first")
    one.page.click("form.make button")
    lines = "\n".join(json.dumps({"text": f"Text {n}: Anna paid Otto {n} euros."}) for n in range(texts))
    one.page.set_input_files("input[name=files]", named("texts.jsonl", lines))
    said(one, "annotate.import.done")
    one.page.select_option("select[name=compressors]", list(compressors))
    one.page.click("[data-do=inspect]")
    said(one, "annotate.inspect.begun")


def state(place) -> dict[str, int]:
    with open_database(place[0]) as db:
        return jobs.counts(db)["first"]


def until(met) -> None:
    end = time.monotonic() + 90
    while not met():
        assert time.monotonic() < end
        time.sleep(0.1)


def test_the_tab_may_be_closed_and_whoever_comes_back_sees_how_far_it_is(come, place):
    one = come()
    begin(one, 4, "fake-slow@4", "fake-words@2")
    one.page.wait_for_selector(".worked [data-act=stop]")
    one.page.close()
    held = state(place)["done"]
    until(lambda: state(place)["done"] > held)  # with no tab open
    again = come()
    again.page.wait_for_selector(".worked [role=status], .worked .hint")
    until(lambda: state(place)["done"] == 8)
    again.page.wait_for_function("document.querySelector('.worked')?.textContent.startsWith('8 ')")
    assert "items 8, texts 4" in again.page.locator(".queue").inner_text()
    assert again.page.locator("[data-do=work]").is_enabled()


def test_whoever_has_just_given_a_name_sees_how_what_is_under_way_ends(come, place):
    with open_database(place[0]) as db:
        queues.create(db, queues.Queue("first"))
        queues.add_texts(db, "first", ["Anna paid Otto 3 euros."])
        jobs.ask(db, "first", ["fake-words@2"])
        (job,) = jobs.claim(db, "another program")
        one = come()
        one.page.wait_for_selector(".worked [role=status]")
        assert jobs.fail(db, job, "another program", "the disk is full")
        said(one, "annotate.inspect.failed")


def test_stop_and_go_on(come, place):
    one = come()
    begin(one, 5, "fake-slow@4")
    one.page.click(".worked [data-act=stop]")
    one.page.wait_for_selector(".worked [data-act=go_on]")
    stopped = state(place)
    assert stopped["stopped"] > 0 and stopped["waiting"] == stopped["working"] == 0
    time.sleep(1.5)
    assert state(place) == stopped
    one.page.click(".worked [data-act=go_on]")
    said(one, "annotate.inspect.done")
    assert state(place)["done"] == 5


def test_a_compressor_that_fails_says_why_and_what_is_left_can_be_dropped(come, place):
    one = come()
    begin(one, 2, "fake-broken@4", "fake-words@2")
    said(one, "annotate.inspect.failed")
    one.page.click(".worked summary")
    assert "fake-broken@4: the disk is on fire" in one.page.locator(".worked ul").inner_text()
    assert state(place)["failed"] == state(place)["done"] == 2
    one.page.click(".worked [data-act=again]")
    one.page.wait_for_selector(".worked [data-act=stop]")  # they wait again
    one.page.wait_for_selector(".worked [data-act=drop]")
    assert state(place)["failed"] == 2
    one.page.click(".worked [data-act=drop]")
    one.page.wait_for_function("document.querySelector('.worked')?.textContent.startsWith('2 ')")
    assert state(place) == dict.fromkeys(jobs.STATES, 0) | {"done": 2}


def test_a_program_that_starts_again_goes_on_without_being_asked(tmp_path, fakes):
    with open_database(tmp_path / "x.db") as db:
        queues.create(db, queues.Queue("q"))
        queues.add_texts(db, "q", ["Anna paid Otto 3 euros."])
        jobs.ask(db, "q", ["fake-words@2"])
        store = annotations(str(tmp_path / "x.db"), "127.0.0.1", None)
        store.table = fakes
        store.resume()
        until(lambda: jobs.counts(db)["q"]["done"] == 1)
        store.close()


def test_only_an_admin_may_stop(tmp_path):
    store = annotations(str(tmp_path / "x.db"), "127.0.0.1", None)
    for ask in ({"do": "inspections", "act": "stop", "queue": "q"}, {"do": "inspect", "queue": "q", "compressors": []}):
        assert "needs the role admin" in store.answer({"name": "Anna", **ask}, None)["error"]
    assert store.answer({"name": "Anna", "do": "inspections"}, None) == {"inspections": {}, "items": {}}
    store.close()
