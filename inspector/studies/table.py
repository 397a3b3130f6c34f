"""A study's table in the paper's shape (size × ratio × scores, divergences by dimension, effective rank, entropy)."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from inspector.studies.rows import DIMENSIONS
from inspector.studies.statistics import Configuration, Estimate, estimate, groups, measure
from inspector.studies.store import StudyError

if TYPE_CHECKING:
    import pyarrow

HEADS: dict[str, tuple[str, int]] = {  # measure → heading, decimals
    "bleu": ("BLEU", 1),
    "rouge_l": ("ROUGE-L", 1),
    "answer_kept": ("answer kept", 2),
    "other_back": ("prior's answer back", 2),
    "overwriting": ("overwriting", 2),
    **{name: (name.replace("_", " "), 2) for name in DIMENSIONS},
    "effective_rank": ("erank", 2),
    "entropy_bits": ("entropy, bits", 2),
}
NOTE = (
    "Means with 95 % intervals (percentile bootstrap over texts). Overwriting: of the substitutions that could be weighed, the "
    "share that the decoder's prior explains. Dimensions: serious and minor divergences in 1,000 characters of the source."
)


def lines(table: pyarrow.Table, by_set: bool = False) -> list[tuple[str, Configuration, int, dict[str, Estimate | None]]]:
    """(Set or "all", configuration, texts, measures) of each line.

    Raises:
        StudyError: there is nothing to show.
    """
    sets = sorted(set(table.column("set").to_pylist())) if by_set else []
    found = []
    for name in [*sets, "all"] if len(sets) != 1 else ["all"]:
        for group in groups(table, lambda row, name=name: name in ("all", row["set"])):
            told = {of: estimate(group, measure(of)) for of in HEADS}
            found.append((name, group.configuration, len(group.texts), told))
    if not found:
        raise StudyError("the table holds no inspection that did not fail")
    return found


def shown(found: Sequence[tuple[str, Configuration, int, dict[str, Estimate | None]]]) -> list[str]:
    """Measures that some line has."""
    return [of for of in HEADS if any(told[of] for *_, told in found)]


def rendered(table: pyarrow.Table, form: str = "markdown", by_set: bool = False) -> str:
    """The table as `markdown`, `csv` or `latex`.

    Raises:
        StudyError: there is nothing to show.
    """
    found = lines(table, by_set)
    return {"markdown": markdown, "csv": comma_separated, "latex": latex}[form](found)


def first(line: tuple[str, Configuration, int, Any], sets: bool) -> list[str]:
    name, c, texts, _ = line
    size = "–" if not c.parameters else f"{c.parameters / 1e6:.1f} M" if c.parameters < 1e9 else f"{c.parameters / 1e9:.1f} B"
    return [*([name] if sets else ()), c.name, size, f"{c.ratio}×", *([c.truncate or "all"]), str(texts)]


def cell(told: Estimate | None, decimals: int, between: str = "{} ({}–{})") -> str:
    if told is None:
        return "–"
    value, *bounds = (None if v is None else f"{v:.{decimals}f}" for v in (told.value, told.low, told.high))
    return value if None in bounds else between.format(value, *bounds)


def _grid(found: Sequence[tuple[str, Configuration, int, Any]], between: str) -> tuple[list[str], list[list[str]]]:
    names, sets = shown(found), len({line[0] for line in found}) > 1
    heads = [*(["set"] if sets else []), "compressor", "size", "ratio", "directions", "texts", *(HEADS[n][0] for n in names)]
    return heads, [first(line, sets) + [cell(line[3][n], HEADS[n][1], between) for n in names] for line in found]


def markdown(found: Sequence[tuple[str, Configuration, int, Any]]) -> str:
    heads, rows = _grid(found, "{} ({}–{})")
    return "\n".join([*pipes(heads, rows), "", NOTE])


def pipes(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    safe = [[" ".join(c.replace("|", "\\|").split()) for c in row] for row in (heads, *rows)]
    ruled = [safe[0], ["---"] * len(heads), *safe[1:]]
    return ["| " + " | ".join(row) + " |" for row in ruled]


def latex(found: Sequence[tuple[str, Configuration, int, Any]]) -> str:
    """For the package booktabs; intervals small beside the mean."""
    heads, rows = _grid(found, "{}\\,{{\\scriptsize({}--{})}}")
    at = heads.index("texts")
    marks = {"\\": r"\textbackslash{}", "%": r"\%", "&": r"\&", "_": r"\_", "#": r"\#", "$": r"\$", "{": r"\{", "}": r"\}",
             "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "×": r"$\times$", "–": "--"}  # fmt: skip

    def safe(text: str) -> str:
        return "".join(marks.get(c, c) for c in text)

    body = [[*map(safe, row[: at + 1]), *(c.replace("–", "--") for c in row[at + 1 :])] for row in rows]
    columns = "l" * (at - 3) + "r" * (len(heads) - at + 3)
    rows = [" & ".join(row) + r" \\" for row in ([safe(head) for head in heads], *body)]
    ruled = [r"\toprule", rows[0], r"\midrule", *rows[1:], r"\bottomrule"]
    return "\n".join([rf"\begin{{tabular}}{{{columns}}}", *ruled, r"\end{tabular}", "% " + NOTE.replace("%", r"\%")])


def comma_separated(found: Sequence[tuple[str, Configuration, int, Any]]) -> str:
    """A column each for a mean, its bounds and the number of its texts; empty where there is none."""
    names = shown(found)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    heads = ["set", "compressor", "parameters", "tokens_trained", "ratio", "truncate", "texts"]
    writer.writerow(heads + [f"{n}{end}" for n in names for end in ("", "_low", "_high", "_n")])
    for name, c, texts, told in found:
        row = [name, c.name, c.parameters, c.tokens_trained, c.ratio, c.truncate, texts]
        for n in names:
            e = told[n]
            row += [e.value, e.low, e.high, e.n] if e else [None] * 4
        writer.writerow(row)
    return out.getvalue().rstrip("\n")


def statistics_markdown(made: dict[str, Any]) -> str:
    """Paired comparisons and correlations as two tables."""

    def number(value: float | None, decimals: int = 3) -> str:
        return "–" if value is None else f"{value:.{decimals}f}"

    def small(p: float | None) -> str:
        return "–" if p is None else f"{p:.3f}" if p >= 0.001 else f"{p:.0e}"

    compared = [
        [r["measure"], r["first"], r["second"], number(r["value"]), f"{number(r['low'])} to {number(r['high'])}", str(r["n"]),
         small(r["p"]), small(r["p_holm"])]
        for r in made["paired"]
    ]  # fmt: skip
    related = [
        [f"{r['x']} ↔ {r['y']}", f"{r['ratio']}×", r["truncate"] or "all", r["over"], r["held"] or "–", number(r["value"]),
         f"{number(r['low'])} to {number(r['high'])}" if r["low"] is not None else r.get("note", "–"), str(r["n"]), small(r["p"]),
         small(r["p_holm"])]
        for r in made["correlations"]
    ]  # fmt: skip
    heads = ("measure", "first", "second", "second − first", "95 %", "texts", "p", "Holm")
    also = ("pair", "ratio", "directions", "over", "held fixed", "Spearman", "95 %", "n", "p", "Holm")
    return "\n".join(["Paired, on the same texts", "", *pipes(heads, compared), "", "Correlations", "", *pipes(also, related)])
