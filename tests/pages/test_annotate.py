"""The Annotate page in Chromium, around fakes: from an empty database to an export, keys, undo, two people, hostile text."""

import csv
import io
import json
import re
import zipfile

import pytest

from inspector.annotations import exchange, flat, gold, queues, store
from inspector.annotations.database import open_database
from inspector.annotations.items import Item
from inspector.annotations.labels import Label
from inspector.pages.annotate import annotations
from inspector.pages.labels import words
from inspector.views.annotate import Annotations
from tests.pages.conftest import TEXT, served

pytestmark = pytest.mark.ui
EN = words()["en"]
PAIR = {"source": "The bee saw 3 red flowers near Paris.", "reconstruction": "The flower saw 4 red bees near Rome."}
OTHER = {"source": "Anna gave Ben 12 pears.", "reconstruction": "Ben gave Anna 12 pears.", "compressor": "secret@4"}
HOSTILE = "<img src=x onerror=\"document.title='broken'\"> {{value}} ${1+1} \u202eevil\u0000 Zeile 𝒳y"


@pytest.fixture
def place(tmp_path):
    """An empty database, and the page on it."""
    file, store = tmp_path / "labels.db", Annotations(tmp_path / "labels.db")
    with served(store=store) as address:
        yield file, address
    store.close()


@pytest.fixture
def come(visit, place):
    def go(name="Anna", role="admin", queue=None, **context):
        one = visit("?tab=annotate", place[1], **context)
        one.page.fill("input[name=annotator]", name)
        one.page.select_option("select[name=role]", role)
        one.page.click("form.who button")
        one.page.wait_for_selector("form.make" if role == "admin" else ".annotate .queues, .annotate .welcome")
        if queue:
            one.page.click(f".queue[data-queue='{queue}'] [data-do=work]")
            one.page.wait_for_selector(".words .word, .annotate .welcome")
        return one

    return go


@pytest.fixture
def filled(place):
    """Fill a queue behind the page's back."""

    def fill(name="q", pairs=(PAIR,), **settings):
        with open_database(place[0]) as db:
            queues.create(db, queues.Queue(name, **({"seed": 1, "shown": "never"} | settings)))
            return queues.add_items(db, name, [(Item(**pair), None) for pair in pairs])

    return fill


def said(one, key: str) -> None:
    """Wait until the page says this."""
    start = max(re.split(r"\{\w+\}", EN[key]), key=len)
    one.page.wait_for_function("(text) => document.querySelector('.annotate > .said').textContent.includes(text)", arg=start)


def press(one, *keys: str) -> None:
    for key in keys:
        one.page.keyboard.press(key)


def word(one, side: str, text: str):
    return one.page.locator(f"[data-side={side}] .word", has_text=text).first


def labels(place, queue="q"):
    with open_database(place[0]) as db:
        return {item: {who: event.label for who, event in by.items()} for item, by in queues.labels_of(db, queue).items()}


def named(name: str, data: str | bytes) -> dict:
    return {"name": name, "mimeType": "text/plain", "buffer": data.encode() if isinstance(data, str) else data}


def export(one, format: str) -> bytes:
    one.page.select_option("select[name=format]", format)
    with one.page.expect_download() as caught:
        one.page.click("[data-do=export]")
    return caught.value.path().read_bytes()


