"""Relation anchor: where, when and why. A word that relates is turned round, or two times or places change their clauses."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from inspector.divergence.reading import Reading
from inspector.probes.drift.pair import Draft, exchange, replace, stretch, time, usable

# What a marker becomes; where a time follows, and where anything else does.
CLAUSE = {
    "before": "after", "after": "before", "because": "although", "although": "because", "if": "unless", "unless": "if",
    "though": "because", "until": "after", "since": "until",
}  # fmt: skip
AT_TIME = {
    "in": ("before", "after"), "on": ("before", "after"), "at": ("before", "after"), "during": ("before", "after"),
    "before": ("after",), "after": ("before",), "since": ("until",), "until": ("since",), "by": ("after",),
    "throughout": ("before", "after"), "from": ("until",), "around": ("before", "after"),
}  # fmt: skip
AT_PLACE = {
    "in": ("outside",), "at": ("outside",), "near": ("far from",), "from": ("to",), "to": ("from",), "into": ("from",),
    "under": ("over",), "over": ("under",), "above": ("below",), "below": ("above",), "through": ("around",),
    "inside": ("outside",), "outside": ("inside",), "towards": ("from",), "within": ("outside",),
}  # fmt: skip
OTHERWISE = {
    "with": ("without",), "without": ("with",), "for": ("against",), "against": ("for",), "despite": ("because of",),
    "before": ("after",), "after": ("before",), "above": ("below",), "below": ("above",), "inside": ("outside",),
    "outside": ("inside",), "during": ("before", "after"), "like": ("unlike",), "unlike": ("like",), "from": ("to",),
    "to": ("from",), "into": ("from",), "within": ("outside",),
}  # fmt: skip
MOTION = frozenset(
    "move travel go return come bring send transfer flee migrate walk sail fly run drive ride march transport carry deliver "
    "ship export import relocate emigrate immigrate discharge retreat advance escape road route railway flight way journey "
    "trip voyage line bus train bridge path transfer move return".split()
)  # what goes from one place to another
CONTEST = frozenset("vote fight campaign play argue speak compete protest lobby testify war battle case vote struggle".split())
TOGETHER = frozenset(
    "associate collaborate agree compare deal begin start replace provide meet sign connect end fill compete share cooperate "
    "merge face combine equip charge contact relationship agreement war contract interview replace credit unite marry cover "
    "identify link correspond coincide trade".split()
)  # what needs its `with`


def fits(r: Reading, i: int, thing: int, other: str) -> bool:
    """May the marker be turned round: is it the phrase's own, and not one that its head asks for?"""
    low, head = r.lower[i], r.lemma[r.head[thing]]
    if time(r, thing):
        return low != "from" or not any(r.lower[k] in ("to", "until", "till") for k in range(i + 1, min(i + 6, len(r))))
    if {low, other} in ({"from", "to"}, {"into", "from"}, {"towards", "from"}):
        return head in MOTION
    if {low, other} == {"for", "against"}:
        return head in CONTEST
    if low == "with":
        return head not in TOGETHER
    return True


def drafts(r: Reading) -> Iterator[Draft]:
    yield from exchanged(r)
    yield from marked(r)


def place(r: Reading, i: int) -> bool:
    n = r.name_of[i]
    return n >= 0 and r.names[n].label == "LOC"


def marker(r: Reading, i: int) -> int | None:
    """The one-word preposition of a phrase, in front of it."""
    found = [c for c in r.children[i] if r.dep[c] == "case" and c < i and r.pos[c] in ("ADP", "SCONJ")]
    if len(found) != 1 or any(r.dep[c] == "fixed" for c in r.children[found[0]]):
        return None
    return found[0]


def exchanged(r: Reading) -> Iterator[Draft]:
    """Two times or two places under the same preposition, of different heads of one sentence or of neighbouring ones."""
    there = [(i, m) for i in range(len(r)) if r.dep[i].split(":")[0] in ("obl", "nmod") and (m := marker(r, i)) is not None]
    for (i, m), (j, n) in combinations(there, 2):
        if r.sentence[i] != r.sentence[j] or r.lower[m] != r.lower[n] or r.head[i] == r.head[j] or r.head[j] == i:
            continue
        kind = (time(r, i) and time(r, j)) or (place(r, i) and place(r, j))
        if not kind or not usable(r, r.sentence[i]):
            continue
        x, y = stretch(r, i), stretch(r, j)
        if x and y and x[1] < y[0] and r.said(*x) != r.said(*y):
            yield Draft("relation_anchor", r.sentence[i], exchange(r, x, y), f"{r.said(*x)} ↔ {r.said(*y)}")


def marked(r: Reading) -> Iterator[Draft]:
    for i in range(len(r)):
        low, n = r.lower[i], r.sentence[i]
        if not usable(r, n):
            continue
        if r.dep[i] == "mark" and low in CLAUSE and not any(r.dep[c] == "fixed" for c in r.children[i]):
            yield Draft("relation_anchor", n, (replace(r, i, i, CLAUSE[low]),), f"{r.words[i]} → {CLAUSE[low]}")
        elif r.dep[i] == "case" and r.pos[i] in ("ADP", "SCONJ") and marker(r, r.head[i]) == i:
            thing = r.head[i]
            if r.dep[thing].split(":")[0] not in ("obl", "nmod"):
                continue
            if r.dep[thing].split(":")[0] == "nmod" and not (time(r, thing) or place(r, thing)):
                continue
            if r.lower[i + 1 : i + 2] and r.pos[i + 1] in ("ADP", "SCONJ"):
                continue
            table = AT_TIME if time(r, thing) else AT_PLACE if place(r, thing) else OTHERWISE
            for other in table.get(low, ()):
                if not fits(r, i, thing, other):
                    continue
                yield Draft("relation_anchor", n, (replace(r, i, i, other),), f"{r.words[i]} → {other} ({r.words[thing]})")
