"""Pronouns: a name that became one, one that became a name or another pronoun, and whom it now points to."""

from __future__ import annotations

from collections.abc import Iterator

from inspector.divergence.finding import Finding, phrase, place
from inspector.divergence.names import same_name
from inspector.divergence.pairing import ANEW, Pair
from inspector.divergence.reading import Reading

GROUP = {
    "he": "m", "him": "m", "his": "m", "himself": "m", "she": "f", "her": "f", "hers": "f", "herself": "f", "it": "n",
    "its": "n", "itself": "n",
    "they": "p", "them": "p", "their": "p", "theirs": "p", "themselves": "p", "i": "1", "me": "1", "my": "1",
    "mine": "1", "myself": "1",
    "we": "1p", "us": "1p", "our": "1p", "ours": "1p", "ourselves": "1p", "you": "2", "your": "2", "yours": "2",
}  # fmt: skip
THIRD = ("m", "f", "n", "p")


def find(p: Pair) -> Iterator[Finding]:
    a, b = p.source, p.reconstruction
    done: set[int] = set()
    for n, change in enumerate(p.changes):
        left = [i for i in change.source if a.lower[i] in GROUP]
        right = [
            j
            for j in change.reconstruction
            if (b.lower[j] in GROUP and p.back[j] < 0) or (b.lower[j] in GROUP and p.how[p.back[j]] == "changed")
        ]
        for j in right:
            i = p.back[j] if p.back[j] >= 0 else next((k for k in left if p.match[k] < 0 and k not in done), None)
            if i is not None and a.lower[i] in GROUP:
                done.add(i)
                if GROUP[a.lower[i]] != GROUP[b.lower[j]]:
                    yield pronouns(p, i, j)
                continue
            thing = i if i is not None and a.pos[i] in ("NOUN", "PROPN") else thing_in(p, n, j)
            if thing is not None and GROUP[b.lower[j]] in THIRD:
                f, t = phrase(a, thing)
                yield named(p, (f, t), j)
        for i in left:
            if i in done or p.kept(i) or GROUP[a.lower[i]] not in THIRD:
                continue
            j = (
                p.match[i]
                if p.match[i] >= 0
                else next(
                    (
                        k
                        for k in change.reconstruction
                        if b.pos[k] in ("NOUN", "PROPN")
                        and not p.came(k)
                        and b.dep[k] in ("nsubj", "nsubj:pass", "obj", "obl", "nmod:poss", "ROOT")
                    ),
                    None,
                )
            )
            if j is not None and b.pos[j] in ("NOUN", "PROPN"):
                yield unnamed(p, i, phrase(b, j))


def thing_in(p: Pair, n: int, j: int) -> int | None:
    """The noun or name of the change that pronoun j stands for."""
    a, b = p.source, p.reconstruction
    nouns = [i for i in p.changes[n].source if a.pos[i] in ("NOUN", "PROPN") and not p.kept(i)]
    role = b.dep[j].split(":")[0]
    return next((i for i in nouns if a.dep[i].split(":")[0] == role), nouns[-1] if nouns else None)


def pronouns(p: Pair, i: int, j: int) -> Finding:
    a, b = p.source, p.reconstruction
    x, y = GROUP[a.lower[i]], GROUP[b.lower[j]]
    # Speech reported: "I" becomes "she" when the speaker is named; number of a team: "it" and "they".
    mild = {x, y} == {"n", "p"} or (x in ("1", "1p", "2")) != (y in ("1", "1p", "2"))
    return Finding(
        "coreference",
        "minor" if mild else "serious",
        "substituted",
        place(a, i),
        place(b, j),
        "coreference.pronoun",
        {"source": a.words[i], "reconstruction": b.words[j]},
        0.6 if mild else 0.85,
    )


def named(p: Pair, thing: tuple[int, int], j: int) -> Finding:
    """A name or noun that became a pronoun: harmless when the pronoun finds it again."""
    a, b = p.source, p.reconstruction
    said = a.said(*thing)
    found = antecedent(b, j)
    clear = found is not None and (same_name(said, b.said(*found)) or a.lemma[thing[1]] == b.lemma[found[1]])
    key = "coreference.kept" if clear else "coreference.vanished" if found is None else "coreference.moved"
    return Finding(
        "coreference",
        "acceptable" if clear else "minor" if anew(p, thing[1]) or not clean(p, j) else "serious",
        "substituted",
        place(a, *thing),
        place(b, j),
        key,
        {"source": said, "reconstruction": b.words[j], "antecedent": "" if found is None else b.said(*found)},
        0.6 if clear else 0.75,
    )


def unnamed(p: Pair, i: int, thing: tuple[int, int]) -> Finding:
    """A pronoun that became a name or noun: harmless when it meant that."""
    a, b = p.source, p.reconstruction
    said = b.said(*thing)
    found = antecedent(a, i)
    clear = found is not None and (same_name(said, a.said(*found)) or a.lemma[found[1]] == b.lemma[thing[1]])
    return Finding(
        "coreference",
        "acceptable" if clear else "minor" if found is None or anew(p, i) or not clean(p, thing[1]) else "serious",
        "substituted",
        place(a, i),
        place(b, *thing),
        "coreference.named",
        {"source": a.words[i], "reconstruction": said, "antecedent": "" if found is None else a.said(*found)},
        0.55,
    )


def anew(p: Pair, i: int) -> bool:
    return p.rewritten[p.source.sentence[i]] > ANEW


def clean(p: Pair, j: int) -> bool:
    """Little else changed around token j of the reconstruction."""
    n = p.change_at[j]
    return n >= 0 and min(len(p.changes[n].source), len(p.changes[n].reconstruction)) <= 3


def antecedent(r: Reading, j: int, back: int = 3) -> tuple[int, int] | None:
    """The mention a reader would take a third-person pronoun for: the nearest subject before it of fitting kind, else the
    nearest mention.

    A rule in the manner of Hobbs (1978) cut down to what a shallow tree supports; a guess.
    """
    group = GROUP[r.lower[j]]
    mentions = []
    for i in range(j - 1, -1, -1):
        if r.sentence[j] - r.sentence[i] > back:
            break
        if r.pos[i] not in ("NOUN", "PROPN") or (i + 1 < len(r) and r.name_of[i] >= 0 and r.name_of[i + 1] == r.name_of[i]):
            continue
        if r.dep[i] in ("compound", "flat"):
            continue
        label = r.names[r.name_of[i]].label if r.name_of[i] >= 0 else ""
        plural = r.tag[i] in ("NNS", "NNPS")
        if (group in ("m", "f") and (label in ("LOC", "ORG", "MISC") or plural)) or (group == "n" and (label == "PER" or plural)):
            continue
        if group == "p" and label == "PER" and not plural:
            continue
        if group in ("m", "f") and not label and r.pos[i] == "NOUN" and not person(r.lemma[i]):
            continue
        mentions.append((r.sentence[j] - r.sentence[i], not r.dep[i].startswith("nsubj"), j - i, i))
    return phrase(r, min(mentions)[3]) if mentions else None


def person(noun: str) -> bool:
    from inspector.divergence.lexicon import lexicon

    return lexicon().is_a(noun, "person", "n", most=2, limit=7)
