"""What is computed of a comparison, step by step: events, and the builder that makes columns and a `Comparison` of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from inspector.inspection import Comparison, Inspection, Scores, Text

FIELDS = (
    *("optimising", "memory", "spectrum", "trace", "reconstruction", "scores"),
    *("report", "notes", "seconds", "error", "stopped"),
)


@dataclass(frozen=True)
class Event:
    inspection: int
    field: str  # one of FIELDS
    value: Any


class Builder:
    """Folds events into columns that can be shown at any moment, and into a `Comparison` at the end."""

    def __init__(self, text: str, compressors: Sequence[str]) -> None:
        self.text = text
        self.columns: list[dict[str, Any]] = [
            {"compressor": c, "status": "waiting", "progress": 0.0, "error": None, "scores": Scores(), "notes": {}, "seconds": {}}
            for c in compressors
        ]

    def apply(self, event: Event) -> None:
        column, value = self.columns[event.inspection], event.value
        if event.field == "memory":
            column |= value | {"status": "memory"}
        elif event.field == "optimising":
            column |= {"reconstruction": Text(text=value["text"]), "progress": value["progress"]}
            column |= {"status": "optimising", "optimised": True}
        elif event.field == "reconstruction":
            column |= {"reconstruction": Text(text=value["text"]), "progress": value["progress"], "status": "decoding"}
        elif event.field == "error":
            column |= {"error": value, "status": "error"}
        elif event.field == "report":
            names = ("divergences", "language", "pipeline", "entities", "retention")
            column |= {name: getattr(value, name) for name in names}
        elif event.field == "stopped":
            column["status"] = "stopped"
        else:
            column[event.field] = value
            if event.field == "trace":
                column["status"] = "trace"
            elif event.field == "seconds":
                column |= {"status": "done", "progress": 1.0}

    def comparison(self) -> Comparison:
        """The finished inspections, in the order asked for."""
        names = Inspection.model_fields
        rows = [{k: v for k, v in c.items() if k in names} for c in self.columns if c["status"] == "done"]
        blank = {"reconstruction": None, "spectrum": None, "trace": None}
        return Comparison(source=Text(text=self.text), inspections=tuple(Inspection(**blank | row) for row in rows))
