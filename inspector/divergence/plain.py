"""Numbers of texts that no pipeline parses: paired in order by rapidfuzz, compared by value."""

from __future__ import annotations

from collections.abc import Iterator

from rapidfuzz.distance import Levenshtein

from inspector.divergence.finding import Finding
from inspector.divergence.quantities import Quantity, quantities, same


def pairs(source: str, reconstruction: str) -> Iterator[tuple[Quantity | None, Quantity | None]]:
    left, right = quantities(source), quantities(reconstruction)
    keys = [[(q.kind, q.values, q.unit) for q in side] for side in (left, right)]
    for op in Levenshtein.opcodes(*keys):
        mine, theirs = left[op.src_start : op.src_end], right[op.dest_start : op.dest_end]
        for k in range(max(len(mine), len(theirs))):
            yield (mine[k] if k < len(mine) else None), (theirs[k] if k < len(theirs) else None)


def numbers(source: str, reconstruction: str) -> Iterator[Finding]:
    for q, w in pairs(source, reconstruction):
        if q and w:
            if same(q, w) == "different":
                yield Finding(
                    "number",
                    "serious",
                    "substituted",
                    (q.start, q.end),
                    (w.start, w.end),
                    "number.substituted",
                    {"source": q.text, "reconstruction": w.text},
                    0.8,
                )
        elif q:
            yield Finding("number", "serious", "dropped", (q.start, q.end), None, "number.dropped", {"source": q.text}, 0.6)
        elif w:
            yield Finding("number", "serious", "added", None, (w.start, w.end), "number.added", {"reconstruction": w.text}, 0.6)


def retention(source: str, reconstruction: str) -> tuple[int, int]:
    both = list(pairs(source, reconstruction))
    left = [(q, w) for q, w in both if q]
    return len(left), sum(w is not None and same(q, w) == "same" for q, w in left)
