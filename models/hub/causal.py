"""A transformers causal language model as a `Decoder`: memory is a plain prefix of vectors.

What it is given is `[begin token; Z; text]`, the prior `[begin token; text]`: the same without Z. Prefixes of a batch may
differ in length: they are padded on the left and masked, and every row counts its own positions, so a row's numbers do not
depend on its neighbours (up to rounding).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from inspect import signature
from typing import Any, Protocol

import torch
from torch import Tensor

from models.compressor import Decoder, Memory
from models.hub.lora import using

MOST_ROWS = 32
MOST_LOGITS = 2**28  # numbers of one batch's logits: 1 GiB in float32
LENGTH = 128  # tokens a row is reckoned with


class PrefixReader(Decoder, Protocol):
    """A decoder that reads a plain prefix of vectors and lets gradients through to them: what can be crammed into."""

    width: int  # d of the vectors
    spread: float  # standard deviation of its token embeddings
    limit: int | None  # most positions, prefix and text together
    rows: int  # most rows of a batch
    device: torch.device

    def beside(self, length: int, ratio: int) -> Mapping[str, Any]:
        """What it has to know of a window's memory beside the vectors; goes into `Memory.extra`."""

    def logits(self, vectors: Tensor, ids: Tensor, beside: Sequence[Mapping[str, Any]]) -> Tensor:
        """Teacher-forced logits [batch, n, V] of ids [batch, n] after vectors [batch, M, d]; place t saw ids before t."""


@dataclass
class State:
    cache: Any
    visible: Tensor  # [batch, columns so far], 0 on padding
    position: Tensor  # [batch], of the next token
    logits: Tensor  # [batch, V], of the next token


class CausalDecoder:
    """See `models.compressor.Decoder` and `PrefixReader`. Another layout of the prefix is another `prefix`."""

    def __init__(
        self, model: Any, begin: int, vocabulary: int, end_ids: frozenset[int] = frozenset(), adapter: str | None = None
    ) -> None:
        """Wrap a frozen model.

        Args:
            model: a transformers causal language model.
            begin: id of the token that stands before the text, memory or not.
            vocabulary: ids that are tokens; output rows beyond them are padding and never an answer.
            end_ids: tokens that end a reconstruction where its length does not.
            adapter: name of the LoRA adapter (`models.hub.lora`) it reads with; None for the plain weights.
        """
        self.model, self.begin_id, self.end_ids, self.adapter = model.eval(), begin, end_ids, adapter
        self.embed = model.get_input_embeddings()
        self.width = self.embed.weight.shape[1]
        self.spread = float(self.embed.weight.detach().std())
        self.limit = getattr(model.config.get_text_config(), "max_position_embeddings", None)
        self.vocabulary = vocabulary
        self.rows = max(1, min(MOST_ROWS, MOST_LOGITS // (vocabulary * LENGTH)))
        self._takes = signature(model.forward).parameters

    @property
    def device(self) -> torch.device:
        return self.embed.weight.device

    def prefix(self, memory: Memory | None) -> Tensor:
        """Input embeddings [P, d], P >= 1, before the text."""
        begin = self.embed(torch.tensor([self.begin_id], device=self.device))
        return begin if memory is None else torch.cat([begin, memory.vectors.to(begin)])

    def beside(self, length: int, ratio: int) -> Mapping[str, Any]:
        return {}

    def logits(self, vectors: Tensor, ids: Tensor, beside: Sequence[Mapping[str, Any]]) -> Tensor:
        begin = self.embed(torch.full((len(ids), 1), self.begin_id, device=self.device))
        return self._forward(torch.cat([begin, vectors, self.embed(ids[:, :-1])], 1), keep=ids.shape[1])[0]

    @torch.inference_mode()
    def begin(self, memories: Sequence[Memory | None], capacity: int) -> State:
        from transformers import DynamicCache

        x, visible = self._prefixes(memories)
        cache = DynamicCache(config=self.model.config)
        positions = self.positions(memories, visible)
        logits, cache = self._forward(x, visible, positions, cache, keep=1)
        return State(cache, visible, positions[:, -1] + 1, logits[:, -1])

    @torch.inference_mode()
    def step(self, state: State, tokens: Tensor | None) -> Tensor:
        if tokens is not None:
            state.visible = torch.cat([state.visible, state.visible.new_ones(len(tokens), 1)], 1)
            logits, state.cache = self._forward(
                self.embed(tokens)[:, None], state.visible, state.position[:, None], state.cache, keep=1
            )
            state.position, state.logits = state.position + 1, logits[:, -1]
        return state.logits

    @torch.inference_mode()
    def score(self, memories: Sequence[Memory | None], targets: Sequence[Sequence[int]]) -> list[Tensor]:
        n = max(map(len, targets))
        ids = torch.full((len(targets), n - 1), self.begin_id, device=self.device)
        for row, target in enumerate(targets):
            ids[row, : len(target) - 1] = torch.as_tensor(target[:-1], device=self.device)
        x, visible = self._prefixes(memories)
        x, visible = torch.cat([x, self.embed(ids)], 1), torch.cat([visible, torch.ones_like(ids)], 1)
        logits, _ = self._forward(x, visible, self.positions(memories, visible), keep=n)
        return [logits[row, : len(target)] for row, target in enumerate(targets)]

    def positions(self, memories: Sequence[Memory | None], visible: Tensor) -> Tensor:
        """Where the columns of `visible` [batch, columns] stand: prefix and text are counted through, padding is not."""
        return (visible.cumsum(1) - 1).clamp_min(0)

    def _prefixes(self, memories: Sequence[Memory | None]) -> tuple[Tensor, Tensor]:
        """Prefixes padded on the left [batch, P, d], and what of them is visible [batch, P]."""
        prefixes = [self.prefix(memory) for memory in memories]
        columns = max(map(len, prefixes))
        x = prefixes[0].new_zeros(len(prefixes), columns, self.width)
        visible = torch.zeros(len(prefixes), columns, dtype=torch.long, device=self.device)
        for row, prefix in enumerate(prefixes):
            x[row, columns - len(prefix) :], visible[row, columns - len(prefix) :] = prefix, 1
        return x, visible

    def _forward(
        self, x: Tensor, visible: Tensor | None = None, positions: Tensor | None = None, cache: Any = None, keep: int = 0
    ) -> tuple[Tensor, Any]:
        """Logits [batch, keep, V] of the last columns, and the cache."""
        wanted = {"attention_mask": visible, "position_ids": positions, "logits_to_keep": keep}
        wanted |= {"past_key_values": cache, "use_cache": cache is not None}
        with using(self.model, self.adapter):
            out = self.model(inputs_embeds=x, **{k: v for k, v in wanted.items() if k in self._takes and v is not None})
        return out.logits[:, -keep:, : self.vocabulary].float(), getattr(out, "past_key_values", None)


def causal_decoder(model: Any, tokenizer: Any) -> CausalDecoder:
    """A decoder around a loaded model; its first token is the tokenizer's begin token, else its end token.

    Raises:
        RuntimeError: the tokenizer has neither, so nothing could stand before the first token.
    """
    end = tokenizer.eos_token_id
    begin = tokenizer.bos_token_id if tokenizer.bos_token_id is not None else end
    if begin is None:
        raise RuntimeError(f"the tokenizer of {model.config.name_or_path} has neither a begin nor an end token to put first")
    return CausalDecoder(model, begin, len(tokenizer), frozenset(() if end is None else (end,)))
