"""Compressors over a queue's texts, in the background of a page or from the command line; goes on where it stopped."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from inspector.annotations import queues, schema, store
from inspector.annotations.database import Database
from inspector.annotations.items import Setting, Suggestions, canonical, of_inspection

if TYPE_CHECKING:
    from inspector.inspection import Inspection
    from models.registry import Registry


@dataclass(frozen=True)
class Progress:
    done: int
    total: int
    failed: tuple[str, ...] = ()  # one sentence each


def inspect(
    db: Database,
    queue: str,
    compressors: Sequence[str],
    *,
    ratio: int | None = None,
    truncate: str | None = None,
    registry: Registry | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> Iterator[Progress]:
    """Put what each compressor makes of each text into the queue, with suggestions; yields first, and after each text.

    What was done before with the same compressor and settings is not done again; what failed is. A text is stored when done.

    Raises:
        StoreError: there is no such queue.
        UnknownCompressor, ValueError: a compressor or setting cannot be used; nothing was begun.
    """
    import models.registry
    from inspector.measures.spectrum import parse_truncation

    if truncate is not None:
        parse_truncation(truncate)
    table = registry or models.registry.registry()
    addresses = [str(table.resolve(name, ratio)) for name in dict.fromkeys(compressors)]
    settings: dict[str, Setting] = {"truncate": truncate} if truncate is not None else {}
    waiting = _waiting(db, queue, addresses, canonical(settings))
    total, failed = len(waiting), []
    yield Progress(0, total)
    for done, (identity, source, names) in enumerate(waiting, 1):
        if stop():
            return
        made, errors = _inspected(source, names, truncate, table)
        for name in names:
            try:
                if name not in made:
                    raise ValueError(errors.get(name, "it made nothing of the text"))
                item, suggested = of_inspection(source, made[name], settings)
                _keep(db, queue, identity, name, canonical(settings), item, suggested)
            except ValueError as error:
                failed.append(f"{name}: {error}")
                _fail(db, queue, identity, name, canonical(settings), str(error))
        yield Progress(done, total, tuple(failed))


def _inspected(
    source: str, names: Sequence[str], truncate: str | None, table: Registry
) -> tuple[dict[str, Inspection], dict[str, str]]:
    """What each compressor made of a text, and why the others made nothing of it; they don't hold each other up."""
    from inspector.compare import Builder, stream

    builder, errors = Builder(source, names), {}
    try:
        for event in stream(source, names, truncate=truncate, limit=None, registry=table):
            if event.field == "error":
                errors[names[event.inspection]] = event.value
            builder.apply(event)
    except ValueError as error:  # the text itself
        return {}, dict.fromkeys(names, str(error))
    return {inspection.compressor: inspection for inspection in builder.comparison().inspections}, errors


def suggest(db: Database, queue: str, pipeline: str | None = None, *, again: bool = False) -> Iterator[Progress]:
    """Automatic divergences for items that came with their reconstruction; `again`: for all, as the detectors find them today."""
    from inspector.divergence import diverge_many

    with db.read() as connection:
        queues.get_queue(connection, queue)
        names = queues.items_of(connection, queue)
        wanted = [name for name in names if again or store.get_suggestions(connection, name) is None]
        items = [store.get_item(connection, name) for name in wanted]
    yield Progress(0, len(items))
    reports = diverge_many([(item.source, item.reconstruction) for item in items], pipeline=pipeline)
    for done, (item, report) in enumerate(zip(items, reports), 1):
        found = Suggestions(divergences=report.divergences, language=report.language, pipeline=report.pipeline)
        store.add_items(db, [(item, found)])
        yield Progress(done, len(items))


def _waiting(db: Database, queue: str, addresses: Sequence[str], settings: str) -> list[tuple[str, str, list[str]]]:
    """(Text's id, text, addresses that have not made an item of it)."""
    with db.read() as connection:
        queues.get_queue(connection, queue)
        rows = select(schema.runs).where(
            schema.runs.c.queue == queue, schema.runs.c.settings == settings, schema.runs.c.item.is_not(None)
        )
        done = {(row.text, row.compressor) for row in connection.execute(rows)}
        texts = select(schema.texts).where(schema.texts.c.queue == queue).order_by(schema.texts.c.number)
        found = [
            (row.id, json.loads(row.content), [name for name in addresses if (row.id, name) not in done])
            for row in connection.execute(texts)
        ]
    return [each for each in found if each[2]]


def _keep(db: Database, queue: str, text: str, name: str, settings: str, item, suggested) -> None:  # type: ignore[no-untyped-def]
    with db.write() as connection:
        identity = queues.queue_up(connection, queue, [(item, suggested)])[0]
        _note(connection, queue, text, name, settings, identity, None)


def _fail(db: Database, queue: str, text: str, name: str, settings: str, reason: str) -> None:
    with db.write() as connection:
        _note(connection, queue, text, name, settings, None, canonical(reason))


def _note(connection, queue, text, name, settings, item, error) -> None:  # type: ignore[no-untyped-def]
    runs = schema.runs
    where = (runs.c.queue == queue, runs.c.text == text, runs.c.compressor == name, runs.c.settings == settings)
    if not store.put(connection, runs, queue=queue, text=text, compressor=name, settings=settings, item=item, error=error):
        connection.execute(runs.update().where(*where).values(item=item, error=error))


def failures(db: Database, queue: str) -> list[tuple[str, str, str]]:
    """(Text's id, compressor, why) of what has not worked so far."""
    with db.read() as connection:
        rows = select(schema.runs).where(schema.runs.c.queue == queue, schema.runs.c.error.is_not(None))
        return [(row.text, row.compressor, json.loads(row.error)) for row in connection.execute(rows)]
