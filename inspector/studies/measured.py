"""What a study measures: measures over texts, and the table by configuration, with what probes found joined to it.

A configuration is a compressor at a ratio, with a truncation or none.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from inspector.studies.rows import COLUMNS, DIMENSIONS
from inspector.studies.store import StudyError

if TYPE_CHECKING:
    import pyarrow

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


# Of probes.parquet: measure → (probe, way, kind or None for all); the accuracy of its questions, a tie counting half.
QUESTIONS: dict[str, tuple[str, str, str | None]] = {
    "knowledge": ("knowledge", "reconstruction", None),
    "knowledge_likelihood": ("knowledge", "likelihood", None),
    "knowledge_answer": ("knowledge", "answer", None),
    "drift_accuracy": ("drift", "likelihood", None),
    **{f"{d}_accuracy": ("drift", "likelihood", d) for d in DIMENSIONS},
}
BESIDE = ("prior", "control")  # of the drift probe: what no memory, and another text's memory, would have got right

MEASURES: dict[str, Measure] = {
    "bleu": Measure(("bleu",)),
    "rouge_l": Measure(("rouge_l",)),
    **{name: Measure((f"{name}:right",), (f"{name}:asked",)) for name in QUESTIONS},
    **{f"drift_{beside}": Measure((f"{beside}:right",), (f"{beside}:asked",)) for beside in BESIDE},
    "answer_kept": Measure(("answer_kept",)),
    "other_back": Measure(("other_back",)),
    "entities_kept": Measure(("entities_kept",), ("entities",)),
    "numbers_kept": Measure(("numbers_kept",), ("numbers",)),
    "role_f1": Measure(("role_f1",)),
    "overwriting": Measure(("overwritten",), ("overwritten", "not_overwritten")),
    "not_overwriting": Measure(("not_overwritten",), ("overwritten", "not_overwritten")),
    **{dimension: per_thousand(dimension) for dimension in DIMENSIONS},
    "divergences": per_thousand(*DIMENSIONS),
    "drift": per_thousand(*DRIFT),
    "effective_rank": Measure(("effective_rank",)),
    "entropy": Measure(("entropy",)),
    "entropy_bits": Measure(("entropy",), scale=1 / math.log(2)),
}


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
    decoder_parameters: int | None

    @property
    def title(self) -> str:
        return self.compressor if self.truncate is None else f"{self.compressor}, {self.truncate} kept"


@dataclass(frozen=True)
class Group:
    """The texts that a configuration was measured on: inspections that did not fail, and texts that it was asked about."""

    configuration: Configuration
    texts: list[str]
    columns: dict[str, np.ndarray]

    @property
    def key(self) -> tuple[str, str | None]:
        return self.configuration.compressor, self.configuration.truncate

    @property
    def inspected(self) -> int:
        return int((~np.isnan(self.columns["characters"])).sum())


NAMES = ("compressor", "name", "ratio_requested", "truncate", "parameters", "tokens_trained", "decoder_parameters")
NUMBERS = tuple(name for name, kind in COLUMNS.items() if kind != "string")
MEASURED = tuple(dict.fromkeys(n for m in MEASURES.values() for n in (*m.above, *(m.below or ())) if n in COLUMNS))
NEEDED = (*NAMES, "set", "text", "error", *MEASURED)  # columns of results.parquet that figures are made of
NEEDED_ASKED = (  # of probes.parquet
    *(name for name in NAMES if name != "truncate"),
    *("set", "text", "error", "probe", "way", "kind", "right", "memory", "prior", "control", "reader"),
)


def groups(table: pyarrow.Table, probes: pyarrow.Table | None = None, sets: Collection[str] | None = None) -> list[Group]:
    """The table by configuration: by size, then ratio, then truncation, whole memory first.

    Args:
        table: with the columns NEEDED at least.
        probes: a row a question, with NEEDED_ASKED.
        sets: only texts of these; of all by default.
    """
    there = _chosen(table, sets)
    named = {name: table.column(name).to_pylist() for name in (*NAMES, "text")}
    numbers = {name: _floats(table, name) for name in NUMBERS if name in table.column_names}
    rows: dict[tuple[str, str | None], list[int]] = {}
    for n in there:
        rows.setdefault((named["compressor"][n], named["truncate"][n]), []).append(n)
    asked = {} if probes is None else answers(probes, _chosen(probes, sets))
    known = {key: Configuration(*(named[name][at[0]] for name in NAMES)) for key, at in rows.items()}
    made = []
    for key in dict.fromkeys((*rows, *asked)):
        at = rows.get(key, [])
        texts = [named["text"][n] for n in at]
        columns = {name: values[at] for name, values in numbers.items()}
        found = asked.get(key)
        made.append(_joined(known.get(key) or found.configuration, texts, columns, found))
    return sorted(made, key=lambda g: _order(g.configuration))


def _joined(configuration: Configuration, texts: list[str], columns: dict[str, np.ndarray], found: Answers | None) -> Group:
    """A group with the probes' columns; texts that were only asked about come after those inspected."""
    place = {text: k for k, text in enumerate(texts)}
    new = [text for text in (found.texts if found else ()) if text not in place]
    place |= {text: len(texts) + k for k, text in enumerate(new)}
    blank = np.full(len(new), math.nan)
    columns = {name: np.concatenate([values, blank]) for name, values in columns.items()}
    at = [place[text] for text in found.texts] if found else []
    for name in PROBED_COLUMNS:
        columns[name] = np.full(len(place) if found else len(texts), math.nan)
        if found:
            columns[name][at] = found.columns[name]
    return Group(configuration, [*texts, *new], columns)


