"""Who carries a token of the source: memory, the prior, both, or nobody. The thresholds are ours (docs/measures.md).

From the surprisals of one token, in nats, given memory (s) and given none (p), and its rank given memory, the first that holds:

    misled   p - s <= -MISLED            memory makes the token clearly less likely than the prior alone would
    prior    p < KNOWN                   the prior would have said it anyway
    memory   p - s >= GAIN, rank = 1     memory makes it likely, and it is the decoder's choice
    lost     s >= LOST, or rank > 1      even with memory the decoder says something else, or hardly says this
    shared   what remains                the prior had a good guess, and memory makes it the choice
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Literal

from inspector.inspection import TraceToken

GAIN = 2.0  # nats: 7.4 times as likely
KNOWN = 1.0  # nats: a probability above .37
LOST = 2.0  # nats: a probability of at most .14
MISLED = 1.0  # nats: 2.7 times less likely

Carrier = Literal["misled", "lost", "shared", "memory", "prior"]
CARRIERS: tuple[Carrier, ...] = ("misled", "lost", "shared", "memory", "prior")  # worst first


def carrier(surprisal: float, prior: float, rank: int) -> Carrier:
    """Who carries a token.

    Args:
        surprisal: of the token given memory, nats.
        prior: the same given none, after the same prefix.
        rank: of the token given memory, from 1.
    """
    gain = prior - surprisal
    if gain <= -MISLED:
        return "misled"
    if prior < KNOWN:
        return "prior"
    if gain >= GAIN and rank == 1:
        return "memory"
    return "lost" if surprisal >= LOST or rank > 1 else "shared"


def carriers(tokens: Sequence[TraceToken]) -> list[Carrier] | None:
    """For each token; None where there is no prior to ask."""
    if any(t.prior_surprisal is None for t in tokens):
        return None
    return [carrier(t.surprisal, t.prior_surprisal, t.rank) for t in tokens]


def worst(found: Iterable[Carrier]) -> Carrier | None:
    """What a word is called after its tokens: the first of `CARRIERS` among them, since one lost piece loses the word."""
    return min(found, key=CARRIERS.index, default=None)


def tally(found: Iterable[Carrier]) -> dict[Carrier, int]:
    """How many there are of each, in the order of `CARRIERS`."""
    counts = Counter(found)
    return {name: counts[name] for name in CARRIERS}
