"""Overlap between a source and its reconstruction. These are the measures that hide what the inspector shows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from operator import eq

from rapidfuzz.distance import LCSseq, Levenshtein, Prefix

from inspector.inspection import Scores

ALPHANUMERIC = re.compile(r"[^\W_]+")


def scores(
    source: str, reconstruction: str, source_ids: Sequence[int] | None = None, reconstruction_ids: Sequence[int] | None = None
) -> Scores:
    """All overlap measures of one text; BLEU, chrF and ROUGE run 0–100, shares 0–1.

    - `bleu`: sacrebleu's sentence BLEU (Papineni et al. 2002; tokeniser 13a, exponential smoothing, effective order).
    - `chrf`: sacrebleu's chrF2 (Popović 2015): characters up to 6-grams, recall weighted twice.
    - `rouge_1`, `rouge_2`, `rouge_l`: F1 (Lin 2004) over lower-cased runs of letters and digits, no stemming;
      the last by longest common subsequence. Where neither side has an n-gram: 100 if the texts are equal, else 0.
    - `exact_prefix`: code points of the longest common prefix / code points of the source (ICAE's "EM", by characters).
    - `token_accuracy`: share of the source's token positions that hold the same token; None without ids.
    - `edit_similarity`: 1 - Levenshtein distance / length of the longer text, by code points.
    """
    metrics = _sacrebleu()
    left, right = _rouge_words(source), _rouge_words(reconstruction)
    empty = 100.0 if source == reconstruction else 0.0
    accuracy = None
    if source_ids is not None and reconstruction_ids is not None:
        accuracy = sum(map(eq, source_ids, reconstruction_ids)) / max(len(source_ids), 1)
    return Scores(
        bleu=metrics.sentence_bleu(source, reconstruction),
        chrf=metrics.sentence_chrf(source, reconstruction),
        rouge_1=_overlap_f1(left, right, 1, empty),
        rouge_2=_overlap_f1(left, right, 2, empty),
        rouge_l=_f1(LCSseq.similarity(left, right), len(left), len(right), empty),
        exact_prefix=Prefix.similarity(source, reconstruction) / max(len(source), 1),
        token_accuracy=accuracy,
        edit_similarity=Levenshtein.normalized_similarity(source, reconstruction),
    )


def corpus_scores(sources: Sequence[str], reconstructions: Sequence[str]) -> dict[str, float]:
    """`corpus_bleu` counts n-grams over all texts; `mean_bleu` is the mean of the texts' own scores.

    Raises:
        ValueError: there are no texts, or not as many of one as of the other.
    """
    if len(sources) != len(reconstructions) or not sources:
        raise ValueError(f"a source for each reconstruction is needed, got {len(sources)} and {len(reconstructions)}")
    metrics = _sacrebleu()
    means = [metrics.sentence_bleu(s, r) for s, r in zip(sources, reconstructions, strict=True)]
    return {"corpus_bleu": metrics.corpus_bleu(sources, reconstructions), "mean_bleu": sum(means) / len(means)}


class _Sacrebleu:
    """sacrebleu, loaded at first use. Rounding can take its scores above 100; its caches would keep users' texts."""

    def __init__(self) -> None:
        from sacrebleu.metrics import BLEU, CHRF
        from sacrebleu.tokenizers.tokenizer_13a import Tokenizer13a, TokenizerRegexp

        self._bleu, self._chrf, self._corpus = BLEU(effective_order=True), CHRF(), BLEU()
        self._caches = (Tokenizer13a.__call__, TokenizerRegexp.__call__)

    def sentence_bleu(self, source: str, reconstruction: str) -> float:
        return self._forget(self._bleu.sentence_score(reconstruction, [source]).score)

    def sentence_chrf(self, source: str, reconstruction: str) -> float:
        return self._forget(self._chrf.sentence_score(reconstruction, [source]).score)

    def corpus_bleu(self, sources: Sequence[str], reconstructions: Sequence[str]) -> float:
        return self._forget(self._corpus.corpus_score(list(reconstructions), [list(sources)]).score)

    def _forget(self, score: float) -> float:
        for cache in self._caches:
            cache.cache_clear()
        return min(score, 100.0)


_sacrebleu = lru_cache(maxsize=1)(_Sacrebleu)


def _rouge_words(text: str) -> list[str]:
    return ALPHANUMERIC.findall(text.lower())


def _overlap_f1(left: list[str], right: list[str], n: int, empty: float) -> float:
    a, b = (Counter(zip(*(side[k:] for k in range(n)), strict=False)) for side in (left, right))
    return _f1((a & b).total(), a.total(), b.total(), empty)


def _f1(shared: int, left: int, right: int, empty: float) -> float:
    """100 · F1 of what two sides share; `empty` where both have nothing."""
    return 200.0 * shared / (left + right) if left + right else empty
