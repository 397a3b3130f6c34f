"""Columns of a running comparison → the payload of the compare view (`static/compare.js`).

Everything a browser needs, in bits and in words, so that it only draws. Text travels as pieces with the white
space before them: JavaScript counts UTF-16 units, and no offset has to be converted there.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from inspector.inspection import Bits, MemoryShape, Retention, Scores, Spectrum, Text, Trace, TraceToken
from inspector.measures.alignment import Alignment, Word, align, character_edits, words
from inspector.measures.carriers import carriers, tally, worst
from inspector.measures.entropy import bits, word_values
from inspector.measures.spectrum import cumulative_energy, kept
from inspector.views.meaning import meaning
from inspector.views.reasons import bilingual

FLOOR = 1e-8  # smallest σ_i/σ_1 drawn
SHOWN = 8  # alternatives drawn at most


def payload(
    text: str,
    columns: Sequence[Mapping[str, Any]],
    *,
    run: int,
    status: str,
    progress: float,
    message: str | None = None,
    baseline: int | None = None,
    language: str | None = None,
    pair: bool = False,
) -> dict[str, Any]:
    """What the view shows of `Builder.columns`.

    Args:
        text: the source.
        columns: one mapping a compressor; fields not known yet are absent.
        run: number of the run, so that the view can tell a new one from an update.
        status: idle | running | done | stopped | error.
        progress: 0 to 1.
        message: one sentence for the person, or None.
        baseline: index of the column that the others are compared with.
        language: "en", "ko", or None to follow the browser.
        pair: two texts that somebody gave; no compressor made the column.
    """
    source = words(text)
    shown = [column(text, source, c) for c in columns]
    tokenisations: list[list[list[Any]]] = []
    priors: list[dict[str, Any]] = []
    for view, c in zip(shown, columns, strict=True):
        if trace := c.get("trace"):
            view["heat"] = heat(text, source, trace, tokenisations, priors)
    return {
        "run": run,
        "status": status,
        "progress": round(progress, 3),
        "message": message,
        "language": language,
        "pair": pair,
        "baseline": baseline,
        "source": {"words": pieces(text, source), "tail": text[source[-1].end :] if source else text},
        "columns": shown,
        "tokenisations": tokenisations,
        "priors": priors,
        "scale": scale([c["trace"].tokens for c in columns if c.get("trace")]),
        "word_scale": word_scale([view["heat"]["words"] for view in shown if view["heat"]]),
    }


def pieces(text: str, found: Sequence[Word]) -> list[list[str]]:
    """[white space before, word] for each word."""
    ends = [0, *(w.end for w in found)]
    return [[text[end : w.start], w.text] for end, w in zip(ends, found, strict=False)]


def column(text: str, source: Sequence[Word], c: Mapping[str, Any]) -> dict[str, Any]:
    """One compressor's column, whatever is known of it."""
    view: dict[str, Any] = {
        "name": c["compressor"],
        "family": c.get("family") or "",
        "status": c["status"],
        "progress": round(c["progress"], 3),
        "error": bilingual(c.get("error")),
        "card": c.get("card"),  # of a large one that is not loaded
        "notes": {name: bilingual(note) for name, note in (c.get("notes") or {}).items()},
        "badges": badges(c),
        "marks": [],
        "counts": None,
        "meaning": None,
        "windows": [],
        "heat": None,
        "spectrum": spectrum(c["spectrum"], c["memory"]) if c.get("spectrum") else None,
        "truncation": truncation(c["spectrum"]) if c.get("spectrum") else None,
    }
    memory: MemoryShape | None = c.get("memory")
    if memory:
        view["windows"] = [
            [next((i for i, w in enumerate(source) if w.start >= m.start), len(source)), m.vectors] for m in memory.windows
        ]
    reconstruction: Text | None = c.get("reconstruction")
    alignment = align(text, reconstruction.text) if reconstruction else None
    if memory and memory.kept is not None and reconstruction:
        view["marks"], view["counts"] = kept_marks(text, source, memory.kept)
    elif alignment:
        view["marks"] = marks(text, reconstruction.text, alignment, pending=c["progress"] < 1.0)
        view["counts"] = counts(alignment)
    if alignment:
        view["meaning"] = meaning(reconstruction.text, alignment, c)
    return view


def counts(alignment: Alignment) -> dict[str, int]:
    names = {"kept": "equal", "substituted": "replace", "dropped": "delete", "added": "insert"}
    return {"words": len(alignment.source)} | {name: alignment.count(op) for name, op in names.items()}


