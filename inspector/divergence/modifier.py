"""Modifiers: changed, gone, new, or on another head; quantifiers among them."""

from __future__ import annotations

from collections.abc import Iterator

from inspector.divergence.entity import anchor
from inspector.divergence.exchange import exchange
from inspector.divergence.finding import Finding, hyphened, phrase, place, quiet
from inspector.divergence.likeness import QUANTIFIERS
from inspector.divergence.pairing import Pair

RESTRICTING = frozenset(
    "alleged former future potential possible supposed so-called fake only first last next previous new old non false".split()
)


def find(p: Pair) -> Iterator[Finding]:
    a, b = p.source, p.reconstruction
    for i in range(len(a)):
        if (a.pos[i] not in ("ADJ", "ADV", "DET") and a.lower[i] not in QUANTIFIERS) or a.name_of[i] >= 0:
            continue
        j = p.match[i]
        x = a.lower[i]
        if any(c.token == i and c.kind != "affix" for c in p.cues):
            continue
        if j >= 0 and p.how[i] in ("changed", "synonym") and not p.moved[i]:
            y = b.lower[j]
            if x in QUANTIFIERS and y in QUANTIFIERS:
                gap = abs(QUANTIFIERS[x] - QUANTIFIERS[y])
                if gap:
                    yield substituted(
                        p,
                        i,
                        j,
                        "serious" if gap > 1 and not p.turning(i, j) and not p.loose(i) else "minor",
                        0.8,
                        "modifier.quantifier",
                    )
            elif a.content[i] and b.pos[j] in ("ADJ", "ADV"):
                verdict = exchange(p, i, j)
                yield substituted(p, i, j, verdict.severity, verdict.confidence, "modifier.substituted")
        elif j < 0 and ((a.content[i] and a.pos[i] == "ADJ") or x in QUANTIFIERS) and alone(p, i):
            strong = x in RESTRICTING or (x in QUANTIFIERS and x not in ("some", "any", "both", "each"))
            yield Finding(
                "modifier",
                "minor",
                "dropped",
                place(a, *phrase(a, i)),
                None,
                "modifier.dropped",
                {"source": a.said(*phrase(a, i)), "head": a.words[a.head[i]]},
                0.6 if strong else 0.4,
            )
        elif j >= 0 and p.kept(i) and a.content[i] and not hyphened(a, i):
            yield from another_head(p, i, j)
    for j in range(len(b)):
        if p.back[j] >= 0 or b.name_of[j] >= 0:
            continue
        if (b.content[j] and b.pos[j] == "ADJ" and b.dep[j] == "amod") or b.lower[j] in (
            "only",
            "all",
            "no",
            "never",
            "always",
            "most",
            "every",
            "few",
        ):
            strong = b.lower[j] in RESTRICTING or b.lower[j] in ("only", "never", "no", "always", "all")
            yield Finding(
                "modifier",
                "minor",
                "added",
                None,
                place(b, *phrase(b, j)),
                "modifier.added",
                {"reconstruction": b.said(*phrase(b, j)), "head": b.words[b.head[j]]},
                0.6 if strong else 0.4,
                anchor(p, j),
            )


def alone(p: Pair, i: int) -> bool:
    """What it modifies is still there."""
    return p.kept(p.source.head[i])


def substituted(p: Pair, i: int, j: int, severity, confidence: float, key: str) -> Finding:
    a, b = p.source, p.reconstruction
    return Finding(
        "modifier",
        severity,
        "substituted",
        place(a, *phrase(a, i)),
        place(b, *phrase(b, j)),
        key,
        {"source": a.said(*phrase(a, i)), "reconstruction": b.said(*phrase(b, j)), "head": a.words[a.head[i]]},
        confidence,
    )


def another_head(p: Pair, i: int, j: int) -> Iterator[Finding]:
    """ "the tall man and the woman" → "the man and the tall woman": an adjective whose noun changed while both nouns stayed."""
    a, b = p.source, p.reconstruction
    if a.dep[i] != "amod" or b.dep[j] != "amod" or quiet(p, i):
        return
    head, now = a.head[i], b.head[j]
    back = p.back[now]
    if (
        p.kept(head)
        and p.match[head] != now
        and back >= 0
        and p.kept(back)
        and back != head
        and a.lemma[back] != a.lemma[head] != b.lemma[now]
    ):
        yield Finding(
            "modifier",
            "serious" if p.moved[i] or p.moved[head] or p.moved[back] else "minor",
            "moved",
            a.span(min(i, head), max(i, head)),
            b.span(min(j, now), max(j, now)),
            "modifier.moved",
            {"source": a.words[i], "head": a.words[head], "now": b.words[now]},
            0.65,
        )
