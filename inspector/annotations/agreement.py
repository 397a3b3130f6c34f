"""How far annotators agree: on the verdict, on which kinds an item has, and on the marks themselves.

Alpha and kappa are of whole items (a verdict; a kind is there or not), F1 is of marks: alpha over overlapping spans has no agreed
definition. Intervals are 95 % bootstrap intervals over items. Where a value is rare, alpha and kappa are unstable: look at n.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import Any

from inspector.annotations.figures import Estimate, confusion, nominal, ratio
from inspector.annotations.labels import VERDICTS, Label
from inspector.annotations.spans import HOW, How, Marked, match
from inspector.inspection import KINDS

Labels = Mapping[str, Mapping[str, Label]]  # item → annotator → label
NONE = "none"  # in the confusion of kinds: a mark that the other did not make
FEW = 10


def held(events: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Label]]:
    """What `queues.labels_of` gives, as labels."""
    return {item: {name: event.label for name, event in by.items()} for item, by in events.items()}


def pairs_of(by: Mapping[str, Label]) -> list[tuple[Label, Label]]:
    return [(by[a], by[b]) for a, b in combinations(sorted(by), 2)]


def of_kind(marks: Iterable[Marked], kind: str | None) -> list[Marked]:
    return [mark for mark in marks if kind is None or mark.kind == kind]


def f1(items: Sequence[Sequence[tuple[Sequence[Marked], Sequence[Marked]]]], how: How, kind: str | None = None) -> Estimate:
    """F1 over all pairs of answers of each item; n: marks compared."""
    above, below = [], []
    for pairs in items:
        sides = [(of_kind(a, kind), of_kind(b, kind)) for a, b in pairs]
        above.append(2 * sum(len(match(a, b, how)) for a, b in sides))
        below.append(sum(len(a) + len(b) for a, b in sides))
    return ratio(above, below)


def agreement(labels: Labels) -> dict[str, Any]:
    """All figures of a queue, as plain JSON; fields in docs/annotations.md.

    `items` counts those with two labels or more: the others say nothing of agreement.
    """
    shared = {item: by for item, by in labels.items() if len(by) > 1}
    pairs = [pairs_of(by) for by in shared.values()]
    marks = [[(a.marks, b.marks) for a, b in each] for each in pairs]
    verdicts = [{name: label.verdict for name, label in by.items()} for by in shared.values()]
    kinds: dict[str, Any] = {}
    for kind in KINDS:
        votes = [{name: "yes" if of_kind(label.marks, kind) else "no" for name, label in by.items()} for by in shared.values()]
        count = sum(value == "yes" for each in votes for value in each.values())
        if count:
            kinds[kind] = {"n": count, **nominal(votes, ("no", "yes")), **{how: f1(marks, how, kind) for how in HOW[:2]}}
    names = sorted({name for by in shared.values() for name in by})
    everybody = sorted({name for by in labels.values() for name in by})
    return {
        "items": len(shared),
        "annotators": {name: sum(name in by for by in labels.values()) for name in everybody},
        "verdict": {
            **nominal(verdicts, VERDICTS),
            "confusion": confusion([(a.verdict, b.verdict) for each in pairs for a, b in each], VERDICTS),
        },
        "spans": {how: f1(marks, how) for how in HOW},
        "kinds": kinds,
        "kind_confusion": kind_confusion(marks),
        "pairs": [pair(a, b, shared) for a, b in combinations(names, 2)],
        "warnings": warnings_of(len(shared), kinds),
    }


def kind_confusion(items: Sequence[Sequence[tuple[Sequence[Marked], Sequence[Marked]]]]) -> dict[str, dict[str, int]]:
    """Kinds of marks in the same position; `none` where only one of the two marked it."""
    found: list[tuple[str, str]] = []
    for pairs in items:
        for a, b in pairs:
            matched = match(a, b, "position")
            found += [(a[i].kind, b[j].kind) for i, j in matched]
            left, right = {i for i, _ in matched}, {j for _, j in matched}
            found += [(mark.kind, NONE) for i, mark in enumerate(a) if i not in left]
            found += [(NONE, mark.kind) for j, mark in enumerate(b) if j not in right]
    return confusion(found, (*KINDS, NONE))


def pair(a: str, b: str, labels: Labels) -> dict[str, Any]:
    """Two annotators, over the items that both labelled."""
    both = [{a: by[a], b: by[b]} for by in labels.values() if a in by and b in by]
    votes = [{name: label.verdict for name, label in by.items()} for by in both]
    marks = [[(by[a].marks, by[b].marks)] for by in both]
    figures = nominal(votes, VERDICTS)
    return {
        "annotators": [a, b],
        "items": len(both),
        "percent": figures["percent"],
        "kappa": figures["kappa"],
        "exact": f1(marks, "exact"),
        "overlap": f1(marks, "overlap"),
    }


def warnings_of(items: int, kinds: Mapping[str, Any]) -> list[str]:
    found = []
    if items < 2:
        found.append("Fewer than two items have two labels: there is no agreement to speak of.")
    rare = [kind for kind, row in kinds.items() if row["n"] < FEW]
    if rare:
        found.append(f"Marked fewer than {FEW} times, so alpha and kappa say little: {', '.join(rare)}.")
    return found


def disagreements(labels: Labels) -> list[dict[str, Any]]:
    """Items on which annotators differ, for adjudication: most first.

    Each `{"item", "verdicts": {annotator: verdict}, "unmatched": {annotator: [mark indices]}, "differences"}`; a mark is
    unmatched where some other annotator has none of the same kind in its place.
    """
    found = []
    for item, by in labels.items():
        if len(by) < 2:
            continue
        unmatched: dict[str, set[int]] = {name: set() for name in sorted(by)}
        for a, b in combinations(sorted(by), 2):
            matched = match(by[a].marks, by[b].marks, "overlap")
            unmatched[a] |= set(range(len(by[a].marks))) - {i for i, _ in matched}
            unmatched[b] |= set(range(len(by[b].marks))) - {j for _, j in matched}
        verdicts = {name: by[name].verdict for name in sorted(by)}
        differences = len(set(verdicts.values())) - 1 + sum(map(len, unmatched.values()))
        if differences:
            marks = {name: sorted(numbers) for name, numbers in unmatched.items()}
            found.append({"item": item, "verdicts": verdicts, "unmatched": marks, "differences": differences})
    return sorted(found, key=lambda row: -row["differences"])


def unanimous(by: Mapping[str, Label]) -> Label | None:
    """The first annotator's label where all (two or more) gave the same verdict and the same marks, severity included."""
    if len(by) < 2:
        return None
    says = {(label.verdict, frozenset(mark.content for mark in label.marks)) for label in by.values()}
    return by[min(by)] if len(says) == 1 else None
