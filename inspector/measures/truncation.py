"""The truncation sweep: a memory's strongest k directions kept, the text brought back and measured, for each k.

Guo, Liu et al. (arXiv 2602.09789, App. G.2) report that removing low-energy directions moderately improves faithfulness
and that harsh truncation destroys the reconstruction; their way could not be read. What is measured here, and how, is ours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from inspector.engine import ROWS, Job, rebuilt, reconstruct, stacked
from inspector.measures.bootstrap import bootstrap
from inspector.measures.entropy import LEAST
from inspector.measures.preference import MinimalPair, Preference, log_likelihood, minimal_pairs, preference, read_through
from inspector.measures.scores import scores
from inspector.measures.spectrum import cumulative_energy, effective_rank, singular_values, truncate

if TYPE_CHECKING:
    from torch import Tensor

    from inspector.inspection import Retention
    from models.compressor import Compressor, Memory, Source
    from models.registry import Row

MEASURES = ("energy", "bleu", "entities", "numbers", "role_f1", "drift", "prior_drift", "margin", "entropy", "effective_rank")


@dataclass(frozen=True)
class Step:
    """How many directions to keep: a number of them, or a share of all (0 to 1]. A share of 1 is the whole memory."""

    count: int | None = None
    share: float | None = None

    def of(self, directions: int) -> int:
        """Directions kept of so many; at least one."""
        return min(self.count, directions) if self.count is not None else max(1, round(self.share * directions))


WHOLE = Step(share=1.0)


@dataclass(frozen=True)
class Point:
    """One text with the `directions` strongest of its memory's `of` kept. BLEU runs 0–100, shares 0–1, the rest is in nats."""

    text: int
    directions: int
    of: int
    energy: float  # share of the memory's energy that they hold
    effective_rank: float
    bleu: float
    entities: float | None  # share kept; None where the text has none, and so below
    numbers: float | None
    role_f1: float | None
    kept: int  # entities and numbers kept, of `things`
    things: int
    pairs: int  # minimal pairs
    drift: float | None  # accuracy: share of them in which memory prefers the true text
    margin: float | None  # mean ln p(true) − ln p(altered)
    prior_drift: float | None  # the same without memory
    prior_margin: float | None
    entropy: float | None  # mean over tokens


@dataclass(frozen=True)
class Mean:
    """Over the texts that have the value; `low` and `high` bound 95 % of bootstrap means, None for a single text."""

    mean: float
    low: float | None
    high: float | None
    texts: int


@dataclass(frozen=True)
class Summary:
    """One step over all texts; `values` by MEASURES, None where no text has one."""

    step: Step
    directions: Mean
    share: Mean
    of: Mean
    pairs: int
    values: dict[str, Mean | None]


