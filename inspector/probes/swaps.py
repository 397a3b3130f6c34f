"""Swapped facts: one name or number of a text replaced by another of its type, wherever the text has it.

What a decoder learnt in training can only come back in the old one's place if memory lost the new one. Replacement and
decoys are drawn alike, from what other paragraphs of the same set hold: same type, and as near as the pool allows in
tokens, words and frequency in the training text. So a decoy says how often mere plausibility brings a name back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from math import log1p
from random import Random

from inspector.divergence.names import parts, plain, same_name
from inspector.divergence.reading import Reading
from inspector.measures.alignment import words

ENTITY, NUMBER = "entity", "number"
TYPES = (ENTITY, NUMBER)
LABELS = ("PER", "LOC", "ORG")
KNOWN = 5  # paragraphs of the training text from which a fact counts as one that the prior may know
NEAREST = 8  # candidates, by likeness to the original, that replacement and decoys are drawn from
DECOYS = 5
COMMON = 5  # a name that has a fifth as many paragraphs in lower case is a common word
YEARS = 50  # so many years apart are like a factor e in frequency
NAME = re.compile(r"[^\W\d_][^\n\d\"“”()\[\]{}<>$|]{2,39}")
DIGITS = re.compile(r"\d{2,}|\d{1,3}(?:,\d{3})+")


@dataclass(frozen=True)
class Fact:
    """A name or a number as a text has it."""

    type: str  # PER LOC ORG number
    text: str

    @property
    def family(self) -> str:
        return NUMBER if self.type == NUMBER else ENTITY


@dataclass(frozen=True)
class Swap:
    """A text with one fact swapped. Spans are code points [start, end) of the replacement in `text`, in order."""

    id: str
    set: str
    type: str
    original: str
    replacement: str
    decoys: tuple[str, ...]
    frequency: int  # paragraphs of the training text that hold the original, its own not counted
    text: str
    original_text: str
    spans: tuple[tuple[int, int], ...]

    @property
    def family(self) -> str:
        return Fact(self.type, self.original).family


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of a set, and the part of it that is used, parsed."""

    id: str
    whole: str
    reading: Reading

    @property
    def text(self) -> str:
        return self.reading.text


def pattern(fact: str) -> re.Pattern[str]:
    """The fact as whole words; `12` is not in `12.5`, `3,125` or `12th`."""
    return re.compile(rf"(?<!\w)(?<!\d[.,]){re.escape(fact)}(?!\w|[.,]\d)")


def facts(reading: Reading, types: Sequence[str] = TYPES) -> list[Fact]:
    """Names (people, places, organisations) and whole numbers of two digits or more, each once, in the text's order.

    Left out is what the text would give away after a swap: a part of the name, an alias or an adjective of it elsewhere.
    """
    found: dict[Fact, None] = {}
    if ENTITY in types:
        said = [(n.label, reading.said(n.first, n.last)) for n in reading.names]
        for label, name in said:
            if label in LABELS and NAME.fullmatch(name) and not _given_away(name, reading.text, {n for _, n in said}):
                found[Fact(label, name)] = None
    if NUMBER in types:
        for word in words(reading.text):
            if DIGITS.fullmatch(word.text) and not re.search(
                rf"(?<!\d){re.escape(word.text)}(?!\d)", pattern(word.text).sub(" ", reading.text)
            ):
                found[Fact(NUMBER, word.text)] = None
    return list(found)


def _given_away(name: str, text: str, others: set[str]) -> bool:
    if len(name.split()) > 4 or not pattern(name).search(text):
        return True
    if any(other != name and same_name(name, other) for other in others):
        return True
    left = {plain(w) for w in re.findall(r"[^\W_]+", pattern(name).sub(" ", text))}
    pieces = {plain(w) for part in parts(name) for w in re.findall(r"[^\W_]+", part)}
    return any(w == p or (len(p) > 3 and w.startswith(p[:-1])) for p in pieces for w in left)


def frequencies(wanted: Iterable[str], texts: Iterable[str]) -> dict[str, int]:
    """How many of the texts hold each string as whole words."""
    by_first: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
    counts = dict.fromkeys(wanted, 0)
    for fact in counts:
        if first := re.match(r"\w+", fact):
            by_first.setdefault(first.group(), []).append((fact, pattern(fact)))
    for text in texts:
        held = {
            fact for m in re.finditer(r"\w+", text) for fact, whole in by_first.get(m.group(), ()) if whole.match(text, m.start())
        }
        for fact in held:
            counts[fact] += 1
    return counts


def shape(fact: Fact) -> str:
    """What a replacement must share: a number's digits and commas (years stay years), a name's capitals."""
    if fact.type == NUMBER:
        return ("year" if re.fullmatch(r"1\d{3}|20\d\d", fact.text) else "") + re.sub(r"\d", "9", fact.text)
    return "capitals" if fact.text.isupper() else "name"


