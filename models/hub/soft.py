"""What compressors around transformers models share: tokens, windows, and batches of windows.

Torch is imported at the first use, so an adapter can subclass these where its rows are made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from models.compressor import Decoder, Memory, Source, cut

if TYPE_CHECKING:
    from torch import Tensor

    from models.hub.tokens import HubTokenizer

BATCH = 8  # windows compressed at once


class HubCompressor:
    """Tokenizer, windows and text of a compressor; `tokenizer` is the decoder's, whose tokens are counted and scored."""

    def __init__(self, decoder: Decoder | None, tokenizer: HubTokenizer, window: int | None) -> None:
        self.decoder, self.tokenizer, self.window = decoder, tokenizer, window
        self.text, self.token_text = tokenizer.text, tokenizer.token_text
        self.notes: dict[str, str] = {}  # join an inspection's notes

    def source(self, text: str) -> Source:
        tokens = self.tokenizer.encode(text)
        return Source(text, tokens.ids, tokens.spans, cut(len(tokens.ids), self.window))


class SoftHub(HubCompressor):
    """Memory is vectors. A subclass says what they are, in `vectors`."""

    bits = 16  # of a number of the memory, as the published decoder is given it
    stops_by_length = False  # else the length travels with the memory

    def compress(self, source: Source, windows: Sequence[tuple[int, int]], ratio: int) -> list[Memory]:
        import torch

        with torch.inference_mode():
            return self._compress(source, windows, ratio)

    def _compress(self, source: Source, windows: Sequence[tuple[int, int]], ratio: int) -> list[Memory]:
        found: dict[tuple[int, int], Memory] = {}
        lengths: dict[int, list[tuple[int, int]]] = {}
        for window in dict.fromkeys(windows):
            lengths.setdefault(window[1] - window[0], []).append(window)
        for length, group in lengths.items():
            for first in range(0, len(group), BATCH):
                batch = group[first : first + BATCH]
                texts = [source.text[source.spans[a][0] : source.spans[b - 1][1]] for a, b in batch]
                made = self.vectors(texts, [source.window_ids(window) for window in batch], ratio)
                for window, z in zip(batch, made, strict=True):
                    bits = z.numel() * self.bits + (8 * -(-length.bit_length() // 7) if self.stops_by_length else 0)
                    settings = {"stops_by_length": self.stops_by_length, "extra": self.extra(length, ratio)}
                    found[window] = Memory("soft", length, len(z), bits, z.float(), **settings)
        return [found[window] for window in windows]

    def vectors(self, texts: Sequence[str], ids: Sequence[Sequence[int]], ratio: int) -> list[Tensor]:
        """Memory [M, d] of each window, as the decoder is given it.

        Args:
            texts: the windows' text, for an encoder with a tokenizer of its own.
            ids: the windows' tokens, all of one length.
        """
        raise NotImplementedError

    def extra(self, length: int, ratio: int) -> Mapping[str, Any]:
        """What the decoder has to know beside the vectors."""
        return {}
