"""Predicate exactness: what is done. A verb becomes another one with the same inflection, and no synonym."""

from __future__ import annotations

from collections.abc import Iterator

from inspector.divergence.lexicon import lexicon
from inspector.divergence.reading import LIGHT, Reading
from inspector.probes.drift.pair import Draft, choose, replace, usable
from inspector.probes.drift.pools import CLAUSAL, CONTRAST, INTRANSITIVE, TRANSITIVE, inflected

LEFT_ALONE = LIGHT | frozenset("become remain base locate situate consist call use seem know refer say follow be include".split())
MOST = 2


def drafts(r: Reading) -> Iterator[Draft]:
    for i, lemma in enumerate(r.lemma):
        if r.pos[i] != "VERB" or r.dep[i] in ("amod", "compound", "fixed", "case", "mark") or not usable(r, r.sentence[i]):
            continue
        if (lemma in LEFT_ALONE and lemma not in CONTRAST) or not r.words[i].isalpha() or not r.tag[i].startswith("VB"):
            continue
        if any(r.dep[c] in ("compound:prt", "fixed", "xcomp", "iobj") for c in r.children[i]) or _hyphen(r, i):
            continue
        options = [o for o in others(r, i) if apart(lemma, o)]
        first = [o for o in CONTRAST.get(lemma, ()) if o in options or apart(lemma, o)]
        old = r.words[i]
        ordered = choose([inflected(o, r.tag[i]) for o in options], old, r.text, i)
        made = [inflected(o, r.tag[i]) for o in first[:1]] + ordered
        for new in made[:MOST]:
            if new.lower() != old.lower():
                yield Draft("predicate_exactness", r.sentence[i], (replace(r, i, i, new),), f"{old} → {new}")


def others(r: Reading, i: int) -> list[str]:
    """Verbs that take what this one has."""
    deps = {r.dep[c].split(":")[0] for c in r.children[i]} | {r.dep[c] for c in r.children[i]}
    if "ccomp" in deps:
        return CLAUSAL
    if (r.tag[i] == "VBN" and not {"aux"} & deps) or deps & {"nsubj:pass", "aux:pass", "obj"}:
        return TRANSITIVE
    return INTRANSITIVE


def apart(a: str, b: str) -> bool:
    """Neither the same, nor synonyms, nor one a kind of the other, by the lexicon."""
    table = lexicon()
    return (
        a != b
        and not table.synonyms(a, b, "v")
        and not table.listed(a, b)
        and (table.antonyms(a, b, "v") or table.steps(a, b, "v", most=2, limit=1) is None)
    )


def _hyphen(r: Reading, i: int) -> bool:
    return (i > 0 and r.words[i - 1] in "-–/") or (i + 1 < len(r) and r.words[i + 1] in "-–/")
