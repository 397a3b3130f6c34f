"""The self-test after loading: one sentence through compressor and decoder, so that a wrong base model fails here."""

from __future__ import annotations

import math
from collections.abc import Callable

from models.compressor import Compressor
from models.hub.card import Check

TEXT = (
    "On the second Tuesday of March, Ingrid Halloway carried eleven brass lanterns from the ferry to the old customs house, "
    "where the harbour master counted them twice, found one missing, and wrote the number of the empty crate, 4716, in his book."
)

LONGER = (
    f"{TEXT} The ferry itself had left before noon with 212 passengers and a cargo of salt, although the captain, Tobias Renn, "
    "was told that the wind would turn. In the evening his sister Margit telephoned from Aberdeen, and she asked whether it was "
    "true that they were still at sea. By midnight the lifeboat had reached them, and nobody on the ship was hurt."
)
FUNCTION = frozenset(
    "a although and at before by from had his in it itself of on one she that the them they to was were where whether with "
    "would".split()
)


def token_accuracy(compressor: Compressor, ratio: int, text: str = TEXT) -> float:
    """Share of the sentence's tokens that are the likeliest one, given memory and the tokens before."""
    found = _scored(compressor, ratio, text)
    return sum(rank == 0 for rank, _, _ in found) / len(found)


def memory_gain(compressor: Compressor, ratio: int, text: str = TEXT) -> float:
    """Mean over the sentence's tokens of the surprisal that memory takes away, nats."""
    found = _scored(compressor, ratio, text)
    return sum(prior - given for _, given, prior in found) / len(found)


def content_kept(compressor: Compressor, _: int) -> float:
    """For kept words at ratio 2: share kept of the content words of a longer text, less that of its function words."""
    from inspector.measures.alignment import words

    source = compressor.source(LONGER)
    kept = {span for memory in compressor.compress(source, source.windows, 2) for span in memory.kept}
    share = {}
    for function in (True, False):
        found = [w for w in words(LONGER) if w.text.isalnum() and (w.text.lower() in FUNCTION) == function]
        share[function] = sum((w.start, w.end) in kept for w in found) / len(found)
    return share[False] - share[True]


def predictability(compressor: Compressor, _: int) -> float:
    """Nats a token by which a compressor's language model, its `reader`, is better on the sentence than an even guess."""
    ids = compressor.source(TEXT).ids
    logits = compressor.reader.score([None], [ids])[0]
    picked = logits.log_softmax(-1).gather(-1, logits.new_tensor(ids).long()[:, None])
    return math.log(logits.shape[-1]) + float(picked.mean())


MEASURES: dict[str, Callable[..., float]] = {
    "token_accuracy": token_accuracy,
    "memory_gain": memory_gain,
    "content_kept": content_kept,
    "predictability": predictability,
}


def verdict(compressor: Compressor, ratio: int, check: Check) -> tuple[bool, str]:
    """Did it pass, and one sentence on how."""
    value = MEASURES[check.measure](compressor, ratio, *([check.text] if check.text else []))
    passed = value >= check.least  # NaN does not
    name = check.measure.replace("_", " ")
    said = f"self-test {'passed' if passed else 'failed'}: {name} {value:.2f} where at least {check.least:g} is asked for"
    return passed, said if passed else f"{said}; the usual cause is a base model that the weights were not trained with"


def _scored(compressor: Compressor, ratio: int, text: str) -> list[tuple[int, float, float]]:
    """For each token how many others are likelier, its surprisal given memory, and the prior's, in nats."""
    import torch

    source = compressor.source(text)
    memories = compressor.compress(source, source.windows, ratio)
    found: list[tuple[int, float, float]] = []
    for window, memory in zip(source.windows, memories, strict=True):
        ids = source.window_ids(window)
        target = torch.tensor(ids)
        given, prior = (rows.float().cpu().log_softmax(-1) for rows in compressor.decoder.score([memory, None], [ids, ids]))
        own = given[range(len(ids)), target]
        ranks = (given > own[:, None]).sum(1)
        found += zip(ranks.tolist(), (-own).tolist(), (-prior[range(len(ids)), target]).tolist(), strict=True)
    return found
