"""Which word of the source became which word of the reconstruction.

Long runs of equal words anchor the texts (rapidfuzz, on lower-cased words). Between anchors a small dynamic programme pairs words
by likeness: the same word, another form of it, a synonym, a word of the same kind. Words that only moved are then paired across
what is left. Long or repetitive texts are cut at sentences that both hold, so that no step is quadratic in the whole text.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from rapidfuzz.distance import LCSseq, Levenshtein

from inspector.divergence.cues import Cue, cues
from inspector.divergence.likeness import likeness
from inspector.divergence.reading import Reading

CELLS = 3_000_000  # largest table of one exact alignment; beyond it the texts are cut at shared sentences
BLOCK = 12_000  # largest table of the dynamic programme; beyond it words pair only where they are equal
ANCHOR = 4  # equal words in a row that are taken as they are
SLOT = 2  # longest change on both sides in which a word is exchanged for a word
ANEW = 0.3
REACH = 60  # words that a moved word may have travelled
KEPT = ("same", "form", "derived", "synonym")  # how a word may be there still


@dataclass
class Change:
    """A stretch in which the texts differ: tokens of both sides, either of which may be empty; in reading order."""

    source: list[int]
    reconstruction: list[int]
    before: tuple[int, int]  # the pair of equal words before it, or (-1, -1)
    after: tuple[int, int]  # and behind it, or the lengths

    @property
    def size(self) -> int:
        return max(len(self.source), len(self.reconstruction))


@dataclass
class Pair:
    """Source and reconstruction with their words paired. `match[i]` is a word of the reconstruction or -1; `how[i]` says why."""

    source: Reading
    reconstruction: Reading
    match: list[int]
    back: list[int]
    how: list[str]  # same | form | derived | synonym | changed | ""
    moved: list[bool]
    changes: list[Change] = field(default_factory=list)
    change_of: list[int] = field(default_factory=list)  # source token → index of its change, or -1
    change_at: list[int] = field(default_factory=list)  # reconstruction token → the same
    reworded: list[int] = field(default_factory=list)  # sentence of the source → words put otherwise in it and its neighbours
    cues: list[Cue] = field(default_factory=list)  # of negation, in the source
    new_cues: list[Cue] = field(default_factory=list)  # and in the reconstruction
    rewritten: list[float] = field(default_factory=list)  # sentence of the source → share of its content words not in their place

    def kept(self, i: int) -> bool:
        """The source's word i is there still, in some form."""
        return self.match[i] >= 0 and self.how[i] in KEPT

    def came(self, j: int) -> bool:
        """The reconstruction's word j comes from the source, in some form."""
        return self.back[j] >= 0 and self.how[self.back[j]] in KEPT

    def loose(self, i: int) -> bool:
        """The source's word i stands where the text was written anew, so that word by word nothing sure can be said."""
        n = self.change_of[i]
        wide = n >= 0 and min(len(self.changes[n].source), len(self.changes[n].reconstruction)) > SLOT
        return wide or self.rewritten[self.source.sentence[i]] > ANEW

    def turning(self, i: int, j: int) -> bool:
        """A cue of negation other than the words i and j came or went in the change around them."""
        n = self.change_of[i]
        if n < 0:
            return False
        change = self.changes[n]
        near = range(change.before[0] - 2, change.after[0] + 3)
        there = range(change.before[1] - 2, change.after[1] + 3)
        lost = sum(
            c.kind != "except"
            and c.token != i
            and c.token in near
            and not (self.kept(c.token) and self.back[self.match[c.token]] == c.token)
            for c in self.cues
        )
        came = sum(c.kind != "except" and c.token != j and c.token in there and not self.came(c.token) for c in self.new_cues)
        return (lost + came) % 2 == 1

    def touched(self, sentence: int) -> bool:
        """Something in or at this sentence of the source changed."""
        first, last = self.source.sentences[sentence]
        return any(self.match[i] < 0 or self.how[i] != "same" or self.moved[i] for i in range(first, last + 1)) or any(
            c.before[0] in range(first, last + 1) or c.after[0] in range(first, last + 1) for c in self.changes if not c.source
        )


