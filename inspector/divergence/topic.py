"""Sentences lost or invented, and what the whole text is about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from inspector.divergence.entity import anchor
from inspector.divergence.finding import Finding
from inspector.divergence.pairing import Pair

LEAST = 3  # content words that make a sentence worth missing
GONE = 0.2  # share of them that may still be there
SHIFT = 0.25  # overlap of content words, over the larger text, under which the topic moved


def find(p: Pair) -> Iterator[Finding]:
    a, b = p.source, p.reconstruction
    lost = kept = 0
    for first, last in a.sentences:
        heavy = [i for i in range(first, last + 1) if a.content[i]]
        there = sum(p.kept(i) for i in heavy)
        if len(heavy) >= LEAST and there <= GONE * len(heavy):
            lost += 1
            stands = any(p.match[i] >= 0 for i in heavy)
            yield Finding(
                "topic",
                "serious",
                "substituted" if stands else "dropped",
                a.span(first, last),
                stretch(p, heavy) if stands else None,
                "topic.replaced" if stands else "topic.dropped",
                {"source": short(a.said(first, last))},
                0.8,
            )
        else:
            kept += 1
    for first, last in b.sentences:
        heavy = [j for j in range(first, last + 1) if b.content[j]]
        if len(heavy) >= LEAST and not any(p.back[j] >= 0 for j in heavy):
            yield Finding(
                "topic",
                "serious",
                "added",
                None,
                b.span(first, last),
                "topic.added",
                {"reconstruction": short(b.said(first, last))},
                0.8,
                anchor(p, first),
            )
    one, two = words(a), words(b)
    size = max(one.total(), two.total())
    if size >= 12 and lost and not kept and (one & two).total() < SHIFT * size:
        yield Finding(
            "topic",
            "serious",
            "substituted",
            a.span(0, len(a) - 1),
            b.span(0, len(b) - 1),
            "topic.shifted",
            {"source": top(one), "reconstruction": top(two)},
            0.85,
        )


def words(r) -> Counter[str]:
    return Counter(m for m, c in zip(r.lemma, r.content, strict=True) if c)


def top(counts: Counter[str]) -> str:
    return ", ".join(w for w, _ in counts.most_common(4))


def short(text: str, most: int = 90) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 1].rsplit(" ", 1)[0] + "…"


def stretch(p: Pair, heavy: list[int]) -> tuple[int, int]:
    found = [p.match[i] for i in heavy if p.match[i] >= 0]
    return p.reconstruction.span(min(found), max(found))
