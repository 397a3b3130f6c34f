"""The pocket decoders as `Decoder`s: batched over memories of any ratio, with a preallocated KV cache.

Rows of a batch may have prefixes of different lengths: they are padded on the right and masked, and every row
keeps its own positions, so a row's numbers do not depend on its neighbours (up to rounding).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from models.compressor import Memory
from models.pocket.free import FreeDecoderNetwork
from models.pocket.network import Cache, DecoderNetwork

Aids = tuple[Tensor, Tensor]  # [batch, n, width]: joins the input embedding of each step, joins its last hidden state


@dataclass
class State:
    cache: Cache
    visible: Tensor  # [batch, prefix + capacity], False on padding
    aids: Aids | None
    prefix: int
    step: int = 0


@dataclass(frozen=True)
class Prefix:
    """Memories laid out for the network; rows without memory have an empty prefix."""

    vectors: Tensor  # [batch, P, width]
    positions: Tensor  # [batch, P]
    visible: Tensor  # [batch, P]


class PrefixDecoder:
    """Reads free memory, a prefix of input embeddings and nothing else. A memory's own length says when its window ends.

    See `models.compressor.Decoder`.
    """

    end_ids: frozenset[int] = frozenset()

    def __init__(self, network: FreeDecoderNetwork | DecoderNetwork) -> None:
        self.network = network.eval()

    @property
    def device(self) -> torch.device:
        return self.network.embed_tokens.weight.device

    def place(self, memory: Memory) -> tuple[Tensor, Tensor]:
        """A memory's vectors as input embeddings [M, width], and where they stand [M]."""
        return memory.vectors.to(self.device), memory.extra["positions"].to(self.device)

    def aids(self, memories: Sequence[Memory | None], n: int) -> Aids | None:
        """What memory adds at each of n steps, beside its prefix."""
        return None

    def combine(self, h: Tensor, evidence: Tensor | None) -> Tensor:
        """Last hidden states, ready for the output embedding."""
        return h

    def _prefix(self, memories: Sequence[Memory | None]) -> Prefix:
        batch, slots = len(memories), max((m.size for m in memories if m is not None), default=0)
        prefix = Prefix(
            self.network.embed_tokens.weight.new_zeros(batch, slots, self.network.shape.width),
            torch.zeros(batch, slots, device=self.device),
            torch.zeros(batch, slots, dtype=torch.bool, device=self.device),
        )
        for row, memory in enumerate(memories):
            if memory is not None:
                prefix.vectors[row, : memory.size], prefix.positions[row, : memory.size] = self.place(memory)
                prefix.visible[row, : memory.size] = True
        return prefix

    @torch.inference_mode()
    def begin(self, memories: Sequence[Memory | None], capacity: int) -> State:
        network, batch, prefix = self.network, len(memories), self._prefix(memories)
        slots, shape = prefix.vectors.shape[1], network.shape
        room = (batch, shape.heads, slots + capacity, shape.width // shape.heads)
        cache = [(prefix.vectors.new_zeros(room), prefix.vectors.new_zeros(room)) for _ in range(shape.layers)]
        if slots:
            mask = causal(slots, self.device) & prefix.visible[:, None, None, :] | diagonal(slots, self.device)
            network.hidden(prefix.vectors, prefix.positions, mask, cache)
        visible = torch.cat([prefix.visible, prefix.visible.new_ones(batch, capacity)], 1)
        return State(cache, visible, self.aids(memories, capacity), slots)

    @torch.inference_mode()
    def step(self, state: State, tokens: Tensor | None) -> Tensor:
        network, batch, t = self.network, len(state.visible), state.step
        if tokens is None:
            tokens = torch.full((batch,), network.begin_id, device=self.device)
        x = network.embed_tokens(tokens)[:, None]
        if state.aids is not None:
            x = x + state.aids[0][:, t : t + 1]
        positions = torch.full((batch, 1), float(t), device=self.device)
        used = state.prefix + t
        h = network.hidden(x, positions, state.visible[:, None, None, : used + 1], state.cache, used)
        state.step += 1
        return self._speakable(network.logits(self.combine(h[:, 0], state.aids and state.aids[1][:, t])))

    @torch.inference_mode()
    def score(self, memories: Sequence[Memory | None], targets: Sequence[Sequence[int]]) -> list[Tensor]:
        network, n, prefix = self.network, max(map(len, targets)), self._prefix(memories)
        aids, slots = self.aids(memories, n), prefix.vectors.shape[1]
        ids = torch.full((len(targets), n), network.begin_id, device=self.device)
        for row, target in enumerate(targets):
            ids[row, 1 : len(target)] = torch.as_tensor(target[:-1], device=self.device)
        x = network.embed_tokens(ids)
        x = torch.cat([prefix.vectors, x if aids is None else x + aids[0]], 1)
        positions = torch.cat([prefix.positions, torch.arange(n, device=self.device).float().expand(len(targets), n)], 1)
        visible = torch.cat([prefix.visible, prefix.visible.new_ones(len(targets), n)], 1)
        mask = causal(slots + n, self.device) & visible[:, None, None, :] | diagonal(slots + n, self.device)
        h = self.combine(network.hidden(x, positions, mask)[:, slots:], aids and aids[1])
        return [self._speakable(network.logits(h[row, : len(target)])) for row, target in enumerate(targets)]

    def _speakable(self, logits: Tensor) -> Tensor:
        """The begin token is never an answer."""
        return logits[..., : self.network.begin_id]


class PocketDecoder(PrefixDecoder):
    """Reads superposed memory: beside the prefix, each step has what the inverse rotation reads at its place."""

    network: DecoderNetwork

    def place(self, memory: Memory) -> tuple[Tensor, Tensor]:
        ratio = memory.extra["ratio"]
        positions = torch.arange(memory.size, device=self.device) * ratio + ratio - 1
        return self.network.prefix(memory.vectors.to(self.device)), positions.float()

    def aids(self, memories: Sequence[Memory | None], n: int) -> Aids | None:
        added, evidence = (self.network.embed_tokens.weight.new_zeros(len(memories), n, self.network.shape.width) for _ in "ab")
        for row, memory in enumerate(memories):
            if memory is not None:
                steps = min(n, memory.length)
                a, e = self.network.aids(memory.vectors.to(self.device)[None], steps, memory.extra["ratio"])
                added[row, :steps], evidence[row, :steps] = a[0], e[0]
        return added, evidence

    def combine(self, h: Tensor, evidence: Tensor | None) -> Tensor:
        return self.network.combine(h, evidence)


def causal(n: int, device: torch.device) -> Tensor:
    return torch.ones(n, n, dtype=torch.bool, device=device).tril()


def diagonal(n: int, device: torch.device) -> Tensor:
    """Every place sees itself, so that no row of attention is empty where all is padding."""
    return torch.eye(n, dtype=torch.bool, device=device)
