"""What a decoder makes of each source token: entropy, surprisal, rank, alternatives; given memory and given none.

`H_t = -Σ_v p(v|Z,x<t) ln p(v|Z,x<t)`, teacher-forced on the source, in nats: our reading of the paper's
conditional entropy (arXiv 2602.09789, whose own formula could not be read).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from inspector.inspection import Alternative, TraceToken

if TYPE_CHECKING:
    from torch import Tensor


LEAST = -1e4  # ln p of what a decoder rules out; nats stay finite, and no finite logits of use come near


class Spanned(Protocol):
    """Anything over code points [start, end)."""

    start: int
    end: int


def bits(nats: float) -> float:
    """Nats in bits."""
    return nats / math.log(2)


def mean_entropy(tokens: Sequence[TraceToken]) -> float:
    """Mean of the tokens' entropies, in nats; there must be at least one token."""
    return math.fsum(t.entropy for t in tokens) / len(tokens)


@dataclass(frozen=True)
class Distribution:
    """One row of logits [V], read about its target."""

    entropy: float
    surprisal: float
    rank: int
    alternatives: tuple[Alternative, ...]


def distributions(logits: Tensor, targets: Sequence[int], top: int, token_text: Callable[[int], str]) -> list[Distribution]:
    """Entropy, surprisal, the target's rank (1 + strictly more likely tokens) and the top alternatives, per row of [n, V].

    Alternatives of equal probability stand in the order of their ids.

    Raises:
        ValueError: a row of logits defines no distribution.
    """
    import torch

    log_p = logits.float().log_softmax(-1)
    if log_p.isnan().any():
        raise ValueError("the decoder gave logits that are not numbers, so they define no probabilities")
    log_p = log_p.clamp_min(LEAST)
    entropy = -(log_p.exp() * log_p).sum(-1, dtype=torch.float64)
    picked = log_p.gather(-1, torch.as_tensor(list(targets), device=log_p.device)[:, None])
    rank = (log_p > picked).sum(-1) + 1
    ids, values = _top(log_p, min(top, log_p.shape[-1]))
    texts = {i: token_text(i) for i in set(ids.flatten().tolist())}
    alternatives = [
        tuple(Alternative(text=texts[i], probability=p) for i, p in zip(*row, strict=True))
        for row in zip(ids.tolist(), values.exp().tolist(), strict=True)
    ]
    columns = entropy.clamp_min(0.0).tolist(), picked[:, 0].neg().clamp_min(0.0).tolist(), rank.tolist(), alternatives
    return [Distribution(*row) for row in zip(*columns, strict=True)]


def _top(log_p: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """Ids and values [n, k] of the greatest, ties by id; topk alone leaves ties open."""
    values, ids = log_p.topk(min(k + 1, log_p.shape[-1]), -1)
    tied = (values[:, 1:] == values[:, :-1]).any(-1)
    if tied.any():
        values[tied], ids[tied] = (x[:, : ids.shape[1]] for x in log_p[tied].sort(dim=-1, descending=True, stable=True))
    return ids[:, :k], values[:, :k]


def trace_tokens(
    logits: Tensor,
    prior: Tensor | list[Distribution] | None,
    targets: Sequence[int],
    texts: Sequence[str],
    spans: Sequence[tuple[int, int]],
    top: int,
    token_text: Callable[[int], str],
) -> list[TraceToken]:
    """Trace of a window.

    Args:
        logits: [n, V], given memory; row t is about target t.
        prior: [n, V], the same prefix without memory, or what `distributions` made of it, or None.
        targets, texts, spans: of the n source tokens.
        top: alternatives to keep.
        token_text: how an alternative is shown.

    Raises:
        ValueError: see `distributions`; or lengths differ.
    """
    known = distributions(logits, targets, top, token_text)
    guessed = [None] * len(known) if prior is None else prior
    if not isinstance(guessed, list):
        guessed = distributions(guessed, targets, top, token_text)
    rows = []
    for given, guess, text, (start, end) in zip(known, guessed, texts, spans, strict=True):
        row = {"text": text, "start": start, "end": end} | vars(given)
        if guess is not None:
            row |= {"prior_entropy": guess.entropy, "prior_surprisal": guess.surprisal, "prior_alternatives": guess.alternatives}
        rows.append(TraceToken.model_construct(**row))  # values are ours: checking them again costs more than making them
    return rows


def word_values(tokens: Sequence[TraceToken], spans: Sequence[Spanned]) -> list[dict[str, float | None]]:
    """Each word's surprisal and gain (sums over its tokens) and entropy (mean); None where no token touches it.

    Words and tokens are in order. A token over several words gives each the same share of its surprisal and gain,
    so that sums over words are sums over tokens; one over white space alone belongs to no word.
    """
    groups: list[list[tuple[TraceToken, float]]] = [[] for _ in spans]
    first = 0
    for token in tokens:
        while first < len(spans) and spans[first].end <= token.start:
            first += 1
        last = first
        while last < len(spans) and spans[last].start < token.end:
            last += 1
        for group in groups[first:last]:
            group.append((token, 1 / (last - first)))
    return [_word_value(group) for group in groups]


def _word_value(group: Sequence[tuple[TraceToken, float]]) -> dict[str, float | None]:
    if not group:
        return {"entropy": None, "surprisal": None, "gain": None}
    gain = None if any(t.gain is None for t, _ in group) else math.fsum(t.gain * share for t, share in group)
    return {
        "entropy": mean_entropy([t for t, _ in group]),
        "surprisal": math.fsum(t.surprisal * s for t, s in group),
        "gain": gain,
    }
