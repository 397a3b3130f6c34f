"""RAG: paragraphs are compressed, the question stays in clear (MuSiQue's and QASPER's shape).

Of every compressor that brings texts back it is asked whether an answer that stands in the paragraphs stands in the
reconstruction too (`span`). Only those whose decoder was trained to answer are asked the question itself: exact match and F1 of
SQuAD over the greedy answer (`answer`), and as a control the same with no memory, which is what the decoder knew before
(`no memory`). A text has several right answers, aliases or spans that several people marked: one of them is enough. Ours: the
span measure and the control.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from inspector.probes.answers import contains, exact_match, f1, plain
from inspector.probes.asked import Asked
from inspector.probes.back import brought_back, compressed

if TYPE_CHECKING:
    from inspector.studies.items import Item
    from models.compressor import Answerer, Compressor, Memory, Row
    from models.registry import Address

TOKENS = 64  # of an answer, at most
NO_QUESTION = "The text comes without a question, or without answers to compare with."
NOT_THERE = "None of the answers stands in the text in these words, so no span can be looked for."


def ask(items: Sequence[Item], address: Address, compressor: Compressor, shared: dict[str, Any]) -> list[list[Asked]]:
    """See `inspector.probes.asked`; `shared["reader"]` may be a reader of reconstructions (`inspector.probes.reader`)."""
    usable = [k for k, item in enumerate(items) if (item.question or "").strip() and any(map(plain, item.answers))]
    found = [[_about(item, "reconstruction", "span", note=NO_QUESTION)] for item in items]
    row, texts = address.row, [items[k].text for k in usable]
    back = (brought_back if row.reconstructs else compressed)(compressor, texts, address.ratio)
    for k, each in zip(usable, back, strict=True):
        found[k] = [span(items[k], row, each.text), *answers(items[k], row, compressor, each.memories)]
    return found


def span(item: Item, row: Row, reconstruction: str | None) -> Asked:
    """Is an answer that the text holds in its reconstruction? `other`: one that only a prior would give, where such are known."""
    if reconstruction is None:
        return _about(item, "reconstruction", "span", note=mute(row))
    there = [answer for answer in item.answers if contains(item.text, answer)]
    if not there:
        return _about(item, "reconstruction", "span", note=NOT_THERE)
    kept = [answer for answer in there if contains(reconstruction, answer)]
    back = [other for other in item.others if not contains(item.text, other) and contains(reconstruction, other)]
    verdict = "kept" if kept else "other" if back else "neither"
    given = next(iter(kept or back), None)
    return _about(item, "reconstruction", "span", there, given=given, verdict=verdict, right=float(bool(kept)))


def answers(item: Item, row: Row, compressor: Compressor, memories: Sequence[Memory]) -> list[Asked]:
    """The question put to the decoder, with memory and without; one note where it answers none."""
    if not row.answers:
        return [_about(item, "answer", "answer", note=not_applicable(row))]
    return [answered(item, "answer", compressor, memories), answered(item, "no memory", compressor, ())]


def mute(row: Row) -> str:
    """Why nothing is read off a reconstruction; one sentence."""
    return f"{row.name} cannot bring a text back, so there is nothing to look in."


def not_applicable(row: Row) -> str:
    """Why questions are not put to a compressor's decoder; one sentence."""
    if row.kind == "words":
        return "Not applicable, because kept words are read by no decoder of their own that could answer."
    return f"Not applicable, because {row.name} has no decoder that is known to answer questions: what it said would be guessing."


def answered(item: Item, kind: str, compressor: Answerer, memories: Sequence[Memory]) -> Asked:
    """Exact match and F1 of one answer; a note where question and memories do not fit into the decoder."""
    try:
        given = compressor.answer(memories, item.question, TOKENS)
    except ValueError as error:
        return _about(item, "answer", kind, note=str(error))
    return _about(item, "answer", kind, **marks(given, item))


def marks(given: str, item: Item) -> dict[str, Any]:
    """Fields of an answer: what was said, is it one of the right ones, F1 with the nearest, is it a prior's."""
    right = exact_match(given, item.answers)
    prior = bool(item.others) and exact_match(given, item.others)
    verdict = "kept" if right else "other" if prior else "neither"
    return {"given": given, "right": right, "f1": f1(given, item.answers), "verdict": verdict}


def _about(item: Item, way: str, kind: str, expected: Sequence[str] = (), **found: Any) -> Asked:
    question = (item.question or "").strip()
    said = " / ".join(dict.fromkeys(expected or item.answers))
    other = " / ".join(item.others) or None
    return Asked(probe="rag", way=way, kind=kind, question=question, expected=said, other=other, **found)
