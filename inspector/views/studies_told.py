"""What a study says of the paradox, in words made from its numbers: `inspector.studies.paradox` decides, this tells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from inspector.studies.paradox import FAITHFUL, Cell, Course, Step, overall, turned
from inspector.views.words import LANGUAGES, word

# How a measure is shown: of shares in percent, differences of them in points; digits.
SHARES = frozenset(("answer_kept", "entities_kept", "numbers_kept", "role_f1", "not_overwriting", "other_back", "overwriting"))
TWO = frozenset(("divergences", "drift", "effective_rank", "entropy_bits"))


def share(name: str) -> bool:
    return (
        name in SHARES or name.startswith("knowledge") or name.endswith("_accuracy") or name in ("drift_prior", "drift_control")
    )


def shown(name: str, value: float | None, signed: bool = False) -> str:
    """A value as it stands in sentences: shares as percent, BLEU 0–100."""
    if value is None:
        return "–"
    digits = 2 if name in TWO or not (share(name) or name in ("bleu", "rouge_l")) else 1
    text = f"{100 * value if share(name) else value:{'+' if signed else ''}.{digits}f}"
    return text.replace("-", "−") + ("%" if share(name) and not signed else "")


def verdict(measure: str, cells: Sequence[Cell]) -> dict[str, Any]:
    """`{"outcome", "said": {language: sentence}, "items": {language: [sentence a cell]}}`."""
    outcome = overall(cells)
    return {
        "outcome": outcome,
        "said": {language: headline(measure, cells, language) for language in LANGUAGES},
        "items": {language: [item(measure, cell, cells, language) for cell in cells] for language in LANGUAGES},
    }


def headline(measure: str, cells: Sequence[Cell], language: str) -> str:
    name = word(f"studies.measure.{measure}", language)
    if not cells:
        return word("studies.told.nothing", language)
    where = {o: ", ".join(place(c, cells) for c in cells if c.outcome == o) for o in ("shows", "absent", "mixed", "untold")}
    outcome = overall(cells)
    if outcome == "mixed":
        parts = "; ".join(word(f"studies.told.part.{o}", language, where=w) for o, w in where.items() if w)
        return word("studies.told.mixed", language, measure=name, parts=parts)
    said = word(f"studies.told.{outcome}", language, measure=name, where=where[outcome])
    rest = where["untold"] if outcome != "untold" else ""
    return said + (" " + word("studies.told.rest", language, where=rest) if rest else "")


def place(cell: Cell, cells: Sequence[Cell]) -> str:
    """`16×`, with the family where there are several."""
    several = len({c.family for c in cells}) > 1
    return f"{cell.family} {cell.ratio}×" if several else f"{cell.ratio}×"


def item(measure: str, cell: Cell, cells: Sequence[Cell], language: str) -> str:
    """The numbers of a cell: smallest and largest, their difference with its interval, and which way it goes."""
    ends = word("studies.told.ends", language, first=cell.sizes[0].name, last=cell.sizes[-1].name)
    parts = [told(cell.bleu, language), told(cell.faithful, language)]
    outcome = word(f"studies.outcome.{cell.outcome}", language)
    return f"{place(cell, cells)}, {ends}: {outcome}. {'; '.join(parts)}."


def told(course: Course, language: str) -> str:
    name = word(f"studies.measure.{course.measure}", language)
    if course.smallest is None or course.largest is None or not course.steps:
        return word("studies.told.absent_measure", language, measure=name)
    values = f"{shown(course.measure, course.smallest.value)} → {shown(course.measure, course.largest.value)}"
    steps = [difference(course.measure, course.steps[0], language)]
    way = word(f"studies.direction.{course.direction}", language)
    more = ""
    if course.direction == "turns":
        each = (f"{s.smaller.name} → {s.larger.name} {shown(course.measure, s.difference.value, True)}" for s in course.steps[1:])
        more = f" ({', '.join(each)})"
    return f"{name} {values} ({', '.join(steps)}), {way}{more}"


def difference(measure: str, step: Step, language: str) -> str:
    d = step.difference
    value = shown(measure, d.value, True)
    if d.low is None:
        return value
    return word(
        "studies.told.interval", language, value=value, low=shown(measure, d.low, True), high=shown(measure, d.high, True)
    )


def comparisons(cells: Sequence[Cell]) -> list[dict[str, Any]]:
    """Every difference that a verdict rests on, for the table of numbers."""
    rows = []
    for cell in cells:
        for course in (cell.bleu, cell.faithful):
            for step in course.steps:
                d = step.difference
                rows.append(
                    {
                        "ratio": cell.ratio,
                        "measure": course.measure,
                        "smaller": step.smaller.name,
                        "larger": step.larger.name,
                        "said": shown(course.measure, d.value, True),
                        "interval": None if d.low is None else [shown(course.measure, b, True) for b in (d.low, d.high)],
                        "n": d.n,
                        "p": step.p,
                        "p_holm": step.p_holm,
                        "sign": step.sign,
                    }
                )
    return rows


def matrix(cells: dict[str, list[Cell]]) -> list[dict[str, Any]]:
    """For each measure, and for BLEU, where it goes with size in every cell: the whole of what was compared."""
    rows = []
    for measure, each in cells.items():
        way = [turned(c.faithful.direction, FAITHFUL[measure]) for c in each]
        rows.append({"measure": measure, "ways": way, "outcomes": [c.outcome for c in each], "overall": overall(each)})
    first = next(iter(cells.values()), [])
    return [{"measure": "bleu", "ways": [c.bleu.direction for c in first], "outcomes": None, "overall": None}, *rows]
