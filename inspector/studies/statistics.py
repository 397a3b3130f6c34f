"""What a study's table says, and how surely: intervals, paired comparisons, correlations (scipy, statsmodels).

Texts are the units: intervals are 95 % percentile bootstrap over texts, and inspections of one text are never taken for
independent. A configuration is a compressor at a ratio, with a truncation or none.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from inspector.studies.rows import COLUMNS, DIMENSIONS
from inspector.studies.store import StudyError

if TYPE_CHECKING:
    import pyarrow

DRAWS, SEED = 2000, 0
LEAST = 5  # configurations that a correlation over them needs, less the controls
DRIFT = tuple(d for d in DIMENSIONS if d != "entity_list")
Columns = Mapping[str, np.ndarray]  # float64, nan for null


@dataclass(frozen=True)
class Measure:
    """`scale · Σ above / Σ below` over texts; `below` None counts the texts that have `above`."""

    above: tuple[str, ...]
    below: tuple[str, ...] | None = None
    scale: float = 1.0

    def parts(self, columns: Columns) -> tuple[np.ndarray, np.ndarray]:
        """Numerator and denominator of each text; both 0 where the text has no value."""
        above = self.scale * sum(columns[name] for name in self.above)
        below = np.ones_like(above) if self.below is None else sum(columns[name] for name in self.below)
        there = ~(np.isnan(above) | np.isnan(below))
        return np.where(there, above, 0.0), np.where(there, below, 0.0)

    def values(self, columns: Columns) -> np.ndarray:
        """The measure of each text; nan where it has none."""
        above, below = self.parts(columns)
        return np.divide(above, below, out=np.full_like(above, np.nan), where=below != 0)


def per_thousand(*names: str) -> Measure:
    return Measure(names, ("characters",), 1000.0)


MEASURES: dict[str, Measure] = {
    "bleu": Measure(("bleu",)),
    "rouge_l": Measure(("rouge_l",)),
    "answer_kept": Measure(("answer_kept",)),
    "other_back": Measure(("other_back",)),
    "overwriting": Measure(("overwritten",), ("overwritten", "not_overwritten")),
    **{dimension: per_thousand(dimension) for dimension in DIMENSIONS},
    "divergences": per_thousand(*DIMENSIONS),
    "drift": per_thousand(*DRIFT),
    "effective_rank": Measure(("effective_rank",)),
    "entropy": Measure(("entropy",)),
    "entropy_bits": Measure(("entropy",), scale=1 / math.log(2)),
}
COMPARED = ("bleu", "rouge_l", "answer_kept", "other_back", "overwriting", "divergences", "effective_rank", "entropy")
RELATED = (("effective_rank", "overwriting"), ("entropy", "drift"))


def measure(name: str) -> Measure:
    """One of MEASURES, or the mean of a column.

    Raises:
        StudyError: there is no such measure.
    """
    if name in MEASURES:
        return MEASURES[name]
    if COLUMNS.get(name) in ("int64", "float64", "bool"):
        return Measure((name,))
    raise StudyError(f"there is no measure {name!r}; known: {', '.join(MEASURES)}, and the columns of numbers")


@dataclass(frozen=True)
class Configuration:
    compressor: str
    name: str
    ratio: int
    truncate: str | None
    parameters: int | None
    tokens_trained: int | None

    @property
    def title(self) -> str:
        return self.compressor if self.truncate is None else f"{self.compressor}, {self.truncate} kept"


@dataclass(frozen=True)
class Group:
    """The inspections of a configuration that did not fail, a text each."""

    configuration: Configuration
    texts: list[str]
    columns: dict[str, np.ndarray]


@dataclass(frozen=True)
class Estimate:
    """Over `n` texts; `low` and `high` are None where no interval can be told."""

    value: float
    low: float | None
    high: float | None
    n: int


def groups(table: pyarrow.Table, chosen: Callable[[dict[str, Any]], bool] = lambda row: True) -> list[Group]:
    """The table by configuration: by size, then ratio, then truncation, whole memory first."""
    numbers = [name for name, kind in COLUMNS.items() if kind != "string"]
    found: dict[tuple, list[dict[str, Any]]] = {}
    for row in table.to_pylist():
        if row["error"] is None and chosen(row):
            found.setdefault((row["compressor"], row["truncate"]), []).append(row)
    made = []
    for rows in found.values():
        first = rows[0]
        names = ("compressor", "name", "ratio_requested", "truncate", "parameters", "tokens_trained")
        columns = {n: np.array([math.nan if r[n] is None else float(r[n]) for r in rows]) for n in numbers}
        made.append(Group(Configuration(*(first[n] for n in names)), [r["text"] for r in rows], columns))
    return sorted(made, key=lambda g: _order(g.configuration))


def _order(c: Configuration) -> tuple:
    whole = c.truncate is None
    return c.parameters or 0, c.name, c.ratio, not whole, -float((c.truncate or "0").rstrip("%"))


def estimate(group: Group, of: Measure) -> Estimate | None:
    """A measure over all texts of a configuration; None where no text has it."""
    above, below = of.parts(group.columns)
    there = below > 0
    if not there.any():
        return None
    above, below = above[there], below[there]
    low, high = interval((above, below), lambda a, b, axis=-1: a.sum(axis) / b.sum(axis))
    return Estimate(float(above.sum() / below.sum()), low, high, len(above))


def interval(data: Sequence[np.ndarray], statistic: Callable[..., Any]) -> tuple[float | None, float | None]:
    """95 % percentile bootstrap over the first axis of arrays that belong together; (None, None) for fewer than two."""
    from scipy.stats import bootstrap

    if len(data[0]) < 2:
        return None, None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of values that are all the same, whose interval is a point
        made = bootstrap(
            data, statistic, paired=len(data) > 1, vectorized=True, n_resamples=DRAWS, method="percentile", rng=SEED,
            batch=max(1, 2_000_000 // len(data[0])),
        ).confidence_interval  # fmt: skip
    return (float(made.low), float(made.high)) if math.isfinite(made.low) and math.isfinite(made.high) else (None, None)


def mean(values: np.ndarray) -> Estimate | None:
    values = values[~np.isnan(values)]
    if not len(values):
        return None
    return Estimate(float(values.mean()), *interval((values,), lambda v, axis=-1: v.mean(axis)), len(values))


def paired(found: Sequence[Group], names: Sequence[str]) -> list[dict[str, Any]]:
    """Every two compressors at one ratio and truncation, and every truncation against the whole memory: second less first, on the
    texts that both have. `p` is Wilcoxon's signed-rank test, two-sided; `p_holm` is corrected over all comparisons here."""
    made = []
    for a, b in combinations(found, 2):
        x, y = a.configuration, b.configuration
        alike = (x.ratio, x.truncate) == (y.ratio, y.truncate)
        same = x.compressor == y.compressor and None in (x.truncate, y.truncate)
        if not (alike or same):
            continue
        place = {text: k for k, text in enumerate(b.texts)}
        shared = [(k, place[text]) for k, text in enumerate(a.texts) if text in place]
        at = np.array(shared, int).reshape(-1, 2)
        for name in names:
            of = measure(name)
            difference = of.values(b.columns)[at[:, 1]] - of.values(a.columns)[at[:, 0]]
            if (told := mean(difference)) is not None:
                row = {"measure": name, "first": x.title, "second": y.title, **asdict(told), "p": wilcoxon(difference)}
                made.append(row)
    return holm(made)


