"""A decoder whose logits are written by hand: what it says follows from the table alone, so every answer is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import SimpleNamespace

import torch

from models.compressor import Memory, Row, Source, cut

WINDOW = 12


class Letters:
    """A token a character: its id is its code point, up to 127."""

    window: int | None = WINDOW

    def __init__(self, decoder, tied: bool = False, kind: str = "soft") -> None:
        self.decoder, self.tied, self.kind, self.asked = decoder, tied, kind, []

    def source(self, text: str) -> Source:
        ids = [min(ord(c), 127) for c in text]
        return Source(text, ids, [(k, k + 1) for k in range(len(text))], cut(len(ids), self.window))

    def compress(self, source: Source, windows: Sequence[tuple[int, int]], ratio: int) -> list[Memory]:
        self.asked.append(ratio)
        extra = {"ratio": ratio} if self.tied else {}
        return [Memory(self.kind, b - a, 1, 16, torch.full((1, 2), float(ratio)), extra=extra) for a, b in windows]

    def text(self, ids: Sequence[int]) -> str:
        return "".join(map(chr, ids))

    def token_text(self, token: int) -> str:
        return chr(token)


class ByHand:
    """`given` and `prior`: {prefix: {character: probability}}; what is left over goes evenly to all other characters.

    Every row scored is noted in `scored`. Free running follows `given` by the text so far.
    """

    end_ids: frozenset[int] = frozenset()

    def __init__(self, given: Mapping[str, Mapping[str, float]], prior: Mapping[str, Mapping[str, float]] | None) -> None:
        self.given, self.prior, self.scored = given, prior, []

    def logits(self, table: Mapping[str, Mapping[str, float]], prefix: str) -> torch.Tensor:
        named = table.get(prefix, {})
        rest = (1 - sum(named.values())) / (128 - len(named))
        p = torch.full((128,), rest, dtype=torch.float64)
        for character, probability in named.items():
            p[ord(character)] = probability
        return p.log().float()

    def score(self, memories, targets):
        if self.prior is None and None in memories:
            raise NotImplementedError
        tables = [self.prior if m is None else self.given for m in memories]
        texts = ["".join(map(chr, t)) for t in targets]
        self.scored += [(m is not None, text) for m, text in zip(memories, texts, strict=True)]
        return [torch.stack([self.logits(table, t[:k]) for k in range(len(t))]) for table, t in zip(tables, texts, strict=True)]

    def begin(self, memories, capacity):
        return SimpleNamespace(texts=[""] * len(memories))

    def step(self, state, tokens):
        if tokens is not None:
            state.texts = [t + chr(i) for t, i in zip(state.texts, tokens.tolist(), strict=True)]
        return torch.stack([self.logits(self.given, t) for t in state.texts])


def row(name: str, compressor, ratios=(4, 16), **more) -> Row:
    return Row(
        name, name, more.pop("kind", "soft"), ratios, ratios[0], window=compressor.window, load=lambda _: compressor, **more
    )
