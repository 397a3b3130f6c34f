"""text × compressors → events → `Comparison`: the one way through which everything is computed.

`stream` yields events in the order a reader wants them: memory (where it is searched for, with what it holds so far) and
spectrum, trace, reconstruction as it grows, scores. `inspector.events.Builder` folds them; `compare` does both. A compressor
that fails leaves the others alone.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from inspector.engine import Job, Kept, WindowCache, by_decoder, rebuilt, reconstruct, stacked, token, trace
from inspector.events import Builder, Event
from inspector.inspection import Bits, Comparison, MemoryShape, Report, Spectrum, Trace, Window
from inspector.measures.kv import Head, head_spectrum, parse_head
from inspector.notes import reasons
from models.compressor import Compressor, Memory, Source
from models.hub.room import empty, sentence
from models.registry import Address, Registry
from models.registry import registry as default_registry
from models.said import first_line

LIMIT = 4_000  # tokens a text may have on the page
CACHE = WindowCache()
log = logging.getLogger(__name__)


class InputError(ValueError):
    """The text or a setting cannot be used; the message is one sentence for the person who gave it."""


@dataclass
class Run:
    """One inspection under way."""

    index: int
    address: Address
    given: str  # the text
    compressor: Compressor | None = None
    source: Source | None = None
    jobs: list[Job] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    failed: bool = False
    head: Head | None = None  # of a KV cache, whose spectrum is asked for

    @property
    def memories(self) -> list[Memory]:
        return [job.memory for job in self.jobs]

    def text(self) -> str:
        """Reconstruction so far."""
        if self.address.row.kind == "words":
            return " ".join(m.text for m in self.memories if m.text)
        return self.compressor.text([token for job in self.jobs for token in job.tokens])


def validate(text: str, limit: int | None = None) -> None:
    """Check a text before any work.

    Args:
        text: what the person gave.
        limit: most tokens (of the bundled tokenizer) it may have; None for no bound.

    Raises:
        InputError: empty or only white space; a lone surrogate; too long.
    """
    if not text.strip():
        raise InputError("The text is empty; give at least one word.")
    for position, character in enumerate(text):
        if 0xD800 <= ord(character) <= 0xDFFF:
            raise InputError(
                f"The text holds half of a surrogate pair at character {position + 1:,}, which is no Unicode text; remove it."
            )
    if limit is not None:
        # A piece is a run of at most a few dozen characters, so a text this long is over the bound without counting.
        too_long, size = len(text) > 100 * limit, f"{len(text):,} characters"
        if not too_long:
            from models.pocket.tokenizer import bundled

            count = len(bundled().ids(text))
            too_long, size = count > limit, f"{count:,} tokens"
        if too_long:
            raise InputError(
                f"The text has {size}; the limit here is {limit:,} tokens. Cut it, or use the command line, which has no limit."
            )


def stream(
    text: str,
    compressors: Sequence[str],
    *,
    ratio: int | None = None,
    truncate: str | None = None,
    max_top: int = 5,
    stop: Callable[[], bool] | None = None,
    limit: int | None = LIMIT,
    registry: Registry | None = None,
    kv: str | None = None,
) -> Iterator[Event]:
    """Compute a comparison step by step.

    Args:
        text: the source.
        compressors: addresses, `NAME[+OPTION][@RATIO]`.
        ratio: used where an address names none.
        truncate: `"8"` keeps the strongest 8 directions of each memory, `"90%"` as many as hold that energy.
        max_top: alternatives kept for each token.
        stop: asked between steps; once true, what is unfinished ends with a `stopped` event.
        limit: bound on the text's length in tokens, None for none.
        kv: `"LAYER.HEAD"` or `"LAYER.HEAD.values"`: the spectrum of KV caches is that of this head's keys, or values.

    Raises:
        InputError: the text, the truncation or the list of compressors cannot be used.
        UnknownCompressor: an address cannot be resolved.
    """
    from inspector.measures.spectrum import parse_truncation

    table = registry or default_registry()
    if not compressors:
        raise InputError("Name at least one compressor, such as pocket-l@16.")
    head = parse_head(kv) if kv else None
    runs = [Run(i, table.resolve(address, ratio), text, head=head) for i, address in enumerate(compressors)]
    kept_directions = parse_truncation(truncate) if truncate else None
    validate(text, limit)
    stopped = stop or (lambda: False)
    quick = [run for run in runs if not run.address.row.optimises]
    for batch in (quick, *([run] for run in runs if run.address.row.optimises)):  # what takes minutes lets the others go first
        yield from through(batch, table, kept_directions, max_top, stopped)


def through(
    runs: Sequence[Run],
    table: Registry,
    truncation: Any = None,
    top: int = 0,
    stopped: Callable[[], bool] = lambda: False,
    together: bool = False,
) -> Iterator[Event]:
    """Some inspections, of one text or of many, from compressing to scores; those that share a decoder are decoded together.

    Args:
        together: their divergences are looked for together too, which is faster and shows nothing before all are found.
    """
    began = time.monotonic()
    for run in runs:
        if not stopped():
            yield from _guard([run], lambda run=run: _compress(run, table, truncation, top, stopped))
    traced = [r for r in runs if not r.failed and r.address.row.traces and r.jobs]
    for decoder, jobs in by_decoder([j for r in traced for j in r.jobs]):
        group = [r for r in traced if r.compressor.decoder is decoder]
        fresh = [job for job in jobs if job.trace is None]
        yield from _guard(group, lambda: _trace(group, decoder, fresh, top, stopped))
    spoken = [r for r in runs if not r.failed and r.address.row.kind != "words" and r.address.row.reconstructs and r.jobs]
    for run in runs:
        if run.jobs and not run.failed and run.address.row.kind == "words":
            yield Event(run.index, "reconstruction", {"text": run.text(), "progress": 1.0})
    for decoder, jobs in by_decoder([j for r in spoken for j in r.jobs]):
        group = [r for r in spoken if r.compressor.decoder is decoder]
        yield from _guard(group, lambda: _decode(group, decoder, jobs, stopped))
    finished = []
    for run in runs:
        if run.failed:
            continue
        undecoded = run in spoken and not all(job.done for job in run.jobs)
        untraced = run in traced and run.jobs[0].trace is None
        if not run.jobs or undecoded or untraced:
            yield Event(run.index, "stopped", True)
            continue
        _keep(run)
        finished.append(run)
    reports = _reports([r for r in finished if r.address.row.reconstructs]) if together else {}
    for run in finished:
        yield from _guard([run], lambda run=run: _finish(run, truncation is not None, began, reports.get(run.index)))


def _guard(group: Sequence[Run], work: Callable[[], Iterable[Event]]) -> Iterator[Event]:
    """Run a step for some inspections; what fails there becomes their `error` event."""
    names = ", ".join(str(r.address) for r in group)
    try:
        yield from work()
        return
    except Exception as error:  # plug-ins may raise anything; the page and the other columns live on
        log.exception("%s failed", names)
        said = sentence(error, names)
    empty()  # what the error held on to
    for run in group:
        run.failed = True
        yield Event(run.index, "error", said)


def _compress(run: Run, table: Registry, truncation: Any, top: int, stopped: Callable[[], bool]) -> Iterator[Event]:
    began = time.monotonic()
    run.compressor = table.load(run.address)
    run.seconds["load"] = time.monotonic() - began
    began, text = time.monotonic(), run.given
    source = run.source = run.compressor.source(text)
    for first, last in source.windows:
        spans, ids = source.spans[first:last], source.window_ids((first, last))
        begin, end = spans[0][0], spans[-1][1]  # texts can differ where a tokenizer sees none, in white space
        key = (token(run.compressor), run.address.ratio, top, ids, begin, text[begin:end])
        run.jobs.append(Job(run.index, run.compressor, ids, spans, key))
    fresh = []
    for window, job in zip(source.windows, run.jobs, strict=True):
        kept = CACHE.get(job.key)
        if kept is None:
            fresh.append((window, job))
        else:
            job.take(kept)
    if fresh and run.address.row.optimises:
        yield from _optimise(run, fresh, stopped)
    elif fresh:
        memories = run.compressor.compress(source, [window for window, _ in fresh], run.address.ratio)
        for (_, job), memory in zip(fresh, memories, strict=True):
            job.memory = memory
    original = _spectrum(run, truncation, whole=not stopped()) if run.address.row.vectors else None
    if run.head and run.address.row.kind == "kv":
        original, run.notes["spectrum"] = head_spectrum(run.memories, run.head)
    run.seconds["compress"] = time.monotonic() - began
    yield Event(run.index, "memory", _shape(run))
    yield Event(run.index, "spectrum", original)


def _optimise(run: Run, fresh: Sequence[tuple[tuple[int, int], Job]], stopped: Callable[[], bool]) -> Iterator[Event]:
    """Memories that are searched for, with the text that they bring back so far; what a stop leaves is kept."""
    jobs = [job for _, job in fresh]
    for progress in run.compressor.optimise(run.source, [window for window, _ in fresh], run.address.ratio, stopped):
        for job, memory, tokens in zip(jobs, progress.memories, progress.tokens, strict=True):
            job.memory, job.tokens = memory, list(tokens)
        yield Event(run.index, "optimising", {"text": run.text(), "progress": progress.share})


def _spectrum(run: Run, truncation: Any, whole: bool) -> Spectrum:
    """Spectrum of all windows' vectors stacked; with a truncation the memories are replaced first, and kept if `whole`."""
    from inspector.measures.spectrum import singular_values, spectrum, truncate

    rows = stacked(run.memories)
    if truncation is None:
        return spectrum(rows)
    values = singular_values(rows)
    keep = truncation.directions(values)
    if keep < len(values):
        rows = truncate(rows, keep)
        for job, memory in zip(run.jobs, rebuilt(run.memories, rows), strict=True):
            if whole:
                CACHE.add(job.key, Kept(job.memory))  # so that the next truncation need not compress again
            # Every window has its part in the directions, so a truncated one is found by the whole text.
            job.key = (*job.key, keep, tuple(run.source.ids))
            job.take(CACHE.get(job.key) or Kept(memory))
    return spectrum(rows, untruncated=values)


