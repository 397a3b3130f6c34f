"""The pocket decoder as a `Decoder`: batched over memories of any ratio, with a preallocated KV cache.

Rows of a batch may have prefixes of different lengths: they are padded on the right and masked, and every row
keeps its own positions, so a row's numbers do not depend on its neighbours (up to rounding).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from models.compressor import Memory
from models.pocket.network import Cache, DecoderNetwork


@dataclass
class State:
    cache: Cache
    visible: Tensor  # [batch, prefix + capacity], False on padding
    added: Tensor  # [batch, capacity, width], joins the input embedding of each step
    evidence: Tensor  # [batch, capacity, width], joins the last hidden state of each step
    prefix: int
    step: int = 0


@dataclass(frozen=True)
class Inputs:
    """Memories laid out for the network; rows without memory have zeros and an empty prefix."""

    prefix: Tensor  # [batch, P, width]
    positions: Tensor  # [batch, P]
    visible: Tensor  # [batch, P]
    added: Tensor  # [batch, n, width]
    evidence: Tensor  # [batch, n, width]


class PocketDecoder:
    """See `models.compressor.Decoder`. A memory's own length says when its window ends."""

    end_ids: frozenset[int] = frozenset()

    def __init__(self, network: DecoderNetwork) -> None:
        self.network = network.eval()

    @property
    def device(self) -> torch.device:
        return self.network.embed_tokens.weight.device

    def _inputs(self, memories: Sequence[Memory | None], n: int) -> Inputs:
        network, batch, width = self.network, len(memories), self.network.shape.width
        slots = max((m.size for m in memories if m is not None), default=0)
        new = network.embed_tokens.weight.new_zeros
        inputs = Inputs(
            new(batch, slots, width),
            torch.zeros(batch, slots, dtype=torch.long, device=self.device),
            torch.zeros(batch, slots, dtype=torch.bool, device=self.device),
            new(batch, n, width),
            new(batch, n, width),
        )
        for row, memory in enumerate(memories):
            if memory is None:
                continue
            z, ratio = memory.vectors.to(self.device)[None], memory.extra["ratio"]
            size, steps = memory.size, min(n, memory.length)
            inputs.prefix[row, :size] = network.prefix(z)[0]
            inputs.positions[row, :size] = torch.arange(size, device=self.device) * ratio + ratio - 1
            inputs.visible[row, :size] = True
            added, evidence = network.aids(z, steps, ratio)
            inputs.added[row, :steps], inputs.evidence[row, :steps] = added[0], evidence[0]
        return inputs

    @torch.inference_mode()
    def begin(self, memories: Sequence[Memory | None], capacity: int) -> State:
        network, batch = self.network, len(memories)
        inputs = self._inputs(memories, capacity)
        slots, shape = inputs.prefix.shape[1], network.shape
        room = (batch, shape.heads, slots + capacity, shape.width // shape.heads)
        cache = [(inputs.prefix.new_zeros(room), inputs.prefix.new_zeros(room)) for _ in network.layers]
        if slots:
            mask = causal(slots, self.device) & inputs.visible[:, None, None, :] | torch.eye(
                slots, dtype=torch.bool, device=self.device
            )
            network.hidden(inputs.prefix, inputs.positions, mask, cache)
        visible = torch.cat([inputs.visible, inputs.visible.new_ones(batch, capacity)], 1)
        return State(cache, visible, inputs.added, inputs.evidence, slots)

    @torch.inference_mode()
    def step(self, state: State, tokens: Tensor | None) -> Tensor:
        network, batch, t = self.network, len(state.visible), state.step
        if tokens is None:
            tokens = torch.full((batch,), network.begin_id, device=self.device)
        x = network.embed_tokens(tokens)[:, None] + state.added[:, t : t + 1]
        positions = torch.full((batch, 1), t, device=self.device)
        used = state.prefix + t
        h = network.hidden(x, positions, state.visible[:, None, None, : used + 1], state.cache, used)
        state.step += 1
        return self._speakable(network.logits(network.combine(h[:, 0], state.evidence[:, t])))

    @torch.inference_mode()
    def score(self, memories: Sequence[Memory | None], targets: Sequence[Sequence[int]]) -> list[Tensor]:
        network, n = self.network, max(map(len, targets))
        inputs = self._inputs(memories, n)
        slots = inputs.prefix.shape[1]
        ids = torch.full((len(targets), n), network.begin_id, device=self.device)
        for row, target in enumerate(targets):
            ids[row, 1 : len(target)] = torch.as_tensor(target[:-1], device=self.device)
        x = torch.cat([inputs.prefix, network.embed_tokens(ids) + inputs.added], 1)
        positions = torch.cat([inputs.positions, torch.arange(n, device=self.device).expand(len(targets), n)], 1)
        visible = torch.cat([inputs.visible, inputs.visible.new_ones(len(targets), n)], 1)
        mask = causal(slots + n, self.device) & visible[:, None, None, :] | torch.eye(
            slots + n, dtype=torch.bool, device=self.device
        )
        h = network.combine(network.hidden(x, positions, mask)[:, slots:], inputs.evidence)
        return [self._speakable(network.logits(h[row, : len(target)])) for row, target in enumerate(targets)]

    def _speakable(self, logits: Tensor) -> Tensor:
        """The begin token is never an answer."""
        return logits[..., : self.network.begin_id]


def causal(n: int, device: torch.device) -> Tensor:
    return torch.ones(n, n, dtype=torch.bool, device=device).tril()
