"""How effective rank and entropy go with faithfulness over a study's compressors, with intervals: the Studies page's scatter."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from inspector.studies.measured import Group, measure
from inspector.studies.statistics import LEAST, RELATED, known, rank_correlations, resampled


@dataclass(frozen=True)
class Relation:
    """Spearman's correlation of the compressors' means, or why there is none.

    The interval draws texts again and keeps the compressors: it says how sure the figure is for these, not for others.
    """

    x: str
    y: str
    ratio: int | None  # None: all ratios, with the ratio held fixed
    held: str | None  # tokens_trained, or nothing beside the ratio
    n: int  # configurations
    needed: int
    value: float | None
    low: float | None
    high: float | None


def relations(found: Sequence[Group]) -> list[Relation]:
    """Of whole memories: each pair of measures at each ratio, and over all ratios with the ratio held fixed; plain, and with the
    tokens trained held fixed (partial rank correlation). At least LEAST configurations, one more for each control."""
    whole = [g for g in found if g.configuration.truncate is None]
    ratios = sorted({g.configuration.ratio for g in whole})
    made = []
    for x, y in RELATED:
        if known(whole, (x, y)):
            for ratio in [*ratios, *([None] if len(ratios) > 1 else ())]:
                members = [g for g in whole if ratio in (None, g.configuration.ratio)]
                made += [relation(members, x, y, ratio, held) for held in (None, "tokens_trained")]
    return made


def relation(members: Sequence[Group], x: str, y: str, ratio: int | None, held: str | None) -> Relation:
    means = [[over(g, name) for g in members] for name in (x, y)]
    controls = [np.array([float(g.configuration.ratio) for g in members])] if ratio is None else []
    if held:
        controls.append(np.array([math.nan if (t := g.configuration.tokens_trained) is None else t for g in members], float))
    usable = ~np.isnan(np.array([*means, *controls])).any(0)
    n, needed = int(usable.sum()), LEAST + len(controls)
    value = low = high = None
    if n >= needed:
        members, controls = [g for g, good in zip(members, usable, strict=True) if good], [c[usable] for c in controls]
        told = rank_correlations(*(np.array(m)[None, usable] for m in means), controls)[0]
        value = None if math.isnan(told) else float(told)
    if value is not None:
        low, high = bounds(members, x, y, controls)
    return Relation(x, y, ratio, held, n, needed, value, low, high)


def over(group: Group, name: str) -> float:
    """A measure over all texts of a configuration, without an interval; nan where no text has it."""
    above, below = (part.sum() for part in measure(name).parts(group.columns))
    return float(above / below) if below else math.nan


def bounds(members: Sequence[Group], x: str, y: str, controls: Sequence[np.ndarray]) -> tuple[float | None, float | None]:
    """95 % percentile bootstrap over texts, the same draws for all compressors."""
    place = {text: k for k, text in enumerate(dict.fromkeys(text for g in members for text in g.texts))}
    parts = {name: np.zeros((2, len(place), len(members))) for name in (x, y)}
    for k, group in enumerate(members):
        at = [place[text] for text in group.texts]
        for name, sums in parts.items():
            sums[0, at, k], sums[1, at, k] = measure(name).parts(group.columns)

    def statistic(weights: np.ndarray) -> np.ndarray:
        drawn = ((weights @ above) / (weights @ below) for above, below in parts.values())
        return rank_correlations(*drawn, controls)[:, None]

    return resampled(len(place), statistic)[0] if len(place) > 1 else (None, None)
