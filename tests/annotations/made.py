"""Items and labels that the tests use."""

from __future__ import annotations

from inspector.annotations.items import Item, Suggestions
from inspector.annotations.labels import Decision, Label, Mark
from inspector.inspection import KINDS, Divergence, Message, Span


def span(text: str, words: str) -> Span:
    start = text.index(words)
    return Span(start=start, end=start + len(words), text=words)


ITEMS = (
    Item(
        source="Anna paid Otto 312 euros in Łódź.",
        reconstruction="Otto paid Anna 213 euros in Łódź.",
        compressor="pocket-s@16",
        ratio=15.5,
    ),
    Item(source="🐝 The blue-banded bee 벌 is rare.", reconstruction="🐝 The honey bee 벌 is rare.", compressor="pocket-l@16"),
    Item(source="He did not come.\x00", reconstruction="He did come.", compressor="pocket-l@4", settings={"truncate": "8"}),
)


def divergence(item: Item, kind: str, was: str | None, became: str | None, severity: str = "serious") -> Divergence:
    return Divergence(
        kind=kind,
        dimension=KINDS[kind],
        severity=severity,
        change="substituted" if was and became else "dropped" if was else "added",
        source=span(item.source, was) if was else None,
        reconstruction=span(item.reconstruction, became) if became else None,
        explanation="Made for a test.",
        message=Message(key="test"),
        confidence=0.7,
    )


CHANGES = (
    (("number", "312", "213"), ("role", "Anna", "Otto")),
    (("entity", "blue-banded bee", "honey bee"),),
    (("negation", "not", None),),
)


def suggested(item: Item) -> Suggestions:
    found = [divergence(item, *change) for change in CHANGES[ITEMS.index(item)]]
    return Suggestions(divergences=tuple(found), language="en", pipeline="test 1")


def mark(item: Item, kind: str, was: str | None, became: str | None, severity: str = "serious", **more: object) -> Mark:
    return Mark(
        kind=kind,
        severity=severity,
        source=span(item.source, was) if was else None,
        reconstruction=span(item.reconstruction, became) if became else None,
        **more,
    )


def label(item: Item, *changes: tuple, verdict: str = "drift", **more: object) -> Label:
    """Free marks."""
    return Label(verdict=verdict, marks=tuple(mark(item, *change) for change in changes), **more)


def accepting(item: Item, answer: str = "accepted", **more: object) -> Label:
    """A label that answers all of the item's suggestions alike; with `edited`, as minor."""
    found = suggested(item)
    severity = "minor" if answer == "edited" else "serious"
    marks = (
        Mark(kind=d.kind, severity=severity, source=d.source, reconstruction=d.reconstruction, suggestion=number)
        for number, d in enumerate(found.divergences)
        if answer != "rejected"
    )
    decisions = (Decision(suggestion=number, answer=answer) for number in range(len(found.divergences)))
    return Label(
        **{"verdict": "drift", "shown": "first"} | more, marks=tuple(marks), decisions=tuple(decisions), suggestions=found.id
    )
