"""Divergences made by hand, for tests that must not depend on what an engine finds."""

from __future__ import annotations

from typing import Any

from inspector.inspection import KINDS, Divergence, InPlace, Message, Report, Retention, Span

ODDS = InPlace(memory=(-3.0, -0.7), prior=(-9.2, -2.3), unigram=(-8.0, -7.8))


def span(text: str, part: str | None, nth: int = 0) -> Span | None:
    """Where a part stands in a text, by code points."""
    if part is None:
        return None
    at = -1
    for _ in range(nth + 1):
        at = text.index(part, at + 1)
    return Span(start=at, end=at + len(part), text=part)


def divergence(
    kind: str,
    severity: str = "serious",
    change: str = "substituted",
    source: Span | None = None,
    told: Span | None = None,
    **more: Any,
) -> Divergence:
    named = {"explanation": f"{kind} {change}", "message": Message(key="made"), "confidence": 0.9} | more
    dimension = KINDS.get(kind, "made_dimension")
    return Divergence(
        kind=kind, dimension=dimension, severity=severity, change=change, source=source, reconstruction=told, **named
    )


def report(*divergences: Divergence, **more: Any) -> Report:
    return Report(**({"language": "en", "pipeline": "made 1.0", "divergences": divergences} | more))


def retention(entities: tuple[int, int] = (9, 9), numbers: tuple[int, int] = (3, 3), f1: float | None = None) -> Retention:
    """Counts as (kept, all)."""
    kept = {"entities_kept": entities[0], "entities": entities[1], "numbers_kept": numbers[0], "numbers": numbers[1]}
    return Retention(**kept, role_f1=f1)
