"""Texts from files and from the `datasets` hub: every row becomes texts, or is reported with its line and counted."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, BinaryIO

from inspector.compare import InputError, validate
from inspector.studies.items import FIELDS, FORMATS, Item, RowError
from models.said import first_line

OPENERS: dict[str, Callable[..., BinaryIO]] = {".xz": lzma.open, ".gz": gzip.open, ".bz2": bz2.open}
HUB = "hub:"
MADE = {  # formats of texts that are made here: what makes them of what stands behind the colon
    "swapped": "inspector.probes.knowledge:swapped_items",  # swapped facts that ship, of wikipedia2015-train or wikipedia2021-new
    "generated": "inspector.probes.icl:generated",  # so many sets of demonstrations
}
SHOWN = 20  # rows that do not fit whose sentences are kept in the manifest


class DataError(ValueError):
    """A data set cannot be read; the message is one sentence."""


@dataclass(frozen=True)
class Data:
    """`FORMAT:FILE` or `FORMAT:hub:NAME[:CONFIG][:SPLIT]`, as named on the command line."""

    format: str
    where: str

    @classmethod
    def parse(cls, text: str) -> Data:
        """Raises DataError: there is no such format."""
        kind, colon, where = text.partition(":")
        known = (*FORMATS, *MADE)
        if kind not in known or not colon or not where:
            raise DataError(f"{text!r} names no data: write FORMAT:FILE or FORMAT:hub:NAME, FORMAT one of {', '.join(known)}")
        return cls(kind, where)

    @property
    def set(self) -> str:
        """What its rows are called in the table."""
        if self.format in MADE:
            return f"{self.format}/{self.where}"
        name = Path(self.where.removeprefix(HUB)).name
        return name.split(".")[0] if not self.where.startswith(HUB) else name


@dataclass
class Read:
    """What came of one data set."""

    set: str
    rows: int = 0
    texts: int = 0
    duplicates: int = 0  # texts that were there already, in this set or an earlier one
    skipped: int = 0  # rows that do not fit
    reasons: list[str] = field(default_factory=list)  # "line 7: …", of the first of them

    def skip(self, line: int, reason: str) -> str:
        self.skipped += 1
        said = f"line {line}: {reason}"
        if len(self.reasons) < SHOWN:
            self.reasons.append(said)
        return said


def load(
    data: Sequence[Data],
    *,
    limit: int | None = None,
    seed: int | None = None,
    fields: Mapping[str, str] | None = None,
    whole: bool = False,
    told: Callable[[str], None] = lambda _: None,
) -> tuple[list[Item], list[Read]]:
    """All texts, each once, in order; with what was read and skipped.

    Args:
        limit: texts of each set at most: the first, or with a seed as many drawn evenly from all.
        fields: other names for FIELDS, of the formats `jsonl` and `text`.
        whole: of MuSiQue and QASPER all text, not only what answers the question.
        told: is told of every row that is skipped, as "SET, line 7: …".

    Raises:
        DataError: a file cannot be read, or holds no usable text.
    """
    names = {name: name for name in FIELDS} | dict(fields or {})
    items: list[Item] = []
    seen: set[str] = set()
    reads = []
    for each in data:
        read = Read(each.set)
        found = _made(each, read) if each.format in MADE else _items(each, read, names, whole, seen, told)
        chosen = _chosen(found, limit, seed)
        if not chosen:
            first = f" ({read.reasons[0]})" if read.reasons else ""
            raise DataError(f"{each.where} holds no text that can be studied{first}")
        read.texts = len(chosen)
        seen |= {item.hash for item in chosen}
        items += chosen
        reads.append(read)
    return items, reads


def _chosen(items: Iterator[Item], limit: int | None, seed: int | None) -> list[Item]:
    if limit is None:
        return list(items)
    if seed is None:
        return [item for item, _ in zip(items, range(limit), strict=False)]
    kept: list[tuple[int, Item]] = []  # reservoir sampling: every text is as likely, and few are held
    draw = random.Random(seed)
    for number, item in enumerate(items):
        at = number if number < limit else draw.randrange(number + 1)
        if number < limit:
            kept.append((number, item))
        elif at < limit:
            kept[at] = (number, item)
    return [item for _, item in sorted(kept, key=lambda each: each[0])]


def _made(data: Data, read: Read) -> Iterator[Item]:
    module, _, function = MADE[data.format].partition(":")
    try:
        for item in getattr(import_module(module), function)(data.where):
            read.rows += 1
            yield replace(item, set=data.set)
    except ValueError as error:
        raise DataError(str(error)) from None


def _items(
    data: Data, read: Read, names: Mapping[str, str], whole: bool, before: set[str], told: Callable[[str], None]
) -> Iterator[Item]:
    seen = set(before)
    for line, row in rows(data):
        read.rows += 1
        try:
            if isinstance(row, str):
                raise RowError(row)
            parts = list(FORMATS[data.format](row, names, whole))
            for part in parts:
                validate(part.text)
        except (RowError, InputError) as error:
            told(f"{data.set}, {read.skip(line, str(error))}")
            continue
        except (AttributeError, KeyError, TypeError, IndexError) as error:  # another shape than the format's, somewhere deep
            told(f"{data.set}, {read.skip(line, f'not of the shape of {data.format}: {error}')}")
            continue
        for part in parts:
            key = part.id if part.id and not part.id.startswith("/") else f"{line}{part.id or ''}"
            item = Item(data.set, key, line, part.text, part.question, part.answers, part.others)
            if item.hash in seen:
                read.duplicates += 1
            else:
                seen.add(item.hash)
                yield item


def rows(data: Data) -> Iterator[tuple[int, dict[str, Any] | str]]:
    """(Line, row) of a data set; a line that cannot be read is a sentence in the row's place.

    Raises:
        DataError: it cannot be read at all.
    """
    if data.where.startswith(HUB):
        yield from _hub(data.where.removeprefix(HUB))
        return
    file = Path(data.where)
    ending = file.with_suffix("").suffix if file.suffix in OPENERS else file.suffix
    try:
        if ending == ".parquet":
            yield from enumerate(_parquet(file), 1)
            return
        with OPENERS.get(file.suffix, open)(file, "rb") as opened:
            if ending == ".txt":
                yield from _paragraphs(opened)
            elif ending == ".json":
                yield from _json(opened, file)
            else:
                yield from ((number, _row(line)) for number, line in enumerate(opened, 1) if line.strip())
    except (OSError, EOFError, lzma.LZMAError) as error:
        raise DataError(f"cannot read {file}: {getattr(error, 'strerror', None) or error}") from None


def _row(line: bytes) -> dict[str, Any] | str:
    try:
        row = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        return f"not UTF-8 at byte {error.start + 1}"
    except (json.JSONDecodeError, RecursionError):
        return "not JSON"
    return row if isinstance(row, dict) else "no JSON object"


def _paragraphs(opened: BinaryIO) -> Iterator[tuple[int, dict[str, Any] | str]]:
    """Paragraphs of a plain text: what stands between blank lines, counted by its first line."""
    first, lines = 1, []
    for number, line in enumerate((*opened, b""), 1):
        if line.strip():
            first = first if lines else number
            lines.append(line)
        elif lines:
            try:
                yield first, {"text": b"".join(lines).decode("utf-8-sig").strip()}
            except UnicodeDecodeError as error:
                yield first, f"not UTF-8 at byte {error.start + 1} of the paragraph"
            lines = []


def _json(opened: BinaryIO, file: Path) -> Iterator[tuple[int, dict[str, Any] | str]]:
    """A list of rows, such a list under `data`, or rows by their id (QASPER's release); the line is the row's number."""
    try:
        made = json.loads(opened.read().decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise DataError(f"{file} is not JSON in UTF-8") from None
    if isinstance(made, dict):
        made = made.get("data", [{"id": key} | row if isinstance(row, dict) else row for key, row in made.items()])
    if not isinstance(made, list):
        raise DataError(f"{file} holds no list of rows")
    yield from ((number, row if isinstance(row, dict) else "no JSON object") for number, row in enumerate(made, 1))


def _parquet(file: Path) -> Iterator[dict[str, Any]]:
    import pyarrow
    import pyarrow.parquet

    try:
        with pyarrow.parquet.ParquetFile(file) as opened:
            for batch in opened.iter_batches(256):
                yield from batch.to_pylist()
    except pyarrow.ArrowInvalid as error:
        raise DataError(f"{file} is no Parquet file: {first_line(error)}") from None


def _hub(name: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Rows of `NAME[:CONFIG]:SPLIT`, by default of its test split, else of the first; a folder's name does too."""
    if find_spec("datasets") is None:
        raise DataError("datasets is not installed: pip install -e '.[datasets]', or download the file and name it")
    import datasets

    path, *more = name.split(":")
    config, split = (more[0], more[1]) if len(more) > 1 else (None, more[0] if more else None)
    try:
        found = datasets.load_dataset(path, config, split=split)
    except Exception as error:  # the hub and its readers raise anything
        raise DataError(f"the data set {name} cannot be loaded: {first_line(error)}") from None
    if isinstance(found, datasets.DatasetDict):
        found = found["test"] if "test" in found else next(iter(found.values()))
    yield from enumerate(found, 1)
