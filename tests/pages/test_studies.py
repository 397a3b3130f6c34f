"""The Studies page in a browser: the study that ships, a visitor's own, and what is no study."""

from io import BytesIO

import pyarrow.parquet
import pytest

from tests.studies.test_paradox import series
from tests.studies.test_statistics import table

NAME = "<img src=x onerror=window.hit=1>"
pytestmark = pytest.mark.ui


def content() -> bytes:
    out = BytesIO()
    rows = [row | {"set": NAME} for row in series((20, 40, 60), (8, 6, 4))]
    pyarrow.parquet.write_table(table(*rows), out)
    return out.getvalue()


@pytest.fixture
def studies(visit):
    return lambda **context: visit("?tab=studies", **context).page


def drawn(page):
    page.wait_for_selector("#studies-view .panel .main-svg", timeout=120_000)
    return page.locator("#studies-view .cv")


def give(page, name: str, data: bytes) -> None:
    file = {"name": name, "mimeType": "application/octet-stream", "buffer": data}
    page.locator("#studies-view input[type=file]").set_input_files(file)


def test_the_shipped_study_a_visitors_own_and_what_is_none(studies):
    page = studies()
    view = drawn(page)
    assert "the paradox does not show" in view.locator(".st-verdict .summary").inner_text()
    names = view.locator(".panel[data-panel='size-0'] .plot").evaluate(
        "(p) => p.data.filter((t) => t.mode.includes('lines')).map((t) => t.name)"
    )
    assert names == ["4×", "16×", "64×"]
    assert "pocket-s+joint" in view.inner_text() and "19,000" in view.inner_text()
    view.get_by_role("button", name="Drift accuracy", exact=True).click()
    assert "Drift accuracy" in view.locator(".st-verdict .summary").inner_text()

    view.get_by_role("button", name="directions kept").click()
    panels = [view.locator(f".panel[data-panel='size-{k}']") for k in (0, 1)]
    kept = "(p) => p.data.filter((t) => t.mode.includes('lines')).map((t) => [t.name, t.x.join()])"
    assert panels[0].locator(".plot").evaluate(kept) == [["pocket-s@16", "2,4,all"], ["pocket-l@16", "2,4,all"]]
    assert "not measured on truncated memories" in panels[1].inner_text() and not panels[1].locator(".plot").count()
    view.locator("select.st-measure").select_option("entities_kept")
    assert len(panels[1].locator(".plot").evaluate(kept)) == 2

    give(page, "mine.parquet", b"no table")
    page.wait_for_selector("#studies-view .message")
    assert view.locator(".message").inner_text() == "mine.parquet is no Parquet file."
    assert "pocket-l" in view.inner_text()  # what was shown stays

    give(page, "mine.parquet", content())
    page.wait_for_function("document.querySelector('#studies-view .st-facts')?.innerText.includes('mine.parquet')")
    assert "the paradox shows" in view.locator(".st-verdict").inner_text()
    assert page.evaluate("window.hit") is None
    with page.expect_download() as told:
        view.get_by_role("button", name="LaTeX").click()
    assert told.value.suggested_filename == "study.tex"


def test_korean_and_a_phone(studies):
    page = studies(locale="ko-KR", viewport={"width": 390, "height": 844})
    view = drawn(page)
    assert "역설" in view.locator(".st-verdict .summary").inner_text()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
