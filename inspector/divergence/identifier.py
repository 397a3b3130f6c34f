"""Identifiers: strings whose every character counts, such as AX-4471-Q, v2.3.1, snake_case, paths, addresses, hashes.

Works on any language, code included: it reads the characters, not the parse.
"""

from __future__ import annotations

import re
from collections import Counter
from html import unescape
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from inspector.divergence.finding import Finding
from inspector.divergence.pairing import Pair
from inspector.inspection import Entity, Span

ALIKE = 0.5  # least similarity for "this one became that one"
IDENTIFIER = re.compile(
    r"(?:https?://|www\.)[^\s<>\"')\]]*[^\s<>\"')\].,;:!?]"  # addresses
    r"|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    r"|(?:[A-Za-z]:)?(?:[\\/][\w.-]+){2,}"  # paths
    r"|\bv\d+(?:\.\d+)+\b|\b\d+(?:\.\d+){2,}\b"  # versions, IPs
    r"|\b[A-Za-z_]\w*_\w+(?:\(\))?|\b[a-z]+[A-Z]\w*\b"  # snake_case, camelCase
    r"|\b(?=[\w-]*[A-Za-z])(?=[\w-]*\d)(?!\d+(?:st|nd|rd|th|s|m|k|bn|pm|am|km|kg|cm|mm|min|h|hz|gb|mb|px|x)\b)(?!\d+-[a-z]+(?:-[a-z]+)*\b)"
    r"[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*\b"
)


@dataclass(frozen=True)
class Identifier:
    start: int
    end: int
    text: str


def identifiers(text: str) -> list[Identifier]:
    """All of them, in order. "19-year-old", "1990s", "5km" and "3rd" are none."""
    return [
        Identifier(m.start(), m.end(), m.group())
        for m in IDENTIFIER.finditer(text)
        if len(m.group()) < 300
        and not re.fullmatch(
            r"(?i)\d+(?:\.\d+)?(?:mph|kph|ft|lb|lbs|oz|kw|mw|gw|kwh|pc|pct|usd|eur|m|bn|tn)|(?:18|19|20)\d\ds|[A-Z]?[a-z]+-\d{1,2}|\d+-\d+",
            m.group(),
        )
    ]


def paired(source: str, reconstruction: str) -> tuple[list[tuple[Identifier, Identifier | None]], list[Identifier]]:
    """Each identifier of the source with the one that it became, and those that are new; equal strings first, then the most alike in order."""
    left, right = identifiers(source), identifiers(reconstruction)
    spare = Counter(x.text for x in right)
    equal: dict[int, Identifier] = {}
    used: set[int] = set()
    for k, x in enumerate(left):
        if spare[x.text]:
            spare[x.text] -= 1
            n = next(n for n, y in enumerate(right) if n not in used and y.text == x.text)
            used.add(n)
            equal[k] = right[n]
    rows: list[tuple[Identifier, Identifier | None]] = []
    scale = len(reconstruction) / max(len(source), 1)
    for k, x in enumerate(left):
        if k in equal:
            rows.append((x, equal[k]))
            continue
        near = [
            (
                Levenshtein.normalized_similarity(x.text, y.text)
                - abs(y.start - x.start * scale) / (4 * max(len(reconstruction), 1)),
                n,
            )
            for n, y in enumerate(right)
            if n not in used
        ][:200]
        worth, n = max(near, default=(0.0, -1))
        if worth >= ALIKE:
            used.add(n)
            rows.append((x, right[n]))
        else:
            rows.append((x, None))
    return rows, [y for n, y in enumerate(right) if n not in used]


def find(p: Pair) -> Iterator[Finding]:
    yield from compare(p.source.text, p.reconstruction.text)


def compare(source: str, reconstruction: str) -> Iterator[Finding]:
    rows, new = paired(source, reconstruction)
    for x, y in rows:
        if y is None:
            yield Finding(
                "identifier", "serious", "dropped", (x.start, x.end), None, "identifier.dropped", {"source": x.text}, 0.8
            )
        elif unescape(y.text) != unescape(x.text):
            yield Finding(
                "identifier", "serious", "substituted", (x.start, x.end), (y.start, y.end), "identifier.substituted",
                {"source": x.text, "reconstruction": y.text}, 0.95,
            )  # fmt: skip
    for y in new:
        yield Finding(
            "identifier", "serious", "added", None, (y.start, y.end), "identifier.added", {"reconstruction": y.text}, 0.7
        )


def ledger(source: str, reconstruction: str) -> Iterator[Entity]:
    rows, new = paired(source, reconstruction)
    for x, y in rows:
        state = "dropped" if y is None else "kept" if x.text == y.text else "near-miss"
        yield Entity(status=state, label="ID", source=Span(**vars(x)), reconstruction=None if y is None else Span(**vars(y)))
    for y in new:
        yield Entity(status="invented", label="ID", source=None, reconstruction=Span(**vars(y)))


def distinct(rows: Sequence[Entity]) -> list[Entity]:
    """Each string once."""
    seen: dict[str, Entity] = {}
    for row in rows:
        seen.setdefault((row.source or row.reconstruction).text + row.status, row)
    return list(seen.values())
