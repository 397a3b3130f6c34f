"""Differences in meaning in Chromium: marks, matrix, legend, ledger, keys, and text that must stay text."""

from __future__ import annotations

import pytest

from inspector.inspection import Entity, Text
from inspector.views.compare import payload
from tests.views.made import ODDS, divergence, report, retention, span
from tests.views.test_view import contrast

pytestmark = pytest.mark.ui

SOURCE = "Alice hit Bob near the red barn in France, and 🐕 the old dog slept. It was 3 May 1994, and nobody but Clara saw it."
FIRST = "Bob hit Alice near the red barn in Germany, and 🐕 the dog slept. It was 3 May 1995, and nobody but Clara saw it all."
SECOND = "Alice hit Bob near the blue barn in France, and 🐕 the old dog slept. It was 3 May 1994, and nobody but Clara saw it."
HOSTILE = '<img src=x onerror=alert(1)> "><script>alert(1)</script> ${alert(1)} שלום'


PAINT = """(e) => {
  const brush = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  const paint = (colour) => {
    brush.fillStyle = colour;
    brush.fillRect(0, 0, 1, 1);
    return [...brush.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const under = [];
  for (let at = e; at; at = at.parentElement) under.unshift(getComputedStyle(at).backgroundColor);
  paint('white');
  const back = under.map(paint).at(-1);
  return [paint(getComputedStyle(e).color), back];
}"""  # colours as they come out, whatever they were mixed of


def column(name, told, *divergences, source=SOURCE, **more):
    made = report(*divergences, **({"retention": retention((7, 9), (2, 3), 0.6)} | more))
    return {"compressor": name, "status": "done", "progress": 1.0, "reconstruction": Text(text=told)} | dict(made)


def both(source, told, kind, was, now, severity="serious", change="substituted", **more):
    return divergence(kind, severity, change, span(source, was), span(told, now), **more)


def columns():
    def first(*given, **more):
        return both(SOURCE, FIRST, *given, **more)

    one = column(
        "fake-a@4",
        FIRST,
        first("role", "Alice hit Bob", "Bob hit Alice", change="swapped", explanation="Alice and Bob changed places."),
        first("entity", "France", "Germany", explanation="France became Germany.", overwriting=True, in_place=ODDS),
        first("number", "1994", "1995", confidence=0.3),
        first("predicate", "hit", "hit", "acceptable"),
        first("modifier", "old", None, "minor", "dropped"),
        first("modifier", None, "all", "minor", "added"),
        notes={"overwriting": "Swaps cannot be scored in place."},
    )
    two = column("fake-b@4", SECOND, both(SOURCE, SECOND, "modifier", "red", "blue", explanation="The barn turned blue."))
    return [one, two]


def show(page, made=None, source=SOURCE, **changes):
    given = {"run": 1, "status": "done", "progress": 1.0, "language": "en"} | changes
    page.evaluate("(v) => window.show(v)", payload(source, made or columns(), **given))
    page.wait_for_selector(".cv .column[data-column]")


def told(page, index=0):
    return page.locator(f'.column[data-column="{index}"] .text')


def marks(page, where):
    """Words under each mark, by its letter; the parts of a mark that overlaps others are put together."""
    return page.evaluate(
        """(where) => {
          const found = {};
          for (const head of document.querySelectorAll(`${where} .head`)) {
            const id = head.dataset.d;
            const within = `[data-d~="${id.split(' ')[0]}"]`;
            const words = [...document.querySelectorAll(`${where} .w`)].filter((w) => w.closest(within));
            found[`${head.querySelector('.shape').textContent} ${id}`] = words.map((w) => w.textContent).join(' ');
          }
          return found;
        }""",
        where,
    )


def where(page):
    return page.locator(".where").inner_text()


def rows(page):
    return page.locator(".ledger .row")


def test_the_worst_comes_first_with_its_verdict_in_words(page):
    show(page)
    said = page.locator(".verdicts li").all_inner_texts()
    assert "fake-a@4" in said[0] and "kept 7 of 9 entities" in said[0] and "swapped one role, overwrote one fact" in said[0]
    assert "two minor differences" in said[0] and "fake-b@4" in said[1]


