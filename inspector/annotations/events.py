"""What annotators do to items: events that are only ever added.

Every event of an annotator on an item of a queue has the next number. Whoever sends one says which was the last they saw
(`after`); where another tab was faster, they get `Conflict` and nothing is lost or overwritten. The current state is what the
events add up to (`fold`).
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import Any, Literal

from pydantic import Field, model_validator
from sqlalchemy import Connection, func, insert, select
from sqlalchemy.exc import IntegrityError

from inspector.annotations.database import Conflict, Database, StoreError, now
from inspector.annotations.labels import Label
from inspector.annotations.schema import claims, queue_items, queues
from inspector.annotations.schema import events as table
from inspector.annotations.store import get_item, get_suggestions, person, put
from inspector.inspection import Contract

Action = Literal["draft", "submit", "skip", "discard", "undo"]
ACTIONS: tuple[str, ...] = Action.__args__  # type: ignore[attr-defined]
LABELLED = ("draft", "submit")


class Event(Contract):
    """One thing that one annotator did; `draft` is a first pass or a pause, `undo` takes back the last that still counts."""

    queue: str
    item: str
    annotator: str
    number: int = Field(ge=1)
    action: Action
    label: Label | None = None
    time: str

    @model_validator(mode="after")
    def _whole(self) -> Event:
        if (self.label is not None) != (self.action in LABELLED):
            raise ValueError(f"{self.action} {'needs a' if self.action in LABELLED else 'has no'} label")
        return self


def fold(events: Iterable[Any]) -> list[Any]:
    """Events that still count, oldest first: each undo takes back the last one before it. Anything with an `action` will do."""
    counting: list[Any] = []
    for event in events:
        if event.action != "undo":
            counting.append(event)
        elif counting:
            counting.pop()
    return counting


def status(events: Iterable[Event]) -> str:
    """pending, draft, submitted, skipped or discarded."""
    counting = fold(events)
    names = {"draft": "draft", "submit": "submitted", "skip": "skipped", "discard": "discarded"}
    return names[counting[-1].action] if counting else "pending"


def current(events: Iterable[Event]) -> Event | None:
    """The submit that holds; None where there is none, or it was discarded since. A draft or a skip after it leaves it."""
    for event in reversed(fold(events)):
        if event.action in ("submit", "discard"):
            return event if event.action == "submit" else None
    return None


def latest_label(events: Iterable[Event]) -> Label | None:
    """What the annotator's form should hold on coming back: the last draft or submit that still counts."""
    return next((event.label for event in reversed(fold(events)) if event.label is not None), None)


def of(db: Database, queue: str, item: str, annotator: str) -> list[Event]:
    with db.read() as connection:
        return thread(connection, queue, item, annotator)


def thread(connection: Connection, queue: str, item: str, annotator: str) -> list[Event]:
    where = (table.c.queue == queue, table.c.item == item, table.c.annotator == annotator)
    return [event_of(row) for row in connection.execute(select(table).where(*where).order_by(table.c.number))]


def event_of(row) -> Event:  # type: ignore[no-untyped-def]
    label = Label.model_validate_json(row.label) if row.label is not None else None
    return Event(
        queue=row.queue, item=row.item, annotator=row.annotator, number=row.number, action=row.action, label=label, time=row.time
    )


def all_of(db: Database, queue: str) -> dict[tuple[str, str], list[Event]]:
    """(item, annotator) → their events, for a whole queue."""
    with db.read() as connection:
        rows = connection.execute(
            select(table).where(table.c.queue == queue).order_by(table.c.item, table.c.annotator, table.c.number)
        )
        found: dict[tuple[str, str], list[Event]] = {}
        for row in rows:
            found.setdefault((row.item, row.annotator), []).append(event_of(row))
        return found


