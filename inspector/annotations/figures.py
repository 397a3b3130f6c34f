"""Figures with 95 % intervals over items: shares, F1, kappa, alpha.

An estimate is `{"value", "low", "high", "n"}`; a value of None is undefined.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from inspector.measures.bootstrap import bootstrap_of

Estimate = dict[str, Any]
Votes = Sequence[Mapping[str, str]]  # for each item: annotator → value


def estimate(statistic: Callable[[np.ndarray], float | None], units: int, n: int, draws: int = 1000) -> Estimate:
    """The figure over all units, its interval over resampled units, and the `n` it rests on."""
    interval = bootstrap_of(statistic, units, draws)
    low, high = interval or (None, None)
    return {"value": statistic(np.arange(units)) if units else None, "low": low, "high": high, "n": n}


def ratio(numerators: Sequence[float], denominators: Sequence[float], n: int | None = None) -> Estimate:
    """Sum over sum, so that every mark counts the same; items are resampled. `n`: the denominators' sum if not given."""
    above, below = np.asarray(numerators, float), np.asarray(denominators, float)

    def statistic(picks: np.ndarray) -> float | None:
        total = below[picks].sum()
        return float(above[picks].sum() / total) if total else None

    return estimate(statistic, len(below), int(below.sum()) if n is None else n)


def percent(votes: Votes) -> Estimate:
    """Observed agreement: the share of agreeing pairs of annotators, a mean over the items that two or more labelled."""
    shares = [np.mean([a == b for a, b in combinations(each.values(), 2)]) for each in votes if len(each) > 1]
    return ratio(shares, np.ones(len(shares)))


def cohen(codes: np.ndarray, other: np.ndarray, values: int) -> float | None:
    """Cohen's kappa (1960) of two annotators' codes on the same items; None where chance alone would agree always.

    Four lines of numpy: scikit-learn and statsmodels would bring SciPy along for it.
    """
    table = np.bincount(codes * values + other, minlength=values * values).reshape(values, values) / len(codes)
    chance = float(table.sum(0) @ table.sum(1))
    return None if np.isclose(chance, 1) else (float(np.trace(table)) - chance) / (1 - chance)


def kappa(votes: Votes, values: Sequence[str]) -> Estimate:
    """Cohen's kappa; for more than two annotators the mean over pairs (Light 1971), each over the items both labelled."""
    votes = [each for each in votes if len(each) > 1]
    names = sorted({name for each in votes for name in each})
    codes = np.array([[values.index(each[name]) if name in each else -1 for name in names] for each in votes], int)

    def statistic(picks: np.ndarray) -> float | None:
        drawn, found = codes[picks], []
        for a, b in combinations(range(len(names)), 2):
            both = drawn[(drawn[:, a] >= 0) & (drawn[:, b] >= 0)]
            if len(both) and (value := cohen(both[:, a], both[:, b], len(values))) is not None:
                found.append(value)
        return float(np.mean(found)) if found else None

    return estimate(statistic, len(votes), len(votes))


def alpha(votes: Votes, values: Sequence[str]) -> Estimate:
    """Krippendorff's alpha for nominal data, any number of annotators, missing labels allowed (package `krippendorff`)."""
    import krippendorff

    votes = [each for each in votes if len(each) > 1]
    counts = np.array([[list(each.values()).count(value) for value in values] for each in votes])

    def statistic(picks: np.ndarray) -> float | None:
        drawn = counts[picks]
        if np.count_nonzero(drawn.sum(0)) < 2:
            return None  # only one value: chance alone would agree always
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            return float(krippendorff.alpha(value_counts=drawn, level_of_measurement="nominal"))

    return estimate(statistic, len(votes), len(votes), draws=500)


def nominal(votes: Votes, values: Sequence[str]) -> dict[str, Estimate]:
    return {"percent": percent(votes), "kappa": kappa(votes, values), "alpha": alpha(votes, values)}


def confusion(pairs: Sequence[tuple[str, str]], values: Sequence[str]) -> dict[str, dict[str, int]]:
    """Counts of (row, column)."""
    table = {row: dict.fromkeys(values, 0) for row in values}
    for row, column in pairs:
        table[row][column] += 1
    return table
