"""The contract: one compressor on one text is an `Inspection`; several on the same text are a `Comparison`.

Frozen, JSON both ways (`to_json`, `from_json`). What a kind of compressor lacks is None, with a sentence in
`notes[field]`. Spans are Unicode code points of the source, end exclusive. Entropies and surprisals are in nats;
BLEU, chrF, ROUGE and BERTScore run from 0 to 100, shares from 0 to 1.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

VERSION = 1


class Contract(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Bits(Contract):
    text: int  # UTF-8 bits of the source
    memory: int  # bits of what the decoder is given, side information included


class Window(Contract):
    start: int
    end: int
    vectors: int


class MemoryShape(Contract):
    vectors: int  # M over all windows; kept tokens for kept words
    width: int | None  # d; None for kept words
    windows: tuple[Window, ...]
    kept: tuple[tuple[int, int], ...] | None = None  # source spans, for kept words


class Text(Contract):
    text: str


class Scores(Contract):
    """Overlap between source and reconstruction; definitions in `inspector.measures.scores`."""

    bleu: float | None = None
    chrf: float | None = None
    rouge_1: float | None = None
    rouge_2: float | None = None
    rouge_l: float | None = None
    exact_prefix: float | None = None
    token_accuracy: float | None = None
    edit_similarity: float | None = None
    bertscore: float | None = None


class Spectrum(Contract):
    singular_values: tuple[float, ...]  # complete, descending, of the memory as decoded
    effective_rank: float
    rows: int  # vectors stacked; erank is at most min(rows, width)
    untruncated: tuple[float, ...] | None = None  # the original's, where the memory was truncated


class Alternative(Contract):
    text: str
    probability: float


class TraceToken(Contract):
    """One source token under teacher forcing: what memory, and the prior alone, make of it."""

    text: str
    start: int
    end: int
    entropy: float
    surprisal: float
    rank: int  # of the source token, from 1
    prior_entropy: float | None = None
    prior_surprisal: float | None = None
    alternatives: tuple[Alternative, ...] = ()
    prior_alternatives: tuple[Alternative, ...] = ()

    @property
    def gain(self) -> float | None:
        """Memory gain: prior surprisal minus surprisal given memory, in nats."""
        return None if self.prior_surprisal is None else self.prior_surprisal - self.surprisal


class Trace(Contract):
    mean_entropy: float
    tokens: tuple[TraceToken, ...]


class Inspection(Contract):
    compressor: str
    ratio: float  # achieved: source tokens / vectors
    ratio_requested: int
    characters_per_vector: float
    bits: Bits
    memory: MemoryShape
    reconstruction: Text | None
    scores: Scores
    spectrum: Spectrum | None
    trace: Trace | None
    divergences: tuple[Any, ...] | None = None
    notes: dict[str, str] = Field(default_factory=dict)
    seconds: dict[str, float] = Field(default_factory=dict)


class Comparison(Contract):
    version: int = VERSION
    source: Text
    inspections: tuple[Inspection, ...]

    def to_json(self, **options: Any) -> str:
        return self.model_dump_json(**options)

    @classmethod
    def from_json(cls, text: str | bytes) -> Comparison:
        """Raises pydantic.ValidationError (a ValueError) that names the field that is wrong."""
        return cls.model_validate_json(text)