def test_both_texts_carry_the_marks_and_overlaps_stack(page):
    show(page)
    page.locator('[data-severity="acceptable"]').click()
    assert marks(page, '.column[data-column="0"]') == {
        "R 0:0": "Bob hit Alice",
        "E 0:1": "Germany",
        "N 0:2": "1995",
        "P 0:3": "hit",
        "M 0:4": "",  # what was dropped has a place here, and no words
        "M 0:5": "all",
    }
    assert marks(page, ".column.pinned") == {
        "R 0:0": "Alice hit Bob",
        "E 0:1": "France",
        "N 0:2": "1994",
        "P 0:3": "hit",
        "M 0:4": "old",
        "M 0:5": "",
    }
    lines = told(page).locator(".m", has_text="hit").evaluate_all("(all) => all.map((m) => m.style.getPropertyValue('--line'))")
    assert sorted(lines) == ["0", "0", "0", "1"] or sorted(set(lines)) == ["0", "1"]  # each has its own line


def test_marks_leave_the_texts_as_they_are(page):
    show(page)
    texts = page.evaluate("""() => [...document.querySelectorAll('.texts .text')].map((text) => {
      const copy = text.cloneNode(true);
      copy.querySelectorAll('.head, .window').forEach((n) => n.remove());
      return copy.textContent;
    })""")
    assert texts == [SOURCE, FIRST, SECOND]


def test_severity_and_kind_show_without_colour(page):
    show(page)
    style = "(e) => [getComputedStyle(e).borderBottomStyle, getComputedStyle(e).paddingBottom]"
    assert told(page).locator(".m.serious").first.evaluate(style)[0] == "solid"
    assert told(page).locator(".m.minor").first.evaluate(style)[0] == "dashed"
    assert told(page).locator(".m.acceptable").count() == 0
    shapes = page.locator(".matrix thead .kind").evaluate_all(
        "(all) => all.map((e) => [e.textContent, getComputedStyle(e.querySelector('.shape')).clipPath])"
    )
    assert [letter for letter, _ in shapes] == list("EINR¬MCPLT") and len({shape for _, shape in shapes}) == 7


def test_the_matrix_counts_and_filters_everything(page):
    show(page)
    field = page.locator('[data-field="0:entity_list"]')
    assert field.get_attribute("aria-label") == "fake-a@4, Names, identifiers, numbers: 2 serious, 0 minor"
    assert field.inner_text().split() == ["2", "E1", "N1"]
    field.focus()
    page.keyboard.press("Enter")
    assert page.locator('[data-field="0:entity_list"]').get_attribute("aria-pressed") == "true"
    assert set(marks(page, '.column[data-column="0"]')) == set(marks(page, ".column.pinned")) == {"E 0:1", "N 0:2"}
    assert marks(page, '.column[data-column="1"]') == {}
    assert rows(page).count() == 2 and where(page) == "0 / 2"
    assert page.evaluate("document.activeElement.dataset.field") == "0:entity_list"
    page.keyboard.press("Enter")
    assert rows(page).count() == 5 and page.locator('[data-field="0:entity_list"]').get_attribute("aria-pressed") == "false"


def test_rows_of_the_matrix_wait_while_a_run_lasts(page):
    waiting = [columns()[0], {"compressor": "fake-b@4", "status": "reconstructing", "progress": 0.5}]
    show(page, waiting, status="running", progress=0.5)
    height = page.locator(".matrix").bounding_box()["height"]
    assert page.locator(".matrix tbody .name").all_inner_texts() == ["●fake-a@4", "■fake-b@4"]
    assert page.locator(".matrix tbody button").count() == 8
    show(page, status="done")
    assert page.locator(".matrix tbody button").count() == 16
    assert abs(page.locator(".matrix").bounding_box()["height"] - height) < 20  # less than a row
    show(page, waiting, run=2)
    assert page.locator(".matrix tbody tr").count() == 1  # what was stopped is not waited for


def test_the_legend_filters_by_kind(page):
    show(page)
    page.locator('[data-kind="modifier"]').click()
    assert [r.split()[0][0] for r in rows(page).all_inner_texts()] == ["M", "M"]
    assert (
        set(marks(page, '.column[data-column="0"]')) == {"M 0:4", "M 0:5"} and len(marks(page, '.column[data-column="1"]')) == 1
    )
    page.locator('[data-severity="minor"]').click()
    assert rows(page).count() == 0 and "Filters hide all 6" in page.locator(".ledger .empty").inner_text()
    page.locator(".ledger .clear").click()
    assert rows(page).count() == 6


