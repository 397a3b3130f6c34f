"""The spectrum of a KV memory: of the keys, or the values, of one head in one layer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from inspector.inspection import Spectrum
from models.compressor import Memory

HEAD = re.compile(r"([0-9]{1,4})\.([0-9]{1,4})(?:\.(keys|values))?")


@dataclass(frozen=True)
class Head:
    """A head of a KV cache; layer and head are counted from 0, heads as they hold keys (grouped-query attention has few)."""

    layer: int
    head: int
    part: str = "keys"  # or values


def parse_head(text: str) -> Head:
    """`"12.3"` or `"12.3.keys"` are keys, `"12.3.values"` values.

    Raises:
        ValueError: it is none of these.
    """
    match = HEAD.fullmatch(text.strip())
    if match is None:
        raise ValueError(
            f"cannot read {text[:40]!r} as a head of a KV cache: give LAYER.HEAD from 0, such as 12.3 or 12.3.values"
        )
    return Head(int(match[1]), int(match[2]), match[3] or "keys")


def head_spectrum(memories: Sequence[Memory], head: Head) -> tuple[Spectrum | None, str]:
    """Spectrum of a head's keys or values [M, head width], all windows stacked, and one sentence that says whose it is.

    There is none where the memory has no such head; then the sentence names those it has.
    """
    import torch

    from inspector.measures.spectrum import spectrum

    caches = [memory.extra["cache"] for memory in memories]
    layers, heads = len(caches[0]), len(caches[0][0][0])
    if not (head.layer < layers and head.head < heads):
        return (
            None,
            f"This memory has layers 0 to {layers - 1} and heads 0 to {heads - 1}; {head.layer}.{head.head} is none of them.",
        )
    side = ("keys", "values").index(head.part)
    rows = torch.cat([cache[head.layer][side][head.head] for cache in caches]).double().cpu().numpy()
    place = f"layer {head.layer} (of 0 to {layers - 1}), head {head.head} (of 0 to {heads - 1})"
    return spectrum(rows), f"The spectrum is of the {head.part} of {place}, width {rows.shape[1]}."
