"""Reconstruction and continuation from memory, with a frozen decoder: the losses that a compressor learns from."""

from __future__ import annotations

from collections.abc import Sequence
from inspect import signature
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.hub.finetuned_network import MemoryNetwork, slots
from models.training.finetune.data import Sample

IGNORED = -100


class Task(nn.Module):
    """Compressor and decoder together, so that one `forward` is all that several devices have to agree on."""

    def __init__(self, network: MemoryNetwork, decoder: Any, begin: int | None, end: int, continuation: float) -> None:
        """Wrap both.

        Args:
            decoder: a frozen causal language model of transformers.
            begin, end: ids that stand before a text, if any, and after it.
            continuation: weight of its loss.
        """
        super().__init__()
        self.network, self.decoder = network, decoder
        self.begin, self.end, self.continuation = begin, end, continuation
        self.keeps = "logits_to_keep" in signature(decoder.forward).parameters

    def forward(self, samples: Sequence[Sample], ratio: int) -> Tensor:
        """Loss, and without gradient: reconstruction's and continuation's cross-entropy (nats a token), token accuracy."""
        z, visible, _ = self.memories(samples, ratio)
        targets = self.targets([[*s.source, self.end] for s in samples])
        logits = self.read(z, visible, targets, self.network.head.trigger)
        loss = cross_entropy(logits, targets)
        parts = [loss, torch.full_like(loss, torch.nan), accuracy(logits, targets)]
        if self.continuation and any(s.following for s in samples):
            after = self.targets([s.following for s in samples])
            parts[1] = cross_entropy(self.read(z, visible, after, None), after)
            loss = loss + self.continuation * parts[1]
        return torch.stack([loss, *(part.detach() for part in parts)])

    def memories(self, samples: Sequence[Sample], ratio: int) -> tuple[Tensor, Tensor, list[int]]:
        """Vectors [batch, M, d] with the shorter ones on the right, which of them count [batch, M], and each M."""
        counts = [slots(len(s.source), ratio) for s in samples]
        z, visible = self.network([torch.tensor(s.row, dtype=torch.long) for s in samples], counts, ratio)
        return z, visible, counts

    def targets(self, rows: Sequence[Sequence[int]]) -> Tensor:
        """Ids [batch, longest], filled up on the right with `IGNORED`."""
        where = self.decoder.get_input_embeddings().weight.device
        made = torch.full((len(rows), max(map(len, rows))), IGNORED, device=where)
        for at, row in enumerate(rows):
            made[at, : len(row)] = torch.tensor(row, dtype=torch.long)
        return made

    def read(self, z: Tensor, visible: Tensor, targets: Tensor, trigger: Tensor | None) -> Tensor:
        """Teacher-forced logits [batch, n, V] of targets [batch, n] after `[begin token; Z; trigger]`."""
        embed, batch = self.decoder.get_input_embeddings(), len(targets)
        begin = embed(targets.new_full((batch, 0 if self.begin is None else 1), self.begin or 0))
        after = begin[:, :0] if trigger is None else trigger.to(begin).expand(batch, *trigger.shape)
        text = embed(targets[:, :-1].clamp_min(0))
        x = torch.cat([begin, z.to(begin), after, text], 1)
        seen = torch.cat(
            [
                visible.new_ones(batch, begin.shape[1]),
                visible,
                visible.new_ones(batch, after.shape[1]),
                targets[:, :-1] != IGNORED,
            ],
            1,
        )
        positions = (seen.cumsum(1) - 1).clamp_min(0)
        n = targets.shape[1]
        kept = {"logits_to_keep": n} if self.keeps else {}
        out = self.decoder(inputs_embeds=x, attention_mask=seen.long(), position_ids=positions, use_cache=False, **kept)
        return out.logits[:, -n:].float()

    @torch.no_grad()
    def measured(self, samples: Sequence[Sample], ratio: int) -> dict[str, float]:
        """On given texts: loss and entropy with memory, loss without (nats a token of the texts), effective rank and rows of
        all their vectors stacked."""
        from inspector.measures.spectrum import effective_rank

        z, visible, _ = self.memories(samples, ratio)
        targets, trigger = self.targets([s.source for s in samples]), self.network.head.trigger
        logits = self.read(z, visible, targets, trigger)
        prior = self.read(z[:, :0], visible[:, :0], targets, trigger)
        entropy = torch.distributions.Categorical(logits=logits).entropy()[targets != IGNORED]
        stacked = z[visible].double().cpu()
        return {
            "loss": cross_entropy(logits, targets).item(),
            "prior": cross_entropy(prior, targets).item(),
            "entropy": entropy.mean().item(),
            "erank_batch": effective_rank(torch.linalg.svdvals(stacked).numpy()),
            "rows": len(stacked),
        }


def cross_entropy(logits: Tensor, targets: Tensor) -> Tensor:
    return F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=IGNORED)


def accuracy(logits: Tensor, targets: Tensor) -> Tensor:
    counted = targets != IGNORED
    return (logits.detach().argmax(-1) == targets)[counted].float().mean()


def checkpointed(model: Any) -> None:
    """Keep a layer's input only and compute the rest again when gradients need it.

    Raises:
        ValueError: the model cannot.
    """
    enable = getattr(model, "activation_checkpointing_enable", None) or model.gradient_checkpointing_enable
    enable({"use_reentrant": False})
    layers = [m for m in model.modules() if getattr(m, "gradient_checkpointing", False)]
    for layer in layers:
        layer.training = True  # of itself alone: transformers asks for it, and its parts stay without dropout
