"""The file that stands alone, opened from disk in Chromium with the network off."""

import json
import re

import pytest

from inspector import gallery
from inspector.compare import compare
from inspector.inspection import Text
from inspector.views.export_html import modules, standalone, talk
from inspector.views.words import words
from tests.views.made import divergence, span

pytestmark = pytest.mark.ui
EN, KO = words()["en"], words()["ko"]
HOSTILE = (
    "Anna </script><script>alert(1)</script> <img src=x onerror=alert(2)> ${alert(3)} {{value}} <!-- 🐝 שלום "
    "\u202eabc nul\x00 end, 12 pears."
)


@pytest.fixture(scope="module")
def made(fakes):
    found = compare(HOSTILE, ["fake-a@4", "fake-words@2"], registry=fakes)
    back = HOSTILE.replace("12", "13")
    change = divergence("number", source=span(HOSTILE, "12"), told=span(back, "13"), explanation="<b>12</b> became 13")
    first = found.inspections[0].model_copy(update={"reconstruction": Text(text=back), "divergences": (change,)})
    return found.model_copy(update={"inspections": (first, found.inspections[1])})


@pytest.fixture
def opened(browser, tmp_path):
    contexts = []

    def open_file(text: str, **settings):
        file = tmp_path / "made.html"
        file.write_text(text, encoding="utf-8")
        contexts.append(browser.new_context(**({"viewport": {"width": 1280, "height": 900}, "offline": True} | settings)))
        page = contexts[-1].new_page()
        page.asked, page.errors = [], []
        page.on("request", lambda r: page.asked.append(r.url) if not r.url.startswith(("data:", file.as_uri())) else None)
        page.on("console", lambda m: page.errors.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda e: page.errors.append(str(e)))
        page.on("dialog", lambda d: (page.errors.append(d.message), d.dismiss()))
        page.goto(file.as_uri())
        page.wait_for_selector(".cv .texts .w")
        return page

    yield open_file
    for context in contexts:
        for page in context.pages:
            assert page.asked == [] and page.errors == []
        context.close()


def test_marks_ledger_and_tips_are_alive_and_hostile_text_shows_literally(opened, made, fakes):
    page = opened(standalone(made, fakes, "en"))
    source = page.locator(".column.pinned .text").evaluate("""(n) => {
      const copy = n.cloneNode(true);
      copy.querySelectorAll('.head').forEach((h) => h.remove());
      return copy.textContent;
    }""")
    assert source == HOSTILE
    mark = page.locator(".texts [data-column='0'] .head").first
    mark.hover()
    assert "<b>12</b> became 13" in page.locator(".tip").inner_text()
    page.keyboard.press("n")
    assert page.locator(".where").inner_text() == "1 / 1" and page.locator(".ledger [aria-current]").count() == 1
    assert "<b>12</b>" in page.locator(".ledger .sentence").inner_text()
    page.locator(".views [data-view='words']").click()
    assert page.locator(".w.substituted").count() >= 1


def test_the_heatmap_pins_a_token_and_the_spectrum_is_drawn(opened, made, fakes):
    page = opened(standalone(made, fakes))
    page.locator(".heat .block .cell").nth(2).click()
    assert page.locator(".pin-panel tr.actual").count() == 1
    assert page.locator(".pinned-token").count() > 1
    lines = page.locator(".spectrum svg polyline").evaluate_all("(all) => all.map((n) => n.getAttribute('points'))")
    assert len(lines) == 2 and not any("NaN" in line or "Infinity" in line for line in lines)
    assert page.locator(".spectrum svg").get_by_text("fake-a@4", exact=True).count() == 1
    page.locator(".spectrum .plot").scroll_into_view_if_needed()
    box = page.locator(".spectrum .plot").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 80)
    assert re.search(r"i = \d+\nfake-a@4: −?\d", page.locator(".plot .read").inner_text())
    page.locator(".spectrum > header button").last.click()  # the log axis
    assert page.locator(".spectrum svg polyline").count() == 2


