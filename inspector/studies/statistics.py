"""What a study's table says, and how surely: intervals, paired comparisons, correlations (scipy, statsmodels).

Texts are the units: intervals are 95 % percentile bootstrap over texts, and inspections of one text are never taken for
independent.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from inspector.studies.measured import MEASURES, Group, Measure, groups, measure
from inspector.studies.store import StudyError

if TYPE_CHECKING:
    import pyarrow

DRAWS, SEED = 2000, 0
MANY = 30  # texts that have a value, so that no draw is without any
LEAST = 5  # configurations that a correlation over them needs, less the controls
COMPARED = ("bleu", "rouge_l", "answer_kept", "other_back", "overwriting", "divergences", "effective_rank", "entropy")
PROBED = ("knowledge", "knowledge_likelihood", "knowledge_answer", "drift_accuracy")  # compared as well where they were asked
RELATED = (
    *(("effective_rank", "overwriting"), ("entropy", "drift")),
    *(("effective_rank", "knowledge"), ("entropy", "drift_accuracy")),
)


@dataclass(frozen=True)
class Estimate:
    """Over `n` texts; `low` and `high` are None where no interval can be told."""

    value: float
    low: float | None
    high: float | None
    n: int


def estimate(group: Group, of: Measure) -> Estimate | None:
    """A measure over all texts of a configuration; None where no text has it."""
    return ratios([of.parts(group.columns)])[0]


def estimates(found: Sequence[Group], names: Sequence[str]) -> list[dict[str, Estimate | None]]:
    """`estimate` of every measure for every configuration, computed together."""
    made = iter(ratios([measure(name).parts(group.columns) for group in found for name in names]))
    return [{name: next(made) for name in names} for _ in found]


def mean(values: np.ndarray) -> Estimate | None:
    """Mean of what is not nan, a value a text; None where nothing is left."""
    return means([values])[0]


def means(each: Sequence[np.ndarray]) -> list[Estimate | None]:
    """`mean` of several, computed together."""
    return ratios([(np.nan_to_num(values), (~np.isnan(values)).astype(float)) for values in each])


def ratios(each: Sequence[tuple[np.ndarray, np.ndarray]]) -> list[Estimate | None]:
    """Σ above / Σ below over the texts that have some below, a pair of arrays an estimate.

    Texts are drawn again, those without a value among them; where fewer than MANY have one, only these are drawn. They are drawn
    by their place, so that all arrays of a length share the draws.
    """
    told: list[Estimate | None] = [None] * len(each)
    alike: dict[int, list[tuple[int, np.ndarray, np.ndarray]]] = {}
    for k, (above, below) in enumerate(each):
        there = below > 0
        if there.any():
            kept = slice(None) if there.sum() >= MANY else there
            alike.setdefault(len(above[kept]), []).append((k, above[kept], below[kept]))
    for n, members in alike.items():
        above, below = (np.stack(columns, axis=1) for columns in list(zip(*members, strict=True))[1:])
        bounds = [(None, None)] * len(members)
        if n > 1:
            bounds = resampled(n, lambda weights, above=above, below=below: (weights @ above) / (weights @ below))
        for (k, a, b), (low, high) in zip(members, bounds, strict=True):
            told[k] = Estimate(float(a.sum() / b.sum()), low, high, int((b > 0).sum()))
    return told


def resampled(n: int, statistic: Callable[[np.ndarray], np.ndarray]) -> list[tuple[float | None, float | None]]:
    """95 % percentile bootstrap over n texts, of several statistics at once; (None, None) where some draw leaves one undefined.

    Args:
        statistic: of weights [draws, n], how often each text was drawn, to [draws, statistics].
    """
    from scipy.stats import bootstrap

    def drawn(places: np.ndarray, axis: int = -1) -> np.ndarray:
        places = np.moveaxis(np.atleast_2d(places), axis, -1)
        at = places + n * np.arange(len(places))[:, None]
        weights = np.bincount(at.ravel(), minlength=n * len(places)).reshape(len(places), n)
        return statistic(weights.astype(float)).T

    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # of values that are all the same, whose interval is a point
        made = bootstrap(
            (np.arange(n),), drawn, vectorized=True, n_resamples=DRAWS, method="percentile", rng=SEED,
            batch=max(1, 2_000_000 // n),
        ).confidence_interval  # fmt: skip
    pairs = zip(np.atleast_1d(made.low).ravel(), np.atleast_1d(made.high).ravel(), strict=True)
    return [(float(a), float(b)) if math.isfinite(a) and math.isfinite(b) else (None, None) for a, b in pairs]


def paired(found: Sequence[Group], names: Sequence[str]) -> list[dict[str, Any]]:
    """Every two compressors at one ratio and truncation, and every truncation against the whole memory: second less first, on the
    texts that both have. `p` is Wilcoxon's signed-rank test, two-sided; `p_holm` is corrected over all comparisons here."""
    made, differences = [], []
    for a, b in combinations(found, 2):
        x, y = a.configuration, b.configuration
        alike = (x.ratio, x.truncate) == (y.ratio, y.truncate)
        same = x.compressor == y.compressor and None in (x.truncate, y.truncate)
        if not (alike or same):
            continue
        made += [{"measure": name, "first": x.title, "second": y.title} for name in names]
        differences += differing(a, b, names)
    told = zip(made, means(differences), differences, strict=True)
    return holm([row | asdict(e) | {"p": wilcoxon(values)} for row, e, values in told if e])


