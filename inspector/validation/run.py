"""Run the ledger over the sets and print the table."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from inspector.inspection import Report
from inspector.validation import constructions, figures, grammar, sets
from inspector.validation.figures import Figure, Rows
from inspector.validation.sets import Labelled

SETS = {
    "summedits": (sets.summedits, figures.summedits),
    "bump": (sets.bump, figures.bump),
    "condaqa": (sets.condaqa, figures.condaqa),
    "grammar": (lambda data: grammar.pairs(), figures.grammar),
    "constructions": (lambda data: constructions.pairs(), figures.constructions),
    "frank": (sets.frank, figures.frank),
}


def evaluate(
    data: Path,
    names: Sequence[str] | None = None,
    limit: int | None = None,
    pipeline: str | None = None,
    pairs: Path | None = None,
) -> Iterator[tuple[str, list[Figure], float]]:
    """(set, figures, seconds) for each set.

    Args:
        data: folder that holds `divergence/`.
        names: of SETS; all by default.
        limit: pairs of each set at most, for a quick look.
        pipeline: a spaCy pipeline in place of the bundled one.
        pairs: also write every pair with what was found to this file, for reading.

    Raises:
        ValueError: an unknown set, or a missing file.
    """
    from inspector.divergence import diverge_many

    chosen = list(names or SETS)
    for name in chosen:
        if name not in SETS:
            raise ValueError(f"Unknown set {name!r}; known are {', '.join(SETS)}.")
    loaded = {name: SETS[name][0](data)[:limit] for name in chosen}  # all of them first: what is missing is said at once
    for name in chosen:
        measure, found = SETS[name][1], loaded[name]
        began = time.monotonic()
        rows = list(zip(found, diverge_many(((p.source, p.reconstruction) for p in found), pipeline=pipeline), strict=True))
        if pairs is not None:
            write(pairs, name, rows)
        yield name, measure(rows), time.monotonic() - began


def write(path: Path, name: str, rows: Rows) -> None:
    """One JSON object a pair, appended."""
    with path.open("a", encoding="utf-8") as file:
        for pair, report in rows:
            file.write(json.dumps(line(name, pair, report), ensure_ascii=False) + "\n")


def line(name: str, pair: Labelled, report: Report) -> dict[str, object]:
    found = [
        {"kind": d.kind, "severity": d.severity, "change": d.change, "confidence": d.confidence, "explanation": d.explanation}
        for d in report.divergences
    ]
    return {
        "set": name,
        "id": pair.id,
        "label": pair.label,
        **pair.more,
        "source": pair.source,
        "reconstruction": pair.reconstruction,
        "found": found,
    }


def table(found: Sequence[Figure]) -> str:
    """Markdown."""

    def number(x: float) -> str:
        return "–" if x != x else f"{x:.3f}" if abs(x) < 1 else f"{x:.2f}"

    head = "| set | figure | n | value | 95 % interval | halves | goal |\n|---|---|---|---|---|---|---|"
    rows = [
        f"| {f.set} | {f.name} | {f.n:,} | {number(f.value)} | {number(f.low)}–{number(f.high)} "
        f"| {number(f.halves[0])}, {number(f.halves[1])} | {f.goal} |"
        for f in found
    ]
    return "\n".join([head, *rows])


def main(
    data: Path, names: Sequence[str] | None, limit: int | None, pipeline: str | None, pairs: Path | None, out: Path | None
) -> int:
    every: list[Figure] = []
    if pairs is not None:
        pairs.write_text("", encoding="utf-8")
    for name, found, seconds in evaluate(data, names, limit, pipeline, pairs):
        print(f"{name}: {seconds:.0f} s", file=sys.stderr, flush=True)
        every += found
    print(table(every))
    if out is not None:
        out.write_text(json.dumps([f.json() for f in every], indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0
