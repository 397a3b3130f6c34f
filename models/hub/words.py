"""What compressors that keep words share: where kept code points lie, where windows end, how to hit a ratio."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from inspector.measures.alignment import character_edits, words

Span = tuple[int, int]
Found = TypeVar("Found")
ENDS = frozenset(".!?…。！？\n")
TRIES, CLOSE = 8, 0.05


def covered(spans: Iterable[Span]) -> set[int]:
    """Code points that a span covers."""
    return {place for start, end in spans for place in range(start, end)}


def by_word(text: str, kept: set[int], within: Span) -> list[Span]:
    """Spans of the kept code points inside `within`, cut where words begin and end, as the page counts words."""
    first, last = within
    spans: list[Span] = []
    for word in words(text[first:last]):
        start = None
        for i in range(word.start + first, word.end + first + 1):
            inside = i < word.end + first and i in kept
            if inside and start is None:
                start = i
            elif not inside and start is not None:
                spans.append((start, i))
                start = None
    return spans


def find(text: str, pieces: Sequence[str]) -> list[list[int]]:
    """Code points of `text` that each piece is made of; the pieces, in order, are the text or near it.

    White space and compatibility forms (½, full width) don't count. Letters are aligned; what is not found whole has no place.
    """
    letters, places = [], []
    for place, end in _clusters(text):
        for letter in unicodedata.normalize("NFKC", text[place:end]):
            if not letter.isspace():
                letters.append(letter)
                places.append((place, end))
    plain = ["".join(unicodedata.normalize("NFKC", piece).split()) for piece in pieces]
    owner = [n for n, piece in enumerate(plain) for _ in piece]
    matched: list[list[Span]] = [[] for _ in pieces]
    for edit in character_edits("".join(letters), "".join(plain)):
        if edit.op == "equal":
            for i, j in zip(range(*edit.source), range(*edit.reconstruction), strict=True):
                matched[owner[j]].append(places[i])
    whole = zip(matched, plain, strict=True)
    return [sorted(covered(spans)) if len(spans) == len(piece) else [] for spans, piece in whole]


def _clusters(text: str) -> list[Span]:
    """A letter with the marks that combine with it; conjoining jamo that make up a syllable."""
    starts = [i for i, c in enumerate(text) if i == 0 or not (unicodedata.combining(c) or "\u1160" <= c <= "\u11ff")]
    return list(zip(starts, [*starts[1:], len(text)], strict=True))


def windows(text: str, spans: Sequence[Span], most: int) -> list[Span]:
    """Windows [first, last) of at most `most` tokens: cut after a sentence in the later half, else before a word."""
    found, first = [], 0
    while first < len(spans):
        last = min(first + most, len(spans))
        if last < len(spans):
            places = [i for i in range(last, first + max(1, most // 2), -1) if spans[i - 1][1] <= spans[i][0]]
            apart = [i for i in places if _apart(text, spans[i][0])]
            ends = [i for i in apart if text[max(0, spans[i][0] - 2) : spans[i][0]].rstrip(" ")[-1:] in ENDS]
            last = next(iter([*ends, *apart, *places]), last)
        found.append((first, last))
        first = last
    return found


def _apart(text: str, start: int) -> bool:
    """Does white space, or the end of a sentence that needs none, stand before a place?"""
    return text[start].isspace() or text[start - 1].isspace() or text[start - 1] in "。！？"


def carried(text: str, spans: Sequence[Span], kept: set[int]) -> int:
    """How many of these tokens have all their visible code points kept."""
    seen = ([i for i in range(start, end) if not text[i].isspace()] for start, end in spans)
    return sum(bool(places) and kept.issuperset(places) for places in seen)


def nearest(ask: Callable[[float], Found], size: Callable[[Found], int], budget: float, share: float) -> Found:
    """What `ask` gives at the share of a text whose size comes nearest to a budget in tokens; larger shares keep more.

    By halving: begins at `share`, takes `TRIES` at most, and is content with `CLOSE` of the budget or half a token.
    """
    low, high, found = 0.0, 1.0, []
    for _ in range(TRIES):
        found.append(ask(share))
        off = size(found[-1]) - budget
        if abs(off) <= max(CLOSE * budget, 0.5):
            break
        low, high = (share, high) if off < 0 else (low, share)
        share = (low + high) / 2
    return min(found, key=lambda f: abs(size(f) - budget))
