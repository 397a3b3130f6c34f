"""The Export menu in Chromium, around fakes: files, figures, images; and what the server keeps of a comparison for it."""

import json
import struct
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from inspector import gallery
from inspector.compare import compare
from inspector.inspection import Comparison
from inspector.pages.export import answer
from inspector.pages.finished import Finished
from inspector.pages.labels import words
from tests.pages.conftest import TEXT

EN, KO = words()["en"], words()["ko"]
ui = pytest.mark.ui
HOSTILE = "Anna </foreignObject><script>alert(1)</script> ${x} 🐝 שלום \x01nul & <b>12</b> pears."
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def made(fakes) -> Comparison:
    return compare(TEXT, ["fake-a@4", "fake-words@2"], registry=fakes)


def run(one, text: str = TEXT) -> None:
    before = one.run_number()
    one.box.fill(text)
    one.page.click("#compare")
    one.wait_for_end(after=before)
    one.page.wait_for_function("document.querySelectorAll('#compare-view .texts .w').length > 5")
    one.page.locator("#compare-view section.spectrum .js-plotly-plot svg").first.wait_for()


def menu(one) -> None:
    one.page.wait_for_timeout(200)
    one.page.locator("#export details.export summary").click()
    one.page.locator("#export details.export .row").first.wait_for()


def grab(one, label: str) -> tuple[str, bytes]:
    with one.page.expect_download() as download:
        one.page.get_by_role("button", name=label, exact=True).click()
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def size(png: bytes) -> tuple[int, int]:
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    return struct.unpack(">II", png[16:24])


def colours(one, png: bytes) -> dict[str, int]:
    """How many points of an image have a colour, of every fourth."""
    return one.page.evaluate(
        """async (bytes) => {
          const image = await createImageBitmap(new Blob([new Uint8Array(bytes)], { type: 'image/png' }));
          const canvas = new OffscreenCanvas(image.width, image.height);
          const pen = canvas.getContext('2d');
          pen.drawImage(image, 0, 0);
          const { data } = pen.getImageData(0, 0, image.width, image.height);
          const found = {};
          for (let i = 0; i < data.length; i += 16) {
            const key = `${data[i]},${data[i + 1]},${data[i + 2]}`;
            found[key] = (found[key] ?? 0) + 1;
          }
          return found;
        }""",
        list(png),
    )


@ui
def test_files_of_the_finished_comparison(visit):
    one = visit("?lang=en")
    run(one)
    menu(one)
    name, data = grab(one, "Comparison: JSON")
    comparison = Comparison.from_json(data)
    assert name == "comparison.json" and comparison.source.text == TEXT
    assert [i.compressor for i in comparison.inspections] == ["fake-a@4", "fake-words@2"]
    assert EN["export.saved"].replace("{name}", name) == one.page.locator("#export details.export .said").inner_text()
    name, data = grab(one, "Comparison: Markdown")
    assert name == "comparison.md" and data.decode().startswith("| Measure | fake-a@4 | fake-words@2 |")
    name, data = grab(one, "Comparison: HTML")
    assert name == "comparison.html" and b"Anna met Ben" in data and data.startswith(b"<!doctype html>")


@ui
def test_figures_are_svg_and_png_on_light_paper_in_the_dark_too(visit):
    one = visit("?__theme=dark")
    run(one)
    menu(one)
    name, svg = grab(one, "Singular-value spectrum: SVG")
    root = ET.fromstring(svg)
    assert name == "spectrum.svg" and (root.get("width"), root.get("height")) == ("960", "480")
    assert root.find(f"{SVG}rect").get("fill") == "#ffffff" and b"fake-a@4" in svg
    assert b"#0072b2" in svg.lower() or b"rgb(0, 114, 178)" in svg  # the light page's first colour, not the dark one's
    name, png = grab(one, "Singular-value spectrum: PNG")
    assert size(png) == (2880, 1440)
    found = colours(one, png)
    assert found["255,255,255"] > 0.8 * sum(found.values()) and len(found) > 20
    assert found.get("0,114,178", 0) > 100


@ui
def test_texts_and_heatmap_are_images_whatever_the_text(visit):
    one = visit("?__theme=dark")
    run(one, HOSTILE)
    menu(one)
    name, png = grab(one, "Texts with marks: PNG")
    width, height = size(png)
    assert name == "texts.png" and width == 2 * 330 * 3 and height > 400
    found = colours(one, png)
    assert found["255,255,255"] > 0.5 * sum(found.values()) and len(found) > 50  # drawn, and on light paper
    name, png = grab(one, "Per-token heatmap: PNG")
    assert name == "heatmap.png" and size(png)[0] == 2400 and len(colours(one, png)) > 20


@ui
def test_an_image_goes_to_the_clipboard_or_becomes_a_file(visit):
    one = visit(permissions=["clipboard-read", "clipboard-write"])
    run(one)
    menu(one)
    one.page.get_by_role("button", name="Texts with marks: Copy image").click()
    said = one.page.locator("#export details.export .said")
    one.page.wait_for_function(
        "(t) => document.querySelector('#export details.export .said').textContent === t", arg=EN["export.copied"]
    )
    kinds = one.page.evaluate("navigator.clipboard.read().then((items) => items.flatMap((item) => item.types))")
    assert kinds == ["image/png"]
    one.page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    name, png = grab(one, "Per-token heatmap: Copy image")
    assert name == "heatmap.png" and size(png)[0] == 2400
    assert said.inner_text() == EN["export.no_clipboard"].replace("{name}", name)


