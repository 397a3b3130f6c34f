"""Word alignment of a source and a reconstruction, by edit distance (rapidfuzz)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from unicodedata import category

from rapidfuzz.distance import Indel, Levenshtein

Op = Literal["equal", "replace", "delete", "insert"]
# Scripts written without spaces: Han and kana; Thai, Lao, Myanmar, Khmer. There a character is a word.
SOLID = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fff\u3001-\u30ff\u31c0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f"
    "\U0001b000-\U0001b16f\U00020000-\U0003ffff"
)
MARKS = "".join(c for c in map(chr, range(0x300, 0x10000)) if category(c)[0] == "M") + "\U000e0100-\U000e01ef"
RUN = rf"(?:[^\W_{SOLID}][{MARKS}\u200c\u200d]*)+"  # letters and digits with their marks and inner joiners
WORD = re.compile(
    rf"[{SOLID}][{MARKS}]*"
    rf"|{RUN}(?:['’\-]{RUN}|(?<=\d)[.,:](?=\d){RUN})*"  # don't, well-known, AX-4471-Q, 3.5, 1,000, 6:45
    r"|[\U0001f1e6-\U0001f1ff]{2}"  # a flag
    rf"|\S(?:[{MARKS}\U0001f3fb-\U0001f3ff]|\u200d\S)*"  # any other visible character; emoji with tones and joiners
)
PAIRING = 64 * 64  # largest block of unequal words that is paired by likeness; a larger one is paired in order


@dataclass(frozen=True)
class Word:
    """A word and its code points [start, end)."""

    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Edit:
    """How words source[i0:i1] became words reconstruction[j0:j1]; `replace` pairs one word with one."""

    op: Op
    source: tuple[int, int]
    reconstruction: tuple[int, int]


@dataclass(frozen=True)
class Alignment:
    """Edits in order; together they cover every word of both sides once."""

    source: tuple[Word, ...]
    reconstruction: tuple[Word, ...]
    edits: tuple[Edit, ...]

    def count(self, op: Op) -> int:
        """Words under an operation: of the source, or of the reconstruction for `insert`."""
        side = "reconstruction" if op == "insert" else "source"
        return sum(getattr(e, side)[1] - getattr(e, side)[0] for e in self.edits if e.op == op)


def words(text: str) -> tuple[Word, ...]:
    """Words and numbers, and every other visible character by itself, with their spans; only white space is left out."""
    return tuple(Word(m.group(), m.start(), m.end()) for m in WORD.finditer(text))


def align(source: str, reconstruction: str) -> Alignment:
    """Align two texts word by word with the fewest edits, and among such with as many kept words as two readings find.

    In a changed stretch of unequal length the most alike words pair up, and what is left over is deleted or
    inserted. Words are compared exactly: another case is a replacement.
    """
    a, b = words(source), words(reconstruction)
    left, right = [w.text for w in a], [w.text for w in b]
    edits: list[Edit] = []
    forth, back = _blocks(left, right), [_mirrored(e) for e in _blocks(right, left)]
    for op in max(forth, back, key=_kept):  # rapidfuzz breaks ties by the side it reads first
        if op.op == "replace":
            edits += _pair(left, right, op)
        else:
            edits.append(op)
    return Alignment(a, b, tuple(edits))


def character_edits(source: str, reconstruction: str) -> tuple[Edit, ...]:
    """Edits by character, for use inside a substituted word; `replace` may span several characters."""
    return tuple(_blocks(source, reconstruction))


def _mirrored(edit: Edit) -> Edit:
    op = {"delete": "insert", "insert": "delete"}.get(edit.op, edit.op)
    return Edit(op, edit.reconstruction, edit.source)


def _kept(edits: Sequence[Edit]) -> int:
    return sum(e.source[1] - e.source[0] for e in edits if e.op == "equal")


def _blocks(left: Sequence[str], right: Sequence[str]) -> list[Edit]:
    """Opcodes, with neighbouring changes joined into one block."""
    blocks: list[Edit] = []
    for code in Levenshtein.opcodes(left, right):
        edit = Edit(code.tag, (code.src_start, code.src_end), (code.dest_start, code.dest_end))
        if blocks and edit.op != "equal" and blocks[-1].op != "equal":
            last = blocks.pop()
            edit = Edit("replace", (last.source[0], edit.source[1]), (last.reconstruction[0], edit.reconstruction[1]))
            if edit.source[0] == edit.source[1]:
                edit = Edit("insert", edit.source, edit.reconstruction)
            elif edit.reconstruction[0] == edit.reconstruction[1]:
                edit = Edit("delete", edit.source, edit.reconstruction)
        blocks.append(edit)
    return blocks


def _pair(left: list[str], right: list[str], block: Edit) -> list[Edit]:
    """Split a changed block into pairs of single words, deletions and insertions."""
    (i0, i1), (j0, j1) = block.source, block.reconstruction
    n, m = i1 - i0, j1 - j0
    in_order = n == m or n * m > PAIRING
    chosen = [(k, k) for k in range(min(n, m))] if in_order else _most_alike(left[i0:i1], right[j0:j1])
    edits: list[Edit] = []
    i, j = i0, j0
    for a, b in [*((i0 + a, j0 + b) for a, b in chosen), (i1, j1)]:
        if a > i:
            edits.append(Edit("delete", (i, a), (j, j)))
        if b > j:
            edits.append(Edit("insert", (a, a), (j, b)))
        if a < i1 and b < j1:
            edits.append(Edit("replace", (a, a + 1), (b, b + 1)))
        i, j = a + 1, b + 1
    return edits


def _most_alike(left: list[str], right: list[str]) -> list[tuple[int, int]]:
    """Pairs in order, as many as the shorter side has, with the greatest sum of string similarity."""
    if len(left) > len(right):
        return [(a, b) for b, a in _most_alike(right, left)]
    n, slack = len(left), len(right) - len(left)
    best = [[0.0] * (slack + 1)]  # best[i][s]: the first i words of the short side with s words skipped on the long one
    taken: list[list[bool]] = []
    for i in range(n):
        row, took = [], []
        for s in range(slack + 1):
            pair = best[i][s] + Indel.normalized_similarity(left[i], right[i + s])
            skip = row[s - 1] if s else -1.0
            took.append(pair > skip)
            row.append(max(pair, skip))
        best.append(row)
        taken.append(took)
    pairs, s = [], slack
    for i in range(n - 1, -1, -1):
        while not taken[i][s]:
            s -= 1
        pairs.append((i, i + s))
    return pairs[::-1]
