"""Coreference: whom a pronoun points to. Only where the text has another thing near by that the changed words would mean."""

from __future__ import annotations

from collections.abc import Iterator

from inspector.divergence.coreference import GROUP, antecedent
from inspector.divergence.lexicon import lexicon
from inspector.divergence.names import same_name
from inspector.divergence.reading import Reading
from inspector.probes.drift.pair import Draft, replace, time, tokens, usable

POSSESSIVE = {"m": "his", "f": "her", "n": "its", "p": "their"}
OBJECT = {"m": "him", "f": "her", "n": "it", "p": "them"}
SUBJECT = {"m": "he", "f": "she", "n": "it", "p": "they"}
FEMALE = frozenset("she her mother sister daughter wife queen princess woman girl actress lady aunt".split())


def drafts(r: Reading) -> Iterator[Draft]:
    for i, low in enumerate(r.lower):
        if GROUP.get(low) in POSSESSIVE and usable(r, r.sentence[i]) and not low.endswith(("self", "selves")):
            yield from pronoun(r, i)
            yield from named(r, i)


def pronoun(r: Reading, i: int) -> Iterator[Draft]:
    """Another pronoun, which some other noun or name before it fits: its, their."""
    mine, form = GROUP[r.lower[i]], forms(r, i)
    if form is None or (mine == "n" and form is SUBJECT and _empty(r, i)):
        return
    there = {kind: at for at, kind in candidates(r, i)}
    for kind in ("n", "p", "m", "f"):
        if kind == mine or kind not in there or ({kind, mine} == {"m", "f"} and kind == "m"):
            continue
        if mine == "p" and kind in "mf":  # one person may be they
            continue
        if form is SUBJECT and "p" in (kind, mine) and not _past(r, i):
            continue
        how = f"{r.words[i]} → {form[kind]} (as of {r.name_text(there[kind])})"
        yield Draft("coreference", r.sentence[i], (replace(r, i, i, form[kind]),), how)


def forms(r: Reading, i: int) -> dict[str, str] | None:
    """The column of pronouns that stand in this place."""
    if r.tag[i] == "PRP$":
        return POSSESSIVE
    dep = r.dep[i].split(":")[0]
    if dep == "nsubj" and r.lower[i] in SUBJECT.values():
        return SUBJECT
    return OBJECT if dep in ("obj", "iobj", "obl", "nmod") and r.lower[i] in OBJECT.values() else None


def _empty(r: Reading, i: int) -> bool:
    """It rains, it is said that: an `it` that stands for nothing."""
    verb = r.head[i]
    return r.dep[i] == "expl" or any(r.dep[c] in ("csubj", "csubj:pass", "ccomp") for c in r.children[verb])


def _past(r: Reading, i: int) -> bool:
    """A verb whose form is the same for all."""
    verb = r.head[i]
    helpers = [c for c in r.children[verb] if r.dep[c] in ("aux", "aux:pass", "cop")]
    first = min([verb, *helpers], key=lambda k: (k < i, k)) if helpers else verb
    return r.tag[first] in ("VBD", "MD") and r.lemma[first] != "be"


def candidates(r: Reading, i: int, reach: int = 2) -> Iterator[tuple[int, str]]:
    """Nouns and names before the pronoun, in its sentence or up to `reach` sentences back: where, and what pronoun they take."""
    for at in range(i):
        if r.sentence[i] - r.sentence[at] > reach or r.pos[at] not in ("NOUN", "PROPN"):
            continue
        if r.dep[at].split(":")[0] not in ("nsubj", "obj", "obl", "nmod", "conj", "ROOT", "appos"):
            continue
        if not time(r, at) and (kind := kind_of(r, at)):
            yield at, kind


def kind_of(r: Reading, at: int) -> str | None:
    if r.tag[at] in ("NNS", "NNPS"):
        return "p"
    n = r.name_of[at]
    if n >= 0:
        return {"LOC": "n", "ORG": "n", "PER": None}.get(r.names[n].label)
    if r.lemma[at] in FEMALE and lexicon().known(r.lemma[at], "n"):
        return "f"
    if r.words[at].islower() and lexicon().is_a(r.lemma[at], "person", "n", most=1, limit=7):
        return "m"
    return "n" if r.tag[at] == "NN" and r.words[at].islower() and lexicon().known(r.lemma[at], "n") else None


def named(r: Reading, i: int) -> Iterator[Draft]:
    """A subject's own antecedent in its place, against another person of the text. Only where the antecedent is hardly in
    doubt: the only person in its own sentence before the pronoun, as its subject, or the subject of the sentence before."""
    if r.lower[i] not in ("he", "she") or r.dep[i] != "nsubj":
        return
    people = [n for n in r.names if n.label == "PER" and n.first < i]
    found = antecedent(r, i)
    mine = next((n for n in people if found and n.first <= found[1] <= n.last), None)
    if mine is None or r.sentence[i] - r.sentence[mine.first] != 1:
        return
    head = next((k for k in range(mine.first, mine.last + 1) if not mine.first <= r.head[k] <= mine.last), mine.last)
    beside = [n for n in people if r.sentence[n.first] in (r.sentence[i], r.sentence[mine.first]) and n is not mine]
    if beside or not r.dep[head].startswith("nsubj") or r.dep[r.head[head]] != "ROOT":
        return
    said = r.said(mine.first, mine.last)
    others = dict.fromkeys(r.said(n.first, n.last) for n in people)
    for other in sorted((o for o in others if not same_name(o, said)), key=lambda o: abs(tokens(o) - tokens(said))):
        how, own = f"{r.words[i]}: {said} → {other}", (replace(r, i, i, said),)
        yield Draft("coreference", r.sentence[i], (replace(r, i, i, other),), how, own)
