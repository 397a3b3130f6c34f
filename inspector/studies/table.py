"""A study's table in the paper's shape (size × ratio × scores, divergences by dimension, effective rank, entropy)."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from inspector.studies.measured import Configuration, groups
from inspector.studies.rows import DIMENSIONS
from inspector.studies.statistics import Estimate, estimates
from inspector.studies.store import StudyError

if TYPE_CHECKING:
    import pyarrow

HEADS: dict[str, tuple[str, int]] = {  # measure → heading, decimals
    "bleu": ("BLEU", 1),
    "rouge_l": ("ROUGE-L", 1),
    "knowledge": ("knowledge", 2),
    "knowledge_likelihood": ("knowledge, likelihood", 2),
    "knowledge_answer": ("knowledge, answered", 2),
    "drift_accuracy": ("drift accuracy", 2),
    **{f"{name}_accuracy": (f"{name.replace('_', ' ')}, right", 2) for name in DIMENSIONS},
    "drift_prior": ("drift, prior", 2),
    "drift_control": ("drift, control", 2),
    "answer_kept": ("answer kept", 2),
    "other_back": ("prior's answer back", 2),
    "overwriting": ("overwriting", 2),
    **{name: (name.replace("_", " "), 2) for name in DIMENSIONS},
    "effective_rank": ("erank", 2),
    "entropy_bits": ("entropy, bits", 2),
}
NOTE = (
    "Means with 95 % intervals (percentile bootstrap over texts). Overwriting: of the substitutions that could be weighed, the "
    "share that the decoder's prior explains. Dimensions: serious and minor divergences in 1,000 characters of the source. "
    "Knowledge, drift accuracy, right: shares of the probes' questions; of drift chance is 0.5."
)


# Set or "all", configuration, texts (inspected; else asked about), measures.
Line = tuple[str, Configuration, int, dict[str, Estimate | None]]


def lines(table: pyarrow.Table, by_set: bool = False, probes: pyarrow.Table | None = None) -> list[Line]:
    """The table's lines.

    Raises:
        StudyError: there is nothing to show.
    """
    sets = sorted({name for each in (table, probes) if each is not None for name in each.column("set").to_pylist()})
    found = []
    for name in [*sets, "all"] if by_set and len(sets) != 1 else ["all"]:
        these = groups(table, probes, None if name == "all" else [name])
        told = estimates(these, tuple(HEADS))
        found += [(name, g.configuration, g.inspected or len(g.texts), each) for g, each in zip(these, told, strict=True)]
    if not found:
        raise StudyError("the table holds no inspection that did not fail")
    return found


def shown(found: Sequence[Line], narrow: bool = True) -> list[str]:
    """Measures that some line has. Narrow: dimensions by what was asked about them where it was, else by divergences."""
    there = [of for of in HEADS if any(told.get(of) for *_, told in found)]
    asked = any(f"{name}_accuracy" in there for name in DIMENSIONS)
    return [of for of in there if not (narrow and asked and of in DIMENSIONS)]


def rendered(table: pyarrow.Table, form: str = "markdown", by_set: bool = False, probes: pyarrow.Table | None = None) -> str:
    """The table as `markdown`, `csv` or `latex`.

    Args:
        probes: a row a question, where the study has any.

    Raises:
        StudyError: there is nothing to show.
    """
    found = lines(table, by_set, probes)
    return {"markdown": markdown, "csv": comma_separated, "latex": latex}[form](found)


def first(line: Line, sets: bool) -> list[str]:
    name, c, texts, _ = line
    size = "–" if not c.parameters else f"{c.parameters / 1e6:.1f} M" if c.parameters < 1e9 else f"{c.parameters / 1e9:.1f} B"
    return [*([name] if sets else ()), c.name, size, f"{c.ratio}×", *([c.truncate or "all"]), str(texts)]


def cell(told: Estimate | None, decimals: int, between: str = "{} ({}–{})") -> str:
    if told is None:
        return "–"
    value, *bounds = (None if v is None else f"{v:.{decimals}f}" for v in (told.value, told.low, told.high))
    return value if None in bounds else between.format(value, *bounds)


def _grid(found: Sequence[Line], between: str) -> tuple[list[str], list[list[str]]]:
    names, sets = shown(found), len({line[0] for line in found}) > 1
    heads = [*(["set"] if sets else []), "compressor", "size", "ratio", "directions", "texts", *(HEADS[n][0] for n in names)]
    return heads, [first(line, sets) + [cell(line[3][n], HEADS[n][1], between) for n in names] for line in found]


def markdown(found: Sequence[Line]) -> str:
    heads, rows = _grid(found, "{} ({}–{})")
    return "\n".join([*pipes(heads, rows), "", NOTE])


def pipes(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    safe = [[" ".join(c.replace("|", "\\|").split()) for c in row] for row in (heads, *rows)]
    ruled = [safe[0], ["---"] * len(heads), *safe[1:]]
    return ["| " + " | ".join(row) + " |" for row in ruled]


def latex(found: Sequence[Line]) -> str:
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


def comma_separated(found: Sequence[Line]) -> str:
    """A column each for a mean, its bounds and the number of its texts; empty where there is none."""
    names = shown(found, narrow=False)
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
