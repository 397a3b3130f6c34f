"""Our own JSON lines: everything of the queues named, and back without loss (docs/annotations.md has the schema).

The first line says what the file is, with queues, guidelines and people; each other line is an item with its suggestions, all
events, and the labels that hold, for readers who want no more. A file is taken in whole or not at all; what is there already
stays as it is.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection, select, update

from inspector.annotations import events, gold, queues, schema, store
from inspector.annotations.database import Conflict, Database, StoreError
from inspector.annotations.items import Item, Suggestions
from inspector.annotations.labels import Label, clean_name
from inspector.inspection import Contract

FORMAT, VERSION = "compression-inspector annotations", 1
Names = Callable[[str], str]


def as_they_are(name: str) -> str:
    return name


def pseudonyms() -> Names:
    """A stand-in for each name, the same within an export: `person-CODE-NUMBER`.

    Numbers are drawn at random, and the code is the export's own, so that two exports cannot be joined by it.
    """
    code, made = secrets.token_hex(3), {}
    free = list(range(1, 10_000))

    def of(name: str) -> str:
        if name not in made:
            made[name] = free.pop(secrets.randbelow(len(free)))
        return f"person-{code}-{made[name]:04d}"

    return of


def dump(db: Database, names: Sequence[str] | None = None, person: Names = as_they_are) -> Iterator[str]:
    """Lines of JSON, without line ends.

    Args:
        names: of queues; None for all.
        person: what stands in the place of an annotator's name.

    Raises:
        StoreError: there is no such queue.
    """
    with db.read() as connection:
        every = connection.execute(select(schema.queues).order_by(schema.queues.c.time, schema.queues.c.name)).all()
        for name in names or ():
            queues.get_queue(connection, name)
        chosen = [row for row in every if names is None or row.name in names]
        yield line(_header(connection, chosen, person))
        for identity in dict.fromkeys(item for row in chosen for item in queues.items_of(connection, row.name)):
            yield line(_item(connection, identity, [row.name for row in chosen], person))


def line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _header(connection: Connection, chosen: Sequence[Any], person: Names) -> dict[str, Any]:
    wanted = [row.name for row in chosen]
    guides = connection.execute(select(schema.guidelines).order_by(schema.guidelines.c.time, schema.guidelines.c.id)).all()
    who = connection.execute(select(schema.people).order_by(schema.people.c.name)).all()
    texts = select(schema.texts).where(schema.texts.c.queue.in_(wanted)).order_by(schema.texts.c.number)
    by: dict[str, list[str]] = {}
    for row in connection.execute(texts):
        by.setdefault(row.queue, []).append(json.loads(row.content))
    return {
        "format": FORMAT,
        "version": VERSION,
        "queues": [dict(row._mapping) | {"texts": by.get(row.name, [])} for row in chosen],
        "guidelines": [{"id": row.id, "text": json.loads(row.content), "time": row.time} for row in guides],
        "people": sorted(({"name": person(row.name), "role": row.role} for row in who), key=lambda row: row["name"]),
    }


def _item(connection: Connection, identity: str, wanted: Sequence[str], person: Names) -> dict[str, Any]:
    inside = schema.queue_items.c.queue.in_(wanted) & (schema.queue_items.c.item == identity)
    places = {row.queue: row for row in connection.execute(select(schema.queue_items).where(inside))}
    rows = select(schema.events).where(schema.events.c.queue.in_(wanted), schema.events.c.item == identity)
    threads: dict[tuple[str, str], list[events.Event]] = {}
    for row in connection.execute(rows.order_by(schema.events.c.number)):
        threads.setdefault((row.queue, person(row.annotator)), []).append(events.event_of(row))
    decided = gold.history(connection, identity)
    held = events.fold(decided)
    return {
        "id": identity,
        "item": store.get_item(connection, identity).model_dump(mode="json"),
        "suggestions": [each.model_dump(mode="json") | {"id": each.id} for each in store.all_suggestions(connection, identity)],
        "queues": [{"name": name, "calibration": places[name].calibration} for name in wanted if name in places],
        "labels": labels_that_hold(threads),
        "gold": held[-1].label.model_dump(mode="json") if held and held[-1].label else None,
        "events": [
            event.model_dump(mode="json", exclude={"item"}) | {"annotator": who}
            for (_, who), thread in sorted(threads.items())
            for event in thread
        ],
        "gold_events": [
            each.model_dump(mode="json", exclude={"item"}) | {"adjudicator": person(each.adjudicator)} for each in decided
        ],
    }


def labels_that_hold(threads: dict[tuple[str, str], list[events.Event]]) -> list[dict[str, Any]]:
    found = []
    for (queue, who), thread in sorted(threads.items()):
        event = events.current(thread)
        if event is not None and event.label is not None:
            found.append({"queue": queue, "annotator": who, "time": event.time} | event.label.model_dump(mode="json"))
    return found


class _Place(Contract):
    name: str
    calibration: bool


class _Line(Contract):
    """An item's line."""

    id: str
    item: Item
    suggestions: tuple[dict[str, Any], ...] = ()
    queues: tuple[_Place, ...]
    labels: tuple[dict[str, Any], ...] | None = None  # what the events say; checked
    gold: Label | None = None  # the same
    events: tuple[dict[str, Any], ...] = ()
    gold_events: tuple[dict[str, Any], ...] = ()


