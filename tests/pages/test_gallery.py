"""The Gallery page in Chromium, around fakes: cards, the stored result at once, and what the live run says of it."""

import pytest

from inspector import gallery
from inspector.compare import compare
from inspector.gallery import Case
from inspector.pages.labels import words
from tests.pages.conftest import TEXT, served

pytestmark = pytest.mark.ui
EN = words()["en"]


@pytest.fixture(scope="module")
def address(tmp_path_factory, fakes):
    """A gallery of cases named like shipped ones: one fails, one does not once it is run, of one the compressor is not here."""
    folder = tmp_path_factory.mktemp("stored")
    failing = Case("bee", TEXT, ("fake-a@4", "fake-words@2"), ("Anna met Ben",))
    found = compare(TEXT, failing.compressors, registry=fakes)
    stays = found.inspections[1].reconstruction.text.split()[0]
    mended = Case("who", TEXT, ("fake-words@2",), (stays,))
    gallery.store("bee", found, folder)
    blank = found.inspections[1].model_copy(update={"reconstruction": found.source.model_copy(update={"text": "…"})})
    gallery.store("who", found.model_copy(update={"inspections": (blank,)}), folder)
    absent = Case("list", TEXT, ("fake-absent@4",), ("Anna",))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gallery, "cases", lambda: (failing, mended, absent))
        patch.setattr(gallery.stored, "__defaults__", (folder,))
        with served() as at:
            yield at


def state(one) -> str:
    return one.page.locator(".cv p.stored").inner_text()


def wait(one, name: str, state: str) -> None:
    said = "([name, state]) => window.inspector.shown?.stored?.case === name && window.inspector.shown.stored.state === state"
    one.page.wait_for_function(said, arg=[name, state])


def test_a_card_opens_its_stored_result_at_once_and_then_says_what_the_live_run_found(visit, address):
    one = visit("?tab=gallery", address)
    cards = one.page.locator(".card")
    cards.first.wait_for()
    assert cards.count() == 3 and EN["gallery.bee.look"] in cards.first.inner_text()
    assert "Anna met Ben" in cards.first.locator("dd").first.inner_text()
    frames = one.page.evaluate_handle("""() => {
      const all = [];
      document.addEventListener('inspector:shown', () => all.push(window.inspector.shown?.stored?.state));
      return all;
    }""")
    cards.first.locator("button").click()
    wait(one, "bee", "fails")
    assert frames.json_value()[0] == "running" and EN["gallery.state.fails"] in state(one)
    assert one.box.input_value() == TEXT and one.page.locator("body").get_attribute("data-page") == "compare"
    assert EN["gallery.bee.look"] in one.page.locator("#look").inner_text()
    one.page.locator("#look button").last.click()
    wait(one, "who", "mended")
    assert EN["gallery.state.mended"] in state(one)
    one.page.click("#compare")  # an ordinary run is none of the gallery's
    one.page.wait_for_function("window.inspector.shown?.status === 'done' && !window.inspector.shown.stored")


def test_a_changed_text_is_not_shown_as_stored(visit, address):
    one = visit("?tab=gallery", address)
    one.page.locator(".card").first.wait_for()
    one.page.evaluate(
        "window.inspector.openCase({ id: 'bee', text: 'Something else.', compressors: ['fake-a@4', 'fake-words@2'] })"
    )
    one.page.wait_for_function("window.inspector.shown?.status === 'done'")
    assert one.page.evaluate("window.inspector.shown.stored ?? null") is None


def test_cards_whose_compressors_are_not_here_say_so(visit, address):
    card = visit("?tab=gallery", address).page.locator(".card[data-case='list']")
    card.wait_for()
    assert card.locator("button").is_disabled() and EN["gallery.absent"] in card.inner_text()


def test_on_a_phone_nothing_is_wider_than_the_screen(visit, address):
    one = visit("?tab=gallery&lang=ko", address, viewport={"width": 360, "height": 800})
    one.page.locator(".card").first.wait_for()
    assert one.page.evaluate("document.documentElement.scrollWidth") <= 360
    assert words()["ko"]["gallery.bee.title"] in one.page.locator(".card").first.inner_text()
