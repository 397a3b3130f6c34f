"""A study's tables → the payload of the Studies page (`static/studies.js`), sentences included."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inspector.studies import paradox
from inspector.studies.measured import NEEDED, NEEDED_ASKED, Group, groups
from inspector.studies.relations import relations
from inspector.studies.statistics import Estimate, estimates
from inspector.studies.store import PROBES, RESULTS, StudyError, both, columns_of, parsed
from inspector.studies.table import HEADS, comma_separated, latex
from inspector.views.studies_told import comparisons, matrix, share, verdict

if TYPE_CHECKING:
    import pyarrow

SHIPPED = Path(__file__).resolve().parents[1] / "studies" / "shipped" / "pocket"
PUBLISHED = Path(__file__).resolve().parents[1] / "studies" / "published.json"
BYTES, ROWS, QUESTIONS = 64_000_000, 100_000, 1_000_000  # that a visitor's files may have, together and each
SETS = 6  # shown by themselves, the largest; all texts together are always shown
MEASURES = tuple(dict.fromkeys((*HEADS, *paradox.FAITHFUL, "drift", "entropy_bits")))


class Tables:
    """A study as it was read: inspections, and questions where there are any."""

    def __init__(self, results: pyarrow.Table | None, probes: pyarrow.Table | None) -> None:
        self.results = RESULTS.schema.empty_table() if results is None else results
        self.probes = probes

    @property
    def sets(self) -> list[str]:
        """Sets of texts, those with most rows first."""
        count: dict[str, int] = {}
        for table in (self.results, self.probes):
            for name in () if table is None else table.column("set").to_pylist():
                count[name] = count.get(name, 0) + 1
        return sorted(count, key=lambda name: (-count[name], name))


def from_folder(folder: Path) -> Tables:
    """Raises StudyError: it holds neither table, or one that cannot be read."""
    if not any(folder.glob("*.parquet")):
        raise StudyError("no study ships with this copy")
    return Tables(*both(folder))


def from_files(files: Sequence[tuple[str, bytes]]) -> Tables:
    """A visitor's files, told apart by their columns.

    Args:
        files: (name, content).

    Raises:
        StudyError: one is too large, no table of a study, or two are of one kind.
    """
    made: dict[str, Any] = {}
    if sum(len(content) for _, content in files) > BYTES:
        raise StudyError(f"the files have more than {BYTES // 1_000_000} MB together")
    for name, content in files:
        asked = "probe" in columns_of(BytesIO(content), name)
        kind, needed, most = (PROBES, NEEDED_ASKED, QUESTIONS) if asked else (RESULTS, NEEDED, ROWS)
        if kind.name in made:
            raise StudyError(f"{name} is a second table of the same kind; one results.parquet and one probes.parquet can be read")
        made[kind.name] = parsed(BytesIO(content), name, needed, kind, most)
    if not made:
        raise StudyError("no file was given")
    return Tables(made.get("results"), made.get("probes"))


def payload(
    tables: Tables, *, number: int, title: str, own: bool = False, manifest: dict[str, Any] | None = None
) -> dict[str, Any]:
    """What the page draws: for all texts and for every set by itself, figures with intervals, verdicts and correlations.

    Args:
        number: of the answer, so that the page can tell a new one.
        own: the study is a visitor's.
        manifest: of the study, where there is one.

    Raises:
        StudyError: there is nothing to show.
    """
    sets = tables.sets
    parts: dict[str, list[Group]] = {"": groups(tables.results, tables.probes)}
    if not parts[""]:
        raise StudyError("the table holds no inspection that did not fail")
    if len(sets) > 1:
        parts |= {name: groups(tables.results, tables.probes, [name]) for name in sets[:SETS]}
    every = [g.configuration for g in parts[""]]
    told = {name: part(found, every) for name, found in parts.items()}
    measures = [m for m in MEASURES if any(told[name]["values"][m] for name in told)]
    for one in told.values():
        one["values"] = {m: one["values"][m] for m in measures}
    failed = tables.results.column("error").is_valid().to_pylist()
    return {
        "number": number,
        "own": own,
        "title": title,
        "sets": list(parts),
        "left_out": max(0, len(sets) - SETS),
        "configurations": [asdict(c) | {"member": paradox.member(c), "family": paradox.family(c)} for c in every],
        "ratios": sorted({c.ratio for c in every}),
        "truncations": list(dict.fromkeys(c.truncate for c in every)),
        "measures": measures,
        "shares": [m for m in measures if share(m)],
        "faithful": {m: sign for m, sign in paradox.FAITHFUL.items() if m in measures},
        "heads": {m: HEADS[m] for m in measures if m in HEADS},
        "inspections": len(failed),
        "failed": sum(failed),
        "questions": 0 if tables.probes is None else len(tables.probes),
        "commands": commands(manifest or {}),
        "parts": told,
        "published": json.loads(PUBLISHED.read_text(encoding="utf-8")),
    }


def part(found: Sequence[Group], every: Sequence[Any]) -> dict[str, Any]:
    """Figures of one choice of texts, an entry a configuration of the whole study; None where it has none."""
    place = {(c.compressor, c.truncate): k for k, c in enumerate(every)}
    each = estimates(found, MEASURES)
    values: dict[str, list[Any]] = {}
    for name in MEASURES:
        row: list[Any] = [None] * len(every)
        for group, told in zip(found, each, strict=True):
            row[place[group.key]] = told[name] and figures(told[name])
        values[name] = row if any(row) else []
    texts = [0] * len(every)
    for group in found:
        texts[place[group.key]] = group.inspected
    cells = paradox.cells(found)
    lines = [("all", g.configuration, g.inspected, told) for g, told in zip(found, each, strict=True)]
    return {
        "texts": texts,
        "values": values,
        "verdicts": {name: verdict(name, each) | {"comparisons": comparisons(each)} for name, each in cells.items()},
        "matrix": matrix(cells),
        "cells": [f"{c.family} {c.ratio}×" for c in next(iter(cells.values()), [])],
        "relations": [asdict(r) for r in relations(found)],
        "csv": comma_separated(lines),
        "latex": latex(lines),
    }


def figures(e: Estimate) -> list[Any]:
    """[value, low, high, n], to six significant digits."""
    return [*(None if v is None else float(f"{v:.6g}") for v in (e.value, e.low, e.high)), e.n]


def commands(manifest: dict[str, Any]) -> list[str]:
    """What made the study; several where it was put together."""
    together = manifest.get("together")
    parts = together if isinstance(together, list) else [manifest]
    return [part["command"] for part in parts if isinstance(part, dict) and isinstance(part.get("command"), str)]
