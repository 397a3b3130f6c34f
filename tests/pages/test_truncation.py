"""Rank truncation on the page: the payloads, then the slider and the sweep in Chromium, around fakes."""

import pytest

from inspector.pages import sweep
from inspector.pages.labels import words
from inspector.pages.run import Runs
from models.registry import Registry
from tests.conftest import fake_rows
from tests.pages.conftest import LIMIT, LONG, TEXT, broken_row
from tests.pages.test_page import choose


@pytest.fixture
def runs():
    return Runs(Registry([*fake_rows(), broken_row()]), LIMIT)


def last(frames):
    return list(frames)[-1]


def test_a_truncated_run_says_how_much_was_kept(runs):
    made = last(runs.frames(TEXT, ["fake-a@4", "fake-words@2"], "s", {"moment": 1, "truncate": "2"}))
    soft, kept = made["columns"]
    assert soft["truncation"]["kept"] == 2 < soft["truncation"]["of"] and 0 < soft["truncation"]["energy"] < 100
    assert len(soft["spectrum"]["energy"]) == 2 and len(soft["spectrum"]["untruncated"]) == soft["truncation"]["of"]
    assert kept["truncation"] is None and "no vectors" in kept["notes"]["truncation"]["en"] and kept["marks"]


def test_without_truncation_nothing_is_said(runs):
    for column in last(runs.frames(TEXT, ["fake-a@4", "fake-words@2"], "s", {"moment": 1}))["columns"]:
        assert column["truncation"] is None and "truncation" not in column["notes"]


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("given", ["nonsense", "0", "101%", 1.5, ["8"]])
def test_what_is_no_truncation_is_one_sentence(runs, given, language):
    made = last(runs.frames(TEXT, ["fake-a@4"], "s", {"moment": 1, "truncate": given, "language": language}))
    assert made["status"] == "error" and "90%" in made["message"]


def test_a_sweep_streams_curves_and_leaves_out_what_has_no_vectors(runs):
    frames = list(sweep.frames(runs, "s", {"moment": 1, "text": TEXT, "names": ["fake-a@4", "fake-words@2", "fake-broken@4"]}))
    assert [f["status"] for f in frames] == ["running"] * (len(frames) - 1) + ["done"]
    assert [f["progress"] for f in frames] == sorted(f["progress"] for f in frames)
    soft, kept, broken = frames[-1]["columns"]
    ks = [p["k"] for p in soft["points"]]
    assert ks == sorted(ks) and ks[0] == 1 and ks[-1] == soft["points"][-1]["of"]
    assert not kept["points"] and kept["message"].startswith("fake-words keeps no vectors")
    assert not broken["points"] and broken["message"] == "the disk is on fire"


def test_a_later_run_ends_a_sweep(runs):
    frames = sweep.frames(runs, "s", {"moment": 1, "text": TEXT, "names": ["fake-a@4", "fake-b@4"]})
    next(frames)
    runs.moments.put("s", 2.0, stop=False)
    made = last(frames)
    assert made["status"] == "stopped" and [c["name"] for c in made["columns"]] == ["fake-a@4"]


@pytest.mark.parametrize(
    ("order", "said"),
    [
        ({}, "Give a text"),
        ({"text": TEXT, "names": [7]}, "Give a text"),
        ({"text": "", "names": ["fake-a@4"]}, "empty"),
        ({"text": TEXT, "names": ["nonsense@4"]}, "nonsense@4"),
        ({"text": TEXT, "names": ["fake-a@4"] * 5}, "At most 4"),
        ({"text": "word " * 900, "names": ["fake-a@4"]}, str(LIMIT)),
    ],
)
def test_a_sweep_of_nonsense_is_one_sentence(runs, order, said):
    made = last(sweep.frames(runs, "s", {"moment": 1, **order}))
    assert made["status"] == "error" and said in made["message"]


def compared(visit, **settings):
    one = visit(**settings)
    one.box.fill(TEXT)
    one.page.click("#compare")
    one.wait_for_end()
    return one


def ran(one, act):
    before = one.run_number()
    act()
    one.wait_for_end(after=before)


