"""The gallery's cards, and a stored comparison as the columns of the compare view."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from inspector.gallery import Case, fails, piece, stored, texts
from inspector.inspection import Comparison
from models.registry import Registry, UnknownCompressor


def cards(cases: Sequence[Case], table: Registry) -> list[dict[str, Any]]:
    """What static/gallery.js draws: a card a case, with the line before and after as its first compressor brought it back."""
    found = []
    for case in cases:
        kept = stored(case.id)
        first = kept.inspections[0] if kept else None
        line = piece(case.text, first.reconstruction.text, case.focus[0]) if first and first.reconstruction else None
        found.append(
            {
                "id": case.id,
                "text": case.text,
                "compressors": list(case.compressors),
                "ready": all(_ready(name, table) for name in case.compressors),
                "compressor": first.compressor if first else case.compressors[0],
                "before": list(line.source) if line else None,
                "after": list(line.reconstruction) if line else None,
                "words": [list(word) for word in line.words] if line else None,
                "fails": fails(case, texts(kept)) if kept else None,
            }
        )
    return found


def columns(comparison: Comparison, table: Registry) -> list[dict[str, Any]]:
    """A finished comparison as `inspector.compare.Builder` would hold it."""
    return [
        {name: getattr(i, name) for name in type(i).model_fields}
        | {"status": "done", "progress": 1.0, "error": None, "family": _family(i.compressor, table)}
        for i in comparison.inspections
    ]


def _family(address: str, table: Registry) -> str:
    try:
        return table.resolve(address).row.family
    except UnknownCompressor:  # a result of another installation
        return ""


def _ready(address: str, table: Registry) -> bool:
    try:
        return table.resolve(address).row.why_not() is None
    except UnknownCompressor:
        return False
