"""What the Annotate page can ask for: each question an object from the browser, each answer plain JSON. Knows no Gradio.

Whoever asks is named by the caller (the login's name, or the one chosen in the browser). Making queues needs the role admin,
seeing others' labels before one's own needs the role adjudicator; without a login everybody may choose their role.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from textwrap import shorten
from typing import Any

from pydantic import ValidationError

from inspector.annotations import (
    agreement,
    calibration,
    desks,
    detectors,
    events,
    exchange,
    flat,
    gold,
    jobs,
    queues,
    runs,
    store,
    texts,
)
from inspector.annotations.database import Conflict, Database, StoreError, default_database, open_database
from inspector.annotations.items import of_inspection
from inspector.annotations.labels import Label
from inspector.annotations.worker import Worker
from inspector.inspection import Comparison
from inspector.views.annotate_files import FORMATS, content, exported
from inspector.views.pair import Rewriting
from inspector.views.reasons import bilingual, said
from inspector.views.words import language_of, sentence
from models.registry import Registry, UnknownCompressor, registry
from models.said import first_line

FAILURES = 20  # of a queue that are shown
Ask = Mapping[str, Any]


class Annotations:
    """The store behind the page; the database is opened by the first question.

    Args:
        where: as for `open_database`.
        login: people are known by a login, so nobody chooses a role.
        refused: why nothing may be asked here, in a sentence; None where it may.
        give_way: as for `Worker`, which runs compressors over queues in the background.
    """

    def __init__(
        self,
        where: str | Path | None = None,
        table: Registry | None = None,
        *,
        login: bool = False,
        refused: str | None = None,
        give_way: Callable[[], None] = lambda: None,
    ) -> None:
        self.where, self.table, self.login, self.refused = where, table, login, refused
        self._db: Database | None = None
        self._lock = threading.Lock()
        self.worker = Worker(lambda: self.db, lambda: self.table or registry(), give_way)

    @property
    def db(self) -> Database:
        with self._lock:
            if self._db is None:
                self._db = open_database(self.where)
            return self._db

    def resume(self) -> None:
        """Go on with what queues wait for since an earlier run. A default database that is not there yet is not made."""
        if not self.refused and (self.where is not None or default_database().exists()):
            self.worker.wake()

    def close(self) -> None:
        self.worker.close()
        if self._db is not None:
            self._db.close()

    def answer(self, ask: Any, who: str | None, shown: Comparison | Rewriting | None = None) -> dict[str, Any]:
        """The answer to a question, or `{"error": a sentence}`, with `"conflict": true` where another tab was first.

        Args:
            ask: from the browser: `do`, a name of `DO`, and what that takes.
            who: the login's name; None for the one in `ask`.
            shown: what this visitor's compare page, or the page of two texts, shows, for `flag`.
        """
        made = self._answer(ask, who, shown)
        language = language_of(ask)
        return made | {"error": said(made["error"], language)} if "error" in made else made

    def _answer(self, ask: Any, who: str | None, shown: Comparison | Rewriting | None) -> dict[str, Any]:
        try:
            if self.refused:
                return {"error": self.refused, "refused": True}
            if not isinstance(ask, dict) or ask.get("do") not in DO:
                raise StoreError("the page asked for something unknown; reload it")
            name = who or ask.get("name")
            if not isinstance(name, str) or not name.strip():
                raise StoreError("choose a name first")
            name = store.set_person(self.db, name)
            return DO[ask["do"]](self, name, {**ask, "shown": shown})
        except Conflict as error:
            return {"error": told(error), "conflict": True}
        except ValidationError as error:
            first = error.errors()[0]
            return {"error": f"The label is not whole: {'.'.join(map(str, first['loc']))}: {first['msg']}."}
        except (StoreError, UnknownCompressor, ValueError) as error:
            return {"error": told(error)}

    def need(self, name: str, role: store.Role) -> None:
        with self.db.read() as connection:
            store.require(connection, name, role)

    # Queues

    def open(self, name: str, ask: Ask) -> dict[str, Any]:
        """Who this is, and the queues there are. `role`: a new one, without a login."""
        if ask.get("role") and not self.login:
            store.set_person(self.db, name, ask["role"])
        role = store.roles(self.db)[name]
        return {
            "me": {"name": name, "role": role, "login": self.login},
            "queues": [self._queue(queue, name) for queue in queues.all_queues(self.db)],
            **self._inspections(),
            "formats": list(FORMATS),
        }

    def _queue(self, queue: queues.Queue, name: str) -> dict[str, Any]:
        told = queues.progress(self.db, queue.name)
        counts = {key: told[key] for key in ("items", "calibration", "done", "texts")}
        mine = told["annotators"].get(name, {})
        return {**vars(queue), **counts, "made": queues.made(self.db, queue.name), "mine": mine}

    def create(self, name: str, ask: Ask) -> dict[str, Any]:
        self.need(name, "admin")
        made = queues.Queue(str(ask["queue"]), int(ask["annotators"]), 0, bool(ask["blind"]), str(ask["suggestions"]))
        return {"queue": self._queue(queues.create(self.db, made), name)}

    def take_in(self, name: str, ask: Ask) -> dict[str, Any]:
        """Files into a queue, all of them or none: texts, pairs, or our own export. `files`: name and data in base64."""
        self.need(name, "admin")
        found, ours = [], []
        for file in ask["files"]:
            data = content(file)
            if exchange.is_ours(data.partition(b"\n")[0].decode("utf-8", "replace")):
                ours.append(data.decode("utf-8", "strict").split("\n"))
            else:
                found += texts.read(str(file["name"]), data, str(ask.get("split") or "whole"))
        for lines in ours:
            exchange.load(self.db, lines, roles=not self.login)
        pairs = [(each.item, None) for each in found if each.item is not None]
        if found:
            queues.add_items(self.db, ask["queue"], pairs, calibration=bool(ask.get("calibration")))
        new = queues.add_texts(self.db, ask["queue"], [each.source for each in found if each.item is None]) if found else 0
        return {"texts": new, "pairs": len(pairs), "exports": len(ours)}

    def inspect(self, name: str, ask: Ask) -> dict[str, Any]:
        """Compressors over a queue's texts, and divergences in its pairs: the worker does it, whether a page is open or not."""
        self.need(name, "admin")
        addresses, settings = runs.resolved([str(each) for each in ask["compressors"]], self.table or registry())
        told = {"waiting": jobs.ask(self.db, str(ask["queue"]), addresses, settings), **self._inspections()}
        self.worker.wake()
        return told

    def inspections(self, name: str, ask: Ask) -> dict[str, Any]:
        """How far the inspections of all queues are; `act`, first one of `stop`, `go_on`, `again` (what failed), `drop`."""
        if ask.get("act") is not None:
            self.need(name, "admin")
            queue = str(ask["queue"])
            acts = {
                "stop": lambda: jobs.stop(self.db, queue),
                "go_on": lambda: jobs.go_on(self.db, queue),
                "again": lambda: jobs.go_on(self.db, queue, "failed"),
                "drop": lambda: jobs.drop(self.db, queue),
            }
            if ask["act"] not in acts:
                raise StoreError("the page asked for something unknown; reload it")
            acts[ask["act"]]()
        told = self._inspections()
        self.worker.wake()
        return told

    def _inspections(self) -> dict[str, Any]:
        found = jobs.counts(self.db)
        for queue, told in found.items():
            failed = jobs.failures(self.db, queue, FAILURES) if told["failed"] else []
            told["failures"] = [(name, bilingual(why)) for _, name, why in failed]
        return {"inspections": found, "items": queues.sizes(self.db)}

    def guideline(self, name: str, ask: Ask) -> dict[str, Any]:
        """The guideline in force in a queue; with `text`, a new version first."""
        if ask.get("text") is not None:
            self.need(name, "admin")
            queues.set_guideline(self.db, ask["queue"], store.add_guideline(self.db, str(ask["text"])))
        force = queues.queue(self.db, ask["queue"]).guideline
        return {"version": force, "text": store.guideline(self.db, force) if force else ""}

    # Items

    def work(self, name: str, ask: Ask) -> dict[str, Any]:
        """An item (`item`, or the next one), the list of those this person has had, and how far the queue is."""
        queue, item = str(ask["queue"]), ask.get("item")
        if item is None:
            item = queues.next_item(self.db, queue, name)
        told = self._queue(queues.queue(self.db, queue), name)
        score = calibration.score(self.db, queue, name) if told["calibration"] else None
        return {
            "desk": self._desk(queue, item, name, ask) if item is not None else None,
            "list": queues.worklist(self.db, queue, name),
            "queue": told,
            "calibration": score,
        }

    def _desk(self, queue: str, item: str, name: str, ask: Ask) -> dict[str, Any]:
        desk, language = desks.desk(self.db, queue, item, name), language_of(ask)
        found = None
        if desk.suggestions is not None:
            keys = {"kind", "severity", "dimension", "change", "source", "reconstruction", "overwriting"}
            rows = [(each.model_dump(mode="json"), sentence(each, language)) for each in desk.suggestions.divergences]
            kept = [{key: row[key] for key in keys if key in row} | {"told": told} for row, told in rows]
            found = {"id": desk.suggestions.id, "divergences": kept}
        return {
            "id": desk.id,
            **desk.item.model_dump(mode="json"),
            "calibration": desk.calibration,
            "status": desk.status,
            "after": desk.after,
            "label": dumped(desk.label),
            "suggestions": found,
            "others": {who: dumped(label) for who, label in desk.others.items()} if desk.others is not None else None,
        }

    def event(self, name: str, ask: Ask) -> dict[str, Any]:
        """A draft, submit, skip, discard or undo; on disk when this returns."""
        label = Label.model_validate(ask["label"]) if ask.get("label") is not None else None
        made = events.add(self.db, ask["queue"], ask["item"], name, ask["action"], label, after=int(ask["after"]))
        return {"number": made.number, "time": made.time}

    def flag(self, name: str, ask: Ask) -> dict[str, Any]:
        """What `compressor` brought back on the compare page, or the rewriting of two texts, as an item of the queue for such."""
        shown = ask["shown"]
        if isinstance(shown, Rewriting):
            return {"queue": queues.FLAGGED, "item": queues.flag(self.db, *shown.item())}
        one = next((i for i in shown.inspections if i.compressor == ask["compressor"]), None) if shown else None
        if one is None:
            raise StoreError("the comparison is no longer there; run it again, then flag it")
        settings = {"truncate": str(ask["truncate"])} if ask.get("truncate") else None
        item = queues.flag(self.db, *of_inspection(shown.source.text, one, settings))
        return {"queue": queues.FLAGGED, "item": item}

    # What others said

    def review(self, name: str, ask: Ask) -> dict[str, Any]:
        """Disagreements to adjudicate, agreement, and detectors against gold."""
        self.need(name, "adjudicator")
        labels = agreement.held(queues.labels_of(self.db, ask["queue"]))
        right = {item: label for item, label in gold.all_of(self.db).items() if item in labels}
        rows = agreement.disagreements(labels)
        return {
            "disagreements": [row | {"gold": row["item"] in right, "start": self._start(row["item"])} for row in rows],
            "agreement": agreement.agreement(labels),
            "detectors": detectors.against_gold(right, flat.suggestions(self.db, ask["queue"])),
            "gold": len(right),
            "labelled": sum(bool(by) for by in labels.values()),
        }

    def _start(self, item: str) -> str:
        return shorten(store.item(self.db, item).source[:200], 90, placeholder=" …")

    def judge(self, name: str, ask: Ask) -> dict[str, Any]:
        """An item with all labels, for adjudication."""
        self.need(name, "adjudicator")
        desk = self._desk(ask["queue"], ask["item"], name, ask)
        right, after = gold.of(self.db, ask["item"])
        every = queues.labels_of(self.db, ask["queue"]).get(ask["item"], {})
        if desk["others"] is None:
            raise StoreError("submit your own label of this item before you adjudicate it")
        labels = {who: dumped(event.label) for who, event in every.items()}
        return {"desk": desk | {"label": dumped(right), "after": after, "others": labels}}

    def decide(self, name: str, ask: Ask) -> dict[str, Any]:
        """A gold label, or None to take the last one back; on disk when this returns."""
        label = Label.model_validate(ask["label"]) if ask.get("label") is not None else None
        made = gold.adjudicate(self.db, ask["item"], name, label, after=int(ask["after"]))
        return {"number": made.number, "time": made.time}

    def export(self, name: str, ask: Ask) -> dict[str, Any]:
        """A file of a queue's labels: its name, and its text or, in base64, its bytes."""
        self.need(name, "adjudicator")
        person = exchange.pseudonyms() if ask.get("pseudonyms") else exchange.as_they_are
        return exported(self.db, str(ask["queue"]), str(ask["format"]), person)


DO: dict[str, Callable[[Annotations, str, Ask], dict[str, Any]]] = {
    name: getattr(Annotations, name)
    for name in (
        *("open", "create", "take_in", "inspect", "inspections", "guideline"),
        *("work", "event", "flag", "review", "judge", "decide", "export"),
    )
}


def dumped(label: Label | None) -> dict[str, Any] | None:
    return label.model_dump(mode="json") if label is not None else None


def told(error: ValueError) -> str:
    """An error's first line as a sentence; names of files and people that begin it stay as they are."""
    said = first_line(error).rstrip(".")
    return (said[:1].upper() + said[1:] if said.startswith(("the ", "there ", "choose ", "submit ")) else said) + "."