def pair(a: Reading, b: Reading) -> Pair:
    """Pair the words of two readings."""
    p = Pair(a, b, [-1] * len(a), [-1] * len(b), [""] * len(a), [False] * len(a))
    for (i0, i1), (j0, j1) in regions(a, b):
        for i, j in monotone(a, b, (i0, i1), (j0, j1)):
            link(p, i, j, likeness(a, i, b, j).how)
    rejoin(p)
    p.changes = list(changes(p))
    p.change_of, p.change_at = [-1] * len(a), [-1] * len(b)
    for n, change in enumerate(p.changes):
        for i in change.source:
            p.change_of[i] = n
        for j in change.reconstruction:
            p.change_at[j] = n
    p.cues, p.new_cues = cues(a), cues(b)
    put = Counter(a.sentence[i] for i, how in enumerate(p.how) if how in ("synonym", "derived") and a.content[i])
    p.reworded = [sum(put[s + d] for d in (-1, 0, 1)) for s in range(len(a.sentences))]
    for first, last in a.sentences:
        heavy = [i for i in range(first, last + 1) if a.content[i]]
        elsewhere = sum(p.moved[i] or p.how[i] in ("", "derived", "synonym") or crowded(p, i) for i in heavy)
        p.rewritten.append(elsewhere / len(heavy) if elsewhere > 1 else 0.0)
    return p


def crowded(p: Pair, i: int) -> bool:
    """The word changed, and not alone."""
    n = p.change_of[i]
    return n >= 0 and p.how[i] != "same" and p.changes[n].size > 2


def link(p: Pair, i: int, j: int, how: str, moved: bool = False) -> None:
    if p.match[i] >= 0:
        p.back[p.match[i]] = -1
    if p.back[j] >= 0:
        p.match[p.back[j]], p.how[p.back[j]] = -1, ""
    p.match[i], p.back[j], p.how[i], p.moved[i] = j, i, how, moved


