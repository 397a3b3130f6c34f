"""Present mode's part of the server: the gallery's list, and cases computed before they are shown."""

from __future__ import annotations

import json
import logging
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import gradio as gr

from inspector import gallery
from inspector.pages.run import Runs
from inspector.views.words import language_of

QUIET = {"api_visibility": "private", "show_progress": "hidden"}
STEP = 0.1  # of a case's work, between two reports
log = logging.getLogger(__name__)


class Talk:
    """Runs cases ahead. Results of the gallery's cases, which are nobody's texts, stay here; others go to who asked."""

    def __init__(self, runs: Runs) -> None:
        self.runs = runs
        self._ready: dict[str, dict[str, Any]] = {}  # payloads by case
        self._tried: set[str] = set()
        self._ahead: threading.Thread | None = None

    def bring(self, order: dict[str, Any], session: str) -> Iterator[dict[str, Any]]:
        """`{"progress": 0…1}` while a case runs, and `{"payload": …}` of the compare view at the end, done or not.

        Args:
            order: from the browser: `moment`, `language`, `case` (of the gallery, or None), `text`, `compressors`, `truncate`.
            session: whose run it is; a later moment of hers ends it.
        """
        text, names = str(order.get("text") or ""), [str(n) for n in order.get("compressors") or ()]
        case = next((c for c in gallery.cases() if c.id == order.get("case") and c.text == text), None)
        shipped = case is not None and list(case.compressors) == names and not order.get("truncate")
        if shipped and threading.current_thread() is not self._ahead:  # nothing is computed twice
            while self._ahead and self._ahead.is_alive() and case.id not in self._tried:
                time.sleep(0.05)
        found = self._ready.get(case.id) if shipped else None
        if found is None:
            reached = 0.0
            for found in self.runs.frames(text, names, session, order):
                if found["progress"] - reached >= STEP:
                    reached = found["progress"]
                    yield {"progress": reached}
            if shipped and trouble(found) is None:
                self._ready[case.id] = found
        yield {"payload": found and found | {"language": language_of(order)}}

    def begin(self, tell: Callable[[str], None]) -> threading.Thread:
        """Run all cases of the gallery behind the server's back, and tell how it goes in a line each."""

        def work() -> None:
            cases, failed = gallery.cases(), 0
            for at, case in enumerate(cases, 1):
                order = {"case": case.id, "text": case.text, "compressors": case.compressors}
                try:
                    *_, last = self.bring(order, "warm-up")
                    wrong = trouble(last["payload"])
                except Exception as error:
                    log.exception("warm-up of %s", case.id)
                    wrong = str(error)
                failed += wrong is not None
                self._tried.add(case.id)
                tell(f"Warm-up {at} of {len(cases)}: {case.id} " + (f"failed: {wrong}" if wrong else "is ready."))
            tell(f"Warm-up: {failed} of {len(cases)} cases failed." if failed else "Warm-up: all cases are ready.")

        self._ahead = threading.Thread(target=work, daemon=True, name="talk")
        self._ahead.start()
        return self._ahead


def trouble(found: dict[str, Any] | None) -> str | None:
    """What went wrong in a payload, in one sentence; None where all of it is there."""
    if found is None:
        return "it was stopped."
    wrong = [f"{column['name']}: {column['error']['en']}" for column in found["columns"] if column["error"]]
    return found["message"] or (wrong[0] if wrong else None if found["status"] == "done" else "it was stopped.")


def printed(line: str) -> None:
    """For the terminal of `app.py --present`."""
    print(line, file=sys.stderr, flush=True)


def present(names: gr.Dropdown, runs: Runs, model: dict[str, Any], at_start: bool = False) -> Talk:
    """Wire the stage of static/present-page.js inside the current Blocks.

    Args:
        names: the chosen compressors, for "Add to my talk".
        model: Gradio settings of whatever uses a model.
        at_start: begin with the gallery's cases at once, and report to the terminal.
    """
    talk = Talk(runs)
    listed = [{"id": c.id, "text": c.text, "compressors": c.compressors} for c in gallery.cases()]
    told = gr.HTML(
        {"cases": json.dumps(listed, ensure_ascii=False)},
        html_template="<div hidden></div>",
        js_on_load="window.INSPECTOR_CASES = props.value?.cases; watch('value', () => window.inspector.talkTold?.(props.value));",
        apply_default_css=False,
        padding=False,
        elem_id="present-data",
    )
    asked = gr.JSON(visible="hidden")

    def run(order: Any, request: gr.Request) -> Iterator[dict[str, str]]:
        order = order if isinstance(order, dict) else {}
        for part in talk.bring(order, f"{request.session_hash}:talk"):
            yield {"told": json.dumps(part | {"moment": order.get("moment")}, ensure_ascii=False)}

    def halt(order: Any, request: gr.Request) -> None:
        if isinstance(order, dict) and isinstance(order.get("moment"), int | float):
            runs.moments.put(f"{request.session_hash}:talk", order["moment"], stop=True)

    ask = "() => [window.inspector.talkAsked()]"
    go, stop = (gr.Button(visible="hidden", elem_id=f"present-{name}") for name in ("go", "stop"))
    go.click(run, [asked], told, js=ask, trigger_mode="multiple", **model, **QUIET)
    stop.click(halt, [asked], None, js=ask, trigger_mode="multiple", queue=False, **QUIET)
    chosen = gr.Button(visible="hidden", elem_id="present-names")
    chosen.click(None, [names], None, js="(names) => { window.inspector.talkNames(names); return []; }", queue=False, **QUIET)
    if at_start:
        talk.begin(printed)
    return talk