def _shape(run: Run) -> dict[str, Any]:
    source, memories = run.source, run.memories
    total = sum(m.size for m in memories)
    windows = [
        Window(start=source.spans[first][0], end=source.spans[last - 1][1], vectors=m.size)
        for (first, last), m in zip(source.windows, memories, strict=True)
    ]
    words = run.address.row.kind == "words"
    return {
        "compressor": str(run.address),
        "family": run.address.row.family,  # for the page, which says what bundled ones cannot do; no field of the contract
        "ratio": len(source.ids) / max(total, 1),
        "ratio_requested": run.address.ratio,
        "characters_per_vector": len(source.text) / max(total, 1),
        "bits": Bits(text=8 * len(source.text.encode("utf-8")), memory=sum(m.bits for m in memories)),
        "memory": MemoryShape(
            vectors=total,
            width=None if memories[0].vectors is None else memories[0].vectors.shape[-1],
            windows=tuple(windows),
            kept=tuple(span for m in memories for span in m.kept) if words else None,
        ),
    }


def _trace(group: Sequence[Run], decoder: Any, fresh: list[Job], top: int, stopped: Callable[[], bool]) -> Iterator[Event]:
    from inspector.measures.entropy import mean_entropy

    began = time.monotonic()
    if fresh:
        trace(decoder, fresh, top, stopped)
    for run in group:
        if all(job.trace is not None for job in run.jobs):
            run.seconds["trace"] = time.monotonic() - began
            tokens = tuple(token for job in run.jobs for token in job.trace)
            yield Event(run.index, "trace", Trace(mean_entropy=mean_entropy(tokens), tokens=tokens))


