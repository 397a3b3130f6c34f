"""The Probe page in Chromium, around fakes."""

from __future__ import annotations

import random

import pytest

from inspector.pages.labels import words
from inspector.pages.links import Links
from inspector.probes.knowledge import WHY
from tests.models import tiny
from tests.pages.conftest import TEXT, served

HOSTILE = "${boom} <b onclick='x()'>x</b> `안녕` 👩‍👩‍👧 \\u12 שלום "
DONE = "window.inspector.askedPage?.status === 'done'"


def fill(page, text=TEXT, answers="Ben", others="Tom"):
    for name, value in (("text", text), ("answers", answers), ("others", others)):
        page.fill(f"#ask-{name}", value)


@pytest.fixture
def opened(visit):
    def go(query: str = "?tab=probe", **context):
        one = visit(query, **context)
        one.page.wait_for_selector("#probe-run")
        return one.page

    return go


@pytest.mark.ui
def test_an_own_text_gets_a_verdict_bars_and_pairs(opened):
    page = opened()
    fill(page)
    page.keyboard.press("Control+Enter")
    page.wait_for_function(DONE)
    cards = page.locator(".pp-card")
    assert cards.evaluate_all("all => all.map((one) => one.dataset.name)") == ["fake-a@4", "fake-words@2"]
    assert cards.first.locator(".pp-odds").evaluate_all("all => all.map((one) => one.dataset.side)") == [
        "memory",
        "prior",
        "control",
    ]
    assert WHY["words"] in cards.nth(1).inner_text()
    told = page.evaluate("window.inspector.askedPage.columns[0].reconstruction.map(([text]) => text).join('')")
    marked = cards.first.locator('[data-way="reconstruction"] .pp-back').evaluate(
        "(box) => { box.querySelectorAll('mark .sign').forEach((sign) => sign.remove()); return box.textContent; }"
    )
    assert marked == told
    pairs = page.evaluate("window.inspector.askedPage.drift.pairs.length")
    assert page.locator(".pp-pair").count() == pairs > 0
    assert page.locator(".pp-table thead th").nth(2).locator("small").count() == 3


@pytest.mark.ui
def test_what_is_typed_outlives_examples_pages_languages_and_reloads(opened):
    page = opened()
    typed = 'Mine: <b onclick="x()">${1}</b> 🦆 שלום 안녕'
    fill(page, typed)
    page.locator(".pp-chip").first.click()
    page.locator("[data-example]").first.click()
    assert page.locator(".pp-false").inner_text() == words()["en"]["ask.example.liberty.false"]
    page.click("#ask-mine")
    assert page.input_value("#ask-text") == typed and page.locator(".pp-false").inner_text() == ""
    page.click('.pages a[data-page="compare"]')
    assert not page.is_visible("#ask-text")
    page.click('.pages a[data-page="probe"]')
    page.wait_for_function(f"{DONE} || window.inspector.askedPage?.status === 'error'")
    page.click('button[lang="ko"]')
    page.wait_for_function("document.documentElement.lang === 'ko' && document.querySelector('#probe-run')")
    assert page.inner_text("#probe-run") == words()["ko"]["ask.run"]
    assert [page.input_value(f"#ask-{name}") for name in ("text", "answers", "others")] == [typed, "Ben", "Tom"]
    assert page.locator(".pp-chip").count() == 1


