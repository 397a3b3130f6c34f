"""The probes' panels in Chromium, around fakes."""

from __future__ import annotations

import pytest

from inspector.inspection import Report
from inspector.pages.labels import words
from inspector.pages.probes import Probes, asked, lists
from inspector.pages.run import Runs
from tests.pages.conftest import TEXT

EN = words()["en"]
SELECT = """([first, last]) => {
  const words = [...document.querySelectorAll('#compare-view .column.pinned .w')];
  const range = document.createRange();
  range.setStartBefore(words.find((w) => w.textContent === first));
  range.setEndAfter(words.find((w) => w.textContent === last));
  getSelection().removeAllRanges();
  getSelection().addRange(range);
}"""


@pytest.fixture
def compared(visit):
    def go(query: str = "", text: str = TEXT, **context):
        one = visit(query, **context)
        assert (
            not one.page.locator("#odds-view .probe").is_visible() and not one.page.locator("#samples-view .probe").is_visible()
        )
        one.box.fill(text)
        one.page.click("#compare")
        one.wait_for_end()
        one.page.locator("#odds-view .probe").wait_for()
        return one

    return go


def odds(one):
    one.page.wait_for_selector("#odds-view .odds-table")
    one.page.wait_for_function("document.querySelector('#odds-view progress').hidden")
    return one.page.locator("#odds-view")


@pytest.mark.ui
def test_carriers_are_painted_and_counted(compared):
    one = compared()
    one.page.click('[data-choice="carrier"]')
    heat = one.page.locator("section.heat")
    cells = heat.locator(".flow .cell")
    assert cells.count() == heat.locator(".flow :is(.c-memory, .c-shared, .c-prior, .c-lost, .c-misled)").count() > 20
    assert heat.locator(".carriers li").count() == 5
    line = heat.locator(".carried").inner_text()
    assert f"of {cells.count()} tokens" in line and "%" in line
    one.page.click('[data-choice="word"]')
    assert heat.locator(".flow .c-lost").count() > 0 and "worst of its tokens" in heat.inner_text()
    one.page.click('[data-choice="entropy"]')
    assert heat.locator(".carriers").count() == 0 and heat.locator(".flow .c-lost").count() == 0


@pytest.mark.ui
def test_selected_words_are_scored_at_every_ratio(compared):
    one = compared()
    one.page.evaluate(SELECT, ["Ben", "by"])
    one.page.wait_for_function("document.querySelector('#odds-words').value === 'Ben by'")
    one.page.fill("#odds-others", "Carl by, <b>Zoe</b>, ${1}")
    one.page.click("#odds-view .go")
    view = odds(one)
    table = view.locator(".odds-table")
    assert table.locator("thead th").all_inner_texts()[1:3] == ["4×", "16×"] and table.locator("thead th").count() == 4
    assert table.locator("tbody th bdi").all_inner_texts() == ["Ben by", "Carl by", "<b>Zoe</b>", "${1}"]
    assert table.locator("tr.actual th bdi").all_inner_texts() == ["Ben by"]
    view.locator("summary").click()
    assert view.locator("td.nats").count() == 4 * 9  # 4 candidates; sums, means of a token, in full; 2 ratios and the prior


@pytest.mark.ui
def test_several_places_can_be_read_one_by_one(compared):
    one = compared()
    one.page.fill("#odds-words", "Ben")
    one.page.click('[data-list="names"]')
    view = odds(one)
    assert view.locator(".places button").all_inner_texts()[0] == EN["odds.mean"].replace("{n}", "2")
    before = view.locator(".odds-table").inner_text()
    view.locator('[data-place="1"]').click()
    assert view.locator('[data-place="1"]').get_attribute("aria-pressed") == "true"
    assert view.locator(".odds-table").inner_text() != before


@pytest.mark.ui
def test_a_pinned_token_becomes_the_words_and_what_was_typed_stays(compared):
    one = compared()
    one.page.click('[data-choice="word"]')
    one.page.locator("section.heat .cell", has_text="pears").first.click()
    assert one.page.locator("#odds-words").input_value() == "pears"
    one.page.fill("#odds-words", "Anna")
    one.page.locator("section.heat .cell", has_text="mill").first.click()
    assert one.page.locator("#odds-words").input_value() == "Anna"
    one.page.evaluate(SELECT, ["gave", "gave"])
    one.page.wait_for_function("document.querySelector('#odds-words').value === 'gave'")


