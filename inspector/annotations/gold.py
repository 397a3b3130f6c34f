"""Gold labels: what an adjudicator decided on an item. Events as well: the last that was not undone holds."""

from __future__ import annotations

from typing import Literal

from pydantic import Field
from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import IntegrityError

from inspector.annotations.database import Conflict, Database, StoreError, now
from inspector.annotations.events import check_label, fold
from inspector.annotations.items import canonical
from inspector.annotations.labels import Label
from inspector.annotations.schema import gold as table
from inspector.annotations.store import require
from inspector.inspection import Contract


class GoldEvent(Contract):
    item: str
    number: int = Field(ge=1)
    adjudicator: str
    action: Literal["submit", "undo"]
    label: Label | None = None
    time: str


def history(connection: Connection, item: str) -> list[GoldEvent]:
    return [_event(row) for row in connection.execute(select(table).where(table.c.item == item).order_by(table.c.number))]


def _event(row) -> GoldEvent:  # type: ignore[no-untyped-def]
    label = Label.model_validate_json(row.label) if row.label is not None else None
    return GoldEvent(item=row.item, number=row.number, adjudicator=row.adjudicator, action=row.action, label=label, time=row.time)


def of(db: Database, item: str) -> tuple[Label | None, int]:
    """The gold label that holds, None where there is none, and the number of the last event (for `after`)."""
    with db.read() as connection:
        events = history(connection, item)
    counting = fold(events)
    return (counting[-1].label if counting else None), len(events)


def all_of(db: Database) -> dict[str, Label]:
    """item → gold label."""
    with db.read() as connection:
        found: dict[str, list[GoldEvent]] = {}
        for row in connection.execute(select(table).order_by(table.c.item, table.c.number)):
            found.setdefault(row.item, []).append(_event(row))
    counting = {item: fold(events) for item, events in found.items()}
    return {item: events[-1].label for item, events in counting.items() if events and events[-1].label is not None}


def adjudicate(db: Database, item: str, adjudicator: str, label: Label | None, *, after: int = 0) -> GoldEvent:
    """Store a gold label, or undo the last one (`label` None); on disk when this returns.

    Args:
        after: number of the last gold event of this item that the adjudicator has seen; 0 for none.

    Raises:
        NotAllowed: the person is no adjudicator.
        Conflict: another adjudicator was first.
        StoreError: no such item or person, a label that does not fit, nothing to undo.
    """
    action = "submit" if label is not None else "undo"
    made = GoldEvent(item=item, number=after + 1, adjudicator=adjudicator, action=action, label=label, time=now())
    try:
        with db.write() as connection:
            require(connection, adjudicator, "adjudicator")
            before = history(connection, item)
            if len(before) != after:
                raise _late(before[-1] if before else made)
            if label is None and not fold(before):
                raise StoreError("there is no gold label to undo on this item")
            if label is not None:
                check_label(connection, item, label)
            store(connection, made)
    except IntegrityError:
        with db.read() as connection:
            raise _late(history(connection, item)[-1]) from None
    return made


def _late(last: GoldEvent) -> Conflict:
    return Conflict(
        f"{last.adjudicator} has decided on this item since it was opened here ({last.time[:19].replace('T', ' ')} UTC); "
        "nothing was overwritten: reload the item, then decide again if needed"
    )


def store(connection: Connection, event: GoldEvent) -> None:
    label = canonical(event.label.model_dump(mode="json")) if event.label is not None else None
    connection.execute(insert(table).values(event.model_dump(exclude={"label"}) | {"label": label}))
