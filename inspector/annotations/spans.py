"""When two people marked the same thing.

- `exact`: the same kind, and the same spans on both sides.
- `overlap`: the same kind; on every side that both marked, what they share is at least half of the longer span, and there is
  such a side.
- `position`: as `overlap`, whatever the kind.

Marks are matched one to one, as many as possible, so that F1 is `2 × matched / (marks of one + marks of the other)`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

from inspector.annotations.items import SIDES
from inspector.inspection import Span

How = Literal["exact", "overlap", "position"]
HOW: tuple[How, ...] = ("exact", "overlap", "position")
LEAST = 0.5  # of the longer span


class Marked(Protocol):
    """A mark, or an automatic divergence."""

    kind: str
    source: Span | None
    reconstruction: Span | None


def share(a: Span, b: Span) -> float:
    """What two spans have in common, as a share of the longer one."""
    common = min(a.end, b.end) - max(a.start, b.start)
    return max(common, 0) / max(a.end - a.start, b.end - b.start)


def same(a: Marked, b: Marked, how: How) -> bool:
    if how != "position" and a.kind != b.kind:
        return False
    if how == "exact":
        return a.source == b.source and a.reconstruction == b.reconstruction
    both = [(x, y) for side in SIDES if (x := getattr(a, side)) is not None and (y := getattr(b, side)) is not None]
    return bool(both) and all(share(x, y) >= LEAST for x, y in both)


def match(one: Sequence[Marked], other: Sequence[Marked], how: How) -> list[tuple[int, int]]:
    """Index pairs of the largest one-to-one matching (augmenting paths: Kuhn 1955)."""
    owner: dict[int, int] = {}  # other → one

    def place(i: int, seen: set[int]) -> bool:
        for j, mark in enumerate(other):
            if j not in seen and same(one[i], mark, how):
                seen.add(j)
                if j not in owner or place(owner[j], seen):
                    owner[j] = i
                    return True
        return False

    for i in range(len(one)):
        place(i, set())
    return sorted((i, j) for j, i in owner.items())