class Pool:
    """Facts that may stand in for one another.

    Args:
        every: facts of the set's paragraphs.
        frequency: paragraphs of the training text that hold each, and (0 if absent) each in lower case.
        tokens: how many tokens each has.
    """

    def __init__(self, every: Iterable[Fact], frequency: Mapping[str, int], tokens: Mapping[str, int]) -> None:
        self.frequency, self.tokens = frequency, tokens
        self.alike: dict[tuple[str, str], list[str]] = {}
        for fact in sorted(set(every), key=lambda f: (f.type, f.text)):
            if self.proper(fact):
                self.alike.setdefault((fact.type, shape(fact)), []).append(fact.text)

    def proper(self, fact: Fact) -> bool:
        """A number, or a name that is hardly ever written in lower case: the recogniser takes Empire and City for places."""
        lower = fact.text.lower()
        return fact.type == NUMBER or lower == fact.text or self.frequency.get(lower, 0) * COMMON <= self.frequency[fact.text]

    def distance(self, fact: Fact, other: str) -> float:
        """Difference in log frequency; between years also their distance, for 2018 and 1628 are not alike."""
        apart = abs(log1p(self.frequency[other]) - log1p(self.frequency[fact.text]))
        return apart + (abs(int(other) - int(fact.text)) / YEARS if shape(fact).startswith("year") else 0.0)

    def draw(self, fact: Fact, paragraph: str, own: str) -> list[str]:
        """Replacement first, then decoys; none of them in the paragraph, all of them different things.

        Args:
            fact: what to replace.
            paragraph: whole text that none of them may stand in.
            own: seeds the draw, so that the same text always gets the same.
        """
        random = Random(int.from_bytes(sha256(f"{own}\0{fact.text}".encode("utf-8", "surrogatepass")).digest()))

        def far(other: str) -> tuple[bool, bool, float, float]:
            return (
                self.tokens[other] != self.tokens[fact.text],
                len(other.split()) != len(fact.text.split()),
                self.distance(fact, other),
                random.random(),
            )

        folded, near = paragraph.casefold(), []
        for _, other in sorted((far(other), other) for other in self.alike.get((fact.type, shape(fact)), ())):
            if other.casefold() not in folded and not any(_same(fact.type, other, n) for n in (fact.text, *near)):
                near.append(other)
                if len(near) == NEAREST:
                    break
        if not near:
            return []
        best = [n for n in near if far(n)[:2] == far(near[0])[:2]]
        replacement = random.choice(best)
        rest = [n for n in near if n != replacement]
        random.shuffle(rest)
        return [replacement, *rest[:DECOYS]]


def _same(type: str, x: str, y: str) -> bool:
    return x == y if type == NUMBER else same_name(x, y)


def swap(text: str, fact: str, replacement: str) -> tuple[str, tuple[tuple[int, int], ...]]:
    """The text with every mention replaced, and the replacements' spans."""
    pieces, spans, at, length = [], [], 0, 0
    for m in pattern(fact).finditer(text):
        pieces += [text[at : m.start()], replacement]
        length += m.start() - at
        spans.append((length, length + len(replacement)))
        length, at = length + len(replacement), m.end()
    return "".join([*pieces, text[at:]]), tuple(spans)


def make(
    paragraphs: Sequence[Paragraph],
    pool: Pool,
    name: str,
    types: Sequence[str] = TYPES,
    seen: bool = False,
) -> Iterator[Swap]:
    """At most one swap of each type asked for from every paragraph, in order.

    Chosen by the text's hash among the facts that the training text holds in `KNOWN` other paragraphs or more; without
    such a one, the most frequent.

    Args:
        pool: made of facts of the same set.
        name: the set's name, for `Swap.set`.
        seen: the paragraphs are of the training text themselves, so each fact's own paragraph is not counted.
    """
    for paragraph in paragraphs:
        for family in types:
            found = [f for f in facts(paragraph.reading, [family]) if pool.proper(f)]
            own = {f: max(pool.frequency[f.text] - seen, 0) for f in found}
            known = [f for f in found if own[f] >= KNOWN]
            Random(int.from_bytes(sha256(paragraph.text.encode("utf-8", "surrogatepass")).digest())).shuffle(known)
            for fact in known or sorted(found, key=lambda f: -own[f]):
                if drawn := pool.draw(fact, paragraph.whole, paragraph.text):
                    text, spans = swap(paragraph.text, fact.text, drawn[0])
                    yield Swap(
                        paragraph.id,
                        name,
                        fact.type,
                        fact.text,
                        drawn[0],
                        tuple(drawn[1:]),
                        own[fact],
                        text,
                        paragraph.text,
                        spans,
                    )
                    break
