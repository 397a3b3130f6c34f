"""The compare view in Chromium, without Gradio: marks, links, pins, zoom, keyboard, contrast, hostile text."""

from __future__ import annotations

import functools
import json
import re

import pytest

from inspector.compare import Builder, stream
from inspector.inspection import Text
from inspector.views.compare import payload
from tests.views.conftest import STATIC

pytestmark = pytest.mark.ui

HOSTILE = "<img src=x onerror=alert(1)> ${alert(1)} `x` C:\\u12 שלום 👩‍👩‍👧 \x00 end"
TEXT = "Alice hit Bob near the red barn, and the dog of Bob, which was old, slept. It was 3 May 1994 in France."
TOLD = "Alice hit Bob near the blue barn, and the the dog of Bob, which was old. It was 3 May 1994 in Germany."


@functools.lru_cache(maxsize=4)
def finished(text, told, registry):
    """Columns of two fakes, one of which is made to say `told`."""
    builder = Builder(text, ["fake-a@4", "fake-b@4"])
    for event in stream(text, ["fake-a@4", "fake-b@4"], registry=registry):
        builder.apply(event)
    builder.columns[0]["reconstruction"] = Text(text=told)
    for column in builder.columns:
        column.pop("divergences", None)  # marks of words alone; those of meaning have tests of their own
    return builder


def show(page, registry, text=TEXT, told=TOLD, **changes):
    builder = finished(text, told, registry)
    made = payload(text, builder.columns, **({"run": 1, "status": "done", "progress": 1.0, "language": "en"} | changes))
    page.evaluate("(value) => window.show(value)", made)
    page.wait_for_selector(".cv .column[data-column]")
    return made


def column(page, index=0):
    return page.locator(f'.column[data-column="{index}"]')


def test_every_kind_of_difference_has_its_mark_and_its_words(page, fakes):
    show(page, fakes)
    marked = {kind: column(page).locator(f".w.{kind}").all_inner_texts() for kind in ("substituted", "dropped", "added")}
    assert [t.lstrip("≠") for t in marked["substituted"]] == ["blue", "Germany"]
    assert [t.lstrip("−") for t in marked["dropped"]] == [",", "slept"]
    assert [t.lstrip("+") for t in marked["added"]] == ["the"]
    label = column(page).locator(".w.substituted").last.get_attribute("aria-label")
    assert "Germany" in label and "France" in label


def test_words_are_linked_both_ways_on_hover_and_on_focus(page, fakes):
    show(page, fakes)
    changed = column(page).locator(".w.substituted", has_text="Germany")
    changed.hover()
    assert page.locator(".column.pinned .w.lit").inner_text() == "France"
    page.locator(".column.pinned .w", has_text="France").focus()
    assert "Germany" in column(page).locator(".w.lit").inner_text()
    assert column(page, 1).locator(".w.lit").count() <= 1


def test_a_mark_says_what_it_means_on_hover_and_on_focus(page, fakes):
    show(page, fakes)
    tip = page.locator(".tip")
    changed = column(page).locator(".w.substituted", has_text="Germany")
    changed.hover()
    assert tip.is_visible() and "France" in tip.inner_text()
    page.keyboard.press("Escape")
    assert not tip.is_visible()
    page.locator(".column.pinned header").hover()
    column(page).locator(".w.dropped", has_text="slept").focus()
    assert tip.is_visible() and "slept" in tip.inner_text()
    page.locator(".where").hover()  # a pointer that rests elsewhere does not take it away
    assert tip.is_visible() and "slept" in tip.inner_text()
    page.keyboard.press("Escape")
    page.locator(".column.pinned header").hover()
    assert not tip.is_visible()
    column(page).locator(".w.kept").first.focus()
    assert not tip.is_visible()


