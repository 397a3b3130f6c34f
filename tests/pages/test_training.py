"""The Training page in Chromium, around logs made here: curves, sentences, checkpoints, a visitor's own log."""

from __future__ import annotations

import json

import pytest

from inspector.pages.labels import presets, words
from inspector.pages.training import visitors
from models.training.logs import LARGEST
from tests.logs import COLUMNS, fields, put
from tests.pages.conftest import TEXT, served

HOSTILE = "<b>bold</b> <img src=x onerror=alert(1)> ${7*7} %{y} {{x}} «한국어» مرحبا 🐝 \u0000"


def logs(folder):
    points = ((250_000, "fake-words+digits"), (900_000, "fake-words+names"), (1_500_000, "fake-a+early"))
    put(folder, name="small", parameters=600_000, scale=0.6)
    put(folder, name="large", checkpoints=[{"tokens": t, "address": a} for t, a in points])
    seldom = fields(points=200)["rows"]
    for i, row in enumerate(seldom):
        row[COLUMNS.index("overwriting_16")] = 0.5 if i % 40 == 0 else None
    put(folder, name="long", rows=seldom, series="ordinary", title=HOSTILE)
    put(folder, name="few", points=4, series="joint")
    (folder / "broken.json").write_text(json.dumps(fields(name="broken", series="best")), encoding="utf-8")


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    logs(folder)
    with served(runs=folder) as address:
        yield address


class Training:
    """A visitor of the page."""

    def __init__(self, visit, address: str, query: str = "?tab=training", **context) -> None:
        self.visit = visit(query, address, **context)
        self.page = self.visit.page
        self.view = self.page.locator("#training-view .cv")

    def wait(self):
        self.page.wait_for_selector("#training-view .panel .main-svg")
        return self

    def traces(self, panel: str) -> list[dict]:
        """What a panel draws: name, points, look."""
        return self.page.evaluate(
            """(panel) => {
              const plot = document.querySelector(`[data-panel="${panel}"] .plot`);
              return plot.data.map(({ name, x, y, line, marker, mode, connectgaps }) => ({
                name, x: [...x], y: [...y], dash: line?.dash, colour: line?.color ?? marker.color, width: line?.width,
                symbol: marker?.symbol, type: plot.layout.xaxis.type, mode, gaps: !connectgaps,
              }));
            }""",
            panel,
        )

    def load(self, name: str, content: bytes) -> None:
        self.view.locator("input[type=file]").set_input_files({"name": name, "mimeType": "application/json", "buffer": content})


@pytest.fixture
def training(visit, runs):
    return lambda *args, **context: Training(visit, runs, *args, **context).wait()


pytestmark = pytest.mark.ui


def test_the_runs_stand_on_the_same_axes_and_zoom_together(training):
    one = training()
    panels = one.view.locator(".panel").evaluate_all("(all) => all.map((p) => p.dataset.panel)")
    assert panels == ["erank_batch", "entropy", "loss", "accuracy", "overwriting", "prior"]
    drawn = [t for t in one.traces("erank_batch") if t["name"]]
    assert [t["name"] for t in drawn] == ["Run of small", "Run of large"]  # by size
    assert drawn[0]["y"][0] == 3 and drawn[1]["y"][0] == 5
    assert len({(t["colour"]) for t in drawn}) == len({t["dash"] for t in drawn}) == len({t["symbol"] for t in drawn}) == 2
    ranges = one.view.locator(".plot").evaluate_all("(all) => all.map((p) => JSON.stringify(p.layout.xaxis.range))")
    assert len(set(ranges)) == 1
    summary = one.view.locator(".summary").inner_text()
    assert "rises, then falls in 2 of 2 runs" in summary and "lower at the end in 2 of 2" in summary
    about = one.view.locator("article[data-run=large]").inner_text()
    assert "Effective rank at 16× rises, then falls: 5.00 at 0 tokens → 54." in about
    assert "large started from noise." in about and "2 CPU cores" in about and "512 vectors" in about
    assert "python -m models.training train large" in about
    assert "broken.json is not drawn: 'series' is \"best\"; known:" in one.view.locator(".message").inner_text()
    one.page.evaluate(
        "Plotly.relayout(document.querySelector('[data-panel=loss] .plot'), {'xaxis.range[0]': 1e5, 'xaxis.range[1]': 5e5})"
    )
    one.page.wait_for_function(
        "document.querySelector('[data-panel=entropy] .plot').layout.xaxis.range.join() === '100000,500000'"
    )