def test_from_an_empty_database_to_an_export_by_keys(come, place, tmp_path):
    one = come()
    assert EN["annotate.empty"] in one.page.locator(".home").inner_text()
    one.page.fill("input[name=queue]", "first")
    one.page.click("form.make button")
    one.page.set_input_files("input[name=files]", [named("a.txt", TEXT), named("b.jsonl", json.dumps(PAIR))])
    said(one, "annotate.import.done")
    one.page.select_option("select[name=compressors]", ["fake-words@2", "fake-a@4"])
    one.page.click("[data-do=inspect]")
    said(one, "annotate.inspect.done")
    assert "items 3, texts 1" in one.page.locator(".queue").inner_text()
    one.page.click("[data-do=work]")
    one.page.wait_for_selector(".words .word")
    for done in range(1, 4):
        assert EN["annotate.suggestions.later"] in one.page.locator(".item .rows").inner_text()
        one.page.locator("[data-side=source] .word").nth(1).click()
        one.page.locator("[data-side=reconstruction] .word").first.click()
        press(one, "3", "t", "Enter")
        said(one, "annotate.passed")
        press(one, "ArrowUp", "ArrowDown", "x", "a", "Enter")
        said(one, "annotate.stored")
        held = [label for by in labels(place, "first").values() for label in by.values()]
        assert len(held) == done  # on disk once the page says so
    assert EN["annotate.over"] in one.page.locator(".item").inner_text()
    assert {label.shown for label in held} == {"after"} and {label.verdict for label in held} == {"drift"}
    assert all(mark.kind == "number" for label in held for mark in label.marks if mark.suggestion is None)
    assert any(label.decisions for label in held) and all(label.seconds is not None for label in held)
    one.page.click("[data-do=back]")
    one.page.wait_for_selector(".queue")
    one.page.click("[data-do=more]")
    ours = export(one, "jsonl").decode()
    with open_database(tmp_path / "again.db") as db:
        assert exchange.load(db, ours.rstrip("\n").split("\n"))["items"] == 3
    rows = list(csv.DictReader(io.StringIO(export(one, "csv").decode())))
    assert {row["annotator"] for row in rows} == {"Anna"}
    assert len(json.loads(export(one, "label-studio"))) == 3
    names = zipfile.ZipFile(io.BytesIO(export(one, "datasets"))).namelist()
    assert sorted(names) == ["first/README.md", "first/items.jsonl", "first/labels.jsonl"]


def test_spans_snap_to_words_become_a_pair_and_fall_apart(come, filled, place):
    filled()
    one = come(queue="q")
    first, last = word(one, "source", "red").bounding_box(), word(one, "source", "flowers").bounding_box()
    one.page.mouse.move(first["x"] + first["width"] / 2, first["y"] + first["height"] / 2)
    one.page.mouse.down()
    one.page.mouse.move(last["x"] + last["width"] / 2, last["y"] + last["height"] / 2, steps=5)
    one.page.mouse.up()
    one.page.wait_for_selector(".p.pending")
    press(one, "1")
    word(one, "reconstruction", "red").click()
    word(one, "reconstruction", "bees").click(modifiers=["Shift"])
    press(one, "r", "v", "f", "Enter")
    said(one, "annotate.stored")
    (mark,) = next(iter(labels(place).values()))["Anna"].marks
    assert (mark.source.text, mark.reconstruction.text, mark.kind, mark.severity) == (
        "red flowers",
        "red bees",
        "entity",
        "minor",
    )
    press(one, "u")
    said(one, "annotate.undone")
    assert not any(labels(place).values())  # and the label is back in the form
    press(one, "ArrowDown", "r")
    assert one.page.locator(".item .rows .row").count() == 2
    press(one, "r")
    assert one.page.locator(".item .rows .row").count() == 1
    press(one, "x", "u", "Enter")
    said(one, "annotate.stored")
    assert next(iter(labels(place).values()))["Anna"].marks == (mark,)


def test_words_are_marked_by_keyboard_alone(come, filled, place):
    filled()
    one = come(queue="q")
    one.page.locator("[data-side=source] .word").first.focus()
    press(one, "ArrowRight", "Shift+ArrowRight", "Escape", "8", "q", "Enter")
    said(one, "annotate.stored")
    (mark,) = next(iter(labels(place).values()))["Anna"].marks
    assert mark.source.text == "bee saw" and mark.kind == "predicate" and mark.reconstruction is None


def test_keys_are_off_while_typing_and_printed_on_buttons(come, filled, place):
    filled()
    one = come(queue="q")
    press(one, "m")
    one.page.keyboard.type("sdjt 1?")
    assert one.page.locator("textarea[name=comment]").input_value() == "sdjt 1?"
    assert not one.page.locator("dialog[open]").count() and one.page.locator("[aria-pressed=true][data-action]").count() == 0
    assert one.page.locator("[data-action=submit] kbd").inner_text() == "⏎"
    press(one, "Escape", "?")
    assert EN["annotate.do.relation"] in one.page.locator("dialog[open]").inner_text()
    press(one, "Escape")
    one.page.wait_for_selector("dialog.annotate-help", state="detached")
    press(one, "Enter")
    said(one, "annotate.verdict.first")
    assert not any(labels(place).values())


