"""Present mode in Chromium, around fakes: five steps a case, keys and clickers, one's own list, the warm-up."""

import json

import pytest

from inspector import gallery
from inspector.compare import compare
from inspector.gallery import Case
from inspector.pages.labels import words
from inspector.pages.present import Talk, trouble
from inspector.pages.run import Runs
from models.registry import Registry
from tests.conftest import fake_rows
from tests.pages.conftest import TEXT, served

EN = words()["en"]
STEPS = ["source", "reconstruction", "divergences", "spectrum", "entropy"]
SIZES = [(1024, 768), (1920, 1080)]
HOSTILE = "<img src=x onerror=alert(1)> ${document.title} {{value}} & Anna met Ben."
# Visible text under 20 px; parts of the stage that lie outside the window, or that scroll though they are not meant to.
SMALL = """() => {
  const found = [], walk = document.createTreeWalker(document.querySelector('.stage'), NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const text = walk.currentNode.data, at = walk.currentNode.parentElement;
    const size = parseFloat(getComputedStyle(at).fontSize), seen = at.checkVisibility({ visibilityProperty: true });
    if (text.trim() && seen && !(size >= 20)) found.push([text, size]);
  }
  return found;
}"""
OUTSIDE = """() => [...document.querySelectorAll('.stage, .stage > *, .stage .body > *, .stage .beside > *')].filter((n) => {
  const r = n.getBoundingClientRect();
  if (!n.checkVisibility() || n.matches('dialog')) return false;
  const over = n.scrollHeight > n.clientHeight + 2 || n.scrollWidth > n.clientWidth + 2;
  const spills = over && n.clientHeight && !n.matches('.scrolls, .plot');
  return r.left < -1 || r.top < -1 || r.right > innerWidth + 1 || r.bottom > innerHeight + 1 || spills;
}).map((n) => n.className)"""


def listed() -> tuple[Case, ...]:
    """One case that fails, one of words alone, one whose compressor is not here."""
    return (
        Case("bee", TEXT, ("fake-a@4", "fake-words@2"), ("Anna met Ben",)),
        Case("who", TEXT + " Then it rained.", ("fake-words@4",), ("Anna met Ben",)),
        Case("list", TEXT, ("fake-absent@4",), ("Anna",)),
    )


@pytest.fixture(scope="module")
def address(tmp_path_factory, fakes):
    folder, cases = tmp_path_factory.mktemp("stored"), listed()
    gallery.store("bee", compare(TEXT, cases[0].compressors, registry=fakes), folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gallery, "cases", lambda: cases)
        patch.setattr(gallery.stored, "__defaults__", (folder,))
        with served() as at:
            yield at


@pytest.fixture
def stage(visit, address):
    """Opens present mode with its list."""

    def open_stage(query: str = "?present=1", **context):
        one = visit(query, address, **context)
        one.page.locator(".stage .cases .case").first.wait_for()
        return one

    return open_stage


def press(one, *keys: str) -> None:
    for key in keys:
        one.page.keyboard.press(key)


def step(one) -> str:
    return one.page.locator(".stage").get_attribute("data-step")


def case(one) -> str:
    return one.page.locator(".stage .place").inner_text()


def computed(one) -> None:
    one.page.wait_for_function("window.inspector.staged.payload?.status === 'done'")


@pytest.mark.ui
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_each_step_fills_one_screen_with_large_text(stage, width, height, theme):
    query = "?present=1&lang=ko&__theme=dark" if theme == "dark" else "?present=1"
    one = stage(query, viewport={"width": width, "height": height})
    assert not one.page.evaluate(SMALL) and not one.page.evaluate(OUTSIDE)
    press(one, "PageDown")
    computed(one)
    for at, name in enumerate(STEPS, 1):
        assert step(one) == name
        said = words()["ko" if theme == "dark" else "en"][f"present.step.{name}"]
        assert one.page.locator(".stage .where").inner_text() == f"{at} / 5 {said}"
        assert not one.page.evaluate(SMALL) and not one.page.evaluate(OUTSIDE)
        box = one.page.locator(".stage").bounding_box()
        assert (box["width"], box["height"]) == (width, height)
        assert not one.page.locator("#page-top").is_visible() and not one.page.locator(".page-head nav").first.is_visible()
        press(one, "PageDown")
    assert one.page.evaluate("document.body.classList.contains('dark')") == (theme == "dark")
    press(one, "?")
    one.page.locator(".stage dialog").wait_for()
    assert not one.page.evaluate(SMALL)


