"""Failure cases: texts of ours in which something is known to get lost, and what came back when they were looked for.

A stored result is a comparison (the contract) as the compressors gave it, never edited. A case *fails* while one of its
phrases is missing from one of its reconstructions; whether it still does is found by running it again.
"""

from __future__ import annotations

import json
import lzma
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from inspector.inspection import Comparison
from inspector.measures.alignment import Word, align

HERE = Path(__file__).parent
STORED = HERE / "stored"


@dataclass(frozen=True)
class Case:
    """What the card shows is the first phrase, as the first compressor brought it back."""

    id: str
    text: str
    compressors: tuple[str, ...]
    focus: tuple[str, ...]  # phrases of the text that ought to come back


@dataclass(frozen=True)
class Piece:
    """A stretch of the source and what stands in its place, with the words around: (before, stretch, after)."""

    source: tuple[str, str, str]
    reconstruction: tuple[str, str, str]
    words: tuple[tuple[str, bool], ...] = ()  # of the reconstruction's stretch, with the space before; is it the source's?


@lru_cache(maxsize=1)
def cases() -> tuple[Case, ...]:
    """The shipped cases, in the order of the gallery."""
    rows = json.loads((HERE / "cases.json").read_text(encoding="utf-8"))
    return tuple(Case(**row | {name: tuple(row[name]) for name in ("compressors", "focus")}) for row in rows)


def case(name: str) -> Case:
    """A case by its id.

    Raises:
        ValueError: there is none of that name; the known ones are listed.
    """
    found = next((each for each in cases() if each.id == name), None)
    if found is None:
        raise ValueError(f"the gallery has no case {name!r}; known: {', '.join(each.id for each in cases())}")
    return found


def stored(name: str, folder: Path = STORED) -> Comparison | None:
    """The stored result of a case, or None where there is none."""
    file = folder / f"{name}.json.xz"
    return Comparison.from_json(lzma.decompress(file.read_bytes()).decode("utf-8")) if file.is_file() else None


def store(name: str, comparison: Comparison, folder: Path = STORED) -> None:
    """Keep a result as it is."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json.xz").write_bytes(lzma.compress(comparison.to_json().encode("utf-8"), preset=9))


def lost(of: Case, reconstructions: Mapping[str, str]) -> dict[str, list[str]]:
    """For each compressor the phrases of a case that its reconstruction does not hold word for word."""

    def plain(text: str) -> str:
        return " ".join(text.split())

    return {name: [p for p in of.focus if plain(p) not in plain(text)] for name, text in reconstructions.items()}


def fails(of: Case, reconstructions: Mapping[str, str]) -> bool:
    """Does one of its compressors still lose one of its phrases?"""
    return any(lost(of, reconstructions).values())


def texts(comparison: Comparison) -> dict[str, str]:
    """Reconstructions by compressor."""
    return {i.compressor: i.reconstruction.text if i.reconstruction else "" for i in comparison.inspections}


def piece(text: str, reconstruction: str, phrase: str, around: int = 4) -> Piece:
    """What stands in the place of a phrase, by the alignment of words.

    Args:
        phrase: a stretch of `text`; its first occurrence counts.
        around: words shown on either side.

    Raises:
        ValueError: the text does not hold the phrase.
    """
    start = text.index(phrase)
    alignment = align(text, reconstruction)
    inside = [i for i, w in enumerate(alignment.source) if w.end > start and w.start < start + len(phrase)]
    first, last = inside[0], inside[-1] + 1
    places = [0] * (len(alignment.source) + 1)  # where each word of the source stands in the reconstruction, kept or not
    same: set[int] = set()
    for edit in alignment.edits:
        (i0, i1), (j0, j1) = edit.source, edit.reconstruction
        places[i0:i1] = [min(j0 + i - i0, j1) for i in range(i0, i1)]
        same |= set(range(j0, j1)) if edit.op == "equal" else set()
    found = alignment.reconstruction
    places[-1] = len(found)
    begin, end = places[first], places[last]  # words put in after the phrase count as its own
    ends = [found[begin].start, *(w.end for w in found[begin:end])] if begin < end else []
    return Piece(
        _cut(text, alignment.source, first, last, around),
        _cut(reconstruction, found, begin, end, around),
        tuple((reconstruction[ends[j - begin] : found[j].end], j in same) for j in range(begin, end)),
    )


def _cut(text: str, found: Sequence[Word], first: int, last: int, around: int) -> tuple[str, str, str]:
    def between(a: int, b: int) -> str:
        return text[found[a].start : found[b - 1].end] if a < b else ""

    return between(max(0, first - around), first), between(first, last), between(last, min(len(found), last + around))
