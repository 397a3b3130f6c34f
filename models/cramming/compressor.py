"""Cramming as a compressor: windows of a text, crammed in batches, remembered by their content."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from models.compressor import Memory, Progress, Source, cut
from models.cramming.method import Settings, Window, cram
from models.hub.causal import PrefixReader
from models.pocket.tokenizer import Tokens

KEPT = 256  # windows remembered, finished or not
TELL_EVERY = 0.3  # seconds


class Tokenizer(Protocol):
    """Tokens with code point spans; see `models.hub.tokens`."""

    def encode(self, text: str) -> Tokens: ...

    def text(self, ids: Sequence[int]) -> str: ...

    def token_text(self, token: int) -> str: ...


class Cramming:
    """See `models.compressor.Optimiser`. A window that was stopped goes on where it was when it is asked for again."""

    def __init__(self, decoder: PrefixReader, tokenizer: Tokenizer, settings: Settings, window: int) -> None:
        self.decoder, self.tokenizer, self.settings = decoder, tokenizer, settings
        self.window = window if decoder.limit is None else max(1, min(window, (decoder.limit - 1) // 2))
        self._windows: OrderedDict[tuple[tuple[int, ...], int], Window] = OrderedDict()
        self._lock = threading.Lock()
        self.text, self.token_text = tokenizer.text, tokenizer.token_text

    def source(self, text: str) -> Source:
        tokens = self.tokenizer.encode(text)
        return Source(text, tokens.ids, tokens.spans, cut(len(tokens.ids), self.window))

    def compress(self, source: Source, windows: Sequence[tuple[int, int]], ratio: int) -> list[Memory]:
        for progress in self.optimise(source, windows, ratio, lambda: False):
            last = progress
        return list(last.memories)

    def optimise(
        self, source: Source, windows: Sequence[tuple[int, int]], ratio: int, stop: Callable[[], bool]
    ) -> Iterator[Progress]:
        wanted = [(source.window_ids(window), ratio) for window in windows]
        found = {key: self._take(*key) for key in dict.fromkeys(wanted)}
        batch = max(1, self.decoder.rows // 4)  # optimising keeps activations, and the logits more than once
        told = time.monotonic()
        try:
            for size in dict.fromkeys(len(w.vectors) for w in found.values()):
                group = [w for w in found.values() if len(w.vectors) == size]
                for first in range(0, len(group), batch):
                    for _ in cram(self.decoder, group[first : first + batch], stop):
                        if time.monotonic() - told > TELL_EVERY:
                            yield self._progress([found[key] for key in wanted])
                            told = time.monotonic()
        finally:
            self._put(found)
        yield self._progress([found[key] for key in wanted])

    def told(self, memories: Sequence[Memory]) -> str:
        exact, length = sum(m.extra["horizon"] for m in memories), sum(m.length for m in memories)
        whole = sum(m.extra["horizon"] == m.length for m in memories)
        steps = sum(m.extra["steps"] for m in memories)
        return (
            f"As found, the vectors bring back {exact:,} of {length:,} tokens exactly, by greedy decoding from the start of each "
            f"window; {whole:,} of {len(memories):,} windows are whole, after {steps:,} steps of optimisation. "
            "Vectors optimised for one text say nothing of how a trained compressor fails."
        )

    def _progress(self, windows: Sequence[Window]) -> Progress:
        share = sum(w.share for w in windows) / max(1, len(windows))
        return Progress(share, [w.memory() for w in windows], [w.ids[: w.horizon] for w in windows])

    def _take(self, ids: tuple[int, ...], ratio: int) -> Window:
        """The window as it was left, or a new one; nobody else has it meanwhile."""
        with self._lock:
            return self._windows.pop((ids, ratio), None) or Window(ids, ratio, self.decoder, self.settings)

    def _put(self, windows: dict[tuple[tuple[int, ...], int], Window]) -> None:
        with self._lock:
            self._windows |= windows
            while len(self._windows) > KEPT:
                self._windows.popitem(last=False)