def add(
    db: Database, queue: str, item: str, annotator: str, action: Action, label: Label | None = None, *, after: int = 0
) -> Event:
    """Store one event; it is on disk when this returns. The same event sent twice is one event.

    Args:
        after: number of the last event of this annotator on this item that the sender has seen; 0 for none.

    Raises:
        Conflict: there are later ones, from another tab; nothing was stored.
        StoreError: no such queue, item or person; a label that does not fit the item; nothing to undo.
    """
    if (label is not None) != (action in LABELLED):
        raise StoreError(f"{action} {'needs a' if action in LABELLED else 'has no'} label")
    made = Event(queue=queue, item=item, annotator=annotator, number=after + 1, action=action, label=label, time=now())
    try:
        with db.write() as connection:
            person(connection, annotator)
            inside = select(queue_items.c.item).where(queue_items.c.queue == queue, queue_items.c.item == item)
            if connection.execute(inside).first() is None:
                raise StoreError(f"the queue {queue!r} has no item {item[:12]}")
            mine = (table.c.queue == queue, table.c.item == item, table.c.annotator == annotator)
            before = connection.execute(select(table.c.action).where(*mine).order_by(table.c.number)).all()
            if len(before) > after:
                return _late(thread(connection, queue, item, annotator)[after:], made)
            if len(before) < after:
                raise StoreError(f"the last event that was seen cannot be number {after}; there are {len(before)}")
            if action == "undo" and not fold(before):
                raise StoreError("there is nothing to undo on this item")
            if label is not None:
                check_label(connection, item, label)
                check_policy(connection, queue, label, first_pass=any(row.action in LABELLED for row in before))
            put(connection, claims, queue=queue, item=item, annotator=annotator, time=time.time())
            store(connection, made)
    except IntegrityError:  # another process had the same number at the same moment; it has committed by now
        since = of(db, queue, item, annotator)[after:]
        if not since:
            raise
        return _late(since, made)
    return made


def _late(since: Sequence[Event], made: Event) -> Event:
    """The sender's own event where it had arrived already, and they sent it again.

    Raises:
        Conflict: it is another.
    """
    if len(since) == 1 and (since[0].action, since[0].label) == (made.action, made.label):
        return since[0]
    last = since[-1]
    raise Conflict(
        f"{made.annotator} has worked on this item in another tab since it was opened here (the last: {last.action}, "
        f"{last.time[:19].replace('T', ' ')} UTC); nothing was overwritten: reload the item, then send again what is to hold"
    )


def check_label(connection: Connection, item: str, label: Label) -> None:
    """Raises: StoreError where the label does not fit the item, its suggestions or the guidelines that are stored."""
    from inspector.annotations.schema import guidelines

    suggested = get_suggestions(connection, item, label.suggestions) if label.suggestions is not None else None
    try:
        label.check(get_item(connection, item), suggested)
    except ValueError as error:
        raise StoreError(f"the label does not fit the item: {error}") from None
    if label.guideline is not None:
        known = connection.execute(select(guidelines.c.id).where(guidelines.c.id == label.guideline)).first()
        if known is None:
            raise StoreError(f"there is no guideline {label.guideline[:12]}")


def check_policy(connection: Connection, queue: str, label: Label, first_pass: bool) -> None:
    """Raises: StoreError where a label says otherwise than the queue how it was made: blind, and when suggestions were shown."""
    row = connection.execute(select(queues.c.blind, queues.c.shown).where(queues.c.name == queue)).one()
    if label.blind != row.blind:
        raise StoreError(f"the queue {queue!r} is {'' if row.blind else 'not '}blind, and the label says otherwise")
    if label.shown not in ("never", row.shown):
        raise StoreError(f"the queue {queue!r} shows suggestions {row.shown}, and the label says {label.shown}")
    if label.shown == "after" and not first_pass:
        raise StoreError("suggestions are shown after a first pass: store that as a draft before deciding on them")


def store(connection: Connection, event: Event) -> None:
    from inspector.annotations.items import canonical

    label = canonical(event.label.model_dump(mode="json")) if event.label is not None else None
    connection.execute(insert(table).values(event.model_dump(exclude={"label"}) | {"label": label}))


def count(db: Database) -> int:
    with db.read() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()
