"""Knowledge overwriting: does the decoder's prior explain a substitution?

The prior is the decoder without memory. A substitution counts as overwriting if, in the source's place and after the
source's own prefix (its tokens from the window's start), the prior finds the reconstruction's words likelier than the
source's by `MARGIN`, and likelier by `MARGIN` than token frequency alone would make them.

    log p(R | x<a) - log p(S | x<a) >= MARGIN   and   that - (log u(R) - log u(S)) >= MARGIN

with S the source's tokens [a, b), R as many of the reconstruction's, u the unigram. The margin is on the sum and not on
the mean: the sum is the log Bayes factor between two readings of the same place, and 2 nats (7.4 : 1) are "positive" but
not "strong" evidence by the usual scale (Kass & Raftery, JASA 90, 1995); a mean would ask more of longer words.

What this can say: that this decoder, guessing, would rather have said what came back. What it cannot say: that the prior
was the cause (a memory that is noisy in that direction gives the same picture; `in_place.memory` shows what memory itself
prefers), nor that the prior's preference is knowledge about the world: the bundled decoder is a weak language model.

Scored only where memory is tied to position, strictly or by where its vectors stand: there the same number of tokens keeps
everything after them in its place.
With another number of tokens nothing is scored. The first token alone would be defined, but a piece of a word stands for
all words that begin with it, so it would favour words of many pieces.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from inspector.divergence.unigrams import unigrams
from inspector.inspection import Divergence, InPlace, Report, Span

if TYPE_CHECKING:
    from inspector.engine import Job
    from models.compressor import Compressor, Memory

MARGIN = 2.0  # nats in total
LIMIT = 32  # substitutions scored in one inspection, in the report's order
NOTE = "overwriting"
WHY = {
    "change": "Only substitutions and swaps are tested for overwriting.",
    "words": "Kept words are shown as they are; no decoder reads them, so no prior can explain a change.",
    "decoder": "This compressor has no decoder of its own here, so there is no prior to ask.",
    "prior": "This decoder cannot score a text without memory, so there is no prior to ask.",
    "kv": "This memory is a KV cache, which is not tied to position, so altered words cannot be scored in place.",
    "position": "This memory is not tied to position, so altered words cannot be scored in place.",
    "unigram": "Token frequencies of this tokenizer are not known, so the prior cannot be told from mere frequency.",
    "tokens": "Some altered words have another number of tokens than the source's, so they cannot be scored in place.",
    "window": "Some altered words reach over the border between two windows, so they have no common prefix.",
    "unknown": "Some altered words could not be traced back to tokens.",
    "limit": f"Only the first {LIMIT} substitutions are scored.",
}


@dataclass(frozen=True)
class Place:
    """A substitution in tokens: window `job`, its tokens [first, last), and what came back instead."""

    job: Job
    first: int
    last: int
    altered: tuple[int, ...]

    @property
    def source(self) -> tuple[int, ...]:
        return self.job.ids[self.first : self.last]

    def row(self, altered: bool) -> tuple[int, ...]:
        """Window tokens up to the end of the words, theirs or those that came back."""
        return self.job.ids[: self.first] + (self.altered if altered else self.source)


def judge(report: Report, text: str, compressor: Compressor, jobs: Sequence[Job]) -> Report:
    """Fill `overwriting` and `in_place` of substitutions and swaps; say in the notes why where that cannot be told.

    Args:
        report: source against reconstruction; spans of the reconstruction are of the text of all jobs' tokens.
        text: the source.
        compressor: what made the memories; its decoder is asked.
        jobs: the source's windows in order, decoded.
    """
    return judge_many([(report, compressor, jobs)])[0]


def judge_many(cases: Sequence[tuple[Report, Compressor, Sequence[Job]]]) -> list[Report]:
    """`judge` for reports of many inspections, in order; those that share a decoder are weighed together."""
    found = [_places(*case) for case in cases]
    weighed: dict[int, dict[int, InPlace]] = {}
    groups: dict[tuple[int, int], list[int]] = {}
    for n, (_, compressor, _) in enumerate(cases):
        if found[n][0]:
            groups.setdefault((id(compressor.decoder), id(unigrams(compressor))), []).append(n)
    for group in groups.values():
        try:
            values = iter(weigh(cases[group[0]][1], [place for n in group for place in found[n][0].values()]))
        except NotImplementedError:
            for n in group:
                found[n][1].append("prior")
            continue
        weighed |= {n: {k: next(values) for k in found[n][0]} for n in group}
    return [_filled(report, weighed.get(n, {}), found[n][1]) for n, (report, _, _) in enumerate(cases)]


def _places(report: Report, compressor: Compressor, jobs: Sequence[Job]) -> tuple[dict[int, Place], list[str]]:
    """Where substitutions can be weighed, by their place in the report, and keys of WHY for the others."""
    tested = [
        k for k, d in enumerate(report.divergences) if d.change in ("substituted", "swapped") and d.source and d.reconstruction
    ]
    reasons = ["change"] if len(tested) < len(report.divergences) else []
    if tested and (reason := impossible(compressor, jobs)):
        tested, reasons = [], [*reasons, reason]
    places: dict[int, Place] = {}
    locate = Locator(compressor, jobs)
    for k in tested:
        found = "limit" if len(places) == LIMIT else locate(report.divergences[k])
        if isinstance(found, Place):
            places[k] = found
        else:
            reasons.append(found)
    return places, reasons


def _filled(report: Report, judged: dict[int, InPlace], reasons: Sequence[str]) -> Report:
    divergences = tuple(
        d.model_copy(update={"in_place": judged[k], "overwriting": explained(judged[k])}) if k in judged else d
        for k, d in enumerate(report.divergences)
    )
    notes = {NOTE: " ".join(WHY[r] for r in dict.fromkeys(reasons))} if reasons else {}
    return report.model_copy(update={"divergences": divergences, "notes": report.notes | notes})


def explained(place: InPlace) -> bool:
    """Does the prior prefer the reconstruction's words by the margin, and by the margin more than frequency does?"""
    prior, unigram = place.prior[1] - place.prior[0], place.unigram[1] - place.unigram[0]
    return prior >= MARGIN and prior - unigram >= MARGIN


