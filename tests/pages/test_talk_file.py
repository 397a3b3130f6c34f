"""A talk of one's own list in one file, in Chromium around fakes: what is missing is computed, or said to be missing."""

import json
from pathlib import Path

import pytest

from inspector.pages.labels import words
from tests.pages.conftest import LONG, TEXT

EN, KO = words()["en"], words()["ko"]
HOSTILE = "Anna</script><script>alert(1)</script> ${x} {{value}} 🐝 שלום met Ben; 12 pears fell."
STEPS = ["source", "reconstruction", "divergences", "spectrum", "entropy"]
pytestmark = pytest.mark.ui


@pytest.fixture
def come(visit):
    """A visit with a list of one's own."""

    def open_page(*cases: tuple[str, str], query: str = "", **context):
        one = visit(query, **context)
        stored = json.dumps([{"text": text, "compressors": names.split()} for text, names in cases])
        one.page.evaluate("(list) => localStorage.setItem('inspector-talk', list)", stored)
        one.page.reload()
        one.page.wait_for_function("window.inspector?.talk && document.querySelector('#present-go')")
        return one

    return open_page


def saved(one, button) -> tuple[str, str]:
    with one.page.expect_download() as download:
        button.click()
    return download.value.suggested_filename, Path(download.value.path()).read_text(encoding="utf-8")


def test_ones_own_list_becomes_a_file_that_steps_like_present_mode(come, browser, tmp_path):
    one = come((HOSTILE, "fake-a@4 fake-words@2"), (TEXT, "fake-absent@4"), query="?tab=gallery")
    button = one.page.locator(".take .talk-own")
    button.wait_for()
    assert button.inner_text() == f"{EN['present.list.own']} 2"
    name, text = saved(one, button)
    assert name == "my-talk.html" and text.count("<script") == 3 and "Anna</script>" not in text
    said = one.page.locator(".take [role=status]")
    one.page.wait_for_function("document.querySelector('.take [role=status]').textContent.includes('missing')")
    assert said.inner_text().startswith(EN["export.saved"].replace("{name}", name))
    assert "1 of 2" in said.inner_text() and "its weights are missing" in said.inner_text()
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    context = browser.new_context(offline=True)
    page, wrong = context.new_page(), []
    page.on("pageerror", lambda e: wrong.append(str(e)))
    page.on("dialog", lambda d: (wrong.append(d.message), d.dismiss()))
    page.on("request", lambda r: None if r.url.startswith(("file:", "data:", "blob:")) else wrong.append(r.url))
    page.goto(file.as_uri())
    stage = page.locator(".stage")
    assert page.locator(".stage .cases .case").count() == 1  # the other one is missing
    for step in STEPS:
        page.keyboard.press("Space")
        assert stage.get_attribute("data-step") == step
        if step == "source":
            assert page.locator(".stage .text").text_content() == HOSTILE
            assert page.locator(".stage .said").text_content() == ""  # nothing is said of a gallery's stored result
    page.keyboard.press("2")
    page.keyboard.press("Escape")
    page.locator("main .verdicts").wait_for()
    assert page.locator("main p.stored").count() == 0 and not wrong
    context.close()


def test_what_is_computed_is_not_computed_again_and_the_lobby_saves_its_list(come):
    one = come((TEXT, "fake-words@2"), query="?present=1&lang=ko")
    one.page.locator("[data-list=own]").click()
    one.page.locator("#warm").click()
    one.page.locator(".stage .mark.ready").wait_for()
    one.page.evaluate("document.querySelector('#present-go').addEventListener('click', () => (window.again = true))")
    name, text = saved(one, one.page.locator("#save-talk"))
    assert one.page.evaluate("window.again") is None and '"slides": [{"id":null' in text
    assert one.page.locator(".stage .told").inner_text() == KO["export.saved"].replace("{name}", name)


def test_saving_can_be_stopped_and_an_empty_list_cannot_be_saved(come):
    one = come((LONG, "fake-slow@4"))
    one.box.fill(TEXT)
    one.page.click("#compare")
    one.wait_for_end()
    one.page.locator("#export summary").click()
    one.page.locator("#export .talk-own").click()
    one.page.locator("#export .said button").click()
    one.page.wait_for_function("(t) => document.querySelector('#export .said').textContent === t", arg=EN["export.talk.stopped"])
    empty = come()
    empty.page.evaluate("window.inspector.turn('gallery')")
    empty.page.locator(".take .talk-own:disabled").wait_for()
    assert empty.page.locator(".take .talk-own").get_attribute("title") == EN["present.own.empty"]
    empty.page.evaluate("window.inspector.turn('compare')")
    empty.box.fill(TEXT)
    empty.page.click("#add-to-talk")
    empty.page.locator("#look", has_text="1").wait_for()
    empty.page.evaluate("window.inspector.turn('gallery')")
    empty.page.locator(".take .talk-own:not(:disabled)", has_text="1").wait_for()


def test_a_compressor_that_is_not_loaded_leaves_its_case_out(come):
    one = come((TEXT, "fake-broken@4"), query="?tab=gallery")
    one.page.locator(".take .talk-own").click()
    one.page.wait_for_function(
        "(t) => document.querySelector('.take [role=status]').textContent.startsWith(t)", arg=EN["export.talk.nothing"]
    )
    assert "the disk is on fire" in one.page.locator(".take [role=status]").inner_text()
