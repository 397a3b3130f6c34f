"""The app around the pages: header, language, theme, static files, and how it is served."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import gradio as gr
import plotly

from inspector.pages.compare import DEFAULT, compare_page
from models.registry import Registry
from models.registry import registry as default_registry

STATIC = Path(__file__).parents[2] / "static"
PLOTLY = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
QUEUE = 16  # runs that may wait for the model
FONTS = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "sans-serif")
MONO = ("ui-monospace", "SF Mono", "DejaVu Sans Mono", "Menlo", "monospace")


def header() -> gr.HTML:
    """Name, language, theme and present mode; drawn by static/page.js, which also wires the keyboard."""
    return gr.HTML(
        "",
        html_template='<div class="page-head"></div>',
        js_on_load=module("page.js", "m.mount(element)"),
        apply_default_css=False,
        padding=False,
        elem_id="page-head",
    )


def module(name: str, call: str) -> str:
    """JavaScript that loads a module of `static` and calls it as `m`; the address follows the page's own."""
    return f"import(new URL({json.dumps(f'gradio_api/file={STATIC / name}')}, document.baseURI)).then((m) => {call});"


@lru_cache(maxsize=1)
def words() -> dict[str, dict[str, str]]:
    return json.loads((STATIC / "words.json").read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def translation() -> gr.I18n:
    """Labels of native components; keys of `words.json` with `_` for `.`, which Gradio would read as nesting."""
    return gr.I18n(**{language: {k.replace(".", "_"): v for k, v in table.items()} for language, table in words().items()})


def build(registry: Registry | None = None, compressors: Sequence[str] | None = None) -> gr.Blocks:
    """The app.

    Args:
        registry: where compressors come from; the process's own by default.
        compressors: addresses chosen when the page opens.

    Raises:
        UnknownCompressor: one of them is not in the registry.
    """
    table = registry or default_registry()
    chosen = [str(table.resolve(address)) for address in compressors or DEFAULT]
    gr.set_static_paths([STATIC, PLOTLY])
    i18n = translation()
    with gr.Blocks(title="Inspector", analytics_enabled=False, fill_width=True) as app:
        header()
        compare_page(table, chosen, lambda key: i18n(key.replace(".", "_")), module)
    app.queue(max_size=QUEUE)
    return app


def launch_options(present: bool = False) -> dict[str, Any]:
    """Keyword arguments of `launch`: nothing leaves the machine, nothing typed is kept."""
    files = {name: f"gradio_api/file={path}" for name, path in (("plotly", PLOTLY), ("view", STATIC / "compare.css"), ("page", STATIC / "page.css"))}
    head = "\n".join(
        (
            f"<script>window.INSPECTOR_PRESENT = {json.dumps(present)};\n{(STATIC / 'boot.js').read_text(encoding='utf-8')}</script>",
            f'<link rel="stylesheet" href="{files["view"]}">',
            f'<link rel="stylesheet" href="{files["page"]}">',
            f'<script src="{files["plotly"]}"></script>',
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
        "show_error": True,
        "footer_links": [],
        
    }


def warm_up(registry: Registry | None = None, compressors: Sequence[str] | None = None) -> threading.Thread:
    """Load the chosen compressors behind the page's back, so that the first comparison need not wait for them."""
    table = registry or default_registry()

    def load() -> None:
        for address in map(table.resolve, compressors or DEFAULT):
            try:
                table.load(address)
            except Exception as error:  # the page says it when the compressor is used
                logging.getLogger(__name__).warning("%s: %s", address, error)

    thread = threading.Thread(target=load, daemon=True, name="warm-up")
    thread.start()
    return thread
