"""The app around the pages: header, language, theme, static files, and how it is served."""

from __future__ import annotations

import json
import logging
import os
import threading
from collections.abc import Sequence
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import gradio as gr

from inspector.compare import LIMIT, InputError
from inspector.pages.annotate import annotate_page
from inspector.pages.compare import MODEL, compare_page
from inspector.pages.compressors import compressors_page
from inspector.pages.finished import Finished
from inspector.pages.gallery import gallery_page
from inspector.pages.labels import STATIC, module, translation, url, word
from inspector.pages.links import Links
from inspector.pages.pair import pair_page
from inspector.pages.probe_page import probe_page
from inspector.pages.programs import doors
from inspector.pages.run import first_choice
from inspector.pages.studies import SHIPPED, studies_page
from inspector.pages.training import RUNS, training_page
from inspector.probes.reader import load as read_by
from inspector.views.annotate import Annotations
from models.hub.find import missing
from models.registry import Registry
from models.registry import registry as default_registry

PLOTLY = Path(find_spec("plotly").origin).parent / "package_data" / "plotly.min.js"  # found without importing plotly
QUEUE = 100  # runs that may wait; more are refused with a sentence
FONTS = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "sans-serif")
MONO = ("ui-monospace", "SF Mono", "DejaVu Sans Mono", "Menlo", "monospace")


def header() -> gr.HTML:
    """Name, language, theme and present mode; drawn by static/page.js, which also wires the keyboard."""
    return gr.HTML(
        "",
        html_template='<div class="page-head"></div>',
        js_on_load=module("page.js", "m.mount(element);"),
        apply_default_css=False,
        padding=False,
        elem_id="page-head",
    )


def relabelled(labels: dict[Any, dict[str, str]]) -> None:
    """A hidden button that gives components labels in the page's language, where it is not the browser's."""
    speak, order = gr.Button(visible="hidden", elem_id="speak"), gr.JSON(visible="hidden")

    def relabel(order: Any) -> list[Any]:
        language = str(order.get("language")) if isinstance(order, dict) else "en"
        return [gr.update(**{name: word(key, language) for name, key in values.items()}) for values in labels.values()]

    settings = {"queue": False, "api_visibility": "private", "show_progress": "hidden"}
    speak.click(relabel, [order], list(labels), js="() => [window.inspector.order()]", **settings)


def build(
    registry: Registry | None = None,
    compressors: Sequence[str] | None = None,
    limit: int = LIMIT,
    runs: Path = RUNS,
    study: Path = SHIPPED,
    links: Links | None = None,
    store: Annotations | None = None,
    present: bool = False,
    reader: str | None = None,
) -> gr.Blocks:
    """The app, to be launched with `launch_options`.

    Args:
        registry: where compressors come from; the process's own by default.
        compressors: addresses chosen when the page opens, at most four; presets then leave them as they are.
        limit: most tokens a text may have.
        runs: folder with the logs of training runs.
        study: folder of the study that the Studies page opens with.
        links: where texts too long for a link are kept; a folder of the user's by default.
        store: people's labels; a database of the user's by default.
        present: run the gallery's cases at once, for a talk.
        reader: a language model, a folder or hub name, that reads what comes back on the Probe page.

    Raises:
        UnknownCompressor, InputError: `compressors` or `reader` cannot be used.
    """
    # The browser often runs beside us: threads that spin while they wait for each other take its core, and it takes theirs.
    # Measured on 2 cores beside a busy process: 1.1 s in place of 3.8 s for 4 compressors × 128 tokens (alone: 1.2 and 0.7 s).
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # read when torch loads, which is later
    gr.set_static_paths([STATIC, PLOTLY])
    table, finished = registry or default_registry(), Finished()
    if reader and (reason := missing(reader)):
        raise InputError(f"--reader: {reason}")
    warm = lru_cache(maxsize=1)(lambda: warm_up(table, compressors, reader))
    with gr.Blocks(title="Inspector", analytics_enabled=False, fill_width=True) as app:
        header()
        with gr.Column(elem_id="compare-page"):
            labels = compare_page(table, compressors, limit, links, finished, present)
        with gr.Column(elem_id="pair-page"):
            labels |= pair_page(table, limit, finished)
        with gr.Column(elem_id="probe-page"):
            probe_page(table, compressors, limit, MODEL, reader)
        with gr.Column(elem_id="gallery-page"):
            gallery_page(table)
        with gr.Column(elem_id="training-page"):
            training_page(table, runs)
        with gr.Column(elem_id="studies-page"):
            studies_page(study)
        with gr.Column(elem_id="compressors-page"):
            compressors_page(table)
        with gr.Column(elem_id="annotate-page"):
            annotate_page(table, store, finished)
        doors(table, limit)
        relabelled(labels)
        app.load(lambda: warm() and None, queue=False, api_visibility="private", show_progress="hidden")
    app.queue(max_size=QUEUE)
    return app


def launch_options(present: bool = False) -> dict[str, Any]:
    """Keyword arguments of `launch`: nothing leaves the machine, nothing typed is kept."""
    boot = (STATIC / "boot.js").read_text(encoding="utf-8")  # in the page itself, so that it runs before the components
    head = "\n".join(
        (
            f"<script>window.INSPECTOR_PRESENT = {json.dumps(present)};\n{boot}</script>",
            *(
                f'<link rel="stylesheet" href="{url(STATIC / name)}">'
                for name in (
                    "compare.css",
                    "meaning.css",
                    "probes.css",
                    "probe-page.css",
                    "training.css",
                    "studies.css",
                    "gallery.css",
                    "loads.css",
                    "export.css",
                    "annotate.css",
                    "page.css",
                    "present.css",
                )
            ),
            f'<script src="{url(PLOTLY)}"></script>',
        )
    )
    theme = gr.themes.Base(
        primary_hue=gr.themes.colors.zinc,
        secondary_hue=gr.themes.colors.zinc,
        neutral_hue=gr.themes.colors.zinc,
        font=FONTS,
        font_mono=MONO,
        radius_size=gr.themes.sizes.radius_sm,
    )
    return {
        "theme": theme,
        "head": head,
        "i18n": translation(),
        "run_history": False,
        "ssr_mode": False,
        "share": False,
        "max_file_size": "1mb",
        "strict_cors": True,
        "show_error": False,  # what went wrong is said by us, in one sentence
        "footer_links": [],
        "allowed_paths": [],
        "enable_monitoring": False,
    }


def warm_up(
    registry: Registry | None = None, compressors: Sequence[str] | None = None, reader: str | None = None
) -> threading.Thread:
    """Load the chosen compressors, the language pipeline and the reader behind the page's back, so that nobody need wait for
    them."""
    table = registry or default_registry()

    def load() -> None:
        for address in map(table.resolve, first_choice(table, compressors)):
            if address.row.card:
                continue  # a large one waits until somebody presses Load
            try:
                table.load(address)
            except Exception as error:  # the page says it when the compressor is used
                logging.getLogger(__name__).warning("%s: %s", address, error)
        try:
            from inspector.divergence import diverge

            diverge("A bee sees the flower.", "The bee sees a flower.")
        except Exception as error:
            logging.getLogger(__name__).warning("differences in meaning: %s", error)
        try:
            if reader:
                read_by(reader)
        except RuntimeError as error:
            logging.getLogger(__name__).warning("the reader: %s", error)

    thread = threading.Thread(target=load, daemon=True, name="warm-up")
    thread.start()
    return thread
