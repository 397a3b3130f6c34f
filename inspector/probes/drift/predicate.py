"""Predicate exactness: what is done. A verb becomes another one with the same inflection, and no synonym."""

from __future__ import annotations

from collections.abc import Iterator

from inspector.divergence.lexicon import lexicon
from inspector.divergence.reading import LIGHT, Reading
from inspector.probes.drift.pair import Draft, draw, replace, tokens, usable
from inspector.probes.drift.pools import ALONE, CLAUSAL, CONTRAST, TRANSITIVE, inflected
from inspector.probes.drift.relation import marker

LEFT_ALONE = LIGHT | frozenset(
    "become remain base locate situate consist call use seem know refer say follow be include name consider regard describe "
    "title entitle need try begin start continue cease tend help let keep compose date dedicate".split()
)
IDIOM = frozenset("place part use care advantage effect note charge office control birth rise way role".split())
ANYWHERE = frozenset("in at during after before until since by on near throughout under".split())
MOST = 2


def drafts(r: Reading) -> Iterator[Draft]:
    for i in range(len(r)):
        if not stands_alone(r, i):
            continue
        lemma, old = r.lemma[i], r.words[i]
        options = [o for o in others(r, i) if apart(lemma, o)]
        named = [o for o in CONTRAST.get(lemma, ()) if apart(lemma, o) and (o in options or others(r, i))][:1]
        near = {o: lexicon().steps(lemma, o, "v", most=3) is None for o in options}
        made = {o: inflected(o, r.tag[i]) for o in (*named, *options)}

        # What is like the verb in kind comes before what is not, so that the altered sentence isn't odd at first sight.
        order = {
            o: (tokens(new) != tokens(old.lower()), o not in named, near.get(o, False), draw(r.text, i, new))
            for o, new in made.items()
        }
        for other in sorted(made, key=order.__getitem__)[:MOST]:
            edits = (replace(r, i, i, made[other]),)
            yield Draft("predicate_exactness", r.sentence[i], edits, f"{old} → {made[other]}")


def stands_alone(r: Reading, i: int) -> bool:
    """A verb with a meaning of its own: no light one, and no part of an idiom or of a phrase that asks for this verb."""
    lemma, kids = r.lemma[i], r.children[i]
    if r.pos[i] != "VERB" or not r.tag[i].startswith("VB") or not r.words[i].isalpha() or not usable(r, r.sentence[i]):
        return False
    does = [c for c in kids if r.lemma[c] == "do" and r.dep[c] == "aux"]
    if does and not any(r.lower[c] in ("not", "n't") for c in kids):  # more likely a noun: he did research
        return False
    if r.dep[i] in ("amod", "compound", "fixed", "case", "mark") or lemma in LEFT_ALONE or r.words[i][0].isupper():
        return False
    if any(r.dep[c] in ("compound:prt", "fixed", "xcomp", "iobj") for c in kids) or len(r.kids(i, "obj")) > 1 or _hyphen(r, i):
        return False
    if any(r.dep[c] == "obj" and r.lemma[c] in IDIOM for c in kids) or any(
        r.lower[k] == "as" and r.head[k] in kids for k in _after(r, i)
    ):
        return False
    return not any(r.pos[k] == "ADP" and r.head[k] == i for k in _after(r, i))


def _after(r: Reading, i: int) -> range:
    return range(i + 1, min(i + 12, r.sentences[r.sentence[i]][1] + 1))


def others(r: Reading, i: int) -> list[str]:
    """Verbs that take what this one has; none where it is bound to a preposition that they would not have."""
    deps = {d for c in r.children[i] for d in (r.dep[c], r.dep[c].split(":")[0])}
    if "ccomp" in deps:
        return CLAUSAL if "obj" not in deps and r.tag[i] != "VBN" else []
    if (r.tag[i] == "VBN" and "aux" not in deps) or deps & {"nsubj:pass", "aux:pass", "obj"}:
        return TRANSITIVE
    bound = {r.lower[m] for c in r.kids(i, "obl") if (m := marker(r, c)) is not None} - ANYWHERE
    return [o for o in ALONE if bound <= ALONE[o]]


def apart(a: str, b: str) -> bool:
    """Neither the same, nor synonyms, nor one a kind of the other, by the lexicon."""
    table = lexicon()
    if a == b or table.synonyms(a, b, "v") or table.listed(a, b):
        return False
    return table.antonyms(a, b, "v") or table.steps(a, b, "v", most=2, limit=1) is None


def _hyphen(r: Reading, i: int) -> bool:
    return (i > 0 and r.words[i - 1] in "-–/") or (i + 1 < len(r) and r.words[i + 1] in "-–/")
