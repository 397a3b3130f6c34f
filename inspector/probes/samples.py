"""Several reconstructions of one text by sampling: what memory leaves open comes back differently each time.

One compressor makes the memory once; the decoder then speaks from it greedily and N times at a temperature. Every telling is
held against the source (`inspector.divergence`), and divergences of the same kind on the same words of the source are counted
over the samples. The paper's "semantic freedom" made visible in this form is ours (docs/measures.md).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

from inspector.compare import InputError, validate
from inspector.engine import Job, Sampler, reconstruct
from inspector.inspection import Contract, Divergence, Severity, Span, Text
from models.registry import Registry
from models.registry import registry as default_registry

VERSION = 1
MOST = 64  # samples at once
SEVERITIES: tuple[Severity, ...] = ("serious", "minor", "acceptable")


class Telling(Contract):
    """One reconstruction, and what it changes in meaning."""

    text: str
    divergences: tuple[Divergence, ...]


class Variant(Contract):
    text: str | None  # what came back in that place; None where nothing did
    samples: int


class Recurring(Contract):
    """Divergences of one kind on the same words of the source, over all samples."""

    kind: str
    dimension: str
    severity: Severity  # the worst of them
    source: Span | None  # None for what was added
    variants: tuple[Variant, ...]  # commonest first
    samples: int  # samples that have it; 0 where only the greedy telling does
    frequency: float  # the same as a share of all samples
    greedy: bool  # does the greedy reconstruction have it too


class Samples(Contract):
    version: int = VERSION
    source: Text
    compressor: str
    temperature: float
    seed: int
    greedy: Telling
    samples: tuple[Telling, ...]
    recurring: tuple[Recurring, ...]  # most frequent first
    agreement: float | None  # mean edit similarity of all pairs of samples, 0 to 1; None for one sample
    note: str | None = None

    def to_json(self, **options: Any) -> str:
        return self.model_dump_json(**options)

    @classmethod
    def from_json(cls, text: str | bytes) -> Samples:
        """Raises pydantic.ValidationError (a ValueError) that names the field that is wrong."""
        return cls.model_validate_json(text)


@dataclass(frozen=True)
class Progress:
    """How far it is, 0 to 1."""

    share: float


def sample_stream(
    text: str,
    compressor: str,
    *,
    samples: int = 8,
    temperature: float = 1.0,
    seed: int = 0,
    stop: Callable[[], bool] | None = None,
    limit: int | None = None,
    registry: Registry | None = None,
) -> Iterator[Progress | Samples]:
    """Progress now and then, and the result at the end; no result once `stop` is true.

    Args:
        text: the source.
        compressor: an address, `NAME[+OPTION][@RATIO]`.
        samples: how many are drawn, 1 to `MOST`.
        temperature: above 0; logits are divided by it. Near 0 every sample is the greedy reconstruction.
        seed: the same seed draws the same samples.

    Raises:
        InputError, UnknownCompressor, ValueError: an argument cannot be used; the message says why.
        RuntimeError: the compressor cannot run here.
    """
    validate(text, limit)
    if not 1 <= samples <= MOST:
        raise InputError(f"{samples} samples are asked for; from 1 to {MOST} can be drawn.")
    sampler, stop = Sampler(temperature, seed), stop or (lambda: False)
    table = registry or default_registry()
    address = table.resolve(compressor)
    if address.row.kind == "words" or not address.row.reconstructs:
        raise InputError(f"{address.row.name} decodes no text from memory, so there is nothing to sample; choose one that does.")
    loaded = table.load(address)
    source = loaded.source(text)
    memories = loaded.compress(source, source.windows, address.ratio)
    windows = [
        Job(0, loaded, source.window_ids(w), source.spans[w[0] : w[1]], None, memory)
        for w, memory in zip(source.windows, memories, strict=True)
    ]
    told = [[replace(job, inspection=k, tokens=[]) for job in windows] for k in range(samples + 1)]  # the greedy one first
    drawn = sorted((job for jobs in told[1:] for job in jobs), key=lambda job: -job.memory.length)
    total = sum(job.memory.length for jobs in told for job in jobs)
    yield Progress(0.0)
    for jobs, how in ((told[0], None), (drawn, sampler)):
        for _ in reconstruct(loaded.decoder, jobs, stop, how):
            yield Progress(0.8 * min(1.0, sum(len(job.tokens) for jobs in told for job in jobs) / total))
    tellings: list[Telling] = []
    texts = [loaded.text([token for job in jobs for token in job.tokens]) for jobs in told]
    notes: dict[str, str] = {}
    for report in _reports(text, texts):
        if stop():
            return
        tellings.append(Telling(text=texts[len(tellings)], divergences=report.divergences))
        notes |= report.notes
        yield Progress(0.8 + 0.2 * len(tellings) / len(texts))
    if not stop():
        greedy, *others = tellings
        yield Samples(
            source=Text(text=text),
            compressor=str(address),
            temperature=temperature,
            seed=seed,
            greedy=greedy,
            samples=tuple(others),
            recurring=recurring(greedy, others),
            agreement=agreement([telling.text for telling in others]),
            note=notes.get("divergences"),
        )


def sample(text: str, compressor: str, **settings: Any) -> Samples:
    """The result of `sample_stream`; arguments and errors are the same."""
    return next(made for made in sample_stream(text, compressor, **settings) if isinstance(made, Samples))


def _reports(text: str, texts: Sequence[str]) -> Iterator[Any]:
    """A report for each text; texts that came back twice are read once."""
    from inspector.divergence import diverge

    known: dict[str, Any] = {}
    for told in texts:
        if told not in known:
            known[told] = diverge(text, told)
        yield known[told]


def recurring(greedy: Telling, samples: Sequence[Telling]) -> tuple[Recurring, ...]:
    """Group divergences by kind and source span (by the words themselves where they were added), and count samples.

    A sample counts once in a group, and once for each variant it has there.
    """
    groups: dict[tuple[Any, ...], list[tuple[int, Divergence]]] = {}
    for at, telling in enumerate((greedy, *samples)):
        for d in telling.divergences:
            where = (d.source.start, d.source.end) if d.source else " ".join(d.reconstruction.text.split()).casefold()
            groups.setdefault((d.kind, where), []).append((at, d))
    made = [_group(members, len(samples)) for members in groups.values()]
    order = {name: rank for rank, name in enumerate(SEVERITIES)}
    return tuple(sorted(made, key=lambda r: (-r.samples, order[r.severity], r.source.start if r.source else 0)))


def _group(members: Sequence[tuple[int, Divergence]], total: int) -> Recurring:
    first = members[0][1]
    having = {at for at, _ in members if at}
    told = {(at, d.reconstruction.text if d.reconstruction else None) for at, d in members if at}
    counts = Counter(text for _, text in told)
    return Recurring(
        kind=first.kind,
        dimension=first.dimension,
        severity=min((d.severity for _, d in members), key=SEVERITIES.index),
        source=first.source,
        variants=tuple(Variant(text=t, samples=n) for t, n in sorted(counts.items(), key=lambda c: (-c[1], c[0] or ""))),
        samples=len(having),
        frequency=len(having) / total,
        greedy=any(at == 0 for at, _ in members),
    )


def agreement(texts: Sequence[str]) -> float | None:
    """Mean edit similarity (1 - Levenshtein / length of the longer) of all pairs of texts; None where there is no pair."""
    from rapidfuzz.distance import Levenshtein

    pairs = list(combinations(texts, 2))
    return sum(Levenshtein.normalized_similarity(a, b) for a, b in pairs) / len(pairs) if pairs else None
