"""A process that submits labels and says of each that it is stored, until it is killed (test_durability.py)."""

from __future__ import annotations

import os
from multiprocessing.connection import Connection

from inspector.annotations import events
from inspector.annotations.database import Conflict, open_database
from inspector.annotations.labels import Label


def submit(where: str, item: str, annotator: str, begin: int, says: Connection) -> None:
    """From number `begin` on; each acknowledgement is the event's number, sent once `add` has returned."""
    with open_database(where) as db:
        for number in range(begin, begin + 100_000):
            events.add(db, "q", item, annotator, "submit", Label(verdict="drift", comment=f"number {number}"), after=number - 1)
            says.send(number)


def race(where: str, item: str, annotator: str, count: int, says: Connection) -> None:
    """Submit `count` labels on one item, as one of several processes that do so at once, until each is taken; then say so."""
    with open_database(where) as db:
        for number in range(count):
            while True:
                after = len(events.of(db, "q", item, annotator))
                said = Label(verdict="drift", comment=f"{os.getpid()} {number}")
                try:
                    events.add(db, "q", item, annotator, "submit", said, after=after)
                    break
                except Conflict:
                    continue
    says.send(count)
