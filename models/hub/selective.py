"""Selective Context: units of text whose self-information under a causal language model is low are left out.

Li et al., EMNLP 2023 (https://aclanthology.org/2023.emnlp-main.391). From the authors' package (liyucheng09/Selective_Context,
src/selective_context/__init__.py): sentences are read one by one, each after the model's end-of-text token; a unit's value is the
mean surprisal of its tokens; units are sentences, phrases (noun phrases merged, every other word alone) or tokens; those below a
percentile of the text's values go, white space before a unit goes with it. GPT-2 by default.

Different here: the percentile is of tokens instead of units, so that the ratio asked for is met; noun phrases are read off the
bundled pipeline's dependencies; text that is not English has words for phrases, as the package does for Chinese; spans are the
source's, so no tokenizer changes spacing (Selective_Context#19). `models.pocket.pruning` has the same measure, but fills its
budget with words, window by window.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.compressor import Compressor, Memory, Row, Source
from models.hub.card import Card
from models.hub.readers import CHECK, SMALL, SMALL_SIZE, called, part, reader_rows
from models.hub.row import hub_row
from models.hub.settings import HubSettings

if TYPE_CHECKING:
    from models.hub.causal import CausalDecoder
    from models.hub.tokens import HubTokenizer

Span = tuple[int, int]
RATIOS = (2, 3, 4, 5, 8, 16)
OPTIONS = ("sentences", "tokens")
SENTENCE = re.compile(r"(?:(?<!\b[A-Z])(?<!\b[A-Z][a-z])(?<!\w\.\w)\.|[?!…])[\"'”’)\]]*(?=\s)|[。！？]|(?<=\S)(?=\n)")
BEFORE = frozenset({"det", "det:predet", "amod", "compound", "nummod", "nmod:poss", "poss", "predet", "flat"})  # left of a noun
AFTER = frozenset({"flat", "flat:name", "fixed", "goeswith"})
LIMITS = "Keeps what a language model finds surprising, not what a reader needs: a negation is often expected, so it goes."


class SelectiveContext:
    """Keeps the units of highest mean self-information; `reader` is the language model."""

    decoder = None

    def __init__(self, reader: CausalDecoder, tokenizer: HubTokenizer, units: str = "phrases") -> None:
        self.reader, self.tokenizer, self.units = reader, tokenizer, units
        self.text, self.token_text = tokenizer.text, tokenizer.token_text
        self.notes: dict[str, str] = {}

    def source(self, text: str) -> Source:
        tokens = self.tokenizer.encode(text)
        return Source(text, tokens.ids, tokens.spans, [(0, len(tokens.ids))] if tokens.ids else [])

    def compress(self, source: Source, windows: Sequence[Span], ratio: int) -> list[Memory]:
        return [self._keep(source, window, ratio) for window in windows]

    def _keep(self, source: Source, window: Span, ratio: int) -> Memory:
        from models.hub.words import by_word, covered

        (first, last), text = window, source.text
        spans = source.spans[first:last]
        found = sentences(text, (spans[0][0], spans[-1][1]))
        info = self._information(source.window_ids(window), spans, found)
        units = [(unit, tokens) for unit, tokens in carrying(spans, self._units(text, found, spans)) if tokens]
        value = [sum(info[t] for t in tokens) / len(tokens) for _, tokens in units]
        chosen = best(value, [len(tokens) for _, tokens in units], (last - first) / ratio)
        kept = "".join(text[a:b] for (a, b), _ in (units[i] for i in chosen)).strip()
        alive = covered(units[i][0] for i in chosen)
        size = sum(len(units[i][1]) for i in chosen)
        words = by_word(text, alive, (spans[0][0], spans[-1][1]))
        return Memory("words", last - first, size, 8 * len(kept.encode("utf-8")), text=kept, kept=words)

    def _information(self, ids: Sequence[int], spans: Sequence[Span], found: Sequence[Span]) -> list[float]:
        """Self-information of each token in nats, each sentence read alone; one too long for the model in pieces."""
        import torch

        from models.pocket.pruning import owned, surprisals

        most = (self.reader.limit or len(ids) + 1) - 1
        pieces = [tokens[i : i + most] for tokens in owned(spans, found) for i in range(0, len(tokens), most)]
        info = [0.0] * len(ids)
        order = sorted(pieces, key=len)
        with torch.inference_mode():
            for i in range(0, len(order), self.reader.rows):
                batch = order[i : i + self.reader.rows]
                for piece, values in zip(batch, surprisals(self.reader, [[ids[t] for t in p] for p in batch]), strict=True):
                    for token, value in zip(piece, values, strict=True):
                        info[token] = value
        return info

    def _units(self, text: str, found: Sequence[Span], spans: Sequence[Span]) -> list[Span]:
        """Spans that cover the text from end to end, white space before a unit included."""
        if self.units == "sentences":
            return list(found)
        if self.units == "tokens":
            return covering([end for _, end in spans], (spans[0][0], spans[-1][1]))
        return [unit for sentence in found for unit in covering(phrase_ends(text, sentence), sentence)]


def sentences(text: str, within: Span) -> list[Span]:
    """Spans that cover the text; a sentence ends after its mark, white space belongs to the one after."""
    return covering([m.end() for m in SENTENCE.finditer(text, *within)], within)


def covering(ends: Sequence[int], within: Span) -> list[Span]:
    """Spans from end to end, the last one to where the stretch ends."""
    cuts = [within[0], *sorted({e for e in ends if within[0] < e < within[1]}), within[1]]
    return [(a, b) for a, b in pairwise(cuts) if a < b]


def phrase_ends(text: str, sentence: Span) -> list[int]:
    """Where the sentence's phrases end: noun phrases of English, else words."""
    from inspector.divergence.language import UNSPOKEN, language, load
    from inspector.measures.alignment import words

    first, last = sentence
    part = text[first:last]
    if language(text) != "en":
        return [w.end + first for w in words(part)]
    doc = load()(UNSPOKEN.sub(" ", part))
    inside = noun_phrases(doc)
    return [t.idx + len(t) + first for t in doc if not t.is_space and t.i + 1 not in inside]