@pytest.mark.ui
def test_on_a_phone_every_step_can_be_read_and_left_by_touch(stage):
    one = stage("?present=1", viewport={"width": 390, "height": 844})
    assert not one.page.evaluate(SMALL)
    press(one, "?")
    said = one.page.locator(".stage dialog dd").first.bounding_box()
    assert said["width"] > 250 and not one.page.evaluate(SMALL)  # a line, not a letter a line
    press(one, "Escape")
    one.page.locator(".stage .cases .case").first.click()
    computed(one)
    for name in STEPS:
        assert step(one) == name and not one.page.evaluate(SMALL)
        assert one.page.evaluate("document.querySelector('.stage').scrollWidth") <= 390
        on = one.page.locator(".stage .steps button").last
        box, body = on.bounding_box(), one.page.locator(".stage .body").bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 390 and box["y"] >= body["y"] + body["height"]
        assert one.page.locator(".stage .body").evaluate("(n) => n.scrollWidth <= n.clientWidth")
        cut = "(all) => all.filter((n) => n.offsetParent && getComputedStyle(n).overflow !== 'visible').length"
        assert not one.page.locator(".stage .tabs :is(button, .name)").evaluate_all(cut)  # names stand whole
        on.click()


@pytest.mark.ui
def test_lines_are_thick_and_the_figure_needs_no_pointer(stage):
    one = stage()
    press(one, "PageDown", *["PageDown"] * 3)
    one.page.locator(".stage .plot .scatterlayer path.js-line").first.wait_for()
    widths = one.page.eval_on_selector_all(
        ".stage .plot .scatterlayer path.js-line", "(all) => all.map((n) => parseFloat(getComputedStyle(n).strokeWidth))"
    )
    assert min(widths) >= 3
    numbers = one.page.locator(".stage .numbers").inner_text()
    erank = one.page.evaluate("window.inspector.staged.payload.columns[0].spectrum.erank")
    assert f"effective rank {erank:.1f} of" in numbers
    assert "fake-words@2" in numbers  # and why it has none
    assert one.page.locator(".stage .plot .modebar").count() == 0


@pytest.mark.ui
def test_steps_reveal_one_thing_after_the_other_and_go_back(stage):
    one = stage()
    body = one.page.locator(".stage .body")
    press(one, " ")
    assert step(one) == "source" and TEXT in body.inner_text() and EN["gallery.bee.look"] in body.inner_text()
    assert one.page.locator(".stage .tabs").is_hidden()
    computed(one)
    told = one.page.evaluate(
        "(() => { const m = window.inspector.staged.payload.columns[0].meaning; "
        "return m.words.map(([gap, word]) => gap + word).join('') + m.tail })()"
    )
    press(one, "PageDown")
    assert step(one) == "reconstruction" and body.locator(".text").text_content() == told
    assert body.locator(".m, .head").count() == 0
    press(one, "ArrowDown")
    verdict = one.page.evaluate("window.inspector.staged.payload.columns[0].meaning.verdict.en")
    assert step(one) == "divergences" and verdict in body.inner_text()
    assert body.locator(".m, .head").count() and body.locator("ol.found li").count()
    press(one, " ", " ")
    assert step(one) == "entropy"
    for key, name in (("PageUp", "spectrum"), ("ArrowUp", "divergences"), ("Shift+ ", "reconstruction"), ("Backspace", "source")):
        press(one, key)
        assert step(one) == name
    press(one, "PageUp")
    assert step(one) == "lobby"


@pytest.mark.ui
def test_a_clicker_goes_through_the_whole_talk_and_arrows_through_cases(stage):
    one = stage()
    press(one, "PageDown", *["PageDown"] * 5)
    assert (case(one), step(one)) == ("case 2 / 3", "source")
    press(one, "PageUp")
    assert (case(one), step(one)) == ("case 1 / 3", "entropy")
    press(one, "ArrowRight", "ArrowRight")
    assert (case(one), step(one)) == ("case 3 / 3", "source")
    press(one, "ArrowRight")  # there is no more
    assert case(one) == "case 3 / 3"
    press(one, "PageDown")
    one.page.locator(".stage .message").wait_for()
    assert "its weights are missing" in one.page.locator(".stage .message").inner_text()
    press(one, "ArrowLeft", "ArrowLeft")
    assert (case(one), step(one)) == ("case 1 / 3", "source")
    press(one, "Home")
    assert step(one) == "lobby"
    press(one, "PageDown", "b")
    assert one.page.locator(".stage .body").is_hidden()
    press(one, "b")
    one.page.locator(".stage .body").wait_for()
    assert step(one) == "source"


