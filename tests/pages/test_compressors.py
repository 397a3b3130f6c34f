"""Large compressors on the page: listed before they load, loaded beside everything else, released; failing in one sentence."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager

import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

from inspector.pages import build, launch_options
from inspector.pages.compressors import Desk
from inspector.pages.labels import words
from inspector.pages.loads import Apart, Loads, NotLoaded
from inspector.pages.probes import Probes
from inspector.pages.run import Runs, first_choice, known, labelled
from inspector.views.reasons import bilingual
from models.compressor import Loading, Row
from models.hub.card import Card, Check, Part
from models.registry import Registry
from tests.conftest import WINDOW, fake_rows, tiny_decoder, tiny_soft
from tests.pages.conftest import LIMIT, TEXT

CHECK = Check("token_accuracy", 0.5, "A made-up bound.")
PARTS = (Part("nobody/adapter", 500_000_000, "cc-by-4.0"), Part("nobody/base", 14_500_000_000, "apache-2.0"))
GATE, PACE = threading.Event(), threading.Event()  # what `blocking` and `large` wait for


def loaded(notes: bool = True):
    made = tiny_soft(tiny_decoder(7), 7)
    if notes:
        made.notes = {"self_test": "Self-test passed: token accuracy 0.97.", "limits": "It was never trained on <b>verse</b>."}
    return made


def takes_a_moment(told):
    told(Loading("download", 0.4, "6.0 GB of 15.0 GB from nobody/base"))
    assert PACE.wait(120)
    for stage in ("weights", "self-test"):
        told(Loading(stage, 0.0, "reading 15.0 GB" if stage == "weights" else "one sentence"))
        time.sleep(0.3)
    return loaded()


def fails(told):
    told(Loading("weights", 0.0, ""))
    time.sleep(0.2)
    raise RuntimeError("fails is not used: self-test failed: token accuracy 0.02 where at least 0.5 is asked for\nat line 7")


def runs_out(told):
    raise MemoryError


def blocks(told):
    told(Loading("download", 0.5, "7.5 GB of 15.0 GB from nobody/base"))
    assert GATE.wait(120)
    return loaded(notes=False)


def large(name: str, load, title: str = "A large one", **changes) -> Row:
    settings = {"parts": PARTS, "paper": "https://example.org/paper", "code": "javascript:alert(1)", "limits": "It paraphrases."}
    card = Card(check=CHECK, **settings | changes)

    def made(options, told=lambda _: None):
        return load(told)

    return Row(name, title, "soft", (4, 16), 4, WINDOW, made, card=card, why_not=card.why_not, family="hub")


def pattern() -> Row:
    def of(model: str) -> Row:
        return large(f"mine:{model}", takes_a_moment, f"Mine: {model}")

    return Row(
        "mine:MODEL",
        "One of yours",
        "soft",
        (4,),
        4,
        WINDOW,
        lambda _: None,
        why_not=lambda: "put a model in MODEL's place",
        pattern=of,
    )


def table() -> Registry:
    rows = [
        large("large", takes_a_moment, "Large: takes a moment"),
        large("fails", fails, "Fails: the wrong base model"),
        large("hungry", runs_out, "Hungry: runs out of memory"),
        large("blocking", blocks, "Blocking: takes as long as the test wants"),
        large("pickled", fails, "Pickled", parts=(Part("nobody/pickled", 7, "mit", pickle=True),)),
        large("never", fails, "Never published", blocked="its weights were never published"),
        pattern(),
    ]
    return Registry([*fake_rows(), *rows])


@pytest.fixture(autouse=True)
def nothing_here(monkeypatch, tmp_path):
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setenv("INSPECTOR_HUB", "")
    monkeypatch.setenv("INSPECTOR_ALLOW", "low-memory")
    GATE.clear()
    PACE.set()
    yield
    GATE.set()
    PACE.set()


def wait_until(true, seconds: float = 30) -> None:
    ends = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < ends
        time.sleep(0.02)


# Behind the page


def test_one_load_serves_all_who_ask_and_tells_how_far_it_is():
    registry, began = table(), []
    row = registry.rows["blocking"]
    registry.rows["blocking"] = large("blocking", lambda told: (began.append(1), blocks(told))[1])
    loads, address = Loads(registry), registry.resolve("blocking@16")
    for _ in range(3):
        loads.start(registry.resolve("blocking@4"))
        loads.start(address)
    wait_until(lambda: loads.states()["blocking"]["share"] == 0.5)
    told = {"state": "loading", "stage": "download", "share": 0.5, "said": bilingual("7.5 GB of 15.0 GB from nobody/base")}
    assert loads.states() == {"blocking": told} and began == [1] and row.card
    GATE.set()
    wait_until(lambda: loads.states() == {"blocking": {"state": "loaded", "said": None}})
    loads.start(address)
    assert began == [1]
    loads.release("blocking")
    assert loads.states() == {} and not registry.is_loaded(address)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("fails", "fails is not used: self-test failed: token accuracy 0.02 where at least 0.5 is asked for"),
        ("hungry", "hungry ran out of memory on cpu"),
        ("never", "never is not ready: its weights were never published"),
        ("pickled", "pickled is not ready: the weights of nobody/pickled are published as a pickle only"),
    ],
)
def test_what_fails_is_one_sentence_and_can_be_tried_again(name, said):
    desk = Desk(table())
    for number in range(2):
        assert desk.answer({"do": "load", "address": f"{name}@4", "id": number})["id"] == number
        wait_until(lambda: desk.answer({"do": "look"})["states"][name]["state"] == "failed")
        told = desk.answer({"do": "look"})["states"][name]["said"]
        assert told["en"].startswith(said) and "\n" not in told["en"] and told["ko"].startswith(f"{name}: ")


def test_no_room_is_said_before_and_after(monkeypatch):
    from models.hub.row import hub_row

    monkeypatch.setenv("INSPECTOR_ALLOW", "")
    monkeypatch.setattr("models.hub.room.free", lambda device: 2_000_000_000)
    monkeypatch.setattr("models.hub.row.fetch", lambda part, told: None)
    card = Card(PARTS, CHECK)
    desk = Desk(Registry([hub_row("wide", "Wide", "soft", (4,), 4, WINDOW, card, lambda *_: loaded())]))
    room = desk.answer({"do": "list"})["rows"][0]["card"]["room"]
    assert room["en"].startswith("Its weights need 15.0 GB and 2.0 GB are free on cpu")
    desk.answer({"do": "load", "address": "wide"})
    wait_until(lambda: desk.answer({"do": "look"})["states"]["wide"]["state"] == "failed")
    assert desk.answer({"do": "look"})["states"]["wide"]["said"]["en"].startswith("wide is not loaded: its weights need 15.0 GB")


def test_the_list_says_what_each_takes():
    answer = Desk(table()).answer({"do": "list", "made": ["mine:/m", 7]})
    states = {row["name"]: row["state"] for row in answer["rows"]}
    assert states["fake-a"] == "ready" and states["fake-absent"] == states["never"] == states["pickled"] == "blocked"
    assert states["large"] == "download" and states["mine:MODEL"] == "pattern" and answer["made"][0]["name"] == "mine:/m"
    card = next(row["card"] for row in answer["rows"] if row["name"] == "large")
    assert (card["key"], card["download"], card["memory"]) == ("large", "15.0 GB", "15.0 GB")
    assert card["parts"][0] == {
        "repo": "nobody/adapter",
        "size": "0.5 GB",
        "licence": bilingual("cc-by-4.0"),
        "here": False,
        "pickle": False,
    }
    assert card["paper"] == "https://example.org/paper" and card["code"] == "" and card["published"] is False
    assert answer["here"]["device"] == "cpu" and answer["here"]["free"].endswith("GB") and answer["here"]["minutes"] == "30"


@pytest.mark.parametrize(
    "ask",
    [
        None,
        7,
        [],
        {},
        {"do": "load"},
        {"do": "load", "address": "x" * 9_000},
        {"do": "make", "address": "mine:"},
        {"do": "list", "made": 3},
    ],
)
def test_whatever_a_browser_sends_is_answered(ask):
    assert Desk(table()).answer(ask)["states"] == {}


def test_a_run_never_loads_a_large_one():
    registry = table()
    frames = list(Runs(registry).frames(TEXT, ["large@4", "fake-a@4", "large@16"], "s", {"moment": 1.0}))
    first, other, second = frames[-1]["columns"]
    assert (first["status"], other["status"], second["status"]) == ("unloaded", "done", "unloaded") and frames[-1][
        "status"
    ] == "done"
    assert first["card"]["download"] == "15.0 GB" and first["error"] is None and other["marks"] and other["card"] is None
    alone = list(Runs(registry).frames(TEXT, ["large@4"], "s", {"moment": 1.0}))
    assert alone[-1]["status"] == "done" and alone[-1]["progress"] == 1.0 and not registry.loaded()
    registry.load(registry.resolve("large"))
    column = list(Runs(registry).frames(TEXT, ["fake-a@4", "large@4"], "s", {"moment": 1.0}))[-1]["columns"][1]
    assert column["status"] == "done" and column["card"] is None and column["marks"]
    notes = column["notes"]
    assert notes["self_test"] == bilingual("Self-test passed: token accuracy 0.97.") and "verse" in notes["limits"]["ko"]


def test_what_cannot_be_had_fails_as_any_other():
    column = list(Runs(table()).frames(TEXT, ["never@4"], "s", {"moment": 1.0}))[-1]["columns"][0]
    assert column["error"]["en"] == "never is not ready: its weights were never published"


def test_other_ways_into_a_run_do_not_load_it_either():
    runs = Runs(table())
    with pytest.raises(
        NotLoaded, match=r"large is large and not loaded: load it on the Compressors page .* 15\.0 GB are downloaded"
    ):
        runs.table.load(runs.table.resolve("large@4"))
    assert isinstance(runs.table, Apart) and runs.table.load(runs.table.resolve("fake-a"))
    ask = {"probe": "samples", "text": TEXT, "compressor": "large@4", "moment": 1.0}
    assert "not loaded: load it on" in list(Probes(runs).frames(ask, "s"))[-1]["message"]


def test_choices_say_what_loading_takes():
    registry = table()
    assert "large@16" in known(registry) and "never@4" not in known(registry) and first_choice(registry, None)[0] == "fake-a@4"
    assert not [name for name in first_choice(registry, None) if registry.resolve(name).row.card]
    found = {address: label for label, address in labelled(registry)}
    assert found["large@4"] == "large@4 · 15.0 GB to download" and found["fake-a@4"] == "fake-a@4"
    assert dict(map(reversed, labelled(registry, "ko")))["large@4"] == "large@4 · 15.0 GB 내려받아야 함"
    registry.load(registry.resolve("large"))
    assert dict(map(reversed, labelled(registry)))["large@4"] == "large@4"


def test_every_state_has_its_words():
    for spoken in words().values():
        for state in ("ready", "here", "download", "pattern", "blocked", "loading", "loaded", "failed"):
            assert spoken[f"compressors.state.{state}"]
        for stage in ("begin", "download", "weights", "self-test"):
            assert spoken[f"loads.stage.{stage}"]
        assert spoken["view.status.unloaded"] and spoken["view.limits.hub"]


# In the browser


@contextmanager
def opened(chosen):
    registry = table()
    app = build(registry, chosen, limit=LIMIT)
    launch = launch_options() | {"prevent_thread_lock": True, "quiet": True, "server_name": "127.0.0.1"}
    _, address, _ = app.launch(**launch)
    try:
        yield address, registry
    finally:
        app.close(verbose=False)


@pytest.fixture(scope="module")
def site():
    with opened(["fake-a@4", "large@4"]) as found:
        yield found


@pytest.fixture
def tab(visit, site):
    def open_tab(query: str = "?tab=compressors", **context):
        one = visit(query, site[0], **context)
        one.page.wait_for_selector(".shelf li")
        return one.page

    yield open_tab
    for name in ("large", "blocking", "mine:/models/x"):
        site[1].release(name)


def line(page, name: str):
    return page.locator(f".shelf li[data-name='{name}']")


def begin(page, name: str) -> None:
    line(page, name).locator(".fold").click()
    line(page, name).locator(".load").click()


def test_programs_are_told_how_to_load(site):
    with pytest.raises(AppError) as caught:
        Client(site[0], verbose=False).predict(TEXT, ["fake-a@4", "large@4"], api_name="/inspect")
    said = str(caught.value)
    assert (
        "Large is large and not loaded: load it on the Compressors page (?tab=compressors); 15.0 GB are downloaded then" in said
    )
    assert "python -m inspector inspect --compressor large@4" in said and "\n" not in said


@pytest.mark.ui
def test_the_list_is_filtered_and_opens_to_the_facts(tab):
    page = tab()
    assert page.locator(".shelf > li").count() == 11
    page.locator("[data-group=download]").click()
    assert page.locator(".shelf .name").all_inner_texts() == ["large", "fails", "hungry", "blocking"]
    page.locator("[data-group=all]").click()
    page.locator(".compressors input[type=search]").fill("LARGE moment")
    assert page.locator(".shelf .name").all_inner_texts() == ["large"]
    page.locator(".compressors input[type=search]").fill("no such thing")
    page.locator(".compressors .welcome").wait_for()
    page.locator(".compressors input[type=search]").fill("")
    line(page, "large").locator(".fold").press("Enter")
    assert page.evaluate("document.activeElement.getAttribute('aria-expanded')") == "true"
    told = line(page, "large").inner_text()
    for fact in (
        "15.0 GB to download · cc-by-4.0, apache-2.0",
        "nobody/base 14.5 GB, apache-2.0",
        "It paraphrases.",
        "A made-up bound.",
    ):
        assert fact in told
    assert "Never run here on the published weights." in told and "free on cpu" in told
    links = line(page, "large").locator("a")
    assert links.evaluate_all("(all) => all.map((a) => [a.href, a.rel])") == [
        ["https://example.org/paper", "noopener noreferrer"]
    ]
    line(page, "pickled").locator(".fold").click()
    assert (
        "(the option --allow pickle)" in line(page, "pickled").inner_text() and not line(page, "pickled").locator(".load").count()
    )


@pytest.mark.ui
def test_load_use_and_release(tab, site):
    page = tab()
    PACE.clear()
    begin(page, "large")
    page.wait_for_function("document.querySelector('.how-far')?.textContent.includes('of 15.0 GB from nobody/base')")
    assert line(page, "large").get_attribute("data-state") == "loading"
    other = tab()  # somebody else sees it loading, and need not press anything
    other.wait_for_selector("li[data-name=large][data-state=loading]")
    PACE.set()
    page.wait_for_selector("li[data-name=large][data-state=loaded]")
    other.wait_for_selector("li[data-name=large][data-state=loaded]")
    page.wait_for_function(
        "document.querySelector('li[data-name=large]').innerText.includes('Self-test passed: token accuracy 0.97.')"
    )
    page.locator("[data-group=loaded]").click()
    assert page.locator(".shelf .name").all_inner_texts() == ["large"]
    line(page, "large").locator("select").select_option("16")
    line(page, "large").locator(".use").click()
    page.wait_for_function(
        "[...document.querySelectorAll('#compressors .token')].some((t) => t.textContent.includes('large@16'))"
    )
    assert page.evaluate("document.body.dataset.page") == "compare"
    page.locator(".pages a[data-page=compressors]").click()
    page.locator("[data-group=all]").click()
    line(page, "large").locator(".release").click()
    page.wait_for_selector("li[data-name=large][data-state=download]")
    assert not site[1].loaded()


@pytest.mark.ui
def test_what_nobody_used_is_shown_as_released(tab, site):
    page = tab()
    begin(page, "large")
    page.wait_for_selector("li[data-name=large][data-state=loaded]")
    assert site[1].release_unused(0) == ["large"]  # as the timer does
    page.wait_for_selector("li[data-name=large][data-state=download]")
    line(page, "large").locator(".load").wait_for()


@pytest.mark.ui
def test_what_fails_says_so_in_its_row(tab):
    page = tab()
    begin(page, "fails")
    begin(page, "hungry")
    page.wait_for_selector("li[data-name=fails][data-state=failed]")
    page.wait_for_selector("li[data-name=hungry][data-state=failed]")
    assert "self-test failed: token accuracy 0.02" in line(page, "fails").locator(".failed").inner_text()
    assert "ran out of memory on cpu" in line(page, "hungry").locator(".failed").inner_text()
    begin_again = line(page, "fails").locator(".load")
    assert begin_again.inner_text() == "Try again" and page.locator(".shelf > li").count() == 11


@pytest.mark.ui
def test_a_model_of_ones_own_makes_a_row(tab):
    page = tab()
    line(page, "mine:MODEL").locator(".fold").click()
    field = line(page, "mine:MODEL").locator(".maker input")
    field.fill("/a folder")
    field.press("Enter")
    page.wait_for_selector(".maker .failed:not([hidden])")
    assert "a folder's name may not hold white space" in page.locator(".maker .failed").inner_text()
    field.fill("/models/x")
    line(page, "mine:MODEL").locator(".make").click()
    page.wait_for_selector("li[data-name='mine:/models/x'] .load")
    line(page, "mine:/models/x").locator(".load").click()
    page.wait_for_selector("li[data-name='mine:/models/x'][data-state=loaded]")


@pytest.mark.ui
def test_the_column_of_a_large_one_loads_it_and_runs(visit, site, tab):
    one = visit("", site[0])
    one.box.fill(TEXT)
    one.page.click("#compare")
    one.wait_for_end()
    column = one.page.locator(".column[data-status=unloaded]")
    told = column.inner_text()
    assert "15.0 GB to download · cc-by-4.0, apache-2.0." in told and "Takes 15.0 GB of memory" in told
    assert one.page.locator(".column[data-status=done]").count() == 1
    before = one.run_number()
    PACE.clear()
    column.locator(".load").click()
    one.page.wait_for_function("document.querySelector('.unloaded .how-far')?.textContent.includes('GB from nobody/base')")
    PACE.set()
    one.wait_for_end(after=before)
    columns = one.page.locator(".column[data-status=done]")
    assert columns.count() == 2 and "It was never trained on <b>verse</b>." in columns.nth(1).inner_text()
    columns.nth(1).locator(".limits-told .help").click()
    assert "Self-test passed: token accuracy 0.97." in one.page.locator(".help-panel").inner_text()
    one.page.locator("#compressors .token").filter(has_text="download").wait_for(state="detached")


@pytest.mark.ui
def test_other_runs_go_on_while_one_loads(visit, site, tab):
    page = tab()
    begin(page, "blocking")
    page.wait_for_function("document.querySelector('.how-far')?.textContent.includes('7.5 GB of 15.0 GB')")
    one = visit("", site[0])
    one.box.fill(TEXT)
    one.page.click("#compare")
    one.wait_for_end()
    assert one.page.locator(".column[data-status=done]").count() == 1
    assert line(page, "blocking").get_attribute("data-state") == "loading"
    GATE.set()
    page.wait_for_selector("li[data-name=blocking][data-state=loaded]")


@pytest.mark.ui
@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_phone_needs_no_sideways_scrolling(tab, language):
    page = tab(f"?tab=compressors&lang={language}", viewport={"width": 390, "height": 800})
    for name in ("large", "pickled", "mine:MODEL"):
        line(page, name).locator(".fold").click()
    assert page.evaluate("document.documentElement.scrollWidth <= 390")
    assert words()[language]["compressors.group.download"] in page.locator(".compressors .bar").nth(1).inner_text()