def test_the_source_carries_the_marks_of_the_chosen_column_or_of_all(page):
    show(page)
    page.locator('[data-focus="1"]').click()
    assert marks(page, ".column.pinned") == {"M 1:0": "red"} and rows(page).count() == 1
    page.locator('[data-focus="all"]').click()
    assert len(marks(page, ".column.pinned")) == 6 and rows(page).count() == 6
    assert page.locator(".column.pinned .head .sign.of").count() == 6  # whose it is


def test_equal_marks_of_several_columns_are_one(page):
    made = [column(name, FIRST, both(SOURCE, FIRST, "entity", "France", "Germany")) for name in ("a", "b", "c")]
    show(page, made)
    page.locator('[data-focus="all"]').click()
    heads = page.locator(".column.pinned .head")
    assert heads.count() == 1 and "".join(heads.inner_text().split()) == "E≠●■◆" and rows(page).count() == 3


def test_n_and_p_step_through_the_ledger(page):
    show(page)
    assert where(page) == "0 / 5"
    page.keyboard.press("n")
    assert where(page) == "1 / 5" and "France became Germany." in page.locator(".current").inner_text()
    assert page.evaluate('document.activeElement.matches(\'.column[data-column="0"] .head[data-d="0:1"]\')')
    assert page.locator(".column.pinned .m.chosen").inner_text().endswith("France")
    assert "Germany" in page.locator(".ledger [aria-current]").inner_text()
    page.keyboard.press("Shift+N")
    assert where(page) == "5 / 5"
    page.keyboard.press("n")
    page.keyboard.press("n")
    assert where(page) == "2 / 5"


def test_the_sentence_stays_in_sight(page):
    page.set_viewport_size({"width": 900, "height": 500})
    show(page)
    for _ in range(3):
        page.keyboard.press("n")
    page.wait_for_function("scrollY > 100")
    page.wait_for_timeout(500)
    bar, mark = page.locator(".current").bounding_box(), page.locator(":focus").bounding_box()
    assert 0 <= bar["y"] < 400 and mark["y"] >= bar["y"] + bar["height"] and mark["y"] < 500


def test_keys_are_off_while_typing(page):
    show(page)
    page.evaluate("document.body.insertAdjacentHTML('afterbegin', '<textarea id=typing></textarea>')")
    page.locator("#typing").type("no panic")
    assert where(page) == "0 / 5" and page.locator("#typing").input_value() == "no panic"


@pytest.mark.parametrize("how", ["click", "Enter"])
def test_a_row_leads_to_both_spans(page, how):
    show(page)
    page.locator('[data-view="words"]').click()
    row = page.locator('[data-row="0:2"]')
    row.click() if how == "click" else (row.focus(), page.keyboard.press("Enter"))
    assert where(page) == "3 / 5" or where(page) == "2 / 5"
    for text in (page.locator(".column.pinned .text"), told(page)):
        chosen = text.locator(".head.chosen")
        assert chosen.count() == 1
        page.wait_for_function(
            "(e) => { const r = e.getBoundingClientRect(); return r.top >= 0 && r.bottom <= innerHeight; }",
            arg=chosen.element_handle(),
        )
    assert page.evaluate("document.activeElement.dataset.d") == "0:2"
    page.keyboard.press("Enter")  # and back
    assert page.evaluate("document.activeElement.dataset.row") == "0:2"


def test_a_row_of_a_long_text_scrolls_both_boxes(page):
    source, late = f"{SOURCE} " * 30 + "It was blue.", f"{SOURCE} " * 30 + "It was green."
    show(page, [column("a", late, both(source, late, "modifier", "blue", "green"))], source=source)
    page.keyboard.press("n")
    for box in (".column.pinned .text", ".column[data-column] .text"):
        page.wait_for_function(
            """(box) => {
              const [text, mark] = [box, `${box} .head`].map((s) => document.querySelector(s).getBoundingClientRect());
              return mark.top > text.top && mark.bottom < text.bottom;
            }""",
            arg=box,
        )


