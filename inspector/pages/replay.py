"""A case of the gallery on the compare page: its stored result at once, the live run behind it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from inspector import gallery
from inspector.inspection import Comparison
from inspector.views.compare import payload
from inspector.views.gallery import columns
from models.registry import Registry


def kept(asked: Any, text: str, names: list[str]) -> tuple[gallery.Case, Comparison] | None:
    """The stored result of the case that the browser asks for, if it is of this very text and these compressors."""
    case = next((c for c in gallery.cases() if c.id == asked), None)
    if case is None or case.text != text or list(case.compressors) != names:
        return None
    found = gallery.stored(case.id)
    return (case, found) if found else None


def behind(
    frames: Iterator[dict[str, Any]], case: gallery.Case, found: Comparison, table: Registry, common: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    """The stored result at once, the live run behind it, and its own result at the end, with what became of the case.

    Args:
        frames: payloads of the live run; a last one that is not done ends the show with the stored result still there.
    """
    old = columns(found, table)

    def frame(status: str, progress: float, state: str) -> dict[str, Any]:
        made = payload(case.text, old, status=status, progress=progress, **common)
        return made | {"stored": {"case": case.id, "state": state}}

    yield frame("running", 0.0, "running")
    reached, last = 0.0, None
    for last in frames:
        if last["status"] == "running" and last["progress"] - reached > 0.1:
            reached = last["progress"]
            yield frame("running", reached, "running")
    if last is None or last["status"] != "done" or any(c["error"] for c in last["columns"]):
        yield frame("done", 1.0, "stored") if last is None or last["status"] != "error" else last
        return
    live = {c["name"]: "".join(gap + word for kind, _, gap, word, *_ in c["marks"] if kind != "-") for c in last["columns"]}
    yield last | {"stored": {"case": case.id, "state": "fails" if gallery.fails(case, live) else "mended"}}
