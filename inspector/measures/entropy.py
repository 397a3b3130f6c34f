"""What a decoder makes of each source token: entropy, surprisal, rank, alternatives; given memory and given none.

`H_t = -Σ_v p(v|Z,x<t) ln p(v|Z,x<t)`, teacher-forced on the source, in nats: our reading of the paper's
conditional entropy (arXiv 2602.09789, whose own formula could not be read).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from inspector.inspection import Alternative, TraceToken

if TYPE_CHECKING:
    from torch import Tensor


class Spanned(Protocol):
    start: int
    end: int


def bits(nats: float) -> float:
    return nats / math.log(2)


def mean_entropy(tokens: Sequence[TraceToken]) -> float:
    return math.fsum(t.entropy for t in tokens) / len(tokens)


def distribution(logits: Tensor, targets: Sequence[int], top: int, token_text: Callable[[int], str]):
    """Per row of logits [n, V]: entropy, surprisal, rank of the target (ties share the best) and the top alternatives."""
    import torch

    log_p = logits.float().log_softmax(-1)
    p = log_p.exp()
    entropy = -(p * log_p).sum(-1, dtype=torch.float64).clamp_max(0.0)
    picked = log_p.gather(-1, torch.as_tensor(list(targets), device=logits.device)[:, None])
    rank = (log_p > picked).sum(-1) + 1
    best = log_p.topk(min(top, log_p.shape[-1]), -1)
    names: dict[int, str] = {}
    alternatives = []
    for ids, values in zip(best.indices.tolist(), best.values.exp().tolist(), strict=True):
        row = sorted(zip(ids, values, strict=True), key=lambda pair: (-pair[1], pair[0]))
        alternatives.append(tuple(Alternative(text=names.setdefault(i, token_text(i)), probability=v) for i, v in row))
    return entropy.abs().tolist(), (-picked[:, 0]).abs().tolist(), rank.tolist(), alternatives


def trace_tokens(
    logits: Tensor,
    prior: Tensor | None,
    targets: Sequence[int],
    texts: Sequence[str],
    spans: Sequence[tuple[int, int]],
    top: int,
    token_text: Callable[[int], str],
) -> list[TraceToken]:
    """Trace of a window.

    Args:
        logits: [n, V], given memory; row t is about target t.
        prior: [n, V], the same prefix without memory, or None.
        targets, texts, spans: of the n source tokens.
        top: alternatives to keep.
        token_text: how an alternative is shown.
    """
    known = distribution(logits, targets, top, token_text)
    guessed = distribution(prior, targets, top, token_text) if prior is not None else None
    rows = []
    for t, (text, (start, end)) in enumerate(zip(texts, spans, strict=True)):
        entropy, surprisal, rank, alternatives = (column[t] for column in known)
        extra = {} if guessed is None else dict(prior_entropy=guessed[0][t], prior_surprisal=guessed[1][t], prior_alternatives=guessed[3][t])
        row = dict(text=text, start=start, end=end, entropy=entropy, surprisal=surprisal, rank=rank, alternatives=alternatives)
        rows.append(TraceToken.model_construct(**row, **extra))
    return rows


def word_values(tokens: Sequence[TraceToken], spans: Sequence[Spanned]) -> list[dict[str, float | None]]:
    """Each word's surprisal and gain (sums over its tokens) and entropy (mean); None where no token touches it.

    A token that touches two words counts for the one its last code point lies in.
    """
    groups: list[list[TraceToken]] = [[] for _ in spans]
    at = 0
    for token in tokens:
        while at < len(spans) and spans[at].end < token.end:
            at += 1
        if at < len(spans) and spans[at].start < token.end:
            groups[at].append(token)
    return [_word_value(group) for group in groups]


def _word_value(group: Sequence[TraceToken]) -> dict[str, float | None]:
    if not group:
        return {"entropy": None, "surprisal": None, "gain": None}
    gains = [t.gain for t in group]
    gain = None if any(g is None for g in gains) else math.fsum(gains)
    return {"entropy": mean_entropy(group), "surprisal": math.fsum(t.surprisal for t in group), "gain": gain}