def test_skip_discard_undo_and_the_list(come, filled, place):
    filled(pairs=(PAIR, OTHER))
    one = come(queue="q")
    begun = one.page.locator("[data-side=source] .words").inner_text()
    press(one, "s")
    said(one, "annotate.did.skip")
    assert one.page.locator("[data-side=source] .words").inner_text() != begun
    press(one, "d")
    said(one, "annotate.did.discard")
    assert one.page.locator("[data-side=source] .words").inner_text() == begun  # what was skipped comes back last
    assert sorted(one.page.locator(".items .state").all_inner_texts()) == ["discarded", "skipped"]
    press(one, "f", "Enter")
    said(one, "annotate.stored")
    press(one, "u")
    said(one, "annotate.undone")
    assert one.page.locator("[data-side=source] .words").inner_text() == begun and not any(labels(place).values())


def half(one) -> None:
    """Begin an item: a rejected suggestion where there is one, a pair, a selected word, a verdict, a comment."""
    word(one, "source", "3").click()
    word(one, "reconstruction", "4").click()
    press(one, "3", "v", "t", "m")
    one.page.keyboard.type("4 for 3")
    press(one, "Escape")
    word(one, "source", "Paris").click()


def whole(one) -> list:
    """All that the form holds, but for the seconds."""
    return one.page.evaluate("(({ form }) => [form.rows, form.verdict, form.comment, form.pending])(window.inspector.annotating)")


def again(one, name="Anna", query="?tab=annotate") -> None:
    """Reload the page and open the queue, whoever was there before."""
    one.page.goto(one.page.url.split("?")[0] + query)
    one.page.fill("input[name=annotator]", name)
    one.page.click("form.who button")
    one.page.wait_for_selector(".queue [data-do=work]:enabled")


@pytest.mark.parametrize("query", ["?tab=annotate", "?tab=annotate&lang=ko"])
def test_what_is_not_sent_survives_a_reload_and_ends_with_the_submit(come, filled, place, query):
    filled(pairs=(PAIR, OTHER), seed=2)
    one = come(queue="q")
    while not word(one, "source", "Paris").count():
        press(one, "s")
        said(one, "annotate.did.skip")
    half(one)
    before = whole(one)
    one.page.evaluate("window.inspector.annotating.form.seconds = 100")
    again(one, query=query)
    language = words()["ko" if "ko" in query else "en"]
    assert language["annotate.queue.unsent"].replace("{n}", "1") in one.page.locator(".queue").inner_text()
    one.page.click(".queue [data-do=work]")
    one.page.wait_for_selector(".draft:visible")
    assert whole(one) == before and before[2] == "4 for 3" and before[3]["source"]["text"] == "Paris"
    press(one, "Enter")
    one.page.wait_for_function("document.querySelector('.items .submitted')")
    (label,) = [by["Anna"] for by in labels(place).values() if by]
    assert (label.verdict, label.comment, label.marks[0].kind, label.marks[0].severity) == ("drift", "4 for 3", "number", "minor")
    assert label.seconds >= 100
    again(one)
    assert "unsent" not in one.page.locator(".queue").inner_text()
    one.page.click(".queue [data-do=work]")
    one.page.locator(".items .submitted").click()
    one.page.wait_for_selector(".items .submitted[aria-current]")
    assert not one.page.locator(".draft:visible").count()


def test_a_restored_draft_can_be_dropped_and_brought_back(come, filled):
    filled()
    one = come(queue="q")
    half(one)
    before = whole(one)
    for end in ("annotate.draft.dropped", None):
        again(one)
        one.page.click(".queue [data-do=work]")
        one.page.click("[data-do=drop-draft]")
        said(one, "annotate.draft.dropped")
        assert whole(one) == [[], None, "", {"source": None, "reconstruction": None}]
        if end:
            one.page.click(".said button")
            assert whole(one) == before
    again(one)
    one.page.click(".queue [data-do=work]")
    one.page.wait_for_selector(".words .word")
    assert whole(one)[0] == [] and not one.page.locator(".draft:visible").count()


