"""A comparison as text for a terminal: a table of measures, then each reconstruction with its differences marked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import groupby
from unicodedata import east_asian_width

from inspector.inspection import Comparison, Inspection
from inspector.measures.alignment import Word, align
from inspector.measures.entropy import bits
from inspector.views.verdict import known, verdict

# Controls would drive the terminal, and bidirectional overrides reorder what stands beside them: both are shown by number.
UNSAFE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
HEADS = ("compressor", "ratio", "memory", "bits", "BLEU", "chrF", "ROUGE-L", "prefix", "erank", "entropy", "seconds")
LEGEND = "[-only in the source-] {+only in the reconstruction+}; entropy in bits a token, mean"
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
        f"{memory.vectors}×{memory.width}" if memory.width else f"{memory.vectors} {'KV' if memory.kept is None else 'kept'}",
        f"{inspection.bits.text:,} → {inspection.bits.memory:,}",
        number(scores.bleu),
        number(scores.chrf),
        number(scores.rouge_l),
        number(scores.exact_prefix, 2),
        number(inspection.spectrum and inspection.spectrum.effective_rank),
        number(inspection.trace and bits(inspection.trace.mean_entropy), 2),
        number(inspection.seconds.get("total"), 2),
    )


def marked(source: str, reconstruction: str, colour: bool = False) -> str:
    """The reconstruction, with what it dropped as `[-…-]` and what is new in it as `{+…+}`."""
    alignment = align(source, reconstruction)
    parts = []
    for same, edits in groupby(alignment.edits, lambda edit: edit.op == "equal"):
        group = list(edits)
        old = alignment.source[group[0].source[0] : group[-1].source[1]]
        new = alignment.reconstruction[group[0].reconstruction[0] : group[-1].reconstruction[1]]
        if same:
            parts.append(gap(reconstruction, new) + stretch(reconstruction, new))
        else:
            parts.append(gap(reconstruction, new) if new else gap(source, old))
            if old:
                parts.append(paint(f"[-{stretch(source, old)}-]", RED, colour))
            if new:
                parts.append(paint(f"{{+{stretch(reconstruction, new)}+}}", GREEN, colour))
    return "".join(parts)


def stretch(text: str, words: Sequence[Word]) -> str:
    return safe(text[words[0].start : words[-1].end])


def gap(text: str, words: Sequence[Word]) -> str:
    """White space before the words."""
    before = text[: words[0].start]
    return safe(before[len(before.rstrip()) :])


def paint(text: str, code: str, colour: bool) -> str:
    return f"{code}{text}{PLAIN}" if colour else text


def told(inspection: Inspection) -> str:
    """The verdict in words, to stand after the compressor's name; nothing where meaning was not compared."""
    if inspection.divergences is None:
        return ""
    return ": " + verdict(inspection.divergences, inspection.retention, read=known(inspection.language, inspection.pipeline))


def comparison(made: Comparison, colour: bool = False) -> str:
    """The table of measures, then each reconstruction under its compressor's name."""
    blocks = [table(HEADS, map(cells, made.inspections)), LEGEND]
    for inspection in made.inspections:
        text = inspection.reconstruction and marked(made.source.text, inspection.reconstruction.text, colour)
        body = inspection.notes.get("reconstruction", "") if text is None else text
        head = paint(safe(inspection.compressor), BOLD, colour) + told(inspection)
        blocks.append(f"{head}\n{body}")
    return "\n\n".join(blocks)
