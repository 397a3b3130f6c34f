"""The Annotate page: static/annotate.js draws it and asks; `inspector.views.annotate` answers."""

from __future__ import annotations

import ipaddress
import json
import logging
from pathlib import Path
from typing import Any

import gradio as gr

from inspector.pages.finished import Finished, of_pair
from inspector.pages.labels import module, script_data
from inspector.pages.loads import Apart
from inspector.pages.run import known
from inspector.pages.turns import TURNS
from inspector.views.annotate import Annotations
from inspector.views.reasons import said
from inspector.views.words import language_of
from models.registry import Registry

QUIET = {"api_visibility": "private", "show_progress": "hidden", "trigger_mode": "multiple"}
FAILED = "Something failed inside; the terminal that runs the inspector says what."
log = logging.getLogger(__name__)


def annotations(database: str | None, host: str, auth: Path | None) -> Annotations:
    """The store as the options of app.py want it: for one person on this machine, or for people who sign in."""
    alone = None if auth or loopback(host) else f"Annotation needs --auth FILE where others can reach the page (--host {host})."
    return Annotations(database, login=auth is not None, refused=alone, give_way=TURNS.give_way)


def loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def annotate_page(table: Registry, store: Annotations | None, finished: Finished) -> None:
    """Lay out the page inside the current Blocks, and wire it.

    The database is opened when somebody opens the page; where a store is given, for what its queues still wait for.
    """
    resume, store = store is not None, store or Annotations(give_way=TURNS.give_way)
    store.table = store.table or Apart(table)
    shown = gr.HTML(
        {"json": "null"},
        html_template='<div class="cv-root"></div>',
        js_on_load=module("annotate.js", f"m.mount(element, props, watch, {script_data(known(table))});"),
        apply_default_css=False,
        padding=False,
        elem_id="annotate-view",
    )
    go = gr.Button(visible="hidden", elem_id="annotate-go")
    order = gr.JSON(visible="hidden")

    def answer(order: Any, request: gr.Request) -> dict[str, str]:
        told = order if isinstance(order, dict) else {}
        session = request.session_hash or ""
        whose = of_pair(session) if told.get("pair") else session
        flagged = finished.get(whose, told.get("run", 0)) if told.get("do") == "flag" else None
        try:
            made = store.answer(told, request.username, flagged)
        except Exception:  # the page lives on, and says that nothing is known to be stored
            log.exception("the Annotate page's %r failed", told.get("do"))
            made = {"error": said(FAILED, language_of(told))}
        return {"json": json.dumps(made | {"id": told.get("id")}, ensure_ascii=False)}

    go.click(answer, [order], shown, js="() => [window.inspector.annotateOrder()]", queue=False, **QUIET)
    if resume:
        store.resume()