def default_steps(directions: int) -> list[Step]:
    """1, 2, 3, 4, 6, 8, 12, … below so many, all up to 8, and the whole."""
    counts, power = [1, 2, 3, 4, 5, 6, 7] if directions <= 8 else [1, 2, 3], 4
    while directions > 8 and power < directions:
        counts += [power, power * 3 // 2]
        power *= 2
    return [*(Step(count=n) for n in counts if n < directions), WHOLE]


def refusal(row: Row) -> str | None:
    """Why a compressor's memory cannot be swept, as a sentence; None if it can."""
    if not row.vectors:
        return f"{row.name} keeps no vectors, so there are no directions to truncate."
    return None if row.reconstructs else f"{row.name} cannot bring a text back, so truncation has nothing to show."


@dataclass
class _Text:
    """A text, compressed once, and what does not change from step to step."""

    number: int
    source: Source
    memories: list[Memory]
    rows: np.ndarray
    values: np.ndarray
    pairs: list[MinimalPair]
    prior: Preference | None

    def targets(self) -> list[tuple[int, tuple[int, ...]]]:
        """(Window, tokens) to be scored: every window, then every altered one."""
        windows = [(k, self.source.window_ids(w)) for k, w in enumerate(self.source.windows)]
        return windows + [(pair.window, pair.altered) for pair in self.pairs]


@dataclass
class _Case:
    text: _Text
    keep: int
    jobs: list[Job]


def sweep(
    compressor: Compressor,
    ratio: int,
    texts: Sequence[str],
    steps: Sequence[Step] | None = None,
    *,
    traces: bool = True,
    stop: Callable[[], bool] = lambda: False,
) -> Iterator[Point]:
    """A point for each text and each number of directions that the steps come to, fewest first within a text.

    Args:
        compressor: one whose memories have vectors, and whose decoder brings texts back.
        texts: each with at least one token.
        steps: by default those of `default_steps`, for each text's own number of directions.
        traces: whether the decoder can score a text; entropy and drift are None without.
        stop: asked between steps of the decoder; once true, what is under way is dropped.
    """
    waiting: list[_Case] = []
    for number, text in enumerate(texts):
        if stop():
            return
        one = _prepared(number, compressor, text, ratio, traces, stop)
        if stop():  # a search for memories may have ended early
            return
        keeps = sorted({step.of(len(one.values)) for step in steps or default_steps(len(one.values))})
        waiting += [_case(one, compressor, keep) for keep in keeps]
        last = number == len(texts) - 1
        while waiting and (last or sum(len(case.jobs) for case in waiting) >= ROWS):
            batch = _batch(waiting)
            del waiting[: len(batch)]
            yield from _measured(compressor, batch, traces, stop)


def _batch(cases: Sequence[_Case]) -> list[_Case]:
    """As many of the first cases as fill a batch of the decoder; at least one."""
    count, rows = 0, 0
    while count < len(cases) and (not count or rows + len(cases[count].jobs) <= ROWS):
        rows += len(cases[count].jobs)
        count += 1
    return list(cases[:count])


def _prepared(number: int, compressor: Compressor, text: str, ratio: int, traces: bool, stop: Callable[[], bool]) -> _Text:
    from inspector.divergence import reading_of

    source = compressor.source(text)
    memories = _compressed(compressor, source, ratio, stop)
    rows = stacked(memories)
    pairs = minimal_pairs(compressor, source, reading_of(text)) if traces else []
    one = _Text(number, source, memories, rows, singular_values(rows), pairs, None)
    if pairs:
        targets = [ids for _, ids in one.targets()]
        read = read_through(compressor.decoder, [None] * len(targets), targets)
        one.prior = _preference(one, [log_likelihood(logits, ids) for logits, ids in zip(read, targets, strict=True)])
    return one


def _compressed(compressor: Compressor, source: Source, ratio: int, stop: Callable[[], bool]) -> list[Memory]:
    """Memories of all windows; a search for them, which may take minutes, can be stopped."""
    if not hasattr(compressor, "optimise"):
        return compressor.compress(source, source.windows, ratio)
    for progress in compressor.optimise(source, source.windows, ratio, stop):
        last = progress
    return list(last.memories)


def _case(text: _Text, compressor: Compressor, keep: int) -> _Case:
    whole = keep == len(text.values)
    memories = text.memories if whole else rebuilt(text.memories, truncate(text.rows, keep))
    spans, windows = text.source.spans, text.source.windows
    jobs = [
        Job(text.number, compressor, text.source.window_ids(w), spans[w[0] : w[1]], None, memory)
        for w, memory in zip(windows, memories, strict=True)
    ]
    return _Case(text, keep, jobs)


def _preference(text: _Text, likelihoods: Sequence[float]) -> Preference | None:
    count = len(text.source.windows)
    return preference(text.pairs, likelihoods[:count], likelihoods[count:])


def _measured(compressor: Compressor, cases: Sequence[_Case], traces: bool, stop: Callable[[], bool]) -> Iterator[Point]:
    from inspector.divergence import diverge_many

    jobs = sorted((job for case in cases for job in case.jobs), key=lambda job: -job.memory.length)
    for _ in reconstruct(compressor.decoder, jobs, stop):
        pass
    if not all(job.done for job in jobs):
        return
    texts = [compressor.text([token for job in case.jobs for token in job.tokens]) for case in cases]
    reports = diverge_many([(case.text.source.text, text) for case, text in zip(cases, texts, strict=True)])
    for case, text, report in zip(cases, texts, reports, strict=True):
        likelihoods: list[float] = []
        undecided = 0.0  # nats, over all tokens
        if traces:
            targets = case.text.targets()
            memories = [case.jobs[window].memory for window, _ in targets]
            read = read_through(compressor.decoder, memories, [ids for _, ids in targets], stop)
            for logits, (_, ids) in zip(read, targets, strict=False):
                likelihoods.append(log_likelihood(logits, ids))
                if len(likelihoods) <= len(case.jobs):
                    undecided += entropy(logits)
            if len(likelihoods) < len(targets):
                return
        yield _point(case, text, report.retention, likelihoods, undecided / len(case.text.source.ids) if traces else None)


def entropy(logits: Tensor) -> float:
    """`Σ_t H_t` in nats, of logits [n, V]."""
    log_p = logits.log_softmax(-1).clamp_min(LEAST)
    return float(-(log_p.exp() * log_p).sum(-1).sum())


def _point(case: _Case, text: str, retention: Retention, likelihoods: Sequence[float], mean_entropy: float | None) -> Point:
    one, prior = case.text, case.text.prior
    found = _preference(one, likelihoods) if likelihoods else None
    return Point(
        text=one.number,
        directions=case.keep,
        of=len(one.values),
        energy=float(cumulative_energy(one.values)[case.keep - 1]),
        effective_rank=effective_rank(one.values[: case.keep]),
        bleu=scores(one.source.text, text).bleu,
        entities=retention.entities_kept / retention.entities if retention.entities else None,
        numbers=retention.numbers_kept / retention.numbers if retention.numbers else None,
        role_f1=retention.role_f1,
        kept=retention.entities_kept + retention.numbers_kept,
        things=retention.entities + retention.numbers,
        pairs=found.pairs if found else 0,
        drift=found and found.accuracy,
        margin=found and found.margin,
        prior_drift=prior and prior.accuracy,
        prior_margin=prior and prior.margin,
        entropy=mean_entropy,
    )


def summarise(points: Sequence[Point], steps: Sequence[Step] | None = None) -> list[Summary]:
    """Points of many texts, step by step: a text with fewer directions than asked for counts with its whole memory.

    Args:
        points: of `sweep`.
        steps: those that it was given; by default those of the text with the most directions.
    """
    by_text: dict[int, dict[int, Point]] = {}
    for point in points:
        by_text.setdefault(point.text, {})[point.directions] = point
    if steps is None:
        steps = default_steps(max((point.of for point in points), default=1))
    found = []
    for step in steps:
        chosen = [p for of in by_text.values() if (p := of.get(step.of(next(iter(of.values())).of))) is not None]
        if chosen:
            found.append(
                Summary(
                    step=step,
                    directions=mean([float(p.directions) for p in chosen]),
                    share=mean([p.directions / p.of for p in chosen]),
                    of=mean([float(p.of) for p in chosen]),
                    pairs=sum(p.pairs for p in chosen),
                    values={name: mean([getattr(p, name) for p in chosen]) for name in MEASURES},
                )
            )
    return found


def mean(values: Sequence[float | None]) -> Mean | None:
    """Mean of the values that are there, with its interval."""
    known = np.asarray([v for v in values if v is not None], float)
    if not len(known):
        return None
    low, high = bootstrap(known) if len(known) > 1 else (None, None)
    return Mean(float(known.mean()), low, high, len(known))
