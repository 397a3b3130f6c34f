"""Cues of negation and exception, and what they govern.

Cues are words (not, without, except, fail), and prefixes and endings whose stem is a word of its own (un-, in-, -less).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from inspector.divergence.lexicon import lexicon
from inspector.divergence.reading import Reading

NOT = frozenset("not n't never no nobody nothing none neither nor nowhere cannot without".split())
HARDLY = frozenset("hardly scarcely barely rarely seldom few little infrequently".split())
VERBS = frozenset(
    "fail refuse lack avoid prevent deny refrain cease reject exclude forbid prohibit decline omit neglect stop ban "
    "dislike disagree "
    "disapprove disappear dissuade discontinue abstain".split()
)
NOUNS = frozenset("lack absence failure refusal inability impossibility disagreement disadvantage disapproval".split())
ADJECTIVES = frozenset("unable absent devoid incapable impossible void free empty".split()) - {"free", "empty"}
EXCEPT = frozenset("except excepting excluding barring unless only besides unlike apart aside".split())
PREFIXES = ("un", "in", "im", "ir", "il", "non", "dis")
NOT_NEGATIVE = frozenset(
    "under until unto union unite unit unique uniform universe universal university understand uncle income indeed "
    "industry interest into "
    "inside instead include increase influence inform information institute intend international internet invest "
    "involve invite important "
    "improve image imagine immediate impact import impress irish island illustrate discuss discover disease display "
    "dispute district "
    "distance distribute distinct disaster discipline dismiss unless input insight intense initial inner indicate "
    "individual inspire "
    "install instance instruct instrument insure invent invade indian income india italian indoor index infant "
    "infer inherit inhabit "
    "impose imply implement distance disk dish district interior internal interim ill iron inch implant impart unison uncover "
    "inflame inhabitant distill disc undergo undertake undo invaluable inflammable innate incorporate income intern "
    "intent instant unlock".split()
)


@dataclass(frozen=True)
class Cue:
    token: int
    kind: str  # not | hardly | verb | noun | affix | except
    stem: str  # for an affix: what is negated
    scope: int  # the word whose truth it turns


def cues(r: Reading) -> list[Cue]:
    found = []
    for i, low in enumerate(r.lower):
        pos, lemma = r.pos[i], r.lemma[i]
        if low in NOT:
            if low == "no" and (pos == "INTJ" or r.lower[i + 1 : i + 2] == ["."]):
                continue
            if low in ("not", "n't") and r.lower[i + 1 : i + 2] in (["only"], ["just"], ["merely"], ["simply"]):
                continue
            found.append(Cue(i, "not", "", governed(r, i)))
        elif low in ("few", "little") and i and r.lower[i - 1] in ("a", "the", "last", "past", "next", "these", "those", "first"):
            continue
        elif low in HARDLY and pos in ("ADV", "ADJ", "DET", "PRON", "NOUN") and not (low == "little" and pos == "ADJ"):
            found.append(Cue(i, "hardly", "", governed(r, i)))
        elif low in EXCEPT and not (low == "only" and i and r.lower[i - 1] in ("not", "n't")):
            found.append(Cue(i, "except", "", governed(r, i)))
        elif lemma in VERBS and pos in ("VERB", "AUX"):
            below = next((c for c in r.children[i] if r.dep[c] in ("xcomp", "ccomp", "advcl", "obj", "obl")), i)
            found.append(Cue(i, "verb", "", below))
        elif lemma in NOUNS and pos == "NOUN":
            found.append(Cue(i, "noun", "", next((c for c in r.children[i] if r.dep[c] in ("nmod", "acl")), i)))
        elif lemma in ADJECTIVES:
            found.append(
                Cue(
                    i,
                    "affix" if lemma in ("unable", "incapable", "impossible") else "verb",
                    {"unable": "able", "incapable": "capable", "impossible": "possible"}.get(lemma, ""),
                    next((c for c in r.children[i] if r.dep[c] in ("xcomp", "obl", "ccomp")), i),
                )
            )
        elif (stem := negated(low, pos)) is not None:
            found.append(Cue(i, "affix", stem, i))
        elif low == "longer" and i and r.lower[i - 1] == "no":
            continue
    return found


def governed(r: Reading, i: int) -> int:
    """The word a cue turns: its head, or for "nobody" and the like the predicate they belong to."""
    if r.lower[i] in ("nobody", "nothing", "none", "neither") and r.dep[i] != "det":
        return r.head[i]
    if r.lower[i] in ("not", "n't") and r.head[i] == i:
        return min(i + 1, len(r) - 1)
    return r.head[i]


@lru_cache(maxsize=16384)
def negated(word: str, pos: str) -> str | None:
    """Stem of "unhappy", "irregular", "harmless", "nonviolent"; None where there is no such stem."""
    if pos not in ("ADJ", "ADV", "VERB", "NOUN") or len(word) < 5 or word in NOT_NEGATIVE:
        return None
    table = lexicon()
    if word.endswith("less") and len(word) > 6 and table.known(word[:-4], "n"):
        return word[:-4]
    if word.endswith("lessly") and table.known(word[:-6], "n"):
        return word[:-6]
    for prefix in PREFIXES:
        stem = word[len(prefix) :].lstrip("-")
        if not word.startswith(prefix) or len(stem) < 4:
            continue
        kinds = "a" if pos != "NOUN" else "n"
        for q in {"ADJ": "ar", "ADV": "ar", "VERB": "va", "NOUN": "n"}[pos]:
            base = stem
            for ending, new in (("", ""), ("ed", ""), ("ed", "e"), ("ly", ""), ("ing", ""), ("d", "")):
                if stem.endswith(ending) and table.known(stem[: len(stem) - len(ending)] + new, q):
                    base = stem[: len(stem) - len(ending)] + new
                    named = table.antonyms(word, stem, "a") or table.antonyms(word, stem, "n") or table.antonyms(word, stem, "r")
                    participle = prefix in ("un", "non") and (stem.endswith("ed") or kinds == "a")
                    adverb = word.endswith("ly") and table.antonyms(word[:-2], stem[:-2], "a")
                    # With in- and dis- only opposites that WordNet names: "informative" is not the opposite of "formative".
                    if named or adverb or participle or prefix == "non":
                        return base if not stem.endswith(("ed", "ing")) else stem
        if (
            prefix in ("un", "non")
            and stem.endswith("ed")
            and any(table.known(stem[:-k] + e, "v") for k in (1, 2) for e in ("", "e"))
        ):
            return stem
        if prefix in ("un", "non") and table.known(stem, "a"):
            return stem
    return None
