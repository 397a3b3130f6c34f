"""Reading memories in batches: reconstruction (greedy, or sampled) and teacher-forced traces, cached by a window's content.

Windows of all compressors that share a decoder go through it together. Everything here is about one window at a
time, so a text that grows at its end (live typing) costs only its last window.
"""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from inspector.inspection import TraceToken
from models.compressor import Compressor, Decoder, Memory

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor

    from inspector.measures.entropy import Distribution

ROWS = 32  # rows of one batch through a decoder that names no other bound
MOST_BITS = 2**34  # of cached memories, 2 GiB: one window's KV cache can take a hundred million bytes
LOOK_EVERY = 0.12  # seconds between looks at the text so far


@dataclass
class Job:
    """One window of one inspection, and what came back of it."""

    inspection: int
    compressor: Compressor
    ids: tuple[int, ...]
    spans: Sequence[tuple[int, int]]
    key: Hashable  # compressor, ratio, alternatives, ids, start, text; if truncated also directions and all ids of the text
    memory: Memory | None = None
    trace: list[TraceToken] | None = None
    tokens: list[int] = field(default_factory=list)
    done: bool = False

    def take(self, kept: Kept) -> None:
        """What is known of this window already."""
        self.memory, self.trace = kept.memory, kept.trace
        self.tokens, self.done = list(kept.tokens or ()), kept.tokens is not None


@dataclass
class Kept:
    memory: Memory
    trace: list[TraceToken] | None = None
    tokens: list[int] | None = None


class WindowCache:
    """Least recently used windows, bounded by their number and the bits of their memories; safe to share between threads."""

    def __init__(self, size: int = 256, bits: int = MOST_BITS) -> None:
        self.size, self.bits, self._kept, self._lock = size, bits, OrderedDict(), threading.Lock()

    def get(self, key: Hashable) -> Kept | None:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def put(self, key: Hashable, kept: Kept) -> None:
        with self._lock:
            self._kept[key] = kept
            self._kept.move_to_end(key)
            held = sum(each.memory.bits for each in self._kept.values())
            while len(self._kept) > self.size or (held > self.bits and len(self._kept) > 1):
                held -= self._kept.popitem(last=False)[1].memory.bits

    def add(self, key: Hashable, kept: Kept) -> None:
        """Put what is not known yet; what is known stays."""
        if self.get(key) is None:
            self.put(key, kept)

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()


_TOKENS: WeakKeyDictionary[Compressor, int] = WeakKeyDictionary()
_NEXT = count()


def token(compressor: Compressor) -> int:
    """A number of a loaded compressor for keys of the cache, which must not keep a released one in memory."""
    return _TOKENS.setdefault(compressor, next(_NEXT))


def by_decoder(jobs: Sequence[Job]) -> list[tuple[Decoder, list[Job]]]:
    """Jobs grouped by the identity of their decoder."""
    groups: dict[int, tuple[Decoder, list[Job]]] = {}
    for job in jobs:
        decoder = job.compressor.decoder
        if decoder is not None:
            groups.setdefault(id(decoder), (decoder, []))[1].append(job)
    return list(groups.values())


def stacked(memories: Sequence[Memory]) -> np.ndarray:
    """All windows' vectors [M, d], float64."""
    import torch

    return torch.cat([memory.vectors for memory in memories]).double().cpu().numpy()


def rebuilt(memories: Sequence[Memory], rows: np.ndarray) -> list[Memory]:
    """The memories with other vectors: `rows` [M, d] are cut where one ends and the next begins."""
    import torch

    parts = torch.from_numpy(rows).float().split([memory.size for memory in memories])
    return [replace(memory, vectors=part) for memory, part in zip(memories, parts, strict=True)]


