"""RAG: paragraphs are compressed, the question stays in clear (MuSiQue's and QASPER's shape).

Of every compressor that brings texts back it is asked whether an answer that stands in the paragraphs stands in the
reconstruction too (`span`). Only those whose decoder was trained to answer are asked the question itself: exact match and F1 of
SQuAD over the greedy answer (`answer`), and as a control the same with no memory, which is what the decoder knew before
(`no memory`). A reader, if one is named, answers from the reconstruction (`read`) and from the source (`read source`). A text
has several right answers, aliases or spans that several people marked: one of them is enough. Ours: the span measure and the
controls.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from inspector.probes.answers import contains, exact_match, f1, plain
from inspector.probes.asked import Asked
from inspector.probes.back import compressed, decoded

if TYPE_CHECKING:
    from inspector.studies.items import Item
    from models.compressor import Answerer, Compressor, Memory, Row
    from models.registry import Address

TOKENS = 64  # of an answer, at most
NO_QUESTION = "The text comes without a question, or without answers to compare with."
NOT_THERE = "None of the answers stands in the text in these words, so no span can be looked for."


def ask(items: Sequence[Item], address: Address, compressor: Compressor, shared: dict[str, Any]) -> list[list[Asked]]:
    """Put each text's question to one compressor.

    Args:
        shared: `reconstructions`, {(address, item's hash): text}, are read and added to; `reader` is one of
            `inspector.probes.reader`, which answers from the reconstruction too, and once from the source itself.

    Returns:
        For each item its `Asked`; where one cannot be asked, its `note` says why.
    """
    usable = [k for k, item in enumerate(items) if (item.question or "").strip() and any(map(plain, item.answers))]
    found = [[_about(item, "reconstruction", "span", note=NO_QUESTION)] for item in items]
    row, made = address.row, compressed(compressor, [items[k].text for k in usable], address.ratio)
    known = shared.setdefault("reconstructions", {})
    fresh = {(str(address), items[k].hash): each for k, each in zip(usable, made, strict=True) if row.reconstructs}
    fresh = {key: each for key, each in fresh.items() if key not in known}
    known |= {key: each.text for key, each in zip(fresh, decoded(compressor, list(fresh.values())), strict=True)}
    for k, each in zip(usable, made, strict=True):
        text = known[str(address), items[k].hash] if row.reconstructs else None
        found[k] = [span(items[k], row, text), *answers(items[k], row, compressor, each.memories), *read(items[k], text, shared)]
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
    return judged(item, kind, lambda: compressor.answer(memories, item.question, TOKENS))


def read(item: Item, reconstruction: str | None, shared: dict[str, Any]) -> list[Asked]:
    """A reader's answer from the reconstruction, and from the source: what it could have answered at best."""
    reader = shared.get("reader")
    if reader is None or reconstruction is None:
        return []
    known, key = shared.setdefault("rag, source", {}), (reader.name, item.hash)
    if key not in known:  # the same for every compressor
        known[key] = judged(item, "read source", lambda: reader.answer(item.text, item.question, TOKENS), reader=reader.name)
    told = judged(item, "read", lambda: reader.answer(reconstruction, item.question, TOKENS), reader=reader.name)
    return [told, known[key]]


def judged(item: Item, kind: str, answer: Callable[[], str], **more: Any) -> Asked:
    """Exact match and F1 of one answer; a note where the question cannot be put."""
    try:
        given = answer()
    except ValueError as error:
        return _about(item, "answer", kind, note=str(error), **more)
    return _about(item, "answer", kind, **marks(given, item), **more)


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
