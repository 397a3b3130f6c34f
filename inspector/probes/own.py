"""A context and question of one's own, checked; and texts whose memory is the control where there is no other text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from inspector.compare import InputError, validate
from inspector.probes.knowledge import WHY, refused
from inspector.studies.items import Item

MOST = 24  # wordings of an answer
# Ours, about nothing in particular; the first of them that holds none of the answers is used.
CONTROLS = (
    "The kettle takes about six minutes. Somebody should wipe the table before the soup is served, and the window over the sink "
    "does not close by itself; it has to be lifted a little and then pushed. Spare bulbs are in the drawer under the bread box.",
    "Rain had fallen since noon, so the path along the hedge was soft, and wheels sank into it. Two planks lay across the worst "
    "part. Further up, where the gravel began, one could walk again without looking at every step.",
)


def bare(text: str, limit: int | None = None) -> Item:
    """A text by itself, of which sentences are asked.

    Args:
        limit: most tokens the text may have; None for no bound.

    Raises:
        InputError: it cannot be used; the message says why.
    """
    validate(text, limit)
    return Item("own", "1", 1, text)


def own(text: str, question: str, answers: Iterable[str], others: Iterable[str], limit: int | None = None) -> Item:
    """A text with what is asked of it; wordings without outer white space, each once.

    Args:
        limit: most tokens the text may have; None for no bound.

    Raises:
        InputError: something cannot be used; the message says what, and why.
    """
    item = bare(text, limit)
    sides = [tuple(dict.fromkeys(each.strip() for each in side if each.strip())) for side in (answers, others)]
    for given in (question, *sides[0], *sides[1]):
        if any(0xD800 <= ord(c) <= 0xDFFF for c in given):
            raise InputError("The question or an answer holds half of a surrogate pair, which is no Unicode text; remove it.")
    if max(map(len, sides)) > MOST:
        raise InputError(f"{max(map(len, sides))} wordings of one answer are given; at most {MOST} are asked about.")
    if not sides[0]:
        raise InputError("No answer is given; write what the text says, in its own words.")
    item = replace(item, question=question.strip() or None, answers=sides[0], others=sides[1])
    if reason := refused(item):
        raise InputError(reason if reason == WHY["same"] else "The answer has no word in it; write what the text says.")
    return item


def controls(items: Sequence[Item]) -> dict[str, tuple[str, ...]]:
    """What probes are told of controls; nothing where a text is one of them itself."""
    return {"controls": tuple(text for text in CONTROLS if all(item.text != text for item in items))}