@ui
def test_where_a_browser_cannot_make_images_a_sentence_says_so(visit):
    one = visit()
    run(one)
    menu(one)
    one.page.evaluate(
        "() => { HTMLCanvasElement.prototype.toBlob = () => { throw new DOMException('tainted', 'SecurityError'); }; }"
    )
    one.page.get_by_role("button", name="Texts with marks: PNG").click()
    one.page.wait_for_function(
        "(t) => document.querySelector('#export details.export .said').textContent === t", arg=EN["export.no_image"]
    )
    assert one.page.locator("iframe").count() == 0


@ui
def test_the_sweep_and_the_training_curves(visit):
    one = visit()
    run(one)
    one.page.locator(".sweep > header > button").first.click()
    one.page.wait_for_function("document.querySelectorAll('.sweep .js-plotly-plot').length === 4")
    one.page.wait_for_function("document.querySelector('.sweep progress').hidden")
    menu(one)
    name, svg = grab(one, "Truncation sweep: SVG")
    assert name == "sweep.svg" and ET.fromstring(svg).get("width") == "1040"
    assert len(ET.fromstring(svg).findall(f"{SVG}svg")) == 4 and EN["view.sweep.bleu"].encode() in svg
    _, svg = grab(one, "Singular-value spectrum: SVG")  # which stands in the same section
    assert len(ET.fromstring(svg).findall(f"{SVG}svg")) == 1
    other = visit("?tab=training")
    other.page.locator(".training .js-plotly-plot .scatterlayer").first.wait_for()
    with other.page.expect_download() as download:
        other.page.locator(".figures button").nth(1).click()
    png = Path(download.value.path()).read_bytes()
    assert download.value.suggested_filename == "training.png" and size(png)[0] == 3 * 1040
    assert len(colours(other, png)) > 20


@ui
def test_the_menu_is_quiet_speaks_korean_and_fits_a_phone(visit):
    one = visit("?lang=ko", viewport={"width": 390, "height": 800})
    one.page.locator("#export details.export").wait_for(state="hidden")
    run(one)
    menu(one)
    assert KO["export.texts"] in one.page.locator("#export details.export .list").inner_text()
    box = one.page.locator("#export details.export .panel").bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= 390
    assert one.page.evaluate("document.documentElement.scrollWidth") <= 390
    one.page.keyboard.press("Escape")
    one.page.locator("#export details.export .panel").wait_for(state="hidden")


@ui
def test_the_gallery_becomes_one_file(visit):
    one = visit("?tab=gallery")
    button = one.page.locator(".take .talk-gallery")
    button.wait_for()
    assert one.page.locator(".take .talk-own").is_disabled()  # nothing is on one's own list yet
    with one.page.expect_download() as download:
        button.click()
    text = Path(download.value.path()).read_text(encoding="utf-8")
    assert download.value.suggested_filename == "talk.html" and all(f'"id": "{c.id}"' in text for c in gallery.cases())


def test_a_session_gets_its_own_last_comparison_and_nobody_elses(made, fakes):
    finished = Finished()
    finished.put("anna", 1, made)
    order = {"moment": 3.5, "kind": "json", "run": 1}
    told = answer(order, "anna", finished, fakes)
    assert told == {"moment": 3.5, "name": "comparison.json", "text": made.to_json()}
    for session, wrong in (("ben", {}), ("anna", {"run": 2}), ("anna", {"run": None}), ("anna", {"run": "1"})):
        assert answer(order | wrong, session, finished, fakes) == {"moment": 3.5, "error": EN["export.gone"]}
    assert answer(order | {"kind": "exe", "language": "ko"}, "anna", finished, fakes)["error"] == KO["export.failed"]


def test_what_is_kept_is_bounded(made):
    finished = Finished(sessions=2)
    for number, session in enumerate("abc"):
        finished.put(session, number, made)
        finished.put(session, number, made)  # takes its own place
    assert finished.get("a", 0) is None and finished.get("b", 1) == made and finished.get("c", 2) == made
    finished.put("d", 3, made)  # b was asked for before c
    assert finished.get("b", 1) is None and finished.get("c", 2) == made
    small = Finished(size=10)
    small.put("a", 1, made)
    assert small.get("a", 1) is None


def test_a_stored_case_is_exported_where_its_live_run_failed(fakes):
    told = answer({"kind": "json", "run": None, "case": "bee"}, "anna", Finished(), fakes)
    assert Comparison.from_json(told["text"]) == gallery.stored("bee")
    chosen = answer({"kind": "talk", "cases": ["who"]}, "anna", Finished(), fakes)["text"]
    assert '"id": "who"' in chosen and '"id": "bee"' not in chosen
    assert json.loads(chosen.split('id="inspector-data">')[1].split("</script>")[0])["talk"] is True
