"""Main topic: what the text is about. Its most frequent noun or name becomes another topic of its kind in one sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from inspector.divergence.lexicon import lexicon
from inspector.divergence.names import same_name
from inspector.divergence.reading import Reading
from inspector.probes.drift.entity import label, part, substitutes
from inspector.probes.drift.pair import Draft, choose, replace, time, usable
from inspector.probes.drift.pools import NAMES, NOUNS, VAGUE, plural

MOST = 2  # other topics tried
TOPICS = 2  # topics of a text


def drafts(r: Reading) -> Iterator[Draft]:
    for topic in topics(r):
        places = mentions(r, topic)
        for n in sorted({r.sentence[first] for first, _ in places}):
            here = [(first, last) for first, last in places if r.sentence[first] == n]
            if usable(r, n):
                yield from replaced(r, n, topic, here)


def topics(r: Reading) -> list[tuple[str, str]]:
    """The most frequent names and nouns, (kind, words): what stands there twice or more; else the first subject."""
    counts: Counter[tuple[str, str]] = Counter()
    for k, name in enumerate(r.names):
        kind = label(r, k)
        if kind in NAMES:
            said = r.said(name.first, name.last)
            known = next((key for key in counts if key[0] == kind and same_name(key[1], said)), (kind, said))
            counts[known] += 1
    for i in range(len(r)):
        if noun(r, i):
            counts["noun", r.lemma[i]] += 1
    order = list(counts)
    often = sorted((key for key in counts if counts[key] > 1), key=lambda key: (-counts[key], order.index(key)))[:TOPICS]
    return often or [key for key in counts if any(r.dep[last].startswith("nsubj") for _, last in mentions(r, key))][:1]


def noun(r: Reading, i: int) -> bool:
    return (
        r.pos[i] == "NOUN" and r.name_of[i] < 0 and r.words[i].isalpha() and r.tag[i] in ("NN", "NNS")
        and r.lemma[i] not in VAGUE and not time(r, i) and r.dep[i].split(":")[0] not in ("compound", "fixed", "flat")
        and lexicon().known(r.lemma[i], "n")
    )  # fmt: skip


def mentions(r: Reading, topic: tuple[str, str]) -> list[tuple[int, int]]:
    kind, words = topic
    if kind == "noun":
        return [(i, i) for i in range(len(r)) if r.lemma[i] == words and noun(r, i)]
    return [(m.first, m.last) for k, m in enumerate(r.names) if label(r, k) == kind and same_name(r.said(m.first, m.last), words)]


def replaced(r: Reading, n: int, topic: tuple[str, str], places: list[tuple[int, int]]) -> Iterator[Draft]:
    """All mentions of the sentence become one other topic."""
    kind, words = topic
    said = r.said(*places[0])
    if len({r.said(*at) for at in places}) > 1:
        return
    if kind == "noun":
        many = r.tag[places[0][0]] == "NNS"
        pool = [o for o in NOUNS[category(words)] if o != words and not lexicon().synonyms(words, o, "n")]
        options = choose([plural(o) if many else o for o in pool], said.lower(), r.text)
    else:
        if any(part(r, *at) for at in places):
            return
        options = substitutes(r, r.name_of[places[0][0]], pool_only=True)
    for other in options[:MOST]:
        yield Draft("main_topic", n, tuple(replace(r, *at, other) for at in places), f"{said} → {other}")


def category(word: str) -> str:
    """The first of the pool's kinds that the noun is one of, by its most frequent sense."""
    return next((kind for kind in NOUNS if lexicon().is_a(word, kind, "n", most=1, limit=8)), "artifact")