def told(one) -> list[str]:
    return [line.rstrip("?").strip() for line in one.page.locator(".cv p.truncated").all_inner_texts()]


@pytest.mark.ui
def test_the_slider_truncates_and_off_is_as_before(visit):
    one = compared(visit)
    of = one.page.evaluate("window.inspector.shown.columns[0].spectrum.of")
    before = one.page.locator(".cv .column:not(.pinned) .text").all_inner_texts()
    assert told(one) == []
    ran(one, lambda: one.page.select_option("#truncate-mode", "directions"))
    slider = one.page.locator(".truncate input")
    assert int(slider.get_attribute("max")) == of
    ran(one, lambda: slider.fill("2"))
    soft, kept = told(one)
    assert soft.startswith(f"2 of {of} directions, ") and soft.endswith("% of the energy")
    assert kept == words()["en"]["view.truncated.none"]
    ran(one, lambda: one.page.select_option("#truncate-mode", "energy"))
    assert told(one)[0] != soft
    ran(one, lambda: one.page.select_option("#truncate-mode", "whole"))
    assert told(one) == [] and one.page.locator(".cv .column:not(.pinned) .text").all_inner_texts() == before


@pytest.mark.ui
def test_a_sweep_draws_curves_and_a_point_sets_the_slider(visit):
    one = compared(visit)
    of = one.page.evaluate("window.inspector.shown.columns[0].spectrum.of")
    one.page.get_by_role("button", name="Sweep", exact=True).click()
    one.page.wait_for_function("document.querySelector('.sweep progress').hidden && document.querySelector('.sweep tr.whole')")
    assert one.page.locator("#compare-view .sweep .small-plot .main-svg").count() >= 4
    assert "fake-words keeps no vectors, so there" in one.page.locator("#compare-view .sweep > p").inner_text()
    one.page.locator("#compare-view .sweep summary").click()
    ran(one, lambda: one.page.locator("#compare-view .sweep tbody button").nth(1).click())
    assert one.page.evaluate("window.inspector.truncation") == "2" and told(one)[0].startswith(f"2 of {of} ")
    assert one.page.locator("#compare-view .sweep tr.whole").count() == 1  # the curves stay
    ran(one, lambda: one.page.locator("#compare-view .sweep tr.whole button").click())
    assert one.page.evaluate("window.inspector.truncation") is None
    ran(
        one,
        lambda: one.page.evaluate("document.querySelector('.small-plot').emit('plotly_click', { points: [{ customdata: 3 }] })"),
    )
    assert told(one)[0].startswith(f"3 of {of} ")
    one.box.fill("Another text of two bees.")
    ran(one, lambda: one.page.click("#compare"))
    assert one.page.locator("#compare-view .sweep table").is_hidden()
    assert one.page.locator("#compare-view .sweep progress").is_hidden()


@pytest.mark.ui
def test_a_sweep_can_be_stopped_and_what_came_stays(visit):
    one = visit()
    choose(one, ["fake-a@4", "fake-slow@4"])
    one.box.fill(LONG)
    one.page.click("#compare")
    one.wait_for_end()
    one.page.get_by_role("button", name="Sweep", exact=True).click()
    one.page.wait_for_selector("#compare-view .sweep tr.whole", state="attached")  # the quick one is through
    one.page.locator("#compare-view .sweep").get_by_role("button", name="Stop", exact=True).click()
    one.page.wait_for_function("document.querySelector('.sweep progress').hidden")
    assert words()["en"]["view.sweep.stopped"] in one.page.locator("#compare-view .sweep header").inner_text()
    assert one.page.locator("#compare-view .sweep tr.whole").count() == 1


@pytest.mark.ui
def test_korean_and_a_phone(visit):
    one = compared(visit, locale="ko-KR", viewport={"width": 390, "height": 844})
    ko = words()["ko"]
    assert ko["page.truncate"] in one.page.locator(".truncate").inner_text()
    ran(one, lambda: one.page.select_option("#truncate-mode", "directions"))
    assert told(one)[0].startswith("방향 ")
    assert one.page.evaluate("document.documentElement.scrollWidth") <= 390
