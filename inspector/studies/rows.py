"""A row of the table: one inspection as numbers. Entropies and surprisals in nats, BLEU, chrF and ROUGE 0–100, shares 0–1."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inspector.inspection import KINDS, Inspection
from inspector.probes.answers import found
from inspector.studies.items import Item
from inspector.studies.plan import Case
from models.registry import Address

if TYPE_CHECKING:
    import pyarrow

    from inspector.probes.asked import Asked

SEVERITIES = ("serious", "minor", "acceptable")
DIMENSIONS = tuple(dict.fromkeys(KINDS.values()))
SCORES = ("bleu", "chrf", "rouge_1", "rouge_2", "rouge_l", "exact_prefix", "token_accuracy", "edit_similarity")
TEXT, WHOLE, NUMBER, TRUTH = "string", "int64", "float64", "bool"
COLUMNS: dict[str, str] = {
    **dict.fromkeys(("key", "set", "id"), TEXT),
    "line": WHOLE,
    **dict.fromkeys(("text", "compressor", "name"), TEXT),
    "ratio_requested": WHOLE,
    **dict.fromkeys(("truncate", "weights"), TEXT),
    **dict.fromkeys(("parameters", "decoder_parameters", "tokens_trained", "characters", "tokens", "vectors", "width"), WHOLE),
    **dict.fromkeys(("ratio", "characters_per_vector"), NUMBER),
    **dict.fromkeys(("bits_text", "bits_memory"), WHOLE),
    **dict.fromkeys(SCORES, NUMBER),
    "effective_rank": NUMBER,
    "rank_rows": WHOLE,
    **dict.fromkeys(("entropy", "surprisal", "prior_entropy", "prior_surprisal"), NUMBER),
    **dict.fromkeys((f"{kind}_{severity}" for kind in KINDS for severity in SEVERITIES), WHOLE),
    **dict.fromkeys(DIMENSIONS, WHOLE),
    **dict.fromkeys(SEVERITIES, WHOLE),
    **dict.fromkeys(("overwritten", "not_overwritten", "untold"), WHOLE),
    **dict.fromkeys(("entities", "entities_kept", "numbers", "numbers_kept"), WHOLE),
    "role_f1": NUMBER,
    **dict.fromkeys(("answer_kept", "other_back"), TRUTH),
    "language": TEXT,
    "seconds": NUMBER,
    **dict.fromkeys(("reconstruction", "error"), TEXT),
}


ABOUT = (
    *("set", "id", "line", "text", "compressor", "name", "ratio_requested", "weights"),
    *("parameters", "decoder_parameters", "tokens_trained"),
)
ASKED: dict[str, str] = {  # of probes.parquet: the place of a question, then the fields of `inspector.probes.asked.Asked`
    "key": TEXT,
    "number": WHOLE,
    **{name: COLUMNS[name] for name in ABOUT},
    **dict.fromkeys(("probe", "way", "kind", "question", "expected", "other", "given", "verdict"), TEXT),
    **dict.fromkeys(("right", "memory", "prior", "control", "f1"), NUMBER),
    "level": WHOLE,
    **dict.fromkeys(("reader", "note"), TEXT),
    "seconds": NUMBER,
    "error": TEXT,
}


def schema(columns: Mapping[str, str] = COLUMNS) -> pyarrow.Schema:
    import pyarrow

    types = {TEXT: pyarrow.string(), WHOLE: pyarrow.int64(), NUMBER: pyarrow.float64(), TRUTH: pyarrow.bool_()}
    return pyarrow.schema([(column, types[kind]) for column, kind in columns.items()])


def named(item: Item, case: Case, address: Address) -> dict[str, Any]:
    """What is known of an inspection before it is made; all other columns are None."""
    row = address.row
    return dict.fromkeys(COLUMNS) | {
        "key": case.key,
        "set": item.set,
        "id": item.id,
        "line": item.line,
        "text": item.hash,
        "compressor": case.compressor,
        "name": "+".join((row.name, *address.options)),
        "ratio_requested": address.ratio,
        "truncate": case.truncate,
        "weights": case.weights,
        "parameters": row.parameters.get("compressor"),
        "decoder_parameters": row.parameters.get("decoder"),
        "tokens_trained": trained().get("+".join((row.name, *address.options))),
        "characters": len(item.text),
    }


def failed(item: Item, case: Case, address: Address, reason: str) -> dict[str, Any]:
    """The row of an inspection that could not be made."""
    return named(item, case, address) | {"error": " ".join(reason.split()) or "unknown"}


def asked_of(item: Item, case: Case, address: Address, found: Sequence[Asked], seconds: float) -> list[dict[str, Any]]:
    """The rows of a probe's questions to one compressor about one text; one that says so where there are none.

    Args:
        seconds: the text's share of what its batch took.
    """
    about = _asked(item, case, address)
    rows = [about | asked.model_dump() | {"number": n, "seconds": seconds} for n, asked in enumerate(found)]
    return rows or [about | {"note": "Nothing can be asked of this text.", "seconds": seconds}]


def asked_failed(item: Item, case: Case, address: Address, reason: str) -> dict[str, Any]:
    return _asked(item, case, address) | {"error": " ".join(reason.split()) or "unknown"}


def _asked(item: Item, case: Case, address: Address) -> dict[str, Any]:
    known = named(item, case, address)
    return (
        dict.fromkeys(ASKED)
        | {name: known[name] for name in ("key", *ABOUT)}
        | {"probe": case.probe, "number": 0, "reader": case.reader}
    )


def row_of(item: Item, case: Case, address: Address, made: Inspection, seconds: float) -> dict[str, Any]:
    """The row of an inspection.

    Args:
        seconds: its share of what its batch took.
    """
    row = named(item, case, address)
    row |= {name: getattr(made.scores, name) for name in SCORES}
    row |= {"vectors": made.memory.vectors, "width": made.memory.width, "ratio": made.ratio}
    row |= {"tokens": round(made.ratio * made.memory.vectors), "characters_per_vector": made.characters_per_vector}
    row |= {"bits_text": made.bits.text, "bits_memory": made.bits.memory, "language": made.language, "seconds": seconds}
    if made.spectrum:
        row |= {"effective_rank": made.spectrum.effective_rank, "rank_rows": made.spectrum.rows}
    if made.trace and made.trace.tokens:
        row |= {"entropy": made.trace.mean_entropy} | {
            name: mean([getattr(t, name) for t in made.trace.tokens])
            for name in ("surprisal", "prior_entropy", "prior_surprisal")
        }
    if made.divergences is not None:
        row |= counted(made)
    if made.retention:
        row |= {n: getattr(made.retention, n) for n in ("entities", "entities_kept", "numbers", "numbers_kept", "role_f1")}
    if made.reconstruction is not None:
        row["reconstruction"] = made.reconstruction.text
        row["answer_kept"] = found(item.answers, item.text, made.reconstruction.text, there=True)
        if not item.answers or row["answer_kept"] is not None:  # else its answers are no words of texts
            row["other_back"] = found(item.others, item.text, made.reconstruction.text, there=False)
    return row


def mean(values: list[float | None]) -> float | None:
    return None if None in values else sum(values) / len(values)


def counted(made: Inspection) -> dict[str, int]:
    """Divergences by kind and severity; by dimension those that are serious or minor; what the prior explains."""
    both = Counter((d.kind, d.severity) for d in made.divergences)
    tested = [d for d in made.divergences if d.change in ("substituted", "swapped") and d.source and d.reconstruction]
    told = Counter(d.overwriting for d in tested)
    return (
        {f"{kind}_{severity}": both[kind, severity] for kind in KINDS for severity in SEVERITIES}
        | {d: sum(n for (k, s), n in both.items() if KINDS.get(k) == d and s != "acceptable") for d in DIMENSIONS}
        | {severity: sum(n for (_, s), n in both.items() if s == severity) for severity in SEVERITIES}
        | {"overwritten": told[True], "not_overwritten": told[False], "untold": told[None]}
    )


@lru_cache(maxsize=1)
def trained() -> dict[str, int]:
    """Tokens that checkpoints of the bundled family have seen, by address without a ratio."""
    import json

    found: dict[str, int] = {}
    for file in (Path(__file__).parents[2] / "models" / "pocket" / "runs").glob("*.json"):
        for checkpoint in json.loads(file.read_text(encoding="utf-8")).get("checkpoints", ()):
            found[checkpoint["address"]] = checkpoint["tokens"]
    return found
