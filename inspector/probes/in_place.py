"""Log-probabilities of altered texts in place: the same window, the same memory (or none), other tokens from some place on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from inspector.engine import ROWS
from inspector.measures.entropy import LEAST

if TYPE_CHECKING:
    from models.compressor import Decoder, Memory

NEAR = 8  # tokens that long rows are sorted by, so that few have to be compared
Row = tuple["Memory | None", tuple[int, ...], int]  # what is read; a window's tokens to the last one scored; the first scored


def log_probabilities(decoder: Decoder, rows: Sequence[Row]) -> list[list[float]]:
    """ln p(token | memory or nothing, tokens before) of every row's scored tokens, in nats, not below `LEAST`.

    The logits at a row's last place don't depend on its last token. So a row that, but for its last token, begins another
    row of the same memory rides on it; alternatives of one token all ride on the source's own row.

    Args:
        rows: memory (None: the prior), the tokens from the window's start, and the place from which they are scored.

    Raises:
        ValueError: the decoder's logits define no distribution.
    """
    import torch

    hosts: list[tuple[Memory | None, tuple[int, ...]]] = []
    near: dict[tuple[int, tuple[int, ...]], list[int]] = defaultdict(list)  # hosts by memory, and by their first tokens too
    rides: dict[int, int] = {}  # row → its host
    for at in sorted(range(len(rows)), key=lambda k: -len(rows[k][1])):
        memory, ids, _ = rows[at]
        asked = near[id(memory), ids[:NEAR] if len(ids) > NEAR else ()]
        rides[at] = next((k for k in asked if hosts[k][1][: len(ids) - 1] == ids[:-1]), len(hosts))
        if rides[at] == len(hosts):
            for first in {(), ids[:NEAR]}:
                near[id(memory), first].append(len(hosts))
            hosts.append((memory, ids))
    found: dict[int, list[float]] = {}
    most = getattr(decoder, "rows", ROWS)
    for first in range(0, len(hosts), most):  # longest first, so that a batch has rows of like length
        batch = hosts[first : first + most]
        logits = decoder.score([memory for memory, _ in batch], [ids for _, ids in batch])
        for at in (k for k, host in rides.items() if first <= host < first + most):
            _, ids, start = rows[at]
            given = logits[rides[at] - first][start : len(ids)].float().log_softmax(-1)
            if given.isnan().any():
                raise ValueError("the decoder gave logits that are not numbers, so they define no probabilities")
            picked = given.gather(1, torch.tensor(ids[start:], device=given.device)[:, None])[:, 0]
            found[at] = picked.clamp_min(LEAST).tolist()
    return [found[at] for at in range(len(rows))]