def _decode(group: Sequence[Run], decoder: Any, jobs: Sequence[Job], stopped: Callable[[], bool]) -> Iterator[Event]:
    began = time.monotonic()
    seen: dict[int, int] = {}

    def look() -> Iterator[Event]:
        for run in group:
            spoken = sum(len(job.tokens) for job in run.jobs)
            if seen.get(run.index) != spoken:
                seen[run.index] = spoken
                total = sum(job.memory.length for job in run.jobs)
                share = 1.0 if all(job.done for job in run.jobs) else min(0.99, spoken / max(total, 1))
                if share == 1.0:
                    run.seconds["decode"] = time.monotonic() - began
                yield Event(run.index, "reconstruction", {"text": run.text(), "progress": share})

    yield from look()  # what the cache held already
    waiting = [job for job in jobs if not job.done]
    # First windows of every column first, so that all columns start to speak together; then by length.
    waiting.sort(key=lambda job: (job.spans[0][0], -job.memory.length))
    if not stopped():
        for job in waiting:  # what an optimisation told of it is decoded like any other memory
            job.tokens = []
    for _ in reconstruct(decoder, waiting, stopped):
        yield from look()
    yield from look()


def _keep(run: Run) -> None:
    for job in run.jobs:
        CACHE.put(job.key, Kept(job.memory, job.trace, job.tokens if job.done else None))


