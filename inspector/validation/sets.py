"""Labelled pairs of texts: what each set holds, as rows (id, source, reconstruction, label)."""

from __future__ import annotations

import hashlib
import json
import lzma
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rapidfuzz.distance import LCSseq


@dataclass(frozen=True)
class Labelled:
    """A pair with what people said of it."""

    id: str
    source: str
    reconstruction: str
    label: str
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def half(self) -> int:
        """0 or 1, fixed by the id: a rule is kept when it helps on one half and on the other."""
        return hashlib.sha256(self.id.encode()).digest()[0] % 2


def rows(data: Path, name: str) -> Iterator[dict[str, Any]]:
    """Rows of one file under `data/divergence`.

    Raises:
        ValueError: the file is missing.
    """
    for path in (data / "divergence" / f"{name}.jsonl.xz", data / "divergence" / f"{name}.jsonl"):
        if path.exists():
            opener = lzma.open if path.suffix == ".xz" else open
            with opener(path, "rt", encoding="utf-8") as lines:
                yield from (json.loads(line) for line in lines if line.strip())
            return
    raise ValueError(f"{data} holds neither divergence/{name}.jsonl.xz nor divergence/{name}.jsonl.")


def summedits(data: Path) -> list[Labelled]:
    """SummEdits (Laban et al. 2023): original summary and edit, identical pairs left out. Labels: consistent, inconsistent."""
    return [
        Labelled(
            r["id"], r["original_summary"], r["summary"], "consistent" if r["label"] else "inconsistent",
            {"domain": r["domain"], "edits": r["edit_types"]},
        )
        for r in rows(data, "summedits-dev")
        if r["summary"] != r["original_summary"]
    ]  # fmt: skip


def bump(data: Path) -> list[Labelled]:
    """BUMP (Ma et al. 2023), minimal pairs with one error. Labels: Predicate, Entity, Circumstance, Coreference."""

    def error(r: dict[str, Any]) -> str:
        return re.sub(r"^(Intrinsic|Extrinsic) | Error$", "", r["corrected_error_type"])

    return [Labelled(str(r["id"]), r["reference_summary"], r["edited_summary"], error(r)) for r in rows(data, "bump-dev")]


def condaqa(data: Path) -> list[Labelled]:
    """CondaQA (Ravichander et al. 2022), a passage and its edit. Labels: paraphrase, affirmative, scope."""
    return [
        Labelled(f"{r['passage_id']}-{r['edit']}-{n}", r["original"], r["edited"], r["edit"], {"cue": r["cue"]})
        for n, r in enumerate(rows(data, "condaqa-dev"))
    ]


ERRORS = ("PredE", "EntE", "CircE", "CorefE", "LinkE", "OutE", "GramE")


def frank(data: Path) -> list[Labelled]:
    """FRANK (Pagnoni et al. 2021): a summary against the sentences of its article that match it best. Label: the dataset."""
    return [
        Labelled(
            f"{r['id']}-{r['model']}", evidence(r["article"], r["summary_sentences"]), " ".join(r["summary_sentences"]),
            r["dataset"],
            {"errors": [e for e in ERRORS if (r["error_rate"] or {}).get(e, 0) > 0], "clean": r["factuality"] == 1},
        )
        for r in rows(data, "frank-valid")
    ]  # fmt: skip


def evidence(article: str, summary: list[str]) -> str:
    """For each sentence of the summary the article's sentence that shares most words with it in order; in the article's order."""
    sentences = [s for s in re.split(r"(?<=[.!?])[\"')”’]*\s+", " ".join(article.split())) if s]
    split = [s.lower().split() for s in sentences]
    chosen = set()
    for said in summary:
        words = said.lower().split()
        chosen.add(
            max(range(len(sentences)), key=lambda k: LCSseq.similarity(split[k], words) - 0.001 * len(split[k]), default=0)
        )
    return " ".join(sentences[k] for k in sorted(chosen)) if sentences else article
