"""The Probe page: a context and a question of one's own, put to up to four compressors."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import gradio as gr

from inspector.compare import LIMIT, InputError
from inspector.pages.labels import STATIC, word
from inspector.pages.loads import Apart, NotLoaded
from inspector.pages.probes import Frame, panel, wire
from inspector.pages.run import MOST, Moments, first_choice, known, refusal
from inspector.pages.watched import Stopped, Watched, Watching
from inspector.probes.reader import called
from inspector.studies.items import Item
from inspector.views.reasons import bilingual
from inspector.views.words import language_of
from models.hub.room import sentence
from models.registry import Address, Registry, UnknownCompressor

FIELDS = ("text", "question", "answers", "others")
log = logging.getLogger(__name__)


@lru_cache(maxsize=1)
def examples() -> list[dict[str, str]]:
    return json.loads((STATIC / "probe-examples.json").read_text(encoding="utf-8"))


class Asking:
    """Runs of the page around one registry; knows no layout. What a browser sends may be anything."""

    def __init__(self, table: Registry, limit: int = LIMIT, reader: str | None = None) -> None:
        self.table, self.limit, self.moments, self.reader = Apart(table), limit, Moments(), reader

    def put(self, ask: Any, session: str, stop: bool = False) -> None:
        """A newer question of the same session, or a stop, ends the older ones at their next step, within a compressor too."""
        self.moments.put(session, given(ask)["moment"], stop)

    def frames(self, ask: Any, session: str) -> Iterator[Frame]:
        """What the page shows, step by step; what cannot be used is said in a frame too."""
        told = given(ask)
        language = told["language"]
        try:
            item, addresses = self.checked(told)
            yield from self.steps(item, addresses, told, lambda: self.moments.newest(session)[0] > told["moment"])
        except (InputError, UnknownCompressor, ValueError) as error:
            yield {"status": "error", "message": refusal(error, language)}
        except Exception:  # the page lives on, whatever a plug-in does
            log.exception("asking about a text of %d characters failed", len(told["text"]))
            yield {"status": "error", "message": word("page.error.failed", language)}

    def checked(self, told: dict[str, Any]) -> tuple[Item, list[Address]]:
        """What is asked, of whom.

        Raises:
            InputError, UnknownCompressor: something cannot be used; the message says what.
        """
        from inspector.probes.own import own

        answers, others = ([line for line in told[name].split("\n") if line.strip()] for name in ("answers", "others"))
        addresses = list({str(a): a for a in map(self.table.resolve, told["compressors"])}.values())
        if not 1 <= len(addresses) <= MOST:
            raise InputError(word("page.error.too_many" if addresses else "page.error.none", told["language"], most=MOST))
        return own(told["text"], told["question"], answers, others, self.limit), addresses

    def steps(self, item: Item, addresses: list[Address], told: dict[str, Any], stop: Callable[[], bool]) -> Iterator[Frame]:
        from inspector.probes.drift import ask as sentences
        from inspector.probes.knowledge import ask as answers
        from inspector.probes.own import controls
        from inspector.probes.reader import Reader, load
        from inspector.views.probe_page import column, drift

        columns: list[dict[str, Any]] = [{"name": str(address), "status": "waiting"} for address in addresses]
        frame = {"language": told["language"], "answers": item.answers, "others": item.others, "columns": columns, "drift": None}
        frame["reader"] = reader = None if self.reader is None else {"name": called(self.reader), "why": None}
        shared, done, total = controls([item]), 0, 2 * len(addresses)
        failed: dict[int, str] = {}
        watching = Watching(stop)
        yield frame | {"status": "running", "progress": 0.02}
        if reader:
            try:
                loaded = load(self.reader)
                shared["reader"] = Watched(Reader(loaded.model, loaded.tokenizer, reader["name"]), ("answer", "margin"), stop)
            except RuntimeError:  # the compressors can be asked all the same
                log.exception("the reader %s cannot be used", self.reader)
                reader["why"] = word("ask.read.failed", told["language"], name=reader["name"])
        for k, address in enumerate(addresses):
            if stop():
                break
            try:
                compressor = watching(self.table.load(address))
                columns[k] |= {"status": "done"} | column(item, answers([item], address, compressor, shared)[0])
            except Stopped:
                break
            except NotLoaded as error:
                failed[k] = str(error)
            except Exception as error:  # one that fails leaves the others alone
                log.exception("%s could not be asked", address)
                failed[k] = sentence(error, str(address))
            if k in failed:
                columns[k] |= {"status": "error", "message": bilingual(failed[k])}
            done += 1
            yield frame | {"status": "running", "progress": done / total}
        found: list[Any] = []
        for k, address in enumerate(addresses):
            if stop():
                break
            try:
                found.append(failed.get(k) or sentences([item], address, watching(self.table.load(address)), shared)[0])
            except Stopped:
                break
            except Exception as error:
                log.exception("%s could not be asked about sentences", address)
                found.append(sentence(error, str(address)))
            done += 1
            yield frame | {"status": "running", "progress": done / total}
        if len(found) == len(addresses):
            yield frame | {"drift": drift(found), "status": "done", "progress": 1.0}
        else:
            yield frame | {"status": "stopped", "progress": 1.0}


def given(ask: Any) -> dict[str, Any]:
    """What a browser asked for, with every field of the type it should have."""
    sent = ask if isinstance(ask, dict) else {}

    def text(name: str) -> str:
        return sent[name] if isinstance(sent.get(name), str) else ""

    def whole(name: str) -> str:
        return text(name).encode("utf-8", "replace").decode()  # half a character can't be said back

    names, moment = sent.get("compressors"), sent.get("moment")
    return {name: whole(name) for name in FIELDS[1:]} | {
        "text": text("text"),
        "compressors": [n for n in names if isinstance(n, str)][: MOST + 1] if isinstance(names, list) else [],
        "language": language_of(sent),
        "moment": float(moment) if isinstance(moment, int | float) and abs(moment) < 1e15 else 0.0,
    }


def probe_page(table: Registry, chosen: list[str] | None, limit: int, queue: dict[str, Any], reader: str | None = None) -> None:
    """Lay out the page inside the current Blocks, and wire it.

    Args:
        chosen: addresses that the page opens with; the usual ones by default.
        queue: concurrency settings that it shares with the comparison.
        reader: a language model that reads what comes back, a folder or hub name.
    """
    asking = Asking(table, limit, reader)
    settings = {"names": known(table), "chosen": first_choice(table, chosen), "most": MOST, "examples": examples()}
    settings["reader"] = None if reader is None else called(reader)
    shown = panel("probe-page", settings)
    go, halt = (gr.Button(visible="hidden", elem_id=f"probe-page-{act}") for act in ("go", "stop"))
    wire(asking, go, halt, gr.JSON(visible="hidden"), shown, "() => [window.inspector.asked['probe-page']]", queue)
