"""Overlap between a source and its reconstruction. These are the measures that hide what the inspector shows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from os.path import commonprefix

from rapidfuzz.distance import LCSseq, Levenshtein

from inspector.inspection import Scores

ALPHANUMERIC = re.compile(r"[^\W_]+")


def scores(source: str, reconstruction: str, source_ids: Sequence[int] | None = None, reconstruction_ids: Sequence[int] | None = None) -> Scores:
    """All overlap measures of one text; BLEU, chrF and ROUGE run 0–100, shares 0–1.

    - `bleu`: sacrebleu's sentence BLEU (Papineni et al. 2002; tokeniser 13a, exponential smoothing, effective order).
    - `chrf`: sacrebleu's chrF2 (Popović 2015): characters up to 6-grams, recall weighted twice.
    - `rouge_1`, `rouge_2`, `rouge_l`: F1 (Lin 2004) over lower-cased alphanumeric runs, no stemming; the last by longest common subsequence.
    - `exact_prefix`: code points of the longest common prefix / code points of the source (ICAE's "EM", counted in characters).
    - `token_accuracy`: share of the source's token positions that hold the same token; None without ids.
    - `edit_similarity`: 1 - Levenshtein distance / length of the longer text, by code points.
    """
    bleu, chrf = _sacrebleu()
    left, right = _rouge_words(source), _rouge_words(reconstruction)
    accuracy = None
    if source_ids is not None and reconstruction_ids is not None:
        accuracy = sum(a == b for a, b in zip(source_ids, reconstruction_ids, strict=False)) / max(len(source_ids), 1)
    return Scores(
        bleu=bleu.sentence_score(reconstruction, [source]).score,
        chrf=chrf.sentence_score(reconstruction, [source]).score,
        rouge_1=_overlap_f1(left, right, 1),
        rouge_2=_overlap_f1(left, right, 2),
        rouge_l=_f1(LCSseq.similarity(left, right), len(left), len(right)),
        exact_prefix=len(commonprefix([source, reconstruction])) / max(len(source), 1),
        token_accuracy=accuracy,
        edit_similarity=Levenshtein.normalized_similarity(source, reconstruction),
    )


def corpus_scores(sources: Sequence[str], reconstructions: Sequence[str]) -> dict[str, float]:
    """`corpus_bleu` counts n-grams over all texts; `mean_bleu` is the mean of the texts' own scores."""
    from sacrebleu.metrics import BLEU

    bleu, _ = _sacrebleu()
    means = [bleu.sentence_score(r, [s]).score for s, r in zip(sources, reconstructions, strict=True)]
    return {"corpus_bleu": BLEU().corpus_score(list(reconstructions), [list(sources)]).score, "mean_bleu": sum(means) / max(len(means), 1)}


@lru_cache(maxsize=1)
def _sacrebleu():
    from sacrebleu.metrics import BLEU, CHRF

    return BLEU(effective_order=True), CHRF()


def _rouge_words(text: str) -> list[str]:
    return ALPHANUMERIC.findall(text.lower())


def _overlap_f1(left: list[str], right: list[str], n: int) -> float:
    a, b = (Counter(zip(*(side[k:] for k in range(n)), strict=False)) for side in (left, right))
    return _f1((a & b).total(), a.total(), b.total())


def _f1(shared: int, left: int, right: int) -> float:
    """100 · F1; two sides without any n-gram are alike in it."""
    return 200.0 * shared / (left + right) if left + right else 100.0
