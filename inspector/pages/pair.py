"""The page of two texts: any source and any rewriting of it, with no compressor."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import gradio as gr

from inspector.compare import LIMIT, InputError, validate
from inspector.inspection import Report
from inspector.pages.compare import mounted, packed, view
from inspector.pages.finished import Finished, of_pair
from inspector.pages.labels import STATIC, say, script_data, word
from inspector.pages.run import refusal
from inspector.views.compare import payload
from inspector.views.pair import Rewriting
from inspector.views.words import language_of
from models.registry import Registry

CHECK = {"concurrency_id": "meaning", "concurrency_limit": 1}
PLAIN = {"js_on_load": None, "apply_default_css": False, "padding": False}
QUIET = {"api_visibility": "private", "show_progress": "hidden"}
log = logging.getLogger(__name__)


@lru_cache(maxsize=1)
def examples() -> list[dict[str, str]]:
    return json.loads((STATIC / "pairs.json").read_text(encoding="utf-8"))


class Pairs:
    """Comparisons of two texts around one limit; knows no layout."""

    def __init__(self, table: Registry, limit: int = LIMIT, finished: Finished | None = None) -> None:
        self.table, self.limit, self._count = table, limit, 0
        self.finished = finished or Finished()

    def report(self, source: str, rewriting: str, language: str = "en") -> Report:
        """What changed in meaning.

        Raises:
            InputError: a text cannot be used, and the message, in the person's language, says which and why; or the
                language pipeline cannot be loaded.
        """
        for name, text in (("source", source), ("rewriting", rewriting)):
            try:
                validate(text, self.limit)
            except InputError as error:
                said = refusal(error, language)
                raise InputError(word("pair.error", language, name=word(f"pair.{name}", language), said=said)) from None
        from inspector.divergence import diverge
        from inspector.divergence.language import PipelineError

        try:
            return diverge(source, rewriting)
        except PipelineError as error:
            raise InputError(refusal(error, language)) from None

    def frames(self, source: str, rewriting: str, language: str = "en", session: str = "") -> Iterator[dict[str, Any]]:
        """Payloads: that it runs, then what changed; what cannot be used is said in a payload too."""
        self._count += 1
        run = self._count
        common = {"run": run, "language": language, "pair": True}
        try:
            yield payload("", [], status="running", progress=0.0, **common)
            made = Rewriting(source=source, text=rewriting, report=self.report(source, rewriting, language))
            self.finished.put(of_pair(session), run, made)
            yield made.payload(language, run=run, told=language)
        except InputError as error:
            yield payload("", [], status="error", progress=0.0, message=str(error), **common)
        except Exception:
            log.exception("comparing two texts of %d and %d characters failed", len(source), len(rewriting))
            said = word("page.error.failed", language)
            yield payload("", [], status="error", progress=0.0, message=said, **common)


def pair_page(table: Registry, limit: int = LIMIT, finished: Finished | None = None) -> dict[Any, dict[str, str]]:
    """Lay out the page inside the current Blocks, and wire it; returns its components with the keys of their labels."""
    pairs = Pairs(table, limit, finished)
    with gr.Column(elem_id="pair-top"):
        with gr.Row(elem_id="pair-examples"):
            buttons = [
                gr.Button(say(f"pair.example.{e['id']}"), size="sm", min_width=0, elem_classes="preset") for e in examples()
            ]
        boxes = []
        with gr.Row(elem_id="pair-asking"):
            for name in ("source", "rewriting"):
                settings = {"label": say(f"pair.{name}"), "placeholder": say(f"pair.{name}.hint"), "elem_id": f"pair-{name}"}
                boxes.append(gr.Textbox(lines=7, max_lines=14, min_width=300, **settings))
        with gr.Row(elem_id="pair-actions"):
            start = gr.Button(say("pair.compare"), variant="primary", elem_id="pair-compare", min_width=0)
            mounted("export.js", "m.mount(element, 'pair');", elem_id="pair-export", elem_classes="export-place")
        gr.HTML('<progress id="pair-progress"></progress>', **PLAIN)
    shown = view("pair", pair=True)
    go, order = gr.Button(visible="hidden", elem_id="pair-go"), gr.JSON(visible="hidden")

    def run(source: str | None, rewriting: str | None, order: Any, request: gr.Request) -> Iterator[dict[str, str]]:
        yield from map(packed, pairs.frames(source or "", rewriting or "", language_of(order), request.session_hash or ""))

    start.click(None, js="() => window.inspector.goPair()", **QUIET)
    for button, example in zip(buttons, examples(), strict=True):
        given = script_data({name: example[name] for name in ("source", "rewriting")})
        button.click(None, None, boxes, js=f"() => window.inspector.pair({given})", **QUIET)
    told = "(source, rewriting) => window.inspector.askingPair(source, rewriting)"
    go.click(run, [*boxes, order], shown, js=told, trigger_mode="always_last", **CHECK, **QUIET)

    labels = {box: {"label": f"pair.{n}", "placeholder": f"pair.{n}.hint"} for n, box in zip(("source", "rewriting"), boxes)}
    labels |= {start: {"value": "pair.compare"}}
    return labels | {b: {"value": f"pair.example.{e['id']}"} for b, e in zip(buttons, examples(), strict=True)}