def test_hovering_links_a_mark_and_its_row(page):
    show(page)
    told(page).locator('.m[data-d="0:1"] .w').first.hover()
    assert page.locator(".ledger .row.near").get_attribute("data-row") == "0:1"
    assert page.locator(".column.pinned .m.near").inner_text().endswith("France")
    rows(page).nth(1).hover()
    assert told(page).locator(".m.near").get_attribute("data-d") == "0:2"


def test_a_row_says_how_sure_and_whether_the_prior_did_it(page):
    show(page)
    first, second = rows(page).nth(0).inner_text(), rows(page).nth(1).inner_text()
    assert "sure" in first and "source France" in first and "came back Germany" in first and "overwritten" in first
    odds = page.locator(".odds").inner_text().split()
    assert [odds[odds.index(name) + 1] for name in ("memory", "alone")] == ["50%", "10%"] and "1·10⁻⁴" in odds
    assert "possible" in second and "overwritten" not in second
    assert "Swaps cannot be scored in place." in page.locator(".ledger .reason").inner_text()


def test_odds_that_clear_the_prior_are_one_line(page):
    show(page, [column("a", FIRST, both(SOURCE, FIRST, "entity", "France", "Germany", overwriting=False, in_place=ODDS))])
    assert "not the prior" in rows(page).inner_text() and "prior alone 10% : 1·10⁻⁴" in page.locator(".odds-line").inner_text()
    assert page.locator("table.odds").count() == 0


def test_a_changed_phrase_is_not_struck_out(page):
    cut = both(SOURCE, FIRST, "modifier", "the old dog", "the dog", change="dropped")
    gone = both(SOURCE, FIRST, "modifier", "red", None, change="dropped")
    show(page, [column("a", FIRST, cut, gone)])
    struck = page.locator(".column.pinned .w").evaluate_all(
        "(all) => all.filter((w) => getComputedStyle(w).textDecorationLine === 'line-through').map((w) => w.textContent)"
    )
    assert struck == ["red"]


def test_every_entity_and_what_became_of_it(page):
    rows = (
        Entity(status="kept", label="PER", source=span(SOURCE, "Clara"), reconstruction=span(FIRST, "Clara")),
        Entity(status="changed", label="LOC", source=span(SOURCE, "France"), reconstruction=span(FIRST, "Germany")),
    )
    show(page, [column("a", FIRST, entities=rows), column("b", SECOND)])
    listed = page.locator(".ledger .entities")
    assert listed.count() == 1 and listed.locator("summary").inner_text() == "●a Every entity: changed 1, kept 1"
    listed.locator("summary").click()
    assert listed.locator(".entity").all_inner_texts() == ["France → Germany", "Clara"]


def test_words_or_meaning(page):
    show(page)
    page.locator('[data-view="words"]').click()
    assert page.locator(".column[data-column] .w.substituted").count() > 2 and page.locator(".texts .head").count() == 0
    assert page.evaluate("document.activeElement.dataset.view") == "words"
    page.keyboard.press("n")
    assert page.evaluate("document.activeElement.matches('.w')")
    show(page, run=2)  # the choice stays
    assert page.locator(".texts .head").count() == 0
    page.locator('[data-view="meaning"]').click()
    assert page.locator(".texts .head").count() > 5


def test_words_are_the_default_where_no_difference_was_found(page):
    show(page, [column("a", FIRST)])
    assert page.locator('[data-view="words"]').get_attribute("aria-pressed") == "true"
    assert page.locator(".column[data-column] .w.substituted").count()
    assert "No difference in meaning" in page.locator(".ledger .empty").inner_text()


def test_many_rows_are_folded_and_stepping_unfolds_them(page):
    long = " ".join(f"w{i}" for i in range(40))
    show(page, [column("a", long, *(both(long, long, "number", f"w{i} ".strip(), f"w{i}") for i in range(10, 40)))], source=long)
    assert rows(page).count() == 12 and page.locator(".ledger .more").inner_text() == "Show 18 more"
    page.keyboard.press("Shift+N")
    assert where(page) == "30 / 30" and rows(page).count() == 30


