"""How far a mean over texts may be off."""

from __future__ import annotations

import numpy as np


def bootstrap(values: np.ndarray, draws: int = 2000, seed: int = 0) -> tuple[float, float]:
    """95 % percentile interval of the mean (Efron 1979): `draws` resamples of the values; the same seed, the same interval."""
    picks = np.random.default_rng(seed).integers(0, len(values), (draws, len(values)))
    low, high = np.percentile(values[picks].mean(1), [2.5, 97.5])
    return float(low), float(high)
