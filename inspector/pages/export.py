"""The Export menu's part of the server: what is finished on a visitor's page, as text of a file; and the gallery as a talk."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any

import gradio as gr

from inspector import gallery
from inspector.inspection import Comparison
from inspector.pages.finished import Finished, of_pair
from inspector.pages.labels import word
from inspector.views.export import markdown, pair_markdown
from inspector.views.export_html import standalone, standalone_pair, talk, talk_frame
from inspector.views.pair import Rewriting
from inspector.views.words import language_of
from models.registry import Registry

KINDS = {"html": "comparison.html", "json": "comparison.json", "markdown": "comparison.md", "talk": "talk.html"}
QUIET = {"api_visibility": "private", "show_progress": "hidden", "queue": False}
log = logging.getLogger(__name__)


def export(finished: Finished, table: Registry) -> None:
    """Wire static/export.js inside the current Blocks. The text goes through this component and is no file on this machine."""
    told = gr.HTML(
        None,
        html_template="<div hidden></div>",
        js_on_load="watch('value', () => window.inspector.exported?.(props.value));",
        apply_default_css=False,
        padding=False,
        elem_id="export-data",
    )
    go, order = gr.Button(visible="hidden", elem_id="export-go"), gr.JSON(visible="hidden")

    def made(order: Any, request: gr.Request) -> dict[str, str]:
        order = order if isinstance(order, dict) else {}
        return {"told": json.dumps(answer(order, request.session_hash or "", finished, table), ensure_ascii=False)}

    go.click(made, [order], told, js="() => [window.inspector.exportAsked()]", trigger_mode="multiple", **QUIET)


def answer(order: Mapping[str, Any], session: str, finished: Finished, table: Registry) -> dict[str, Any]:
    """`{"moment", "name", "text"}`, or `{"moment", "error"}` with one sentence.

    Args:
        order: from the browser: `moment`, `kind` (one of `KINDS`), `language`, `run` (the one shown), `case` (of the gallery,
            whose stored result is shown), `cases` (of a talk; all where there are none), `own` (a talk that the
            browser fills), `pair` (the run is one of the page of two texts; its JSON is what `diverge --json` writes).
    """
    kind, moment = str(order.get("kind")), order.get("moment")
    language = language_of(order)
    try:
        if kind == "talk":
            text = talk_frame(language) if order.get("own") else _talk(order.get("cases"), table, language)
        else:
            text = _text(kind, order, session, finished, table)
    except Exception:
        log.exception("export as %s", kind[:20])
        return {"moment": moment, "error": word("export.failed", language)}
    if text is None:
        return {"moment": moment, "error": word("export.gone", language)}
    return {"moment": moment, "name": KINDS[kind], "text": text}


def _text(kind: str, order: Mapping[str, Any], session: str, finished: Finished, table: Registry) -> str | None:
    language, run = language_of(order), order.get("run")
    if order.get("pair"):
        return _pair(kind, finished.get(of_pair(session), run) if isinstance(run, int) else None, language)
    case = next((c for c in gallery.cases() if c.id == order.get("case")), None)
    made = finished.get(session, run) if isinstance(run, int) else None
    if made is None and case:
        made = gallery.stored(case.id)
    if not isinstance(made, Comparison):
        return None
    makers = {
        "html": lambda: standalone(made, table, language),
        "json": made.to_json,
        "markdown": lambda: markdown(made, language),
    }
    return makers[kind]()


def _pair(kind: str, made: Any, language: str) -> str | None:
    if not isinstance(made, Rewriting):
        return None
    makers = {
        "html": lambda: standalone_pair(made, language),
        "json": made.report.model_dump_json,
        "markdown": lambda: pair_markdown(made, language),
    }
    return makers[kind]()


def _talk(asked: Any, table: Registry, language: str) -> str | None:
    names = asked if isinstance(asked, list) and asked else None
    chosen = [c for c in gallery.cases() if names is None or c.id in names]
    found = [(case, kept) for case in chosen if (kept := gallery.stored(case.id))]
    return talk(found, table, language) if found else None