def test_an_update_keeps_place_focus_and_pin(page, fakes):
    page.set_viewport_size({"width": 390, "height": 800})
    long, longer = " ".join([TEXT] * 9), " ".join([TOLD] * 9)
    show(page, fakes, text=long, told=longer, status="running", progress=0.5)
    page.locator('.block[data-column="0"] .cell').nth(4).click()
    column(page).locator(".w").nth(5).focus()
    page.evaluate("document.querySelector('.texts').scrollLeft = 345")
    column(page).locator(".text").evaluate("(e) => (e.scrollTop = 90)")
    page.wait_for_function("document.querySelector('.column[data-column=\"1\"] .text').scrollTop > 0")
    read = "[document.querySelector('.texts').scrollLeft, document.querySelector('.column[data-column=\"0\"] .text').scrollTop]"
    before = page.evaluate(read)
    show(page, fakes, text=long, told=longer + " More came.", run=1)
    assert "came" in column(page).inner_text()
    assert page.evaluate(read) == before and before[0] > 200 and before[1] == 90
    assert page.evaluate("document.activeElement.matches('.column[data-column=\"0\"] .w')")
    assert page.locator(".alternatives").count() == 1 and page.locator('.block[data-column="1"] .pinned-token').count() == 1


def test_a_pin_finds_its_place_under_another_tokenizer(page, fakes):
    columns = [dict(c) for c in finished(TEXT, TOLD, fakes).columns]
    tokens = columns[1]["trace"].tokens
    pairs = [
        a.model_copy(update={"text": a.text + b.text, "end": b.end}) for a, b in zip(tokens[::2], tokens[1::2], strict=False)
    ]
    columns[1]["trace"] = columns[1]["trace"].model_copy(update={"tokens": tuple(pairs)})
    made = payload(TEXT, columns, run=4, status="done", progress=1.0, language="en")
    assert len(made["tokenisations"]) == len(made["priors"]) == 2
    page.evaluate("(v) => window.show(v)", made)
    page.locator('.block[data-column="0"] .cell').nth(21).click()
    twin = page.locator('.block[data-column="1"] .pinned-token')
    assert twin.get_attribute("data-t") == "10"
    heads = page.locator(".alternatives thead th").all_inner_texts()
    assert len(heads) == 5 and "fake-a@4" in heads[3] and "fake-b@4" in heads[4]  # a prior for each
    assert page.locator(".alternatives td.own").count() == 4


def test_a_character_of_several_tokens_is_drawn_once(page, fakes):
    text = "한국어와 👩🏽‍🚀 here"
    show(page, fakes, text=text, told=text)
    cells = page.locator('.block[data-column="0"] .cell').all_inner_texts()
    assert "·" in cells and "".join(cells).replace("·", "").replace("␣", " ") == text


def test_a_pin_shows_every_compressor_and_the_prior(page, fakes):
    show(page, fakes)
    page.locator('.block[data-column="0"] .cell').nth(4).click()
    heads = page.locator(".alternatives thead th").all_inner_texts()
    assert len(heads) == 4 and "fake-a@4" in heads[1] and "fake-b@4" in heads[2] and "rior" in heads[3]
    assert page.locator(".alternatives tr.actual").count() == 1
    assert page.locator(".alternatives tbody tr").count() >= 5
    assert page.locator('.block[data-column="1"] .pinned-token').count() == 1
    page.locator('.block[data-column="1"] .cell').nth(20).hover()  # a pin holds against hovering
    assert page.locator(".pin-panel").get_by_text("fake-a@4").count() == 1
    page.keyboard.press("Escape")
    assert page.locator(".pin-panel").count() <= 1 and page.locator(".pinned-token").count() == 0


def test_arrows_move_a_pin(page, fakes):
    show(page, fakes)
    cells = page.locator('.block[data-column="0"] .cell')
    cells.nth(4).click()
    before = page.locator(".pin-panel mark").inner_text()
    cells.nth(4).focus()
    page.keyboard.press("ArrowRight")
    assert page.locator(".pin-panel mark").inner_text() == cells.nth(5).inner_text() != before


