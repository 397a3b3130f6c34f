"""The Training page: curves of training runs, and checkpoints that a click replays on the compare page."""

from __future__ import annotations

import json
from itertools import count
from pathlib import Path
from typing import Any

import gradio as gr

from inspector.pages.labels import module
from inspector.views.training import payload
from models.registry import Registry
from models.training.logs import LogError, parse, read_folder

RUNS = Path(__file__).resolve().parents[2] / "models" / "pocket" / "runs"
QUIET = {"api_visibility": "private", "show_progress": "hidden"}


def training_page(table: Registry, folder: Path = RUNS) -> None:
    """Lay out the page inside the current Blocks, and wire it. The logs are read when somebody opens the page."""
    shown = gr.HTML(
        {"json": "null"},
        html_template='<div class="cv-root"></div>',
        js_on_load=module("training.js", "m.mount(element, props, watch);"),
        apply_default_css=False,
        padding=False,
        elem_id="training-view",
    )
    go, order = gr.Button(visible="hidden", elem_id="training-go"), gr.JSON(visible="hidden")
    numbers = count(1)

    def draw(order: Any) -> dict[str, str]:
        own = order.get("own") if isinstance(order, dict) else None
        answer = visitors(own, table, next(numbers)) if own else payload(*read_folder(folder), table, number=next(numbers))
        return {"json": json.dumps(answer, ensure_ascii=False)}

    # A string and no object: Gradio copies a component's value piece by piece.
    go.click(draw, [order], shown, js="() => [window.inspector.training()]", trigger_mode="multiple", queue=False, **QUIET)


def visitors(own: Any, table: Registry, number: int) -> dict[str, Any]:
    """The payload of a log that a visitor gave, `{"name": file's name, "text": its JSON}`; nothing of it is kept."""
    named = own if isinstance(own, dict) else {}
    file, text = (str(named.get(k) or "").encode("utf-8", "replace").decode() for k in ("name", "text"))
    file = file[:200]
    try:
        return payload([parse(text)], [], table, number=number, own=True)
    except LogError as error:
        return payload([], [(file, str(error))], table, number=number, own=True)
