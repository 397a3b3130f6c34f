"""The contract: one compressor on one text is an `Inspection`; several on the same text are a `Comparison`.

Frozen, JSON both ways (`to_json`, `from_json`). What a kind of compressor lacks is None, with a sentence in
`notes[field]`. Spans are Unicode code points of the source, end exclusive. Entropies and surprisals are in nats;
BLEU, chrF, ROUGE and BERTScore run from 0 to 100, shares from 0 to 1.
"""

from __future__ import annotations

from typing import Any, Literal

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


KINDS: dict[str, str] = {
    "entity": "entity_list",
    "identifier": "entity_list",
    "number": "entity_list",
    "role": "role_binding",
    "negation": "modifier_scope",
    "modifier": "modifier_scope",
    "coreference": "coreference",
    "predicate": "predicate_exactness",
    "relation": "relation_anchor",
    "topic": "main_topic",
}  # kind → drift dimension

Severity = Literal["serious", "minor", "acceptable"]
Change = Literal["substituted", "dropped", "added", "swapped", "moved"]


class Span(Contract):
    start: int
    end: int
    text: str


class Message(Contract):
    """The sentence of a divergence as a key of `static/divergences.json` and what fills its places."""

    key: str
    arguments: dict[str, str] = Field(default_factory=dict)


class InPlace(Contract):
    """Log-probabilities (nats) of the source's words and of the reconstruction's, in the source's place after the same prefix."""

    memory: tuple[float, float]
    prior: tuple[float, float]
    unigram: tuple[float, float]


class Divergence(Contract):
    """One difference in meaning; spans are code points of the source and of the reconstruction."""

    kind: str
    dimension: str
    severity: Severity
    change: Change
    source: Span | None
    reconstruction: Span | None
    explanation: str
    message: Message
    confidence: float
    overwriting: bool | None = None  # the prior explains it; None with a reason in the notes where that cannot be told
    in_place: InPlace | None = None


class Entity(Contract):
    """One row of the entity ledger."""

    status: Literal["kept", "changed", "near-miss", "dropped", "invented"]
    label: str  # PER LOC ORG MISC, NAME (untyped), NOUN (a common noun with its modifiers), ID
    source: Span | None
    reconstruction: Span | None


class Retention(Contract):
    """What survived, as counts; role F1 over (predicate, role, argument) triples, None where there are none."""

    entities: int
    entities_kept: int
    numbers: int
    numbers_kept: int
    role_precision: float | None = None
    role_recall: float | None = None
    role_f1: float | None = None


class Report(Contract):
    """Source against reconstruction, whoever made it: what changed in meaning."""

    language: str  # ISO 639-1, or "und" where the pipeline does not know it
    pipeline: str | None  # name and version of the spaCy pipeline; None where only alignment and patterns were used
    divergences: tuple[Divergence, ...]
    entities: tuple[Entity, ...] = ()
    retention: Retention | None = None
    notes: dict[str, str] = Field(default_factory=dict)


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
    divergences: tuple[Divergence, ...] | None = None
    language: str | None = None  # the next four: as in `Report`
    pipeline: str | None = None
    entities: tuple[Entity, ...] | None = None
    retention: Retention | None = None
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