@pytest.mark.ui
def test_a_case_shows_its_stored_result_and_then_says_what_the_live_run_found(stage):
    one = stage()
    press(one, "PageDown", "PageDown")
    computed(one)
    assert one.page.locator(".stage .said").inner_text() == EN["gallery.state.fails"]
    press(one, "2")
    assert one.page.locator(".stage .tabs [aria-pressed=true]").inner_text().endswith("fake-words@2")
    press(one, "Escape")  # the page goes on where the talk ended
    one.box.wait_for()
    assert one.box.input_value() == TEXT and "present" not in one.page.url
    one.page.locator("#compare-view .verdicts").wait_for()


@pytest.mark.ui
def test_nothing_needs_a_pointer_over_it(stage):
    one = stage()
    press(one, "ArrowRight", "ArrowRight", "PageDown", "PageDown")
    computed(one)
    from playwright.sync_api import expect

    rows = one.page.locator(".stage ol.found li")
    count = rows.count()
    current = one.page.locator(".stage ol.found [aria-current]")
    assert count > 1
    expect(current.locator(".of")).to_have_text(f"1/{count}")
    press(one, "n")
    expect(current.locator(".of")).to_have_text(f"2/{count}")
    press(one, "Shift+N", "Shift+N")
    expect(current.locator(".of")).to_have_text(f"{count}/{count}")
    rows.first.click()
    expect(current.locator(".of")).to_have_text(f"1/{count}")
    ids = one.page.locator(".stage .text .chosen").first.get_attribute("data-d")
    rows.nth(1).click()
    one.page.locator(f".stage .text [data-d='{ids}']").first.click()
    expect(current.locator(".of")).to_have_text(f"1/{count}")
    assert one.page.locator(".stage .body [data-tip], .stage .body [title]").count() == 0
    press(one, "ArrowLeft", *["PageDown"] * 4)
    said = one.page.locator(".stage .candidates")
    said.wait_for()
    first = said.inner_text()
    assert "memory says" in first and "prior alone" in first and "%" in first
    press(one, "n")
    assert said.inner_text() != first
    press(one, "Shift+N")
    assert said.inner_text() == first
    one.page.locator(".stage .flow .cell", has_text="river").click()
    assert "river" in said.locator("mark").inner_text()


@pytest.mark.ui
def test_keys_begin_and_end_it_and_leave_typing_alone(visit, address):
    one = visit("?tab=gallery", address)
    one.page.locator(".card").first.wait_for()
    shown = one.page.locator(".stage")
    press(one, "p")
    shown.wait_for()
    assert "present=1" in one.page.url
    press(one, "Escape")
    shown.wait_for(state="hidden")
    press(one, "Shift+P")
    shown.wait_for()
    press(one, "p")
    shown.wait_for(state="hidden")
    one.page.locator(".pages a[data-page=compare]").click()
    one.box.fill("")
    one.box.press("p")
    one.box.press("Shift+P")
    assert one.box.input_value() == "pP" and shown.is_hidden()
    one.box.fill(TEXT)
    one.page.click("#compare")
    one.wait_for_end()
    one.page.locator("#compare-view .verdicts").click()
    press(one, "Shift+N")  # the last difference
    where = one.page.locator("#compare-view .where").first.inner_text().split(" / ")
    assert shown.is_hidden() and len(where) == 2 and where[0] == where[1]
    press(one, "p")  # what the page shows is a case of the gallery
    shown.wait_for()
    assert (case(one), step(one)) == ("case 1 / 3", "source")


@pytest.mark.ui
def test_a_hangul_keyboard_and_caps_lock_change_no_key(stage):
    one = stage("?present=1&lang=ko")

    def type_key(key: str, code: str, shift: bool = False) -> None:
        told = json.dumps({"key": key, "code": code, "shiftKey": shift, "bubbles": True, "cancelable": True})
        one.page.evaluate(f"document.body.dispatchEvent(new KeyboardEvent('keydown', {told}))")

    press(one, "PageDown")
    type_key("ㅣ", "KeyL")
    assert step(one) == "lobby"
    press(one, "ArrowRight", "ArrowRight", "PageDown", "PageDown")
    computed(one)
    at = one.page.locator(".stage ol.found [aria-current] .of")
    count = one.page.locator(".stage ol.found li").count()
    for key, shift, place in (("N", False, 2), ("n", True, 1), ("ㅜ", False, 2), ("ㅜ", True, 1)):
        type_key(key, "KeyN", shift)
        assert at.inner_text() == f"{place}/{count}"
    type_key("ㅔ", "KeyP")
    one.page.locator(".stage").wait_for(state="hidden")


