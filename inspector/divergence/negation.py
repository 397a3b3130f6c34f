"""Negation and exception: a cue lost, added, or its scope moved.

Cues are words (not, without, except, fail), and prefixes and endings whose stem is a word of its own (un-, in-, -less). What a
cue governs is the clause it stands in; two cues are the same when they govern the same words.
"""

from __future__ import annotations

from collections.abc import Iterator

from inspector.divergence.cues import Cue
from inspector.divergence.exchange import exchange
from inspector.divergence.finding import Finding, place
from inspector.divergence.lexicon import lexicon
from inspector.divergence.pairing import ANEW, Change, Pair
from inspector.divergence.reading import LIGHT, Reading


def find(p: Pair) -> Iterator[Finding]:
    a, b = p.source, p.reconstruction
    left = [c for c in p.cues if near_change(p, c, True)]
    right = [c for c in p.new_cues if near_change(p, c, False)]
    for c in p.cues:
        if c in left:
            continue
        d = next((d for d in p.new_cues if d.token == p.match[c.token]), None)
        if d is not None and d not in right and reshaped(p, c, d):
            yield Finding(
                "negation",
                "minor",
                "moved",
                place(a, c.token),
                place(b, d.token),
                "negation.reshaped",
                {"source": a.words[c.token]},
                0.4,
            )
    taken: set[int] = set()
    lost: list[Cue] = []
    for c in left:
        found = same_cue(p, c, right, taken)
        if found is None:
            lost.append(c)
        else:
            taken.add(found.token)
            if moved(p, c, found) or reshaped(p, c, found):
                yield Finding(
                    "negation",
                    "serious" if surely_moved(p, c, found) else "minor",
                    "moved",
                    place(a, c.token),
                    place(b, found.token),
                    "negation.moved",
                    {"source": a.words[c.token], "scope": a.words[target(a, c)], "now": b.words[target(b, found)]},
                    0.6,
                )
    new = [c for c in right if c.token not in taken]
    for c in list(lost):
        # Another way to say it: "not possible" and "impossible", "unable to" and "cannot", "without" and "lacks".
        other = next((d for d in new if equivalent(p, c, d)), None) or next((d for d in new if near_by(p, c, d)), None)
        if other is not None:
            lost.remove(c)
            new.remove(other)
            if not about_same(p, c, other):
                yield Finding(
                    "negation",
                    "minor",
                    "moved",
                    place(a, c.token),
                    place(b, other.token),
                    "negation.moved",
                    {"source": a.words[c.token], "scope": a.words[c.scope], "now": b.words[other.scope]},
                    0.45,
                )
    for c in lost:
        sure = certain(p, c, True)
        if sure is None:
            continue
        yield Finding(
            "negation",
            "serious" if sure else "minor",
            "dropped",
            place(a, c.token),
            instead(p, c),
            "negation.dropped",
            {"source": a.words[c.token], "scope": a.words[c.scope]},
            0.9 if sure else 0.5,
        )
    for c in new:
        sure = certain(p, c, False)
        if sure is None:
            continue
        back = p.back[c.token]
        yield Finding(
            "negation",
            "serious" if sure else "minor",
            "added",
            place(a, back) if back >= 0 else None,
            place(b, c.token),
            "negation.added",
            {"reconstruction": b.words[c.token], "scope": b.words[c.scope]},
            0.9 if sure else 0.5,
        )


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
        # "…, except Thorin" and "Except for …": the same word elsewhere in what was this sentence.
        if (
            d.token not in taken
            and p.source.lower[c.token] == p.reconstruction.lower[d.token]
            and p.match[c.token] < 0
            and near_by(p, c, d)
        ):
            return d
    for d in right:
        if d.token not in taken and d.kind == c.kind and p.match[c.scope] == d.scope and p.kept(c.scope):
            return d
    return None


def moved(p: Pair, c: Cue, d: Cue) -> bool:
    """The cue is said of another word now."""
    mine, theirs = target(p.source, c), target(p.reconstruction, d)
    if p.match[mine] == theirs or p.source.lemma[mine] == p.reconstruction.lemma[theirs]:
        return False
    return p.source.content[mine] or p.reconstruction.content[theirs]


def reshaped(p: Pair, c: Cue, d: Cue) -> bool:
    """Something that the cue covered is gone, or something new is covered.

    "not fair to rich and poor" → "not fair to the poor".
    """
    a, b = p.source, p.reconstruction
    mine, theirs = below(a, target(a, c)) | below(a, c.token), below(b, target(b, d)) | below(b, d.token)
    lost = any(a.content[i] and p.match[i] < 0 for i in mine)
    new = any(b.content[j] and p.back[j] < 0 for j in theirs)
    strayed = any(a.content[i] and p.match[i] >= 0 and p.kept(i) and p.moved[i] and p.match[i] not in theirs for i in mine)
    return lost or new or strayed


