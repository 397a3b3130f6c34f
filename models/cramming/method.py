"""The optimisation: progressive cramming of windows, several in a batch, each for itself.

Cramming (Kuratov et al., ACL 2025, https://aclanthology.org/2025.acl-long.948): M free input embeddings before the text,
started at N(0, std of the embedding matrix), AdamW (β .9, .9, decay .01) on the cross-entropy of the tokens, the model frozen.
Progressive cramming (Tarasov et al., ICML 2026, https://github.com/FusionBrainLab/progressive_cramming): the first token counts
too, and the loss is over a span from the text's start that grows only when it comes back exactly, so the result is exact up to
a known horizon. Rate .1, warm-up 100 steps, then a cosine.

Exact means: every token of the span is the most likely one by `MARGIN` under teacher forcing, *and* greedy decoding from the
vectors, with the cache that decoding uses, brings the span back. The first alone can fail by rounding.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, replace

import torch
import torch.nn.functional as F
from torch import Tensor

from models.compressor import Memory
from models.hub.causal import PrefixReader

VARIABLE = "INSPECTOR_CRAMMING"
MARGIN = 0.01  # by which the right logit has to lead: far above float32's rounding between batched, cached and whole passes


@dataclass(frozen=True)
class Settings:
    """How to optimise; set by the environment variable INSPECTOR_CRAMMING, as in `rate=.01 steps=500`."""

    rate: float = 0.1  # AdamW's, after the warm-up
    least_rate: float = 0.001  # at the end of the cosine
    warmup: int = 100  # steps
    steps: int = 2_000  # most steps for a window
    stage: int = 500  # most steps for a span; then the window ends at its horizon
    grow: int = 8  # tokens a span grows by
    decay: float = 0.01
    seed: int = 0

    @classmethod
    def named(cls, text: str | None = None) -> Settings:
        """Settings from `NAME=VALUE …`; None for what the environment variable says.

        Raises:
            ValueError: an unknown name, or a value that cannot be used.
        """
        text = os.environ.get(VARIABLE, "") if text is None else text
        kinds = {field.name: int if isinstance(field.default, int) else float for field in fields(cls)}
        values: dict[str, float] = {}
        for part in text.replace(",", " ").split():
            name, _, value = part.partition("=")
            if name not in kinds:
                raise ValueError(f"{VARIABLE} has no setting {name!r}; known: {', '.join(kinds)}")
            try:
                values[name] = kinds[name](value)
            except ValueError:
                raise ValueError(f"{VARIABLE}: {name} takes a number, not {value!r}") from None
            least = 1 if name in ("steps", "stage", "grow") else 0
            if not least <= values[name] < math.inf:
                raise ValueError(f"{VARIABLE}: {name} takes a number from {least}, not {value!r}")
        return replace(cls(), **values)

    def rate_at(self, step: int) -> float:
        """Linear warm-up, then half a cosine from `rate` to `least_rate` over the window's steps."""
        if step < self.warmup:
            return self.rate * (step + 1) / self.warmup
        share = min(1.0, (step - self.warmup) / max(1, self.steps - self.warmup))
        low = min(self.least_rate, self.rate)
        return low + (self.rate - low) * (1 + math.cos(math.pi * share)) / 2


class Window:
    """One window being crammed: its vectors, its optimiser, its span, and the best vectors so far. Can be taken up again."""

    def __init__(self, ids: Sequence[int], ratio: int, reader: PrefixReader, settings: Settings) -> None:
        self.ids, self.settings, self.beside = tuple(ids), settings, reader.beside(len(ids), ratio)
        size = math.ceil(len(ids) / ratio)
        start = torch.randn(size, reader.width, generator=torch.Generator().manual_seed(settings.seed)) * reader.spread
        self.vectors = start.to(reader.device).requires_grad_()
        self.optimiser = torch.optim.AdamW([self.vectors], settings.rate, (0.9, 0.9), weight_decay=settings.decay)
        self.steps, self.stage, self.span = 0, 0, min(settings.grow, len(ids))
        self.horizon, self.exact = 0, self.vectors.detach().clone()  # tokens that greedy decoding brings back, and from what
        self.hopeful, self.hope = 0, self.exact  # the same under teacher forcing, not decoded yet
        self.done = False

    @property
    def share(self) -> float:
        """How far it is: of its tokens or of its steps, whichever is further."""
        return 1.0 if self.done else max(self.horizon / len(self.ids), self.steps / self.settings.steps)

    def memory(self) -> Memory:
        """The vectors of the horizon; before there is one, those of now."""
        vectors = self.exact if self.horizon else self.vectors.detach().clone()
        size, width = vectors.shape
        extra = {**self.beside, "horizon": self.horizon, "steps": self.steps}
        return Memory("optimised", len(self.ids), size, bits_of(size, width, len(self.ids)), vectors, extra=extra)

    def saw(self, prefix: int) -> None:
        """Note how many tokens came right under teacher forcing with the vectors of now."""
        if prefix > self.hopeful:
            self.hopeful, self.hope = prefix, self.vectors.detach().clone()

    def proved(self, horizon: int, vectors: Tensor) -> None:
        """Note what greedy decoding brought back; grow the span if it was the whole of it."""
        if horizon > self.horizon:
            self.horizon, self.exact = horizon, vectors.detach().clone()
        if horizon >= self.span:
            self.done = self.span == len(self.ids)
            self.span, self.stage = min(self.span + self.settings.grow, len(self.ids)), 0

    def descend(self) -> None:
        """One step of the optimiser, with the gradient that is there."""
        for group in self.optimiser.param_groups:
            group["lr"] = self.settings.rate_at(self.steps)
        self.optimiser.step()
        self.optimiser.zero_grad()
        self.steps, self.stage = self.steps + 1, self.stage + 1

    @property
    def spent(self) -> bool:
        return self.steps >= self.settings.steps or self.stage >= self.settings.stage


