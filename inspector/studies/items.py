"""Texts to study, and the fields of known data sets that they are made from.

A row of a data set becomes one or more `Item`s. A row that does not fit raises `RowError` with a sentence; nothing is guessed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Row = Mapping[str, Any]
FIELDS = ("text", "id", "question", "answer", "other")  # that can be renamed with --fields


class RowError(ValueError):
    """The row holds no usable text; the message says what is missing."""


def digest(*parts: Any) -> str:
    """SHA-256 of values as JSON."""
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False, sort_keys=True).encode("utf-8")).hexdigest()


@dataclass(frozen=True)
class Item:
    """One text of a study. `answers` are what the text says, `others` what a prior would say instead; empty where not known."""

    set: str
    id: str
    line: int  # in its file or split, from 1
    text: str
    question: str | None = None
    answers: tuple[str, ...] = ()
    others: tuple[str, ...] = ()

    @property
    def hash(self) -> str:
        """SHA-256 of the text and what is asked of it; not of where it stands."""
        return digest(self.text, self.question, self.answers, self.others)


@dataclass(frozen=True)
class Part:
    """What a format makes of a row; `Item` less its place."""

    id: str | None
    text: str
    question: str | None = None
    answers: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


def string(row: Row, field: str, needed: bool = True) -> str | None:
    """A text field.

    Raises:
        RowError: it is missing, empty or no text.
    """
    value = row.get(field)
    if value is None and not needed:
        return None
    if not isinstance(value, str) or not (value.strip() or not needed):
        raise RowError(f"field {field!r} is {'missing' if value is None else 'empty' if value == '' else 'no text'}")
    return value


def strings(row: Row, field: str) -> tuple[str, ...]:
    """A field that holds a text or a list of them; missing means none."""
    value = row.get(field)
    values = [] if value is None else [value] if isinstance(value, str) else value
    if not isinstance(values, Sequence) or not all(isinstance(v, str) for v in values):
        raise RowError(f"field {field!r} is neither a text nor a list of texts")
    return tuple(v for v in values if v.strip())


def name(row: Row, field: str = "id") -> str | None:
    value = row.get(field)
    return None if value is None or isinstance(value, dict | list) else str(value)


def plain(row: Row, names: Mapping[str, str], whole: bool) -> Iterator[Part]:
    """Any JSONL, and FineWeb-like text: fields `text`, `id`, `question`, `answer`, `other`, or those named instead."""
    text = string(row, names["text"])
    question = string(row, names["question"], needed=False)
    yield Part(name(row, names["id"]), text, question, strings(row, names["answer"]), strings(row, names["other"]))


def faitheval(row: Row, names: Mapping[str, str], whole: bool) -> Iterator[Part]:
    """FaithEval, counterfactual part: `context` states `answer`. What a prior would say is not in the data."""
    yield Part(name(row), string(row, "context"), string(row, "question"), strings(row, "answer"))


def conflictqa(row: Row, names: Mapping[str, str], whole: bool) -> Iterator[Part]:
    """ConflictQA, popQA and strategyQA: `counter_memory` says `counter_answer`, against the model's own `memory_answer`."""
    texts = (string(row, field) for field in ("counter_memory", "question", "counter_answer", "memory_answer"))
    text, question, answer, other = texts
    yield Part(name(row), text, question, (answer,), (other,))


def musique(row: Row, names: Mapping[str, str], whole: bool) -> Iterator[Part]:
    """MuSiQue: the supporting paragraphs under their titles (`whole`: all of them), with the answer and its aliases."""
    paragraphs = row.get("paragraphs")
    if not isinstance(paragraphs, Sequence) or isinstance(paragraphs, str) or not all(isinstance(p, dict) for p in paragraphs):
        raise RowError("field 'paragraphs' is no list of paragraphs")
    if row.get("answerable") is False:
        raise RowError("the question is not answerable from its paragraphs")
    chosen = [f"{p['title']}\n{string(p, 'paragraph_text')}" if p.get("title") else string(p, "paragraph_text")
              for p in paragraphs if whole or p.get("is_supporting")]  # fmt: skip
    if not chosen:
        raise RowError("no paragraph is marked as supporting")
    answers = (string(row, "answer"), *strings(row, "answer_aliases"))
    yield Part(name(row), "\n\n".join(chosen), string(row, "question"), answers)


def qasper(row: Row, names: Mapping[str, str], whole: bool) -> Iterator[Part]:
    """QASPER, in the hub's columns or in the release's JSON: for each question that spans of the paper answer, the evidence
    paragraphs (`whole`: the paper), and the spans."""
    questions = row.get("qas")
    if isinstance(questions, dict):  # the hub's: a dict of columns
        columns = questions
        width = len(columns.get("question") or ())
        questions = [{key: values[k] for key, values in columns.items() if k < len(values)} for k in range(width)]
    if not isinstance(questions, Sequence) or not all(isinstance(q, dict) for q in questions):
        raise RowError("field 'qas' holds no questions")
    paper, found = _paper(row), False
    for number, asked in enumerate(questions):
        answers = asked.get("answers") or ()
        given = answers.get("answer", ()) if isinstance(answers, dict) else [a.get("answer", a) for a in answers]
        spans = tuple(dict.fromkeys(span for a in given for span in a.get("extractive_spans") or () if span.strip()))
        evidence = list(dict.fromkeys(e for a in given for e in a.get("evidence") or () if not e.startswith("FLOAT SELECTED")))
        text = paper if whole else "\n\n".join(evidence)
        if spans and text.strip():
            found = True
            key = asked.get("question_id") or f"{name(row) or 'paper'}/{number}"
            yield Part(str(key), text, string(asked, "question"), spans)
    if not found:
        raise RowError("no question is answered by spans of its text")


def _paper(row: Row) -> str:
    full = row.get("full_text")
    if isinstance(full, dict):
        sections = zip(full.get("section_name") or (), full.get("paragraphs") or (), strict=False)
    else:
        sections = ((s.get("section_name"), s.get("paragraphs") or ()) for s in full or () if isinstance(s, dict))
    parts = [row.get("abstract") or ""] + ["\n".join([title or "", *paragraphs]) for title, paragraphs in sections]
    return "\n\n".join(part.strip() for part in parts if part.strip())


def pairs(row: Row, names: Mapping[str, str], whole: bool) -> Iterator[Part]:
    """SummEdits-like pairs: the original and the edited text are both studied, as ID/original and ID/edited."""
    original = next((f for f in ("original_summary", "reference_summary", "original", "source", "doc") if row.get(f)), "original")
    edited = next((f for f in ("summary", "edited_summary", "edited", "reconstruction") if row.get(f)), "edited")
    first, second = string(row, original), string(row, edited)
    key = name(row) or ""  # a name that begins with / goes behind the line's number
    yield Part(f"{key}/original", first)
    yield Part(f"{key}/edited", second)


FORMATS: dict[str, Callable[[Row, Mapping[str, str], bool], Iterator[Part]]] = {
    "jsonl": plain,
    "text": plain,
    "faitheval": faitheval,
    "conflictqa": conflictqa,
    "musique": musique,
    "qasper": qasper,
    "pairs": pairs,
}