@pytest.mark.ui
def test_what_cannot_be_asked_is_said_and_a_phone_shows_all(opened):
    page = opened(viewport={"width": 390, "height": 844})
    fill(page, answers="")
    page.click("#probe-run")
    page.wait_for_function("window.inspector.askedPage?.status === 'error'")
    assert page.locator(".pp-form .message").inner_text() == "No answer is given; write what the text says, in its own words."
    page.fill("#ask-answers", "Ben")
    page.fill("#ask-add", "nobody@4")
    page.press("#ask-add", "Enter")
    page.click("#probe-run")
    page.wait_for_function("window.inspector.askedPage?.message?.includes('nobody')")
    page.locator(".pp-chip").last.click()
    page.click("#probe-run")
    page.wait_for_function(DONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.locator(".pp-of").first.wait_for()
    assert page.locator(".pp-form .message").is_hidden()


@pytest.mark.ui
def test_what_a_reader_makes_carries_its_name(visit, tmp_path):
    reader = tiny.save(tmp_path / "small-reader", "llama", max_position_embeddings=512)
    with served(reader=reader) as address:
        page = visit("?tab=probe", address).page
        page.wait_for_selector("#probe-run")
        assert "small-reader" in page.get_attribute("#ask-question", "placeholder")
        fill(page)
        page.fill("#ask-question", "Who gave Anna pears?")
        page.click("#probe-run")
        page.wait_for_function(DONE)
        read = page.locator(".pp-read")
        assert read.count() == 2  # kept words can be read too
        assert read.first.locator("h4").inner_text().startswith("Read by small-reader")
        bars = read.first.locator(".pp-odds")
        assert bars.count() == 2 and all("small-reader" in text for text in bars.all_inner_texts())
        assert all("small-reader" in bar.get_attribute("aria-label") for bar in read.first.locator(".pp-bar").all())


def said(page) -> list[str]:
    return page.locator(".pp-card, .pp-pair").all_inner_texts()


@pytest.mark.ui
def test_what_was_found_outlives_reloads_and_languages_in_this_tab(opened):
    page = opened()
    fill(page, "<b>${1}</b> " + TEXT)
    page.click("#probe-run")
    page.wait_for_function(DONE)
    found = said(page)
    page.reload()
    page.wait_for_selector(".pp-card")
    assert said(page) == found and not page.is_visible("#probe-page .pp-act progress")
    page.click('button[lang="ko"]')
    page.wait_for_function("document.documentElement.lang === 'ko' && document.querySelector('.pp-card')")
    assert words()["ko"]["ask.way.reconstruction"] in page.locator(".pp-card").first.inner_text()
    page.evaluate("sessionStorage.setItem('inspector-probe-found', JSON.stringify({ columns: 7 }))")
    page.reload()
    page.wait_for_selector(".pp-results .waiting")
    assert page.locator(".pp-results").inner_text() == words()["ko"]["ask.none_yet"]


@pytest.mark.ui
def test_a_link_brings_back_what_was_asked_and_asks_it(visit, opened):
    page = opened()
    fill(page, HOSTILE + TEXT, "Ben\nBenjamin", "Tom")
    page.fill("#ask-question", "Who gave Anna pears?")
    page.locator(".pp-chip").last.click()
    page.click("#share")
    link = page.input_value("dialog.share input")
    assert "#s=" in link and "tab=" not in link
    other = visit(link[link.index("#") :]).page
    other.wait_for_function(DONE)
    assert other.evaluate("document.body.dataset.page") == "probe"
    assert [other.input_value(f"#ask-{name}") for name in ("text", "question", "answers", "others")] == [
        HOSTILE + TEXT,
        "Who gave Anna pears?",
        "Ben\nBenjamin",
        "Tom",
    ]
    assert other.locator(".pp-card").evaluate_all("all => all.map((one) => one.dataset.name)") == ["fake-a@4"]


@pytest.mark.ui
def test_a_long_probe_is_kept_on_request_and_opens(visit, tmp_path):
    text = f"{TEXT} " + " ".join(f"{random.Random(k).random():.6f}" for k in range(90))
    with served(links=Links(tmp_path / "links")) as address:
        page = visit("?tab=probe", address).page
        page.wait_for_selector("#probe-run")
        fill(page, text, answers="")
        page.click("#share")
        page.click(f"dialog.share button:has-text('{words()['en']['share.keep']}')")
        page.wait_for_function("document.querySelector('dialog.share input').value.includes('#k=')")
        link = page.input_value("dialog.share input")
        other = visit(link[len(address) :], address).page
        other.wait_for_function("document.querySelector('#ask-text')?.value.length > 100")
        assert other.input_value("#ask-text") == text and other.input_value("#ask-answers") == ""
        assert other.locator(".pp-card").count() == 0  # nothing can be asked without an answer


@pytest.mark.ui
def test_what_a_stop_leaves_stays_and_nothing_waits_for_ever(opened):
    page = opened()
    fill(page)
    page.locator(".pp-chip").last.click()
    for name in ("fake-slow@4", "fake-b@4"):
        page.fill("#ask-add", name)
        page.press("#ask-add", "Enter")
    page.click("#probe-run")
    page.wait_for_function(
        """() => {
          if (window.inspector.askedPage?.columns?.[0].status !== 'done') return false;
          document.querySelector('.pp-act button:not(#probe-run)').click();
          return true;
        }"""
    )
    page.wait_for_function("window.inspector.askedPage?.status === 'stopped'")
    states = page.evaluate("window.inspector.askedPage.columns.map((column) => column.status)")
    for _ in range(2):
        cards = page.locator(".pp-card").all_inner_texts()
        assert [words()["en"]["ask.stopped"] in card for card in cards] == [state == "waiting" for state in states]
        assert not any(words()["en"]["ask.running"] in card for card in cards) and states[0] == "done"
        page.reload()
        page.wait_for_selector(".pp-card")
