"""The page in Chromium, around fakes: what a person does, sees, and what must never happen."""

import json
from itertools import pairwise

import pytest

from inspector.pages.labels import presets, words
from tests.pages.conftest import LIMIT, LONG, TEXT
from tests.pages.test_endpoint import HOSTILE

pytestmark = pytest.mark.ui


def columns(page) -> list[str]:
    return page.locator(".cv .column:not(.pinned) .name").all_inner_texts()


def test_paste_and_compare(visit):
    one = visit()
    one.box.fill(TEXT)
    one.page.click("#compare")
    one.wait_for_end()
    assert [name[1:] for name in columns(one.page)] == ["fake-a@4", "fake-words@2"]
    assert one.page.locator(".cv .column.pinned").inner_text().replace("\n", " ").count("pears") == 1
    assert one.page.locator(".cell").count() > 20
    assert one.box.input_value() == TEXT


@pytest.mark.parametrize("key", ["Control+Enter", "Meta+Enter"])
def test_keys_compare(visit, key):
    one = visit()
    one.box.fill(TEXT)
    one.box.press(key)
    one.wait_for_end()
    assert one.box.input_value() == TEXT  # no line break came with it


def test_preset_fills_and_runs_at_once(visit):
    one, preset = visit(), presets()[1]
    one.page.locator("#presets button").nth(1).click()
    one.wait_for_end()
    assert one.box.input_value() == preset["text"]
    look = one.page.locator("#look").inner_text()
    assert (
        words()["en"][f"page.preset.{preset['id']}.look"] in look and words()["en"][f"page.preset.{preset['id']}.false"] in look
    )
    assert len(columns(one.page)) == 2  # those asked for at the start stay


def test_a_run_takes_what_fills_the_boxes_however_late_gradio_is(visit):
    one = visit()
    source = "window.inspector.shown.source.words.map(([gap, word]) => gap + word).join('') + window.inspector.shown.source.tail"
    one.page.evaluate("(text) => { document.querySelector('#source textarea').value = text; }", TEXT)  # Gradio is not told
    one.page.click("#compare")
    one.wait_for_end()
    assert one.page.evaluate(source) == TEXT
    before, other = one.run_number(), TEXT.replace("Carl", "Dora")
    one.page.evaluate("(given) => window.inspector.go('preset', given)", {"text": other, "names": ["fake-words@2"]})
    one.wait_for_end(after=before)
    assert one.page.evaluate(source) == other and len(columns(one.page)) == 1


def test_columns_show_the_measures_read_most_or_all_and_the_browser_keeps_which(visit):
    one = visit()
    one.box.fill(TEXT)
    one.page.click("#compare")
    one.wait_for_end()
    badges = "[...document.querySelectorAll('.cv [data-column=\"0\"] .badge')]"
    seen = badges + ".filter((b) => b.offsetParent).map((b) => b.dataset.name)"
    few = one.page.evaluate(seen)
    assert {"entities", "numbers", "role_f1", "bleu", "erank", "entropy"} <= set(few)
    one.page.click(".cv .measures")
    every = one.page.evaluate(seen)
    assert set(every) - set(few) == {"bits", "chrf", "rouge_l", "exact_prefix", "token_accuracy", "seconds"}
    one.page.reload()
    one.page.locator("#presets button").first.click()
    one.wait_for_end()
    assert one.page.evaluate(seen) == every


def test_live_follows_typing_and_only_the_newest_run_survives(visit):
    one = visit()
    choose(one, ["fake-slow@4"])
    one.page.check("#live input")
    one.box.fill(LONG)
    one.page.wait_for_function("document.body.classList.contains('running')")
    one.page.evaluate("""() => {
      window.ended = [];
      new MutationObserver(() => {
        const shown = window.inspector.shown;
        if (shown.status !== 'running') window.ended.push(shown.source.words.map((w) => w[1]).join(' '));
      }).observe(document.body, { attributes: true, attributeFilter: ['class'] });
    }""")
    for text in ("One bee.", "Two bees flew.", "Three bees flew home."):
        one.box.fill(text)
    one.wait_for_end(after=one.run_number())
    assert one.page.evaluate("window.ended") == ["Three bees flew home ."]


def test_without_live_typing_runs_nothing(visit):
    one = visit()
    one.box.fill(TEXT)
    one.page.wait_for_timeout(800)  # longer than live mode waits
    assert one.run_number() == 0


