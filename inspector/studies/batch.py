"""A unit of a study → rows: many texts go through the compressors that share a decoder together."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Sequence
from typing import Any

from inspector.compare import CACHE, Builder, Run, through
from inspector.inspection import Inspection
from inspector.studies.items import Item
from inspector.studies.plan import Case, Unit
from inspector.studies.rows import failed, row_of
from models.registry import Address, Registry

Made = tuple[Inspection | None, str | None]  # the inspection, or why there is none


def work(unit: Unit, table: Registry) -> list[dict[str, Any]]:
    """The rows of a unit of inspections, or of a probe's questions."""
    if unit.cases[0].probe is None:
        return inspect(unit, table)
    from inspector.studies.questions import ask

    return ask(unit, table)


def inspect(unit: Unit, table: Registry) -> list[dict[str, Any]]:
    """The rows of a unit, in order. What fails in a batch is tried once more by itself; then the row says why."""
    rows: dict[str, dict[str, Any]] = {}
    for truncate in dict.fromkeys(case.truncate for case in unit.cases):
        cases = [case for case in unit.cases if case.truncate == truncate]
        addresses = [table.resolve(case.compressor) for case in cases]
        quick = [k for k, a in enumerate(addresses) if not a.row.optimises]
        for group in (quick, *([k] for k, a in enumerate(addresses) if a.row.optimises)):
            if group:
                chosen = [(unit.items[cases[k].text], cases[k], addresses[k]) for k in group]
                rows |= {row["key"]: row for row in _rows(chosen, table, truncate)}
    CACHE.clear()  # the next unit has other texts
    return [rows[case.key] for case in unit.cases]


def _rows(chosen: Sequence[tuple[Item, Case, Address]], table: Registry, truncate: str | None) -> Iterator[dict[str, Any]]:
    began = time.monotonic()
    made = _made([(item.text, address) for item, _, address in chosen], table, truncate)
    seconds = (time.monotonic() - began) / len(chosen)
    for (item, case, address), (inspection, reason) in zip(chosen, made, strict=True):
        if inspection is None and len(chosen) > 1:
            [(inspection, reason)] = _made([(item.text, address)], table, truncate)
        if inspection is None:
            yield failed(item, case, address, reason or "")
        else:
            yield row_of(item, case, address, inspection, seconds)


def _made(cases: Sequence[tuple[str, Address]], table: Registry, truncate: str | None) -> list[Made]:
    from inspector.measures.spectrum import parse_truncation

    runs = [Run(k, address, text) for k, (text, address) in enumerate(cases)]
    builder = Builder("", [str(address) for _, address in cases])
    for event in through(runs, table, parse_truncation(truncate) if truncate else None, together=True):
        builder.apply(event)
    finished = iter(builder.comparison().inspections)
    return [
        (next(finished), None) if column["status"] == "done" else (None, column["error"] or "no memory came of this text")
        for column in builder.columns
    ]


def weights(compressor: Any) -> str:
    """SHA-256 of all tensors of the networks that a compressor and its decoder hold; "none" where there are none.

    Networks are looked for in attributes, three objects deep.
    """
    import torch

    modules: dict[str, torch.nn.Module] = {}
    for path, found in _attributes(compressor, "", 3):
        if isinstance(found, torch.nn.Module) and not any(found is other for other in modules.values()):
            modules[path] = found
    if not modules:
        return "none"
    made = hashlib.sha256()
    for path in sorted(modules):
        for name, tensor in sorted(modules[path].state_dict().items()):
            made.update(f"{path}.{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
            made.update(tensor.detach().contiguous().cpu().flatten().view(torch.uint8).numpy().tobytes())
    return made.hexdigest()


def _attributes(of: Any, path: str, depth: int) -> Iterator[tuple[str, Any]]:
    for name, value in getattr(of, "__dict__", {}).items():
        yield f"{path}.{name}", value
        if depth > 1 and hasattr(value, "__dict__") and not callable(value):
            yield from _attributes(value, f"{path}.{name}", depth - 1)


def hashes(addresses: Sequence[Address], table: Registry) -> dict[str, str]:
    """The hash of each address's weights.

    Raises:
        RuntimeError: a compressor cannot run here.
    """
    known: dict[tuple[str, tuple[str, ...]], str] = {}
    for address in addresses:
        at = (address.row.name, address.options)
        if at not in known:
            known[at] = weights(table.load(address))
    return {str(address): known[address.row.name, address.options] for address in addresses}