def test_a_kind_of_somebodys_own_is_shown(page):
    show(page, [column("a", FIRST, both(SOURCE, FIRST, "irony", "Bob", "Bob"))])
    assert rows(page).inner_text().startswith("I") and "irony" in rows(page).inner_text()
    assert page.locator('.ledger [data-dimension="other"]').count() == 1
    page.locator('[data-field="0:other"]').click()
    assert rows(page).count() == 1 and set(marks(page, ".column.pinned")) == {"I 0:0"}


def test_hostile_text_stays_text(page):
    hostile = both(HOSTILE, HOSTILE, "entity", "<img src=x onerror=alert(1)>", "<script>alert(1)</script>", explanation=HOSTILE)
    odd = divergence("<b>x</b>", source=span(HOSTILE, "שלום"), explanation="<b>bold</b>", overwriting=True, in_place=ODDS)
    entity = Entity(status="dropped", label="<b>", source=span(HOSTILE, "<img src=x onerror=alert(1)>"), reconstruction=None)
    more = {"notes": {"overwriting": "<b>why</b>"}, "entities": (entity,)}
    made = [column("<i>name</i>", HOSTILE, hostile, odd, **more) for _ in range(2)]
    show(page, made, source=HOSTILE)
    page.locator('[data-focus="all"]').click()
    page.keyboard.press("n")
    assert page.locator(".cv :is(img, script, b, i)").count() == 0
    assert "<script>alert(1)</script>" in rows(page).first.inner_text()


def test_badges_of_retention(page):
    show(page)
    badge = page.locator('.column[data-column="0"] .badge[data-name="entities"]')
    assert badge.locator("dd").inner_text() == "7/9"
    assert page.locator('.column[data-column="0"] .badge[data-name="role_f1"] dd').inner_text() == "60.0%"
    badge.locator(".help").click()
    assert "entities kept" in page.locator(".help-panel code").inner_text()


def test_in_korean(page):
    show(page, language="ko")
    assert "역할 1건 뒤바뀜" in page.locator(".verdicts").inner_text()
    assert "확실" in rows(page).first.inner_text() and "덮어씀" in rows(page).first.inner_text()


def test_two_texts_show_only_what_they_have(page):
    show(page, columns()[:1], pair=True)
    names = page.locator(".badge").evaluate_all("(all) => all.map((b) => b.dataset.name)")
    assert names == ["entities", "numbers", "role_f1"]
    assert page.locator(".spectrum:visible, .heat:visible, .limits:visible").count() == 0


def test_a_failure_after_the_text_came_leaves_the_text(page):
    broken = columns()[0] | {"status": "error", "error": "the disk went away", "divergences": None}
    show(page, [broken])
    assert "the disk went away" in page.locator(".failed").inner_text() and "Germany" in told(page).inner_text()


def test_reduced_motion_jumps_at_once(page):
    page.emulate_media(reduced_motion="reduce")
    show(page)
    assert page.locator(".m").first.evaluate("(e) => getComputedStyle(e).transitionDuration") == "0s"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_everything_has_contrast(page, theme):
    page.evaluate("(dark) => document.body.classList.toggle('dark', dark)", theme == "dark")
    show(page)
    page.locator('[data-severity="acceptable"]').click()
    page.keyboard.press("n")
    page.mouse.move(0, 0)
    for part in (
        ".shape",
        ".matrix .minor",
        ".matrix .split",
        ".facts > span:not(.kind)",
        ".row .sentence",
        ".said .sentence",
        ".badge-word",
    ):
        for paint in page.locator(f".cv {part}").evaluate_all(f"(all) => all.map({PAINT})"):
            assert contrast(*paint) >= 4.5, (theme, part, paint)


@pytest.mark.parametrize("width", [390, 768])
def test_nothing_is_wider_than_the_screen(page, width):
    page.set_viewport_size({"width": width, "height": 800})
    made = [*columns(), *columns()]
    show(page, [c | {"compressor": f"pocket-{i}@64"} for i, c in enumerate(made)])
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.keyboard.press("n")
    page.wait_for_function(
        "(w) => { const r = document.activeElement.getBoundingClientRect(); return r.left >= 0 && r.right <= w; }", arg=width
    )
