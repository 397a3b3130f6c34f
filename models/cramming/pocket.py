"""The bundled free-memory decoder as something to cram into: the same prefix at the same places as a trained compressor's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from models.pocket.decoder import PrefixDecoder
from models.pocket.free import FreeDecoderNetwork, slots
from models.pocket.tokenizer import PocketTokenizer


class PocketReader(PrefixDecoder):
    """See `models.hub.causal.PrefixReader`."""

    limit: int | None = None
    rows = 32

    def __init__(self, network: FreeDecoderNetwork) -> None:
        super().__init__(network.requires_grad_(False))
        self.width, self.spread = network.shape.width, float(network.embed_tokens.weight.std())

    def beside(self, length: int, ratio: int) -> Mapping[str, Any]:
        return {"positions": slots(length, ratio)}

    def logits(self, vectors: Tensor, ids: Tensor, beside: Sequence[Mapping[str, Any]]) -> Tensor:
        network, (batch, n) = self.network, ids.shape
        places = torch.stack([b["positions"] for b in beside]).to(self.device)
        x = torch.cat([vectors, network.embed_tokens(network.history(ids))], 1)
        positions = torch.cat([places, torch.arange(n, device=self.device).float().expand(batch, n)], 1)
        return self._speakable(network.logits(network.hidden(x, positions)[:, -n:]))


class PocketTokens:
    """The bundled tokenizer with the methods of `models.hub.tokens.HubTokenizer`."""

    def __init__(self, tokenizer: PocketTokenizer) -> None:
        self.tokenizer, self.encode = tokenizer, tokenizer.encode

    def text(self, ids: Sequence[int]) -> str:
        return self.tokenizer.decode(list(ids))

    def token_text(self, token: int) -> str:
        return self.tokenizer.token_bytes(token).decode("utf-8", "backslashreplace")