def test_hovering_previews_without_a_pin(page, fakes):
    show(page, fakes)
    assert page.locator(".pin-panel").count() == 0
    page.locator('.block[data-column="1"] .cell').nth(3).hover()
    assert page.locator(".pin-panel").count() == 1


def test_n_and_shift_n_walk_the_differences(page, fakes):
    show(page, fakes)
    total = page.locator(".column[data-column] :is(.substituted, .dropped, .added).w").count()
    page.keyboard.press("n")
    assert page.locator(".where").inner_text() == f"1 / {total}"
    page.keyboard.press("n")
    page.keyboard.press("Shift+N")
    page.keyboard.press("Shift+N")
    assert page.locator(".where").inner_text() == f"{total} / {total}"


def test_the_tip_stays_with_a_mark_that_n_scrolls_to(page, fakes):
    show(page, fakes, text=" ".join([TEXT] * 20), told=" ".join([TEXT] * 19 + [TOLD]))
    page.keyboard.press("n")
    page.wait_for_function("document.querySelector('.column[data-column=\"0\"] .text').scrollTop > 0")
    page.wait_for_timeout(200)
    assert page.locator(".tip").is_visible() and "blue" in page.locator(".tip").inner_text()
    gap = "document.querySelector('.tip').getBoundingClientRect().top - document.activeElement.getBoundingClientRect().bottom"
    assert 0 <= page.evaluate(gap) < 12


def test_n_keeps_to_the_kinds_that_are_chosen(page, fakes):
    show(page, fakes)
    page.locator(".key.added").click()
    total = page.locator(".column[data-column] .w.added").count()
    for _ in range(total):
        page.keyboard.press("n")
        assert page.evaluate("document.activeElement.matches('.w.added')")
    assert page.locator(".where").inner_text() == f"{total} / {total}"


def test_the_legend_shows_one_kind_alone(page, fakes):
    show(page, fakes)
    page.locator(".key.added").click()
    assert page.locator(".key.added").get_attribute("aria-pressed") == "true"
    opacity = "e => getComputedStyle(e).opacity"
    assert float(column(page).locator(".w.added").first.evaluate(opacity)) == 1
    assert float(column(page).locator(".w.kept").first.evaluate(opacity)) < 0.5


def test_a_baseline_turns_badges_into_differences(page, fakes):
    made = show(page, fakes)
    column(page).locator("button.baseline").click()
    other = column(page, 1)
    assert other.locator(".delta").count() > 3 and column(page).locator(".delta").count() == 0
    change = made["columns"][1]["badges"]["entropy"] - made["columns"][0]["badges"]["entropy"]
    shown = other.locator(".badge", has_text="Entropy").locator(".delta").inner_text()
    assert ("▲" in shown) == (change > 0) and f"{abs(change):.3f}" in shown


def test_zoom_survives_an_update(page, fakes):
    show(page, fakes)
    page.wait_for_selector(".plot .main-svg")
    page.evaluate("Plotly.relayout(document.querySelector('.plot'), {'xaxis.range': [2, 5]})")
    show(page, fakes, run=2)
    assert page.evaluate("document.querySelector('.plot').layout.xaxis.range") == [2, 5]
    assert page.locator(".plot .main-svg").count() > 0


def test_modes_change_the_colours_and_the_scale(page, fakes):
    show(page, fakes)
    page.get_by_role("button", name="Surprisal", exact=True).click()
    assert page.get_by_role("button", name="Surprisal", exact=True).get_attribute("aria-pressed") == "true"
    page.get_by_role("button", name="by word").click()
    assert page.evaluate("document.activeElement.textContent") == "by word"
    assert "sums" in page.locator(".scale .unit").inner_text()
    words = page.locator('.block[data-column="0"] .cell').all_inner_texts()
    assert words[:3] == ["Alice", "hit", "Bob"]


