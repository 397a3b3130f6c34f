"""Modifier scope: an adjective, `only` or a negation governs something else than it did."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from inspector.divergence.lexicon import lexicon
from inspector.divergence.reading import Reading
from inspector.probes.drift.pair import Draft, Edit, drop, exchange, insert, opens, replace, time, usable

TAKES_NOT = frozenset("is are was were am has have had can could will would may might must should does did do".split())
INSTEAD = frozenset("also always often usually still generally now then sometimes commonly frequently normally soon".split())
DETERMINERS = frozenset("some many several most all numerous".split())
ORDER = frozenset(
    "first second third fourth fifth last next same other such own many few several more most certain various".split()
)


def drafts(r: Reading) -> Iterator[Draft]:
    yield from exchanged(r)
    yield from moved(r)
    yield from negated(r)
    yield from only(r)


def adjectives(r: Reading) -> list[int]:
    """Plain attributive adjectives, right before the noun or before other adjectives of it."""
    return [
        i
        for i in range(len(r))
        if r.pos[i] == "ADJ" and r.dep[i] == "amod" and r.tag[i] == "JJ" and r.head[i] > i and not r.children[i]
        and r.words[i].isalpha() and r.lower[i] not in ORDER and r.pos[r.head[i]] == "NOUN" and not time(r, r.head[i])
        and not any(r.dep[c] == "conj" for c in r.children[i]) and usable(r, r.sentence[i])
        and not _hyphen(r, i)
    ]  # fmt: skip


def _hyphen(r: Reading, i: int) -> bool:
    return (i and r.words[i - 1] in "-–/") or (i + 1 < len(r) and r.words[i + 1] in "-–/")


def exchanged(r: Reading) -> Iterator[Draft]:
    for a, b in combinations(adjectives(r), 2):
        if r.sentence[a] != r.sentence[b] or r.head[a] == r.head[b] or r.lemma[a] == r.lemma[b]:
            continue
        if (r.name_of[a] < 0) != (r.name_of[b] < 0) or lexicon().synonyms(r.lemma[a], r.lemma[b], "a"):
            continue
        if r.lemma[r.head[a]] == r.lemma[r.head[b]]:
            continue
        yield Draft("modifier_scope", r.sentence[a], exchange(r, (a, a), (b, b)), f"{r.words[a]} ↔ {r.words[b]}")


def moved(r: Reading) -> Iterator[Draft]:
    for a in adjectives(r):
        if opens(r, a):
            continue
        first, last = r.sentences[r.sentence[a]]
        for noun in range(first, last + 1):
            if (
                r.pos[noun] != "NOUN"
                or not r.words[noun].islower()
                or time(r, noun)
                or noun == r.head[a]
                or r.name_of[noun] >= 0
                or r.dep[noun] in ("compound", "flat", "fixed")
            ):
                continue
            before = [c for c in r.children[noun] if c < noun]
            if any(r.dep[c] in ("amod", "nummod", "compound", "nmod:poss") for c in before) or noun - 1 < first:
                continue
            if r.dep[noun - 1] not in ("det", "case") or r.head[noun - 1] != noun or r.lemma[noun] in ("part", "one", "lot"):
                continue
            how = f"{r.words[a]} {r.words[r.head[a]]} → {r.words[a]} {r.words[noun]}"
            gone = Edit(r.start[a], r.start[a + 1], "")
            yield Draft("modifier_scope", r.sentence[a], (gone, Edit(r.start[noun], r.start[noun], r.words[a] + " ")), how)


def negated(r: Reading) -> Iterator[Draft]:
    for i in range(len(r)):
        n = r.sentence[i]
        if not usable(r, n):
            continue
        low, after = r.lower[i], r.lower[i + 1 : i + 2]
        if low == "not" and r.lower[i - 1] in TAKES_NOT and after not in (["only"], ["just"], ["merely"], ["simply"]):
            yield Draft("modifier_scope", n, (drop(r, i, i),), "“not” taken out")
        elif low in TAKES_NOT and r.pos[i] == "AUX" and not _asks(r, n) and not (i and r.pos[i - 1] == "AUX"):
            if i + 1 < len(r) and r.lower[i + 1] in INSTEAD and r.sentence[i + 1] == n:
                yield Draft("modifier_scope", n, (replace(r, i + 1, i + 1, "not"),), f"{r.words[i + 1]} → not")
            elif (
                i + 1 < len(r)
                and r.words[i + 1].isalnum()
                and r.pos[i + 1] in ("VERB", "DET", "ADJ", "NOUN", "AUX", "NUM", "ADP")
            ):
                yield Draft("modifier_scope", n, (insert(r, i, "not"),), f"“not” put in after “{r.words[i]}”")
        elif low in DETERMINERS and r.dep[i] in ("det", "amod") and r.head[i] == i + 1 and r.pos[i + 1] == "NOUN":
            yield Draft("modifier_scope", n, (replace(r, i, i, "no"),), f"{r.words[i]} → no")


def _asks(r: Reading, n: int) -> bool:
    return r.words[r.sentences[n][1]] == "?"


def only(r: Reading) -> Iterator[Draft]:
    """`only` before a number or a phrase with a preposition moves to another."""
    for i in range(len(r)):
        if r.lower[i] != "only" or r.pos[i] != "ADV" or not usable(r, r.sentence[i]):
            continue
        first, last = r.sentences[r.sentence[i]]
        for j in range(first + 1, last):
            short = r.dep[j] == "case" and r.lower[j] in ("in", "for", "at", "on", "by") and abs(i - j) > 2
            if short and r.dep[r.head[j]].startswith("obl"):
                edits = (drop(r, i, i), Edit(r.start[j], r.start[j], "only "))
                yield Draft("modifier_scope", r.sentence[i], edits, f"“only” moved before “{r.words[j]}”")
                break
