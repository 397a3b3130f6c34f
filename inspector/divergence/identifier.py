"""Identifiers: strings whose every character counts, such as AX-4471-Q, v2.3.1, snake_case, paths, addresses, hashes.

Works on any language, code included: it reads the characters, not the parse.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import unescape

from rapidfuzz.distance import Levenshtein

from inspector.divergence.finding import Finding
from inspector.divergence.pairing import Pair
from inspector.inspection import Entity, Span

ALIKE = 0.5  # least similarity for "this one became that one"
A, Z = r"(?<![A-Za-z0-9_])", r"(?![A-Za-z0-9_])"  # word borders that letters of other scripts do not hide
UNITS = (
    "st|nd|rd|th|s|m|k|bn|tn|pm|am|km|kg|g|mg|cm|mm|ml|l|min|h|hz|khz|mhz|ghz|kb|gb|mb|tb|px|x|mph|kph|ft|lb|lbs|oz|w|kw|mw|gw|"
    "kwh|mt|pc|usd|eur"
)
IDENTIFIER = re.compile(
    r"(?:https?://|www\.)[^\s<>\"')\]]*[^\s<>\"')\].,;:!?]"  # addresses
    r"|[A-Za-z0-9_.+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"
    r"|(?:[A-Za-z]:)?(?:[\\/][A-Za-z0-9_.-]+){2,}"  # paths
    rf"|{A}v\d+(?:\.\d+)+{Z}|{A}\d+(?:\.\d+){{2,}}{Z}"  # versions, IPs
    rf"|{A}[A-Za-z_]\w*_\w+(?:\(\))?|{A}[a-z]+[A-Z][A-Za-z0-9_]*{Z}"  # snake_case, camelCase
    rf"|{A}(?=[A-Za-z0-9-]*[A-Za-z])(?=[A-Za-z0-9-]*\d)(?!\d+(?i:{UNITS}){Z})(?!\d+-[a-z]+(?:-[a-z]+)*{Z})(?!(?:1[6-9]|20)\d\ds{Z})"
    rf"(?!mid-)(?![A-Z]?[a-z]+-\d{{1,2}}{Z})[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*{Z}"
)


@dataclass(frozen=True)
class Identifier:
    start: int
    end: int
    text: str


def identifiers(text: str) -> list[Identifier]:
    """All of them, in order. "19-year-old", "1990s", "5km" and "3rd" are none."""
    return [Identifier(m.start(), m.end(), m.group()) for m in IDENTIFIER.finditer(text) if m.end() - m.start() < 300]


def paired(source: str, reconstruction: str) -> tuple[list[tuple[Identifier, Identifier | None]], list[Identifier]]:
    """Each identifier of the source with the one that it became, and those that are new: equal strings, then the most alike."""
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
                "identifier",
                "serious",
                "substituted",
                (x.start, x.end),
                (y.start, y.end),
                "identifier.substituted",
                {"source": x.text, "reconstruction": y.text},
                0.95,
            )
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
