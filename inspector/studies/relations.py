"""How effective rank and entropy go with faithfulness over a study's compressors, with intervals: the Studies page's scatter."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

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
    low: float | None = None
    high: float | None = None


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
    return bounded(made)


def relation(
    members: Sequence[Group], x: str, y: str, ratio: int | None, held: str | None
) -> tuple[Relation, list[Group], list[np.ndarray]]:
    """The relation without its interval, the configurations that it is of, and the controls that are held fixed."""
    means = [[over(g, name) for g in members] for name in (x, y)]
    controls = [np.array([float(g.configuration.ratio) for g in members])] if ratio is None else []
    if held:
        controls.append(np.array([math.nan if (t := g.configuration.tokens_trained) is None else t for g in members], float))
    usable = ~np.isnan(np.array([*means, *controls])).any(0)
    n, needed = int(usable.sum()), LEAST + len(controls)
    members, controls = [g for g, good in zip(members, usable, strict=True) if good], [c[usable] for c in controls]
    told = rank_correlations(*(np.array(m)[None, usable] for m in means), controls)[0] if n >= needed else math.nan
    return Relation(x, y, ratio, held, n, needed, None if math.isnan(told) else float(told)), members, controls


def over(group: Group, name: str) -> float:
    """A measure over all texts of a configuration, without an interval; nan where no text has it."""
    above, below = (part.sum() for part in measure(name).parts(group.columns))
    return float(above / below) if below else math.nan


def bounded(made: Sequence[tuple[Relation, list[Group], list[np.ndarray]]]) -> list[Relation]:
    """With 95 % percentile bootstrap intervals over texts: the same draws for all compressors, and for all relations over as many
    texts."""
    statistics: dict[int, list[tuple[int, Callable[[np.ndarray], np.ndarray]]]] = {}
    for k, (one, members, controls) in enumerate(made):
        if one.value is not None:
            place = {text: at for at, text in enumerate(dict.fromkeys(text for g in members for text in g.texts))}
            statistics.setdefault(len(place), []).append((k, drawn(one, members, controls, place)))
    found = [one for one, *_ in made]
    for size, each in statistics.items():
        if size > 1:
            told = resampled(size, lambda weights, each=each: np.stack([statistic(weights) for _, statistic in each], axis=1))
            for (k, _), (low, high) in zip(each, told, strict=True):
                found[k] = replace(found[k], low=low, high=high)
    return found


def drawn(
    one: Relation, members: Sequence[Group], controls: Sequence[np.ndarray], place: Mapping[str, int]
) -> Callable[[np.ndarray], np.ndarray]:
    """The correlation as a function of weights [draws, texts], how often each text was drawn."""
    parts = {name: np.zeros((2, len(place), len(members))) for name in (one.x, one.y)}
    for k, group in enumerate(members):
        at = [place[text] for text in group.texts]
        for name, sums in parts.items():
            sums[0, at, k], sums[1, at, k] = measure(name).parts(group.columns)

    def statistic(weights: np.ndarray) -> np.ndarray:
        return rank_correlations(*((weights @ above) / (weights @ below) for above, below in parts.values()), controls)

    return statistic
