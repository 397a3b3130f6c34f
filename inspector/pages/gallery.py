"""The Gallery page: cards of failure cases; opening one shows its stored result on the compare page and runs it again."""

from __future__ import annotations

import json

import gradio as gr

from inspector import gallery
from inspector.pages.labels import module
from inspector.views.gallery import cards
from models.registry import Registry

QUIET = {"api_visibility": "private", "show_progress": "hidden"}


def gallery_page(table: Registry) -> None:
    """Lay out the page inside the current Blocks, and wire it. Cards are made when somebody opens it."""
    shown = gr.HTML(
        {"json": "null"},
        html_template='<div class="cv-root"></div>',
        js_on_load=module("gallery.js", "m.mount(element, props, watch);"),
        apply_default_css=False,
        padding=False,
        elem_id="gallery-view",
    )
    go = gr.Button(visible="hidden", elem_id="gallery-go")
    go.click(lambda: {"json": json.dumps(cards(gallery.cases(), table), ensure_ascii=False)}, None, shown, queue=False, **QUIET)
