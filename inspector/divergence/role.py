"""Who did what to whom: arguments swapped, moved to another role, lost or new."""

from __future__ import annotations

from collections.abc import Iterator

from inspector.divergence.finding import Finding, phrase
from inspector.divergence.frames import Frame, frames
from inspector.divergence.names import same_name
from inspector.divergence.pairing import Pair
from inspector.divergence.reading import Reading


def find(p: Pair) -> Iterator[Finding]:
    a, b = p.source, p.reconstruction
    left, right = frames(a), frames(b)
    settled: set[int] = set()  # words whose part a frame has told
    for v, f in left.items():
        w = p.match[v]
        if w in right and p.kept(v) and p.touched(a.sentence[v]):
            found = compare(p, f, right[w])
            settled.update(i for fillers in f.roles.values() for i in fillers)
            if found is not None:
                yield found
    yield from crossings(p, settled)


PARTS = (("A0", "A1"), ("A0", "A2"), ("A1", "A2"))


def compare(p: Pair, f: Frame, g: Frame) -> Finding | None:
    """Two frames of the same predicate: which two of its parts changed places, if any."""
    a, b = p.source, p.reconstruction
    now: dict[str, str] = {}  # role in the source → role its filler has now
    for role, fillers in f.roles.items():
        for i in fillers:
            other = holder(p, i, g)
            if other is not None and other != role and not any(same(p, i, j) for j in g.roles.get(role, ())):
                now[role] = other
    for one, two in PARTS:
        both = now.get(one) == two and now.get(two) == one
        either = now.get(one) == two or now.get(two) == one
        if both or (either and certain(p, f, g, one, two)):
            break
    else:
        return None

    def said(r: Reading, frame: Frame, role: str) -> str:
        return r.name_text(frame.roles[role][0]) if frame.roles.get(role) else "…"

    whole = [f.predicate, *(i for role in (one, two) for i in f.roles.get(role, ()))]
    then = [g.predicate, *(j for role in (one, two) for j in g.roles.get(role, ()))]
    arguments = {
        "agent": said(a, f, one),
        "patient": said(a, f, two),
        "verb": a.words[f.predicate],
        "now_agent": said(b, g, one),
        "now_patient": said(b, g, two),
        "now_verb": active(b, g.predicate, a.words[f.predicate]),
        "who": said(a, f, one if one in now else two),
    }
    return Finding(
        "role",
        "serious",
        "swapped",
        stretch(a, whole, f.predicate),
        stretch(b, then, g.predicate),
        "role.swapped" if both else "role.moved",
        arguments,
        0.9 if both else 0.65,
    )


def active(r: Reading, i: int, otherwise: str) -> str:
    """The verb as an active clause says it: a participle gives way to the source's own form."""
    return otherwise if r.tag[i] == "VBN" else r.words[i]


def certain(p: Pair, f: Frame, g: Frame, one: str, two: str) -> bool:
    """Both are finite clauses that keep both parts: one moved argument is no slip of the parser."""
    a, b = p.source, p.reconstruction
    if not {one, two} <= set(f.roles) or not {one, two} <= set(g.roles):
        return False
    return not a.dep[f.predicate].startswith(("acl", "amod")) and not b.dep[g.predicate].startswith(("acl", "amod"))


def holder(p: Pair, i: int, g: Frame) -> str | None:
    """The role of g that the source's word i fills now."""
    for role, fillers in g.roles.items():
        if any(same(p, i, j) for j in fillers):
            return role
    return None


def same(p: Pair, i: int, j: int) -> bool:
    """Word i of the source and word j of the reconstruction stand for the same thing."""
    a, b = p.source, p.reconstruction
    if p.match[i] == j and p.kept(i):
        return True
    if a.pos[i] not in ("NOUN", "PROPN") or b.pos[j] not in ("NOUN", "PROPN"):
        return False
    if a.name_of[i] >= 0 and b.name_of[j] >= 0:
        return same_name(a.name_text(i), b.name_text(j))
    if a.lemma[i] != b.lemma[j]:
        return False
    # The same noun may name two things: "the red car hit the blue car".
    mine = {a.lemma[c] for c in a.children[i] if a.dep[c] in ("amod", "compound", "nmod:poss", "nummod")}
    theirs = {b.lemma[c] for c in b.children[j] if b.dep[c] in ("amod", "compound", "nmod:poss", "nummod")}
    return mine == theirs or not mine or not theirs


