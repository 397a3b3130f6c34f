"""A causal language model that is given a prompt around its memory: `[before; Z; after; text]`."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from models.compressor import Memory
from models.hub.causal import CausalDecoder


class PromptedDecoder(CausalDecoder):
    """The prior is given `[before; after]`: exactly the same, without Z."""

    def __init__(
        self,
        model: Any,
        before: Tensor,
        after: Tensor,
        vocabulary: int,
        end_ids: frozenset[int] = frozenset(),
        adapter: str | None = None,
    ) -> None:
        """Wrap a frozen model.

        Args:
            model: a transformers causal language model.
            before: what precedes memory, token ids [a] or input embeddings [a, d]; may be empty.
            after: what stands between memory and the text, likewise; one of the two is not empty.
            vocabulary: ids that are tokens of text; others are never an answer.
            end_ids: tokens that end a reconstruction.
            adapter: name of the LoRA adapter (`models.hub.lora`) it reads with; None for the plain weights.
        """
        if not len(before) + len(after):
            raise ValueError("nothing stands before the text: its first token would have no prior")
        begin = int(after[-1]) if after.dim() == 1 and len(after) else 0
        super().__init__(model, begin, vocabulary, end_ids, adapter)
        self.before, self.after = self._embedded(before), self._embedded(after)

    def _embedded(self, part: Tensor) -> Tensor:
        with torch.inference_mode():
            return self.embed(part.long().to(self.device)) if part.dim() == 1 else part.to(self.embed.weight)

    def prefix(self, memory: Memory | None) -> Tensor:
        if memory is None:
            return torch.cat([self.before, self.after])
        return torch.cat([self.before, memory.vectors.to(self.before), self.after])

    def logits(self, vectors: Tensor, ids: Tensor, beside: Any) -> Tensor:
        before, after = (part.expand(len(ids), *part.shape) for part in (self.before, self.after))
        return self._forward(torch.cat([before, vectors, after, self.embed(ids[:, :-1])], 1), keep=ids.shape[1])[0]
