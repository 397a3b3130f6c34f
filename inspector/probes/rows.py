"""Swapped facts of two sets: made from a folder of paragraphs, or those that ship with the code.

`python -m inspector.probes.rows FOLDER` makes the shipped ones anew.
"""

from __future__ import annotations

import json
import lzma
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from inspector.probes.swaps import TYPES, Paragraph, Pool, Swap, facts, frequencies, make, swap

SEEN, NEW = "wikipedia2015-train", "wikipedia2021-new"
SETS = (SEEN, NEW)
SHIPPED = Path(__file__).with_name("swapped")
HELD_OUT = Path(__file__).parents[2] / "models" / "training" / "held_out"
TOKENS = 128  # of the bundled tokenizer: one window of the bundled compressors
FEWEST = 200  # characters of a paragraph, as in the held-out samples
POOL = 1000  # paragraphs of each set, at least, whose facts may be drawn
ENDS = (". ", "! ", "? ", '." ')


class DataError(ValueError):
    """A set cannot be used; the message is one sentence."""


@dataclass(frozen=True)
class Line:
    id: str
    title: str
    text: str


def lines(folder: Path, name: str) -> Iterator[Line]:
    """Paragraphs of `NAME.jsonl.xz` or `NAME.jsonl` (fields id, title, text), in file order.

    Raises:
        DataError: there is no such file, or a line of it is no such object.
    """
    path = next((p for p in (folder / f"{name}.jsonl.xz", folder / f"{name}.jsonl") if p.is_file()), None)
    if path is None:
        raise DataError(f"{folder} holds neither {name}.jsonl.xz nor {name}.jsonl.")
    try:
        with (lzma.open if path.suffix == ".xz" else open)(path, "rt", encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                try:
                    row = json.loads(line)
                    yield Line(
                        f"{row['id']}.{row['k']}" if "k" in row else str(row["id"]),
                        str(row.get("title", "")),
                        _string(row["text"]),
                    )
                except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
                    raise DataError(
                        f'{path}, line {number}: an object with "id" and a string "text" of whole characters is needed.'
                    ) from None
    except (OSError, EOFError, lzma.LZMAError, UnicodeDecodeError) as error:
        raise DataError(f"{path} cannot be read: {error}.") from None


def _string(text: object) -> str:
    if not isinstance(text, str):
        raise TypeError
    text.encode("utf-8")  # a lone surrogate is no text
    return text


def evenly(found: Sequence[Any], count: int) -> list[Any]:
    """`count` of them, or all, evenly spaced: the way in which the held-out paragraphs were chosen."""
    import numpy as np

    return [found[i] for i in np.linspace(0, len(found) - 1, min(count, len(found))).astype(int)]


def excerpt(text: str, tokens: int = TOKENS) -> str:
    """The text's beginning: as many sentences as fit in so many tokens of the bundled tokenizer, or words if none does."""
    from models.pocket.tokenizer import bundled

    if not text.strip():
        return ""
    start = text[: 64 * tokens]
    spans = bundled().encode(start).spans[:tokens]
    head = text[: spans[-1][1]]
    if len(head) == len(text):
        return text
    end = max(head.rfind(mark) + len(mark.rstrip()) for mark in ENDS)
    if end < len(head) // 3:
        end = head.rfind(" ") if " " in head else len(head)
    return head[:end].rstrip()


def made(
    folder: Path, count: int, types: Sequence[str] = TYPES, pool: int = POOL, texts: Sequence[Line] | None = None
) -> dict[str, list[Swap]]:
    """Swaps from `count` paragraphs of each set in `folder`, evenly spaced.

    Args:
        pool: paragraphs of each set, at least, that replacements are drawn from.
        texts: take these paragraphs of the set NEW instead.

    Raises:
        DataError: a set is missing, broken, or holds no fact that can be swapped.
        PipelineError: the English pipeline cannot be loaded.
    """
    from inspector.divergence.language import load, parse
    from models.pocket.tokenizer import bundled

    nlp, chosen, others = load(), {}, {}
    training: list[str] = []
    for name in SETS:
        found = list(lines(folder, name))
        long = [line for line in found if len(line.text) >= FEWEST]
        if not long:
            raise DataError(f"{name} in {folder} holds no paragraph of {FEWEST} characters or more.")
        wanted = evenly(long, count) if texts is None or name == SEEN else list(texts)
        parts = [excerpt(line.text) for line in wanted]
        chosen[name] = [Paragraph(w.id, w.text, r) for w, r in zip(wanted, parse(parts, nlp), strict=True)]
        more = [excerpt(line.text) for line in evenly(long, pool)] if pool > len(wanted) else []
        others[name] = [*(p.reading for p in chosen[name]), *parse(more, nlp)]
        training = training or [line.text for line in found]
    pools = {name: [fact for reading in others[name] for fact in facts(reading, types)] for name in SETS}
    every = {fact.text for name in SETS for fact in pools[name]}
    frequency = frequencies(every | {fact.lower() for fact in every}, training)
    tokens = {fact: len(bundled().ids(" " + fact)) for fact in every}
    swaps = {
        name: list(make(chosen[name], Pool(pools[name], frequency, tokens), name, types, seen=name == SEEN)) for name in SETS
    }
    for name, rows in swaps.items():
        if not rows:
            raise DataError(f"{name} in {folder} holds no fact that can be swapped; more paragraphs or other types are needed.")
    return swaps


@lru_cache(maxsize=1)
def held_out() -> dict[str, Line]:
    return {line.id: line for line in lines(HELD_OUT, NEW)}


def shipped(name: str, types: Sequence[str] = TYPES) -> list[Swap]:
    """The shipped swaps of a set, those of one paragraph together; reads no model but the tokenizer.

    Raises:
        DataError: no such set ships.
    """
    if name not in SETS:
        raise DataError(f"Unknown set {name!r}; known are {', '.join(SETS)}.")
    rows = []
    with (SHIPPED / f"{name}.jsonl").open(encoding="utf-8") as file:
        for row in map(json.loads, file):
            whole = row["text"] if "text" in row else excerpt(held_out()[row["id"]].text)
            for each in row["swaps"]:
                swapped = Swap(
                    id=row["id"],
                    set=name,
                    **each | {"decoys": tuple(each["decoys"])},
                    original_text=whole,
                    **dict(zip(("text", "spans"), swap(whole, each["original"], each["replacement"]), strict=True)),
                )
                if swapped.family in types:
                    rows.append(swapped)
    return rows


def ship(folder: Path, out: Path = SHIPPED, count: int = 100) -> None:
    """Write what ships: `count` paragraphs of the training set with text, and facts of the held-out paragraphs by their id."""
    new = list(held_out().values())
    titles = {line.id: line.title for line in lines(folder, SEEN)}
    for name, rows in made(folder, count * 3 // 2, texts=new).items():
        kept: dict[str, dict[str, object]] = {}
        for row in rows:
            text = {"title": titles[row.id], "text": row.original_text} if name == SEEN else {}
            entry = kept.setdefault(row.id, {"id": row.id, **text, "swaps": []})
            fields = ("type", "original", "replacement", "decoys", "frequency")
            entry["swaps"].append({field: getattr(row, field) for field in fields})
        out.mkdir(exist_ok=True)
        with (out / f"{name}.jsonl").open("w", encoding="utf-8") as file:
            for entry in evenly(list(kept.values()), count if name == SEEN else len(kept)):
                file.write(json.dumps(entry, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(
            "python -m inspector.probes.rows FOLDER, with wikipedia2015-train.jsonl.xz and wikipedia2021-new.jsonl.xz in FOLDER"
        )
    try:
        ship(Path(sys.argv[1]))
    except DataError as error:
        sys.exit(str(error))
