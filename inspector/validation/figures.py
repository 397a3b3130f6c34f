"""Pairs and reports → figures with intervals. Pure; what counts as right is stated at each function."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from inspector.inspection import Report
from inspector.validation.sets import ERRORS, Labelled

GOLD = {
    "Entity": ("entity", "identifier", "number"),
    "Predicate": ("predicate", "negation", "role"),
    "Circumstance": ("number", "relation", "modifier"),
    "Coreference": ("coreference",),
}  # BUMP's error type → our kinds
Rows = Sequence[tuple[Labelled, Report]]


@dataclass(frozen=True)
class Figure:
    """One number. `goal` reads like "≥ .75"; `low`, `high` bound 95 % of 1,000 bootstrap samples; halves by a hash of the id."""

    set: str
    name: str
    value: float
    n: int
    low: float
    high: float
    halves: tuple[float, float]
    goal: str = ""

    def json(self) -> dict[str, object]:
        return asdict(self)


def figure(where: str, name: str, rows: Rows, measure: Callable[[Rows], float], goal: str = "", samples: int = 1000) -> Figure:
    draw = np.random.default_rng(0)
    values = []
    for _ in range(samples if len(rows) > 1 else 0):
        values.append(measure([rows[k] for k in draw.integers(0, len(rows), len(rows))]))
    low, high = np.nanpercentile(values, (2.5, 97.5)) if values else (float("nan"), float("nan"))
    halves = tuple(measure([r for r in rows if r[0].half == h]) for h in (0, 1))
    return Figure(where, name, measure(rows), len(rows), float(low), float(high), halves, goal)


def share(rows: Rows, right: Callable[[Labelled, Report], bool]) -> float:
    return float(np.mean([right(p, r) for p, r in rows])) if rows else float("nan")


def serious(report: Report) -> bool:
    return any(d.severity == "serious" for d in report.divergences)


def holds(report: Report, *kinds: str) -> bool:
    return any(d.kind in kinds for d in report.divergences)


def balanced(rows: Rows) -> float:
    """Mean of the share of inconsistent pairs that have a serious divergence and of consistent ones that have none."""
    wrong = [r for r in rows if r[0].label == "inconsistent"]
    right = [r for r in rows if r[0].label == "consistent"]
    return (share(wrong, lambda _, r: serious(r)) + share(right, lambda _, r: not serious(r))) / 2


def summedits(rows: Rows) -> list[Figure]:
    name = "SummEdits-dev"
    found = [figure(name, "balanced accuracy of “any serious divergence”", rows, balanced, "≥ .75, aim .85")]
    for domain in sorted({p.more["domain"] for p, _ in rows}):
        found.append(figure(name, f"… {domain}", [r for r in rows if r[0].more["domain"] == domain], balanced))
    wrong = [r for r in rows if r[0].label == "inconsistent"]
    found.append(figure(name, "inconsistent pairs found", wrong, alarmed))
    right = [r for r in rows if r[0].label == "consistent"]
    found.append(figure(name, "consistent pairs alarmed", right, alarmed))
    for edit in sorted({e for p, _ in wrong for e in p.more["edits"]}):
        mine = [r for r in wrong if edit in r[0].more["edits"]]
        found.append(figure(name, f"inconsistent pairs found, {edit.replace('_', ' ')}", mine, alarmed))
    return found


def alarmed(rows: Rows) -> float:
    return share(rows, lambda _, r: serious(r))


def top_two(kinds: Sequence[str]) -> Callable[[Rows], float]:
    return lambda rows: share(rows, lambda _, r: any(d.kind in kinds for d in r.divergences[:2]))


def anywhere(kinds: Sequence[str]) -> Callable[[Rows], float]:
    return lambda rows: share(rows, lambda _, r: holds(r, *kinds))


def with_kind(kind: str) -> Callable[[Rows], float]:
    return lambda rows: share(rows, lambda _, r: holds(r, kind))


def entries(rows: Rows) -> float:
    return float(np.mean([len(r.divergences) for _, r in rows])) if rows else float("nan")


def bump(rows: Rows) -> list[Figure]:
    """Right: one of the gold type's kinds among the first two entries."""
    name, found = "BUMP-dev", []
    for label, kinds in GOLD.items():
        mine = [r for r in rows if r[0].label == label]
        found.append(figure(name, f"{label}: {', '.join(kinds)} among the top two", mine, top_two(kinds), "≥ .80, aim .90"))
    found.append(figure(name, "entries a pair", rows, entries, "≤ 2.5"))
    for label, kinds in GOLD.items():
        found.append(figure(name, f"{label}: at any rank", [r for r in rows if r[0].label == label], anywhere(kinds)))
    return found