def test_a_draft_is_its_annotators_alone_and_goes_with_skip_and_with_an_undo_that_is_sent_again(come, filled, place):
    filled(annotators=2)
    one = come(queue="q")
    half(one)
    before = whole(one)
    again(one, "Ben")
    one.page.click(".queue [data-do=work]")
    one.page.wait_for_selector(".words .word")
    assert whole(one)[0] == [] and "4 for 3" not in one.page.content()
    again(one)
    one.page.click(".queue [data-do=work]")
    one.page.wait_for_selector(".draft:visible")
    press(one, "Enter")
    said(one, "annotate.stored")
    press(one, "u")
    said(one, "annotate.undone")
    again(one)  # what was undone is not sent either
    one.page.click(".queue [data-do=work]")
    one.page.wait_for_selector(".draft:visible")
    assert whole(one)[:3] == before[:3]
    press(one, "s")
    said(one, "annotate.did.skip")
    again(one)
    one.page.click(".queue [data-do=work]")
    one.page.wait_for_selector(".words .word")
    assert whole(one)[0] == []


def test_two_tabs_of_one_person_do_not_overwrite_each_other(come, filled, place):
    filled()
    one, other = come(queue="q"), come(queue="q")
    press(one, "f", "Enter")
    said(one, "annotate.stored")
    press(other, "t", "Enter")
    other.page.wait_for_selector(".said.message button")
    assert "in another tab" in other.page.locator(".annotate > .said").inner_text()
    assert next(iter(labels(place).values()))["Anna"].verdict == "faithful"
    other.page.click(".said.message button")
    other.page.wait_for_selector("[data-action='verdict.faithful'][aria-pressed=true]")
    press(other, "t", "Enter")
    said(other, "annotate.stored")
    assert next(iter(labels(place).values()))["Anna"].verdict == "drift"


def test_two_people_disagree_one_adjudicates_and_detectors_are_measured(come, filled, place):
    (item,) = filled(annotators=2)
    for name, verdict in (("Anna", "f"), ("Ben", "t")):
        one = come(name, "annotator", "q")
        assert not one.page.locator(".others section").count()  # nobody sees another's label before their own
        word(one, "source", "3").click()
        word(one, "reconstruction", "4").click()
        press(one, "3", verdict, "Enter")
        said(one, "annotate.stored")
    one.page.locator(".items button").first.click()
    one.page.wait_for_selector(".others section[data-annotator=Anna]")
    judge = come("Carl", "adjudicator")
    judge.page.click("[data-do=review]")
    judge.page.wait_for_selector(".disagreements li")
    assert "n 1" in judge.page.locator(".agreement table").first.inner_text()
    judge.page.click("[data-do=judge]")
    judge.page.click(".others section[data-annotator=Ben] button")
    press(judge, "Enter")
    said(judge, "annotate.gold.stored")
    with open_database(place[0]) as db:
        right = gold.all_of(db)[item]
    assert right.verdict == "drift" and right.marks[0].reconstruction.text == "4"
    assert judge.page.locator(".disagreements strong").count() == 1


def test_blind_queues_hide_compressors_and_annotators_may_not_make_queues(come, filled, place):
    filled(pairs=(OTHER,), blind=True)
    one = come(role="annotator", queue="q")
    assert EN["annotate.hidden"] in one.page.locator(".item .bar").inner_text()
    assert "secret" not in one.page.content()
    press(one, "t", "Enter")
    said(one, "annotate.stored")
    assert next(iter(labels(place).values()))["Anna"].blind
    one.page.click("[data-do=back]")
    one.page.wait_for_selector(".queue")
    assert not one.page.locator("form.make, [data-do=more], [data-do=review]").count()


def test_a_calibration_round_comes_first_and_shows_its_score(come, filled, place):
    filled(pairs=(OTHER,))
    with open_database(place[0]) as db:
        store.set_person(db, "Carl", "adjudicator")
        (item,) = store.add_items(db, [(Item(**PAIR), None)])
        gold.adjudicate(db, item, "Carl", Label(verdict="drift"))
        queues.add_items(db, "q", [(Item(**PAIR), None)], calibration=True)
    one = come(queue="q")
    assert EN["annotate.calibration"] in one.page.locator(".item .bar").inner_text()
    press(one, "f", "Enter")
    said(one, "annotate.stored")
    assert "0.00" in one.page.locator(".calibration").inner_text()