def regions(a: Reading, b: Reading) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Stretches [i0, i1) × [j0, j1) small enough to align exactly; together they cover both texts."""
    if len(a) * len(b) <= CELLS:
        yield (0, len(a)), (0, len(b))
        return
    left = [" ".join(a.lower[f : t + 1]) for f, t in a.sentences]
    right = [" ".join(b.lower[f : t + 1]) for f, t in b.sentences]
    at = [0, 0]
    for block in Levenshtein.opcodes(left, right) if len(left) * len(right) <= 4 * CELLS else ():
        if block.tag == "equal":
            end = a.sentences[block.src_end - 1][1] + 1, b.sentences[block.dest_end - 1][1] + 1
            start = a.sentences[block.src_start][0], b.sentences[block.dest_start][0]
            yield from cut((at[0], start[0]), (at[1], start[1]))
            for s, t in zip(range(block.src_start, block.src_end), range(block.dest_start, block.dest_end), strict=True):
                (f, g), (h, k) = a.sentences[s], b.sentences[t]
                yield (f, g + 1), (h, k + 1)
            at = list(end)
    yield from cut((at[0], len(a)), (at[1], len(b)))


def cut(left: tuple[int, int], right: tuple[int, int]) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Pieces of like proportion, each small enough."""
    n, m = left[1] - left[0], right[1] - right[0]
    pieces = max(1, int(np.ceil((n * m / CELLS) ** 0.5)))
    for k in range(pieces):
        yield (
            (left[0] + n * k // pieces, left[0] + n * (k + 1) // pieces),
            (right[0] + m * k // pieces, right[0] + m * (k + 1) // pieces),
        )


def monotone(a: Reading, b: Reading, left: tuple[int, int], right: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """Pairs in order within one region."""
    i0, j0 = left[0], right[0]
    x, y = a.lower[left[0] : left[1]], b.lower[right[0] : right[1]]
    at = [0, 0]
    for op in Levenshtein.opcodes(x, y):
        size = op.src_end - op.src_start
        whole = (op.src_start == 0 and op.dest_start == 0) or (op.src_end == len(x) and op.dest_end == len(y))
        heavy = sum(a.content[i0 + k] for k in range(op.src_start, op.src_end)) if op.tag == "equal" and size < 40 else 9
        if op.tag == "equal" and ((size >= ANCHOR and heavy) or heavy >= 2 or (whole and heavy)):
            yield from programme(a, b, (i0 + at[0], i0 + op.src_start), (j0 + at[1], j0 + op.dest_start))
            yield from ((i0 + op.src_start + k, j0 + op.dest_start + k) for k in range(size))
            at = [op.src_end, op.dest_end]
    yield from programme(a, b, (i0 + at[0], left[1]), (j0 + at[1], right[1]))


def programme(a: Reading, b: Reading, left: tuple[int, int], right: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """The order-keeping pairing of [i0, i1) × [j0, j1) with the greatest sum of likeness."""
    (i0, i1), (j0, j1) = left, right
    n, m = i1 - i0, j1 - j0
    if not n or not m:
        return
    if n * m > BLOCK:
        for op in LCSseq.opcodes(a.lower[i0:i1], b.lower[j0:j1]):
            if op.tag == "equal":
                yield from ((i0 + op.src_start + k, j0 + op.dest_start + k) for k in range(op.src_end - op.src_start))
        return
    worth = [[likeness(a, i, b, j).worth for j in range(j0, j1)] for i in range(i0, i1)]
    best = np.zeros((n + 1, m + 1))
    for s in range(n):
        row = best[s + 1]
        above = best[s]
        diagonal = [above[t] + worth[s][t] if worth[s][t] > 0 else -1.0 for t in range(m)]
        run = 0.0
        for t in range(m):
            run = max(run, above[t + 1], diagonal[t])
            row[t + 1] = run
    found = []
    s, t = n, m
    while s and t:
        here = best[s, t]
        if worth[s - 1][t - 1] > 0 and abs(here - best[s - 1, t - 1] - worth[s - 1][t - 1]) < 1e-9:
            s, t = s - 1, t - 1
            found.append((i0 + s, j0 + t))
        elif here == best[s - 1, t]:
            s -= 1
        else:
            t -= 1
    yield from reversed(found)


def rejoin(p: Pair) -> None:
    """Pair content words that moved: same lemma first, then a derived form or a synonym, each with its nearest.

    A word whose place another has taken moves only if that other one came from somewhere too: "a decrease" → "an increase" is no
    move because some increase stands further on.
    """
    a, b = p.source, p.reconstruction
    expected = expectations(p)
    left = [i for i in range(len(a)) if (a.content[i] or a.pos[i] == "PRON") and (p.match[i] < 0 or p.how[i] == "changed")]
    right = [
        j for j in range(len(b)) if (b.content[j] or b.pos[j] == "PRON") and (p.back[j] < 0 or p.how[p.back[j]] == "changed")
    ]
    here, there = Counter(a.lemma[i] for i in left), Counter(b.lemma[j] for j in right)

    def may_leave(i: int) -> bool:
        j = p.match[i]
        return j < 0 or (p.how[i] == "changed" and (not b.content[j] or here[b.lemma[j]] > 0))

    def may_come(j: int) -> bool:
        i = p.back[j]
        return i < 0 or (p.how[i] == "changed" and (not a.content[i] or there[a.lemma[i]] > 0))

    by_lemma = defaultdict(list)
    for j in right:
        by_lemma[b.lemma[j]].append(j)
    same = []
    for i in left:
        found = by_lemma.get(a.lemma[i], [])
        low, high = bisect_left(found, expected[i] - REACH), bisect_right(found, expected[i] + REACH)
        same += [(abs(j - expected[i]), i, j) for j in found[low:high]]
    for _, i, j in sorted(same):
        if may_leave(i) and may_come(j):
            link(p, i, j, likeness(a, i, b, j).how, moved=True)
    free = np.array([j for j in right if p.back[j] < 0 and b.content[j]])
    near = []
    for i in left:
        if p.match[i] < 0 and a.content[i] and len(free):
            low, high = np.searchsorted(free, (expected[i] - REACH / 2, expected[i] + REACH / 2))
            for j in free[low : min(high, low + 60)].tolist():
                how = likeness(a, i, b, j).how
                if how in ("derived", "synonym"):
                    near.append((abs(j - expected[i]), i, j, how))
    for _, i, j, how in sorted(near):
        if p.match[i] < 0 and p.back[j] < 0:
            link(p, i, j, how, moved=True)


def expectations(p: Pair) -> list[float]:
    """Where each word of the source would stand in the reconstruction, by the nearest pair before it."""
    found, last = [], -1
    for j in p.match:
        last = j if j >= 0 else last + 1
        found.append(min(last, len(p.reconstruction) - 1))
    return found


def changes(p: Pair) -> Iterator[Change]:
    """Stretches between words that stand as they stood."""
    before = (-1, -1)
    steady = [(i, j) for i, j in enumerate(p.match) if j >= 0 and not p.moved[i] and p.how[i] in ("same", "form")]
    for i, j in [*increasing(steady), (len(p.source), len(p.reconstruction))]:
        left, right = list(range(before[0] + 1, i)), list(range(before[1] + 1, j))
        if left or right:
            yield Change(left, right, before, (i, j))
        before = (i, j)


def increasing(pairs: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Pairs whose second numbers rise too."""
    last = -1
    for i, j in pairs:
        if j > last:
            yield i, j
            last = j