@pytest.mark.ui
def test_it_is_light_unless_asked_otherwise_and_the_theme_comes_back(visit, address):
    one = visit("", address)
    one.page.evaluate("localStorage.setItem('inspector-theme', 'dark')")
    one.page.reload()
    one.page.wait_for_function("document.body.classList.contains('dark') && window.inspector?.staged")
    one.page.click("#present")
    assert not one.page.evaluate("document.body.classList.contains('dark')")
    press(one, "d")
    assert one.page.evaluate("document.body.classList.contains('dark')")
    press(one, "d", "Escape")
    assert one.page.evaluate("document.body.classList.contains('dark')")


@pytest.mark.ui
def test_full_screen(stage):
    one = stage()
    press(one, "f")
    one.page.wait_for_function("document.fullscreenElement !== null")
    press(one, "f")
    one.page.wait_for_function("document.fullscreenElement === null")


@pytest.mark.ui
def test_less_motion_is_respected(stage):
    moving = "getComputedStyle(document.querySelector('.stage .body > *')).animationName"
    one = stage()
    press(one, "PageDown")
    assert one.page.evaluate(moving) == "appear"
    still = stage(reduced_motion="reduce")
    press(still, "PageDown")
    assert still.page.evaluate(moving) == "none"


@pytest.mark.ui
def test_ones_own_list_survives_a_reload_and_stays_in_the_browser(visit, address, tmp_path):
    one = visit("", address)
    sent = []
    one.page.on("request", lambda r: sent.append(r.post_data or ""))
    one.box.fill(HOSTILE)
    one.page.wait_for_timeout(400)
    one.page.click("#add-to-talk")
    one.page.wait_for_function("document.querySelector('#look').textContent.length > 0")
    assert one.page.locator("#look").inner_text() == EN["present.added"].replace("{n}", "1")
    assert not [body for body in sent if "onerror" in body]
    one.page.reload()
    one.page.wait_for_function("window.inspector?.staged && document.querySelector('#present-go')")
    one.page.click("#present")
    one.page.click("[data-list=own]")
    lobby = one.page.locator(".stage .lobby")
    assert "this browser only" in lobby.inner_text()
    lobby.locator("textarea").fill("First of mine, with Anna.\n\nSecond of mine, with Ben.")
    lobby.get_by_role("button", name=EN["present.own.add"], exact=True).click()
    names = lobby.locator("li .case")
    one.page.wait_for_function("document.querySelectorAll('.stage li .case').length === 3")
    assert names.nth(0).inner_text().startswith("<img") and lobby.locator("img").count() == 0
    lobby.locator("li").nth(2).get_by_label(EN["present.own.up"]).click()
    assert names.nth(1).inner_text() == "Second of mine, with Ben."
    lobby.locator("li").nth(2).get_by_label(EN["present.own.remove"]).click()
    assert names.count() == 2
    with one.page.expect_download() as download:
        lobby.get_by_role("button", name=EN["present.own.export"]).click()
    file = tmp_path / "mine.json"
    download.value.save_as(file)
    kept = json.loads(file.read_text(encoding="utf-8"))
    assert [c["text"] for c in kept["cases"]] == [HOSTILE, "Second of mine, with Ben."]
    assert kept["cases"][0]["compressors"] == ["fake-a@4", "fake-words@2"]
    one.page.locator("input[type=file]").last.set_input_files(file)
    one.page.wait_for_function("document.querySelectorAll('.stage li .case').length === 4")
    (tmp_path / "bad.json").write_text('{"version": 1, "cases": [{"text": 3}]}')
    one.page.locator("input[type=file]").last.set_input_files(tmp_path / "bad.json")
    lobby.get_by_text(EN["present.own.wrong"]).wait_for()
    names.nth(0).click()
    assert one.page.locator(".stage .text").inner_text() == HOSTILE and case(one) == "case 1 / 4"
    computed(one)
    press(one, "PageDown")
    assert one.page.locator(".stage .text").inner_text().strip()


@pytest.mark.ui
def test_long_texts_scroll_inside(visit, address):
    one = visit("?present=1", address, viewport={"width": 1024, "height": 768})
    text = " ".join(f"Paragraph {i}: Anna met Ben by the mill and gave him pears." for i in range(60))
    one.page.evaluate(
        "(text) => localStorage.setItem('inspector-talk', JSON.stringify([{ text, compressors: ['fake-a@4'] }]))", text
    )
    one.page.reload()
    one.page.locator("[data-list=own]").click()
    press(one, "PageDown")
    top = "document.querySelector('.stage .text').scrollTop"
    assert one.page.evaluate(top) == 0 and not one.page.evaluate(OUTSIDE)
    press(one, "Shift+ArrowDown")
    assert one.page.evaluate(top) > 100 and step(one) == "source"
    press(one, "PageDown")  # 60 sentences are more than this page's limit
    one.page.locator(".stage .message").wait_for()


