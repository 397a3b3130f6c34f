"""A text of one's own, and what compressors answer of it → what `static/probe-page.js` draws. Texts travel as pieces."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from typing import Any

from inspector.probes.answers import ARTICLES
from inspector.probes.asked import Asked
from inspector.studies.items import Item
from inspector.views.reasons import bilingual

SIDES = ("memory", "prior", "control")
Piece = list[str]  # [text, ""], or with the side that it is an answer of: "kept" or "other"


def column(item: Item, asked: Sequence[Asked]) -> dict[str, Any]:
    """What one compressor made of the text: for each way its verdict or why there is none, and what goes with it."""
    ways = {each.way: each for each in asked if each.reader is None}
    told, weighed, answered = (ways.get(way) for way in ("reconstruction", "likelihood", "answer"))
    verdict = next((each for each in (told, weighed, answered) if each and each.verdict), None)
    return {
        "verdict": verdict and verdict.verdict,
        "by": verdict and verdict.way,
        "ways": [{"way": w, "verdict": each.verdict, "why": bilingual(each.note)} for w, each in ways.items()],
        "reconstruction": (told and told.given is not None and pieces(told.given, item.answers, item.others)) or None,
        "answer": (answered and answered.given is not None and pieces(answered.given, item.answers, item.others)) or None,
        "kind": (weighed and weighed.memory is not None and weighed.kind) or None,
        "odds": [side(name, value) for name in SIDES if weighed and (value := getattr(weighed, name)) is not None],
        "read": read(item, [each for each in asked if each.reader is not None]),
    }


def read(item: Item, asked: Sequence[Asked]) -> dict[str, Any] | None:
    """What a reader made of the reconstruction: its answer, and which answer it finds likelier there and over no text."""
    answered, weighed = (next((each for each in asked if each.way == way), None) for way in ("answer", "likelihood"))
    if answered is None:
        return None
    return {
        "by": answered.reader,
        "verdict": answered.verdict,
        "answer": None if answered.given is None else pieces(answered.given, item.answers, item.others),
        "why": bilingual(answered.note),
        "odds": [side(name, value) for name in SIDES if weighed and (value := getattr(weighed, name)) is not None],
        "unweighed": bilingual(weighed.note) if weighed and weighed.note != answered.note else None,
    }


def side(name: str, margin: float) -> dict[str, Any]:
    """Margin in nats, and the share of the source's answer of the two probabilities."""
    share = 1 / (1 + math.exp(-margin)) if margin > -700 else 0.0
    return {"side": name, "nats": float(f"{margin:.5g}"), "share": float(f"{share:.5g}")}


def pieces(text: str, answers: Sequence[str], others: Sequence[str]) -> list[Piece]:
    """The text cut where an answer of either side stands in it; whole words as in `inspector.probes.answers.contains`."""
    found = [
        (*span, name) for name, side in (("kept", answers), ("other", others)) for each in side for span in spans(text, each)
    ]
    made: list[Piece] = []
    at = 0
    for start, end, name in sorted(found, key=lambda each: (each[0], -each[1])):
        if start >= at:
            made += [[text[at:start], ""], [text[start:end], name]]
            at = end
    return [piece for piece in (*made, [text[at:], ""]) if piece[0]]


def spans(text: str, answer: str) -> Iterator[tuple[int, int]]:
    """Code points [start, end) at which the words of an answer stand in a row, articles aside."""

    def words(of: str) -> list[tuple[int, int, str]]:
        found = ((m.start(), m.end(), m.group().casefold()) for m in re.finditer(r"\w+", of))
        return [each for each in found if each[2] not in ARTICLES]

    wanted, here = [word for *_, word in words(answer)], words(text)
    for k in range(len(here) - len(wanted) + 1 if wanted else 0):
        if [word for *_, word in here[k : k + len(wanted)]] == wanted:
            yield here[k][0], here[k + len(wanted) - 1][1]


def drift(asked: Sequence[Sequence[Asked] | str]) -> dict[str, Any]:
    """Pairs, each with what every compressor prefers; of a compressor that could not be asked at all, why.

    Args:
        asked: by compressor what the drift probe gave of one text, or a sentence that says why there is nothing.
    """
    none = [
        bilingual(each if isinstance(each, str) else each[0].note if each and not each[0].question else None) for each in asked
    ]
    able = [each for each, reason in zip(asked, none, strict=True) if reason is None and each]
    pairs: dict[tuple[str, str, str], dict[str, Any]] = {}
    for row in able[0] if able else ():
        true, altered = apart(row.expected, row.other or "")
        pairs[row.kind, row.expected, row.other or ""] = {"dimension": row.kind, "true": true, "altered": altered, "cells": []}
    by_pair = [{} if n else {(r.kind, r.expected, r.other or ""): r for r in each} for each, n in zip(asked, none, strict=True)]
    for key, pair in pairs.items():
        pair["cells"] = [cell(rows.get(key)) for rows in by_pair]
    return {"none": none, "pairs": list(pairs.values())}


def cell(row: Asked | None) -> dict[str, Any] | None:
    if row is None:
        return None
    nats = {name: None if (v := getattr(row, name)) is None else float(f"{v:.4g}") for name in SIDES}
    return nats | {"right": row.right, "why": bilingual(row.note) if row.right is None else None}


def apart(one: str, other: str) -> tuple[list[str], list[str]]:
    """Two sentences as [before, what differs, after], cut between words."""
    a, b = (re.findall(r"\S+\s*", each) for each in (one, other))
    first = next((k for k, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    rest = min(len(a), len(b)) - first
    last = next((k for k in range(rest) if a[-1 - k] != b[-1 - k]), rest)

    def cut(words: list[str]) -> list[str]:
        return ["".join(words[:first]), "".join(words[first : len(words) - last]), "".join(words[len(words) - last :])]

    return cut(a), cut(b)
