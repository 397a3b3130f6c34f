"""Summary vectors: what a language model makes of tokens that follow a text, to be read by itself (AutoCompressor)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from models.compressor import Memory
from models.hub.lora import using
from models.hub.prompted import PromptedDecoder
from models.hub.settings import HubSettings
from models.hub.soft import SoftHub
from models.hub.tokens import HubTokenizer
from models.hub.weights import model, pick, tokenizer

NOWHERE = -1  # the position that OPT gives padding


class OptReader(PromptedDecoder):
    """Summaries stand at OPT's position of padding, and what follows counts from 0."""

    def positions(self, memories: Sequence[Memory | None], visible: Tensor) -> Tensor:
        sizes = torch.tensor([0 if m is None else m.size for m in memories], device=visible.device)
        return self._behind(sizes[:, None], visible)

    def logits(self, vectors: Tensor, ids: Tensor, beside: Any) -> Tensor:
        x = torch.cat([vectors, self.after.expand(len(ids), -1, -1), self.embed(ids[:, :-1])], 1)
        visible = torch.ones(x.shape[:2], dtype=torch.long, device=x.device)
        return self._forward(x, visible, self._behind(vectors.shape[1], visible), keep=ids.shape[1])[0]

    def _behind(self, size: Tensor | int, visible: Tensor) -> Tensor:
        return (visible.cumsum(1) - 1 - size).clamp_min(NOWHERE)


class Summaries(SoftHub):
    """As many vectors for each window as there are summary tokens [M, d]."""

    stops_by_length = True  # nothing was trained that ends a window

    def __init__(self, decoder: PromptedDecoder, tokenizer: HubTokenizer, summary: Tensor, window: int) -> None:
        super().__init__(decoder, tokenizer, window)
        self.summary = summary

    def vectors(self, texts: Sequence[str], ids: Sequence[Sequence[int]], ratio: int) -> list[Tensor]:
        network, decoder = self.decoder.model, self.decoder
        text = decoder.embed(torch.tensor(ids, device=decoder.device))
        x = torch.cat([text, self.summary.to(text).expand(len(ids), -1, -1)], 1)
        positions = torch.arange(x.shape[1], device=decoder.device)
        if isinstance(decoder, OptReader):
            positions[text.shape[1] :] = NOWHERE
        with using(network, decoder.adapter):
            hidden = network.base_model(inputs_embeds=x, position_ids=positions.expand(len(ids), -1), use_cache=False)[0]
        return list(hidden[:, text.shape[1] :])


def assembled(folder: Path, settings: HubSettings, window: int) -> Summaries:
    """The compressor from a published folder.

    Raises:
        RuntimeError: no file holds the summary tokens, or it is a pickle and that is not allowed.
    """
    network = model(folder, "AutoModelForCausalLM", settings)
    tokens = tokenizer(folder)
    begin, end = (torch.tensor([i]) for i in (tokens.tokenizer.bos_token_id, tokens.tokenizer.eos_token_id))
    kind = OptReader if network.config.model_type == "opt" else PromptedDecoder
    decoder = kind(network, begin[:0], begin, len(tokens.tokenizer), frozenset(end.tolist()))
    summary = pick(folder, "embed_summary.", settings).get("weight")
    if summary is None:
        raise RuntimeError(f"no file of weights in {folder} holds embed_summary.weight, so this is no AutoCompressor")
    if summary.shape[-1] != decoder.width:
        raise RuntimeError(f"the summary tokens in {folder} have width {summary.shape[-1]}, the model has {decoder.width}")
    return Summaries(decoder, tokens, summary.to(decoder.embed.weight), window)