def wilcoxon(values: np.ndarray) -> float | None:
    """Signed-rank test of values about 0; None where nothing differs, or with fewer than 6, which cannot reach .05."""
    from scipy import stats

    values = values[~np.isnan(values)]
    if len(values) < 6 or not np.any(values):
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of ties, for which it takes the normal approximation
        return float(stats.wilcoxon(values, zero_method="zsplit").pvalue)


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
    for (x, y), (ratio, truncate) in ((pair, setting) for pair in RELATED for setting in settings):
        members = [g for g in found if (g.configuration.ratio, g.configuration.truncate) == (ratio, truncate)]
        trained = np.array([math.nan if (t := g.configuration.tokens_trained) is None else t for g in members])
        for control in (None, "tokens_trained"):
            about = {"x": x, "y": y, "ratio": ratio, "truncate": truncate, "held": control}
            controls = [] if control is None else [trained]
            made += (about | row for row in (_over_compressors(members, x, y, controls), _over_texts(members, x, y, controls)))
    return holm(made)


def _over_compressors(members: Sequence[Group], x: str, y: str, controls: Sequence[np.ndarray]) -> dict[str, Any]:
    def means(name: str) -> np.ndarray:
        each = [estimate(g, MEASURES[name]) for g in members]
        return np.array([math.nan if e is None else e.value for e in each])

    usable = ~np.isnan(np.array([means(x), means(y), *controls])).any(0)
    n, needed = int(usable.sum()), LEAST + len(controls)
    blank = {"over": "compressors", "value": None, "low": None, "high": None, "n": n, "p": None}
    if n < needed:
        return blank | {"note": f"{n} compressors; {needed} are needed"}
    told = spearman(means(x), means(y), controls)
    return blank | ({"value": told[0], "p": told[1]} if told else {"note": "constant, or decided by the control"})


def _over_texts(members: Sequence[Group], x: str, y: str, controls: Sequence[np.ndarray]) -> dict[str, Any]:
    values = {name: _by_text(members, name) for name in (x, y)}
    each = [spearman(values[x][text], values[y][text], controls) for text in values[x]]
    rhos = np.array([told[0] for told in each if told])
    blank = {"over": "texts", "value": None, "low": None, "high": None, "n": len(rhos), "p": None}
    told = mean(rhos)
    if told is None:
        return blank | {"note": "on no text do both vary over enough compressors"}
    return blank | asdict(told) | {"p": wilcoxon(rhos)}


def _by_text(members: Sequence[Group], name: str) -> dict[str, np.ndarray]:
    """Values of each text, one a member, nan where it has none."""
    found: dict[str, np.ndarray] = {}
    for k, group in enumerate(members):
        for text, value in zip(group.texts, MEASURES[name].values(group.columns), strict=True):
            found.setdefault(text, np.full(len(members), math.nan))[k] = value
    return found


def summary(found: Sequence[Group], names: Sequence[str]) -> Iterator[dict[str, Any]]:
    for group in found:
        told = {name: estimate(group, measure(name)) for name in names}
        yield asdict(group.configuration) | {"texts": len(group.texts)} | {n: e and asdict(e) for n, e in told.items()}


def of_study(table: pyarrow.Table, names: Sequence[str] | None = None) -> dict[str, Any]:
    """All of the above, as JSON.

    Raises:
        StudyError: there is no such measure, or no inspection that did not fail.
    """
    found = groups(table)
    if not found:
        raise StudyError("the table holds no inspection that did not fail")
    chosen = list(names or COMPARED)
    return {
        "configurations": list(summary(found, chosen)),
        "paired": paired(found, chosen),
        "correlations": correlations(found),
    }
