"""Which sentence is likelier, the true or the altered one: after the same true words, within one window, read by one decoder."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from inspector.probes.drift.pair import MinimalPair, changed
from models.compressor import Compressor, Source

WINDOW = "The change reaches over the border between two windows, so both sentences have no common beginning there."
SAME = "The tokenizer makes the same tokens of both sentences."
TIED = (
    "This memory is tied to position, and the change moves the words after it, so given memory the two sentences don't compare."
)


@dataclass(frozen=True)
class Place:
    """A pair in tokens of one window: `prefix` tokens of it, then the true or the altered tokens, which end with one word."""

    window: tuple[int, int]
    prefix: tuple[int, ...]
    true: tuple[int, ...]
    altered: tuple[int, ...]
    moves: bool  # words outside the change stand at other places, in tokens

    def row(self, altered: bool) -> tuple[int, ...]:
        return self.prefix + (self.altered if altered else self.true)


def locate(compressor: Compressor, source: Source, pair: MinimalPair, room: int | None) -> Place | str:
    """Where a pair stands; else a sentence that says why it cannot be asked.

    Args:
        source: the text; its windows are what memories are made of.
        room: tokens of a window at most; None for no bound.
    """
    text = source.text
    true, true_end = (source, pair.end) if not pair.own else _sourced(compressor, text, pair.own, pair.end)
    altered, altered_end = _sourced(compressor, text, pair.edits, pair.end)
    a, b = list(true.ids[: _until(true, true_end)]), list(altered.ids[: _until(altered, altered_end)])
    first = next((k for k, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    shared = 0
    while shared < min(len(a), len(b)) - first and a[-1 - shared] == b[-1 - shared]:
        shared += 1
    if len(a) == len(b) == first:
        return SAME
    window = next((w for w in source.windows if w[0] <= first < w[1]), None)
    if window is None:
        return WINDOW
    last = window[1] + (len(a) - _until(source, pair.end) if pair.own else 0)
    over = max(0, len(a) - last, len(b) - window[0] - (room or len(b)))
    if over > shared:
        return WINDOW
    a, b = a[: len(a) - over], b[: len(b) - over]
    touched = _touched(source, pair)
    moves = len(a) != len(b) or any(x != y and k not in touched for k, (x, y) in enumerate(zip(a, b, strict=True)))
    return Place(window, tuple(a[window[0] : first]), tuple(a[first:]), tuple(b[first:]), moves)


def _sourced(compressor: Compressor, text: str, edits: Sequence, end: int) -> tuple[Source, int]:
    whole = changed(text, edits)
    return compressor.source(whole), end + len(whole) - len(text)


def _until(source: Source, end: int) -> int:
    """Tokens that begin before a code point."""
    return sum(start < end for start, _ in source.spans)


def _touched(source: Source, pair: MinimalPair) -> set[int]:
    return {k for k, (start, end) in enumerate(source.spans) for e in (*pair.edits, *pair.own) if start < e.end and end > e.start}


def margin(values: Sequence[float], others: Sequence[float]) -> float:
    return math.fsum(values) - math.fsum(others)
