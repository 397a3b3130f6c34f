"""What is said to happen or to be the case, and how certainly: another verb, or may → must, alleged → did."""

from __future__ import annotations

from collections.abc import Iterator

from inspector.divergence.entity import anchor
from inspector.divergence.exchange import exchange
from inspector.divergence.finding import Finding, place
from inspector.divergence.pairing import Pair

# How certain, or how binding, a word makes the statement: from may to must.
MODALS = {
    "may": 1,
    "might": 1,
    "could": 1,
    "can": 2,
    "should": 3,
    "would": 3,
    "will": 4,
    "'ll": 4,
    "shall": 4,
    "must": 5,
    "wo": 4,
    "ca": 2,
}
HEDGES = frozenset(
    "allegedly reportedly apparently possibly perhaps maybe probably likely supposedly presumably potentially "
    "seemingly alleged suspected "
    "purported claimed".split()
)
SURE = frozenset("certainly definitely surely clearly undoubtedly obviously".split())
HEDGING_VERBS = frozenset(
    "seem appear claim allege suspect suggest believe think suppose consider expect plan intend hope try attempt want".split()
)
SPEECH = frozenset(
    "say state tell add note report announce explain remark comment mention declare write reveal claim insist argue admit".split()
)


def find(p: Pair) -> Iterator[Finding]:
    yield from verbs(p)
    yield from certainty(p)


def verbs(p: Pair) -> Iterator[Finding]:
    a, b = p.source, p.reconstruction
    for i in range(len(a)):
        j = p.match[i]
        if a.pos[i] != "VERB" or not a.content[i] or a.name_of[i] >= 0:
            continue
        if j >= 0 and p.how[i] in ("changed", "synonym") and b.content[j] and not (p.how[i] == "synonym" and p.moved[i]):
            verdict = exchange(p, i, j)
            severity = verdict.severity
            if a.lemma[i] in SPEECH and b.lemma[j] in SPEECH:
                severity = "minor" if severity == "serious" else severity
            yield Finding(
                "predicate",
                severity,
                "substituted",
                verb_place(a, i),
                verb_place(b, j),
                "predicate.antonym" if verdict.relation == "antonym" else "predicate.substituted",
                {"source": said(a, i), "reconstruction": said(b, j)},
                verdict.confidence,
            )
        elif j < 0 and p.change_of[i] >= 0:
            change = p.changes[p.change_of[i]]
            partner = next((k for k in change.reconstruction if b.pos[k] == "VERB" and b.content[k] and not p.came(k)), None)
            if partner is not None and change.size <= 8 and p.back[partner] < 0:
                verdict = exchange(p, i, partner)
                yield Finding(
                    "predicate",
                    verdict.severity if change.size <= 4 else "minor",
                    "substituted",
                    verb_place(a, i),
                    verb_place(b, partner),
                    "predicate.substituted",
                    {"source": said(a, i), "reconstruction": said(b, partner)},
                    verdict.confidence - 0.15,
                )


def verb_place(r, i: int) -> tuple[int, int]:
    particle = r.child(i, "compound:prt")
    return r.span(i, particle) if particle is not None and 0 < particle - i <= 2 else place(r, i)


def said(r, i: int) -> str:
    start, end = verb_place(r, i)
    return r.text[start:end]


def certainty(p: Pair) -> Iterator[Finding]:
    a, b = p.source, p.reconstruction
    for i in range(len(a)):
        x, j = a.lower[i], p.match[i]
        if x in MODALS and a.pos[i] == "AUX":
            if j >= 0 and b.lower[j] in MODALS and MODALS[b.lower[j]] != MODALS[x]:
                gap = abs(MODALS[b.lower[j]] - MODALS[x])
                past = {x, b.lower[j]} in ({"will", "would"}, {"can", "could"}, {"may", "might"})
                yield modal(p, i, j, "minor" if gap < 2 or past or p.turning(i, j) else "serious")
            elif j < 0 and p.kept(a.head[i]) and MODALS[x] not in (4,):
                k = p.match[a.head[i]]
                if not any(
                    b.lower[c] in MODALS or (b.lemma[c] in ("have", "be", "need") and b.dep[c] == "aux") for c in b.children[k]
                ) and p.how[a.head[i]] in ("same", "form"):
                    yield Finding(
                        "predicate",
                        "minor",
                        "dropped",
                        a.span(min(i, a.head[i]), max(i, a.head[i])),
                        place(b, k),
                        "predicate.hedge_lost",
                        {"source": x, "verb": b.words[k]},
                        0.6,
                    )
        elif x in HEDGES and j < 0 and p.kept(a.head[i]):
            if not any(b.lower[k] in HEDGES or b.lemma[k] in HEDGING_VERBS for k in near(p, i)):
                yield Finding(
                    "predicate",
                    "serious",
                    "dropped",
                    place(a, i),
                    place(b, p.match[a.head[i]]),
                    "predicate.hedge_lost",
                    {"source": x, "verb": b.words[p.match[a.head[i]]]},
                    0.65,
                )
        elif a.lemma[i] in HEDGING_VERBS and a.pos[i] == "VERB" and j < 0:
            inner = next((c for c in a.children[i] if a.dep[c] in ("xcomp", "ccomp")), None)
            if (
                inner is not None
                and p.kept(inner)
                and not any(b.lemma[k] in HEDGING_VERBS or b.lower[k] in HEDGES for k in near(p, i))
            ):
                k = p.match[inner]
                if b.dep[k] not in ("xcomp", "ccomp"):
                    yield Finding(
                        "predicate",
                        "serious",
                        "dropped",
                        a.span(min(i, inner), max(i, inner)),
                        place(b, k),
                        "predicate.hedge_lost",
                        {"source": a.words[i], "verb": b.words[k]},
                        0.6,
                    )
    for j in range(len(b)):
        y = b.lower[j]
        if y in MODALS and b.pos[j] == "AUX" and p.back[j] < 0 and MODALS[y] != 4:
            i = p.back[b.head[j]]
            if (
                i >= 0
                and p.how[i] in ("same", "form")
                and not any(a.lower[c] in MODALS or (a.dep[c] == "aux" and a.lemma[c] in ("have", "need")) for c in a.children[i])
            ):
                yield Finding(
                    "predicate",
                    "minor",
                    "added",
                    place(a, i),
                    b.span(min(j, b.head[j]), max(j, b.head[j])),
                    "predicate.hedge_added",
                    {"reconstruction": y, "verb": b.words[b.head[j]]},
                    0.55,
                    anchor(p, j),
                )
        elif (y in HEDGES or y in SURE) and p.back[j] < 0:
            yield Finding(
                "predicate",
                "minor",
                "added",
                None,
                place(b, j),
                "predicate.hedge_added",
                {"reconstruction": y, "verb": b.words[b.head[j]]},
                0.5,
                anchor(p, j),
            )


def near(p: Pair, i: int) -> list[int]:
    """Tokens of the reconstruction where the source's word i was."""
    n = p.change_of[i]
    if n < 0:
        return []
    change = p.changes[n]
    last = change.after[1] + 4
    return list(range(max(change.before[1] - 3, 0), min(last, len(p.reconstruction))))


def modal(p: Pair, i: int, j: int, severity) -> Finding:
    a, b = p.source, p.reconstruction
    return Finding(
        "predicate",
        severity,
        "substituted",
        place(a, i),
        place(b, j),
        "predicate.modal",
        {"source": a.words[i], "reconstruction": b.words[j], "verb": a.words[a.head[i]]},
        0.75,
    )
