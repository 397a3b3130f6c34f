"""Sentences that say why a field of an inspection is null."""

from __future__ import annotations

from models.compressor import Row


def reasons(row: Row, truncated: bool) -> dict[str, str]:
    """Why a field is null, or a setting has no effect: one sentence for each."""
    notes: dict[str, str] = {}
    if truncated and not row.vectors:
        what = "Kept words are" if row.kind == "words" else "This memory is"
        notes["truncation"] = f"{what} no vectors, so there are no directions to truncate: this column is as it is without."
    notes["bertscore"] = "BERTScore is computed only with a model that you name (--bertscore MODEL)."
    if row.kind == "words":
        notes["spectrum"] = "Kept words are no vectors, so there are no singular values."
        notes["trace"] = "Kept words are shown as they are; no decoder reads them, so there is no entropy given memory."
        notes["token_accuracy"] = "Kept words do not stand at the source's positions, so tokens cannot be compared in place."
    elif not row.vectors:
        notes["spectrum"] = "This memory is a KV cache; name a layer and a head to see a spectrum (--kv LAYER.HEAD)."
    if not row.traces and "trace" not in notes:
        notes["trace"] = f"{row.name} cannot score the source token by token."
    if not row.reconstructs:
        notes["reconstruction"] = f"{row.name} cannot bring a text back."
        notes["divergences"] = f"{row.name} cannot bring a text back, so there is nothing to compare with the source."
        notes["scores"] = f"{row.name} cannot bring a text back, so there is no overlap to measure."
    return notes
