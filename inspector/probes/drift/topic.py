"""Main topic: what the text is about. Its most frequent noun or name becomes another topic of its kind in one sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from inspector.divergence.lexicon import lexicon
from inspector.divergence.names import same_name
from inspector.divergence.reading import Reading
from inspector.probes.drift.entity import _part, label
from inspector.probes.drift.pair import Draft, Edit, choose, replace, usable
from inspector.probes.drift.pools import NAMES, NOUNS, TIME, plural

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
    """The most frequent names and nouns, (kind, words): by how often they stand there, then by how early."""
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
    return sorted(counts, key=lambda key: (-counts[key], order.index(key)))[:TOPICS]


def noun(r: Reading, i: int) -> bool:
    return (
        r.pos[i] == "NOUN" and r.name_of[i] < 0 and r.words[i].isalpha() and r.tag[i] in ("NN", "NNS")
        and r.lemma[i] not in TIME and r.dep[i].split(":")[0] not in ("compound", "fixed", "flat")
        and lexicon().known(r.lemma[i], "n")
    )  # fmt: skip


def mentions(r: Reading, topic: tuple[str, str]) -> list[tuple[int, int]]:
    kind, words = topic
    if kind == "noun":
        return [(i, i) for i in range(len(r)) if r.lemma[i] == words and noun(r, i)]
    return [(m.first, m.last) for k, m in enumerate(r.names) if label(r, k) == kind and same_name(r.said(m.first, m.last), words)]


def replaced(r: Reading, n: int, topic: tuple[str, str], places: list[tuple[int, int]]) -> Iterator[Draft]:
    kind, words = topic
    said = r.said(*places[0])
    if kind == "noun":
        person = lexicon().is_a(words, "person", "n", most=2, limit=6)
        many = r.tag[places[0][0]] == "NNS"
        pool = [o for o in NOUNS["person" if person else "thing"] if lexicon().steps(words, o, "n", limit=2) is None or person]
        pool = [o for o in pool if o != words and not lexicon().synonyms(words, o, "n")]
        options = choose([plural(o) if many else o for o in pool], said, r.text)
        if len({r.tag[a] for a, _ in places}) > 1:
            return
    else:
        if any(_part(r, *at) for at in places) or len({r.said(*at) for at in places}) > 1:
            return
        held = [r.said(m.first, m.last) for m in r.names]
        article = places[0][0] > 0 and r.lower[places[0][0] - 1] == "the"
        pool = [o.removeprefix("the ") for o in NAMES[kind] if kind != "ORG" or o.startswith("the ") == article]
        pool = [o for o in pool if len(o.split()) == len(said.split())] or pool
        options = [o for o in choose(pool, said, r.text) if not any(same_name(o, h) for h in held)]
    for other in options[:MOST]:
        edits: tuple[Edit, ...] = tuple(replace(r, *at, other) for at in places)
        yield Draft("main_topic", n, edits, f"{said} → {other}")
