"""How much one word is like another, and whether exchanging them changes what is said."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from inspector.divergence.lexicon import POS, lexicon
from inspector.divergence.reading import LIGHT, Reading

# Spelling of the same word, and pairs that no dictionary of meanings links.
SAME = {
    frozenset(x.split("/"))
    for x in "toward/towards among/amongst while/whilst grey/gray n't/not 's/is ca/can wo/will %/percent &/and".split()
}


@dataclass(frozen=True)
class Likeness:
    worth: float  # for the pairing; 0 or below: never a pair
    how: str  # same | form | derived | synonym | changed


# How much of the whole a word speaks of, from none to all.
QUANTIFIERS = {
    "all": 6, "every": 6, "each": 6, "both": 6, "always": 6, "entirely": 6, "completely": 6, "most": 5, "mostly": 5, "usually": 5,
    "generally": 5, "often": 4, "many": 4, "much": 4, "several": 3, "some": 3, "sometimes": 3, "partly": 3,
    "partially": 3, "any": 3,
    "few": 2, "rarely": 2, "seldom": 2, "hardly": 2, "no": 1, "none": 1, "never": 1,
}  # fmt: skip
NOTHING = Likeness(0.0, "changed")


def likeness(a: Reading, i: int, b: Reading, j: int) -> Likeness:
    """Word i of one text and word j of the other."""
    x, y = a.lower[i], b.lower[j]
    heavy = a.content[i] or b.content[j]
    if x == y:
        name = a.name_of[i] >= 0 or a.pos[i] == "NUM"
        return Likeness(3.2 if name else 3.0 if heavy else 1.0 if x[:1].isalnum() else 0.4, "same")
    if (a.lemma[i] == b.lemma[j] and x[:1].isalpha()) or frozenset((x, y)) in SAME:
        return Likeness(2.6 if heavy else 0.9, "form")
    if x in QUANTIFIERS and y in QUANTIFIERS:
        return Likeness(0.9, "changed")
    named = a.name_of[i] >= 0, b.name_of[j] >= 0
    if all(named) or a.pos[i] == b.pos[j] == "NUM":
        return Likeness(0.9, "changed")
    if not heavy:
        alike = a.pos[i] == b.pos[j] and a.pos[i] not in ("PUNCT", "SYM", "X")
        return Likeness(0.35 if alike else 0.0, "changed") if alike else NOTHING
    if a.content[i] != b.content[j]:
        pronoun = (a.pos[i] == "PRON" and b.pos[j] in ("NOUN", "PROPN")) or (b.pos[j] == "PRON" and a.pos[i] in ("NOUN", "PROPN"))
        return Likeness(0.4, "changed") if pronoun else NOTHING
    if not any(named):
        related = relation(a.lemma[i], a.pos[i], b.lemma[j], b.pos[j])
        if related in ("synonym", "derived"):
            return Likeness(1.9, related)
        if related in ("broader", "narrower") and lexicon().listed(a.lemma[i], b.lemma[j]):
            return Likeness(1.9, "synonym")  # put otherwise; that it says less or more is the exchange's to judge
    near = cosine(a, i, b, j)
    if a.pos[i] == b.pos[j] or {a.pos[i], b.pos[j]} == {"NOUN", "PROPN"}:
        return Likeness(0.6 + 0.8 * max(near, 0.0), "changed")
    return Likeness(0.15 + 0.4 * max(near, 0.0), "changed") if near > 0.3 else NOTHING


def cosine(a: Reading, i: int, b: Reading, j: int) -> float:
    return 0.0 if a.vectors is None or b.vectors is None else float(a.vectors[i] @ b.vectors[j])


@lru_cache(maxsize=65536)
def relation(x: str, pos_x: str, y: str, pos_y: str) -> str | None:
    """synonym | derived | antonym | broader | narrower | sibling | None, by WordNet."""
    p, q = POS.get(pos_x), POS.get(pos_y)
    if p is None or q is None or x in LIGHT or y in LIGHT:
        return None
    table = lexicon()
    if p == q:
        if table.antonyms(x, y, p):
            return "antonym"
        if table.synonyms(x, y, p):
            return "synonym"
        if p in "nv":
            if table.is_a(x, y, p, limit=2):
                return "broader"
            if table.is_a(y, x, p, limit=2):
                return "narrower"
        if table.listed(x, y):
            return "synonym"
        return "sibling" if p in "nv" and table.steps(x, y, p, limit=2) is not None else None
    if table.derived(x, p, y, q) or stem(x) == stem(y):
        return "derived"
    if table.listed(x, y):
        return "synonym"
    # decide / made the choice: a synonym of what it is derived from
    for word, pos in table.family(y, q):
        if pos == p and table.synonyms(x, word, p, 3):
            return "derived"
    return None


def stem(word: str) -> str:
    """Rough: what is left without the commonest endings; for words of five letters and more."""
    for ending in ("ation", "ment", "ness", "ing", "ion", "ed", "ly", "er", "or", "al", "ity", "ive", "y", "e", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word