def _reports(runs: Sequence[Run]) -> dict[int, Report]:
    """Divergences of many inspections, by their index; none where that fails, so that each is tried by itself."""
    from inspector.divergence import diverge_many
    from inspector.divergence.overwriting import judge_many

    found: dict[int, Report] = {}
    try:
        for words in (False, True):
            group = [run for run in runs if (run.address.row.kind == "words") == words]
            reports = diverge_many([(run.given, run.text()) for run in group], fragments=words)
            judged = judge_many([(report, run.compressor, run.jobs) for report, run in zip(reports, group, strict=True)])
            found |= {run.index: report for run, report in zip(group, judged, strict=True)}
    except Exception:
        log.exception("divergences of %d texts together", len(runs))
        return {}
    return found


def _finish(run: Run, truncated: bool, began: float, report: Report | None) -> Iterator[Event]:
    from inspector.divergence import diverge
    from inspector.divergence.overwriting import judge
    from inspector.measures.scores import scores

    row, text, reconstruction = run.address.row, run.given, run.text()
    spoken = [token for job in run.jobs for token in job.tokens]
    ids = (run.source.ids, spoken) if row.kind != "words" else (None, None)
    if row.reconstructs:
        yield Event(run.index, "scores", scores(text, reconstruction, *ids))
        began_at = time.monotonic()
        try:
            if report is None:
                report = diverge(text, reconstruction, fragments=row.kind == "words")
                report = judge(report, text, run.compressor, run.jobs)
        except Exception as error:  # a user's pipeline or plug-in kind may raise anything; the column is worth keeping without it
            log.exception("%s: divergences", run.address)
            run.notes["divergences"] = first_line(error)
        else:
            run.seconds["diverge"] = time.monotonic() - began_at
            run.notes |= report.notes
            yield Event(run.index, "report", report)
    run.notes = reasons(row, truncated) | run.notes | dict(getattr(run.compressor, "notes", {}))
    if row.optimises:
        run.notes["memory"] = run.compressor.told(run.memories)
    run.seconds["total"] = time.monotonic() - began
    yield Event(run.index, "notes", run.notes)
    yield Event(run.index, "seconds", {k: round(v, 4) for k, v in run.seconds.items()})


def compare(text: str, compressors: Sequence[str], **settings: Any) -> Comparison:
    """Compress a text with each compressor and gather what came back; arguments as for `stream`.

    Raises:
        InputError, UnknownCompressor: see `stream`.
        RuntimeError: a compressor failed; the message names it.
    """
    builder = Builder(text, compressors)
    for event in stream(text, compressors, **settings):
        if event.field == "error":
            raise RuntimeError(f"{compressors[event.inspection]}: {event.value}")
        builder.apply(event)
    return builder.comparison()
