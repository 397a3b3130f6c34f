"""Negation and exception: a cue lost, added, or its scope moved.

Cues are words (not, without, except, fail), and prefixes and endings whose stem is a word of its own (un-, in-, -less). What a cue
governs is the clause it stands in; two cues are the same when they govern the same words.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from inspector.divergence.exchange import exchange
from inspector.divergence.finding import Finding, place
from inspector.divergence.lexicon import lexicon
from inspector.divergence.pairing import Pair
from inspector.divergence.reading import LIGHT, Reading

NOT = frozenset("not n't never no nobody nothing none neither nor nowhere cannot without".split())
HARDLY = frozenset("hardly scarcely barely rarely seldom few little infrequently".split())
VERBS = frozenset(
    "fail refuse lack avoid prevent deny refrain cease reject exclude forbid prohibit decline omit neglect stop ban dislike disagree "
    "disapprove disappear dissuade discontinue abstain".split()
)
NOUNS = frozenset("lack absence failure refusal inability impossibility disagreement disadvantage disapproval".split())
ADJECTIVES = frozenset("unable absent devoid incapable impossible void free empty".split()) - {"free", "empty"}
EXCEPT = frozenset("except excepting excluding barring unless only besides unlike apart aside".split())
PREFIXES = ("un", "in", "im", "ir", "il", "non", "dis")
NOT_NEGATIVE = frozenset(
    "under until unto union unite unit unique uniform universe universal university understand uncle income indeed industry interest into "
    "inside instead include increase influence inform information institute intend international internet invest involve invite important "
    "improve image imagine immediate impact import impress irish island illustrate discuss discover disease display dispute district "
    "distance distribute distinct disaster discipline dismiss unless input insight intense initial inner indicate individual inspire "
    "install instance instruct instrument insure invent invade indian income india italian indoor index infant infer inherit inhabit "
    "impose imply implement distance disk dish district interior internal interim ill iron inch implant impart unison uncover "
    "inflame inhabitant distill disc undergo undertake undo invaluable inflammable innate incorporate income intern intent instant unlock".split()
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
            if low in ("not", "n't") and r.lower[i + 1 : i + 2] == ["only"]:
                continue
            found.append(Cue(i, "not", "", governed(r, i)))
        elif low in ("few", "little") and i and r.lower[i - 1] in ("a", "the", "last", "past", "next", "these", "those", "first"):
            continue
        elif low in HARDLY and pos in ("ADV", "ADJ", "DET", "PRON", "NOUN") and not (low == "little" and pos == "ADJ"):
            found.append(Cue(i, "hardly", "", governed(r, i)))
        elif low in EXCEPT:
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
                    "able" if lemma == "unable" else "",
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
                    if (
                        named
                        or participle
                        or prefix == "non"
                        or (prefix in ("in", "im", "ir", "il", "dis") and pos in ("ADJ", "ADV") and table.known(stem, "a"))
                    ):
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


def find(p: Pair) -> Iterator[Finding]:
    a, b = p.source, p.reconstruction
    left = [c for c in cues(a) if near_change(p, c, True)]
    right = [c for c in cues(b) if near_change(p, c, False)]
    taken: set[int] = set()
    lost: list[Cue] = []
    for c in left:
        found = same_cue(p, c, right, taken)
        if found is None:
            lost.append(c)
        else:
            taken.add(found.token)
            if moved(p, c, found):
                yield Finding(
                    "negation", "serious" if p.how[c.token] == "same" and c.kind in ("not", "except") else "minor", "moved", place(a, c.token), place(b, found.token), "negation.moved",
                    {"source": a.words[c.token], "scope": a.words[c.scope], "now": b.words[found.scope]}, 0.6,
                )  # fmt: skip
    new = [c for c in right if c.token not in taken]
    for c in list(lost):
        # Another way to say it: "not possible" and "impossible", "unable to" and "cannot", "without" and "lacks".
        other = next((d for d in new if equivalent(p, c, d)), None)
        if other is not None:
            lost.remove(c)
            new.remove(other)
            if not about_same(p, c, other):
                yield Finding(
                    "negation", "minor", "moved", place(a, c.token), place(b, other.token), "negation.moved",
                    {"source": a.words[c.token], "scope": a.words[c.scope], "now": b.words[other.scope]}, 0.45,
                )  # fmt: skip
    for c in lost:
        sure = certain(p, c, True)
        if sure is None:
            continue
        yield Finding(
            "negation", "serious" if sure else "minor", "dropped", place(a, c.token), instead(p, c), "negation.dropped",
            {"source": a.words[c.token], "scope": a.words[c.scope]}, 0.9 if sure else 0.5,
        )  # fmt: skip
    for c in new:
        sure = certain(p, c, False)
        if sure is None:
            continue
        back = p.back[c.token]
        yield Finding(
            "negation", "serious" if sure else "minor", "added", place(a, back) if back >= 0 else None, place(b, c.token), "negation.added",
            {"reconstruction": b.words[c.token], "scope": b.words[c.scope]}, 0.9 if sure else 0.5,
        )  # fmt: skip


def near_change(p: Pair, c: Cue, left: bool) -> bool:
    """The cue or its scope stands in or beside something that changed."""
    if left:
        return not (p.how[c.token] == "same" and p.how[c.scope] == "same" and not p.moved[c.token] and not p.moved[c.scope])
    i, s = p.back[c.token], p.back[c.scope]
    return not (i >= 0 and s >= 0 and p.how[i] == "same" and p.how[s] == "same" and not p.moved[i] and not p.moved[s])


def same_cue(p: Pair, c: Cue, right: list[Cue], taken: set[int]) -> Cue | None:
    """The reconstruction's cue that is this one: its pair, or the same kind over the same word."""
    j = p.match[c.token]
    for d in right:
        if d.token not in taken and d.token == j and p.kept(c.token):
            return d
    for d in right:
        if d.token not in taken and d.kind == c.kind and p.match[c.scope] == d.scope and p.kept(c.scope):
            return d
    return None


