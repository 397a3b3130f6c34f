"""Panels below the comparison: other words in place, and reconstructions drawn several times. They run only when asked."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import gradio as gr

from inspector.compare import InputError
from inspector.pages.labels import STATIC, module, script_data, word
from inspector.pages.loads import NotLoaded
from inspector.pages.run import MOST, Moments, Runs, refusal
from inspector.views.reasons import said
from inspector.views.words import language_of
from models.registry import Registry, UnknownCompressor

SAMPLES = 8
BETWEEN = re.compile(r"(?<!\d),|,(?!\d)|[，、;\n]")  # candidates; not the comma in 4,820
QUIET = {"api_visibility": "private", "show_progress": "hidden"}
log = logging.getLogger(__name__)
Frame = dict[str, Any]


@lru_cache(maxsize=1)
def lists() -> dict[str, list[str]]:
    """Ready lists of candidates by name."""
    return json.loads((STATIC / "candidates.json").read_text(encoding="utf-8"))


class Probes:
    """Runs of the probes around one registry; knows no layout. What a browser sends may be anything."""

    def __init__(self, runs: Runs) -> None:
        self.table, self.runs, self.moments = runs.table, runs, Moments()

    def put(self, ask: Any, session: str, stop: bool = False) -> None:
        """A newer probe of the same kind, or a stop, ends the older ones."""
        told = asked(ask)
        self.moments.put(f"{told['probe']}/{session}", told["moment"], stop)

    def frames(self, ask: Any, session: str) -> Iterator[Frame]:
        """What the panel shows, step by step; what cannot be used is said in a frame too."""
        told = asked(ask)
        language = told["language"]

        def stop() -> bool:
            newer = self.moments.newest(f"{told['probe']}/{session}")[0], self.runs.moments.newest(session)[0]
            return max(newer) > told["moment"]

        if stop():
            yield {"status": "stopped"}
            return
        try:
            work = {"odds": self.odds, "samples": self.samples}[told["probe"]]
            yield from work(told, stop)
        except UnknownCompressor as error:
            yield {"status": "error", "message": refusal(error, language)}
        except (InputError, ValueError) as error:
            yield {"status": "error", "message": refusal(error, language)}
        except NotLoaded as error:
            yield {"status": "error", "message": said(str(error), language)}
        except Exception:  # the page lives on, whatever a plug-in does
            log.exception("the probe %s failed", told["probe"])
            yield {"status": "error", "message": word("page.error.failed", language)}

    def odds(self, told: dict[str, Any], stop: Callable[[], bool]) -> Iterator[Frame]:
        from inspector.probes.counterfactual import MOST_OTHERS, read, targets
        from inspector.views.probes import reading

        text, words, language = told["text"], told["words"].strip(), told["language"]
        others = [o for o in dict.fromkeys(part.strip() for part in BETWEEN.split(told["others"])) if o and o != words]
        compressors = told["compressors"][:MOST]
        for wrong, key in (
            (not words, "no_words"),
            (words not in text, "no_place"),
            (not others, "no_others"),
            (len(others) > MOST_OTHERS, "too_many"),
        ):
            if wrong:
                raise InputError(word(f"odds.error.{key}", language, words=words[:80], most=MOST_OTHERS))
        total, made = len(targets(compressors, self.table)), []
        frame = {"status": "running", "words": words, "others": others, "readings": made, "language": language}
        yield frame | {"progress": 0.02}
        for each in read(text, words, others, compressors, stop=stop, limit=self.runs.limit, registry=self.table):
            made.append(reading(text, each))
            yield frame | {"progress": len(made) / total}
        yield frame | {"status": "done" if len(made) == total else "stopped", "progress": 1.0}

    def samples(self, told: dict[str, Any], stop: Callable[[], bool]) -> Iterator[Frame]:
        from inspector.probes.samples import Progress, sample_stream
        from inspector.views.probes import samples

        frame = {"status": "running", "language": told["language"], "made": None}
        settings = {"samples": SAMPLES, "temperature": told["temperature"], "seed": told["seed"], "limit": self.runs.limit}
        shown = -1.0
        for event in sample_stream(told["text"], told["compressor"], stop=stop, registry=self.table, **settings):
            if not isinstance(event, Progress):
                yield frame | {"status": "done", "progress": 1.0, "made": samples(event, told["language"])}
                return
            if event.share - shown >= 0.02:
                shown = event.share
                yield frame | {"progress": event.share}
        yield frame | {"status": "stopped"}


def asked(ask: Any) -> dict[str, Any]:
    """What a browser asked for, with every field of the type it should have."""
    given = ask if isinstance(ask, dict) else {}

    def text(name: str) -> str:
        return given[name] if isinstance(given.get(name), str) else ""

    def plain(name: str) -> str:
        return text(name).encode("utf-8", "replace").decode()  # half a character can't be said back

    def number(name: str, otherwise: float) -> float:
        value = given.get(name)
        return float(value) if isinstance(value, int | float) and abs(value) < 1e15 else otherwise

    names = given.get("compressors")
    return {name: plain(name) for name in ("words", "others", "compressor")} | {
        "text": text("text"),
        "probe": "samples" if given.get("probe") == "samples" else "odds",
        "compressors": [n for n in names if isinstance(n, str)] if isinstance(names, list) else [],
        "language": language_of(given),
        "moment": number("moment", 0.0),
        "temperature": number("temperature", 1.0),
        "seed": int(number("seed", 0)),
    }


def probe_panels(table: Registry, runs: Runs, queue: dict[str, Any]) -> None:
    """Lay out the panels inside the current Blocks, and wire them.

    Args:
        runs: those of the comparison: a newer comparison ends a probe, and never waits for one to finish.
        queue: concurrency settings that the probes share with the comparison.
    """
    probes = Probes(runs)
    able = [row.name for row in table.rows.values() if row.kind != "words" and not row.optimises]  # what makes memory at once
    reading = {"names": [n for n in able if table.rows[n].traces], "lists": lists()}
    speaking = {"names": [n for n in able if table.rows[n].reconstructs], "samples": SAMPLES}
    for name, settings in (("odds", reading), ("samples", speaking)):
        shown = panel(name, settings)
        go, halt = (gr.Button(visible="hidden", elem_id=f"{name}-{act}") for act in ("go", "stop"))
        ask = gr.JSON(visible="hidden")
        wire(probes, go, halt, ask, shown, f"() => [window.inspector.asked.{name}]", queue)


def wire(probes: Probes, go: Any, halt: Any, ask: Any, shown: Any, js: str, queue: dict[str, Any]) -> None:
    def begin(ask: Any, request: gr.Request) -> None:
        probes.put(ask, request.session_hash or "")

    def end(ask: Any, request: gr.Request) -> None:
        probes.put(ask, request.session_hash or "", stop=True)

    def run(ask: Any, request: gr.Request) -> Iterator[dict[str, str]]:
        yield from map(packed, probes.frames(ask, request.session_hash or ""))

    for button, act in ((go, begin), (halt, end)):
        button.click(act, [ask], js=js, queue=False, trigger_mode="multiple", **QUIET)
    go.click(run, [ask], shown, js=js, trigger_mode="always_last", **queue, **QUIET)


def panel(name: str, settings: dict[str, Any]) -> gr.HTML:
    """A panel that draws itself (static/NAME.js); user text comes through `props.value` and is only ever data."""
    return gr.HTML(
        packed({"status": "idle"}),
        html_template='<div class="cv-root"></div>',
        js_on_load=module(f"{name}.js", f"m.mount(element, props, watch, {script_data(settings)});"),
        apply_default_css=False,
        padding=False,
        elem_id=f"{name}-view",
    )


def packed(frame: Frame) -> dict[str, str]:
    """A frame as one string, because Gradio copies a component's value object by object."""
    return {"told": json.dumps(frame, ensure_ascii=False)}