def below(r: Reading, i: int) -> set[int]:
    """The word and what hangs on it, two steps down, adverbs and clauses aside."""
    kids = [c for c in r.children[i] if r.dep[c] not in ("punct", "advcl", "parataxis", "acl:relcl", "discourse", "mark")]
    return {i, *kids, *(g for c in kids for g in r.children[c] if r.dep[g] in ("conj", "nmod", "obj", "obl", "xcomp", "amod"))}


def target(r: Reading, c: Cue) -> int:
    """What the cue is said of: for "unhappy" the noun it describes or its subject, else the word in its scope."""
    if c.kind != "affix" or c.scope != c.token:
        return c.scope
    subject = r.child(c.token, "nsubj")
    return subject if subject is not None else r.head[c.token]


def surely_moved(p: Pair, c: Cue, d: Cue) -> bool:
    """Both words are in both texts, and nothing around was written anew."""
    mine, theirs = target(p.source, c), target(p.reconstruction, d)
    back = p.back[theirs]
    steady = p.kept(mine) and back >= 0 and p.kept(back) and p.source.content[mine] and p.source.content[back]
    if c.kind == "except" and steady and p.moved[mine] | p.moved[back]:
        return True
    return steady and c.kind in ("not", "except") and not written_anew(p, c, True)


def equivalent(p: Pair, c: Cue, d: Cue) -> bool:
    """A cue lost and a cue new in the same change, or within one clause."""
    n, m = p.change_of[c.token], p.change_at[d.token]
    if n >= 0 and n == m:
        return True
    if p.match[c.scope] == d.scope and p.kept(c.scope):
        return True
    return m >= 0 and n >= 0 and abs(n - m) <= 1 and (c.kind != "affix" or d.kind != "affix")


def near_by(p: Pair, c: Cue, d: Cue) -> bool:
    """In one sentence: what the source denies one way is most likely denied another way."""
    j = d.token
    first, last = p.reconstruction.sentences[p.reconstruction.sentence[j]]
    return any(p.back[k] >= 0 and p.source.sentence[p.back[k]] == p.source.sentence[c.token] for k in range(first, last + 1))


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
    around = [] if change is None else surroundings(p, change, left)
    if any(other.lower[k] in INSTEAD for k in around):
        return None
    if c.kind == "affix":
        bare = [k for k in here if other.lower[k].startswith(c.stem[:5]) or other.lemma[k] == c.stem]
        if bare:
            return bool(len(p_cues(p, not left, change)) == 0 and not written_anew(p, c, left))
        if token >= 0:
            i, j = (c.token, token) if left else (token, c.token)
            if mine.pos[c.token] == other.pos[token] and exchange(p, i, j).relation == "antonym":
                return True
            if exchange(p, i, j).severity == "acceptable":
                return None
        return False
    if c.kind in ("not", "hardly", "except"):
        kept_scope = scope >= 0 and (p.kept(c.scope) if left else p.came(c.scope))
        if kept_scope and change is not None and change.size <= 4 and not any(other.content[k] for k in here):
            alone = change.size == 1 and not here  # nothing but the cue came or went
            if alone or not written_anew(p, c, left):
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


# Words that say "not" in other ways: "has yet to", "far from", "other than", "sugar-free", "contrary to".
INSTEAD = frozenset(
    "partially partly half semi almost nearly hardly barely little less poorly minor only zero yet far other "
    "contrary free away instead rather short beyond opposed lacking aside opposite contrast stop stopped".split()
)


def surroundings(p: Pair, change: Change, left: bool) -> range:
    """Tokens of the other side in and just beside the change."""
    low, high = (change.before[1], change.after[1]) if left else (change.before[0], change.after[0])
    size = len(p.reconstruction if left else p.source)
    return range(max(low - 2, 0), min(high + 4, size))


def written_anew(p: Pair, c: Cue, left: bool) -> bool:
    i = c.token if left else p.back[c.token] if p.back[c.token] >= 0 else p.back[c.scope]
    return i >= 0 and p.rewritten[p.source.sentence[i]] > ANEW


def p_cues(p: Pair, left: bool, change: Change | None) -> list[Cue]:
    """Cues inside a change, of one side."""
    if change is None:
        return []
    inside = set(change.source if left else change.reconstruction)
    return [c for c in (p.cues if left else p.new_cues) if c.token in inside]
