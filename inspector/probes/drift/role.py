"""Role binding: who does what to whom. Two arguments change places, and the verb agrees anew where it has to."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from inspector.divergence.lexicon import lexicon
from inspector.divergence.names import same_name
from inspector.divergence.reading import Reading
from inspector.probes.drift.pair import Draft, Edit, exchange, opens, plural, stretch, time, usable
from inspector.probes.drift.pools import VAGUE
from inspector.probes.drift.relation import marker

AGREE = {"was": "were", "is": "are", "has": "have"}
AGREE |= {many: one for one, many in AGREE.items()}
LIGHT = frozenset("have take make give do get play".split())  # with a bare noun they are idioms
BETWEEN = frozenset("by against with to for from over on after before of".split())  # before an argument that can be a subject
THING = ("PER", "ORG", "NAME", "MISC")
CORE = ("nsubj", "obj", "iobj", "obl:agent")


def drafts(r: Reading) -> Iterator[Draft]:
    for verb in range(len(r)):
        if usable(r, r.sentence[verb]) and r.pos[verb] in ("VERB", "NOUN", "ADJ"):
            for a, b in combinations(arguments(r, verb), 2):
                if draft := exchanged(r, verb, a, b):
                    yield draft
    yield from names(r)
    yield from heads(r)


def arguments(r: Reading, verb: int) -> list[int]:
    """Nouns and names that take part in what a verb says, or in what a predicate noun does: X is the sister of Y."""
    own = r.kids(verb, "nsubj", "obj", "iobj", "obl")
    if r.pos[verb] != "VERB":
        if not any(r.dep[c] == "cop" for c in r.children[verb]):
            return []
        own = r.kids(verb, "nsubj", "nmod")
    else:  # the object of a second verb with the same subject
        for other in r.kids(verb, "conj"):
            if r.pos[other] == "VERB" and not r.kids(other, "nsubj"):
                own += r.kids(other, "obj")
    return [i for i in own if takes_part(r, i)]


def takes_part(r: Reading, i: int) -> bool:
    case = marker(r, i)
    return (
        r.pos[i] in ("NOUN", "PROPN")
        and not time(r, i)
        and r.dep[i].split(":")[-1] not in ("unmarked", "poss", "tmod")
        and (case is None or r.lower[case] in BETWEEN or r.dep[i] == "obl:agent")
    )


def exchanged(r: Reading, verb: int, a: int, b: int) -> Draft | None:
    roles = [r.dep[i].split(":")[0] for i in (a, b)]
    if roles[0] == roles[1] or not {"nsubj", "obj"} & set(roles) or r.lemma[a] == r.lemma[b]:
        return None
    if roles[1] == "nmod" and (r.name_of[b] < 0 or r.name_of[a] < 0):
        return None
    if "obj" in roles and r.lemma[verb] in LIGHT and _bare(r, b if roles[1] == "obj" else a):
        return None
    x, y = stretch(r, a), stretch(r, b)
    if not x or not y or x[1] >= y[0] or same_name(r.said(*x), r.said(*y)) or _pronoun(r, x) or _pronoun(r, y):
        return None
    edits: tuple[Edit, ...] = exchange(r, x, y)
    if "nsubj" in roles and plural(r, a) != plural(r, b):
        finite = next((c for c in (*r.children[verb], verb) if r.lower[c] in AGREE and r.pos[c] in ("AUX", "VERB")), None)
        if finite is not None and r.sentence[finite] == r.sentence[a] and not opens(r, finite):
            edits += (Edit(r.start[finite], r.end[finite], AGREE[r.lower[finite]]),)
        elif r.tag[verb] != "VBD" and not any(r.tag[c] in ("MD", "VBD") for c in r.children[verb] if r.dep[c].startswith("aux")):
            return None
    return Draft("role_binding", r.sentence[verb], edits, f"{r.said(*x)} ↔ {r.said(*y)}")


def _bare(r: Reading, i: int) -> bool:
    return r.tag[i] == "NN" and not any(r.dep[c] in ("det", "nmod:poss", "amod") for c in r.children[i])


def _pronoun(r: Reading, where: tuple[int, int]) -> bool:
    return any(r.pos[k] == "PRON" and r.tag[k] != "PRP$" for k in range(where[0], where[1] + 1))


def names(r: Reading) -> Iterator[Draft]:
    """Two names of one type in different parts of a sentence; not in one list, nor one under the other."""
    for x, y in combinations(r.names, 2):
        n = r.sentence[x.first]
        if x.label != y.label or r.sentence[y.first] != n or not usable(r, n):
            continue
        a, b = (_head(r, m.first, m.last) for m in (x, y))
        if x.label not in THING and not {r.dep[a].split(":")[0], r.dep[b].split(":")[0]} <= {"nsubj", "obj"}:
            continue
        if any(r.pos[h] == "ADJ" for h in (a, b)) or not _apart(r, a, b):
            continue
        said = r.said(x.first, x.last), r.said(y.first, y.last)
        alike = (
            said[0].isupper() == said[1].isupper()
            and plural(r, a) == plural(r, b)
            and _article(r, x.first) == _article(r, y.first)
        )
        if alike and not same_name(*said):
            yield Draft("role_binding", n, exchange(r, (x.first, x.last), (y.first, y.last)), f"{said[0]} ↔ {said[1]}")


def heads(r: Reading) -> Iterator[Draft]:
    """Two nouns of one form, subjects, objects or agents of the same verb or of two; what describes them stays."""
    found = [
        i for i in range(len(r))
        if r.pos[i] == "NOUN" and r.name_of[i] < 0 and (r.dep[i] in CORE or r.dep[i].startswith("nsubj")) and r.words[i].islower()
        and r.words[i].isalpha() and not time(r, i) and not any(r.dep[c] == "compound" for c in r.children[i])
        and usable(r, r.sentence[i]) and not (r.lemma[r.head[i]] in LIGHT and _bare(r, i)) and r.lemma[i] not in VAGUE
    ]  # fmt: skip
    for a, b in combinations(found, 2):
        if r.sentence[a] != r.sentence[b] or r.tag[a] != r.tag[b] or r.lemma[a] == r.lemma[b] or not _apart(r, a, b):
            continue
        if not lexicon().synonyms(r.lemma[a], r.lemma[b], "n") and _counted(r, a) == _counted(r, b):
            yield Draft("role_binding", r.sentence[a], exchange(r, (a, a), (b, b)), f"{r.words[a]} ↔ {r.words[b]}")


def _counted(r: Reading, i: int) -> bool:
    """Has it a word before it that a singular noun may need?"""
    return any(r.dep[c] in ("det", "nmod:poss", "nummod") for c in r.children[i])


def _apart(r: Reading, a: int, b: int) -> bool:
    """Neither in one list or apposition, nor one under the other, and each with a part of its own."""
    roles = [r.dep[i].split(":")[0] for i in (a, b)]
    if {"conj", "appos", "list", "parataxis", "flat"} & set(roles) or a in r.subtree(b) or b in r.subtree(a):
        return False
    return roles[0] != roles[1] or r.head[a] != r.head[b]


def _head(r: Reading, first: int, last: int) -> int:
    return next((i for i in range(first, last + 1) if not first <= r.head[i] <= last), last)


def _article(r: Reading, first: int) -> bool:
    return first > 0 and r.lower[first - 1] == "the"