def test_ratio_series_runs_and_the_log_axis_are_chosen(training):
    one = training()
    one.view.locator("[data-key='series-ordinary']").click()
    one.view.locator("[data-key='series-joint']").click()
    assert len([t for t in one.traces("loss") if t["name"]]) == 4
    seldom = one.traces("overwriting")[-2]  # measured at five rows of 200: points on a line
    assert seldom["mode"] == "lines+markers" and not seldom["gaps"] and one.traces("loss")[-1]["gaps"]
    assert "too few points to tell (4; 6 are needed)" in one.view.locator("article[data-run=few]").inner_text()
    assert "in 3 of 3 runs" in one.view.locator(".summary").inner_text()  # what cannot be told is not counted
    one.view.locator("[data-key='ratio-4']").click()
    assert "Effective rank at 4×" in one.view.locator("article[data-run=small]").inner_text()
    assert one.view.locator("[data-panel=overwriting]").count() == 0  # measured at 16× only
    one.view.locator("[data-key=log]").press("Enter")
    assert one.traces("loss")[0]["type"] == "log"
    assert one.page.evaluate("document.activeElement.dataset.key") == "log"
    run = one.view.locator("button.run").first
    run.click()
    assert one.view.locator("button.run").first.get_attribute("aria-pressed") == "false"
    assert "Run of small" not in [t["name"] for t in one.traces("loss")]


def test_a_title_is_text_wherever_it_stands_and_the_table_says_the_same_in_numbers(training):
    one = training()
    one.view.locator("[data-key='series-ordinary']").click()
    assert HOSTILE.replace("\0", "") in one.view.locator("article[data-run=long] .name").inner_text().replace("\0", "")
    assert one.view.locator("b, img, a").count() == 0
    box = one.view.locator("[data-panel=erank_batch] .plot").bounding_box()
    one.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    hover = one.view.locator("[data-panel=erank_batch] .hoverlayer")
    hover.get_by_text("<b>bold</b>").wait_for()
    assert one.view.locator("image").count() == 0
    one.view.locator(".numbers summary").click()
    tables = one.view.locator(".numbers table")
    assert tables.count() == 3 and tables.first.locator("tbody tr").count() == 24
    assert tables.nth(2).locator("tbody tr").count() == 40 and "40 of 200 rows" in tables.nth(2).inner_text()
    assert tables.nth(1).locator("tbody tr").first.locator("td").all_inner_texts()[0] == "5.00"


def chosen(one) -> list[str]:
    return one.page.locator(".cv .column:not(.pinned) .name").all_inner_texts()


def test_a_checkpoint_is_replayed_on_the_persons_text(training):
    one = training()
    one.page.click(".pages a[data-page=compare]")
    one.visit.box.fill(TEXT)
    one.page.click(".pages a[data-page=training]")
    one.view.locator("[data-key='ratio-4']").click()
    assert "fake-a+early at 1.5 M tokens: not shipped here" in one.view.locator("article[data-run=large]").inner_text()
    one.view.locator("[data-replay='fake-words+digits']").click()
    one.visit.wait_for_end()
    assert [name[1:] for name in chosen(one)] == ["fake-words+digits@4", "fake-words@4"]
    one.visit.box.wait_for()
    assert one.visit.box.input_value() == TEXT and "tab=" not in one.page.url
    one.page.go_back()
    one.view.locator("[data-replay=all]").click()
    one.visit.wait_for_end(after=one.visit.run_number())
    assert [name[1:] for name in chosen(one)] == ["fake-words+digits@4", "fake-words+names@4", "fake-words@4"]