def marks(text: str, reconstruction: str, alignment: Alignment, pending: bool) -> list[list[Any]]:
    """[kind, source word or -1, white space before, word, source's word, its letters] in reading order.

    Windows are decoded side by side, so until all is done a missing word anywhere may still come: nothing is called dropped.
    Kinds: `=` kept, `~` substituted, `-` dropped (the word is the source's), `+` added, `?` not decoded yet.
    """
    left, right = pieces(text, alignment.source), pieces(reconstruction, alignment.reconstruction)
    row: list[list[Any]] = []
    for edit in alignment.edits:
        (i0, i1), (j0, j1) = edit.source, edit.reconstruction
        if edit.op == "delete":
            row += [["?" if pending else "-", i, left[i][0] or " ", left[i][1], None, None] for i in range(i0, i1)]
        elif edit.op == "insert":
            row += [["+", -1, right[j][0], right[j][1], None, None] for j in range(j0, j1)]
        else:
            for i, j in zip(range(i0, i1), range(j0, j1), strict=False):
                same = edit.op == "equal"
                was, now = left[i][1], right[j][1]
                row.append(
                    ["=" if same else "~", i, right[j][0], now, None if same else was, None if same else letters(was, now)]
                )
    return row


def letters(was: str, now: str) -> list[list[Any]] | None:
    """[changed, letters] of a substituted word, where it is a near miss: right shape, wrong characters; else None."""
    edits = character_edits(was, now)
    same = sum(e.reconstruction[1] - e.reconstruction[0] for e in edits if e.op == "equal")
    if 2 * same < max(len(was), len(now)):
        return None
    return [[e.op != "equal", now[e.reconstruction[0] : e.reconstruction[1]]] for e in edits if e.op != "delete"]


def kept_marks(text: str, source: Sequence[Word], kept: Sequence[tuple[int, int]]) -> tuple[list[list[Any]], dict[str, int]]:
    """Kept words stand, the others are dropped: no alignment is needed, the compressor says what it kept."""
    spans, row = set(kept), []
    for i, ((gap, word), w) in enumerate(zip(pieces(text, source), source, strict=True)):
        row.append(["=" if (w.start, w.end) in spans else "-", i, gap, word, None, None])
    stay = sum(m[0] == "=" for m in row)
    return row, {"words": len(row), "kept": stay, "substituted": 0, "dropped": len(row) - stay, "added": 0}


def badges(c: Mapping[str, Any]) -> dict[str, float | int | list[int] | None]:
    """Numbers on top of a column; entropy in bits, shares in percent, retention as [kept, all]."""
    scores: Scores = c.get("scores") or Scores()
    memory: MemoryShape | None = c.get("memory")
    size: Bits | None = c.get("bits")
    found: Spectrum | None = c.get("spectrum")
    trace: Trace | None = c.get("trace")
    retained: Retention | None = c.get("retention")

    def percent(share: float | None) -> float | None:
        return None if share is None else round(100 * share, 1)

    def short(value: float | None, digits: int = 1) -> float | None:
        return None if value is None else round(value, digits)

    def of(what: str) -> list[int] | None:
        return [getattr(retained, f"{what}_kept"), getattr(retained, what)] if retained else None

    return {
        "entities": of("entities"),
        "numbers": of("numbers"),
        "role_f1": percent(retained and retained.role_f1),
        "ratio": short(c.get("ratio")),
        "ratio_requested": c.get("ratio_requested"),
        "vectors": memory and memory.vectors,
        "width": memory and memory.width,
        "bits_text": size and size.text,
        "bits_memory": size and size.memory,
        "characters_per_vector": short(c.get("characters_per_vector")),
        "bleu": short(scores.bleu),
        "chrf": short(scores.chrf),
        "rouge_l": short(scores.rouge_l),
        "exact_prefix": percent(scores.exact_prefix),
        "token_accuracy": percent(scores.token_accuracy),
        "erank": found and short(found.effective_rank, 2),
        "rows": found and found.rows,
        "entropy": trace and short(bits(trace.mean_entropy), 3),
        "seconds": short((c.get("seconds") or {}).get("total"), 2),
    }


def spectrum(found: Spectrum, memory: MemoryShape) -> dict[str, Any]:
    """Curves of the spectrum: log10 σ_i/σ_1 (not below 1e-8) and the cumulative share of energy."""

    def log_ratios(values: Sequence[float]) -> list[float]:
        return [round(math.log10(max(v / values[0], FLOOR)), 4) for v in values]

    values = found.singular_values[: kept(found)[0]]  # what truncation took away is no curve
    energy = cumulative_energy(values)
    return {
        "of": len(found.singular_values),
        "log": log_ratios(values),
        "energy": [round(float(e), 5) for e in energy],
        "sigma": [round(v, 4) for v in values[:64]],
        "erank": round(found.effective_rank, 3),
        "k": {str(s): int((energy < s / 100 - 1e-12).sum()) + 1 for s in (90, 95, 99)},
        "rows": found.rows,
        "width": memory.width,
        "untruncated": log_ratios(found.untruncated) if found.untruncated else None,
    }


