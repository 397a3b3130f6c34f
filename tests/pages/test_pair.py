"""The page of two texts: what a person does there, and the `diverge` endpoint."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

import inspector.divergence
from inspector.inspection import Report
from inspector.pages.export import answer
from inspector.pages.finished import Finished
from inspector.pages.labels import words
from inspector.pages.pair import Pairs, examples
from tests.pages.conftest import LIMIT, TEXT
from tests.pages.test_endpoint import HOSTILE
from tests.views.made import divergence, report, retention, span

SOURCE, TOLD = "Alice hit Bob in France.", "Bob hit Alice in France."


def engine(source: str, reconstruction: str, **_) -> Report:
    """Finds the whole of both texts swapped wherever they are not the same; fails on demand."""
    if "engine fails" in source:
        raise RuntimeError("a secret path\nand more")
    if source == reconstruction:
        return report(retention=retention((3, 3)))
    whole = span(source, source), span(reconstruction, reconstruction)
    return report(
        divergence("role", "serious", "swapped", *whole, explanation=f"«{source[:40]}» swapped."), retention=retention((2, 3))
    )


@pytest.fixture(scope="module", autouse=True)
def by_hand():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inspector.divergence, "diverge", engine)
        yield


@pytest.fixture(scope="module")
def client(server):
    return Client(server, verbose=False)


def test_the_endpoint_returns_a_report(client):
    made = Report.model_validate(client.predict(SOURCE, TOLD, api_name="/diverge"))
    assert made.divergences[0].source.text == SOURCE and made.divergences[0].reconstruction.end == len(TOLD)


@pytest.mark.parametrize(
    ("source", "reconstruction", "said"),
    [
        ("", TOLD, "Source: The text is empty"),
        (SOURCE, " \n", "Reconstruction: The text is empty"),
        ("word " * 900, TOLD, f"tokens; the limit here is {LIMIT}"),
        (SOURCE, "x" * 1_000_000, "Reconstruction: The text has 1,000,000 characters"),
        (7, TOLD, "Give two texts"),
        ("engine fails", TOLD, "Something failed inside"),
    ],
)
def test_the_endpoint_refuses_in_one_sentence(client, source, reconstruction, said):
    with pytest.raises(AppError) as caught:
        client.predict(source, reconstruction, api_name="/diverge")
    message = str(caught.value)
    assert said in message and "\n" not in message and "secret" not in message


class Pair:
    """A visitor of the page of two texts."""

    def __init__(self, visit, query: str = "?tab=pair", **context) -> None:
        self.visit = visit(query, **context)
        self.page = self.visit.page
        self.page.wait_for_selector("#pair-source textarea", state="attached")

    def box(self, name: str):
        return self.page.locator(f"#pair-{name} textarea")

    def fill(self, source: str, rewriting: str) -> None:
        self.box("source").fill(source)
        self.box("rewriting").fill(rewriting)

    def wait(self, status: str = "done", after: int = 0) -> None:
        arg = [status, after]
        self.page.wait_for_function(
            "([status, after]) => { const s = window.inspector.shownIn.pair; return s?.status === status && s.run > after; }",
            arg=arg,
        )

    @property
    def view(self):
        return self.page.locator("#pair-view .cv")


@pytest.fixture
def pair(visit):
    return lambda *args, **context: Pair(visit, *args, **context)


@pytest.mark.ui
@pytest.mark.parametrize("how", ["button", "Control+Enter"])
def test_two_texts_are_compared(pair, how):
    one = pair()
    one.fill(SOURCE, TOLD)
    one.page.click("#pair-compare") if how == "button" else one.box("rewriting").press(how)
    one.wait()
    assert one.view.locator(".verdicts .sentence").inner_text() == "kept 2 of 3 entities, swapped one role."
    assert one.view.locator(".ledger .row").count() == 1 and one.view.locator(".texts .head").count() == 2
    assert one.box("source").input_value() == SOURCE and one.box("rewriting").input_value() == TOLD
    assert one.visit.run_number() == 0  # no compressor ran
    one.page.locator("h1").click()
    one.page.keyboard.press("n")
    assert one.view.locator(".where").inner_text() == "1 / 1"


@pytest.mark.ui
def test_equal_texts_read_well(pair):
    one = pair()
    one.fill(SOURCE, SOURCE)
    one.page.click("#pair-compare")
    one.wait()
    assert one.view.locator(".verdicts .sentence").inner_text() == "nothing serious found, kept all 3 entities."


@pytest.mark.ui
def test_an_example_runs_at_once(pair):
    one = pair()
    one.page.locator("#pair-examples button").nth(1).click()
    one.wait()
    assert one.box("source").input_value() == examples()[1]["source"]


@pytest.mark.ui
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(pair, text):
    one = pair()
    fill = "(box, text) => { box.value = text; box.dispatchEvent(new Event('input', { bubbles: true })); }"
    one.box("source").evaluate(fill, text)
    one.box("rewriting").evaluate(fill, text + " and more")
    one.page.click("#pair-compare")
    one.wait()
    shown = one.page.evaluate("window.inspector.shownIn.pair")
    assert "".join(gap + word for gap, word in shown["source"]["words"]) + shown["source"]["tail"] == text
    assert one.view.locator(":is(img, script)").count() == 0


@pytest.mark.ui
@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("", "Source: The text is empty"),
        ("half \ud83d", "surrogate"),
        ("x" * 300_000, "limit"),
        ("engine fails", "Something failed"),
    ],
    ids=["empty", "surrogate", "huge", "engine"],
)
def test_an_error_is_one_sentence_and_all_texts_stay(pair, source, said):
    one = pair()
    one.fill(SOURCE, TOLD)
    one.page.click("#pair-compare")
    one.wait()
    fill = """(text) => {
      const box = document.querySelector('#pair-source textarea');
      box.value = JSON.parse(text);
      box.dispatchEvent(new Event('input', { bubbles: true }));
    }"""
    one.page.evaluate(fill, json.dumps(source))
    one.page.click("#pair-compare")
    one.wait("error")
    assert said in one.view.locator(".message").inner_text()
    assert one.box("rewriting").input_value() == TOLD
    assert one.page.evaluate("JSON.stringify(document.querySelector('#pair-source textarea').value)") == one.page.evaluate(
        "(text) => JSON.stringify(JSON.parse(text))", json.dumps(source)
    )
    assert one.view.locator(".ledger .row").count() == 1  # the comparison before is still there


@pytest.mark.ui
def test_pages_are_turned_without_losing_a_text(pair):
    one = pair("")
    one.box("source").wait_for(state="hidden")
    one.visit.box.fill(TEXT)
    one.page.click(".pages a[data-page=pair]")
    one.fill(SOURCE, TOLD)
    one.visit.box.wait_for(state="hidden")
    assert "tab=pair" in one.page.url
    assert one.page.locator(".pages [aria-current]").inner_text() == "Two texts"
    one.page.go_back()
    one.visit.box.wait_for()
    assert one.visit.box.input_value() == TEXT
    one.page.go_forward()
    assert one.box("source").input_value() == SOURCE


@pytest.mark.ui
def test_texts_outlive_a_change_of_language(pair):
    one, ko = pair(), words()["ko"]
    one.fill(SOURCE, TOLD)
    with one.page.expect_navigation():
        one.page.click(".languages [lang=ko]")
    one.page.wait_for_function(
        "(said) => document.querySelector('#pair-compare')?.innerText.startsWith(said)", arg=ko["pair.compare"]
    )
    one.page.wait_for_function("(text) => document.querySelector('#pair-rewriting textarea')?.value === text", arg=TOLD)
    one.page.click("#pair-compare")
    one.wait()
    assert one.view.locator(".verdicts .sentence").inner_text() == "개체 3개 중 2개 유지, 역할 1건 뒤바뀜."
    one.box("source").fill("")
    one.page.click("#pair-compare")
    one.wait("error")
    assert one.view.locator(".message").inner_text() == "원문: 글이 비어 있습니다. 한 단어 이상 입력하세요."


@pytest.mark.ui
@pytest.mark.parametrize("width", [390, 768])
def test_nothing_overflows_sideways(pair, width):
    one = pair(viewport={"width": width, "height": 844})
    one.page.locator("#pair-examples button").first.click()
    one.wait()
    assert one.page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.ui
def test_the_compare_page_shows_meaning_too(visit):
    one = visit()
    one.box.fill(TEXT)
    one.page.click("#compare")
    one.wait_for_end()
    assert one.page.locator("#compare-view .matrix tbody tr").count() == 2
    assert one.page.locator("#compare-view .verdicts .sentence").first.inner_text() == "kept 2 of 3 entities, swapped one role."


def menu(one, name: str, label: str) -> str:
    """The text of a file from the page's own Export menu."""
    if not one.page.locator("#pair-export .panel").is_visible():
        one.page.locator("#pair-export summary").click()
    with one.page.expect_download() as download:
        one.page.locator("#pair-export").get_by_role("button", name=f"Comparison: {label}", exact=True).click()
    assert download.value.suggested_filename == name
    return Path(download.value.path()).read_text(encoding="utf-8")


