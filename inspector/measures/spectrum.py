"""Singular-value spectrum of a memory, and its effective rank."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from inspector.inspection import Spectrum

RANK_TOLERANCE = 1e-10  # of the strongest: what is below is rounding of float64 (a rebuilt memory's own values lie near 1e-16)


def singular_values(rows: np.ndarray) -> np.ndarray:
    """All singular values of a memory [rows, width], descending, by SVD in float64; Z is not centred.

    Raises:
        ValueError: the memory is empty or holds a value that is not finite.
    """
    matrix = np.asarray(rows, np.float64)
    if matrix.ndim != 2 or matrix.size == 0:
        raise ValueError(f"a spectrum needs a matrix with at least one row, got shape {matrix.shape}")
    if not np.isfinite(matrix).all():
        raise ValueError("the memory holds values that are not finite; its spectrum is undefined")
    return np.linalg.svd(matrix, compute_uv=False)


def effective_rank(values: np.ndarray) -> float:
    """`exp(-Σ p_i ln p_i)` with `p_i = σ_i / Σσ` (Roy & Vetterli, EUSIPCO 2007, eq. 3); between 1 and the rank.

    Raises:
        ValueError: a value is negative, or all are zero.
    """
    values = np.asarray(values, np.float64)
    total = values.sum()
    if total <= 0 or (values < 0).any():
        raise ValueError("effective rank needs singular values that are not negative and not all zero")
    p = values[values > 0] / total
    return float(np.exp(-(p * np.log(p)).sum()))


def cumulative_energy(values: np.ndarray) -> np.ndarray:
    """`Σ_{i≤k} σ_i² / Σ σ_i²` for each k, so it ends at 1."""
    energy = np.square(np.asarray(values, np.float64))
    return np.cumsum(energy) / energy.sum()


def directions_for(values: np.ndarray, share: float) -> int:
    """Fewest leading directions whose energy reaches `share` (0 to 1] of the whole."""
    return min(int(np.searchsorted(cumulative_energy(values), share - 1e-12)) + 1, len(values))


def truncate(rows: np.ndarray, keep: int) -> np.ndarray:
    """The memory rebuilt from its `keep` strongest directions (best approximation of that rank, Eckart & Young 1936)."""
    u, s, v = np.linalg.svd(np.asarray(rows, np.float64), full_matrices=False)
    return (u[:, :keep] * s[:keep]) @ v[:keep]


def kept(found: Spectrum) -> tuple[int, float]:
    """Directions that a memory was truncated to, and the share of the energy that they hold; all and 1 if it was not."""
    values = np.asarray(found.singular_values)
    if found.untruncated is None:
        return len(values), 1.0
    count = int((values > RANK_TOLERANCE * values[0]).sum())
    return count, float(cumulative_energy(found.untruncated)[count - 1])


@dataclass(frozen=True)
class Truncation:
    """How much of a memory to keep: a number of directions, or a share of the energy."""

    count: int | None = None
    share: float | None = None

    def directions(self, values: np.ndarray) -> int:
        """Directions to keep, given all singular values."""
        return min(self.count, len(values)) if self.count is not None else directions_for(values, self.share)


def parse_truncation(text: str) -> Truncation:
    """`"8"` is a count, `"90%"` a share of the energy.

    Raises:
        ValueError: it is neither.
    """
    match = re.fullmatch(r"([0-9]{1,9})|([0-9]{1,9}(?:\.[0-9]{1,9})?)%", text.strip())
    if match and match[1] and int(match[1]) >= 1:
        return Truncation(count=int(match[1]))
    if match and match[2] and 0 < float(match[2]) <= 100:
        return Truncation(share=float(match[2]) / 100)
    raise ValueError(f"cannot truncate to {text[:40]!r}: give a count from 1 such as 8, or an energy share such as 90%")


def spectrum(rows: np.ndarray, untruncated: np.ndarray | None = None) -> Spectrum:
    """Spectrum of a memory [rows, width]; `untruncated` are the original's values where it was truncated."""
    values = singular_values(rows)
    return Spectrum(
        singular_values=tuple(values.tolist()),
        effective_rank=effective_rank(values),
        rows=len(rows),
        untruncated=None if untruncated is None else tuple(np.asarray(untruncated).tolist()),
    )
