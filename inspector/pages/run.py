"""One run behind the page: text and names in, payloads of the compare view out. Knows no layout.

The browser gives every run its moment. A newer moment of the same session (a run, an edit in live mode, Stop) ends
the older runs at their next step, whether they compute or still wait: only the newest survives.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, combinations
from typing import Any

from inspector.compare import LIMIT, Builder, Event, InputError, stream, validate
from inspector.measures.spectrum import parse_truncation
from inspector.pages.finished import Finished
from inspector.pages.labels import word
from inspector.pages.loads import Apart, waits, whole
from inspector.pages.replay import behind, kept
from inspector.pages.turns import TURNS
from inspector.views.compare import payload
from inspector.views.compressors import facts
from inspector.views.reasons import said
from inspector.views.words import language_of
from models.hub.card import gigabytes
from models.hub.settings import HubSettings
from models.registry import Address, Registry, UnknownCompressor
from models.said import first_line

DEFAULT = ("pocket-xs@4", "pocket-l@4", "pocket-l@16", "superposition-s@16")
MOST = 4  # compressors side by side
EVERY = 0.3  # seconds between updates of the page, at least: drawing one costs the browser a good part of that
SOON = 0.08  # the same where a column has come a step further; steps that come at once are shown at once
SHARES = {"waiting": 0.0, "memory": 0.1, "trace": 0.2}  # of a column's work, when it has come that far
log = logging.getLogger(__name__)


class Moments:
    """The newest moment of each session, and whether it was a stop. Bounded; forgets the longest silent."""

    def __init__(self, sessions: int = 1_000) -> None:
        self._newest: OrderedDict[str, tuple[float, bool]] = OrderedDict()
        self._sessions, self._lock = sessions, threading.Lock()

    def put(self, session: str, moment: float, stop: bool) -> None:
        with self._lock:
            if moment >= self.newest(session)[0]:
                self._newest[session] = (moment, stop)
                self._newest.move_to_end(session)
            while len(self._newest) > self._sessions:
                self._newest.popitem(last=False)

    def newest(self, session: str) -> tuple[float, bool]:
        return self._newest.get(session, (0.0, False))


def known(table: Registry) -> list[str]:
    """Addresses to choose from: what can run here, at each ratio, with and without its switches."""
    found = []
    for row in table.rows.values():
        if row.why_not() is None and row.reconstructs:
            most = min(len(row.options), 1) if row.one_option else len(row.options)
            switches = chain.from_iterable(combinations(row.options, n) for n in range(most + 1))
            found += [str(Address(row, options, ratio)) for options in switches for ratio in row.ratios]
    return found


def labelled(table: Registry, language: str = "en") -> list[tuple[str, str]]:
    """(Label, address) of what can be chosen; of large ones that are not loaded the label says what that takes."""
    settings, found = HubSettings.named(), []
    for name in known(table):
        address, label = table.resolve(name), name
        if waits(table, address):
            card = address.row.card
            key, size = ("download", card.download(settings)) if card.missing(settings) else ("load", card.memory(settings))
            label = word(f"page.choice.{key}", language, address=name, size=gigabytes(size))
        found.append((label, name))
    return found


def first_choice(table: Registry, asked: Sequence[str] | None) -> list[str]:
    """Addresses shown at the start: those asked for, else the usual ones, else the first that can run.

    Raises:
        UnknownCompressor, InputError: what was asked for cannot be shown.
    """
    if asked:
        if len(asked) > MOST:
            raise InputError(word("page.error.too_many", "en", most=MOST))
        return [str(table.resolve(address)) for address in asked]
    ready = known(table)
    usual = [address for address in DEFAULT if address in ready]
    rows = [row for row in table.rows.values() if row.card is None]
    own = [address for row in rows if (address := str(Address(row, (), row.default_ratio))) in ready]
    return usual or own[:MOST]


def refusal(error: ValueError, language: str = "en") -> str:
    """One sentence for the person, in her language where it is one of ours."""
    told = said(first_line(error), language)
    if isinstance(error, UnknownCompressor) and told == first_line(error):
        return told[0].upper() + told[1:].rstrip(".") + "."
    return told


class Runs:
    """Runs around one registry. Large compressors that are not loaded stay so: their columns say what loading takes."""

    def __init__(self, table: Registry, limit: int = LIMIT, finished: Finished | None = None) -> None:
        self.table, self.limit, self.moments, self._count = Apart(table), limit, Moments(), 0
        self.finished = finished or Finished()

    def frames(self, text: str, names: Sequence[str], session: str, order: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Payloads of one run, the first at once; what cannot be used is said in a payload too.

        Args:
            order: from the browser: `moment` (ms), `live` (follows typing), `language`, `truncate` (as for `stream`, or None),
                `case` (of the gallery, whose stored result is shown meanwhile).
        """
        moment, language = float(order.get("moment") or 0), language_of(order)
        self._count += 1
        common = {"run": self._count, "language": language}

        def stop() -> bool:
            TURNS.taken()
            return self.moments.newest(session)[0] > moment

        def superseded() -> bool:
            newest, stopped = self.moments.newest(session)
            return newest > moment and not stopped

        if stop():
            return
        try:
            chosen = self._chosen(names, bool(order.get("live")), language)
            truncate = self._truncation(order.get("truncate"), language)
            validate(text, self.limit)
            frames = self._stream(text, chosen, truncate, stop, session, common)
            if not truncate and (case := kept(order.get("case"), text, chosen)):
                frames = behind(frames, *case, self.table, common)
            for frame in frames:
                if not superseded():
                    yield frame
        except (InputError, UnknownCompressor) as error:
            yield payload("", [], status="error", progress=0.0, message=refusal(error, language), **common)
        except Exception:  # the page lives on, whatever a plug-in does
            log.exception("a run of %d compressors failed", len(names))
            yield payload("", [], status="error", progress=0.0, message=word("page.error.failed", language), **common)

    def _chosen(self, names: Sequence[str], live: bool, language: str) -> list[str]:
        if not names:
            raise InputError(word("page.error.none", language))
        if len(names) > MOST:
            raise InputError(word("page.error.too_many", language, most=MOST))
        found = [self.table.resolve(name) for name in names]
        if live:
            found = [address for address in found if address.row.live]
            if not found:
                raise InputError(word("page.error.not_live", language))
        return list(dict.fromkeys(map(str, found)))

    @staticmethod
    def _truncation(asked: Any, language: str) -> str | None:
        if not asked:
            return None
        try:
            parse_truncation(str(asked))
        except ValueError:
            raise InputError(word("page.error.truncate", language, given=str(asked)[:40])) from None
        return str(asked)

    def _stream(
        self,
        text: str,
        names: Sequence[str],
        truncate: str | None,
        stop: Callable[[], bool],
        session: str,
        common: dict[str, Any],
    ) -> Iterator[dict[str, Any]]:
        builder, ready = Builder(text, names), []
        for index, address in enumerate(map(self.table.resolve, names)):
            if waits(self.table, address):
                builder.columns[index] |= {"status": "unloaded", "card": facts(whole(address), address.row.card)}
            else:
                ready.append(index)

        def frame(status: str) -> dict[str, Any]:
            progress = sum(map(share, builder.columns)) / len(builder.columns)
            return payload(text, builder.columns, status=status, progress=progress, **common)

        yield frame("running")
        shown, pause, states = time.monotonic(), EVERY, None
        settings = {"truncate": truncate, "stop": stop, "limit": self.limit, "registry": self.table}
        events = stream(text, [names[index] for index in ready], **settings) if ready else iter(())
        for event in events:
            builder.apply(Event(ready[event.inspection], event.field, event.value))
            now = [column["status"] for column in builder.columns]
            if time.monotonic() - shown > (SOON if now != states else pause):
                began = time.monotonic()
                yield frame("running")
                shown, states = time.monotonic(), now
                pause = max(EVERY, 2 * (shown - began))  # drawing a long text must not take most of the time
        try:
            if (made := builder.comparison()).inspections:
                self.finished.put(session, common["run"], made)
        except ValueError:  # a plug-in gave what the contract cannot hold: it is shown all the same
            log.exception("run %d cannot be exported", common["run"])
        yield frame("stopped" if any(column["status"] == "stopped" for column in builder.columns) else "done")


def share(column: dict[str, Any]) -> float:
    """How much of a column is done, roughly: reading its memory is most of the work, or searching for it."""
    if column["status"] == "optimising":
        return 0.9 * column["progress"]
    if column.get("optimised") and column["status"] in (*SHARES, "decoding"):
        return 0.9
    return 0.2 + 0.75 * column["progress"] if column["status"] == "decoding" else SHARES.get(column["status"], 1.0)