@pytest.mark.ui
@pytest.mark.parametrize(
    ("given", "others", "key"), [("", "x", "no_words"), ("Zoe", "x", "no_place"), ("Ben", " , Ben", "no_others")]
)
def test_what_cannot_be_scored_is_said(compared, given, others, key):
    one = compared()
    one.page.fill("#odds-words", given)
    one.page.fill("#odds-others", others)
    one.page.click("#odds-view .go")
    said = one.page.locator("#odds-view .message").inner_text()
    assert said == EN[f"odds.error.{key}"].replace("{words}", given)


@pytest.mark.ui
def test_samples_are_drawn_counted_and_read(compared):
    one = compared()
    assert one.page.locator("#samples-compressor option").all_inner_texts() == ["fake-a@4"]  # kept words are not decoded
    one.page.click("#samples-view .go")
    one.page.wait_for_selector("#samples-view .tellings")
    view = one.page.locator("#samples-view")
    assert view.locator("[data-telling]").count() == 9
    greedy = view.locator(".telling .text").inner_text()
    view.locator('[data-telling="3"]').click()
    assert view.locator(".telling .text").inner_text() != greedy
    assert "8 samples at temperature 1.0" in view.locator(".sentence").inner_text()
    assert one.page.evaluate("document.activeElement.dataset.telling") == "3"


@pytest.mark.ui
def test_the_panels_fit_a_phone_and_speak_korean(compared):
    one = compared(locale="ko-KR", viewport={"width": 390, "height": 844})
    ko = words()["ko"]
    assert one.page.locator("#odds-view h2").inner_text() == ko["odds.title"]
    one.page.fill("#odds-words", "Ben")
    one.page.click('[data-list="bees"]')
    odds(one)
    one.page.click("#samples-view .go")
    one.page.wait_for_selector("#samples-view .tellings")
    assert one.page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.fixture
def probes(fakes, monkeypatch):
    monkeypatch.setattr("inspector.divergence.diverge", lambda *_, **__: Report(language="en", pipeline=None, divergences=()))
    return Probes(Runs(fakes, 400))


def ask(**more):
    return {
        "probe": "odds",
        "moment": 2.0,
        "text": TEXT,
        "words": "Ben",
        "others": "Bob, Carl",
        "compressors": ["fake-a@4"],
    } | more


def test_frames_grow_reading_by_reading(probes):
    frames = list(probes.frames(ask(), "me"))
    assert [(f["status"], round(f["progress"], 2)) for f in frames] == [
        ("running", 0.02),
        ("running", 0.5),
        ("running", 1.0),
        ("done", 1.0),
    ]
    assert [r["name"] for r in frames[-1]["readings"]] == ["fake-a@4", "fake-a@16"]


def test_a_newer_comparison_or_probe_ends_a_probe(probes):
    frames = probes.frames(ask(), "me")
    next(frames)
    probes.runs.moments.put("me", 3.0, stop=False)
    assert [f["status"] for f in frames] == ["stopped"]
    probes.put(ask(moment=9.0), "you", stop=True)
    assert [f["status"] for f in probes.frames(ask(moment=8.0), "you")] == ["stopped"]
    assert [f["status"] for f in probes.frames(ask(moment=8.0, probe="samples", compressor="fake-a"), "you")][-1] == "done"


@pytest.mark.parametrize(
    "told", [None, 7, [], {}, {"probe": 3, "moment": "x", "temperature": 1e300, "compressors": "fake-a", "text": 5}]
)
def test_whatever_a_browser_sends_is_answered(probes, told):
    (frame,) = [f for f in probes.frames(told, "me") if f["status"] == "error"]
    assert frame["message"]
    assert set(asked(told)) == {
        "words",
        "others",
        "compressor",
        "text",
        "probe",
        "compressors",
        "language",
        "moment",
        "temperature",
        "seed",
    }


def test_text_over_the_limit_and_unknown_compressors_are_refused_in_the_persons_language(probes):
    (frame,) = [f for f in probes.frames(ask(text="Ben " * 900), "me") if f["status"] == "error"]
    assert "the limit here is 400" in frame["message"]
    (frame,) = [f for f in probes.frames(ask(compressors=["no@4"], language="ko"), "me") if f["status"] == "error"]
    assert frame["message"] == f"'no@4'이라는 압축기는 없습니다. 쓸 수 있는 압축기: {', '.join(probes.table.rows)}"


def test_a_comma_in_a_number_does_not_split(probes):
    frames = list(probes.frames(ask(others="4,820, two；x; y\n1,5"), "me"))
    assert frames[-1]["others"] == ["4,820", "two；x", "y", "1,5"]


def test_ready_lists_are_labelled_and_short_enough():
    from inspector.probes.counterfactual import MOST_OTHERS

    for name, candidates in lists().items():
        assert words()["en"][f"odds.list.{name}"] and 1 < len(candidates) == len(set(candidates)) <= MOST_OTHERS
