"""How often a fact seen in training overwrites the one that a text states: the overwriting rate.

A swapped text (`inspector.probes.swaps`) is compressed and brought back greedily. At each altered place, found by
alignment, the reconstruction holds the original, the replacement, or something else. The original can't be read off the
text; where it comes back more often than decoys of its type and frequency, the decoder remembered it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from inspector.divergence.names import plain
from inspector.measures.alignment import align
from inspector.probes.back import brought_back
from inspector.probes.in_place import log_probabilities
from inspector.probes.rates import Rates, rates
from inspector.probes.swaps import Swap

if TYPE_CHECKING:
    from models.compressor import Compressor, Memory, Source

Priors = dict[Hashable, tuple[float, float]]
Outcome = Literal["original", "kept", "other"]
SLACK = 3  # changed words on either side of the place that still belong to it


@dataclass(frozen=True)
class Judged:
    """What came back of one swap. Log-probabilities (nats) are (replacement, original), summed over their tokens."""

    swap: Swap
    outcome: Outcome
    there: tuple[str, ...]  # the reconstruction's words at each altered place
    decoys: int  # how many of the swap's decoys came back there
    memory: tuple[float, float] | None = None
    prior: tuple[float, float] | None = None


def key(text: str) -> tuple[str, ...]:
    """Words to compare by: no case, accents, punctuation or separators in numbers."""
    return tuple(re.findall(r"[^\W_]+", re.sub(r"(?<=\d),(?=\d)", "", plain(text))))


def holds(there: str, fact: str) -> bool:
    """Do the words at a place hold all the words of a fact, in a row?"""
    words, wanted = key(there), key(fact)
    return bool(wanted) and any(words[k : k + len(wanted)] == wanted for k in range(len(words) - len(wanted) + 1))


def places(swap: Swap, reconstruction: str) -> tuple[str, ...]:
    """What stands at each altered place: the words aligned with the replacement's, and changed ones next to them."""
    found, aligned = [], align(swap.text, reconstruction)
    for start, end in swap.spans:
        touched = [k for k, word in enumerate(aligned.source) if word.start < end and word.end > start]
        first, last = touched[0], touched[-1] + 1
        hit = [e for e in aligned.edits if e.source[0] < last and e.source[1] > first]
        spans = [
            (e.reconstruction[0] + max(first - e.source[0], 0), e.reconstruction[1] - max(e.source[1] - last, 0))
            if e.op == "equal"
            else e.reconstruction
            for e in hit
        ]
        begin, stop = spans[0][0], spans[-1][1]
        changed = {j for e in aligned.edits if e.op != "equal" for j in range(*e.reconstruction)}
        low, high = begin, stop
        while low - 1 in changed and begin - low < SLACK:
            low -= 1
        while high in changed and high - stop < SLACK:
            high += 1
        words = aligned.reconstruction[low:high]
        found.append(reconstruction[words[0].start : words[-1].end] if words else "")
    return tuple(found)


def judge(swap: Swap, reconstruction: str) -> Judged:
    """The outcome: the original at any altered place; else the replacement at any; else something else."""
    there = places(swap, reconstruction)

    def back(fact: str) -> bool:
        return any(holds(place, fact) for place in there)

    outcome: Outcome = "original" if back(swap.original) else "kept" if back(swap.replacement) else "other"
    return Judged(swap, outcome, there, sum(map(back, swap.decoys)))


def judged(
    compressor: Compressor, rows: Sequence[Swap], ratio: int, scored: bool = True, priors: Priors | None = None
) -> list[Judged]:
    """Compress, bring back and judge; with `scored` also the two facts' log-probabilities in place, where defined.

    Args:
        priors: filled with what the prior says, and read where it is known: no memory, ratio or compressor changes it.
    """
    back = brought_back(compressor, [row.text for row in rows], ratio)
    found = [judge(row, each.text) for row, each in zip(rows, back, strict=True)]
    if not scored:
        return found
    of = [(each.source, each.memories) for each in back]
    return list(_in_place(compressor, found, of, {} if priors is None else priors))


