"""Sentences lost or invented, and what the whole text is about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from inspector.divergence.entity import anchor
from inspector.divergence.finding import Finding
from inspector.divergence.pairing import Pair
from inspector.divergence.reading import Reading

LEAST = 3  # content words that make a sentence worth missing
GONE = 0.2  # share of them that may still be there
SHIFT = 0.25  # overlap of content words, over the larger text, under which the topic moved


def gone(p: Pair) -> set[int]:
    """Sentences of the source that are not there any more."""
    return {n for n, heavy in weighed(p.source) if sum(p.kept(i) for i in heavy) <= GONE * len(heavy)}


def invented(p: Pair) -> set[int]:
    """Sentences of the reconstruction that nothing in the source stands behind."""
    return {n for n, heavy in weighed(p.reconstruction) if not any(p.back[j] >= 0 for j in heavy)}


def weighed(r: Reading) -> Iterator[tuple[int, list[int]]]:
    """Sentences worth missing, by number, with their content words: three of them, or two and a name."""
    for n, (first, last) in enumerate(r.sentences):
        heavy = [i for i in range(first, last + 1) if r.content[i]]
        if len(heavy) >= LEAST or (len(heavy) == LEAST - 1 and any(r.name_of[i] >= 0 for i in heavy)):
            yield n, heavy


def find(p: Pair) -> Iterator[Finding]:
    a, b = p.source, p.reconstruction
    lost, new = gone(p), invented(p)
    for n in sorted(lost):
        first, last = a.sentences[n]
        stands = [p.match[i] for i in range(first, last + 1) if a.content[i] and p.match[i] >= 0]
        yield Finding(
            "topic",
            "serious",
            "substituted" if stands else "dropped",
            a.span(first, last),
            b.span(min(stands), max(stands)) if stands else None,
            "topic.replaced" if stands else "topic.dropped",
            {"source": short(a.said(first, last))},
            0.8,
        )
    for n in sorted(new):
        first, last = b.sentences[n]
        said = {"reconstruction": short(b.said(first, last))}
        yield Finding("topic", "serious", "added", None, b.span(first, last), "topic.added", said, 0.8, anchor(p, first))
    one, two = words(a), words(b)
    size = max(one.total(), two.total())
    if size >= 12 and len(b) and len(lost) == len(a.sentences) and (one & two).total() < SHIFT * size:
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


def words(r: Reading) -> Counter[str]:
    return Counter(m for m, c in zip(r.lemma, r.content, strict=True) if c)


def top(counts: Counter[str]) -> str:
    return ", ".join(w for w, _ in counts.most_common(4))


def short(text: str, most: int = 90) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 1].rsplit(" ", 1)[0] + "…"
