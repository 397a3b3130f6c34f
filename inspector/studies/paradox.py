"""Does the paradox show in a study? A rule of ours, stated in docs/studies.md and applied here; the words are elsewhere.

Sizes of one family are compared, at one ratio, with whole memories, on the texts that both have. Every comparison of a table
(all ratios, BLEU and all measures of faithfulness) stands under one Holm correction, so that none is picked out afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from inspector.studies.measured import Configuration, Group, measure
from inspector.studies.statistics import Estimate, differing, estimates, holm, known, resampled, wilcoxon

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
    """A larger compressor against a smaller one, over the texts that both have. `difference` is of the measure over all of them,
    larger less smaller; `by_text` the mean of the texts' own differences, which p is about (Wilcoxon)."""

    smaller: Configuration
    larger: Configuration
    difference: Estimate
    by_text: float
    p: float | None
    p_holm: float | None

    @property
    def sign(self) -> int:
        """1 or -1 where the difference is told: its interval leaves 0 out, the texts' own differences lie on the same side on
        average, and Holm's p is below ALPHA."""
        d = self.difference
        if self.p_holm is None or self.p_holm >= ALPHA or d.low is None or d.high is None:
            return 0
        side = int(d.low > 0) - int(d.high < 0)
        return side if side * self.by_text > 0 else 0


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
    by_text = [values for _, a, b in pairs for values in differing(a, b, names)]
    about = [(key, name, a.configuration, b.configuration) for key, a, b in pairs for name in names]
    told = zip(about, contrasts([(a, b) for _, a, b in pairs], names), by_text, strict=True)
    rows = holm([{"about": each, "told": e, "by_text": float(np.nanmean(v)), "p": wilcoxon(v)} for each, e, v in told if e])
    steps: dict[tuple, list[Step]] = {}
    for row in rows:
        key, name, a, b = row["about"]
        ends = every[key][0].configuration, every[key][-1].configuration
        if (key, name) in steps or (a, b) == ends:  # else the ends share no text
            steps.setdefault((key, name), []).append(Step(a, b, row["told"], row["by_text"], row["p"], row["p_holm"]))
    made: dict[str, list[Cell]] = {name: [] for name in names[1:]}
    for key, members in every.items():
        ends = estimates([members[0], members[-1]], names)
        course = {n: Course(n, ends[0][n], ends[1][n], tuple(steps.get((key, n), ()))) for n in names}
        sizes = tuple(g.configuration for g in members)
        for name in names[1:]:
            made[name].append(Cell(*key, sizes, course["bleu"], course[name]))
    return made


def contrasts(pairs: Sequence[tuple[Group, Group]], names: Sequence[str]) -> list[Estimate | None]:
    """Pair by pair, for each measure the second's less the first's over the texts that both have, with an interval that draws
    these texts again; None where no text has it from both. `n` counts the texts that have it from both.

    Texts are drawn by their place, so that pairs with as many texts share the draws.
    """
    parts: list[list[np.ndarray]] = []  # a pair and measure: Σ above and Σ below of the first's texts, then the second's
    for a, b in pairs:
        place = {text: k for k, text in enumerate(b.texts)}
        at = np.array([(k, place[text]) for k, text in enumerate(a.texts) if text in place], int).reshape(-1, 2)
        parts += ([part[at[:, side]] for side, g in enumerate((a, b)) for part in measure(n).parts(g.columns)] for n in names)
    told: list[Estimate | None] = [None] * len(parts)
    alike: dict[int, list[int]] = {}
    for k, (_, b1, _, b2) in enumerate(parts):
        if ((b1 > 0) & (b2 > 0)).any():
            alike.setdefault(len(b1), []).append(k)
    for size, members in alike.items():
        a1, b1, a2, b2 = np.array([parts[k] for k in members]).transpose(1, 2, 0)

        def statistic(weights: np.ndarray, a1=a1, b1=b1, a2=a2, b2=b2) -> np.ndarray:  # type: ignore[no-untyped-def]
            return (weights @ a2) / (weights @ b2) - (weights @ a1) / (weights @ b1)

        values = statistic(np.ones((1, size)))[0]
        bounds = resampled(size, statistic) if size > 1 else [(None, None)]
        for k, value, each, n in zip(members, values, bounds, ((b1 > 0) & (b2 > 0)).sum(0), strict=True):
            told[k] = Estimate(float(value), *each, int(n))
    return told


def _pairs(members: Sequence[Group]) -> list[tuple[Group, Group]]:
    return [(members[0], members[-1]), *(pairwise(members) if len(members) > 2 else ())]