def load(db: Database, lines: Iterable[str], *, roles: bool = True) -> dict[str, int]:
    """Take in such a file; `{"items", "events"}` that are new.

    Args:
        roles: people who are new get the file's roles; else they are annotators.

    Raises:
        StoreError: a line that is not as it should be, with its number; nothing was stored then.
        Conflict: other events are here under the same numbers; nothing was stored.
    """
    counts = {"items": 0, "events": 0}
    with db.write() as connection:
        for number, text in enumerate(lines, 1):
            if not text.strip():
                continue
            try:
                row = json.loads(text)
                if number == 1:
                    _load_header(connection, row, roles)
                else:
                    for name, new in zip(counts, _load_item(connection, _Line.model_validate(row))):
                        counts[name] += new
            except ValidationError as error:
                first = error.errors()[0]
                where = ".".join(map(str, first["loc"]))
                raise StoreError(f"line {number}: {where}: {first['msg']}") from None
            except Conflict as error:
                raise Conflict(f"line {number}: {error}") from None
            except (KeyError, TypeError, AttributeError) as error:
                raise StoreError(f"line {number}: not as docs/annotations.md has it ({error})") from None
            except RecursionError:
                raise StoreError(f"line {number}: nested too deeply") from None
            except ValueError as error:  # JSON's and ours
                raise StoreError(f"line {number}: {error}") from None
    return counts


def is_ours(first_line: str) -> bool:
    try:
        row = json.loads(first_line)
    except (ValueError, RecursionError):
        return False
    return isinstance(row, dict) and row.get("format") == FORMAT


def _load_header(connection: Connection, row: dict[str, Any], roles: bool) -> None:
    if not isinstance(row, dict) or row.get("format") != FORMAT:
        raise StoreError(f'the first line is no header with "format": "{FORMAT}"')
    if row["version"] != VERSION:
        raise StoreError(f"version {row['version']} of the format is not {VERSION}, the one this program reads")
    for who in row["people"]:
        name = clean_name(who["name"])
        known = connection.execute(select(schema.people.c.name).where(schema.people.c.name == name)).first()
        store.put_person(connection, name, who["role"] if roles and known is None else None)
    for guide in row["guidelines"]:
        if store.put_guideline(connection, guide["text"], guide["time"]) != guide["id"]:
            raise StoreError(f"guideline {guide['id'][:12]} is not the hash of its text")
    for each in row["queues"]:
        sources, time = each.pop("texts"), each.pop("time")
        made = queues.Queue(**each)
        known = connection.execute(select(schema.queues).where(schema.queues.c.name == made.name)).first()
        if known is None:
            queues.put_queue(connection, made)
            connection.execute(update(schema.queues).where(schema.queues.c.name == made.name).values(time=time))
        elif differing := [key for key in ("annotators", "seed", "blind", "shown") if getattr(known, key) != getattr(made, key)]:
            raise StoreError(f"there is another queue {made.name!r}, with other settings ({', '.join(differing)})")
        queues.put_texts(connection, made.name, sources)


