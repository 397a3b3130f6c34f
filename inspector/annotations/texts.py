"""Texts out of files: `.txt`, `.csv`, `.jsonl`. With a reconstruction beside them they are items at once."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from inspector.annotations import queues, schema, store
from inspector.annotations.database import Database, StoreError
from inspector.annotations.items import Item
from inspector.compare import InputError, validate

SPLITS = ("whole", "paragraphs", "lines")
COLUMNS = "a column `text` or `source` (and perhaps `reconstruction`, `compressor`)"


@dataclass(frozen=True)
class Imported:
    source: str
    reconstruction: str | None = None
    compressor: str | None = None

    @property
    def item(self) -> Item | None:
        """Where a reconstruction came with the text."""
        if self.reconstruction is None:
            return None
        return Item(source=self.source, reconstruction=self.reconstruction, compressor=self.compressor)


def read(name: str, data: bytes, split: str = "whole") -> list[Imported]:
    """The texts in a file, by the end of its name.

    Args:
        name: the file's name, also for messages.
        data: UTF-8, with or without a byte order mark.
        split: how a `.txt` falls into texts: whole, paragraphs (at empty lines), lines.

    Raises:
        StoreError: what is wrong, and in which line; nothing of the file counts then.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise StoreError(f"{name} is not UTF-8: byte {error.start + 1} is 0x{data[error.start]:02x}") from None
    end = name.lower().rpartition(".")[2]
    readers = {"txt": lambda: _plain(text, split), "csv": lambda: _csv(text), "jsonl": lambda: _jsonl(text)}
    if end not in readers:
        raise StoreError(f"{name}: texts come as .txt, .csv or .jsonl")
    found = []
    try:
        for place, each in readers[end]():
            try:
                validate(each.source)
                validate(each.reconstruction or "-")
            except InputError as error:
                raise StoreError(f"{place}: {error}") from None
            found.append(each)
    except (StoreError, csv.Error) as error:
        raise StoreError(f"{name}, {error}") from None
    if not found:
        raise StoreError(f"{name} holds no text")
    return found


def take_in(
    db: Database,
    name: str,
    found: Sequence[Imported],
    *,
    settings: Mapping[str, Any] | None = None,
    guideline: str | None = None,
    calibration: bool = False,
) -> tuple[int, int]:
    """Put texts and pairs into a queue, which is made if it is not there; all or nothing.

    Args:
        settings: of `queues.Queue`; those of a queue that is there must be the same.
        guideline: a text that is in force for this queue from now on.
        calibration: the pairs have gold labels and come first.

    Returns:
        Texts that are new, and pairs.

    Raises:
        StoreError: the queue has other settings; a pair for calibration has no gold label.
    """
    with db.write() as connection:
        if name in connection.execute(select(schema.queues.c.name)).scalars().all():
            known = queues.get_queue(connection, name)
            if wrong := [key for key, value in (settings or {}).items() if getattr(known, key) != value]:
                raise StoreError(f"the queue {name!r} has other settings ({', '.join(wrong)}), which cannot be changed")
        else:
            name = queues.put_queue(connection, queues.Queue(name, **settings or {})).name
        if guideline is not None:
            queues.put_in_force(connection, name, store.put_guideline(connection, guideline))
        new = queues.put_texts(connection, name, [each.source for each in found if each.item is None])
        pairs = [(each.item, None) for each in found if each.item is not None]
        queues.queue_up(connection, name, pairs, calibration)
    return new, len(pairs)


def _plain(text: str, split: str) -> Iterator[tuple[str, Imported]]:
    if split not in SPLITS:
        raise StoreError(f"{split!r} is not how a text is split: {', '.join(SPLITS)}")
    parts = {"whole": [text], "paragraphs": re.split(r"\n[ \t]*\n\s*", text), "lines": text.split("\n")}[split]
    for number, part in enumerate(parts, 1):
        if split == "whole":
            yield "the text", Imported(part)
        elif part.strip():
            yield f"{split[:-1]} {number}", Imported(part.strip())


def _csv(text: str) -> Iterator[tuple[str, Imported]]:
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    reader = csv.DictReader(io.StringIO(text, newline=""))
    for row in reader:
        yield f"line {reader.line_num}", _row(row, f"line {reader.line_num}")


def _jsonl(text: str) -> Iterator[tuple[str, Imported]]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                row = json.loads(line)
            except (ValueError, RecursionError):
                raise StoreError(f"line {number}: not JSON") from None
            yield f"line {number}", _row(row, f"line {number}")


def _row(row: object, place: str) -> Imported:
    if not isinstance(row, dict):
        raise StoreError(f"{place}: no object")
    source = row.get("source") if isinstance(row.get("source"), str) else row.get("text")
    rest = [row.get(name) for name in ("reconstruction", "compressor")]
    if not isinstance(source, str) or not all(value is None or isinstance(value, str) for value in rest):
        raise StoreError(f"{place}: {COLUMNS} is needed")
    back, compressor = (value or None for value in rest)
    return Imported(source, back, compressor)