def test_curves_stand_where_their_values_are(opened, made, fakes):
    page = opened(standalone(made, fakes))
    found = page.evaluate("""() => {
      const heights = (line) => line.getAttribute('points').split(' ').map((p) => Number(p.split(',')[1]));
      const all = [...document.querySelectorAll('.spectrum svg polyline')].map(heights);
      const { columns } = JSON.parse(document.querySelector('#inspector-data').textContent).slides[0].payload;
      return { log: all[0], energy: all[1], spectrum: columns[0].spectrum };
    }""")
    for drawn, values in ((found["log"], found["spectrum"]["log"]), (found["energy"], found["spectrum"]["energy"])):
        assert len(drawn) == len(values) > 3
        slope = (drawn[-1] - drawn[0]) / (values[-1] - values[0])  # higher is further up
        assert slope < 0
        assert all(abs(drawn[0] + slope * (v - values[0]) - d) < 0.2 for d, v in zip(drawn, values))


def test_it_speaks_two_languages_and_no_key_shows(opened, made, fakes):
    page = opened(standalone(made, fakes, "ko"))
    assert page.locator(".column.pinned h3").inner_text() == KO["view.source"]
    page.locator(".bar button[lang='en']").click()
    assert page.locator(".column.pinned h3").inner_text() == EN["view.source"]
    shown = page.locator("body").inner_text()
    assert not [key for key in EN if key in shown and key.count(".") > 1]
    assert not page.locator(".sweep").is_visible()  # nothing can be computed here


def test_on_a_phone_in_the_dark_nothing_is_wider_than_the_screen(opened, made, fakes):
    page = opened(standalone(made, fakes), viewport={"width": 390, "height": 800}, color_scheme="dark")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(15, 15, 17)"


def test_the_data_cannot_leave_their_script(made, fakes):
    text = standalone(made, fakes)
    held = re.search(r'<script type="application/json" id="inspector-data">(.*?)</script>', text, re.S)[1]
    assert "<" not in held
    payload = json.loads(held)["slides"][0]["payload"]
    assert "".join(gap + word for gap, word in payload["source"]["words"]) + payload["source"]["tail"] == HOSTILE
    assert len(re.findall("<script", text)) == 3


def test_every_module_that_is_imported_is_there():
    import base64

    found = {name: base64.b64decode(address.split(",")[1]).decode() for name, address in modules()}
    asked = {name for source in found.values() for name in re.findall(r"from '([^']+)'", source)}
    assert asked <= set(found) and "inspector/compare.js" in found
    assert not [name for name, source in found.items() if "import(" in source]


def test_a_talk_is_the_stage_with_stored_cases_step_by_step(opened, fakes):
    cases = [(gallery.case(name), gallery.stored(name)) for name in ("bee", "who")]
    page = opened(talk(cases, fakes, "en"), viewport={"width": 1024, "height": 768})
    title, stage = page.locator(".stage h2").first, page.locator(".stage")
    assert page.locator(".stage .case").all_inner_texts() == [EN["gallery.bee.title"], EN["gallery.who.title"]]
    page.keyboard.press("Space")
    assert title.inner_text() == EN["gallery.bee.title"]
    assert gallery.case("bee").text in page.locator(".stage .body .text").inner_text()
    assert EN["gallery.state.kept"] in stage.inner_text()
    for step in ("reconstruction", "divergences", "spectrum", "entropy"):
        page.keyboard.press("Space")
        assert stage.get_attribute("data-step") == step
        if step == "spectrum":
            lines = page.locator(".stage .plot svg polyline")
            assert lines.count() == 2 * len(cases[0][1].inspections)
    page.keyboard.press("ArrowRight")
    assert title.inner_text() == EN["gallery.who.title"] and stage.get_attribute("data-step") == "source"
    page.keyboard.press("Escape")  # the ordinary view of the same case, alive
    assert not stage.is_visible() and EN["gallery.who.look"] in page.locator("main p.stored").text_content()
    page.keyboard.press("ArrowLeft")
    page.wait_for_function("(t) => document.querySelector('main p.stored').textContent.includes(t)", arg=EN["gallery.bee.look"])
    page.keyboard.press("p")
    assert stage.is_visible() and title.inner_text() == EN["gallery.bee.title"]


def test_a_talk_of_nothing_is_refused(fakes):
    with pytest.raises(ValueError, match="at least one"):
        talk([], fakes)