def stretch(r: Reading, tokens: list[int], predicate: int) -> tuple[int, int]:
    """Code points from the first to the last of the tokens, in the predicate's sentence."""
    inside = [t for t in tokens if r.sentence[t] == r.sentence[predicate]]
    first, last = phrase(r, min(inside))[0], phrase(r, max(inside))[1]
    return r.span(min(first, min(inside)), max(last, max(inside)))


NAMING = {"NOUN", "PROPN", "NUM"}
SWAPPED = NAMING | {"ADJ", "VERB"}


def crossings(p: Pair, settled: set[int]) -> Iterator[Finding]:
    """Two words of one sort that stand in each other's place, where no frame tells: "X is the capital of Y"."""
    done: set[tuple[int, int]] = set()
    a, b = p.source, p.reconstruction
    for n, change in enumerate(p.changes):
        for i in change.source:
            if p.match[i] < 0 or not p.kept(i) or not p.moved[i] or a.pos[i] not in SWAPPED:
                continue
            j = p.match[i]
            m = p.change_at[j]
            if m < 0 or m == n:
                continue
            other = p.changes[m]
            partner = next(
                (
                    k
                    for k in other.source
                    if p.match[k] in change.reconstruction
                    and p.kept(k)
                    and (a.pos[k] == a.pos[i] or {a.pos[k], a.pos[i]} <= NAMING)
                    and a.lemma[k] != a.lemma[i]
                ),
                None,
            )
            if (
                partner is None
                or (i in settled and partner in settled)
                or (min(i, partner), max(i, partner)) in done
                or abs(a.sentence[i] - a.sentence[partner]) > 1
            ):
                continue
            if not exchanged(a, i, partner, b, j, p.match[partner]):
                continue
            done.add((min(i, partner), max(i, partner)))
            low, high = sorted((i, partner))
            now = sorted((p.match[low], p.match[high]))
            core = a.dep[low].split(":")[0] in ("nsubj", "obj", "iobj") or a.dep[high].split(":")[0] in ("nsubj", "obj", "iobj")
            kinds = {a.pos[low], a.pos[high]}
            kind = "role" if core else "modifier" if "ADJ" in kinds else "predicate" if "VERB" in kinds else "relation"
            yield Finding(
                kind,
                "serious",
                "swapped",
                stretch(a, [low, high], low),
                stretch(b, now, now[0]),
                "role.places",
                {"first": a.name_text(low), "second": a.name_text(high)},
                0.8,
            )


def exchanged(a: Reading, i: int, k: int, b: Reading, j: int, m: int) -> bool:
    """i stood as k does now and the other way round: same labels, crossed; heads of the same lemma."""

    def way(r: Reading, t: int) -> tuple[str, str]:
        return r.dep[t].split(":")[0], r.lemma[r.head[t]]

    return way(a, i)[0] == way(b, m)[0] and way(a, k)[0] == way(b, j)[0] and way(a, i) != way(b, j)


def f1(p: Pair) -> tuple[float | None, float | None, float | None]:
    """Precision, recall and F1 over (predicate, role, argument): the reconstruction's triples against the source's."""
    left, right = frames(p.source), frames(p.reconstruction)
    mine = [(v, role, i) for v, f in left.items() for role, t in f.roles.items() for i in t]
    theirs = sum(len(t) for f in right.values() for t in f.roles.values())
    if not mine or not theirs:
        return None, None, None
    kept = sum(
        p.match[v] in right and p.kept(v) and any(same(p, i, j) for j in right[p.match[v]].roles.get(role, ()))
        for v, role, i in mine
    )
    precision, recall = min(kept / theirs, 1.0), kept / len(mine)
    return precision, recall, 2 * precision * recall / (precision + recall) if kept else 0.0
