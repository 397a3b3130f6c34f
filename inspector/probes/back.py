"""Many texts through one compressor: their memories, and what comes back of them greedily, decoded in one batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from inspector.engine import Job
    from models.compressor import Compressor, Memory, Source


@dataclass(frozen=True)
class Back:
    """One text: as the compressor sees it, a memory for each of its windows, and what came back, None where it was not asked."""

    source: Source
    memories: Sequence[Memory]
    text: str | None = None


def compressed(compressor: Compressor, texts: Sequence[str], ratio: int) -> list[Back]:
    """The memories of whole texts."""
    sources = [compressor.source(text) for text in texts]
    return [Back(source, compressor.compress(source, source.windows, ratio)) for source in sources]


def brought_back(compressor: Compressor, texts: Sequence[str], ratio: int) -> list[Back]:
    """Compress and bring back whole texts."""
    return decoded(compressor, compressed(compressor, texts, ratio))


def decoded(compressor: Compressor, made: Sequence[Back]) -> list[Back]:
    """Bring back what is compressed already; kept words are their own reconstruction."""
    from inspector.engine import Job, reconstruct

    jobs = []
    for k, each in enumerate(made):
        windows, spans = each.source.windows, each.source.spans
        jobs.append(
            [
                Job(k, compressor, each.source.window_ids(w), spans[w[0] : w[1]], None, memory)
                for w, memory in zip(windows, each.memories, strict=True)
            ]
        )
    spoken = [job for of_text in jobs for job in of_text if job.memory.kind != "words"]
    for _ in reconstruct(compressor.decoder, sorted(spoken, key=lambda j: -len(j.ids)), lambda: False):
        pass
    return [replace(each, text=_text(compressor, of_text)) for each, of_text in zip(made, jobs, strict=True)]


def _text(compressor: Compressor, jobs: Sequence[Job]) -> str:
    if any(job.memory.kind == "words" for job in jobs):
        return " ".join(job.memory.text for job in jobs if job.memory.text)
    return compressor.text([token for job in jobs for token in job.tokens])