def moved(p: Pair, c: Cue, d: Cue) -> bool:
    """The cue turns another word now, one that the source has too."""
    if c.kind not in ("not", "except", "hardly", "verb"):
        return False
    j = p.match[c.scope]
    if j == d.scope:
        return False
    back = p.back[d.scope]
    return (
        p.kept(c.scope)
        and back >= 0
        and p.kept(back)
        and back != c.scope
        and p.source.content[c.scope]
        and p.source.content[back]
    )


def equivalent(p: Pair, c: Cue, d: Cue) -> bool:
    """A cue lost and a cue new in the same change, or within one clause."""
    n, m = p.change_of[c.token], p.change_at[d.token]
    if n >= 0 and n == m:
        return True
    if p.match[c.scope] == d.scope and p.kept(c.scope):
        return True
    return m >= 0 and n >= 0 and abs(n - m) <= 1 and (c.kind != "affix" or d.kind != "affix")


def about_same(p: Pair, c: Cue, d: Cue) -> bool:
    return (
        p.match[c.scope] == d.scope
        or p.match[c.scope] < 0
        or p.match[c.token] == d.token
        or not p.kept(c.scope)
        or c.kind == "affix"
        or d.kind == "affix"
    )


def instead(p: Pair, c: Cue) -> tuple[int, int] | None:
    j = p.match[c.token]
    if j >= 0:
        return place(p.reconstruction, j)
    k = p.match[c.scope]
    return place(p.reconstruction, k) if k >= 0 else None


def certain(p: Pair, c: Cue, left: bool) -> bool | None:
    """Whether the truth of something kept was turned: True sure, False possible, None no matter.

    Sure: the stem of an affix stands there bare, or a word of negation came or went and what it turns stayed in its place.
    """
    a, b = p.source, p.reconstruction
    mine, other = (a, b) if left else (b, a)
    token = (p.match if left else p.back)[c.token]
    scope = (p.match if left else p.back)[c.scope]
    change = (
        p.changes[p.change_of[c.token] if left else p.change_at[c.token]]
        if (p.change_of[c.token] if left else p.change_at[c.token]) >= 0
        else None
    )
    here = [] if change is None else (change.reconstruction if left else change.source)
    if c.kind == "affix":
        bare = [k for k in here if other.lower[k].startswith(c.stem[:5]) or other.lemma[k] == c.stem]
        if bare:
            return True
        if token >= 0:
            i, j = (c.token, token) if left else (token, c.token)
            if mine.pos[c.token] == other.pos[token] and exchange(p, i, j).relation == "antonym":
                return True
            if exchange(p, i, j).severity == "acceptable":
                return None
        return False
    if c.kind in ("not", "hardly", "except"):
        kept_scope = scope >= 0 and (p.kept(c.scope) if left else p.came(c.scope))
        if kept_scope and change is not None and change.size <= 4:
            return True
        if any(opposite(mine, c, other, k) for k in here):
            return None
        return False
    if token >= 0:
        i, j = (c.token, token) if left else (token, c.token)
        found = exchange(p, i, j)
        if found.relation == "antonym":
            return True
        if found.severity == "acceptable":
            return None
    return False


def opposite(mine: Reading, c: Cue, other: Reading, k: int) -> bool:
    """ "not often" became "rarely", "not the same" became "different"."""
    if mine.lemma[c.scope] in LIGHT or not other.content[k]:
        return False
    return any(lexicon().antonyms(mine.lemma[c.scope], other.lemma[k], q) for q in "avnr")
