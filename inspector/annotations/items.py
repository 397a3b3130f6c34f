"""What is labelled: a source and what came back of it, and the automatic divergences as suggestions.

An item is what a person reads: its id is the hash of that and of nothing else, so that the same reconstruction is one item
wherever it comes from. Suggestions have an id of their own, since a better detector makes others for the same item; a label
names those it saw.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from pydantic import Field, field_validator

from inspector.inspection import Comparison, Contract, Divergence, Inspection, Span

Setting = str | int | float | bool | None
SIDES = ("source", "reconstruction")


def canonical(value: Any) -> str:
    """JSON text of which there is one for each value: sorted keys, no spaces, ASCII. NUL and every other control are escaped."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def digest(value: Any) -> str:
    """SHA-256 of `canonical(value)`, 64 hexadecimal digits."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()


class Item(Contract):
    """A source, and what a compressor made of it (`compressor` None: another tool, or a person, did)."""

    source: str = Field(min_length=1)
    reconstruction: str
    compressor: str | None = None  # its address, NAME@RATIO
    ratio: float | None = None  # achieved
    settings: dict[str, Setting] = Field(default_factory=dict)  # other than the address: truncate, seed …

    @field_validator("settings", mode="after")
    @classmethod
    def _sorted(cls, settings: dict[str, Setting]) -> dict[str, Setting]:
        return dict(sorted(settings.items()))

    @cached_property
    def id(self) -> str:
        """Hash of all but the ratio, which follows from the rest."""
        return digest(self.model_dump(mode="json", exclude={"ratio"}))

    def text(self, side: str) -> str:
        return self.source if side == "source" else self.reconstruction

    def check(self, side: str, span: Span | None) -> None:
        """Raises: ValueError where a span is not a piece of this item's text, in code points, end exclusive."""
        if span is None:
            return
        whole = self.text(side)
        if not 0 <= span.start < span.end <= len(whole):
            raise ValueError(f"{span.start}–{span.end} is no span of the {side}, which has {len(whole)} characters")
        if whole[span.start : span.end] != span.text:
            raise ValueError(f"the {side} has {whole[span.start : span.end]!r} at {span.start}–{span.end}, not {span.text!r}")


class Suggestions(Contract):
    """What the automatic detectors found in an item."""

    divergences: tuple[Divergence, ...] = ()
    language: str | None = None
    pipeline: str | None = None

    @cached_property
    def id(self) -> str:
        return digest(self.model_dump(mode="json"))

    def check(self, item: Item) -> None:
        """Raises: ValueError where a divergence does not lie in this item's texts."""
        for found in self.divergences:
            for side in SIDES:
                item.check(side, getattr(found, side))


def of_inspection(
    source: str, inspection: Inspection, settings: dict[str, Setting] | None = None
) -> tuple[Item, Suggestions | None]:
    """An inspection as an item with its suggestions; None where the detectors found nothing to say, not even "nothing".

    Raises:
        ValueError: nothing came back, so there is nothing to label.
    """
    if inspection.reconstruction is None:
        raise ValueError(inspection.notes.get("reconstruction") or f"{inspection.compressor} brings no text back")
    item = Item(
        source=source,
        reconstruction=inspection.reconstruction.text,
        compressor=inspection.compressor,
        ratio=inspection.ratio,
        settings=settings or {},
    )
    if inspection.divergences is None:
        return item, None
    return item, Suggestions(divergences=inspection.divergences, language=inspection.language, pipeline=inspection.pipeline)


def of_comparison(made: Comparison, settings: dict[str, Setting] | None = None) -> Sequence[tuple[Item, Suggestions | None]]:
    """Every inspection of a comparison that brought a text back."""
    return [of_inspection(made.source.text, i, settings) for i in made.inspections if i.reconstruction is not None]