def noun_phrases(doc: Any) -> set[int]:
    """Tokens that belong with the one before: a noun's modifiers to its left without a gap, and the rest of a name."""
    joined: set[int] = set()
    for noun in doc:
        if noun.pos_ not in ("NOUN", "PROPN", "PRON"):
            continue
        first, last = noun.i, noun.i
        for left in reversed(list(noun.lefts)):
            if left.dep_ not in BEFORE or left.right_edge.i + 1 != first:
                break
            first = left.left_edge.i
        for right in noun.rights:
            if right.dep_ in AFTER and right.left_edge.i == last + 1:
                last = right.right_edge.i
        joined.update(range(first + 1, last + 1))
    return joined


def carrying(spans: Sequence[Span], units: Sequence[Span]) -> list[tuple[Span, list[int]]]:
    """Units with their tokens; one that shares its only token with the next joins it."""
    from models.pocket.pruning import owned

    found: list[tuple[Span, list[int]]] = []
    start = None
    for unit, tokens in zip(units, owned(spans, units), strict=True):
        start = unit[0] if start is None else start
        if tokens:
            found.append(((start, unit[1]), tokens))
            start = None
    return found


def best(values: Sequence[float], costs: Sequence[int], budget: float) -> list[int]:
    """Indices of the units above a threshold, in order: as many of the highest as come nearest to the budget, one at least."""
    ranked = sorted(range(len(values)), key=lambda i: -values[i])
    used, nearest = 0, (float("inf"), 0)
    for count, unit in enumerate(ranked, 1):
        used += costs[unit]
        nearest = min(nearest, (abs(used - budget), count))
    return sorted(ranked[: nearest[1]])


def load(folders: Sequence[Path], settings: HubSettings, options: tuple[str, ...]) -> Compressor:
    from models.hub import weights
    from models.hub.causal import causal_decoder

    tokenizer = weights.tokenizer(folders[0])
    reader = causal_decoder(weights.model(folders[0], "AutoModelForCausalLM", settings), tokenizer.tokenizer)
    return SelectiveContext(reader, tokenizer, *options)


def selective_row(name: str, model: str) -> Row:
    card = Card(
        (part(model),),
        CHECK,
        paper="https://aclanthology.org/2023.emnlp-main.391",
        code="https://github.com/liyucheng09/Selective_Context",
        limits=LIMITS,
    )
    title = f"Selective Context: phrases kept by their self-information, read by {called(model)}"
    sizes = SMALL_SIZE if model == SMALL else None
    flags = {"options": OPTIONS, "one_option": True, "traces": False, "vectors": False}
    return hub_row(name, title, "words", RATIOS, 2, None, card, load, sizes, **flags)


def rows() -> list[Row]:
    return reader_rows("selective-context", selective_row)
