"""The pocket family's compressors: the code alone, the code with a transformer's correction, and kept words."""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from typing import Any

import torch

from models.compressor import Memory, Source, cut
from models.pocket.decoder import PrefixDecoder
from models.pocket.free import slots
from models.pocket.tokenizer import PocketTokenizer

LENGTH_BITS = 8  # a window's length travels with its memory: at most 128 tokens
NUMBER_BITS = 16  # vectors are rounded to float16 before anything reads them


class Tokenised:
    """What all pocket compressors share: tokenizer, windows, and text from ids."""

    def __init__(self, decoder: PrefixDecoder, tokenizer: PocketTokenizer) -> None:
        self.decoder, self.tokenizer = decoder, tokenizer

    def source(self, text: str) -> Source:
        tokens = self.tokenizer.encode(text)
        return Source(text, tokens.ids, tokens.spans, cut(len(tokens.ids), self.decoder.network.shape.window))

    def text(self, ids: Sequence[int]) -> str:
        return self.tokenizer.decode(list(ids))

    def token_text(self, token: int) -> str:
        return self.tokenizer.token_bytes(token).decode("utf-8", "backslashreplace")


class SoftCompressor(Tokenised):
    """Superposed memory; without a network it is the code alone."""

    def __init__(self, decoder: PrefixDecoder, tokenizer: PocketTokenizer, network: torch.nn.Module | None) -> None:
        super().__init__(decoder, tokenizer)
        self.network = network.eval() if network is not None else None

    @torch.inference_mode()
    def compress(self, source: Source, windows: Sequence[tuple[int, int]], ratio: int) -> list[Memory]:
        memories: dict[tuple[int, int], Memory] = {}
        for length in {last - first for first, last in windows}:  # one batch for each length: full windows, and the last
            group = [w for w in windows if w[1] - w[0] == length]
            ids = torch.tensor([source.window_ids(w) for w in group], device=self.decoder.device)
            z = self.vectors(ids, ratio).half().float()
            size = math.ceil(length / ratio)
            bits = size * z.shape[-1] * NUMBER_BITS + LENGTH_BITS
            for window, vectors in zip(group, z, strict=True):
                memories[window] = Memory("soft", length, size, bits, vectors, extra=self.extra(length, ratio))
        return [memories[w] for w in windows]

    def vectors(self, ids: torch.Tensor, ratio: int) -> torch.Tensor:
        """ids [batch, n] → memory [batch, M, width]."""
        network = self.decoder.network
        return network.code(ids, ratio) if self.network is None else self.network(network, ids, ratio)

    def bare(self) -> SoftCompressor:
        """The same without its transformer: the code alone."""
        return self if self.network is None else SoftCompressor(self.decoder, self.tokenizer, None)

    def extra(self, length: int, ratio: int) -> dict[str, Any]:
        """What the decoder has to know of a memory beside its vectors; it follows from the length and the ratio."""
        return {"ratio": ratio}


class FreeCompressor(SoftCompressor):
    """Free memory: what a transformer puts out at appended slots."""

    def bare(self) -> FreeCompressor:
        """The same without its transformer: slots that have seen nothing of the text."""
        network = copy.copy(self.network)
        network._modules = dict(network._modules) | {"tower": copy.copy(network.tower)}
        network.tower._modules = dict(network.tower._modules) | {"layers": torch.nn.ModuleList()}
        return FreeCompressor(self.decoder, self.tokenizer, network)

    def extra(self, length: int, ratio: int) -> dict[str, Any]:
        return {"positions": slots(length, ratio)}


def load_network(network: torch.nn.Module, file, device: str) -> torch.nn.Module:
    """Fill a network from fp16 safetensors; computing is in float32."""
    from safetensors.torch import load_file

    network.load_state_dict({k: v.float() for k, v in load_file(file).items()})
    return network.to(device).eval()
