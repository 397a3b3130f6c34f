"""Rates of what came back of swapped facts, with 95 % bootstrap intervals over paragraphs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zlib import crc32

if TYPE_CHECKING:
    import numpy as np

    from inspector.probes.overwriting import Judged

DRAWS = 2000
FREQUENT = 100  # paragraphs of the training text from which a fact is called frequent; the median of the shipped ones is near

# Name → one swap's (numerator, denominator); None where the swap does not count.
Count = Callable[["Judged"], tuple[float, float] | None]
RATES: dict[str, Count] = {
    "kept": lambda j: (j.outcome == "kept", 1),
    "overwriting": lambda j: (j.outcome == "original", 1),
    "other": lambda j: (j.outcome == "other", 1),
    "decoy": lambda j: (j.decoys / len(j.swap.decoys), 1) if j.swap.decoys else None,
    "excess": lambda j: ((j.outcome == "original") - j.decoys / len(j.swap.decoys), 1) if j.swap.decoys else None,
    "among_errors": lambda j: (j.outcome == "original", 1) if j.outcome != "kept" else None,
    "prior_prefers_original": lambda j: (j.prior[1] > j.prior[0], 1) if j.prior else None,
    "memory_prefers_original": lambda j: (j.memory[1] > j.memory[0], 1) if j.memory else None,
    "prior_margin": lambda j: (j.prior[1] - j.prior[0], 1) if j.prior else None,  # nats
    "memory_margin": lambda j: (j.memory[1] - j.memory[0], 1) if j.memory else None,
}
GROUPS: dict[str, Callable[[Judged], bool]] = {
    "entity": lambda j: j.swap.family == "entity",
    "number": lambda j: j.swap.family == "number",
    "frequent": lambda j: j.swap.frequency >= FREQUENT,
    "rare": lambda j: j.swap.frequency < FREQUENT,
}


@dataclass(frozen=True)
class Rate:
    """A share (or a mean of nats) of `n` swaps with its 95 % percentile interval."""

    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True)
class Rates:
    n: int
    rates: Mapping[str, Rate | None]
    drawn: Mapping[str, np.ndarray]  # float64 [DRAWS], for differences

    def json(self) -> dict[str, Any]:
        """`n`, and for each of RATES its value with `_low` and `_high`; null where nothing is counted."""
        flat: dict[str, Any] = {"n": self.n}
        for name, rate in self.rates.items():
            flat |= {
                name: rate and rate.value,
                f"{name}_low": rate and rate.low,
                f"{name}_high": rate and rate.high,
                f"{name}_n": rate.n if rate else 0,
            }
        return flat


def rates(found: Sequence[Judged]) -> Rates:
    """All of RATES. Swaps of one paragraph are drawn together, for they stand or fall together."""
    import numpy as np

    of = list(dict.fromkeys(j.swap.id for j in found))
    index = {paragraph: k for k, paragraph in enumerate(of)}
    seed = crc32(found[0].swap.set.encode()) if found else 0  # repeatable, and each set's draws its own
    picks = np.random.default_rng(seed).integers(0, max(len(of), 1), (DRAWS, len(of)))
    values: dict[str, Rate | None] = {}
    drawn: dict[str, np.ndarray] = {}
    for name, count in RATES.items():
        sums, counted = np.zeros((len(of), 2)), 0
        for j in found:
            if (pair := count(j)) is not None:
                sums[index[j.swap.id]] += pair
                counted += 1
        if not counted:
            values[name] = None
            continue
        total = sums[picks].sum(1)
        with np.errstate(invalid="ignore"):
            drawn[name] = total[:, 0] / total[:, 1]  # a draw may hit no swap that counts: NaN, left out
        low, high = np.nanpercentile(drawn[name], [2.5, 97.5])
        whole = sums.sum(0)
        values[name] = Rate(float(whole[0] / whole[1]), float(low), float(high), counted)
    return Rates(len(found), values, drawn)


def difference(seen: Rates, new: Rates, name: str) -> Rate | None:
    """One set's rate less the other's; the sets hold different paragraphs, so they are drawn by themselves."""
    import numpy as np

    a, b = seen.rates[name], new.rates[name]
    if a is None or b is None:
        return None
    low, high = np.nanpercentile(seen.drawn[name] - new.drawn[name], [2.5, 97.5])
    return Rate(a.value - b.value, float(low), float(high), a.n + b.n)
