"""What compressors are still to make of queues' texts: kept in the database, so that it outlives whoever works on it.

A job is one compressor on one text of a queue, or, with no compressor, the divergences of an item that came as a pair. A worker
takes some by one update that succeeds only while they are free, and confirms now and then that it lives; what nobody has
confirmed for `LEASE` seconds is free again. What a worker brings is stored only while it still holds the job, in the same
transaction: two workers, in one process or in two, never both make an item of a job.
"""

from __future__ import annotations

import json
import os
import socket
import threading
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, func, literal, or_, select, update

from inspector.annotations import queues
from inspector.annotations.database import Database, StoreError
from inspector.annotations.items import Item, Suggestions, canonical
from inspector.annotations.schema import jobs, queue_items, suggestions, texts

STATES = ("waiting", "working", "done", "failed", "stopped")
PAIR = ""  # in place of a compressor: the divergences of an item that came as a pair
LEASE = 60.0  # seconds that a job is held for a worker that does not confirm; a writer may wait 30 for another
BEAT = 10.0  # seconds between confirmations
BATCH = 4  # compressors of one text that are taken at a time: those with one decoder are cheaper together
TRIES = 3  # times a job is taken that ends its worker: memory may be too small for it


@dataclass(frozen=True)
class Job:
    number: int
    queue: str
    subject: str  # a text's id; an item's, where there is no compressor
    compressor: str
    settings: str  # canonical JSON

    @property
    def named(self) -> str:
        return self.compressor or "suggestions"


def new_worker() -> str:
    """A name that no other worker has."""
    return f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:12]}"


def ask(db: Database, queue: str, addresses: Sequence[str], settings: str = "{}") -> int:
    """Put jobs for all texts of a queue, and for pairs without suggestions; what was stopped or failed waits again.

    Returns:
        How many wait now in this queue.

    Raises:
        StoreError: there is no such queue.
    """
    with db.write() as connection:
        queues.get_queue(connection, queue)
        for address in addresses:
            _put(connection, select(*_row(queue, texts.c.id, address, settings)).where(texts.c.queue == queue), texts.c.number)
        known = select(suggestions.c.item).where(suggestions.c.item == queue_items.c.item)
        pairs = select(*_row(queue, queue_items.c.item, PAIR, "{}")).where(queue_items.c.queue == queue, ~known.exists())
        _put(connection, pairs, queue_items.c.number)
        asked = or_(and_(jobs.c.compressor.in_(addresses), jobs.c.settings == settings), jobs.c.compressor == PAIR)
        _change(connection, queue, ("failed", "stopped"), "waiting", asked)
        return connection.execute(select(func.count()).where(jobs.c.queue == queue, jobs.c.state == "waiting")).scalar_one()


def _row(queue: str, subject: Any, compressor: str, settings: str) -> tuple[Any, ...]:
    return literal(queue), subject, literal(compressor), literal(settings), literal("waiting"), literal(0)


def _put(connection: Connection, rows: Any, order: Any) -> None:
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as insert_or
    else:
        from sqlalchemy.dialects.sqlite import insert as insert_or
    columns = ["queue", "subject", "compressor", "settings", "state", "tries"]
    connection.execute(insert_or(jobs).from_select(columns, rows.order_by(order)).on_conflict_do_nothing())


def _clock(connection: Connection) -> float:
    """Seconds since 1970, by the one clock that all workers on a database share."""
    if connection.dialect.name == "postgresql":
        return float(connection.execute(select(func.extract("epoch", func.clock_timestamp()))).scalar_one())
    return time.time()


def _free(clock: float, lease: float) -> ColumnElement[bool]:
    return or_(jobs.c.state == "waiting", and_(jobs.c.state == "working", jobs.c.beat < clock - lease))


def claim(db: Database, worker: str, *, lease: float = LEASE) -> list[Job]:
    """Take what waits longest: jobs of one text, at most `BATCH`; none where nothing waits."""
    with db.write() as connection:
        clock = _clock(connection)
        free = _free(clock, lease)
        gone = f"the program ended {TRIES} times while it worked on this; perhaps there is too little memory for it"
        worn = (jobs.c.state == "working", free, jobs.c.tries >= TRIES)
        connection.execute(update(jobs).where(*worn).values(state="failed", worker=None, error=canonical(gone)))
        oldest = select(jobs).where(free).order_by(jobs.c.number).limit(1).with_for_update(skip_locked=True)
        first = connection.execute(oldest).first()
        if first is None:
            return []
        alike = (jobs.c.queue == first.queue, jobs.c.subject == first.subject, jobs.c.settings == first.settings, free)
        rest = select(jobs.c.number).where(*alike).order_by(jobs.c.number).limit(BATCH).with_for_update(skip_locked=True)
        return _take(connection, [jobs.c.number.in_(connection.execute(rest).scalars().all())], free, worker, clock)


def take(
    db: Database, queue: str, text: str, addresses: Sequence[str], settings: str, worker: str, *, lease: float = LEASE
) -> list[Job]:
    """Take jobs on one text by name, whether somebody asked for them or not; not those that are done or worked on."""
    with db.write() as connection:
        clock = _clock(connection)
        for address in addresses:
            one = select(*_row(queue, texts.c.id, address, settings)).where(texts.c.queue == queue, texts.c.id == text)
            _put(connection, one, texts.c.number)
        alike = [jobs.c.queue == queue, jobs.c.subject == text, jobs.c.settings == settings, jobs.c.compressor.in_(addresses)]
        return _take(connection, alike, or_(_free(clock, lease), jobs.c.state.in_(("failed", "stopped"))), worker, clock)


