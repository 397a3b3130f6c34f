"""Queues: texts and items for k annotators each, handed out in an order shuffled for each annotator.

Calibration items, which have gold labels, come first and go to everybody. An item goes to at most k annotators at a time; whoever
discards it, or keeps it for longer than a day without an answer, gives the place back. Nobody sees another's label before their
own submit.
"""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select, update

from inspector.annotations.database import Database, StoreError, now
from inspector.annotations.events import Event, current, status
from inspector.annotations.items import Item, Suggestions, canonical, digest
from inspector.annotations.labels import SHOWN, clean_name
from inspector.annotations.schema import claims, events, gold, guidelines, queue_items, queues, texts
from inspector.annotations.store import person, put, put_item

KEPT = 24 * 3600  # seconds that a place is held for an annotator who does not answer
FLAGGED = "flagged"  # the queue of what was flagged while looking at a comparison


@dataclass(frozen=True)
class Queue:
    name: str
    annotators: int = 1  # k: how many label each item
    seed: int = 0  # of the shuffled orders
    blind: bool = False  # compressors' names are hidden
    shown: str = "after"  # when suggestions are shown, see labels.Shown
    guideline: str | None = None  # id of the version in force


def create(db: Database, queue: Queue) -> Queue:
    """Make a queue; `seed` 0 draws one.

    Raises:
        StoreError: the name is taken or unusable, or a setting is.
    """
    with db.write() as connection:
        return put_queue(connection, queue)


def put_queue(connection: Connection, queue: Queue) -> Queue:
    try:
        name = clean_name(queue.name, "queue's name")
    except ValueError as error:
        raise StoreError(str(error)) from None
    if queue.annotators < 1:
        raise StoreError("an item needs at least one annotator")
    if queue.guideline is not None:
        _guideline(connection, queue.guideline)
    if queue.shown not in SHOWN:
        raise StoreError(f"{queue.shown!r} is not when suggestions are shown: {', '.join(SHOWN)}")
    made = Queue(
        name, queue.annotators, queue.seed or random.SystemRandom().randrange(1, 2**31), queue.blind, queue.shown, queue.guideline
    )
    if not put(connection, queues, **vars(made), time=now()):
        raise StoreError(f"there is a queue {name!r} already")
    return made


def get_queue(connection: Connection, name: str) -> Queue:
    """Raises: StoreError that names the queues there are."""
    row = connection.execute(select(queues).where(queues.c.name == name)).first()
    if row is None:
        known = connection.execute(select(queues.c.name).order_by(queues.c.time)).scalars().all()
        raise StoreError(f"there is no queue {name!r}; " + (f"queues are {', '.join(known)}" if known else "there are none yet"))
    return Queue(row.name, row.annotators, row.seed, row.blind, row.shown, row.guideline)


def queue(db: Database, name: str) -> Queue:
    with db.read() as connection:
        return get_queue(connection, name)


def made(db: Database, name: str) -> str:
    """When a queue was made, which tells it from one of the same name in another database."""
    with db.read() as connection:
        return connection.execute(select(queues.c.time).where(queues.c.name == name)).scalar_one()


def all_queues(db: Database) -> list[Queue]:
    with db.read() as connection:
        names = connection.execute(select(queues.c.name).order_by(queues.c.time)).scalars().all()
        return [get_queue(connection, name) for name in names]


def set_guideline(db: Database, name: str, guideline: str | None) -> None:
    """From now on this version is in force; labels keep theirs."""
    with db.write() as connection:
        get_queue(connection, name)
        put_in_force(connection, name, guideline)


def put_in_force(connection: Connection, name: str, guideline: str | None) -> None:
    if guideline is not None:
        _guideline(connection, guideline)
    connection.execute(update(queues).where(queues.c.name == name).values(guideline=guideline))


def _guideline(connection: Connection, identity: str) -> None:
    if connection.execute(select(guidelines.c.id).where(guidelines.c.id == identity)).first() is None:
        raise StoreError(f"there is no guideline {identity[:12]}")


