"""The Compressors page: what there is, what each takes, and loading the large ones; the compare page's columns ask here too."""

from __future__ import annotations

import json
import logging
from typing import Any

import gradio as gr

from inspector.pages.labels import module
from inspector.pages.loads import Loads
from inspector.views.compressors import here, listed
from inspector.views.compressors import sentence as spoken
from inspector.views.reasons import bilingual
from models.hub.room import sentence
from models.registry import Registry
from models.said import first_line

QUIET = {"api_visibility": "private", "show_progress": "hidden"}
MADE = 20  # rows that a visitor made of patterns, shown at most
log = logging.getLogger(__name__)


def compressors_page(table: Registry) -> None:
    """Lay out the page inside the current Blocks, and wire it. Rows are looked at when somebody opens the page."""
    gr.HTML(
        "",
        html_template='<div class="cv-root"></div>',
        js_on_load=module("compressors.js", "m.mount(element);"),
        apply_default_css=False,
        padding=False,
        elem_id="compressors-view",
    )
    told = gr.HTML(
        {"json": "null"},
        html_template="<div hidden></div>",
        js_on_load="watch('value', () => window.inspector.loads?.(props.value));",
        apply_default_css=False,
        padding=False,
        elem_id="loads-data",
    )
    go, ask, desk = gr.Button(visible="hidden", elem_id="loads-go"), gr.JSON(visible="hidden"), Desk(table)
    # A string and no object: Gradio copies a component's value piece by piece.
    go.click(
        lambda ask: {"json": json.dumps(desk.answer(ask), ensure_ascii=False)},
        [ask],
        told,
        js="() => [window.inspector.asked.loads]",
        trigger_mode="multiple",
        queue=False,
        **QUIET,
    )


class Desk:
    """Answers what the browser asks of compressors; knows no layout. What a browser sends may be anything."""

    def __init__(self, table: Registry) -> None:
        self.table, self.loads = table, Loads(table)

    def answer(self, ask: Any) -> dict[str, Any]:
        """The states of all that is loaded or loading, and what was asked for.

        Args:
            ask: `do`: look | list | load | release | make; `id`, which comes back; `address` of what is to be loaded, released
                or made of a pattern; `made`: addresses of rows made before, for `list`.
        """
        given = ask if isinstance(ask, dict) else {}
        do, address, made = (given.get(name) for name in ("do", "address", "made"))
        address = address.encode("utf-8", "replace").decode() if isinstance(address, str) else ""
        found: dict[str, Any] = {"id": given.get("id"), "said": None}
        try:
            if do == "load":
                self.loads.start(self.table.resolve(address))
            elif do == "release":
                self.loads.release(self.table.resolve(address).row.name)
            elif do == "make":
                found["row"] = listed(self.table.resolve(address).row)
            elif do == "list":
                rows = [listed(row) for row in self.table.rows.values()]
                found |= {"rows": rows, "made": self._made(made if isinstance(made, list) else []), "here": here()}
        except ValueError as error:
            found["said"] = bilingual(spoken(first_line(error).partition("; known: ")[0]))
        except Exception as error:  # a pattern looks into a folder that somebody names
            log.exception("%s: %s", do, address)
            found["said"] = bilingual(spoken(sentence(error, address)))
        return found | {"states": self.loads.states()}

    def _made(self, addresses: list[Any]) -> list[dict[str, Any]]:
        return [listed(self.table.resolve(address).row) for address in addresses[:MADE] if isinstance(address, str)]
