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
    done: set[tuple[int, int]] = set()
    for v, f in left.items():
        w = p.match[v]
        if w < 0 or not p.touched(a.sentence[v]):
            continue
        if w in right and p.kept(v):
            yield from compare(p, f, right[w])
    yield from crossings(p, done)


def compare(p: Pair, f: Frame, g: Frame) -> Iterator[Finding]:
    """Two frames of the same predicate."""
    a, b = p.source, p.reconstruction
    now: dict[str, str] = {}  # role in the source → role its filler has now
    for role, fillers in f.roles.items():
        for i in fillers:
            other = holder(p, i, g)
            if other is not None and other != role and not any(same(p, i, j) for j in g.roles.get(role, ())):
                now[role] = other
    if not now:
        return
    said = {role: a.name_text(i[0]) for role, i in f.roles.items() if i}
    new = {role: b.name_text(j[0]) for role, j in g.roles.items() if j}
    verb = a.words[f.predicate]
    if now.get("A0") == "A1" or now.get("A1") == "A0":
        whole = [f.predicate, *(i for t in f.roles.values() for i in t)]
        then = [g.predicate, *(j for t in g.roles.values() for j in t)]
        both = "A0" in now and "A1" in now
        if not both and not certain(p, f, g):
            return
        yield Finding(
            "role",
            "serious",
            "swapped",
            stretch(a, whole, f.predicate),
            stretch(b, then, g.predicate),
            "role.swapped" if both else "role.moved",
            {
                "agent": said.get("A0", "…"),
                "patient": said.get("A1", "…"),
                "verb": verb,
                "now_agent": new.get("A0", "…"),
                "now_patient": new.get("A1", "…"),
                "now_verb": b.words[g.predicate],
                "who": said.get("A0" if "A0" in now else "A1", ""),
            },
            0.9 if both else 0.65,
        )
    elif {"A1", "A2"} == set(now) and now["A1"] == "A2" and now["A2"] == "A1":
        yield Finding(
            "role",
            "serious",
            "swapped",
            stretch(a, [f.predicate, *f.roles["A1"], *f.roles["A2"]], f.predicate),
            stretch(b, [g.predicate, *g.roles["A1"], *g.roles["A2"]], g.predicate),
            "role.recipient",
            {
                "verb": verb,
                "thing": said.get("A1", ""),
                "recipient": said.get("A2", ""),
                "now_thing": new.get("A1", ""),
                "now_recipient": new.get("A2", ""),
            },
            0.7,
        )


def certain(p: Pair, f: Frame, g: Frame) -> bool:
    """Both are finite clauses that keep both parts: one moved argument is no slip of the parser."""
    a, b = p.source, p.reconstruction
    if not {"A0", "A1"} <= set(f.roles) or not {"A0", "A1"} <= set(g.roles):
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


SWAPPED = ("NOUN", "PROPN", "NUM", "ADJ", "VERB")


def crossings(p: Pair, done: set[tuple[int, int]]) -> Iterator[Finding]:
    """Two names or nouns of one sentence that stand in each other's place, where no frame tells: "X is the capital of Y"."""
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
                    and a.pos[k] in ("NOUN", "PROPN", "NUM")
                    and slot(p, k, i)
                ),
                None,
            )
            if partner is None or (min(i, partner), max(i, partner)) in done or abs(a.sentence[i] - a.sentence[partner]) > 1:
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


def slot(p: Pair, k: int, i: int) -> bool:
    return k != i and p.source.lemma[k] != p.source.lemma[i]


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
    precision, recall = kept / theirs, kept / len(mine)
    return min(precision, 1.0), recall, 2 * precision * recall / (precision + recall) if kept else 0.0