def test_hostile_text_is_only_text(come, filled, place):
    filled(name="<b>q</b>", pairs=({"source": HOSTILE, "reconstruction": HOSTILE + " more"},))
    with open_database(place[0]) as db:
        guide = "# <script>document.title='broken'</script>\n- **bold** [x](javascript:alert(1))"
        queues.set_guideline(db, "<b>q</b>", store.add_guideline(db, guide))
    one = come("<i>Anna</i>")
    one.page.click("[data-do=work]")
    word(one, "source", "𝒳y").click()
    press(one, "i", "1", "t", "Enter")
    said(one, "annotate.stored")
    (mark,) = next(iter(labels(place, "<b>q</b>").values()))["<i>Anna</i>"].marks
    assert mark.source.text == "𝒳y" and HOSTILE[mark.source.start : mark.source.end] == "𝒳y"
    one.page.locator(".items button").first.click()
    one.page.wait_for_selector(".p.kept")
    assert one.page.title() != "broken" and one.page.locator(".annotate :is(img, script, b, i, a)").count() == 0
    assert "<script>" in one.page.locator(".guideline").inner_text() and one.page.locator(".guideline strong").count() == 1


def test_flag_opens_what_is_shown_with_its_divergences_as_suggestions(visit, place):
    one = visit("", place[1])
    one.box.fill(TEXT)
    one.page.wait_for_timeout(300)  # Gradio hands a typed text on with a short delay
    one.page.click("#compare")
    one.wait_for_end()
    one.page.click(".column[data-column='1'] .flag")
    one.page.wait_for_selector(".desk .word")
    assert "fake-words@2" in one.page.locator(".item .bar").inner_text()
    with open_database(place[0]) as db:
        (suggested,) = [found for found in flat.suggestions(db, queues.FLAGGED).values() if found]
    assert one.page.locator(".item .rows .row").count() == len(suggested.divergences) > 0
    one.page.evaluate("window.inspector.turn('compare')")
    one.page.evaluate("document.activeElement.blur()")
    press(one, "l")
    one.page.wait_for_function("document.querySelector('.annotate .bar')?.textContent.includes('fake-a@4')")


def test_two_texts_can_be_flagged_too(visit, place):
    one = visit("?tab=pair", place[1])
    one.page.locator("#pair-source textarea").fill("Anna met 12 men.")
    one.page.locator("#pair-rewriting textarea").fill("Anna met 13 men.")
    one.page.click("#pair-compare")
    one.page.wait_for_function("window.inspector.shownIn.pair?.status === 'done'")
    one.page.locator("h1").click()
    press(one, "l")
    one.page.wait_for_selector(".desk .word")
    with open_database(place[0]) as db:
        names = list(flat.suggestions(db, queues.FLAGGED))
        item = next(found for found in (store.item(db, name) for name in names) if found.source == "Anna met 12 men.")
    assert item.reconstruction == "Anna met 13 men." and item.compressor is None
    assert one.page.locator(".item .rows .row").count() == 1  # the number, as a suggestion


def test_wrong_files_are_refused_whole_with_a_sentence(come, filled):
    filled()
    one = come()
    one.page.click("[data-do=more]")
    one.page.set_input_files("input[name=files]", [named("a.txt", "fine"), named("b.txt", b"\xff\xfe\x00")])
    one.page.wait_for_selector(".said.message")
    assert "b.txt is not UTF-8" in one.page.locator(".annotate > .said").inner_text()
    assert "texts 0" in one.page.locator(".queue").inner_text()


def test_dropped_files_are_taken_in(come, filled):
    filled()
    one = come()
    one.page.click("[data-do=more]")
    one.page.evaluate("""() => {
      const data = new DataTransfer();
      data.items.add(new File(['one\\n\\ntwo'], 'notes.txt'));
      const drop = new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true });
      document.querySelector('.drop').dispatchEvent(drop);
    }""")
    said(one, "annotate.import.done")
    assert "texts 1" in one.page.locator(".queue").inner_text()


