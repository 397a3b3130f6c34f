"""What an annotator may see of an item, now: no compressor in a blind queue, no suggestions and no others' labels too early."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select

from inspector.annotations.database import Database, NotAllowed, StoreError
from inspector.annotations.events import current, latest_label, status, thread
from inspector.annotations.items import Item, Suggestions
from inspector.annotations.labels import Label
from inspector.annotations.queues import Queue, get_queue
from inspector.annotations.schema import claims, events, queue_items
from inspector.annotations.store import ROLES, get_item, get_suggestions, person


@dataclass(frozen=True)
class Desk:
    """All that an annotator may see of an item, now."""

    queue: Queue
    id: str
    item: Item  # without compressor and settings where the queue is blind
    calibration: bool
    status: str  # pending, draft, submitted, skipped, discarded
    after: int  # number of the last event; goes back with the next one
    label: Label | None  # what the form holds
    suggestions: Suggestions | None  # None while they are hidden, or where there are none
    others: Mapping[str, Label] | None  # annotator → label; None until the own submit


def desk(db: Database, name: str, item: str, annotator: str) -> Desk:
    """An item as this annotator may see it now.

    Raises:
        StoreError: no such queue, item or person.
    """
    with db.read() as connection:
        wanted, role = get_queue(connection, name), person(connection, annotator)
        row = connection.execute(select(queue_items).where(queue_items.c.queue == name, queue_items.c.item == item)).first()
        if row is None:
            raise StoreError(f"the queue {name!r} has no item {item[:12]}")
        own = thread(connection, name, item, annotator)
        judge = ROLES.index(role) >= ROLES.index("adjudicator") and not _claimed(connection, name, item, annotator)
        first_pass = any(event.label is not None for event in own)
        visible = wanted.shown == "first" or (wanted.shown == "after" and first_pass) or judge
        whole = get_item(connection, item)
        return Desk(
            queue=wanted,
            id=item,
            item=Item(source=whole.source, reconstruction=whole.reconstruction) if wanted.blind and not judge else whole,
            calibration=row.calibration,
            status=status(own),
            after=len(own),
            label=latest_label(own),
            suggestions=get_suggestions(connection, item) if visible else None,
            others=_others(connection, name, item, annotator) if judge or current(own) else None,
        )


def others(db: Database, name: str, item: str, viewer: str) -> dict[str, Label]:
    """The others' labels of an item.

    Raises:
        NotAllowed: the viewer has not submitted their own.
    """
    shown = desk(db, name, item, viewer).others
    if shown is None:
        raise NotAllowed("others' labels are shown after your own submit")
    return dict(shown)


def _claimed(connection: Connection, name: str, item: str, annotator: str) -> bool:
    where = (claims.c.queue == name, claims.c.item == item, claims.c.annotator == annotator)
    return connection.execute(select(claims.c.number).where(*where)).first() is not None


def _others(connection: Connection, name: str, item: str, viewer: str) -> dict[str, Label]:
    where = (events.c.queue == name, events.c.item == item, events.c.annotator != viewer)
    names = connection.execute(select(events.c.annotator).where(*where).distinct().order_by(events.c.annotator)).scalars().all()
    held = {who: current(thread(connection, name, item, who)) for who in names}
    return {who: event.label for who, event in held.items() if event is not None and event.label is not None}
