"""Overlapping findings → one entry each, with the most telling kind; then the order of the ledger."""

from __future__ import annotations

from collections.abc import Iterable

from inspector.divergence.finding import Finding, Place

SEVERITIES = ("serious", "minor", "acceptable")
# Which kind tells more about the same words, first to last.
TELLING = ("topic", "identifier", "number", "role", "negation", "coreference", "entity", "predicate", "modifier", "relation")
ANCHORED = "relation.anchor"


def resolve(findings: Iterable[Finding]) -> list[Finding]:
    """One finding for every set that overlaps on both sides it has; ordered by severity, then position."""
    kept: list[Finding] = []
    for f in sorted(findings, key=order):
        if f.kind == "negation":
            kept = [k for k in kept if not turned(k, f)] if any(turned(k, f) for k in kept) else kept
        if not any(covers(k, f) for k in kept):
            kept.append(f)
    return sorted(kept, key=ledger_order)


def turned(k: Finding, f: Finding) -> bool:
    """f says of the very words of k that a negation came or went: that tells more than "another word"."""
    return (
        k.kind in ("predicate", "modifier", "entity")
        and k.source is not None
        and f.source is not None
        and overlap(k.source, f.source)
        and width(k) <= 2 * width(f) + 12
    )


def width(f: Finding) -> int:
    where = f.source or f.reconstruction or (0, 0)
    return where[1] - where[0]


def order(f: Finding) -> tuple:
    return SEVERITIES.index(f.severity), TELLING.index(f.kind) if f.kind in TELLING else len(TELLING), -f.confidence, start(f)


def ledger_order(f: Finding) -> tuple:
    return SEVERITIES.index(f.severity), start(f), TELLING.index(f.kind) if f.kind in TELLING else len(TELLING)


def start(f: Finding) -> int:
    where = f.source or f.anchor
    return where[0] if where else (f.reconstruction or (0, 0))[0]


def overlap(x: Place, y: Place) -> bool:
    return x is not None and y is not None and x[0] < y[1] and y[0] < x[1]


def inside(x: Place, y: Place) -> bool:
    return x is None or (y is not None and y[0] <= x[0] and x[1] <= y[1])


def covers(k: Finding, f: Finding) -> bool:
    """k, the more telling, leaves nothing for f to say."""
    if k.kind == "topic":
        # A lost sentence accounts for all that was in it.
        return (f.source is not None and inside(f.source, k.source)) or (
            f.source is None and inside(f.reconstruction, k.reconstruction) and k.reconstruction is not None
        )
    if f.kind == "negation" and k.kind not in ("negation", "role"):
        return False
    if f.key == ANCHORED and k.kind == "entity":
        # A name of a place is one thing, the event tied to it another: both are said.
        return False
    if k.key == ANCHORED and f.kind == "entity":
        return overlap(k.source, f.source)
    if (
        k.kind == "relation"
        and k.change == "added"
        and f.kind in ("entity", "number", "modifier", "predicate")
        and f.source is None
    ):
        return inside(f.reconstruction, k.reconstruction)
    if f.kind == "role" and k.kind != "role":
        return k.kind == "relation" and k.change == "swapped" and overlap(k.source, f.source)
    if k.kind == "role" and f.kind == "role":
        return overlap(k.source, f.source)
    if k.kind == "role" or (k.kind == "relation" and k.change == "swapped"):
        # A swap accounts for the words that look exchanged, not for a negation or number beside them.
        return (
            f.kind in ("entity", "modifier", "relation", "coreference", "predicate")
            and overlap(k.source, f.source)
            and overlap(k.reconstruction, f.reconstruction)
        )
    if f.source is not None and k.source is not None and f.reconstruction is not None and k.reconstruction is not None:
        return overlap(k.source, f.source) and overlap(k.reconstruction, f.reconstruction)
    if f.source is None:
        return overlap(k.reconstruction, f.reconstruction)
    if f.reconstruction is None:
        return overlap(k.source, f.source)
    return overlap(k.source, f.source) or overlap(k.reconstruction, f.reconstruction)