@pytest.mark.ui
def test_what_is_shown_can_be_taken_along(pair, browser, tmp_path):
    one = pair()
    one.page.locator("#pair-export summary").wait_for(state="hidden")
    one.fill(SOURCE, TOLD)
    one.page.click("#pair-compare")
    one.wait()
    assert Report.model_validate_json(menu(one, "comparison.json", "JSON")) == engine(SOURCE, TOLD)
    table = menu(one, "comparison.md", "Markdown")
    assert table.startswith("| Measure | Rewriting |") and "| Entities | 2/3 |" in table and TOLD in table
    assert "ratio" not in table.lower()  # nothing was compressed
    file = tmp_path / "pair.html"
    file.write_text(menu(one, "comparison.html", "HTML"), encoding="utf-8")
    page = browser.new_page()
    page.goto(file.as_uri())
    page.locator("main .texts .head").first.wait_for()
    assert page.locator("main .verdicts .sentence").inner_text() == "kept 2 of 3 entities, swapped one role."
    page.close()


@pytest.mark.ui
def test_a_link_brings_both_texts_back_and_compares_them(pair):
    one = pair()
    one.fill(SOURCE, "")
    one.box("rewriting").fill(TOLD)
    one.page.click("#share")
    link = one.page.locator("dialog.share input").input_value()
    assert "#s=" in link and SOURCE not in link
    other = pair(link[link.index("/", 8) + 1 :])
    other.wait()
    assert other.box("source").input_value() == SOURCE and other.box("rewriting").input_value() == TOLD
    other.page.locator("#pair-page").wait_for()
    assert other.visit.run_number() == 0


def test_a_session_gets_its_own_pair_and_nobody_elses(fakes):
    finished = Finished()
    pairs = Pairs(fakes, LIMIT, finished)
    *_, last = pairs.frames(SOURCE, TOLD, session="anna")
    order = {"moment": 1.5, "kind": "json", "run": last["run"], "pair": True}
    made = answer(order, "anna", finished, fakes)
    assert Report.model_validate_json(made["text"]) == engine(SOURCE, TOLD)
    gone = {"moment": 1.5, "error": words()["en"]["export.gone"]}
    for session, more in (("ben", {}), ("anna", {"run": 99}), ("anna", {"pair": False}), ("anna:pair", {"pair": False})):
        assert answer(order | more, session, finished, fakes) == gone, (session, more)
    korean = answer(order | {"kind": "markdown", "language": "ko"}, "anna", finished, fakes)["text"]
    assert words()["ko"]["pair.rewriting"] in korean and "개체" in korean
