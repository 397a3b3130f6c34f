"""Memory that is a KV cache: keys and values of M places in every layer, read by a transformers causal language model.

What is given to the model is `[before; memory; after; text]`, the prior `[before; after; text]`: the same without the memory.
`before` and `after` are tokens, the same for every text: an instruction around the memory, or the token that starts the text.
The memory counts as M places, whatever text it stands for, so `after` has positions from `len(before) + M`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from models.compressor import Memory
from models.hub.causal import MOST_LOGITS, MOST_ROWS, CausalDecoder, State

BITS = 16  # of a number, as the published decoders are given it
Layers = Sequence[tuple[Tensor, Tensor]]  # keys and values of each layer, [heads, M, head width]


def kv_memory(length: int, cache: Layers) -> Memory:
    """A memory of `length` source tokens, which ends at an end token; kept off the GPU, whatever the model runs on."""
    kept = tuple((keys.cpu().clone(), values.cpu().clone()) for keys, values in cache)  # no views of what was not kept
    numbers = sum(part.numel() for layer in kept for part in layer)
    return Memory("kv", length, kept[0][0].shape[1], BITS * numbers, stops_by_length=False, extra={"cache": kept})


class KvDecoder(CausalDecoder):
    """See `models.compressor.Decoder`. Rows may differ in M: they are padded on the left, masked, and count for themselves."""

    def __init__(
        self,
        model: Any,
        after: Sequence[int],
        vocabulary: int,
        end_ids: frozenset[int] = frozenset(),
        *,
        before: Sequence[int] = (),
        turned: bool = True,
        length: int = 128,
    ) -> None:
        """Wrap a frozen model.

        Args:
            model: a transformers causal language model.
            after: tokens between memory and text; at least one.
            vocabulary: ids that are tokens; see `CausalDecoder`.
            end_ids: tokens that end a reconstruction where its length does not.
            before: tokens before the memory.
            turned: keys in memories have their rotary positions already; if not, they are turned to the places they get here.
            length: tokens of a usual window, which bounds the rows of a batch.
        """
        super().__init__(model, after[-1], vocabulary, end_ids)
        self.before, self.after, self.turned = tuple(before), tuple(after), turned
        self.rows = max(1, min(MOST_ROWS, MOST_LOGITS // (vocabulary * length)))
        config = model.config.get_text_config()
        self.heads = getattr(config, "num_key_value_heads", None) or config.num_attention_heads
        self.head_width = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
        self._read: Layers | None = None

    @torch.inference_mode()
    def begin(self, memories: Sequence[Memory | None], capacity: int) -> State:
        return self.read(memories, self.after)

    @torch.inference_mode()
    def read(self, memories: Sequence[Memory | None], after: Sequence[int]) -> State:
        """The state of a batch that has read other tokens after its memories than usual."""
        cache, visible = self._caches(memories)
        ids = torch.tensor([after] * len(memories), device=self.device)
        logits, cache, visible, last = self._read_on(ids, cache, visible, keep=1)
        return State(cache, visible, last + 1, logits[:, -1])

    @torch.inference_mode()
    def score(self, memories: Sequence[Memory | None], targets: Sequence[Sequence[int]]) -> list[Tensor]:
        n = max(map(len, targets))
        ids = torch.full((len(targets), len(self.after) + n - 1), self.begin_id, device=self.device)
        for row, target in enumerate(targets):
            ids[row, : len(self.after) + len(target) - 1] = torch.tensor([*self.after, *target[:-1]])
        logits, *_ = self._read_on(ids, *self._caches(memories), keep=n)
        return [logits[row, : len(target)] for row, target in enumerate(targets)]

    def _read_on(self, ids: Tensor, cache: Any, visible: Tensor, keep: int) -> tuple[Tensor, Any, Tensor, Tensor]:
        """Logits of the last `keep` of ids [batch, n] that follow a cache; the cache, what is visible, last positions."""
        positions = visible.sum(1, keepdim=True) + torch.arange(ids.shape[1], device=self.device)
        visible = torch.cat([visible, torch.ones_like(ids)], 1)
        logits, cache = self._forward(self.embed(ids), visible, positions, cache, keep)
        return logits, cache, visible, positions[:, -1]

    def _caches(self, memories: Sequence[Memory | None]) -> tuple[Any, Tensor]:
        """The cache of a batch, padded on the left, and what of its columns [batch, columns] is visible."""
        from transformers import DynamicCache

        cache, before = DynamicCache(), len(self.before)
        sizes = [before + (memory.size if memory else 0) for memory in memories]
        columns = max(sizes)
        visible = (torch.arange(columns) >= columns - torch.tensor(sizes)[:, None]).long().to(self.device)
        if columns:
            head = self.head() if before else ()
            for index, layer in enumerate(self.model.get_decoder().layers):
                device, dtype = next(layer.parameters()).device, self.embed.weight.dtype
                both = torch.zeros(2, len(memories), self.heads, columns, self.head_width, device=device, dtype=dtype)
                for row, memory in enumerate(memories):
                    for side in (0, 1):
                        if before:
                            first = columns - sizes[row]
                            both[side, row, :, first : first + before] = head[index][side]
                        if memory is not None:
                            both[side, row, :, columns - memory.size :] = self._part(memory, index, side, device)
                cache.update(*both, index)
        return cache, visible

    def _part(self, memory: Memory, layer: int, side: int, device: torch.device) -> Tensor:
        """Keys (side 0) or values of a memory [heads, M, width] in one layer, keys turned to where they stand here."""
        part = memory.extra["cache"][layer][side].to(device)
        if side or self.turned:
            return part
        first = len(self.before)
        return turn(self.model, part, torch.arange(first, first + memory.size, device=device))

    @torch.inference_mode()
    def head(self) -> Layers:
        """What the model holds of `before`: the same for every memory, so it is read once."""
        if self._read is None:
            from transformers import DynamicCache

            cache = DynamicCache()
            ids = torch.tensor([self.before], device=self.device)
            positions = torch.arange(len(self.before), device=self.device)[None]
            self._forward(self.embed(ids), positions=positions, cache=cache, keep=1)
            self._read = [(layer.keys[0], layer.values[0]) for layer in cache.layers]
        return self._read


def turn(model: Any, keys: Tensor, positions: Tensor) -> Tensor:
    """Keys [heads, n, width] as rotary attention reads them at `positions` [n]; halves turn, as in Llama and Qwen2."""
    cos, sin = model.get_decoder().rotary_emb(keys, positions[None])
    first, second = keys.chunk(2, -1)
    return keys * cos.to(keys) + torch.cat([-second, first], -1) * sin.to(keys)
