"""Drift in place: does a decoder with memory still prefer the true text to one with two things exchanged? (ours)

From the text itself: two names, nouns or numbers of one type change places ("Alice hit Bob" -> "Bob hit Alice"), and
nothing else changes, not even the number of tokens: both places take equally many, so every other token stays where it
was. The whole window is scored under teacher forcing, true and altered:

    margin = ln p(window | memory) - ln p(altered window | memory)

The true one is preferred where the margin is positive; chance is one half. The prior (no memory) is the control: what it
prefers by itself is no merit of the memory.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile, zip_longest
from typing import TYPE_CHECKING, Literal

from inspector.measures.entropy import LEAST

if TYPE_CHECKING:
    from torch import Tensor

    from inspector.divergence.reading import Reading
    from models.compressor import Compressor, Decoder, Memory, Source

MOST = 12  # pairs of one text
USES = 2  # pairs that one place may be part of
ROWS = 32  # rows of one batch through a decoder that names no other bound
Kind = Literal["role", "number", "name", "noun"]


@dataclass(frozen=True)
class Mention:
    """A thing that can change places with another of the same type: code points [start, end)."""

    start: int
    end: int
    text: str
    type: str
    sentence: int
    head: int = -1  # its head word, where the text was parsed


@dataclass(frozen=True)
class MinimalPair:
    """Two places exchanged; `altered` are the window's tokens then, as many as the true window's."""

    kind: Kind
    first: tuple[int, int]
    second: tuple[int, int]
    window: int
    altered: tuple[int, ...]


@dataclass(frozen=True)
class Preference:
    """How many pairs were told apart, ties counted half, and the mean margin in nats."""

    pairs: int
    right: float
    margin: float

    @property
    def accuracy(self) -> float:
        return self.right / self.pairs


def candidates(text: str, reading: Reading | None) -> Iterator[tuple[Kind, Mention, Mention]]:
    """Pairs of things to exchange, most telling first: the kinds take turns, and nearer pairs come before farther ones.

    - role: subject and object (or other argument) of one verb;
    - number: quantities of the same kind and unit, and of other value;
    - name: names of the same type; noun: singular with singular, plural with plural.

    Both stand in the same sentence or in neighbouring ones. Things that are coordinated ("Ann and Ben") are left out, because
    their order says nothing. Without a reading (a language that is not parsed) there are numbers only.
    """
    numbers = _numbers(text, reading)
    names, nouns = (_names(reading), _nouns(reading)) if reading else ([], [])
    roles = [(a, b) for a, b in (*_near(names), *_near(nouns)) if _arguments(reading, a.head, b.head) and _alike(a.type, b.type)]
    groups: list[tuple[Kind, list[tuple[Mention, Mention]]]] = [
        ("role", roles),
        *(
            (kind, [(a, b) for a, b in _near(things) if a.type == b.type])
            for kind, things in (("number", numbers), ("name", names), ("noun", nouns))
        ),
    ]
    ranked = [
        [(kind, a, b) for a, b in sorted(pairs, key=lambda p: (p[1].sentence - p[0].sentence, p[0].start, p[1].start))]
        for kind, pairs in groups
    ]
    for row in zip_longest(*ranked):
        for kind, a, b in filter(None, row):
            if _different(a.text, b.text) and not (reading and _coordinated(reading, a.head, b.head)):
                yield kind, a, b


def minimal_pairs(compressor: Compressor, source: Source, reading: Reading | None, most: int = MOST) -> list[MinimalPair]:
    """Up to `most` pairs of a text that change two places of one window and leave every other token as and where it was."""
    found: list[MinimalPair] = []
    used: Counter[Mention] = Counter()
    taken: set[tuple[Mention, Mention]] = set()
    for kind, a, b in candidates(source.text, reading):
        if len(found) == most:
            break
        if (a, b) in taken or used[a] == USES or used[b] == USES or a.end > b.start:
            continue
        if pair := _exchanged(compressor, source, kind, a, b):
            found.append(pair)
            used.update((a, b))
            taken.add((a, b))
    return found


def read_through(
    decoder: Decoder,
    memories: Sequence[Memory | None],
    targets: Sequence[Sequence[int]],
    stop: Callable[[], bool] = lambda: False,
) -> Iterator[Tensor]:
    """Teacher-forced logits [n, V] of each target given its memory, batch by batch; ends early once stopped."""
    most = getattr(decoder, "rows", ROWS)
    for first in range(0, len(targets), most):
        if stop():
            return
        yield from decoder.score(memories[first : first + most], targets[first : first + most])


def log_likelihood(logits: Tensor, target: Sequence[int]) -> float:
    """`Σ_t ln p(x_t)` in nats, of logits [n, V] about a target of n tokens."""
    import torch

    picked = logits.gather(-1, torch.as_tensor(list(target), device=logits.device)[:, None])[:, 0]
    terms = (picked - logits.logsumexp(-1)).clamp_min(LEAST)
    return float(terms.sum(dtype=torch.float64))


def preference(pairs: Sequence[MinimalPair], true: Sequence[float], altered: Sequence[float]) -> Preference | None:
    """Of log-likelihoods: `true` of each window, `altered` of each pair; None where there are no pairs."""
    if not pairs:
        return None
    margins = [true[pair.window] - other for pair, other in zip(pairs, altered, strict=True)]
    right = sum(1.0 if m > 0 else 0.5 if m == 0 else 0.0 for m in margins)
    return Preference(len(margins), right, sum(margins) / len(margins))


def _exchanged(compressor: Compressor, source: Source, kind: Kind, a: Mention, b: Mention) -> MinimalPair | None:
    """The pair, if both places are whole tokens of one window, equally many, and nothing around them is tokenised anew."""
    places = _tokens(source, a), _tokens(source, b)
    if None in places:
        return None
    (a0, a1), (b0, b1) = places
    window = next(k for k, (first, last) in enumerate(source.windows) if first <= a0 < last)
    first, last = source.windows[window]
    if b1 > last or a1 - a0 != b1 - b0:
        return None
    text = source.text
    altered = compressor.source(text[: a.start] + b.text + text[a.end : b.start] + a.text + text[b.end :])
    if len(altered.ids) != len(source.ids) or list(altered.windows) != list(source.windows):
        return None
    inside = {*range(a0, a1), *range(b0, b1)}
    changed = {i for i, (x, y) in enumerate(zip(source.ids, altered.ids, strict=True)) if x != y}
    if not changed or not changed <= inside:
        return None
    return MinimalPair(kind, (a.start, a.end), (b.start, b.end), window, altered.window_ids((first, last)))


def _tokens(source: Source, mention: Mention) -> tuple[int, int] | None:
    """Tokens [first, last) of a mention; None if one reaches further than the white space before it."""
    touched = [i for i, (start, end) in enumerate(source.spans) if start < mention.end and end > mention.start]
    if not touched:
        return None
    start, end = source.spans[touched[0]][0], source.spans[touched[-1]][1]
    whole = end == mention.end and not source.text[start : mention.start].strip() and start <= mention.start
    return (touched[0], touched[-1] + 1) if whole else None


def _names(r: Reading) -> list[Mention]:
    found = []
    for name in r.names:
        head = next((i for i in range(name.first, name.last + 1) if not name.first <= r.head[i] <= name.last), name.last)
        found.append(Mention(*r.span(name.first, name.last), r.said(name.first, name.last), name.label, r.sentence[head], head))
    return found


def _nouns(r: Reading) -> list[Mention]:
    """Common nouns that stand alone: no part of a name or of a compound, and not capitalised by their place."""
    return [
        Mention(r.start[i], r.end[i], word, r.tag[i], r.sentence[i], i)
        for i, word in enumerate(r.words)
        if r.pos[i] == "NOUN" and r.name_of[i] < 0 and word.isalpha() and word.islower() and r.dep[i].split(":")[0] != "compound"
    ]


def _numbers(text: str, r: Reading | None) -> list[Mention]:
    from bisect import bisect_right

    from inspector.divergence.quantities import quantities

    found = []
    for q in quantities(text):
        if not q.weak:
            at = bisect_right(r.start, q.start) - 1 if r else -1
            found.append(Mention(q.start, q.end, q.text, f"{q.kind} {q.unit}", r.sentence[at] if r and at >= 0 else 0))
    return found


def _near(things: Sequence[Mention]) -> Iterator[tuple[Mention, Mention]]:
    """Pairs in one sentence or in neighbouring ones; things are in order."""
    for k, a in enumerate(things):
        yield from ((a, b) for b in takewhile(lambda b, a=a: b.sentence - a.sentence <= 1, things[k + 1 :]))


def _alike(a: str, b: str) -> bool:
    """Types that may change roles; an untyped name may be any name."""
    return a == b or ({a, b} <= {"NAME", "PER", "LOC", "ORG", "MISC"} and "NAME" in (a, b))


def _different(a: str, b: str) -> bool:
    """Neither says the other ("Anna", "Anna Smith")."""
    x, y = a.casefold().split(), b.casefold().split()
    return not (set(x) <= set(y) or set(y) <= set(x))


def _arguments(r: Reading, a: int, b: int) -> bool:
    """Are both arguments of one word, one of them its subject?"""
    roles = [r.dep[i].split(":")[0] for i in (a, b)]
    return (
        r.head[a] == r.head[b]
        and "nsubj" in roles
        and roles != ["nsubj", "nsubj"]
        and set(roles) <= {"nsubj", "obj", "iobj", "obl", "nmod"}
    )


def _coordinated(r: Reading, a: int, b: int) -> bool:
    def first(i: int) -> int:
        while i >= 0 and r.dep[i] == "conj" and r.head[i] != i:
            i = r.head[i]
        return i

    return a >= 0 and b >= 0 and first(a) == first(b)
