"""Teaches a tiny compressor and its decoder one text by heart, so that a self-test can be seen to pass."""

from __future__ import annotations

import torch
import torch.nn.functional as F


def by_heart(compressor, parameters, text: str, ratio: int, steps: int = 150, rate: float = 3e-3) -> None:
    """Adam on the given parameters until the decoder brings back each window of the text from its memory."""
    parameters = list(parameters)
    source, lengths = compressor.source(text), {}
    for window in source.windows:
        lengths.setdefault(window[1] - window[0], []).append(window)
    optimiser = torch.optim.Adam([p.requires_grad_() for p in parameters], rate)
    for _ in range(steps):
        loss = torch.zeros(())
        for group in lengths.values():
            ids = [source.window_ids(window) for window in group]
            texts = [source.text[source.spans[a][0] : source.spans[b - 1][1]] for a, b in group]
            logits = compressor.decoder.logits(
                torch.stack(compressor.vectors(texts, ids, ratio)), torch.tensor(ids), [{}] * len(ids)
            )
            loss = loss + F.cross_entropy(logits.transpose(1, 2), torch.tensor(ids)) * len(group) / len(source.windows)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    for p in parameters:
        p.requires_grad_(False)
