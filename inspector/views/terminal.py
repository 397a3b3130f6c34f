"""A comparison as text for a terminal: a table of measures, then each reconstruction with its differences marked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from unicodedata import east_asian_width

from inspector.inspection import Inspection

# Controls would drive the terminal, and bidirectional overrides reorder what stands beside them: both are shown by number.
UNSAFE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
RED, GREEN, BOLD, PLAIN = "\x1b[31m", "\x1b[32m", "\x1b[1m", "\x1b[0m"


def safe(text: str) -> str:
    """Text without characters that a terminal would act on; line breaks and tabs stay."""
    return UNSAFE.sub(lambda match: f"\\x{ord(match[0]):02x}" if ord(match[0]) < 256 else f"\\u{ord(match[0]):04x}", text)


def width(text: str) -> int:
    """Columns that a text takes, wide characters counted twice."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Columns padded to their widest cell."""
    lines = [[*map(safe, line)] for line in (heads, *rows)]
    widths = [max(width(line[i]) for line in lines) for i in range(len(heads))]
    return "\n".join(
        "  ".join(cell + " " * (w - width(cell)) for cell, w in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def number(value: float | None, digits: int = 1) -> str:
    return "–" if value is None else f"{value:.{digits}f}"


def cells(inspection: Inspection) -> tuple[str, ...]:
    memory, scores = inspection.memory, inspection.scores
    return (
        inspection.compressor,
        f"{inspection.ratio:.1f}×",
        f"{memory.vectors}×{memory.width}" if memory.width else f"{memory.vectors} kept",
        f"{inspection.bits.text:,} → {inspection.bits.memory:,}",
        number(scores.bleu),
        number(scores.chrf),
        number(scores.rouge_l),
        number(scores.exact_prefix, 2),
        number(inspection.spectrum and inspection.spectrum.effective_rank),
        # ln 2 nats are a bit: JSON holds nats, people read bits
        number(inspection.trace and inspection.trace.mean_entropy / 0.6931471805599453, 2),
        number(inspection.seconds.get("total"), 2),
    )


HEADS = ("compressor", "ratio", "memory", "bits", "BLEU", "chrF", "ROUGE-L", "prefix", "erank", "entropy", "seconds")
