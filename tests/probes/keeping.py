"""A compressor by hand that keeps all words and answers questions as it is told to: what probes of answers are tested with."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from models.compressor import Memory, Row, Source
from models.registry import Address

WINDOW = 12  # words
Answer = Callable[[str, str], str]  # what memory holds, question → answer


class Reading:
    """Memory is the words themselves, less those in `lost`; `answer` is given all of it as one text."""

    decoder = None

    def __init__(self, answer: Answer | None = None, lost: Sequence[str] = ()) -> None:
        self.reads, self.lost, self.asked = answer, lost, []

    def source(self, text: str) -> Source:
        spans = [match.span() for match in re.finditer(r"\S+", text)]
        return Source(text, range(len(spans)), spans, [(k, min(k + WINDOW, len(spans))) for k in range(0, len(spans), WINDOW)])

    def compress(self, source: Source, windows: Sequence[tuple[int, int]], ratio: int) -> list[Memory]:
        found = []
        for first, last in windows:
            words = [source.text[a:b] for a, b in source.spans[first:last]]
            kept = " ".join(word for word in words if word not in self.lost)
            found.append(Memory("words", last - first, len(words), 8 * len(kept), text=kept))
        return found

    def answer(self, memories: Sequence[Memory], question: str, tokens: int = 64) -> str:
        held = " ".join(memory.text for memory in memories)
        self.asked.append((held, question, tokens))
        return self.reads(held, question)


def address(reconstructs: bool = True, answers: bool = True) -> Address:
    row = Row("reading", "Reads", "soft", (1,), 1, WINDOW, load=lambda _: Reading())
    return Address(replace(row, reconstructs=reconstructs, answers=answers), (), 1)