def test_a_star_is_replayed_and_without_a_text_the_first_example_is_taken(training):
    one = training()
    one.view.locator("[data-key='ratio-4']").click()
    star = one.view.locator("[data-panel=erank_batch] .scatterlayer .trace").last.locator("path.point").nth(1)
    box = star.bounding_box()
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    one.page.mouse.click(middle[0], middle[1] + 60)  # beside it nothing happens
    one.page.mouse.move(*middle, steps=3)
    one.page.wait_for_timeout(200)  # Plotly names a point once the pointer has come to rest
    one.page.mouse.click(*middle)
    one.visit.wait_for_end()
    assert [name[1:] for name in chosen(one)] == ["fake-words+names@4", "fake-words@4"]
    assert one.visit.box.input_value() == presets()[0]["text"]


def test_a_visitors_log_is_drawn_beside_ours_and_taken_away_again(training):
    one = training()
    mine = fields(name="small", title=HOSTILE, scale=1.5, series="joint", ratios=[4, 16, 64])
    one.load("mine.json", json.dumps(mine).encode())
    article = one.view.locator("article", has_text="onerror")
    article.wait_for()
    assert "yours" in article.inner_text() and len([t for t in one.traces("loss") if t["name"]]) == 3
    assert one.view.locator("[data-key='ratio-64']").count() == 1 and one.view.locator("b, img").count() == 0
    article.get_by_role("button", name="Remove").click()
    assert len([t for t in one.traces("loss") if t["name"]]) == 2


BROKEN = [
    (b"", "mine.json is not drawn: it is no JSON"),
    (b"[" * 90_000, "it nests too deep"),
    (b'{"name": "\xff"}', "it is no UTF-8 text"),
    (json.dumps(fields(series="<img src=x>")).encode(), "'series' is \"<img src=x>\"; known: main"),
    (b"x" * (LARGEST + 1), "a log may have 1,000 kB"),
]


def test_a_visitors_broken_log_is_told_and_ours_stay(training):
    one = training()
    for content, said in BROKEN:
        one.load("mine.json", content)
        one.view.locator(".message", has_text=said).wait_for()
        assert one.view.locator("button.run").count() == 2 and one.view.locator("img").count() == 0


def test_present_mode_is_large_and_thick(training):
    one = training("?tab=training&present=1")
    assert one.traces("loss")[0]["width"] >= 4
    sizes = one.view.evaluate("""(view) => [...view.querySelectorAll('p, button, h2, .panel text, .label, summary')]
      .filter((n) => n.getClientRects().length && n.textContent.trim()).map((n) => parseFloat(getComputedStyle(n).fontSize))""")
    assert min(sizes) >= 20


def test_korean_dark_and_narrow(training):
    one = training("?tab=training&lang=ko&__theme=dark", viewport={"width": 390, "height": 844})
    ko = words()["ko"]
    assert one.page.locator(".pages [aria-current]").inner_text() == ko["page.name.training"]
    assert "올랐다가 내려감" in one.view.locator("article[data-run=large]").inner_text()
    assert one.page.evaluate("document.documentElement.scrollWidth") <= 390
    one.page.wait_for_function("document.querySelector('[data-panel=loss] .plot').data[0].line.color === '#56b4e9'")


def test_without_logs_one_sentence_says_so(visit, tmp_path):
    with served(runs=tmp_path / "nowhere") as address:
        one = Training(visit, address)
        one.view.locator(".welcome").wait_for()
        assert one.view.locator(".welcome").inner_text() == words()["en"]["training.empty"]
        one.load("mine.json", json.dumps(fields()).encode())
        one.wait()
        assert one.view.locator("button.run").count() == 1


def test_what_a_client_sends_is_refused_in_words(fakes):
    for own in ("x", [1], {"name": 7}, {"name": "x" * 5_000, "text": None}, {"text": "\ud800"}):
        told = visitors(own, fakes, 1)
        assert told["own"] and not told["runs"] and "no JSON" in told["problems"][0]["said"]["en"]
        json.dumps(told, ensure_ascii=False).encode()
        assert len(told["problems"][0]["file"]) <= 200
