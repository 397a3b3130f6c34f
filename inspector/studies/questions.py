"""A unit of a probe → rows: each compressor of a group is asked about the texts of a batch."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from typing import Any

from inspector.probes.asked import Asked, Probe, probes
from inspector.studies.items import Item
from inspector.studies.plan import Case, Unit
from inspector.studies.rows import asked_failed, asked_of
from models.registry import Address, Registry

log = logging.getLogger(__name__)


def ask(unit: Unit, table: Registry) -> list[dict[str, Any]]:
    """The rows of a unit. A text on which a probe fails in the batch is asked about once more by itself; then its row says why.

    All texts of the batch are asked about even where some are done already: a text's control is another text of its batch.

    Raises:
        RuntimeError: the reader that is named cannot be loaded.
    """
    from inspector.probes.reader import load
    from models.hub.room import sentence

    rows: list[dict[str, Any]] = []
    probe = probes()[unit.cases[0].probe].load()
    reader = next((case.reader for case in unit.cases if case.reader), None)
    read: dict[str, Any] = {} if reader is None else {"reader": load(reader)}
    shared = dict(read)
    for name in dict.fromkeys(case.compressor for case in unit.cases):
        address, cases = table.resolve(name), [case for case in unit.cases if case.compressor == name]
        began = time.monotonic()
        try:
            compressor = table.load(address)
            found: dict[int, list[Asked] | str] = dict(enumerate(probe(unit.items, address, compressor, shared)))
        except Exception as error:  # plug-ins may raise anything
            log.exception("%s of %s failed", unit.cases[0].probe, name)
            found = {case.text: sentence(error, name) for case in cases}
            if len(unit.items) > 1:
                found = {case.text: alone(probe, unit.items[case.text], address, table, read) for case in cases}
        seconds = (time.monotonic() - began) / len(unit.items)
        for case in cases:
            rows += rows_of(unit.items[case.text], case, address, found[case.text], seconds)
    return rows


def alone(probe: Probe, item: Item, address: Address, table: Registry, read: dict[str, Any]) -> list[Asked] | str:
    """What is found of one text by itself, or why not."""
    from models.hub.room import sentence

    try:
        return probe([item], address, table.load(address), dict(read))[0]
    except Exception as error:
        return sentence(error, str(address))


def rows_of(item: Item, case: Case, address: Address, found: Sequence[Asked] | str, seconds: float) -> list[dict[str, Any]]:
    if isinstance(found, str):
        return [asked_failed(item, case, address, found)]
    return asked_of(item, case, address, [asked for asked in found if asked.reader == case.reader], seconds)