def condaqa(rows: Rows) -> list[Figure]:
    name = "CondaQA-dev"
    same, turned, scope = ([r for r in rows if r[0].label == label] for label in ("paraphrase", "affirmative", "scope"))
    negation = with_kind("negation")
    return [
        figure(name, "paraphrases alarmed (serious)", same, alarmed, "≤ .15"),
        figure(name, "affirmative edits with kind negation", turned, negation, "≥ .75"),
        figure(name, "scope edits with kind negation", scope, negation, "≥ .60"),
        figure(name, "paraphrases with kind negation, any severity", same, negation),
        figure(name, "affirmative edits with a serious divergence", turned, alarmed),
        figure(name, "scope edits with a serious divergence", scope, alarmed),
    ]


def grammar(rows: Rows) -> list[Figure]:
    name = "grammar"
    swapped, same = ([r for r in rows if r[0].label == label] for label in ("swapped", "harmless"))
    return [
        figure(name, "swaps found (kind role)", swapped, with_kind("role"), "≥ .97"),
        figure(name, "false alarms (serious)", same, alarmed, "≤ .01"),
    ]


def constructions(rows: Rows) -> list[Figure]:
    """As `grammar`, and for each shape by itself."""
    name, found = "constructions", []
    for shape in ("all", *sorted({p.more["forms"][0] for p, _ in rows})):
        mine = [r for r in rows if shape in ("all", r[0].more["forms"][0])]
        swapped, same = ([r for r in mine if r[0].label == label] for label in ("swapped", "harmless"))
        goals = ("≥ .97", "≤ .01") if shape == "all" else ("", "")
        found.append(figure(name, f"swaps found (kind role), {shape}", swapped, with_kind("role"), goals[0]))
        found.append(figure(name, f"false alarms (serious), {shape}", same, alarmed, goals[1]))
    return found


def weight(report: Report) -> float:
    """Serious divergences count 1, minor ones a quarter; what a summary leaves out is no error of its."""
    worth = {"serious": 1.0, "minor": 0.25, "acceptable": 0.0}
    return sum(worth[d.severity] for d in report.divergences if d.change != "dropped")


def auc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """Area under the ROC curve by ranks (Mann-Whitney), ties halved."""
    if not len(positive) or not len(negative):
        return float("nan")
    p, n = np.asarray(positive)[:, None], np.asarray(negative)[None, :]
    return float(np.mean((p > n) + 0.5 * (p == n)))


def frank(rows: Rows) -> list[Figure]:
    """AUC of the summed severities: summaries with an error of a type against those without any."""
    found = []
    for where in ("all", *sorted({p.label for p, _ in rows})):
        inside = [r for r in rows if where in ("all", r[0].label)]
        for error in ERRORS:
            chosen = [r for r in inside if r[0].more["clean"] or error in r[0].more["errors"]]

            def measure(x: Rows, error: str = error) -> float:
                bad = [weight(r) for p, r in x if error in p.more["errors"]]
                return auc(bad, [weight(r) for p, r in x if p.more["clean"]])

            count = sum(error in p.more["errors"] for p, _ in chosen)
            if count and count < len(chosen):
                found.append(figure("FRANK-valid", f"AUC {error}, {where} ({count} with it)", chosen, measure, samples=200))
    return found
