"""What these tests share: texts as the engine reads them, and readings made by hand where the parser must not matter."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from inspector.divergence.language import load, parse
from inspector.divergence.pairing import Pair, pair
from inspector.divergence.reading import Reading

LIGHT_WORDS = frozenset("the a of in and to was is by on with .".split())


@cache
def reading(text: str) -> Reading:
    return next(iter(parse([text], load())))


def paired(source: str, told: str) -> Pair:
    return pair(reading(source), reading(told))


def flat(words: Sequence[str]) -> Reading:
    """A reading without a pipeline: nouns, light words and full stops, every sentence's first word on top."""
    start, at = [], 0
    for word in words:
        start.append(at)
        at += len(word) + 1
    content = [w.lower() not in LIGHT_WORDS for w in words]
    r = Reading(
        text=" ".join(words),
        words=list(words),
        lower=[w.lower() for w in words],
        lemma=[w.lower() for w in words],
        pos=["NOUN" if c else "PUNCT" if w == "." else "DET" for w, c in zip(words, content)],
        tag=["NN"] * len(words),
        dep=["dep"] * len(words),
        head=list(range(len(words))),
        start=start,
        end=[s + len(w) for s, w in zip(start, words)],
        sentence=[0] * len(words),
        content=content,
        name_of=[-1] * len(words),
        children=[[] for _ in words],
    )
    first = 0
    for k, word in enumerate(words):
        r.sentence[k] = len(r.sentences)
        if k > first:
            r.head[k] = first
            r.children[first].append(k)
        if word == "." or k == len(words) - 1:
            r.sentences.append((first, k))
            first = k + 1
    return r


def made(*rows: str) -> Reading:
    """One sentence's reading from rows "word POS TAG head label [lemma]", heads from 1 and 0 for the root, as in CoNLL-U."""
    cells = [row.split() for row in rows]
    r = flat([c[0] for c in cells])
    r.pos, r.tag = [c[1] for c in cells], [c[2] for c in cells]
    r.head = [int(c[3]) - 1 if c[3] != "0" else k for k, c in enumerate(cells)]
    r.dep = ["ROOT" if c[3] == "0" else c[4] for c in cells]
    r.lemma = [c[5] if len(c) > 5 else c[0].lower() for c in cells]
    r.children = [[k for k, h in enumerate(r.head) if h == i and k != i] for i in range(len(cells))]
    r.sentence, r.sentences = [0] * len(cells), [(0, len(cells) - 1)]
    r.content = [p in ("NOUN", "PROPN", "VERB", "ADJ", "ADV", "NUM") for p in r.pos]
    return r