def impossible(compressor: Compressor, jobs: Sequence[Job]) -> str | None:
    """Why nothing can be scored for this compressor, as a key of WHY; None if it can."""
    memory = jobs[0].memory if jobs else None
    if memory is not None and memory.kind == "words":
        return "words"
    if memory is None or compressor.decoder is None:
        return "decoder"
    if memory.kind == "kv":
        return "kv"
    if not tied(memory):
        return "position"
    return None if unigrams(compressor) is not None else "unigram"


def tied(memory: Memory) -> bool:
    """Do places of memory and text go together? So for superposed vectors, which are read at one place each, and for vectors
    that stand at positions among the text's: there the source's own prefix leads to the place that the altered words take."""
    return memory.stops_by_length and memory.vectors is not None and not {"ratio", "positions"}.isdisjoint(memory.extra)


class Locator:
    """Code point spans of source and reconstruction → tokens."""

    def __init__(self, compressor: Compressor, jobs: Sequence[Job]) -> None:
        self.compressor, self.jobs = compressor, jobs
        self._starts: list[int] = []  # code point of the reconstruction at which each window begins

    def __call__(self, divergence: Divergence) -> Place | str:
        """The place of a divergence, or a key of WHY."""
        source, altered = self.source(divergence.source), self.reconstruction(divergence.reconstruction)
        if isinstance(source, str):
            return source
        if altered is None:
            return "unknown"
        job, first, last = source
        return Place(job, first, last, altered) if len(altered) == last - first else "tokens"

    def source(self, span: Span) -> tuple[Job, int, int] | str:
        """Window and tokens [first, last) that touch a span of the source."""
        touched = [
            (job, k) for job in self.jobs if job.spans and job.spans[0][0] < span.end and job.spans[-1][1] > span.start
            for k, (start, end) in enumerate(job.spans) if start < span.end and end > span.start
        ]  # fmt: skip
        if not touched:
            return "unknown"
        (job, first), (other, last) = touched[0], touched[-1]
        return (job, first, last + 1) if job is other else "window"

    def reconstruction(self, span: Span) -> tuple[int, ...] | None:
        """Tokens that touch a span of the reconstruction; None if their text does not hold the span's."""
        if not self._starts:
            total = 0
            for job in self.jobs:
                self._starts.append(total)
                total += len(self.compressor.text(job.tokens))
        found: list[int] = []
        for k in range(max(bisect_right(self._starts, span.start) - 1, 0), len(self.jobs)):
            if self._starts[k] >= span.end:
                break
            tokens = self.jobs[k].tokens

            def end(count: int, tokens: list[int] = tokens) -> int:
                """Code points in the window's first tokens, the next one included."""
                return len(self.compressor.text(tokens[: count + 1]))

            counts = range(len(tokens))
            first = bisect_right(counts, span.start - self._starts[k], key=end)
            last = min(bisect_left(counts, span.end - self._starts[k], key=end) + 1, len(tokens))
            while last < len(tokens) and end(last) == end(last - 1):  # the rest of a character's bytes
                last += 1
            found += self.jobs[k].tokens[first:last]
        return tuple(found) if found and span.text in self.compressor.text(found) else None


def weigh(compressor: Compressor, places: Sequence[Place]) -> list[InPlace]:
    """Log-probabilities of source and reconstruction words in place: one batch given memory, one for the prior.

    A row is a window's tokens up to the last ones scored.
    """
    from inspector.probes.in_place import log_probabilities

    rows = [(p.job.memory, p.row(altered), p.first) for p in places for altered in (False, True)]
    memory = log_probabilities(compressor.decoder, rows)
    prior = log_probabilities(compressor.decoder, [(None, ids, first) for _, ids, first in rows])
    table = unigrams(compressor)

    def pair(values: Sequence[list[float]], at: int) -> tuple[float, float]:
        return math.fsum(values[2 * at]), math.fsum(values[2 * at + 1])

    return [
        InPlace(
            memory=pair(memory, at),
            prior=pair(prior, at),
            unigram=(float(table[list(p.source)].sum()), float(table[list(p.altered)].sum())),
        )
        for at, p in enumerate(places)
    ]