def trace(decoder: Decoder, jobs: Sequence[Job], top: int, stop: Callable[[], bool]) -> None:
    """Fill `job.trace`: the source under teacher forcing, given memory and given nothing.

    Jobs on the same ids share one row for the prior.
    """
    from inspector.measures.entropy import distributions, trace_tokens

    by_ids: dict[tuple[int, ...], list[Job]] = {}
    most = getattr(decoder, "rows", ROWS)
    for job in jobs:
        by_ids.setdefault(job.ids, []).append(job)
    batch: list[tuple[tuple[int, ...], Job | None]] = []
    prior: dict[tuple[int, ...], list[Distribution]] = {}

    def flush() -> None:
        rows = decoder.score([job and job.memory for _, job in batch], [ids for ids, _ in batch])
        for (ids, job), logits in zip(batch, rows, strict=True):
            if job is None:
                prior[ids] = distributions(logits, ids, top, by_ids[ids][0].compressor.token_text)
        for (ids, job), logits in zip(batch, rows, strict=True):
            if job is not None:
                texts = [job.compressor.token_text(i) for i in ids]
                job.trace = trace_tokens(logits, prior[ids], ids, texts, job.spans, top, job.compressor.token_text)
        batch.clear()

    for ids, group in by_ids.items():
        if stop():
            return
        if batch and len(batch) + 1 + len(group) > most:
            flush()
        batch += [(ids, None), *((ids, job) for job in group)]
    if batch and not stop():
        flush()


@dataclass
class Sampler:
    """Draws tokens at a temperature, one uniform number a token: the token in whose share of `softmax(logits / T)` it falls.

    What a job draws depends on the seed, its `inspection` and the start of its window alone, whatever its batch.

    Raises:
        ValueError: the temperature is not above 0, or the seed is below 0.
    """

    temperature: float
    seed: int = 0
    _streams: dict[tuple[int, int], Any] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        if not (math.isfinite(self.temperature) and self.temperature > 0):
            raise ValueError(f"The temperature is {self.temperature}; a number above 0 is needed, such as 1.0.")
        if self.seed < 0:
            raise ValueError(f"The seed is {self.seed}; a whole number from 0 is needed.")

    def __call__(self, logits: Tensor, jobs: Sequence[Job]) -> Tensor:
        """Tokens [batch] of logits [batch, vocabulary]."""
        import torch

        drawn = torch.tensor([[self._stream(job).random()] for job in jobs], dtype=torch.float64, device=logits.device)
        reached = (logits.double() / self.temperature).softmax(-1).cumsum(-1)
        return torch.searchsorted(reached, drawn * reached[:, -1:], right=True)[:, 0].clamp_max(logits.shape[-1] - 1)

    def _stream(self, job: Job) -> Any:
        from numpy.random import default_rng

        key = (job.inspection, job.spans[0][0])
        if key not in self._streams:
            self._streams[key] = default_rng([self.seed, *key])
        return self._streams[key]


def reconstruct(
    decoder: Decoder, jobs: Sequence[Job], stop: Callable[[], bool], sampler: Sampler | None = None
) -> Iterator[None]:
    """Free-running decoding into `job.tokens`, greedy or sampled; yields now and then, so that the text so far can be shown.

    Batches take jobs of similar length together; a row whose window has ended waits for its batch.
    """
    most = getattr(decoder, "rows", ROWS)
    for first in range(0, len(jobs), most):
        batch = jobs[first : first + most]
        limits = [job.memory.length if job.memory.stops_by_length else 2 * job.memory.length + 16 for job in batch]
        state = decoder.begin([job.memory for job in batch], max(limits))
        tokens, looked = None, time.monotonic()
        for _ in range(max(limits)):
            if stop():
                return
            logits = decoder.step(state, tokens)
            tokens = logits.argmax(-1) if sampler is None else sampler(logits, batch)
            for job, limit, token in zip(batch, limits, tokens.tolist(), strict=True):
                if not job.done:
                    ended = not job.memory.stops_by_length and token in decoder.end_ids
                    if not ended:
                        job.tokens.append(token)
                    job.done = ended or len(job.tokens) >= limit
            if time.monotonic() - looked > LOOK_EVERY:
                yield
                looked = time.monotonic()
            if all(job.done for job in batch):
                break
        yield
