"""Which of two answers the decoder would rather write: ln p(the source's) − ln p(the prior's), given memory or given nothing.

In place: where the source states its answer, after the same prefix in the same window, the prior's is put instead. Of words
that stand there several times the first place is asked, since after it the prefix itself holds the answer. Memory that is tied
to position (`inspector.divergence.overwriting.tied`) only compares answers with as many tokens.

As a sentence: answers that are whole sentences stand at no place. Each is what the decoder would write from the window's start,
right after memory and without a prefix. A text of several windows has as many memories; the probability of a sentence is then
its mean over them, a mixture in which each window is as likely to be the one read:

    ln p(a) = ln (1/W Σ_w p(a | Z_w))

Superposed memory reads a token from its own place, so a sentence from the start is not defined there. Of several wordings of an
answer the likeliest counts, in each condition by itself. What is compared are sums over all tokens, so that longer answers are
less likely: the prior's margin, which is of the same tokens, is the control. All of this is ours.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from inspector.divergence.overwriting import tied
from inspector.probes.counterfactual import locate, occurrences
from inspector.probes.in_place import Row, log_probabilities

if TYPE_CHECKING:
    from inspector.studies.items import Item
    from models.compressor import Compressor, Memory, Source

ENDS = re.compile(r"[.!?…]['\"”’)\]]*$|[。！？][’”」』）]*$")
FEWEST = 3  # words of a sentence, where they stand apart
WHY = {
    "window": "The answer reaches over the border between two windows, so both answers have no common prefix there.",
    "tied": "This memory is tied to position: in place, only an answer with as many tokens as the source's compares.",
    "room": "The answers are too long for a window of this compressor.",
    "superposed": "Superposed memory holds each token at its place, so sentences that stand nowhere in the text cannot be asked.",
    "nowhere": "The answer does not stand in the text in these words, and is no sentence that could stand alone.",
    "mixed": "One answer is a whole sentence and another is not, so they do not fit into the same place.",
    "empty": "Nothing of the text is left to ask about.",
}


@dataclass(frozen=True)
class Choice:
    """Two sets of wordings in tokens, after one prefix. What no compressor changes, so that the prior's margin can be kept."""

    kind: Literal["place", "sentence"]
    window: int  # by index; 0 for sentences, which all windows are asked about
    prefix: tuple[int, ...]
    expected: tuple[tuple[int, ...], ...]
    others: tuple[tuple[int, ...], ...]

    def memories(self, given: Sequence[Memory]) -> Sequence[Memory]:
        """Those of a text that this is asked of; of another text the window with the same index, in turn."""
        return given if self.kind == "sentence" else (given[self.window % len(given)],)


def sentence(answer: str) -> bool:
    """Does it end like a sentence of three words or more? In scripts without spaces the ending alone tells."""
    found = ENDS.search(answer.strip())
    return bool(found) and (found[0][0] in "。！？" or len(answer.split()) >= FEWEST)


def choice(item: Item, compressor: Compressor, source: Source, memories: Sequence[Memory], room: int | None) -> Choice | str:
    """What is scored for a text, or a key of WHY.

    Args:
        item: with answers and others.
        room: tokens of a window at most; None for no bound.
    """
    if not memories:
        return "empty"
    whole = [sentence(a) for a in (*item.answers, *item.others)]
    if all(whole):
        return _sentences(item, compressor, memories, room)
    return "mixed" if any(whole) else _placed(item, compressor, source, memories, room)


def _sentences(item: Item, compressor: Compressor, memories: Sequence[Memory], room: int | None) -> Choice | str:
    if any(tied(memory) and "ratio" in memory.extra for memory in memories):
        return "superposed"
    sides = []
    for texts in (item.answers, item.others):
        ids = [tuple(compressor.source(text.strip()).ids) for text in texts]
        sides.append(tuple(each for each in ids if each and (room is None or len(each) <= room)))
    return Choice("sentence", 0, (), *sides) if all(sides) else "room"


def _placed(item: Item, compressor: Compressor, source: Source, memories: Sequence[Memory], room: int | None) -> Choice | str:
    span = next((spans[0] for answer in item.answers if (spans := standing(item.text, answer))), None)
    if span is None:
        return "nowhere"
    place = locate(compressor, source, span, (item.text[slice(*span)], *(other.strip() for other in item.others)))
    if place is None:
        return "window"
    window = list(source.windows).index(place.window)
    variants = place.variants
    if not all(variants):  # one goes on where another ends: then the next token decides
        variants = tuple(variant + place.rest[:1] for variant in variants)
    own, others = variants[0], variants[1:]
    if tied(memories[window]) and not (others := tuple(o for o in others if len(o) == len(own))):
        return "tied"
    if room is not None:
        others = tuple(o for o in others if len(place.prefix) + max(len(o), len(own)) <= room)
    return Choice("place", window, place.prefix, (own,), others) if others and own else "room"


def standing(text: str, answer: str) -> list[tuple[int, int]]:
    """Where an answer stands in a text, capitals aside where it does not stand there with them."""
    words = answer.strip()
    if not words:
        return []
    if found := occurrences(text, words):
        return found
    other = re.search(rf"(?<!\w){re.escape(words)}(?!\w)", text, re.IGNORECASE)
    return [other.span()] if other else []


Asking = tuple[Choice, "Sequence[Memory | None]"]  # and what it is asked of


def margins(compressor: Compressor, asked: Sequence[Asking]) -> list[float]:
    """ln p(expected) − ln p(other) in nats, the likeliest wording of each; all rows in one batch.

    Raises:
        NotImplementedError: the decoder cannot score, or not without memory.
    """
    rows: list[Row] = []
    for each, memories in asked:
        for ids in (*each.expected, *each.others):
            rows += [(memory, each.prefix + ids, len(each.prefix)) for memory in memories]
    sums = iter([math.fsum(values) for values in log_probabilities(compressor.decoder, rows)])

    def likeliest(wordings: Sequence[tuple[int, ...]], memories: int) -> float:
        return max(mixture([next(sums) for _ in range(memories)]) for _ in wordings)

    return [likeliest(each.expected, len(of)) - likeliest(each.others, len(of)) for each, of in asked]


def priors(compressor: Compressor, asked: Sequence[Choice], shared: dict[str, Any]) -> dict[Choice, float] | None:
    """Margins given no memory, less what other compressors of the same decoder have asked; None where it needs memory."""
    kept = shared.setdefault("knowledge priors", {})
    mine = kept.setdefault(id(compressor.decoder), (compressor.decoder, {}))[1]  # held, so that its id stays its own
    fresh = [each for each in dict.fromkeys(asked) if each not in mine]
    try:
        mine |= dict(zip(fresh, margins(compressor, [(each, (None,)) for each in fresh]), strict=True))
    except NotImplementedError:
        return None
    return mine


def mixture(values: Sequence[float]) -> float:
    """ln of the mean of exp: the log-probability under one of several memories, each as likely."""
    top = max(values)
    return top + math.log(math.fsum(math.exp(v - top) for v in values) / len(values))
