"""A comparison as a Markdown table: compressors side by side, measures below one another, what changed in meaning counted."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import chain
from types import SimpleNamespace
from typing import Any

from inspector.inspection import KINDS, Comparison, Inspection
from inspector.measures.entropy import bits
from inspector.views.pair import Rewriting
from inspector.views.reasons import said
from inspector.views.terminal import number, safe
from inspector.views.verdict import known, verdict
from inspector.views.words import word

Shown = Inspection | SimpleNamespace  # two texts have the fields of an inspection that can be told of them
EXCERPT = 200  # characters of the source that are shown
# By number, since not every reader of Markdown lets a backslash save a table's bar; the last one makes no mention of somebody.
ACTIVE = re.compile(r"[\\`*_{}\[\]<>#|~$&!^=]|(?<!\w)@")


def escaped(text: str) -> str:
    """User text as one line of Markdown that shows it literally; control characters and overrides of direction by number."""
    line = safe(" ".join(text.split()))
    return ACTIVE.sub(lambda match: f"&#{ord(match[0])};", line)


def markdown(comparison: Comparison, language: str = "en") -> str:
    """The table, a verdict for each compressor, and the beginning of the source.

    Args:
        language: "en" or "ko", of the labels.
    """
    return _page(comparison.source.text, comparison.inspections, language)


def pair_markdown(made: Rewriting, language: str = "en") -> str:
    """The same of two texts."""
    name = word("pair.rewriting", language)
    lacks: dict[str, Any] = dict.fromkeys(("ratio", "memory", "spectrum", "trace"))
    one = SimpleNamespace(**lacks | made.column(language) | {"compressor": name})
    return _page(made.source, [one], language) + f"{name}: {_cut(made.text)}\n"


def _page(text: str, found: Sequence[Shown], language: str) -> str:
    heads = [word("export.measure", language), *(escaped(i.compressor) for i in found)]
    lines = [_line(heads), _line(["---", *["---:"] * len(found)])]
    lines += [_line([name, *cells]) for name, cells in chain(_measures(found, language), _dimensions(found, language))]
    lines += ["", word("export.counts", language), ""]
    lines += [f"- **{escaped(i.compressor)}**: {escaped(said)}" for i in found if (said := _verdict(i, language))]
    return "\n".join([*lines, "", f"{word('view.source', language)}: {_cut(text)}", ""])


def _cut(text: str) -> str:
    return escaped(text[:EXCERPT].rstrip() + (" …" if len(text) > EXCERPT else ""))


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _measures(found: Sequence[Shown], language: str) -> list[tuple[str, list[str]]]:
    """Rows of numbers; a measure that no compressor has makes no row."""

    def percent(share: float | None) -> str:
        return "–" if share is None else f"{100 * share:.1f}%"

    def kept(i: Shown, what: str) -> str:
        all_of = getattr(i.retention, what) if i.retention else 0
        return f"{getattr(i.retention, f'{what}_kept')}/{all_of}" if all_of else "–"

    rows: dict[str, Callable[[Shown], str]] = {
        "ratio": lambda i: f"{i.ratio:.1f}×" if i.ratio else "–",
        "vectors": lambda i: f"{i.memory.vectors:,}" + (f" × {i.memory.width:,}" if i.memory.width else "") if i.memory else "–",
        "entities": lambda i: kept(i, "entities"),
        "numbers": lambda i: kept(i, "numbers"),
        "role_f1": lambda i: percent(i.retention and i.retention.role_f1),
        "bleu": lambda i: number(i.scores.bleu),
        "chrf": lambda i: number(i.scores.chrf),
        "rouge_l": lambda i: number(i.scores.rouge_l),
        "exact_prefix": lambda i: percent(i.scores.exact_prefix),
        "token_accuracy": lambda i: percent(i.scores.token_accuracy),
        "erank": lambda i: number(i.spectrum and i.spectrum.effective_rank, 2),
        "entropy": lambda i: f"{bits(i.trace.mean_entropy):.3f} bit" if i.trace else "–",
    }
    made = [(word(f"measure.{name}.name", language), [of(i) for i in found]) for name, of in rows.items()]
    if any(i.scores.bertscore is not None for i in found):
        made.append(("BERTScore", [number(i.scores.bertscore) for i in found]))
    return [(name, cells) for name, cells in made if set(cells) != {"–"}]


def _dimensions(found: Sequence[Shown], language: str) -> list[tuple[str, list[str]]]:
    """Rows of counts by drift dimension: serious, and after a plus minor ones; rewording is not counted."""
    if all(i.divergences is None for i in found):
        return []

    def count(i: Shown, wanted: Callable[[str], bool]) -> str:
        if i.divergences is None:
            return "–"
        of = [d.severity for d in i.divergences if wanted(d.dimension)]
        minor = of.count("minor")
        return str(of.count("serious")) + (f" + {minor}" if minor else "")

    names = list(dict.fromkeys(KINDS.values()))
    rows = [(word(f"dimension.{n}", language), [count(i, lambda d, n=n: d == n) for i in found]) for n in names]
    if any(d.dimension not in names for i in found for d in i.divergences or ()):  # of a kind that somebody added
        rows.append((word("dimension.other", language), [count(i, lambda d: d not in names) for i in found]))
    return [*rows, (f"**{word('view.matrix.all', language)}**", [count(i, lambda _: True) for i in found])]


def _verdict(i: Shown, language: str) -> str | None:
    if i.divergences is None:
        return next((said(i.notes[name], language) for name in ("divergences", "reconstruction") if i.notes.get(name)), None)
    return verdict(i.divergences, i.retention, read=known(i.language, i.pipeline), language=language)