def test_stop_ends_a_run_and_keeps_what_came(visit):
    one = visit()
    choose(one, ["fake-slow@4"])
    one.box.fill(LONG)
    one.page.click("#compare")
    one.page.wait_for_selector(".cv .column:not(.pinned) .w")
    one.page.click("#stop")
    one.wait_for_end("stopped")
    assert one.box.input_value() and columns(one.page)
    one.box.fill("A bee.")
    one.page.click("#compare")  # the page still works
    one.wait_for_end()


def choose(one, names: list[str]) -> None:
    """Replace the chosen compressors, as a person does."""
    field = one.page.locator("#compressors input")
    while one.page.locator("#compressors .token").count():
        one.page.locator("#compressors .token .token-remove").first.click()
    for name in names:
        field.fill(name)
        field.press("Enter")
    field.press("Escape")


def test_unknown_compressor_is_named_and_everything_stays(visit):
    one = visit()
    one.box.fill(TEXT)
    one.page.click("#compare")
    one.wait_for_end()
    choose(one, ["fake-a@4", "nonsense@4"])
    one.page.click("#compare")
    one.wait_for_end("error")
    message = one.page.locator(".cv .message").inner_text()
    assert "nonsense@4" in message and "fake-a, fake-b" in message
    assert one.box.input_value() == TEXT
    assert one.page.locator("#compressors .token").count() == 2
    assert len(columns(one.page)) == 2  # of the run before


def test_a_failing_compressor_leaves_the_others(visit):
    one = visit()
    choose(one, ["fake-a@4", "fake-broken@4"])
    one.box.fill(TEXT)
    one.page.click("#compare")
    one.wait_for_end()
    assert "the disk is on fire" in one.page.locator(".cv .failed").inner_text()
    assert one.page.locator(".cell").count()


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_shown_as_it_is(visit, text):
    one = visit()
    one.page.locator("#source textarea").evaluate(
        "(box, text) => { box.value = text; box.dispatchEvent(new Event('input', { bubbles: true })); }", text
    )
    one.page.click("#compare")
    one.wait_for_end()
    shown = one.page.evaluate("window.inspector.shown.source")
    assert "".join(gap + word for gap, word in shown["words"]) + shown["tail"] == text
    assert one.page.locator("#compare-view :is(img, script)").count() == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "The text is empty"),
        ("   ", "The text is empty"),
        ("half \ud83d", "surrogate"),
        ("word " * 900, f"the limit here is {LIMIT} tokens"),
        ("x" * 1_000_000, f"the limit here is {LIMIT} tokens"),
    ],
    ids=["empty", "blank", "surrogate", "long", "megabyte"],
)
def test_bad_text_gives_one_sentence_and_stays(visit, text, said):
    one = visit()
    one.page.evaluate(
        """(text) => {
          const box = document.querySelector('#source textarea');
          box.value = JSON.parse(text);
          box.dispatchEvent(new Event('input', { bubbles: true }));
        }""",
        json.dumps(text),
    )
    one.page.click("#compare")
    one.wait_for_end("error")
    assert said in one.page.locator(".cv .message").inner_text()
    assert one.page.evaluate("JSON.stringify(document.querySelector('#source textarea').value)") == one.page.evaluate(
        "(text) => JSON.stringify(JSON.parse(text))", json.dumps(text)
    )


def test_korean_browser_sees_korean(visit):
    one, ko = visit(locale="ko-KR"), words()["ko"]
    assert one.page.locator("#compare").inner_text().startswith(ko["page.compare"])
    assert one.page.locator("#presets button").first.inner_text() == ko["page.preset.bee"]
    assert one.page.locator(".page-head p").inner_text() == ko["page.tagline"]
    one.page.click("#compare")
    one.wait_for_end("error")
    assert one.page.locator(".cv .message").inner_text() == "글이 비어 있습니다. 한 단어 이상 입력하세요."


def test_gradios_own_notices_are_in_the_pages_language(visit):
    one = visit("?lang=ko")
    full = "This application is currently busy. Please try again. "
    one.page.evaluate(
        """(said) => { document.querySelector('.toast-wrap').insertAdjacentHTML('beforeend',
        '<div><span class="toast-title">Error <i></i></span><div data-testid="toast-text"></div></div>');
        document.querySelector('.toast-wrap [data-testid="toast-text"]').textContent = said; }""",
        full,
    )
    ko = words()["ko"]
    one.page.wait_for_function("(said) => document.querySelector('.toast-wrap').innerText.includes(said)", arg=ko["notice.busy"])
    assert one.page.locator(".toast-title").inner_text().strip() == ko["notice.error"]