def bits_of(size: int, width: int, length: int) -> int:
    """Vectors in float32, and the length that says where to stop (a byte for each 7 bits)."""
    return 32 * size * width + 8 * -(-length.bit_length() // 7)


def cram(reader: PrefixReader, windows: Sequence[Window], stop: Callable[[], bool]) -> Iterator[None]:
    """Optimise windows with the same number of vectors together until each is done; yields after every step.

    Windows do not touch each other: losses are summed, every window has its own optimiser.
    """
    active = [w for w in windows if not w.done]
    while active and not stop():
        with torch.enable_grad():
            prefixes, loss = forward(reader, active)
            loss.backward()
        for window, prefix in zip(active, prefixes, strict=True):
            window.saw(prefix)
        ready = [w for w, prefix in zip(active, prefixes, strict=True) if prefix >= w.span]
        grown = set()
        for window, count in zip(ready, greedy(reader, [(w, w.vectors) for w in ready]), strict=True):
            before = window.span
            window.proved(count, window.vectors)
            if window.done or window.span > before:  # measured first, then decided: no step away from what was exact
                grown.add(id(window))
                window.optimiser.zero_grad()
        for window in active:
            if id(window) not in grown:
                window.descend()
        for window in active:
            window.done = window.done or window.spent
        ended = [w for w in active if w.done and w.hopeful > w.horizon]
        for window, count in zip(ended, greedy(reader, [(w, w.hope) for w in ended]), strict=True):
            window.proved(count, window.hope)
            window.done = True
        active = [w for w in active if not w.done]
        yield


def forward(reader: PrefixReader, windows: Sequence[Window]) -> tuple[list[int], Tensor]:
    """For each window the tokens in a row that are right by the margin, from its start; and the sum of mean losses."""
    longest = max(w.span for w in windows)
    ids = torch.zeros(len(windows), longest, dtype=torch.long)
    counted = torch.zeros(len(windows), longest)
    for row, window in enumerate(windows):
        ids[row, : window.span] = torch.tensor(window.ids[: window.span])
        counted[row, : window.span] = 1 / window.span
    ids, counted = ids.to(reader.device), counted.to(reader.device)
    logits = reader.logits(torch.stack([w.vectors for w in windows]), ids, [w.beside for w in windows])
    loss = (F.cross_entropy(logits.transpose(1, 2), ids, reduction="none") * counted).sum()
    best, which = logits.detach().topk(2, -1)
    right = (which[..., 0] == ids) & (best[..., 0] - best[..., 1] > MARGIN) & (counted > 0)
    return right.long().cumprod(1).sum(1).tolist(), loss


def greedy(reader: PrefixReader, wanted: Sequence[tuple[Window, Tensor]]) -> list[int]:
    """Tokens from the start that free-running decoding from these vectors brings back, at most the window's span."""
    if not wanted:
        return []
    memories = [replace(w.memory(), vectors=vectors.detach()) for w, vectors in wanted]
    limits, counts, tokens = [w.span for w, _ in wanted], [0] * len(wanted), None
    state = reader.begin(memories, max(limits))
    for t in range(max(limits)):
        tokens = reader.step(state, tokens).argmax(-1)
        for row, ((window, _), token) in enumerate(zip(wanted, tokens.tolist(), strict=True)):
            counts[row] += counts[row] == t < limits[row] and token == window.ids[t]
        if all(count <= t for count in counts):
            break
    return counts
