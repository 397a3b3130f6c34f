"""Role binding: who does what to whom. Two arguments change places."""

from __future__ import annotations

from collections.abc import Iterator

from inspector.divergence.names import same_name
from inspector.divergence.reading import Reading
from inspector.probes.drift.pair import Draft, Edit, exchange, plural, stretch, usable
from inspector.probes.drift.pools import TIME

SUBJECT, OBJECT = {"he": "him", "she": "her", "they": "them", "i": "me", "we": "us"}, {}
OBJECT |= {v: k for k, v in SUBJECT.items()}
FITS = {"PER", "ORG", "LOC"}


def drafts(r: Reading) -> Iterator[Draft]:
    """Subject and object of a verb; subject and agent; object and another argument; two names in like places of a sentence."""
    for verb in range(len(r)):
        if not usable(r, r.sentence[verb]) or r.pos[verb] in ("AUX", "PUNCT"):
            continue
        found = [a for a in r.kids(verb, "nsubj", "obj", "iobj", "obl", "nmod") if _argument(r, a)]
        for k, a in enumerate(found):
            for b in found[k + 1 :]:
                if draft := _exchanged(r, verb, a, b):
                    yield draft


def _argument(r: Reading, i: int) -> bool:
    return r.pos[i] in ("NOUN", "PROPN") and r.lemma[i] not in TIME and not r.dep[i].endswith((":unmarked", ":poss"))


def name_or_noun(r: Reading, i: int) -> str:
    n = r.name_of[i]
    return r.names[n].label if n >= 0 else "noun"


def _exchanged(r: Reading, verb: int, a: int, b: int) -> Draft | None:
    roles = [r.dep[i].split(":")[0] for i in (a, b)]
    subject = "nsubj" in roles
    if roles == ["nsubj", "nsubj"] or not {"nsubj", "obj"} & set(roles):
        return None
    kinds = [name_or_noun(r, i) for i in (a, b)]
    oblique = any(role in ("obl", "nmod") and not r.dep[i].endswith("agent") for role, i in zip(roles, (a, b), strict=True))
    # An oblique may be a place or a time: it takes the other's part only where both are the same kind of thing.
    if oblique and not ((kinds[0] == kinds[1] and kinds[0] != "noun") or (kinds == ["noun", "noun"] and _persons(r, a, b))):
        return None
    if not oblique and kinds[0] != kinds[1] and not (set(kinds) <= FITS | {"NAME", "noun"}):
        return None
    if subject and plural(r, a) != plural(r, b):
        return None
    x, y = stretch(r, a), stretch(r, b)
    if not x or not y or x[1] >= y[0] or same_name(r.said(*x), r.said(*y)) or r.lemma[a] == r.lemma[b]:
        return None
    if any(r.pos[k] == "PRON" for s in (x, y) for k in range(s[0], s[1] + 1)):
        return None
    edits = exchange(r, x, y)
    return Draft("role_binding", r.sentence[verb], edits, f"{r.said(*x)} ↔ {r.said(*y)}")


def _persons(r: Reading, *heads: int) -> bool:
    from inspector.divergence.lexicon import lexicon

    return all(lexicon().is_a(r.lemma[i], "person", "n", most=2, limit=6) for i in heads)


__all__ = ["Edit", "drafts"]
