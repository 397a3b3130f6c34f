"""Does the paradox show in a study? A rule of ours, stated in docs/studies.md and applied here; the words are elsewhere.

Sizes of one family are compared, at one ratio, with whole memories, on the texts that both have. Every comparison of a table
(all ratios, BLEU and all measures of faithfulness) stands under one Holm correction, so that none is picked out afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from inspector.studies.measured import Configuration, Group
from inspector.studies.statistics import Estimate, differing, estimates, holm, known, means, wilcoxon

FAITHFUL: dict[str, int] = {  # 1: more is more faithful, -1: less is
    "knowledge": 1,
    "knowledge_likelihood": 1,
    "knowledge_answer": 1,
    "drift_accuracy": 1,
    "answer_kept": 1,
    "entities_kept": 1,
    "numbers_kept": 1,
    "role_f1": 1,
    "not_overwriting": 1,
    "divergences": -1,
}
ALPHA = 0.05
DIRECTIONS = ("up", "down", "turns", "open")
OUTCOMES = ("shows", "absent", "mixed", "untold")


@dataclass(frozen=True)
class Step:
    """A larger compressor against a smaller one: larger less smaller, over the texts that both have."""

    smaller: Configuration
    larger: Configuration
    difference: Estimate
    p: float | None
    p_holm: float | None

    @property
    def sign(self) -> int:
        """1 or -1 where the difference is told: its interval leaves 0 out on that side, and Holm's p is below ALPHA."""
        d = self.difference
        if self.p_holm is None or self.p_holm >= ALPHA or d.low is None or d.high is None:
            return 0
        return int(d.low > 0) - int(d.high < 0)


@dataclass(frozen=True)
class Course:
    """How a measure goes with size in one series. `steps`: smallest to largest first, then neighbours where there are more."""

    measure: str
    smallest: Estimate | None
    largest: Estimate | None
    steps: tuple[Step, ...]

    @property
    def direction(self) -> str:
        """up | down: from smallest to largest, and no neighbour goes the other way; turns: steps are told both ways; else open.
        By the measure's own numbers, whether or not more of it is more faithful."""
        signs = {step.sign for step in self.steps} - {0}
        if len(signs) == 2:
            return "turns"
        return {1: "up", -1: "down"}.get(self.steps[0].sign if self.steps else 0, "open")


@dataclass(frozen=True)
class Cell:
    """One series at one ratio, BLEU beside one measure of faithfulness."""

    family: str
    ratio: int
    sizes: tuple[Configuration, ...]
    bleu: Course
    faithful: Course

    @property
    def outcome(self) -> str:
        """shows: BLEU up and faithfulness down. absent: BLEU down, or faithfulness up. mixed: else, where one of them turns.
        untold: what is left, where the rise of BLEU or the fall of faithfulness can neither be seen nor ruled out."""
        bleu = self.bleu.direction
        faithful = turned(self.faithful.direction, FAITHFUL[self.faithful.measure])
        if bleu == "up" and faithful == "down":
            return "shows"
        if bleu == "down" or faithful == "up":
            return "absent"
        return "mixed" if "turns" in (bleu, faithful) else "untold"


def turned(direction: str, sign: int) -> str:
    return {"up": "down", "down": "up"}.get(direction, direction) if sign < 0 else direction


def overall(cells: Sequence[Cell]) -> str:
    """What all cells that could be told say; mixed where they differ, untold where there is none."""
    told = {cell.outcome for cell in cells} - {"untold"}
    return told.pop() if len(told) == 1 else "mixed" if told else "untold"


def family(c: Configuration) -> str:
    """What stands before the last hyphen of a name: `pocket` of `pocket-xs`."""
    return c.name.rpartition("-")[0] or c.name


def member(c: Configuration) -> bool:
    """Can it stand in a series of sizes? Not with an option (`+joint`): such a checkpoint was made in another way."""
    return c.truncate is None and bool(c.parameters) and "+" not in c.name


def series(found: Sequence[Group]) -> dict[tuple[str, int], list[Group]]:
    """By family and ratio at least two sizes that share a decoder's size, smallest first. Of several decoders of a family the
    one with most sizes is taken; of equal sizes the first by name."""
    decoders: dict[tuple[str, int], dict[int | None, dict[int, Group]]] = {}
    for group in sorted(found, key=lambda g: g.configuration.name):
        c = group.configuration
        if member(c):
            sizes = decoders.setdefault((family(c), c.ratio), {}).setdefault(c.decoder_parameters, {})
            sizes.setdefault(c.parameters or 0, group)
    chosen = {key: max(each.values(), key=len) for key, each in decoders.items()}
    return {key: [sizes[n] for n in sorted(sizes)] for key, sizes in sorted(chosen.items()) if len(sizes) > 1}


def cells(found: Sequence[Group]) -> dict[str, list[Cell]]:
    """For each measure of faithfulness that the study has, a cell a series."""
    names = ("bleu", *(name for name in FAITHFUL if known(found, [name])))
    every = series(found)
    pairs = [(key, a, b) for key, members in every.items() for a, b in _pairs(members)]
    differences = [values for _, a, b in pairs for values in differing(a, b, names)]
    about = [(key, name, a.configuration, b.configuration) for key, a, b in pairs for name in names]
    told = zip(about, means(differences), differences, strict=True)
    rows = holm([{"about": each, "told": e, "p": wilcoxon(values)} for each, e, values in told if e])
    steps: dict[tuple, list[Step]] = {}
    for row in rows:
        key, name, a, b = row["about"]
        if (key, name) in steps or (a, b) == (every[key][0].configuration, every[key][-1].configuration):  # else no text is shared
            steps.setdefault((key, name), []).append(Step(a, b, row["told"], row["p"], row["p_holm"]))
    made: dict[str, list[Cell]] = {name: [] for name in names[1:]}
    for key, members in every.items():
        ends = estimates([members[0], members[-1]], names)
        course = {n: Course(n, ends[0][n], ends[1][n], tuple(steps.get((key, n), ()))) for n in names}
        sizes = tuple(g.configuration for g in members)
        for name in names[1:]:
            made[name].append(Cell(*key, sizes, course["bleu"], course[name]))
    return made


def _pairs(members: Sequence[Group]) -> list[tuple[Group, Group]]:
    return [(members[0], members[-1]), *(pairwise(members) if len(members) > 2 else ())]