def _numbers(connection: Connection, table: Any, name: str) -> int:
    """The next number of a queue's texts or items. The queue's row is locked, so that no other importer gets the same."""
    connection.execute(select(queues.c.name).where(queues.c.name == name).with_for_update())
    return (connection.execute(select(func.max(table.c.number)).where(table.c.queue == name)).scalar() or 0) + 1


def add_texts(db: Database, name: str, sources: Iterable[str]) -> int:
    """Texts for compressors to work on; returns how many are new."""
    with db.write() as connection:
        get_queue(connection, name)
        return put_texts(connection, name, sources)


def put_texts(connection: Connection, name: str, sources: Iterable[str]) -> int:
    number, new = _numbers(connection, texts, name), 0
    for source in sources:
        new += put(connection, texts, queue=name, id=digest(source), number=number + new, content=canonical(source))
    return new


def add_items(
    db: Database, name: str, pairs: Iterable[tuple[Item, Suggestions | None]], *, calibration: bool = False
) -> list[str]:
    """Put items into a queue; returns their ids. Those that are in it already stay as they are.

    Raises:
        StoreError: no such queue; an item for calibration has no gold label.
    """
    with db.write() as connection:
        return queue_up(connection, name, pairs, calibration)


def queue_up(
    connection: Connection, name: str, pairs: Iterable[tuple[Item, Suggestions | None]], calibration: bool = False
) -> list[str]:
    get_queue(connection, name)
    number, made = _numbers(connection, queue_items, name), []
    for item, suggested in pairs:
        made.append(put_item(connection, item, suggested))
        if calibration and connection.execute(select(gold.c.id).where(gold.c.item == item.id)).first() is None:
            raise StoreError(f"item {item.id[:12]} has no gold label, so it cannot be used for calibration; adjudicate it first")
        number += put(connection, queue_items, queue=name, item=item.id, number=number, calibration=calibration)
    return made


def flag(db: Database, item: Item, suggested: Suggestions | None) -> str:
    """Put what is on the compare page into the queue `flagged`, which is made on the first use. Returns the item's id."""
    with db.write() as connection:
        put(connection, queues, **vars(Queue(FLAGGED, 1, 1, False, "first")), time=now())
        return queue_up(connection, FLAGGED, [(item, suggested)])[0]


def order(seed: int, annotator: str, item: str) -> bytes:
    """Sort key of an annotator's shuffled order; it stays when items are added."""
    return hashlib.sha256(f"{seed}\0{annotator}\0{item}".encode()).digest()


def next_item(db: Database, name: str, annotator: str, *, clock: float | None = None) -> str | None:
    """The item an annotator should see next, which is then theirs; None where nothing is left to do.

    First what they have begun, then calibration, then what has a free place, last what they skipped.
    """
    clock = time.time() if clock is None else clock
    begun = [item for item, stands in worklist(db, name, annotator) if stands in ("pending", "draft")]
    if begun:
        return begun[0]
    with db.write() as connection:
        person(connection, annotator)
        connection.execute(select(queues.c.name).where(queues.c.name == name).with_for_update())  # one at a time
        wanted = get_queue(connection, name)
        state = _states(connection, name)
        rows = connection.execute(select(queue_items).where(queue_items.c.queue == name)).all()
        rows.sort(key=lambda row: (not row.calibration, order(wanted.seed, annotator, row.item)))
        mine: dict[str, str] = {}
        taken: dict[str, int] = {}
        for claim in connection.execute(select(claims).where(claims.c.queue == name)):
            stands = state.get((claim.item, claim.annotator), "pending")
            if claim.annotator == annotator:
                mine[claim.item] = stands
            elif stands == "submitted" or (stands != "discarded" and clock - claim.time < KEPT):
                taken[claim.item] = taken.get(claim.item, 0) + 1
        begun = [row.item for row in rows if mine.get(row.item) in ("pending", "draft")]
        free = [r.item for r in rows if r.item not in mine and (r.calibration or taken.get(r.item, 0) < wanted.annotators)]
        skipped = [row.item for row in rows if mine.get(row.item) == "skipped"]
        chosen = next(iter(begun or free or skipped), None)
        if chosen is not None and chosen not in mine:
            put(connection, claims, queue=name, item=chosen, annotator=annotator, time=clock)
        return chosen


