"""The compare page: text in, columns out, streaming."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import gradio as gr

from inspector.compare import LIMIT
from inspector.pages import sweep
from inspector.pages.export import export
from inspector.pages.finished import Finished
from inspector.pages.labels import module, presets, say, script_data
from inspector.pages.links import Links, share
from inspector.pages.present import present
from inspector.pages.probes import probe_panels
from inspector.pages.run import DEFAULT, MOST, Runs, first_choice, known, labelled
from inspector.views.compare import payload
from models.registry import Registry

MODEL = {"concurrency_id": "model", "concurrency_limit": 1}
PLAIN = {"js_on_load": None, "apply_default_css": False, "padding": False}
QUIET = {"api_visibility": "private", "show_progress": "hidden"}


def mounted(file: str, call: str, **place: Any) -> gr.HTML:
    """A part of the page that a module of `static` draws, and that Python never changes."""
    template = '<div class="root"></div>'
    return gr.HTML("", html_template=template, js_on_load=module(file, call), apply_default_css=False, padding=False, **place)


def view(name: str, **settings: Any) -> gr.HTML:
    """Draws a payload of `inspector.views.compare`. The template is fixed, because Gradio runs what is filled into
    one as JavaScript; user text comes through `props.value` and is only ever data."""
    return gr.HTML(
        packed(payload("", [], run=0, status="idle", progress=0.0, **settings)),
        html_template='<div class="cv-root"></div>',
        js_on_load=module("compare.js", "window.inspector.view(m, element, props, trigger, watch, " + script_data(name) + ");"),
        apply_default_css=False,
        padding=False,
        elem_id=f"{name}-view",
    )


def compare_page(
    table: Registry,
    asked: Sequence[str] | None = None,
    limit: int = LIMIT,
    links: Links | None = None,
    finished: Finished | None = None,
    at_start: bool = False,
) -> dict[Any, dict[str, str]]:
    """Lay out the page inside the current Blocks, and wire it; arguments as for `shell.build`.

    Returns:
        Its components with the keys of their labels.
    """
    choices, chosen, runs = known(table), first_choice(table, asked), Runs(table, limit, finished)
    with gr.Column(elem_id="page-top"):
        with gr.Row(elem_id="presets"):
            buttons = [
                gr.Button(say(f"page.preset.{preset['id']}"), size="sm", min_width=0, elem_classes="preset")
                for preset in presets()
            ]
        gr.HTML('<p id="look" role="status"></p>', **PLAIN)
        with gr.Row(elem_id="asking"):
            text = gr.Textbox(
                label=say("page.text"),
                placeholder=say("page.text.hint"),
                lines=6,
                max_lines=8,
                scale=3,
                min_width=300,
                elem_id="source",
            )
            with gr.Column(scale=2, min_width=300):
                names = gr.Dropdown(
                    labelled(table),
                    value=chosen,
                    label=say("page.compressors"),
                    info=say("page.compressors.hint"),
                    multiselect=True,
                    max_choices=MOST,
                    allow_custom_value=True,
                    elem_id="compressors",
                )
                with gr.Row(elem_id="actions"):
                    start = gr.Button(say("page.compare"), variant="primary", elem_id="compare", min_width=0)
                    halt = gr.Button(say("page.stop"), elem_id="stop", min_width=0)
                    live = gr.Checkbox(label=say("page.live"), interactive=True, elem_id="live", min_width=0, container=False)
                    mounted("truncate.js", "m.mount(element);", elem_id="truncate")
                    mounted("export.js", "m.mount(element);", elem_id="export", elem_classes="export-place")
                gr.HTML('<progress id="progress" max="1" value="0"></progress>', **PLAIN)
    shown = view("compare")
    swept = gr.HTML(
        None,
        html_template="<div hidden></div>",
        js_on_load="watch('value', () => window.inspector.swept?.(props.value));",
        apply_default_css=False,
        padding=False,
        elem_id="sweep-data",
    )
    sweep_go = gr.Button(visible="hidden", elem_id="sweep-go")
    go, order = gr.Button(visible="hidden", elem_id="go"), gr.JSON(visible="hidden")

    def begin(order: Any, request: gr.Request) -> None:
        runs.moments.put(request.session_hash or "", moment(order), stop=False)

    def end(order: Any, request: gr.Request) -> None:
        runs.moments.put(request.session_hash or "", moment(order), stop=True)

    def run(text: str | None, names: list[str] | None, order: Any, request: gr.Request) -> Iterator[dict[str, str]]:
        told = order if isinstance(order, dict) else {}
        frames = runs.frames(text or "", list(names or ()), request.session_hash or "", told | {"moment": moment(order)})
        yield from map(packed, frames)

    labels = {text: {"label": "page.text", "placeholder": "page.text.hint"}}
    labels |= {names: {"label": "page.compressors", "info": "page.compressors.hint"}, live: {"label": "page.live"}}
    labels |= {start: {"value": "page.compare"}, halt: {"value": "page.stop"}}
    labels |= {button: {"value": f"page.preset.{preset['id']}"} for button, preset in zip(buttons, presets(), strict=True)}

    # All ways to start a run press one hidden button: one event, of which Gradio keeps the running and the last.
    start.click(None, js="() => window.inspector.go('button')", **QUIET)
    for button, preset in zip(buttons, presets(), strict=True):
        given = script_data({"id": preset["id"], "text": preset["text"], "compressors": suited(preset, choices, asked)})
        button.click(None, [names], [text, names], js=f"(names) => window.inspector.preset({given}, names)", **QUIET)
    these, example = gr.Button(visible="hidden", elem_id="run-these"), script_data(presets()[0]["text"])
    these.click(None, [text], [text, names], js=f"(text) => window.inspector.these(text, {example})", **QUIET)
    use = gr.Button(visible="hidden", elem_id="use-this")
    use.click(None, [names], [names], js="(names) => window.inspector.using(names)", **QUIET)
    at_once = {"queue": False, "inputs": [order], "js": "() => [window.inspector.order()]", **QUIET}
    go.click(begin, trigger_mode="multiple", **at_once)
    choose = gr.Button(visible="hidden", elem_id="choices")  # which large ones are here changes while the page is open

    def choices_now(order: Any) -> Any:
        return gr.update(choices=labelled(table, str(order.get("language")) if isinstance(order, dict) else "en"))

    choose.click(choices_now, outputs=names, **at_once)
    halt.click(end, trigger_mode="multiple", **at_once)
    go.click(
        run,
        [text, names, order],
        shown,
        js="(text, names) => window.inspector.asking(text, names)",
        trigger_mode="always_last",
        **MODEL,
        **QUIET,
    )

    def run_sweep(order: Any, request: gr.Request) -> Iterator[dict[str, Any]]:
        told = order if isinstance(order, dict) else {}
        yield from sweep.frames(runs, request.session_hash or "", told | {"moment": moment(order)})

    sweep_go.click(begin, trigger_mode="multiple", **at_once)
    sweep_go.click(
        run_sweep, [order], swept, js="() => [window.inspector.sweepOrder()]", trigger_mode="always_last", **MODEL, **QUIET
    )

    share(names, links or Links())
    export(runs.finished, table)
    present(names, runs, MODEL, at_start)
    probe_panels(table, runs, MODEL)
    return labels


def packed(frame: dict[str, Any]) -> dict[str, str]:
    """A payload as two strings, put together again in static/boot.js.

    Gradio copies a component's value, object by object, at every update: with thousands of small lists that took most
    of a frame. What stays the same while words arrive is a string of its own, so that it is sent once.
    """
    still = {key: frame[key] for key in ("source", "tokenisations", "priors")}
    still["columns"] = [{key: column[key] for key in ("heat", "spectrum")} for column in frame["columns"]]
    moving = {key: value for key, value in frame.items() if key not in still}
    moving["columns"] = [{k: v for k, v in column.items() if k not in ("heat", "spectrum")} for column in frame["columns"]]
    return {name: json.dumps(part, ensure_ascii=False) for name, part in (("still", still), ("moving", moving))}


def moment(order: Any) -> float:
    """When the browser asked, in ms; anything else a client may send counts as long ago."""
    value = order.get("moment") if isinstance(order, dict) else None
    return float(value) if isinstance(value, int | float) else 0.0


def suited(preset: dict[str, Any], choices: Sequence[str], asked: Sequence[str] | None) -> list[str] | None:
    """Compressors a preset starts with, where all of them are here and none were asked for at the start."""
    wanted = preset.get("compressors") or list(DEFAULT)
    return None if asked or not set(wanted) <= set(choices) else wanted