def test_hostile_text_is_shown_as_it_is(page, fakes):
    show(page, fakes, text=HOSTILE, told=HOSTILE.replace("end", "${document.title}"))
    assert page.locator(".cv img").count() == 0
    shown = page.locator(".column.pinned .text").text_content()
    assert "<img src=x onerror=alert(1)>" in shown and "${alert(1)}" in shown and "C:\\u12" in shown and "👩‍👩‍👧" in shown
    assert "${document.title}" in column(page).locator(".text").text_content().replace("≠", "").replace("+", "")


def test_an_error_stays_in_its_column(page, fakes):
    builder = finished(TEXT, TOLD, fakes)
    columns = [builder.columns[0], builder.columns[1] | {"status": "error", "error": "the disk went away"}]
    page.evaluate("(v) => window.show(v)", payload(TEXT, columns, run=9, status="done", progress=1.0, language="en"))
    assert "the disk went away" in column(page, 1).inner_text()
    assert column(page).locator(".w").count() > 10


def test_korean_labels(page, fakes):
    show(page, fakes, language="ko")
    assert "원문" in page.locator(".column.pinned header").inner_text()
    assert "유효 랭크" in column(page).inner_text()


def test_help_opens_two_sentences_and_a_formula(page, fakes):
    show(page, fakes)
    column(page).locator('.badge[data-name="erank"] .help').click()
    panel = page.locator(".help-panel")
    assert "exp(" in panel.locator("code").inner_text()
    page.keyboard.press("Escape")
    assert panel.count() == 0


def test_a_missing_value_says_why_without_hovering(page, fakes):
    builder = finished(TEXT, TOLD, fakes)
    bare = builder.columns[0] | {"spectrum": None, "notes": {"spectrum": "Kept words are no vectors."}}
    page.evaluate("(v) => window.show(v)", payload(TEXT, [bare], run=8, status="done", progress=1.0, language="en"))
    badge = column(page).locator('.badge[data-name="erank"]')
    assert badge.locator("dd").inner_text() == "–"
    badge.locator(".help").click()
    assert "Kept words are no vectors." in page.locator(".help-panel").inner_text()


def luminance(rgb):
    parts = [c / 255 for c in rgb]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a, b):
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


PAINT = """(e) => {
  const parse = (c) => c.match(/[\\d.]+/g).map(Number);
  let node = e, back = [0, 0, 0, 0];
  while (node && back.length === 4 && back[3] === 0) {
    back = parse(getComputedStyle(node).backgroundColor);
    node = node.parentElement;
  }
  return [parse(getComputedStyle(e).color).slice(0, 3), back.slice(0, 3)];
}"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_has_contrast(page, fakes, theme):
    page.evaluate("(dark) => document.body.classList.toggle('dark', dark)", theme == "dark")
    show(page, fakes)
    page.locator('.block[data-column="0"] .cell').nth(2).click()
    for where in (
        ".w.kept",
        ".w.substituted",
        ".w.dropped",
        ".w.added",
        ".badge dt",
        ".badge dd",
        ".hint",
        ".key.added",
        ".where",
        ".alternatives .p",
        ".alternatives tfoot td",
    ):
        for paint in page.locator(f".cv {where}").evaluate_all(f"(all) => all.slice(0, 40).map({PAINT})"):
            assert contrast(*paint) >= 4.5, (theme, where, paint)
    for paint in page.locator(".cell").evaluate_all(f"(all) => all.map({PAINT})"):
        assert contrast(*paint) >= 4.5, (theme, "cell", paint)


def test_nothing_is_wider_than_a_phone(page, fakes):
    page.set_viewport_size({"width": 390, "height": 800})
    show(page, fakes)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_every_label_the_view_asks_for_is_written():
    table = json.loads((STATIC / "words.json").read_text(encoding="utf-8"))["en"]
    code = "\n".join(f.read_text(encoding="utf-8") for f in STATIC.glob("*.js"))
    asked = set(re.findall(r"say\('([a-z_.]+)'", code))
    assert asked and asked <= table.keys()