def _states(connection: Connection, name: str, annotator: str | None = None) -> dict[tuple[str, str], str]:
    """(item, annotator) → status, for whoever has done something, or for one of them."""
    rows = select(events.c.item, events.c.annotator, events.c.action).where(events.c.queue == name)
    if annotator is not None:
        rows = rows.where(events.c.annotator == annotator)
    found: dict[tuple[str, str], list[Any]] = {}
    for row in connection.execute(rows.order_by(events.c.number)):
        found.setdefault((row.item, row.annotator), []).append(row)
    return {key: status(rows) for key, rows in found.items()}


def worklist(db: Database, name: str, annotator: str) -> list[tuple[str, str]]:
    """(item, status) of all that an annotator has had, in their order: to go back to, one by one."""
    with db.read() as connection:
        wanted, state = get_queue(connection, name), _states(connection, name, annotator)
        had = select(claims.c.item, queue_items.c.calibration).join(
            queue_items, (queue_items.c.queue == claims.c.queue) & (queue_items.c.item == claims.c.item)
        )
        rows = connection.execute(had.where(claims.c.queue == name, claims.c.annotator == annotator)).all()
        rows.sort(key=lambda row: (not row.calibration, order(wanted.seed, annotator, row.item)))
        return [(row.item, state.get((row.item, annotator), "pending")) for row in rows]


def progress(db: Database, name: str) -> dict[str, Any]:
    """Counts: `items`, `calibration`, `done` (items with k labels or more), `texts`, and `annotators`: name → status → items."""
    with db.read() as connection:
        wanted, state = get_queue(connection, name), _states(connection, name)
        rows = connection.execute(select(queue_items).where(queue_items.c.queue == name)).all()
        by: dict[str, dict[str, int]] = {}
        labels: dict[str, int] = {}
        for claim in connection.execute(select(claims).where(claims.c.queue == name).order_by(claims.c.annotator)):
            stands = state.get((claim.item, claim.annotator), "pending")
            by.setdefault(claim.annotator, {})[stands] = by.get(claim.annotator, {}).get(stands, 0) + 1
            labels[claim.item] = labels.get(claim.item, 0) + (stands == "submitted")
        return {
            "items": len(rows),
            "calibration": sum(row.calibration for row in rows),
            "done": sum(labels.get(row.item, 0) >= wanted.annotators for row in rows),
            "texts": connection.execute(select(func.count()).select_from(texts).where(texts.c.queue == name)).scalar_one(),
            "annotators": by,
        }


def sizes(db: Database) -> dict[str, int]:
    """Queue → items."""
    with db.read() as connection:
        rows = select(queue_items.c.queue, func.count()).group_by(queue_items.c.queue)
        return {row[0]: row[1] for row in connection.execute(rows)}


def items_of(connection: Connection, name: str, calibration: bool | None = None) -> list[str]:
    """A queue's items, in the order they came; only those for calibration, or only the others."""
    rows = select(queue_items.c.item).where(queue_items.c.queue == name)
    if calibration is not None:
        rows = rows.where(queue_items.c.calibration == calibration)
    return list(connection.execute(rows.order_by(queue_items.c.number)).scalars())


def labels_of(db: Database, name: str) -> dict[str, dict[str, Event]]:
    """item → annotator → the submit that holds, for a whole queue, in the queue's order."""
    from inspector.annotations.events import all_of

    with db.read() as connection:
        get_queue(connection, name)
        found: dict[str, dict[str, Event]] = {item: {} for item in items_of(connection, name)}
    for (item, annotator), own in all_of(db, name).items():
        event = current(own)
        if event is not None:
            found.setdefault(item, {})[annotator] = event
    return found
