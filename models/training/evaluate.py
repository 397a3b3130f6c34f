"""Reconstruction table on held-out paragraphs: compressor × ratio, greedy and free-running, transformer on and off."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch

from inspector.engine import ROWS, Job, reconstruct
from inspector.measures.bootstrap import bootstrap
from inspector.measures.scores import corpus_scores, scores
from inspector.measures.spectrum import effective_rank, singular_values
from models.compressor import Compressor, Memory, Source
from models.registry import Registry
from models.registry import registry as default_registry
from models.training.corpus import paragraphs
from models.training.plausible import known_words, same_part_share, unknown_share

HELD_OUT = Path(__file__).with_name("held_out")  # the very paragraphs that the card's table was measured on


@dataclass(frozen=True)
class Result:
    """One line of the table. BLEU, chrF and ROUGE-L run 0–100, shares 0–1; entropy is in nats, means are over texts."""

    set: str
    compressor: str
    ratio: int
    transformer: str  # on | off
    texts: int
    bleu: float  # of the corpus
    bleu_mean: float  # mean over texts
    bleu_low: float  # 95 % bootstrap interval of that mean
    bleu_high: float
    chrf: float
    rouge_l: float
    exact_prefix: float
    token_accuracy: float
    unknown_words: float | None  # share of reconstructed words that the training corpus never holds; None without the corpus
    source_unknown: float | None  # the same share in the source
    same_part: float | None  # of words that came back as other words: share of corpus words of the same part of speech
    word_errors: int  # how many such words there are
    entropy: float
    erank: float  # of a text: all its windows' vectors stacked
    erank_batch: float  # the first vectors of all texts stacked
    rows_batch: int


def sample(data: Path, name: str, count: int, fewest: int = 200) -> list[str]:
    """`count` paragraphs of at least `fewest` characters, evenly spaced over the set."""
    texts = [t for t in paragraphs(data, name) if len(t) >= fewest]
    if len(texts) < count:
        raise ValueError(f"{name} holds {len(texts)} paragraphs of {fewest} characters or more; {count} were asked for")
    return [texts[i] for i in np.linspace(0, len(texts) - 1, count).astype(int)]


@torch.inference_mode()
def entropies(compressor: Compressor, jobs: Sequence[Job]) -> list[float]:
    """Conditional entropy (nats) of every source token under teacher forcing, job after job."""
    values: list[float] = []
    for first in range(0, len(jobs), ROWS):
        batch = jobs[first : first + ROWS]
        for logits in compressor.decoder.score([j.memory for j in batch], [j.ids for j in batch]):
            log_p = logits.log_softmax(-1)
            values += (-(log_p.exp() * log_p).sum(-1)).tolist()
    return values


def jobs_of(compressor: Compressor, sources: Sequence[Source], ratio: int) -> list[list[Job]]:
    """One list of windows a text."""
    texts = []
    for index, source in enumerate(sources):
        memories = compressor.compress(source, source.windows, ratio)
        pairs = zip(source.windows, memories, strict=True)
        texts.append([Job(index, compressor, source.window_ids(w), source.spans[w[0] : w[1]], None, m) for w, m in pairs])
    return texts


def measure(reader: Compressor, texts: Sequence[str], ratio: int, known: frozenset[str] | None, **about: str) -> Result:
    sources = [reader.source(text) for text in texts]
    per_text = jobs_of(reader, sources, ratio)
    flat = sorted((job for jobs in per_text for job in jobs), key=lambda j: -len(j.ids))
    for _ in reconstruct(reader.decoder, flat, lambda: False):
        pass
    spoken = [[t for job in jobs for t in job.tokens] for jobs in per_text]
    results = [reader.text(ids) for ids in spoken]
    rows = [scores(t, r, s.ids, ids) for t, r, s, ids in zip(texts, results, sources, spoken, strict=True)]

    def mean(field: str) -> float:
        return float(np.mean([getattr(row, field) for row in rows]))

    def erank(memories: Sequence[Memory]) -> float:
        return effective_rank(singular_values(torch.cat([m.vectors for m in memories]).double().cpu().numpy()))

    heads = torch.stack([jobs[0].memory.vectors[0] for jobs in per_text]).double().cpu().numpy()
    same_part, errors = same_part_share(texts, results, known)
    bleu = np.asarray([row.bleu for row in rows])
    low, high = bootstrap(bleu)
    return Result(
        ratio=ratio,
        texts=len(texts),
        bleu=corpus_scores(texts, results)["corpus_bleu"],
        bleu_mean=float(bleu.mean()),
        bleu_low=low,
        bleu_high=high,
        chrf=mean("chrf"),
        rouge_l=mean("rouge_l"),
        exact_prefix=mean("exact_prefix"),
        token_accuracy=mean("token_accuracy"),
        unknown_words=unknown_share(results, known),
        source_unknown=unknown_share(texts, known),
        same_part=same_part,
        word_errors=errors,
        entropy=float(np.mean(entropies(reader, flat))),
        erank=float(np.mean([erank([j.memory for j in jobs]) for jobs in per_text])),
        erank_batch=effective_rank(singular_values(heads)),
        rows_batch=len(heads),
        **about,
    )


def evaluate(
    data: Path,
    addresses: Sequence[str] | None,
    sets: Sequence[str],
    count: int,
    out: Path | None,
    cache: Path = Path("runs/corpus"),
    table: Registry | None = None,
    off: Sequence[int] = (4, 16, 32, 64),
) -> list[Result]:
    """Print the table as it grows, and write it as JSON to `out`.

    `data` holds the sets; the folder `held_out` beside this file has 200 paragraphs of each, drawn by `sample`.
    A compressor's transformer is switched off by taking its layers out; what is left is the code it corrects, or nothing.

    Args:
        off: the ratios at which that is measured.
    """
    table = table or default_registry()
    wanted = addresses or [f"{n}@{r}" for n, row in table.rows.items() if row.bundled and row.kind == "soft" for r in row.ratios]
    known = known_words(data, cache)
    if known is None:
        print(f"{data} lacks a training set, so the share of unknown words is left out", file=sys.stderr)
    results: list[Result] = []
    print(HEADER)
    for name in sets:
        texts = sample(data, name, count)
        for address in map(table.resolve, wanted):
            reader, about = table.load(address), {"set": name, "compressor": "+".join((address.row.name, *address.options))}
            bare = reader.bare() if hasattr(reader, "bare") else None
            if bare is not reader:
                results.append(measure(reader, texts, address.ratio, known, transformer="on", **about))
                print(line(results[-1]), flush=True)
            if bare is not None and address.ratio in off:
                results.append(measure(bare, texts, address.ratio, known, transformer="off", **about))
                print(line(results[-1]), flush=True)
    if out:
        out.write_text(json.dumps([asdict(r) for r in results], indent=1), encoding="utf-8")
        print(f"wrote {out}", file=sys.stderr)
    return results


HEADER = (
    "| set | compressor | ratio | transformer | BLEU (mean, 95 %) | corpus BLEU | chrF | ROUGE-L | exact prefix "
    "| token accuracy | unknown words (source) | errors of the same part (n) | entropy, nats | erank text | erank batch |\n"
    + "|---" * 15
    + "|"
)


def line(r: Result) -> str:
    """A row of the Markdown table."""
    cells = (
        r.set,
        r.compressor,
        f"{r.ratio}×",
        r.transformer,
        f"{r.bleu_mean:.1f} ({r.bleu_low:.1f}–{r.bleu_high:.1f})",
        f"{r.bleu:.1f}",
        f"{r.chrf:.1f}",
        f"{r.rouge_l:.1f}",
        f"{r.exact_prefix:.3f}",
        f"{r.token_accuracy:.3f}",
        "–" if r.unknown_words is None else f"{r.unknown_words:.2%} ({r.source_unknown:.2%})",
        "–" if r.same_part is None else f"{r.same_part:.1%} ({r.word_errors})",
        f"{r.entropy:.3f}",
        f"{r.erank:.1f}",
        f"{r.erank_batch:.1f} of {r.rows_batch}",
    )
    return "| " + " | ".join(cells) + " |"
