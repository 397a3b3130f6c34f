"""Figures as Markdown tables, for a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from inspector.annotations.figures import Estimate


def shown(estimate: Estimate) -> str:
    """`.71 [.62, .80]`; a dash where it is undefined."""
    value, low, high = estimate["value"], estimate["low"], estimate["high"]
    if value is None:
        return "–"
    return short(value) + (f" [{short(low)}, {short(high)}]" if low is not None else "")


def short(value: float) -> str:
    return f"{value:.2f}".replace("0.", ".", 1) if abs(value) < 0.995 else f"{value:.2f}"


def table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(
        "| " + " | ".join(str(cell).replace("|", "\\|").replace("\n", " ") for cell in line) + " |" for line in lines
    )


def agreement(made: Mapping[str, Any]) -> str:
    verdict = made["verdict"]
    rows = [
        ("verdict", verdict["percent"]["n"], *(shown(verdict[name]) for name in ("percent", "kappa", "alpha")), "–", "–", "–")
    ]
    rows.append(("all marks", made["spans"]["exact"]["n"], "–", "–", "–", *(shown(made["spans"][how]) for how in made["spans"])))
    for kind, row in made["kinds"].items():
        rows.append((kind, row["n"], *(shown(row[name]) for name in ("percent", "kappa", "alpha", "exact", "overlap")), "–"))
    heads = ("", "n", "percent", "kappa", "alpha", "F1 exact", "F1 overlap", "F1 position")
    who = ", ".join(f"{name} ({count})" for name, count in made["annotators"].items())
    first = f"{made['items']} items with two labels or more; labels: {who or 'none'}. 95 % intervals over items."
    return "\n\n".join([first, table(heads, rows), *made["warnings"]])


def disagreements(made: Sequence[Mapping[str, Any]]) -> str:
    if not made:
        return "No disagreements."
    rows = [
        (
            row["item"][:12],
            row["differences"],
            "; ".join(f"{name}: {verdict}" for name, verdict in row["verdicts"].items()),
            "; ".join(f"{name}: {len(marks)}" for name, marks in row["unmatched"].items() if marks),
        )
        for row in made
    ]
    return table(("item", "differences", "verdicts", "marks that others lack"), rows)


def detectors(made: Mapping[str, Any]) -> str:
    rows = [("any alarm (items)", made["alarm"], None)]
    rows += [(f"all kinds, {how}", figures, None) for how, figures in made["marks"].items()]
    rows += [(kind, row, row) for kind, row in made["kinds"].items()]
    cells = [
        (
            name,
            row["precision"]["n"],
            shown(row["precision"]),
            row["recall"]["n"],
            shown(row["recall"]),
            *((shown(exact["exact_precision"]), shown(exact["exact_recall"])) if exact else ("–", "–")),
        )
        for name, row, exact in rows
    ]
    heads = ("", "found", "precision", "gold", "recall", "precision, exact", "recall, exact")
    first = f"{made['gold']} of {made['of']} items have a gold label; {made['items']} of these have suggestions. 95 % intervals."
    return "\n\n".join([first, table(heads, cells), *made["warnings"]])


def queues(rows: Sequence[tuple[Any, Mapping[str, Any]]]) -> str:
    if not rows:
        return "No queues yet."
    cells = []
    for queue, done in rows:
        who = "; ".join(f"{name}: {counts.get('submitted', 0)}" for name, counts in done["annotators"].items())
        kind = ("blind, " if queue.blind else "") + f"suggestions {queue.shown}"
        cells.append((queue.name, queue.annotators, done["texts"], done["items"], done["calibration"], done["done"], kind, who))
    return table(("queue", "annotators", "texts", "items", "calibration", "done", "", "submitted"), cells)
