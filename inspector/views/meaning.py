"""What changed in meaning, for the page: divergences as ranges of words of both texts, sentences, a verdict.

Spans are code points, and JavaScript counts UTF-16 units: here they become ranges of words, so that nothing is
counted there. What stands in one text only has a place in the other: the word before which it would stand.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from inspector.inspection import Divergence, Entity, InPlace, Span
from inspector.measures.alignment import Alignment, Word
from inspector.views.reasons import bilingual
from inspector.views.verdict import harm, known, verdict
from inspector.views.words import LANGUAGES, sentence

SURE, LIKELY = 0.8, 0.5  # confidence from which a divergence is called so; below it is "possible"


def meaning(reconstruction: str, alignment: Alignment, c: Mapping[str, Any]) -> dict[str, Any] | None:
    """What the view shows of a column's report; None until there is one.

    Args:
        reconstruction: the column's text.
        alignment: of the source with it.
        c: a column of `Builder.columns`.
    """
    divergences: Sequence[Divergence] | None = c.get("divergences")
    if divergences is None:
        return None
    there, back = landings(alignment)
    owner = {
        j: e.source[0] + k
        for e in alignment.edits
        if e.op in ("equal", "replace")
        for k, j in enumerate(range(*e.reconstruction))
    }
    found = alignment.reconstruction
    told = {"read": known(c.get("language"), c.get("pipeline")), "retention": c.get("retention")}
    ends = [0, *(w.end for w in found)]
    return {
        "language": c.get("language"),
        "pipeline": c.get("pipeline"),
        "verdict": {language: verdict(divergences, language=language, **told) for language in LANGUAGES},
        "harm": harm(divergences),
        "words": [[reconstruction[end : w.start], w.text, owner.get(j, -1)] for j, (end, w) in enumerate(zip(ends, found))],
        "tail": reconstruction[ends[-1] :],
        "items": [item(d, alignment.source, found, there, back) for d in divergences],
        "entities": entities(c.get("entities") or ()),
        "reason": bilingual((c.get("notes") or {}).get("overwriting")),
    }


def item(
    d: Divergence, source: Sequence[Word], found: Sequence[Word], there: Sequence[int], back: Sequence[int]
) -> dict[str, Any]:
    """One divergence. `source` and `told` are [first word, after the last]; both alike where it stands between words."""
    left, right = extent(d.source, source), extent(d.reconstruction, found)
    if left is None and right is not None:
        left = [back[right[0]]] * 2
    elif right is None and left is not None:
        right = [there[left[0]]] * 2
    return {
        "kind": d.kind,
        "dimension": d.dimension,
        "severity": d.severity,
        "change": d.change,
        "source": left,
        "told": right,
        "quotes": [d.source and d.source.text, d.reconstruction and d.reconstruction.text],
        "say": {language: sentence(d, language) for language in LANGUAGES},
        "sure": "sure" if d.confidence >= SURE else "likely" if d.confidence >= LIKELY else "possible",
        "overwriting": d.overwriting,
        "odds": odds(d.in_place) if d.in_place else None,
    }


def entities(found: Sequence[Entity]) -> list[list[Any]]:
    """[status, label, in the source, in the reconstruction, times] in order of appearance; equal rows are one."""
    rows = Counter((e.status, e.label, e.source and e.source.text, e.reconstruction and e.reconstruction.text) for e in found)
    return [[*row, times] for row, times in rows.items()]


def extent(span: Span | None, words: Sequence[Word]) -> list[int] | None:
    """Words that a span touches: [first, after the last]; equal where it touches none."""
    if span is None:
        return None
    first = bisect_right([w.end for w in words], span.start)
    return [first, max(first, bisect_left([w.start for w in words], span.end))]


def landings(alignment: Alignment) -> tuple[list[int], list[int]]:
    """For each source word its place in the reconstruction, and the other way; one more at the end of each."""
    there, back = [0] * (len(alignment.source) + 1), [0] * (len(alignment.reconstruction) + 1)
    there[-1], back[-1] = len(alignment.reconstruction), len(alignment.source)
    for edit in alignment.edits:
        (i0, i1), (j0, j1) = edit.source, edit.reconstruction
        for i in range(i0, i1):
            there[i] = min(j0 + i - i0, j1)
        for j in range(j0, j1):
            back[j] = min(i0 + j - j0, i1)
    return there, back


def odds(place: InPlace) -> dict[str, list[float]]:
    """Probabilities of the source's words and of the reconstruction's, to three figures."""
    return {
        name: [float(f"{math.exp(min(nats, 0.0)):.3g}") for nats in getattr(place, name)]
        for name in ("memory", "prior", "unigram")
    }
