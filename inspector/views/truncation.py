"""A truncation sweep → a Markdown table, and the curves that the page draws."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from inspector.measures.entropy import bits
from inspector.measures.truncation import Mean, Point, Summary

HEADS = (
    *("compressor", "keep", "directions", "energy", "BLEU", "entities kept", "numbers kept", "role F1"),
    *("drift accuracy", "prior's", "margin, bits", "entropy, bits", "effective rank"),
)
WHOLE = "whole"


def markdown(swept: Sequence[tuple[str, Sequence[Summary]]]) -> str:
    """A table of compressors and steps; means with 95 % intervals where there are several texts."""
    lines = [f"| {' | '.join(HEADS)} |", "|---" * len(HEADS) + "|"]
    for name, rows in swept:
        lines += [f"| {' | '.join((name, *cells(row)))} |" for row in rows]
    pairs = {row.pairs for _, rows in swept for row in rows}
    count = "–".join(f"{n:,}" for n in sorted({min(pairs), max(pairs)})) if pairs else "0"
    return "\n".join([*lines, "", f"{NOTE} Exchanged pairs: {count}."])


NOTE = (
    "Drift accuracy: share of exchanged pairs of which the decoder prefers the true text (chance 0.5), given memory, and beside "
    "it the prior alone; margin: how much likelier it finds it."
)


def cells(row: Summary) -> list[str]:
    """Everything of a step but the compressor's name."""
    step, several = row.step, row.of.low is not None
    keep = WHOLE if step.share == 1.0 else f"{step.count}" if step.count else f"{step.share:.0%}"
    kept, of = row.directions.mean, row.of.mean
    return [
        f"**{keep}**" if keep == WHOLE else keep,
        f"{kept:.1f} of {of:.1f} ({row.share.mean:.0%})" if several else f"{kept:.0f} of {of:.0f}",
        said(row.values["energy"], 3),
        said(row.values["bleu"], 1),
        said(row.values["entities"], 3),
        said(row.values["numbers"], 3),
        said(row.values["role_f1"], 3),
        said(row.values["drift"], 3),
        said(row.values["prior_drift"], 3),
        said(row.values["margin"], 1, bits(1.0)),
        said(row.values["entropy"], 3, bits(1.0)),
        said(row.values["effective_rank"], 1),
    ]


def said(value: Mean | None, digits: int, scale: float = 1.0) -> str:
    """`12.3 (11.9–12.8)`, or the number alone, or a dash."""
    if value is None:
        return "–"
    number = f"{scale * value.mean:.{digits}f}"
    if value.low is None:
        return number
    return f"{number} ({scale * value.low:.{digits}f} to {scale * value.high:.{digits}f})"


def curve(name: str, points: Sequence[Point], message: str | None = None) -> dict[str, Any]:
    """One compressor's points for the page: shares 0–1, bits; `message` says why there are none."""

    def short(value: float | None, digits: int, scale: float = 1.0) -> float | None:
        return None if value is None else round(scale * value, digits)

    return {
        "name": name,
        "message": message,
        "points": [
            {
                "k": p.directions,
                "of": p.of,
                "energy": short(p.energy, 4),
                "bleu": short(p.bleu, 2),
                "retention": short(p.kept / p.things, 4) if p.things else None,
                "kept": [p.kept, p.things],
                "role_f1": short(p.role_f1, 4),
                "drift": short(p.drift, 4),
                "prior": short(p.prior_drift, 4),
                "pairs": p.pairs,
                "margin": short(p.margin, 2, bits(1.0)),
                "entropy": short(p.entropy, 3, bits(1.0)),
                "erank": short(p.effective_rank, 2),
            }
            for p in points
        ],
    }