@dataclass(frozen=True)
class Place:
    """The first altered place in tokens [first, last) of its window, and the two texts' windows up to its end."""

    memory: Memory
    first: int
    replacement: tuple[int, ...]
    original: tuple[int, ...]

    def key(self, compressor: Compressor) -> Hashable:
        """What the prior's answer depends on."""
        return id(compressor.decoder), self.first, self.replacement, self.original


def place(compressor: Compressor, swap: Swap, source: Source, memories: Sequence[Memory]) -> Place | None:
    """None where the two facts have different numbers of tokens, do not follow the same tokens, or lie in two windows."""
    other, start = compressor.source(swap.original_text), swap.spans[0][0]

    def tokens(of: Source, end: int) -> tuple[int, int]:
        touched = [k for k, (a, b) in enumerate(of.spans) if a < end and b > start]
        return (touched[0], touched[-1] + 1) if touched else (0, 0)

    first, last = tokens(source, swap.spans[0][1])
    if last == first or tokens(other, start + len(swap.original)) != (first, last):
        return None
    for (begin, end), memory in zip(source.windows, memories, strict=True):
        if begin <= first and last <= end and list(source.ids[begin:first]) == list(other.ids[begin:first]):
            return Place(memory, first - begin, tuple(source.ids[begin:last]), tuple(other.ids[begin:last]))
    return None


def _in_place(
    compressor: Compressor, found: Sequence[Judged], of: Sequence[tuple[Source, Sequence[Memory]]], priors: Priors
) -> Iterator[Judged]:
    """Each with its log-probabilities: teacher-forced, after the same prefix, given memory and given nothing."""
    from dataclasses import replace

    spots = {k: place(compressor, j.swap, *of[k]) for k, j in enumerate(found)}
    defined = {k: p for k, p in spots.items() if p is not None and p.memory.kind != "words"}
    unknown = {p.key(compressor): p for p in defined.values() if p.key(compressor) not in priors}
    try:
        priors |= dict(zip(unknown, _log_probabilities(compressor, list(unknown.values()), prior=True), strict=True))
        given = dict(zip(defined, _log_probabilities(compressor, list(defined.values()), prior=False), strict=True))
    except NotImplementedError:  # a decoder that cannot score, or not without memory
        given = {}
    for k, each in enumerate(found):
        yield replace(each, memory=given[k], prior=priors[defined[k].key(compressor)]) if k in given else each


def _log_probabilities(compressor: Compressor, spots: Sequence[Place], prior: bool) -> list[tuple[float, float]]:
    """(replacement, original) of each place, summed over their tokens."""
    rows = [(None if prior else p.memory, row, p.first) for p in spots for row in (p.replacement, p.original)]
    sums = iter([math.fsum(scored) for scored in log_probabilities(compressor.decoder, rows)])
    return list(zip(sums, sums, strict=True))


def overwriting_rate(compressor: Compressor, rows: Sequence[Swap], ratio: int, scored: bool = True) -> dict[str, Any]:
    """Figures of one compressor at one ratio over swaps that are made already; no pipeline is loaded.

    Args:
        rows: swaps, for example 32 of `inspector.probes.rows.shipped(SEEN)`.
        scored: also the preference in place, which costs a teacher-forced pass with memory and one without.

    Returns:
        `Rates` as a dict: shares 0–1 with 95 % intervals, None where nothing is counted.

    Raises:
        ValueError: there are no rows.
    """
    return measured(compressor, rows, ratio, scored).json()


def measured(compressor: Compressor, rows: Sequence[Swap], ratio: int, scored: bool = True) -> Rates:
    if not rows:
        raise ValueError("There are no swapped facts to measure with; give at least one.")
    return rates(judged(compressor, rows, ratio, scored))