@pytest.mark.ui
def test_the_warm_up_says_how_far_it_is_what_failed_and_then_cases_open_without_the_server(stage):
    one = stage()
    seen = one.page.evaluate_handle("""() => {
      const all = new Set();
      const look = new MutationObserver(() => all.add(document.querySelector('.warm p')?.textContent));
      look.observe(document.querySelector('.stage'), { childList: true, subtree: true });
      return all;
    }""")
    one.page.click("#warm")
    failed = one.page.locator(".stage li .mark.failed")
    failed.wait_for()
    assert "its weights are missing" in failed.inner_text()
    assert one.page.locator(".stage li .mark.ready").count() == 2
    assert one.page.locator(".warm p").inner_text() == "1 of 3 cases failed; the list says why."
    told = one.page.evaluate("(all) => [...all].filter(Boolean)", seen)
    assert [f"{n} of 3: {EN[f'gallery.{name}.title']} …" for n, name in enumerate(("bee", "who", "list"), 1)] == told[:3]
    asked = []
    one.page.on("request", lambda r: asked.append(r.url))
    press(one, "PageDown", "PageDown")
    assert one.page.locator(".stage .text").inner_text().strip() and step(one) == "reconstruction"
    assert one.page.locator(".stage .said").inner_text() == EN["gallery.state.fails"]
    one.page.wait_for_timeout(300)
    assert not asked


@pytest.mark.ui
def test_the_option_begins_in_present_mode_and_warms_up_by_itself(visit, address):
    with served(present=True) as at:
        one = visit("", at)
        one.page.locator(".stage li .mark.failed").wait_for()
        assert one.page.locator(".stage li .mark.ready").count() == 2
        press(one, "Escape")
        one.box.wait_for()
        assert "present=0" in one.page.url


@pytest.mark.ui
def test_two_texts_have_three_steps(visit, address):
    one = visit("?tab=pair", address)
    one.page.locator("#pair-examples button").first.click()
    one.page.wait_for_function("window.inspector.shownIn.pair?.status === 'done'")
    one.page.click("#present")
    for at, name in enumerate(STEPS[:3], 1):
        assert one.page.locator(".stage .where").inner_text() == f"{at} / 3 {name}"
        press(one, "PageDown")
    assert step(one) == "divergences"
    press(one, "Escape")
    one.page.locator("#pair-view .verdicts").wait_for()


def talk(monkeypatch) -> Talk:
    monkeypatch.setattr(gallery, "cases", listed)
    return Talk(Runs(Registry(fake_rows())))


def order(of: Case, **more) -> dict:
    return {"case": of.id, "text": of.text, "compressors": list(of.compressors), "moment": 1.0} | more


def test_cases_run_ahead_are_there_at_once(monkeypatch):
    ahead, lines = talk(monkeypatch), []
    ahead.begin(lines.append).join()
    assert lines[0] == "Warm-up 1 of 3: bee is ready." and "fake-absent" in lines[2] and "failed" in lines[2]
    assert lines[3] == "Warm-up: 1 of 3 cases failed."
    monkeypatch.setattr(ahead.runs, "frames", lambda *_: pytest.fail("it was run again"))
    (only,) = ahead.bring(order(listed()[0], language="ko"), "somebody")
    assert only["payload"]["status"] == "done" and only["payload"]["language"] == "ko"


def test_texts_of_people_are_not_kept(monkeypatch):
    ahead, mine = talk(monkeypatch), order(listed()[0], case=None, text="Mine alone: Anna met Ben.")
    for asked in (mine, mine | {"case": "bee"}, order(listed()[0], truncate="2")):
        *progress, last = ahead.bring(asked, "somebody")
        assert last["payload"]["status"] == "done" and all(0 < part["progress"] <= 1 for part in progress)
    assert not ahead._ready


def test_a_stopped_case_says_so(monkeypatch):
    ahead = talk(monkeypatch)
    ahead.runs.moments.put("somebody", 2.0, stop=True)
    *_, last = ahead.bring(order(listed()[0]), "somebody")
    assert trouble(last["payload"]) == "it was stopped."
