"""Compressors over queues' texts: by a worker in the background, or from the command line; goes on where it stopped."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from inspector.annotations import jobs, queues, schema, store
from inspector.annotations.database import Database
from inspector.annotations.items import Setting, Suggestions, canonical, of_inspection
from models.said import first_line

if TYPE_CHECKING:
    from inspector.inspection import Inspection
    from models.registry import Registry

log = logging.getLogger(__name__)


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

    What was done before with the same compressor and settings is not done again; what failed or was stopped is; what another
    worker is at is left to it. A text is stored when done.

    Raises:
        StoreError: there is no such queue.
        UnknownCompressor, ValueError: a compressor or setting cannot be used; nothing was begun.
    """
    import models.registry

    table = registry or models.registry.registry()
    addresses, settings = resolved(compressors, table, ratio, truncate)
    waiting, failed, worker = _waiting(db, queue, addresses, settings), [], jobs.new_worker()
    yield Progress(0, len(waiting))
    try:
        with jobs.Alive(db, worker):
            for done, (identity, names) in enumerate(waiting, 1):
                if stop():
                    return
                failed += _work(db, jobs.take(db, queue, identity, names, settings, worker), worker, table)
                yield Progress(done, len(waiting), tuple(failed))
    finally:
        jobs.release(db, worker, "stopped")


def resolved(
    compressors: Sequence[str], table: Registry, ratio: int | None = None, truncate: str | None = None
) -> tuple[list[str], str]:
    """Addresses in full, each once, and settings as canonical JSON.

    Raises:
        UnknownCompressor, ValueError: a compressor or setting cannot be used.
    """
    from inspector.measures.spectrum import parse_truncation

    if truncate is not None:
        parse_truncation(truncate)
    settings: dict[str, Setting] = {"truncate": truncate} if truncate is not None else {}
    return list(dict.fromkeys(str(table.resolve(name, ratio)) for name in compressors)), canonical(settings)


def work(db: Database, worker: str, table: Registry, stop: Callable[[], bool] = lambda: False, lease: float = jobs.LEASE) -> int:
    """Take the jobs that wait longest, on one text, and do them; how many they were."""
    taken = jobs.claim(db, worker, lease=lease)
    if taken:
        _work(db, taken, worker, table, stop)
    return len(taken)


def _work(
    db: Database, taken: Sequence[jobs.Job], worker: str, table: Registry, stop: Callable[[], bool] = lambda: False
) -> list[str]:
    """Do what was taken, all of it on one text; one sentence for each that failed."""
    failed = []
    for job in taken:
        if job.compressor == jobs.PAIR and not stop():
            failed += _settled(db, job, worker, lambda job=job: _suggested(db, job.subject))
    named = []
    for job in (job for job in taken if job.compressor != jobs.PAIR):
        try:
            table.resolve(job.compressor)
            named.append(job)
        except ValueError as error:  # asked for where it was known
            failed += _failed(db, job, worker, error)
    if not named or stop():
        return failed
    source, settings = jobs.text_of(db, named[0]), json.loads(named[0].settings)
    try:
        made, errors = _inspected(source, [job.compressor for job in named], settings.get("truncate"), table, stop)
    except Exception as error:  # a plug-in's: it fails these jobs, not the worker
        log.exception("inspecting a text of the queue %r failed", named[0].queue)
        made, errors = {}, {job.compressor: first_line(error) for job in named}
    if stop():
        return failed

    def item(job: jobs.Job):  # type: ignore[no-untyped-def]
        if job.compressor not in made:
            raise ValueError(errors.get(job.compressor, "it made nothing of the text"))
        return of_inspection(source, made[job.compressor], settings)

    for job in named:
        failed += _settled(db, job, worker, lambda job=job: item(job))
    return failed


def _settled(db: Database, job: jobs.Job, worker: str, make: Callable) -> list[str]:  # type: ignore[type-arg]
    try:
        jobs.keep(db, job, worker, *make())
    except Exception as error:  # where the store itself is away, noting it fails too, and the job is free again later
        return _failed(db, job, worker, error)
    return []


def _failed(db: Database, job: jobs.Job, worker: str, error: Exception) -> list[str]:
    jobs.fail(db, job, worker, first_line(error))
    return [f"{job.named}: {first_line(error)}"]


def _suggested(db: Database, identity: str):  # type: ignore[no-untyped-def]
    from inspector.divergence import diverge

    item = store.item(db, identity)
    report = diverge(item.source, item.reconstruction)
    return item, Suggestions(divergences=report.divergences, language=report.language, pipeline=report.pipeline)


def _inspected(
    source: str, names: Sequence[str], truncate: str | None, table: Registry, stop: Callable[[], bool]
) -> tuple[dict[str, Inspection], dict[str, str]]:
    """What each compressor made of a text, and why the others made nothing of it; they don't hold each other up."""
    from inspector.compare import Builder, stream

    builder, errors = Builder(source, names), {}
    try:
        for event in stream(source, names, truncate=truncate, limit=None, registry=table, stop=stop):
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


def _waiting(db: Database, queue: str, addresses: Sequence[str], settings: str) -> list[tuple[str, list[str]]]:
    """(Text's id, addresses that have not made an item of it)."""
    with db.read() as connection:
        queues.get_queue(connection, queue)
        made = schema.jobs.c
        rows = select(schema.jobs).where(made.queue == queue, made.settings == settings, made.state == "done")
        done = {(row.subject, row.compressor) for row in connection.execute(rows)}
        texts = select(schema.texts.c.id).where(schema.texts.c.queue == queue).order_by(schema.texts.c.number)
        found = [(text, [name for name in addresses if (text, name) not in done]) for text in connection.execute(texts).scalars()]
    return [each for each in found if each[1]]
