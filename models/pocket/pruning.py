"""Compression by keeping words: those that surprise the decoder's prior most stay, the rest go.

Self-information as the measure of what to keep follows Selective Context (Li et al., EMNLP 2023); a budget in
tokens is filled with the words of highest surprisal a token. Two switches keep more: `digits` every word with a
digit, `names` every word that looks like a name. Switches come first, so they can cost more than the budget.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

import torch

from inspector.measures.alignment import Word, words
from models.compressor import Decoder, Memory, Source
from models.pocket.decoder import PocketDecoder
from models.pocket.soft import Tokenised
from models.pocket.tokenizer import PocketTokenizer

OPTIONS = ("digits", "names")
ENDS = frozenset(".!?…。！？\n")


class Pruning(Tokenised):
    def __init__(self, decoder: PocketDecoder, tokenizer: PocketTokenizer, options: Sequence[str] = ()) -> None:
        super().__init__(decoder, tokenizer)
        self.options = frozenset(options)

    def compress(self, source: Source, windows: Sequence[tuple[int, int]], ratio: int) -> list[Memory]:
        return [self._keep(source, window, ratio) for window in windows]

    def _keep(self, source: Source, window: tuple[int, int], ratio: int) -> Memory:
        first, last = window
        ids, spans = source.window_ids(window), source.spans[first:last]
        surprisal = surprisals(self.decoder, [ids])[0]
        units = self._units(source.text, spans)
        budget, kept, used = max(1, (last - first) // ratio), set(), 0
        cost = [len(tokens) for _, tokens in units]
        density = [sum(surprisal[t] for t in tokens) / len(tokens) for _, tokens in units]
        forced = [i for i, (word, _) in enumerate(units) if self._forced(source.text, [w for w, _ in units], i, word)]
        ranked = sorted(range(len(units)), key=lambda i: -density[i])
        for i in [*forced, *ranked]:
            if i not in kept and (i in forced or used + cost[i] <= budget):
                kept.add(i)
                used += cost[i]
        chosen = [units[i][0] for i in sorted(kept)]
        text = join(source.text, chosen)
        return Memory(
            "words", last - first, used, 8 * len(text.encode("utf-8")), text=text, kept=[(w.start, w.end) for w in chosen]
        )

    @staticmethod
    def _units(text: str, spans: Sequence[tuple[int, int]]) -> list[tuple[Word, list[int]]]:
        """Words of a window with the tokens (by index in the window) that carry them; each token counts once."""
        start, end = spans[0][0], spans[-1][1]
        found = [Word(w.text, w.start + start, w.end + start) for w in words(text[start:end])]
        tokens = owned(spans, [(w.start, w.end) for w in found])
        return [(w, t) for w, t in zip(found, tokens, strict=True) if t]

    def _forced(self, text: str, units: Sequence[Word], index: int, word: Word) -> bool:
        if "digits" in self.options and any(c.isdigit() for c in word.text):
            return True
        return "names" in self.options and looks_like_name(text, units, index)


def surprisals(decoder: Decoder, texts: Sequence[Sequence[int]]) -> list[list[float]]:
    """What the prior finds of each text's tokens, in nats: their self-information."""
    found = []
    for ids, logits in zip(texts, decoder.score([None] * len(texts), texts), strict=True):
        picked = logits.log_softmax(-1)[torch.arange(len(ids)), torch.as_tensor(ids, device=logits.device)]
        found.append((-picked).tolist())
    return found


def owned(spans: Sequence[tuple[int, int]], units: Sequence[tuple[int, int]]) -> list[list[int]]:
    """For each unit of a text the tokens, by index, whose last code point lies in it."""
    starts = [start for start, _ in units]
    tokens: list[list[int]] = [[] for _ in units]
    for index, (_, end) in enumerate(spans):
        owner = bisect_right(starts, end - 1) - 1
        if owner >= 0 and end <= units[owner][1]:
            tokens[owner].append(index)
    return tokens


def looks_like_name(text: str, units: Sequence[Word], index: int) -> bool:
    """Capitalised where a sentence does not ask for it, or followed by another capitalised word."""
    word = units[index]
    if not word.text[0].isupper() or word.text == "I":
        return False
    opens = index == 0 or units[index - 1].text[-1] in ENDS or "\n" in text[units[index - 1].end : word.start]
    followed = index + 1 < len(units) and units[index + 1].text[0].isupper()
    return followed or not opens


def join(text: str, kept: Sequence[Word]) -> str:
    """Kept words in order: neighbours as they stood, a space where something was left out."""
    pieces: list[str] = []
    for index, word in enumerate(kept):
        if index:
            gap = text[kept[index - 1].end : word.start]
            pieces.append(" " if gap.strip() else gap)
        pieces.append(word.text)
    return "".join(pieces)