def _load_item(connection: Connection, row: _Line) -> tuple[int, int]:
    if row.item.id != row.id:
        raise StoreError(f"id {row.id[:12]} is not the hash of the item ({row.item.id[:12]}); was a text changed?")
    new = connection.execute(select(schema.items.c.id).where(schema.items.c.id == row.id)).first() is None
    store.put_item(connection, row.item)
    for each in row.suggestions:
        suggested = Suggestions.model_validate({key: value for key, value in each.items() if key != "id"})
        if suggested.id != each["id"]:
            raise StoreError(f"suggestions {each['id'][:12]} are not the hash of their content")
        store.put_item(connection, row.item, suggested)
    decided = _threads(row.gold_events, lambda each: gold.GoldEvent.model_validate({**each, "item": row.id}))
    added = 0
    for thread in decided.values():
        for event in thread:
            store.person(connection, event.adjudicator)
        added += _append(connection, gold.history(connection, row.id), thread, gold.store, row.id)
    for place in row.queues:
        queues.queue_up(connection, place.name, [(row.item, None)], calibration=place.calibration)
    threads = _threads(row.events, lambda each: events.Event.model_validate({**each, "item": row.id}))
    for (queue, who), thread in threads.items():
        store.person(connection, who)
        if queue not in [place.name for place in row.queues]:
            raise StoreError(f"an event belongs to the queue {queue!r}, which the item is not in")
        before = events.thread(connection, queue, row.id, who)
        store.put(connection, schema.claims, queue=queue, item=row.id, annotator=who, time=0.0)
        added += _append(connection, before, thread, events.store, row.id)
    _check_derived(row, threads, next(iter(decided.values()), []))
    return int(new), added


def _threads(rows: Iterable[dict[str, Any]], made: Callable[[dict[str, Any]], Any]) -> dict[tuple[str, str], list[Any]]:
    found: dict[tuple[str, str], list[Any]] = {}
    for row in rows:
        event = made(row)
        found.setdefault((event.queue, event.annotator) if isinstance(event, events.Event) else ("", ""), []).append(event)
    return found


def _append(connection: Connection, before: list[Any], thread: list[Any], put: Callable[..., None], item: str) -> int:
    """Store what is new of a thread; what both have must be the same."""
    if [event.number for event in thread] != list(range(1, len(thread) + 1)):
        raise StoreError("events are numbered from 1 without a gap")
    if any(a != b for a, b in zip(before, thread)):
        raise Conflict(f"item {item[:12]} has other events here than in the file; nothing was overwritten")
    for event in thread[len(before) :]:
        if event.label is not None:
            events.check_label(connection, item, event.label)
            if isinstance(event, events.Event):
                passed = any(earlier.label is not None for earlier in thread[: event.number - 1])
                events.check_policy(connection, event.queue, event.label, first_pass=passed)
        put(connection, event)
    return max(len(thread) - len(before), 0)


def _check_derived(row: _Line, threads: dict[tuple[str, str], list[events.Event]], decided: list[gold.GoldEvent]) -> None:
    """Labels are there to be read: whoever changed one must not believe that it counted."""
    if row.labels is not None and list(row.labels) != labels_that_hold(threads):
        raise StoreError("`labels` are not what `events` add up to; change events, or leave labels out")
    held = events.fold(decided)
    if row.gold != (held[-1].label if held else None):
        raise StoreError("`gold` is not what `gold_events` add up to")