def test_language_choice_is_remembered_and_the_text_stays(visit):
    one = visit()
    one.box.fill(TEXT)
    with one.page.expect_navigation():
        one.page.click(".languages [lang=ko]")
    one.page.wait_for_function("document.querySelector('#compare')?.innerText.startsWith('비교')")
    one.page.wait_for_function("(text) => document.querySelector('#source textarea')?.value === text", arg=TEXT)
    one.page.reload()
    one.page.wait_for_function("document.querySelector('#compare')?.innerText.startsWith('비교')")


def test_theme_button_and_address(visit):
    one = visit()
    assert not one.page.evaluate("document.body.classList.contains('dark')")
    one.page.locator("#theme").click()
    assert one.page.evaluate("document.body.classList.contains('dark')")
    dark = visit("?__theme=dark")
    dark.page.wait_for_function("document.body.classList.contains('dark')")
    dark.page.wait_for_function("""() => {
      const style = getComputedStyle(document.querySelector('.gradio-container'));
      const light = (colour) => colour.match(/\\d+/g).slice(0, 3).reduce((sum, x) => sum + Number(x), 0);
      return light(style.backgroundColor) < 150 && light(style.color) > 500;
    }""")


@pytest.mark.parametrize(("width", "language", "rows"), [(1280, "en", 1), (1024, "ko", 1), (1024, "en", 2), (390, "ko", 2)])
def test_the_header_is_one_row_where_it_fits_and_two_below(visit, width, language, rows):
    one = visit(f"?lang={language}&tab=studies", viewport={"width": width, "height": 800})
    parts = "#page-head :is(h1, .pages a, nav:not(.pages) button)"
    frames = "(all) => all.filter((n) => n.offsetParent).map((n) => n.getBoundingClientRect())"
    middles = sorted(frame["y"] + frame["height"] / 2 for frame in one.page.locator(parts).evaluate_all(frames))
    assert 1 + sum(after - before > 12 for before, after in pairwise(middles)) == rows
    here = one.page.locator(".pages a[aria-current]").bounding_box()
    assert here["x"] >= 0 and here["x"] + here["width"] <= width  # on a phone the row scrolls to it


@pytest.mark.parametrize("width", [390, 768, 1280])
def test_nothing_overflows_sideways(visit, width):
    one = visit(viewport={"width": width, "height": 844})
    one.page.locator("#presets button").first.click()
    one.wait_for_end()
    assert one.page.evaluate("document.documentElement.scrollWidth") <= width
    for part in ("#compare", "#stop", "#source textarea", "#compressors", ".page-head", "#compare-view .cv"):
        place = one.page.locator(part).bounding_box()
        assert place["x"] >= 0 and place["x"] + place["width"] <= width


def test_presets_are_long_enough_to_be_under_pressure_and_labelled():
    from models.pocket.tokenizer import bundled

    for preset in presets():
        assert 100 <= len(bundled().ids(preset["text"])) <= LIMIT
        keys = {f"page.preset.{preset['id']}", f"page.preset.{preset['id']}.look"}
        assert keys <= words()["en"].keys() and keys <= words()["ko"].keys()


def test_the_empty_page_uses_the_whole_width(visit):
    one = visit()
    left, width = one.page.evaluate(
        "(() => { const r = document.querySelector('#page-top').getBoundingClientRect(); return [r.x, r.width]; })()"
    )
    assert left < 40 and width > 1200


@pytest.mark.ui
def test_the_spectrum_is_drawn_though_plotly_comes_after_the_result(browser, server):
    context = browser.new_context()
    page, held = context.new_page(), []
    page.route("**/plotly.min.js*", lambda route: held.append(route))  # a bound built-in is no handler to Playwright
    page.goto(server, wait_until="commit")
    page.locator("#source textarea").fill(TEXT)
    page.wait_for_timeout(300)  # Gradio hands a typed text on with a short delay
    page.click("#compare")
    page.wait_for_function("window.inspector.shown?.status === 'done'")
    figures = page.locator("#compare-view section.spectrum .js-plotly-plot svg")
    numbers = page.locator("#compare-view section.spectrum details.numbers").first  # the other is the sweep's
    page.wait_for_function("document.querySelector('#compare-view section.spectrum details.numbers').open")
    assert figures.count() == 0
    held[0].continue_()
    figures.first.wait_for()
    assert numbers.get_attribute("open") is None
    context.close()