@pytest.mark.parametrize(("host", "auth", "refused"), [("0.0.0.0", None, True), ("::1", None, False), ("localhost", None, False)])
def test_others_on_the_network_may_not_annotate_without_a_login(tmp_path, host, auth, refused):
    made = annotations(str(tmp_path / "x.db"), host, auth).answer({"do": "open", "name": "Anna"}, None)
    assert bool(made.get("refused")) is refused and ("--auth" in made.get("error", "")) is refused


def test_with_a_login_the_name_is_the_logins_and_roles_cannot_be_chosen(tmp_path):
    made = annotations(str(tmp_path / "x.db"), "0.0.0.0", tmp_path / "passwords")
    told = made.answer({"do": "open", "name": "Eve", "role": "admin"}, "anna")
    assert told["me"] == {"name": "anna", "role": "annotator", "login": True}
    refused = made.answer(
        {"do": "create", "name": "Eve", "queue": "q", "annotators": 1, "blind": False, "suggestions": "first"}, "anna"
    )
    assert "needs the role admin" in refused["error"]


def test_on_a_phone_nothing_is_wider_than_the_screen(come, filled):
    filled()
    one = come(queue="q", viewport={"width": 390, "height": 844})
    assert one.page.evaluate("document.documentElement.scrollWidth") <= 390
    one.page.click("[data-do=back]")
    one.page.wait_for_selector(".queue")
    one.page.click("[data-do=more]")
    assert one.page.evaluate("document.documentElement.scrollWidth") <= 390


def touch(one, kind: str, *points: tuple[float, float]) -> None:
    one.cdp.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]})


def drawn(one, side: str, first: str, last: str) -> None:
    """Draw a finger from one word to another."""
    boxes = [word(one, side, text).bounding_box() for text in (first, last)]
    (x, y), (to, down) = [(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2) for box in boxes]
    touch(one, "touchStart", (x, y))
    for step in range(1, 9):
        touch(one, "touchMove", (x + (to - x) * step / 8, y + (down - y) * (step > 4)))
    one.page.wait_for_timeout(200)  # a finger that rests: a flung page would swallow the next tap
    touch(one, "touchMove", (to, down))
    touch(one, "touchEnd")


def test_on_a_phone_words_are_tapped_or_drawn_along_and_linked(come, filled, place):
    filled()
    one = come(queue="q", viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    one.cdp = one.context.new_cdp_session(one.page)

    def pending(side: str) -> None:
        one.page.wait_for_selector(f"[data-side={side}] .p.pending")

    def tapped(text: str) -> None:
        """Tap a word, as a person does: again where the first tap was taken for something else."""
        for _ in range(3):
            word(one, "reconstruction", text).tap()
            one.page.wait_for_timeout(1000)
            if one.page.locator("[data-side=reconstruction] .p.pending").count():
                return
        pending("reconstruction")

    def pressed(action: str, holds: str) -> None:
        """Press a button, and wait for what it does: on a slow machine two touches in a row may be taken for one."""
        one.page.locator(f"[data-action='{action}']").click()
        one.page.wait_for_function(f"(({{ form }}) => {holds})(window.inspector.annotating)")

    drawn(one, "source", "red", "flowers")
    pending("source")
    tapped("bees")
    pressed("kind.entity", "form.rows.length === 1 && form.rows[0].source && form.rows[0].reconstruction")
    drawn(one, "source", "Paris", "near")  # backwards
    pending("source")
    pressed("kind.relation", "form.rows.length === 2")
    tapped("Rome")
    pressed("relation", "form.rows[1].reconstruction?.text === 'Rome'")
    pressed("verdict.drift", "form.verdict === 'drift'")
    one.page.locator("[data-action=submit]").click()
    said(one, "annotate.stored")
    marks = next(iter(labels(place).values()))["Anna"].marks
    assert [(mark.source.text, mark.reconstruction.text) for mark in marks] == [("red flowers", "bees"), ("near Paris", "Rome")]


def test_a_first_visit_is_asked_for_a_name_and_told_of_no_mistake(visit, place):
    one = visit("?tab=annotate", place[1])
    one.page.wait_for_selector("input[name=annotator]")
    one.page.wait_for_function("window.inspector.annotateOrder?.('go')?.id === 1")
    one.page.wait_for_timeout(500)
    assert one.page.locator(".annotate .said").inner_text() == ""