def differing(a: Group, b: Group, names: Sequence[str]) -> list[np.ndarray]:
    """For each measure b less a on the texts that both have; nan where one has no value."""
    place = {text: k for k, text in enumerate(b.texts)}
    shared = [(k, place[text]) for k, text in enumerate(a.texts) if text in place]
    at = np.array(shared, int).reshape(-1, 2)
    return [measure(name).values(b.columns)[at[:, 1]] - measure(name).values(a.columns)[at[:, 0]] for name in names]


def wilcoxon(values: np.ndarray) -> float | None:
    """Signed-rank test of values about 0, zeros left out (Wilcoxon 1945; of yes/no differences it is McNemar's test); None where
    fewer than 6 differ from 0, which cannot reach .05."""
    from scipy import stats

    values = values[~np.isnan(values) & (values != 0)]
    if len(values) < 6:
        return None
    tied = len(np.unique(np.abs(values))) < len(values)
    method = "asymptotic" if tied and len(values) > 8 else "auto"  # which goes through all 2^n signs: for 13, seconds
    return float(stats.wilcoxon(values, method=method).pvalue)


def holm(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows with `p_holm` (Holm 1979) over all that have a `p`."""
    from statsmodels.stats.multitest import multipletests

    known = [row for row in rows if row["p"] is not None]
    corrected = multipletests([row["p"] for row in known], method="holm")[1] if known else ()
    for row in rows:
        row["p_holm"] = None
    for row, p in zip(known, corrected, strict=True):
        row["p_holm"] = float(p)
    return rows


def spearman(x: np.ndarray, y: np.ndarray, controls: Sequence[np.ndarray] = ()) -> tuple[float, float] | None:
    """Rank correlation and its two-sided p; with controls of what is left of the ranks after a linear fit on the controls'
    ranks, with as many degrees of freedom less. None where it is not defined: too few points, or one of them constant."""
    from scipy import stats
    from statsmodels.regression.linear_model import OLS
    from statsmodels.tools import add_constant

    there = ~np.isnan(np.array([x, y, *controls])).any(0)
    ranks = [stats.rankdata(values[there]) for values in (x, y, *controls)]
    held = [r for r in ranks[2:] if there.any() and np.ptp(r) > 0]  # a constant is held fixed already
    left = int(there.sum()) - 2 - len(held)
    if left < 1 or any(np.ptp(r) == 0 for r in ranks[:2]):
        return None
    a, b = ranks[:2]
    if held:
        base = add_constant(np.array(held).T)
        a, b = OLS(a, base).fit().resid, OLS(b, base).fit().resid
        if min(np.abs(a).max(), np.abs(b).max()) < 1e-9:
            return None
    r = float(np.clip(stats.pearsonr(a, b).statistic, -1, 1))
    if abs(r) > 1 - 1e-12:
        return r, 0.0
    return r, float(2 * stats.t.sf(abs(r) * math.sqrt(left / (1 - r * r)), left))


def correlations(found: Sequence[Group]) -> list[dict[str, Any]]:
    """erank ↔ overwriting and entropy ↔ drift, at each ratio and truncation, plain and with tokens trained held fixed.

    - over `compressors`: of their means, with p; at least LEAST of them (one more with the control);
    - over `texts`: the rank correlation between compressors on each text by itself, its mean over texts with an interval,
      and Wilcoxon's p against 0. A text's length, subject and difficulty are the same for all, so they have no part in it.
    """
    made = []
    settings = list(dict.fromkeys((g.configuration.ratio, g.configuration.truncate) for g in found))
    for (x, y), (ratio, truncate) in ((pair, setting) for pair in RELATED if known(found, pair) for setting in settings):
        members = [g for g in found if (g.configuration.ratio, g.configuration.truncate) == (ratio, truncate)]
        trained = np.array([math.nan if (t := g.configuration.tokens_trained) is None else t for g in members])
        for control in (None, "tokens_trained"):
            about = {"x": x, "y": y, "ratio": ratio, "truncate": truncate, "held": control}
            controls = [] if control is None else [trained]
            made += (about | row for row in (_over_compressors(members, x, y, controls), _over_texts(members, x, y, controls)))
    return holm(made)


def _over_compressors(members: Sequence[Group], x: str, y: str, controls: Sequence[np.ndarray]) -> dict[str, Any]:
    each = estimates(members, (x, y))
    xs, ys = (np.array([math.nan if e[name] is None else e[name].value for e in each]) for name in (x, y))
    usable = ~np.isnan(np.array([xs, ys, *controls])).any(0)
    n, needed = int(usable.sum()), LEAST + len(controls)
    blank = {"over": "compressors", "value": None, "low": None, "high": None, "n": n, "p": None}
    if n < needed:
        return blank | {"note": f"{n} compressors; {needed} are needed"}
    told = spearman(xs, ys, controls)
    return blank | ({"value": told[0], "p": told[1]} if told else {"note": "constant, or decided by the control"})


def _over_texts(members: Sequence[Group], x: str, y: str, controls: Sequence[np.ndarray]) -> dict[str, Any]:
    xs, ys = (_by_text(members, name) for name in (x, y))
    rhos = rank_correlations(np.stack([*xs.values()]), np.stack([*ys.values()]), controls)
    told, n = mean(rhos), int((~np.isnan(rhos)).sum())
    blank = {"over": "texts", "value": None, "low": None, "high": None, "n": n, "p": None}
    if told is None:
        return blank | {"note": "on no text do both vary over enough compressors"}
    return blank | asdict(told) | {"p": wilcoxon(rhos)}


def rank_correlations(x: np.ndarray, y: np.ndarray, controls: Sequence[np.ndarray] = ()) -> np.ndarray:
    """`spearman`'s value for every row of two arrays [rows, members], the controls [members] the same for all; nan where it is
    not defined."""
    from scipy.stats import rankdata

    told = np.full(len(x), math.nan)
    there = ~(np.isnan(x) | np.isnan(y) | np.isnan(np.array([*controls, np.zeros(x.shape[1])])).any(0))
    for pattern in np.unique(there, axis=0):
        rows, n = (there == pattern).all(1), int(pattern.sum())
        held = [r for r in (rankdata(c[pattern]) for c in controls) if n and np.ptp(r) > 0]
        if n - 2 - len(held) < 1:
            continue
        base = np.linalg.qr(np.array([np.ones(n), *held]).T)[0]
        a, b = (rankdata(v[np.ix_(rows, pattern)], axis=1) for v in (x, y))
        a, b = (r - (r @ base) @ base.T for r in (a, b))
        size = np.sqrt((a * a).sum(1) * (b * b).sum(1))
        varies = np.minimum(np.abs(a).max(1), np.abs(b).max(1)) >= 1e-9
        told[rows] = np.divide((a * b).sum(1), size, out=np.full(len(a), math.nan), where=varies)
    return np.clip(told, -1, 1).round(12)  # so that ties stay ties


def known(found: Sequence[Group], names: Sequence[str]) -> bool:
    """Has every measure a value somewhere?"""
    return all(any((measure(name).parts(g.columns)[1] > 0).any() for g in found) for name in names)


def _by_text(members: Sequence[Group], name: str) -> dict[str, np.ndarray]:
    """Values of each text, one a member, nan where it has none."""
    found: dict[str, np.ndarray] = {}
    for k, group in enumerate(members):
        for text, value in zip(group.texts, MEASURES[name].values(group.columns), strict=True):
            found.setdefault(text, np.full(len(members), math.nan))[k] = value
    return found


def summary(found: Sequence[Group], names: Sequence[str]) -> Iterator[dict[str, Any]]:
    for group, told in zip(found, estimates(found, names), strict=True):
        yield asdict(group.configuration) | {"texts": len(group.texts)} | {n: e and asdict(e) for n, e in told.items()}


def of_study(table: pyarrow.Table, names: Sequence[str] | None = None, probes: pyarrow.Table | None = None) -> dict[str, Any]:
    """All of the above, as JSON.

    Args:
        probes: a row a question, where the study has any.

    Raises:
        StudyError: there is no such measure, or no inspection that did not fail.
    """
    found = groups(table, probes)
    if not found:
        raise StudyError("the table holds no inspection that did not fail")
    chosen = list(names or (*COMPARED, *(PROBED if probes is not None else ())))
    return {
        "configurations": list(summary(found, chosen)),
        "paired": paired(found, chosen),
        "correlations": correlations(found),
    }
