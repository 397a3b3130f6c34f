"""What a kind reports, before overlaps are resolved and sentences are made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from inspector.divergence.pairing import Pair
from inspector.divergence.reading import Reading
from inspector.inspection import Change, Severity

Place = tuple[int, int] | None  # code points [start, end)


@dataclass(frozen=True)
class Finding:
    """One divergence of one kind. `key` names its sentence in `static/divergences.json`, `arguments` fill it."""

    kind: str
    severity: Severity
    change: Change
    source: Place
    reconstruction: Place
    key: str
    arguments: dict[str, str] = field(default_factory=dict)
    confidence: float = 0.8
    anchor: Place = None  # where in the source it belongs, for what was added


Detector = Callable[[Pair], Iterator[Finding]]


def phrase(r: Reading, i: int) -> tuple[int, int]:
    """First and last token of what a reader takes as one thing: a whole name, a noun with its compounds, or the word."""
    n = r.name_of[i]
    if n >= 0:
        return r.names[n].first, r.names[n].last
    if r.pos[i] in ("NOUN", "PROPN"):
        first = i
        while (
            first
            and r.head[first - 1] in range(first, i + 1)
            and r.dep[first - 1] in ("compound", "punct", "amod", "nummod")
            and r.lower[first - 1] not in ("(", ",", '"', "“")
        ):
            if r.dep[first - 1] in ("amod", "nummod") and r.lower[first] != "-" and not hyphened(r, first - 1):
                break
            first -= 1
        return whole(r, first), i
    first, last = whole(r, i), i
    while last + 2 < len(r) and r.words[last + 1] == "-" and r.start[last + 1] == r.end[last]:
        last += 2
    return max(first, 0), min(last, len(r) - 1)


def whole(r: Reading, first: int) -> int:
    """Back to the start of a hyphenated word."""
    while (
        first >= 2 and r.words[first - 1] == "-" and r.end[first - 1] == r.start[first] and r.end[first - 2] == r.start[first - 1]
    ):
        first -= 2
    return first


def hyphened(r: Reading, i: int) -> bool:
    """The word is joined to a neighbour by a hyphen."""
    return (i >= 1 and r.words[i - 1] == "-" and r.end[i - 1] == r.start[i]) or (
        i + 1 < len(r) and r.words[i + 1] == "-" and r.end[i] == r.start[i + 1]
    )


def place(r: Reading, i: int | None, j: int | None = None) -> Place:
    """Code points of token i … j."""
    return None if i is None else r.span(i, i if j is None else j)


def quiet(p: Pair, i: int) -> bool:
    """The word, what it hangs on and all between stand unchanged in the reconstruction."""
    a = p.source
    low, high = sorted((i, a.head[i]))
    if high - low > 25:
        return p.how[i] == "same" and p.how[a.head[i]] == "same" and not p.moved[i]
    return all(p.how[k] == "same" and not p.moved[k] for k in range(low, high + 1)) and (
        p.match[high] - p.match[low] == high - low
    )