def truncation(found: Spectrum) -> dict[str, Any] | None:
    """Directions kept of all, and the percent of the energy that they hold; None where all were kept for want of a truncation."""
    if found.untruncated is None:
        return None
    count, energy = kept(found)
    return {"kept": count, "of": len(found.untruncated), "energy": round(100 * energy, 2)}


def heat(
    text: str, source: Sequence[Word], trace: Trace, tokenisations: list[list[list[Any]]], priors: list[dict[str, Any]]
) -> dict[str, Any]:
    """Numbers for each token, in bits, and each word; what compressors share, tokens and prior, is written once."""
    tokens = trace.tokens
    owner = owners(source, tokens)
    rows = [[t.start, t.end, text[t.start : t.end], word] for t, word in zip(tokens, owner, strict=True)]
    if rows not in tokenisations:
        tokenisations.append(rows)
    by_word = word_values(tokens, source)
    has_prior = all(t.prior_surprisal is not None for t in tokens)

    def fine(value: float | None) -> float | None:
        return None if value is None else round(bits(value), 3)

    prior = {
        "tokens": tokenisations.index(rows),
        "entropy": [fine(t.prior_entropy) for t in tokens],
        "surprisal": [fine(t.prior_surprisal) for t in tokens],
        "alternatives": [alternatives(t.prior_alternatives) for t in tokens],
    }
    if has_prior and prior not in priors:
        priors.append(prior)
    return {
        "tokens": tokenisations.index(rows),
        "entropy": [fine(t.entropy) for t in tokens],
        "surprisal": [fine(t.surprisal) for t in tokens],
        "gain": [fine(t.gain) for t in tokens] if has_prior else None,
        "rank": [t.rank for t in tokens],
        "alternatives": [alternatives(t.alternatives) for t in tokens],
        "prior": priors.index(prior) if has_prior else None,
        "words": {name: [fine(w[name]) for w in by_word] for name in ("entropy", "surprisal", "gain")},
        "carriers": carried(trace, owner, len(source)),
    }


def carried(trace: Trace, owner: Sequence[int], words: int) -> dict[str, Any] | None:
    """Who carries each token and each word, and the counts of tokens; None where there is no prior to ask."""
    found = carriers(trace.tokens)
    if found is None:
        return None
    groups: list[list[Any]] = [[] for _ in range(words)]
    for name, word in zip(found, owner, strict=True):
        if word >= 0:
            groups[word].append(name)
    return {"tokens": found, "words": [worst(group) for group in groups], "counts": tally(found)}


def alternatives(found: Sequence[Any]) -> list[list[Any]]:
    return [[a.text, float(f"{a.probability:.3g}")] for a in found[:SHOWN]]


def owners(source: Sequence[Word], tokens: Sequence[TraceToken]) -> list[int]:
    """For each token the word that its last code point lies in, or the next one; -1 after the last word."""
    found, at = [], 0
    for token in tokens:
        while at < len(source) and source[at].end < token.end:
            at += 1
        found.append(at if at < len(source) else -1)
    return found


def scale(traces: Sequence[Sequence[TraceToken]]) -> dict[str, float]:
    """Upper ends of the colour scales, in bits, one for all columns: the 99th percentile, at least 1."""
    every = [t for tokens in traces for t in tokens]
    return {
        "entropy": upper_end([bits(t.entropy) for t in every]),
        "surprisal": upper_end([bits(t.surprisal) for t in every]),
        "gain": upper_end([abs(bits(t.gain)) for t in every if t.gain is not None]),
    }


def word_scale(rows: Sequence[Mapping[str, Sequence[float | None]]]) -> dict[str, float]:
    """The same for words, whose surprisal and gain are sums over tokens and so reach further; values in bits."""
    return {
        name: upper_end([abs(v) for row in rows for v in row[name] if v is not None]) for name in ("entropy", "surprisal", "gain")
    }


def upper_end(values: Sequence[float]) -> float:
    ranked = sorted(values)
    return max(1.0, math.ceil(10 * ranked[math.ceil(0.99 * len(ranked)) - 1]) / 10) if ranked else 1.0
