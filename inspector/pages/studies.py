"""The Studies page: does a larger compressor keep less? The study that ships, or a visitor's own tables."""

from __future__ import annotations

import base64
import binascii
import json
import logging
from functools import lru_cache
from itertools import count
from pathlib import Path
from typing import Any

import gradio as gr

from inspector.pages.labels import module, script_data, word
from inspector.studies.store import StudyError
from inspector.views.reasons import said
from inspector.views.studies import BYTES, QUESTIONS, ROWS, SHIPPED, from_files, from_folder, payload
from inspector.views.words import language_of

SETTINGS = {"api_visibility": "private", "show_progress": "hidden", "trigger_mode": "multiple"}
BOUNDS = {"bytes": BYTES, "rows": ROWS, "questions": QUESTIONS}
log = logging.getLogger(__name__)


def studies_page(folder: Path = SHIPPED) -> None:
    """Lay out the page inside the current Blocks, and wire it. The study is read when somebody opens the page."""
    shown = gr.HTML(
        {"json": "null"},
        html_template='<div class="cv-root"></div>',
        js_on_load=module("studies.js", f"m.mount(element, props, watch, {script_data(BOUNDS)});"),
        apply_default_css=False,
        padding=False,
        elem_id="studies-view",
    )
    go, order = gr.Button(visible="hidden", elem_id="studies-go"), gr.JSON(visible="hidden")
    numbers = count(1)

    def draw(order: Any) -> dict[str, str]:
        return {"json": answer(order if isinstance(order, dict) else {}, folder, next(numbers))}

    # Figures of a thousand texts take seconds of one core: one after another, but not behind the comparisons.
    one = {"concurrency_id": "studies", "concurrency_limit": 1}
    go.click(draw, [order], shown, js="() => [window.inspector.studies()]", **one, **SETTINGS)


def answer(order: dict[str, Any], folder: Path, number: int) -> str:
    """The payload as JSON, or `{"number", "error"}` with one sentence.

    Args:
        order: `files`, a visitor's as `[{"name", "data": base64}]`, or none for the study that ships; `language`.
    """
    language = language_of(order)
    own = bool(order.get("files"))
    try:
        if own:
            files = given(order["files"])
            title = ", ".join(name for name, _ in files)
            return told(payload(from_files(files), number=number, title=title, own=True))
        return told(json.loads(shipped(folder, stamp(folder))) | {"number": number})
    except StudyError as error:
        return told({"number": number, "own": own, "error": said(f"{error}.", language)})
    except Exception:  # the page lives on
        log.exception("a study could not be shown")
        return told({"number": number, "own": own, "error": word("studies.failed", language)})


def told(made: dict[str, Any]) -> str:
    return json.dumps(made, ensure_ascii=False, allow_nan=False)


def given(files: Any) -> list[tuple[str, bytes]]:
    """Raises StudyError: they are no files."""
    made = []
    for file in files if isinstance(files, list) else [files]:
        named = file if isinstance(file, dict) else {}
        name = str(named.get("name") or "a file").encode("utf-8", "replace").decode()[:200]
        try:
            made.append((name, base64.b64decode(str(named.get("data") or ""), validate=True)))
        except binascii.Error:
            raise StudyError(f"{name} did not come through whole") from None
    return made


def stamp(folder: Path) -> tuple[int, ...]:
    return tuple(file.stat().st_mtime_ns for file in sorted(folder.glob("*.*")))


@lru_cache(maxsize=2)
def shipped(folder: Path, stamp: tuple[int, ...]) -> str:
    """Computed once; anew where a file has changed."""
    manifest = folder / "manifest.json"
    made = json.loads(manifest.read_text(encoding="utf-8")) if manifest.exists() else {}
    title = folder.name
    return told(payload(from_folder(folder), number=0, title=title, manifest=made if isinstance(made, dict) else {}))
