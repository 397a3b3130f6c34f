"""How far a figure over texts may be off."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np


def bootstrap(values: np.ndarray, draws: int = 2000, seed: int = 0) -> tuple[float, float]:
    """95 % percentile interval of the mean (Efron 1979): `draws` resamples of the values; the same seed, the same interval."""
    picks = np.random.default_rng(seed).integers(0, len(values), (draws, len(values)))
    low, high = np.percentile(values[picks].mean(1), [2.5, 97.5])
    return float(low), float(high)


def bootstrap_of(
    statistic: Callable[[np.ndarray], float | None], units: int, draws: int = 1000, seed: int = 0
) -> tuple[float, float] | None:
    """The same for any figure: `statistic` takes the indices drawn, out of `units`, and gives None where it is not defined.

    None for fewer than two units, and where more than half of the draws leave the figure undefined.
    """
    if units < 2:
        return None
    picks = np.random.default_rng(seed).integers(0, units, (draws, units))
    found = [value for value in map(statistic, picks) if value is not None]
    if 2 * len(found) < draws:
        return None
    low, high = np.percentile(found, [2.5, 97.5])
    return float(low), float(high)