def _take(connection: Connection, alike: list[Any], free: Any, worker: str, clock: float) -> list[Job]:
    # One update, which looks again whether a job is free once it has the row's lock: whoever comes second gets nothing.
    taken = update(jobs).where(*alike, free).values(state="working", worker=worker, beat=clock, tries=jobs.c.tries + 1)
    columns = (jobs.c.number, jobs.c.queue, jobs.c.subject, jobs.c.compressor, jobs.c.settings)
    rows = connection.execute(taken.returning(*columns)).all()
    return sorted((Job(*row) for row in rows), key=lambda job: job.number)


def confirm(db: Database, worker: str) -> None:
    """Say that a worker lives."""
    with db.write() as connection:
        own = (jobs.c.worker == worker, jobs.c.state == "working")
        connection.execute(update(jobs).where(*own).values(beat=_clock(connection)))


def held(db: Database, worker: str) -> bool:
    """Does a worker still hold a job? Not once somebody stopped the queue, or another worker took it for dead."""
    with db.read() as connection:
        own = select(jobs.c.number).where(jobs.c.worker == worker, jobs.c.state == "working")
        return connection.execute(own.limit(1)).first() is not None


def keep(db: Database, job: Job, worker: str, item: Item, suggested: Suggestions | None) -> bool:
    """Put what came of a job into its queue. False, and nothing is stored, where the worker no longer holds the job."""
    with db.write() as connection:
        if not _settle(connection, job, worker, state="done", error=None):
            return False
        (identity,) = queues.queue_up(connection, job.queue, [(item, suggested)])
        connection.execute(update(jobs).where(jobs.c.number == job.number).values(item=identity))
        return True


def fail(db: Database, job: Job, worker: str, reason: str) -> bool:
    """Note why nothing came of a job; it can be asked for again."""
    with db.write() as connection:
        return _settle(connection, job, worker, state="failed", error=canonical(reason))


def _settle(connection: Connection, job: Job, worker: str, **values: Any) -> bool:
    mine = (jobs.c.number == job.number, jobs.c.worker == worker, jobs.c.state == "working")
    return connection.execute(update(jobs).where(*mine).values(worker=None, **values)).rowcount == 1


def release(db: Database, worker: str, state: str = "waiting") -> None:
    """Give back what a worker holds."""
    with db.write() as connection:
        own = (jobs.c.worker == worker, jobs.c.state == "working")
        connection.execute(update(jobs).where(*own).values(state=state, worker=None, tries=jobs.c.tries - 1))


def _change(connection: Connection, queue: str, old: Sequence[str], new: str, *where: Any) -> int:
    rows = update(jobs).where(jobs.c.queue == queue, jobs.c.state.in_(old), *where)
    return connection.execute(rows.values(state=new, worker=None, tries=0, error=None)).rowcount


def stop(db: Database, queue: str) -> int:
    """Nobody takes this queue's jobs from now on, and what is worked on at the moment is not stored; how many that stopped."""
    with db.write() as connection:
        queues.get_queue(connection, queue)
        return _change(connection, queue, ("waiting", "working"), "stopped")


def go_on(db: Database, queue: str, state: str = "stopped") -> int:
    """What was stopped (or `failed`) waits again; how many."""
    if state not in ("stopped", "failed"):
        raise StoreError(f"{state!r} jobs cannot go on; those stopped or failed can")
    with db.write() as connection:
        queues.get_queue(connection, queue)
        return _change(connection, queue, (state,), "waiting")


def drop(db: Database, queue: str) -> int:
    """Forget what was stopped or failed; how many. Run it again, and it is asked for anew."""
    with db.write() as connection:
        queues.get_queue(connection, queue)
        gone = (jobs.c.queue == queue, jobs.c.state.in_(("stopped", "failed")))
        return connection.execute(delete(jobs).where(*gone)).rowcount


def counts(db: Database) -> dict[str, dict[str, int]]:
    """Queue → state → jobs."""
    with db.read() as connection:
        rows = connection.execute(select(jobs.c.queue, jobs.c.state, func.count()).group_by(jobs.c.queue, jobs.c.state))
        found: dict[str, dict[str, int]] = {}
        for queue, state, number in rows:
            found.setdefault(queue, dict.fromkeys(STATES, 0))[state] = number
        return found


def failures(db: Database, queue: str, most: int | None = None) -> list[tuple[str, str, str]]:
    """(Text's or item's id, compressor, why) of what has not worked, oldest first."""
    with db.read() as connection:
        rows = select(jobs).where(jobs.c.queue == queue, jobs.c.state == "failed").order_by(jobs.c.number).limit(most)
        return [(row.subject, row.compressor or "suggestions", json.loads(row.error)) for row in connection.execute(rows)]


def text_of(db: Database, job: Job) -> str:
    with db.read() as connection:
        found = connection.execute(select(texts.c.content).where(texts.c.queue == job.queue, texts.c.id == job.subject))
        return json.loads(found.scalar_one())


class Alive:
    """Confirms, as long as it is open, that a worker lives: on a thread of its own, since loading a model takes long."""

    def __init__(self, db: Database, worker: str, every: float = BEAT) -> None:
        self._db, self._worker, self._every, self._ended = db, worker, every, threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True, name="annotations: alive")

    def _beat(self) -> None:
        while not self._ended.wait(self._every):
            try:
                confirm(self._db, self._worker)
            except StoreError:  # the store is away; what it cannot confirm, it will not store either
                continue

    def __enter__(self) -> Alive:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
