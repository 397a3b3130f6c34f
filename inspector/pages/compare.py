"""The compare page: text in, columns out, streaming; and its twin for programs, the endpoint `/compare`."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import gradio as gr

from inspector.compare import Builder, Event, compare, stream
from inspector.views.compare import payload
from models.registry import Registry

DEFAULT = ("pocket-s@16", "pocket-s@32", "pocket-s@64", "pocket-xs@64")
MOST = 4  # compressors side by side
EVERY = 0.16  # seconds between updates of the page
MODEL = {"concurrency_id": "model", "concurrency_limit": 1}
PRESETS = Path(__file__).parents[2] / "static" / "presets.json"
log = logging.getLogger(__name__)


def compare_view(module: Callable[[str, str], str]) -> gr.HTML:
    """Draws a payload of `inspector.views.compare`. The template is fixed; user text is only ever data."""
    return gr.HTML(
        payload("", [], run=0, status="idle", progress=0.0),
        html_template='<div class="cv-root"></div>',
        js_on_load=module("compare.js", "m.mount(element, props, trigger, watch)"),
        apply_default_css=False,
        padding=False,
        elem_id="compare-view",
    )


class Runs:
    """The newest run of each visitor: a run that is no longer the newest stops."""

    def __init__(self) -> None:
        self._newest: dict[str | None, int] = {}
        self._lock = threading.Lock()

    def begin(self, visitor: str | None) -> int:
        with self._lock:
            self._newest[visitor] = self._newest.get(visitor, 0) + 1
            return self._newest[visitor]

    def stale(self, visitor: str | None, run: int) -> bool:
        return self._newest.get(visitor, run) > run

    def forget(self, visitor: str | None) -> None:
        with self._lock:
            self._newest.pop(visitor, None)


@lru_cache(maxsize=1)
def presets() -> list[dict[str, Any]]:
    return json.loads(PRESETS.read_text(encoding="utf-8"))


def addresses(registry: Registry) -> list[str]:
    """What the list offers: every row at every ratio, and pruning's switches at its default."""
    found = []
    for row in registry.rows.values():
        found += [f"{row.name}@{ratio}" for ratio in row.ratios]
        found += [f"{row.name}+{option}@{row.default_ratio}" for option in row.options]
    return found


def frames(text: str, chosen: Sequence[str], run: int, stop: Callable[[], bool], registry: Registry) -> Iterator[dict[str, Any]]:
    """Payloads of one run, the first at once and then as things become known; errors are payloads too."""
    columns = Builder(text, chosen)

    def frame(status: str, message: str | None = None) -> dict[str, Any]:
        done = sum(c["progress"] for c in columns.columns) / max(len(columns.columns), 1)
        return payload(text, columns.columns, run=run, status=status, progress=done, message=message)

    try:
        if len(chosen) > MOST:
            raise ValueError(f"{len(chosen)} compressors are chosen; {MOST} fit side by side.")
        events, shown = stream(text, chosen, stop=stop, registry=registry), 0.0
        for event in events:
            columns.apply(event)
            if now_due(event, shown):
                yield frame("running")
                shown = time.monotonic()
        stopped = any(c["status"] == "stopped" for c in columns.columns)
        yield frame("stopped" if stopped else "done")
    except ValueError as error:  # what the person gave cannot be used; the sentence says why, and the text stays
        columns.columns.clear()
        yield frame("error", str(error))
    except Exception:
        log.exception("a run failed")
        columns.columns.clear()
        yield frame("error", "Something went wrong inside; the terminal that runs the inspector says what. Your text is still in the box.")


def now_due(event: Event, shown: float) -> bool:
    """A reconstruction grows with every step: it waits its turn; everything else is worth showing at once."""
    return event.field in ("trace", "error") or time.monotonic() - shown > EVERY


def compare_page(registry: Registry, chosen: Sequence[str], say: Callable[[str], Any], module: Callable[[str, str], str]) -> None:
    """Lay out the page inside the current Blocks, and wire it."""
    runs = Runs()

    def begin(request: gr.Request) -> int:
        return runs.begin(request.session_hash)

    def run(text: str | None, names: list[str] | None, number: float | None, request: gr.Request):
        visitor, mine = request.session_hash, int(number or 0)
        yield from frames(text or "", list(names or ()), mine, lambda: runs.stale(visitor, mine), registry)

    def forget(request: gr.Request) -> None:
        runs.forget(request.session_hash)

    with gr.Column(elem_id="page-top"):
        with gr.Row(elem_id="presets"):
            buttons = [gr.Button(say(f"page.preset.{p['id']}"), size="sm", elem_classes="preset") for p in presets()]
        look = gr.Markdown(visible=False, elem_id="look")
        with gr.Row(equal_height=True):
            text = gr.Textbox(label=say("page.text"), placeholder=say("page.text.hint"), lines=7, max_lines=14, scale=3, elem_id="source")
            with gr.Column(scale=2, min_width=300):
                names = gr.Dropdown(
                    addresses(registry),
                    value=list(chosen),
                    label=say("page.compressors"),
                    info=say("page.compressors.hint"),
                    multiselect=True,
                    max_choices=MOST,
                    allow_custom_value=True,
                    elem_id="compressors",
                )
                with gr.Row(elem_id="actions"):
                    go = gr.Button(say("page.compare"), variant="primary", elem_id="compare", min_width=120)
                    halt = gr.Button(say("page.stop"), elem_id="stop", min_width=70)
                    gr.Checkbox(label=say("page.live"), elem_id="live", min_width=90, container=False)
    number = gr.Number(0, visible="hidden", elem_id="run-number")
    live = gr.Button("live", visible="hidden", elem_id="live-run")
    view = compare_view(module)

    hidden = {"api_visibility": "private"}
    starts = {"fn": begin, "outputs": number, "queue": False, "show_progress": "hidden", **hidden}
    working = {"fn": run, "inputs": [text, names, number], "outputs": view, "show_progress": "hidden", **MODEL, **hidden}
    for trigger in (go, live):
        trigger.click(**starts).then(**working)
    halt.click(**starts)
    for button, preset in zip(buttons, presets(), strict=True):
        filled = button.click(lambda preset=preset: (preset["text"], note(preset, say)), outputs=[text, look], queue=False, show_progress="hidden", **hidden)
        filled.then(**starts).then(**working)
    app = gr.context.Context.root_block
    app.unload(forget)

    def compare_text(text: str, compressors: list[str]) -> dict[str, Any]:
        """Compress a text with up to four compressors and return what came back, as a comparison in JSON.

        Args:
            text: the source, up to 4,000 tokens.
            compressors: addresses such as "pocket-s@16".
        """
        if len(compressors) > MOST:
            raise gr.Error(f"{len(compressors)} compressors are named; {MOST} is the most.")
        try:
            return compare(text, compressors, registry=registry).model_dump(mode="json")
        except (ValueError, RuntimeError) as error:
            raise gr.Error(str(error)) from None

    gr.api(compare_text, api_name="compare", **MODEL)


def note(preset: dict[str, Any], say: Callable[[str], Any]) -> Any:
    return gr.Markdown(say(f"page.preset.{preset['id']}.look"), visible=True)
