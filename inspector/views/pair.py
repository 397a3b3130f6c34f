"""Two texts that somebody gave, compared: what the page of two texts shows, and what it gives along."""

from __future__ import annotations

from typing import Any

from inspector.annotations.items import Item, Suggestions
from inspector.inspection import Contract, Report, Text
from inspector.measures.scores import scores
from inspector.views.compare import payload
from inspector.views.words import word


class Rewriting(Contract):
    """A source, a rewriting of it, and what changed in meaning."""

    source: str
    text: str
    report: Report

    def to_json(self) -> str:
        """All of it; the report alone is what `diverge --json` writes."""
        return self.model_dump_json()

    def column(self, language: str = "en") -> dict[str, Any]:
        """As `inspector.compare.Builder` would hold it; its name is in a language, "en" or "ko"."""
        found = ("divergences", "language", "pipeline", "entities", "retention", "notes")
        return {
            "compressor": word("pair.rewriting", language),
            "status": "done",
            "progress": 1.0,
            "reconstruction": Text(text=self.text),
            "scores": scores(self.source, self.text, None, None),
        } | {name: getattr(self.report, name) for name in found}

    def payload(self, language: str = "en", *, run: int = 1, told: str | None = None) -> dict[str, Any]:
        """What the view shows; `told` is the language that the payload names, None to follow the browser."""
        columns = [self.column(language)]
        return payload(self.source, columns, run=run, status="done", progress=1.0, language=told, pair=True)

    def item(self) -> tuple[Item, Suggestions]:
        """To be labelled by people, with the divergences as suggestions."""
        found = self.report
        return Item(source=self.source, reconstruction=self.text), Suggestions(
            divergences=found.divergences, language=found.language, pipeline=found.pipeline
        )
