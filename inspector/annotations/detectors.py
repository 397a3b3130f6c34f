"""The automatic detectors against gold: precision and recall by kind, so that annotating improves the instrument.

Divergences and marks that are `acceptable` (rewording) count on neither side.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from inspector.annotations.figures import Estimate, ratio
from inspector.annotations.items import Item, Suggestions
from inspector.annotations.labels import Label
from inspector.annotations.spans import HOW, How, Marked, match
from inspector.inspection import KINDS

WRONG = ("drift", "overwriting")  # verdicts that an alarm should go off at


def against_gold(gold: Mapping[str, Label], suggestions: Mapping[str, Suggestions | None]) -> dict[str, Any]:
    """Figures over the items that have both a gold label and suggestions.

    Returns plain JSON: `{"items", "seen", "alarm": {"precision", "recall"}, "marks": {how: {"precision", "recall"}},
    "kinds": {kind: {"precision", "recall", "exact_precision", "exact_recall", "found", "gold"}}, "warnings"}`. `alarm`: some
    serious divergence, where the verdict is drift or overwriting; `unsure` items are left out of it. `seen`: gold labels made
    with the suggestions in sight, which flatters the detectors.
    """
    items = [item for item in gold if suggestions.get(item) is not None]
    found = [real(suggestions[item].divergences) for item in items]  # type: ignore[union-attr]
    right = [real(gold[item].marks) for item in items]
    seen = sum(gold[item].shown != "never" for item in items)
    kinds: dict[str, Any] = {}
    for kind in KINDS:
        if any(mark.kind == kind for each in (*found, *right) for mark in each):
            loose, exact = (scores(found, right, how, kind) for how in ("overlap", "exact"))
            kinds[kind] = {
                **loose,
                **{f"exact_{name}": value for name, value in exact.items()},
                "found": loose["precision"]["n"],
                "gold": loose["recall"]["n"],
            }
    warnings = []
    if not items:
        warnings.append("No item has both a gold label and suggestions.")
    if seen:
        warnings.append(f"{seen} of {len(items)} gold labels were made with suggestions in sight, which flatters the detectors.")
    return {
        "items": len(items),
        "seen": seen,
        "alarm": alarm([gold[item] for item in items], [suggestions[item] for item in items]),
        "marks": {how: scores(found, right, how) for how in HOW},
        "kinds": kinds,
        "warnings": warnings,
    }


def real(marks: Sequence[Any]) -> list[Any]:
    return [mark for mark in marks if mark.severity != "acceptable"]


def scores(
    found: Sequence[Sequence[Marked]], right: Sequence[Sequence[Marked]], how: How, kind: str | None = None
) -> dict[str, Estimate]:
    """Precision (n: divergences found) and recall (n: gold marks), of one kind or of all."""

    def only(marks: Sequence[Marked]) -> list[Marked]:
        return [mark for mark in marks if kind is None or mark.kind == kind]

    hits = [len(match(only(a), only(b), how)) for a, b in zip(found, right)]
    return {
        "precision": ratio(hits, [len(only(each)) for each in found]),
        "recall": ratio(hits, [len(only(each)) for each in right]),
    }


def alarm(gold: Sequence[Label], suggestions: Sequence[Suggestions | None]) -> dict[str, Estimate]:
    sure = [(label, found) for label, found in zip(gold, suggestions) if label.verdict != "unsure"]
    wrong = [label.verdict in WRONG for label, _ in sure]
    raised = [any(d.severity == "serious" for d in found.divergences) for _, found in sure]  # type: ignore[union-attr]
    both = [a and b for a, b in zip(wrong, raised)]
    return {"precision": ratio(both, raised), "recall": ratio(both, wrong)}


def fresh(items: Mapping[str, Item], diverge: Callable[[str, str], Any]) -> dict[str, Suggestions]:
    """What the detectors of today find, in place of the suggestions stored."""
    made = {}
    for identity, item in items.items():
        report = diverge(item.source, item.reconstruction)
        made[identity] = Suggestions(divergences=report.divergences, language=report.language, pipeline=report.pipeline)
    return made
