"""Probes → what `static/odds.js` and `static/samples.js` draw. Texts travel as pieces."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from inspector.inspection import Span
from inspector.measures.alignment import align
from inspector.probes.counterfactual import WHY, Occurrence, Odds, Reading
from inspector.probes.samples import Samples, Telling
from inspector.views.compare import marks
from inspector.views.reasons import bilingual
from inspector.views.words import sentence

AROUND = 24  # code points shown on each side of an occurrence


def reading(text: str, made: Reading) -> dict[str, Any]:
    """One compressor at one ratio; nats as they are, since candidates are told by differences of logarithms."""
    return {
        "name": made.compressor,
        "ratio": made.ratio,
        "reasons": reasons(made.note),
        "mean": [odds(each) for each in made.mean],
        "occurrences": [occurrence(text, each) for each in made.occurrences],
    }


def reasons(note: str | None) -> dict[str, Any]:
    """Keys of WHY that a note is made of, each with its sentence by language."""
    return {key: bilingual(sentence) for key, sentence in WHY.items() if note and sentence in note}


def odds(made: Odds) -> dict[str, Any]:
    """A candidate; numbers no finer than they are shown."""
    values = {name: fine(value) for name, value in made.model_dump().items()}
    return values | {"comparable": getattr(made, "comparable", None)}


def fine(value: Any) -> Any:
    return float(f"{value:.5g}") if isinstance(value, float) else value


def occurrence(text: str, made: Occurrence) -> dict[str, Any]:
    return {
        "around": around(text, made.span),
        "reasons": reasons(made.note),
        "candidates": [odds(each) for each in made.candidates],
    }


def around(text: str, span: Span) -> list[str]:
    """What stands before and after, in one line."""
    before, after = text[max(0, span.start - AROUND) : span.start], text[span.end : span.end + AROUND]
    return [" ".join(f"|{part}|".split()).strip("|") for part in (before, after)]


def samples(made: Samples, language: str) -> dict[str, Any]:
    """All tellings with their marks, and the divergences by how often they came back."""
    return {
        "compressor": made.compressor,
        "temperature": made.temperature,
        "seed": made.seed,
        "agreement": fine(made.agreement),
        "note": bilingual(made.note),
        "tellings": [telling(made.source.text, each, language) for each in (made.greedy, *made.samples)],
        "recurring": [
            {
                "kind": each.kind,
                "dimension": each.dimension,
                "severity": each.severity,
                "words": each.source and " ".join(each.source.text.split()),
                "variants": [[v.text and " ".join(v.text.split()), v.samples] for v in each.variants],
                "samples": each.samples,
                "frequency": fine(each.frequency),
                "greedy": each.greedy,
            }
            for each in made.recurring
        ],
    }


def telling(text: str, made: Telling, language: str) -> dict[str, Any]:
    found: Sequence[Any] = [d for d in made.divergences if d.severity != "acceptable"]
    return {
        "marks": marks(text, made.text, align(text, made.text), pending=False),
        "serious": sum(d.severity == "serious" for d in found),
        "minor": sum(d.severity == "minor" for d in found),
        "sentences": [[d.kind, d.dimension, d.severity, d.change, sentence(d, language)] for d in found],
    }
