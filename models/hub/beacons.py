"""Beacon tokens in a plain transformers model: projections of their own, where they stand, and what they see.

A beacon has projections beside those of the ordinary tokens. They are put in as modules that project each column by the one or
by the other; without beacons in the input, the model is what it was.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from models.hub.kv import Layers

KNOWN = {("interleave", "full-coverage"), ("append", "step-expansion"), ("append", "full-coverage")}


@dataclass(frozen=True)
class Layout:
    """n tokens with M beacons, in the order in which they are read, after a head that is in the cache already."""

    beacons: Tensor  # [n + M], true where a beacon stands
    positions: Tensor  # [n + M]
    seen: Tensor  # [n + M, head + n + M], true where a row may look


def layout(tokens: int, ratio: int, head: int, place: str, view: str) -> Layout:
    """A beacon for every `ratio` tokens, the last one for what is left.

    Args:
        place: `interleave`: a beacon stands after its tokens, so later tokens see it; `append`: all stand at the end.
        view: `full-coverage`: a beacon sees all before it; `step-expansion`: its tokens and those before, and earlier beacons,
            at the position where an interleaved one would stand.
    """
    ends = torch.arange(ratio, tokens + ratio, ratio).clamp_max(tokens)  # tokens up to each beacon
    count = len(ends)
    beacons = torch.zeros(tokens + count, dtype=torch.bool)
    beacons[ends + torch.arange(count) if place == "interleave" else slice(tokens, None)] = True
    positions = head + torch.arange(tokens + count)
    seen = torch.ones(tokens + count, head + tokens + count, dtype=torch.bool).tril(head)
    if view == "step-expansion":
        positions[tokens:] = head + ends + torch.arange(count)
        seen[tokens:, head : head + tokens] = torch.arange(tokens) < ends[:, None]
    return Layout(beacons, positions, seen)


class Columns(threading.local):
    """Which columns of the input are beacons, in this thread, and what was projected there."""

    now: Tensor | None = None
    made: dict[tuple[int, str], Tensor]


class Switched(nn.Module):
    """A projection that has another beside it for beacons; `own` is None where beacons share the tokens'."""

    def __init__(self, plain: nn.Module, own: nn.Module | None, columns: Columns, name: tuple[int, str]) -> None:
        super().__init__()
        self.plain, self.own, self.columns, self.name = plain, own, columns, name

    def forward(self, x: Tensor) -> Tensor:
        y = self.plain(x)
        now = self.columns.now
        if now is None:
            return y
        now = now.to(x.device)
        if self.own is not None:
            y = torch.where(now[:, None], self.own(x), y)
        self.columns.made[self.name] = y[:, now]
        return y


class Beacons:
    """A model with beacons put in."""

    def __init__(self, model: Any, embedding: Tensor, own: Sequence[dict[str, nn.Module]]) -> None:
        """Put them in.

        Args:
            model: a frozen causal language model with layers as in Llama, Mistral and Qwen2.
            embedding: [d], of a beacon.
            own: of each layer the beacons' projections, among `q`, `k`, `v` and `o`.
        """
        self.model, self.columns = model, Columns()
        self.embedding = embedding.to(model.get_input_embeddings().weight)
        for index, (layer, mine) in enumerate(zip(model.get_decoder().layers, own, strict=True)):
            for name in ("q", "k", "v", "o"):
                plain = getattr(layer.self_attn, f"{name}_proj")
                if name in mine or name in ("k", "v"):
                    plain = plain.plain if isinstance(plain, Switched) else plain  # of a model that had them before
                    setattr(layer.self_attn, f"{name}_proj", Switched(plain, mine.get(name), self.columns, (index, name)))

    @torch.inference_mode()
    def read(self, ids: Sequence[int], head: Layers, laid: Layout) -> Layers:
        """Keys and values of the beacons among tokens, [heads, M, width] a layer; keys without rotary positions.

        Args:
            ids: the tokens of a window.
            head: keys and values of what stands before it, keys with positions.
        """
        from transformers import DynamicCache

        embed = self.model.get_input_embeddings()
        x = self.embedding.repeat(len(laid.beacons), 1)
        x[~laid.beacons.to(x.device)] = embed(torch.tensor(ids, device=x.device))
        cache = DynamicCache()
        for index, layer in enumerate(head):
            cache.update(*(part[None] for part in layer), index)
        masked = torch.zeros(laid.seen.shape, dtype=x.dtype).masked_fill(~laid.seen, torch.finfo(x.dtype).min)
        with self._at(laid.beacons) as made:
            self.model.get_decoder()(
                inputs_embeds=x[None],
                attention_mask=masked[None, None].to(x.device),
                position_ids=laid.positions[None].to(x.device),
                past_key_values=cache,
                use_cache=True,
            )
        heads = cache.layers[0].keys.shape[1]
        return [
            tuple(made[i, name][0].unflatten(-1, (heads, -1)).transpose(0, 1) for name in "kv") for i in range(len(cache.layers))
        ]

    @contextmanager
    def _at(self, beacons: Tensor) -> Iterator[dict[tuple[int, str], Tensor]]:
        self.columns.now, self.columns.made = beacons, {}
        try:
            yield self.columns.made
        finally:
            self.columns.now, self.columns.made = None, {}