@dataclass(frozen=True)
class Answers:
    """What probes found of a configuration: by text, sums of `right` and numbers of questions (nan where none was asked)."""

    configuration: Configuration
    texts: list[str]
    columns: dict[str, np.ndarray]


PROBED_COLUMNS = tuple(f"{name}:{part}" for name in (*QUESTIONS, *BESIDE) for part in ("right", "asked"))
STRINGS = ("compressor", "name", "text", "probe", "way", "kind", "reader")


def answers(probes: pyarrow.Table, there: Sequence[int]) -> dict[tuple[str, None], Answers]:
    """Questions by configuration and text. Those that another model read or judged are left out: its faults are not the
    compressor's."""
    taken = probes.take(there)
    told = {name: np.array(taken.column(name).to_pylist(), object) for name in STRINGS}
    memory, prior, control, right = (_floats(taken, name) for name in ("memory", "prior", "control", "right"))
    own = np.equal(told["reader"], None)
    rows: dict[tuple[str, None], list[int]] = {}
    for n, compressor in enumerate(told["compressor"]):
        rows.setdefault((compressor, None), []).append(n)
    sizes = {name: taken.column(name).to_pylist() for name in NAMES if name not in STRINGS and name != "truncate"}
    found = {}
    for key, at in rows.items():
        texts, place = np.unique(told["text"][at].astype(str), return_inverse=True)
        columns = {}
        for name, (probe, way, kind) in QUESTIONS.items():
            of = own[at] & np.equal(told["probe"][at], probe) & np.equal(told["way"][at], way)
            of &= True if kind is None else np.equal(told["kind"][at], kind)
            columns |= _sums(name, right[at], of, place, len(texts))
        drift = own[at] & np.equal(told["probe"][at], "drift") & ~np.isnan(memory[at])
        for name, margin in zip(BESIDE, (prior, control), strict=True):
            columns |= _sums(name, 0.5 + 0.5 * np.sign(margin[at]), drift, place, len(texts))
        size = {name: values[at[0]] for name, values in sizes.items()}
        c = Configuration(
            key[0], told["name"][at[0]], size["ratio_requested"], None, size["parameters"], size["tokens_trained"],
            size["decoder_parameters"],
        )  # fmt: skip
        found[key] = Answers(c, texts.tolist(), columns)
    return found


def _sums(name: str, right: np.ndarray, of: np.ndarray, place: np.ndarray, texts: int) -> dict[str, np.ndarray]:
    """By text, `right` summed over the questions chosen that have one, and how many these are."""
    of = of & ~np.isnan(right)
    asked = np.bincount(place[of], minlength=texts).astype(float)
    total = np.bincount(place[of], weights=right[of], minlength=texts)
    none = asked == 0
    return {f"{name}:right": np.where(none, math.nan, total), f"{name}:asked": np.where(none, math.nan, asked)}


def _chosen(table: pyarrow.Table, sets: Collection[str] | None) -> Sequence[int]:
    """Rows that did not fail, of these sets."""
    good = table.column("error").is_null().to_numpy(zero_copy_only=False)
    if sets is not None:
        good &= np.array([name in sets for name in table.column("set").to_pylist()], bool)
    return np.flatnonzero(good).tolist()


def _floats(table: pyarrow.Table, name: str) -> np.ndarray:
    import pyarrow

    return table.column(name).cast(pyarrow.float64()).to_numpy(zero_copy_only=False).astype(float)


def _order(c: Configuration) -> tuple:
    whole = c.truncate is None
    return c.parameters or 0, c.name, c.ratio, not whole, -float((c.truncate or "0").rstrip("%"))
