"""Coreference: whom a pronoun points to. Only where the text has another thing near by that the changed words would mean."""

from __future__ import annotations

from collections.abc import Iterator

from inspector.divergence.coreference import GROUP, antecedent
from inspector.divergence.lexicon import lexicon
from inspector.divergence.names import same_name
from inspector.divergence.reading import Reading
from inspector.probes.drift.pair import Draft, plural, replace, tokens, usable

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
        if form is SUBJECT and "p" in (kind, mine) and not _past(r, i):
            continue
        how = f"{r.words[i]} → {form[kind]} (as of {r.name_text(there[kind])})"
        yield Draft("coreference", r.sentence[i], (replace(r, i, i, form[kind]),), how)
    if mine in "mf" and "n" not in there and "p" not in there and "f" in there:
        return


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
        kind = kind_of(r, at)
        if kind:
            yield at, kind


def kind_of(r: Reading, at: int) -> str | None:
    if r.tag[at] in ("NNS", "NNPS"):
        return "p"
    n = r.name_of[at]
    if n >= 0:
        return {"LOC": "n", "ORG": "n", "PER": None}.get(r.names[n].label)
    if r.lemma[at] in FEMALE and lexicon().known(r.lemma[at], "n"):
        return "f"
    if lexicon().is_a(r.lemma[at], "person", "n", most=2, limit=7):
        return "m"
    return "n" if r.tag[at] == "NN" and lexicon().known(r.lemma[at], "n") else None


def named(r: Reading, i: int) -> Iterator[Draft]:
    """The pronoun's own antecedent in its place, against another name of the text that would fit."""
    found = antecedent(r, i)
    if found is None or r.name_of[found[1]] < 0:
        return
    name = r.names[r.name_of[found[1]]]
    mine = r.said(name.first, name.last)
    ending = "’s" if "’" in r.text else "'s"
    possessive = forms(r, i) is POSSESSIVE
    others = [r.said(n.first, n.last) for n in r.names if n.label == name.label and n.first < i]
    others = [o for o in dict.fromkeys(others) if not same_name(o, mine)]
    for other in sorted(others, key=lambda o: abs(tokens(o) - tokens(mine))):
        tail = ending if possessive else ""
        how = f"{r.words[i]}: {mine} → {other}"
        own = (replace(r, i, i, mine + tail),)
        yield Draft("coreference", r.sentence[i], (replace(r, i, i, other + tail),), how, own)


__all__ = ["drafts", "plural"]
