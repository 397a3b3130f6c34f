"""Logs of training runs → the payload of the Training page (`static/training.js`), sentences included.

Entropies and losses leave here in bits; shares, effective rank and row counts as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from inspector.measures.dynamics import FEWEST, Course, course
from inspector.measures.entropy import bits
from inspector.views.reasons import bilingual
from inspector.views.words import LANGUAGES, word
from models.registry import Registry, UnknownCompressor
from models.training.logs import COLUMN, LARGEST, SERIES, Log

IN_BITS = ("loss", "entropy")
TOLD = ("erank_batch", "entropy")  # measures that a sentence is made of: those whose course the paper describes
MOST = 4  # compressors side by side on the compare page


def payload(
    logs: Sequence[Log], problems: Sequence[tuple[str, str]], table: Registry, *, number: int, own: bool = False
) -> dict[str, Any]:
    """What the page draws.

    Args:
        logs: the runs, in the order shown.
        problems: (file's name, what is wrong with it) for files that are not drawn.
        table: where checkpoints are looked up.
        number: of the answer, so that the page can tell a new one.
        own: the runs are a visitor's, to be drawn beside those already there.
    """
    ratios = sorted({ratio for log in logs for ratio in log.ratios})
    return {
        "number": number,
        "own": own,
        "runs": [run(log, table) for log in logs],
        "problems": [{"file": file, "said": bilingual(said)} for file, said in problems],
        "ratios": ratios,
        "series": list(SERIES),
        "largest": LARGEST,
    }


def run(log: Log, table: Registry) -> dict[str, Any]:
    """One run: what is said of it, its curves, and what can be replayed at each ratio."""
    courses = {ratio: {name: curve(log, name, ratio) for name in TOLD} for ratio in log.ratios}
    return {
        **{name: getattr(log, name) for name in ("name", "series", "parameters", "command")},
        **{name: bilingual(getattr(log, name)) for name in ("title", "start", "machine")},
        "ratios": list(log.ratios),
        "tokens": log.column("tokens") or [],
        "columns": {name: values for name in log.columns if COLUMN.fullmatch(name) and (values := shown(log, name))},
        "rows": {ratio: rows(log, ratio) for ratio in log.ratios},
        "said": {ratio: told(log, ratio, found) for ratio, found in courses.items()},
        "shape": {ratio: shape(found["erank_batch"]) for ratio, found in courses.items()},
        "fell": {ratio: fell(found["entropy"]) for ratio, found in courses.items()},
        "checkpoints": [
            {"tokens": c.tokens, "address": c.address, "at": {r: replay(c.address, r, table) for r in log.ratios}}
            for c in log.checkpoints
        ],
        "all": {ratio: replay_all(log, ratio, table) for ratio in log.ratios},
    }


def shown(log: Log, name: str) -> list[float | None] | None:
    """A column as drawn, to four significant digits; None where it holds nothing."""
    values = log.column(name)
    in_bits = name.startswith(IN_BITS)
    return values and [None if v is None else float(f"{bits(v) if in_bits else v:.4g}") for v in values]


def curve(log: Log, measure: str, ratio: int) -> Course | None:
    tokens, values = log.column("tokens"), log.column(f"{measure}_{ratio}")
    return course(tokens, values) if tokens and values else None


def rows(log: Log, ratio: int) -> int | None:
    """How many vectors the effective rank was taken of; None where the log does not say."""
    values = log.column(f"rows_{ratio}")
    return values and int(max(v for v in values if v is not None))


def shape(found: Course | None) -> str | None:
    return found and found.shape


def fell(found: Course | None) -> bool | None:
    """Is it lower at the end than at the start, by a move that stands out?"""
    return found and bool(found.moves) and found.points[-1].y < found.points[0].y


def told(log: Log, ratio: int, courses: dict[str, Course | None]) -> dict[str, list[str]]:
    """A sentence for each measure of `TOLD`, by language."""
    return {language: [sentence(log, name, ratio, courses[name], language) for name in TOLD] for language in LANGUAGES}


def sentence(log: Log, measure: str, ratio: int, found: Course | None, language: str) -> str:
    """What a curve does, from its numbers: its shape, and value and place of every turning point."""
    name = word(f"training.told.{measure}", language, ratio=ratio)
    values = log.column(f"{measure}_{ratio}")
    if values is None:
        return word("training.course.absent", language, name=name)
    if found is None:
        points = sum(v is not None for v in values)
        return word("training.course.few", language, name=name, n=points, least=FEWEST)
    in_bits = measure in IN_BITS
    parts = []
    for point in found.points:
        value = f"{bits(point.y) if in_bits else point.y:.2f}" + (f" {word('training.bits', language)}" if in_bits else "")
        parts.append(word("training.point", language, value=value, tokens=amount(point.x)))
    last = word(f"training.course.{found.shape}", language, n=len(found.moves))
    return word("training.course", language, name=name, course=last, points=" → ".join(parts))


def amount(tokens: float) -> str:
    """Tokens as people say them: 250 k, 1.2 M."""
    for size, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if tokens >= size:
            return f"{tokens / size:.3g} {unit}"
    return f"{tokens:.0f}"


def ready(address: str, ratio: int, table: Registry) -> str | None:
    """The whole address, where it can run here."""
    try:
        found = table.resolve(f"{address}@{ratio}")
    except UnknownCompressor:
        return None
    return str(found) if found.row.why_not() is None else None


def final(address: str) -> str:
    """Where the run of a checkpoint ended: the same name without options."""
    return address.partition("+")[0]


def replay(address: str, ratio: int, table: Registry) -> list[str] | None:
    """A checkpoint and the final compressor, in this order and each once; None where the checkpoint is not shipped."""
    found = [ready(a, ratio, table) for a in (address, final(address))]
    return list(dict.fromkeys(filter(None, found))) if found[0] else None


def replay_all(log: Log, ratio: int, table: Registry) -> list[str] | None:
    """All checkpoints of a run in their order, as many as fit beside the final one; None where there are fewer than two."""
    found = [a for c in log.checkpoints if (a := ready(c.address, ratio, table))]
    ends = [a for name in dict.fromkeys(final(c.address) for c in log.checkpoints) if (a := ready(name, ratio, table))]
    early = [a for a in dict.fromkeys(found) if a not in ends][: MOST - len(ends[:1])]
    return [*early, *ends[:1]] if len(early) > 1 else None
