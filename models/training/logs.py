"""Logs of training runs, one JSON file a run: read, checked and written. The fields are in docs/contract.md.

A file may come from anybody, so whatever is wrong with it becomes one sentence that names the field.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from models.said import first_line

SERIES = ("main", "converged", "ordinary", "joint")
LARGEST = 1_000_000  # bytes of a file
LONGEST = 2_000  # characters of a text field
ROWS = 20_000
COLUMN = re.compile(r"(?P<measure>loss|accuracy|entropy|erank_batch|rows|overwriting)_(?P<of>\d{1,6}|prior)")
SHARES = ("accuracy", "overwriting")  # from 0 to 1; the other measures are 0 or more
NAME = re.compile(r"[^\s@+]{1,100}")
ADDRESS = re.compile(r"[^\s@+]{1,100}(?:\+[a-z-]{1,100})*")


class LogError(ValueError):
    """The log cannot be used; the message is one sentence that names the field."""


@dataclass(frozen=True)
class Checkpoint:
    tokens: int  # tokens seen when it was kept
    address: str  # NAME[+OPTION…], without a ratio


@dataclass(frozen=True)
class Log:
    """One training run. `rows` has a tuple of numbers a row, in the order of `columns`, tokens never falling; None is a
    gap. Losses and entropies are in nats, accuracy and overwriting shares from 0 to 1."""

    name: str
    title: str
    series: str  # one of SERIES
    start: str  # a sentence: what the run started from
    parameters: int | None  # of what was trained
    ratios: tuple[int, ...]
    machine: str
    command: str
    columns: tuple[str, ...]
    rows: tuple[tuple[float | None, ...], ...]
    checkpoints: tuple[Checkpoint, ...] = ()

    def column(self, name: str) -> list[float | None] | None:
        """Values of a column, one a row; None where there is no such column, or nothing in it."""
        if name not in self.columns:
            return None
        at = self.columns.index(name)
        values = [row[at] for row in self.rows]
        return values if any(v is not None for v in values) else None

    def to_json(self) -> str:
        """The file's text, a row a line."""
        about = {k: v for k, v in asdict(self).items() if k != "rows"}
        rows = ",\n  ".join(json.dumps(row) for row in self.rows)
        return f'{json.dumps(about, ensure_ascii=False, indent=1)[:-2]},\n "rows": [\n  {rows}\n ]\n}}\n'


def parse(text: str) -> Log:
    """A log from its JSON.

    Raises:
        LogError: it is too long, no JSON, or a field is missing or wrong.
    """
    if len(text.encode("utf-8", "surrogatepass")) > LARGEST:
        raise LogError(f"it has more than {LARGEST:,} bytes, the most that a log may have")
    try:
        given = json.loads(text, parse_constant=_no_constant)
    except LogError:
        raise
    except RecursionError:
        raise LogError("it is no JSON that can be read: it nests too deep") from None
    except ValueError as error:
        raise LogError(f"it is no JSON: {first_line(error)}") from None
    if not isinstance(given, dict):
        raise LogError(f"it holds {_kind(given)}, but a log is an object")
    missing = [f.name for f in fields(Log) if f.name not in given and f.name != "checkpoints"]
    if missing:
        raise LogError(f"the field {missing[0]!r} is missing; a log has {', '.join(f.name for f in fields(Log))}")
    words = {name: _words(given, name) for name in ("name", "title", "start", "machine", "command")}
    if not NAME.fullmatch(words["name"]):
        raise LogError("'name' must have 1 to 100 characters, none of them a space, '@' or '+'")
    if given["series"] not in SERIES:
        raise LogError(f"'series' is {_short(given['series'])}; known: {', '.join(SERIES)}")
    if given["parameters"] is not None and not _whole(given["parameters"], 0):
        raise LogError(f"'parameters' is {_short(given['parameters'])}, but must be a whole number, or null")
    ratios = _list(given, "ratios")
    if not ratios or not all(_whole(r, 1) for r in ratios) or len(set(ratios)) < len(ratios):
        raise LogError("'ratios' must list whole numbers from 1, each once, such as [4, 16, 64]")
    columns = _columns(_list(given, "columns"))
    rows = _rows(columns, _list(given, "rows"))
    checkpoints = tuple(_checkpoint(i, c) for i, c in enumerate(_list(given, "checkpoints") if "checkpoints" in given else [], 1))
    return Log(**words, series=given["series"], parameters=given["parameters"], ratios=tuple(sorted(ratios)), columns=columns,
               rows=rows, checkpoints=checkpoints)  # fmt: skip


def read(file: Path) -> Log:
    """A log from its file.

    Raises:
        LogError: as for `parse`; or the file cannot be read.
    """
    try:
        if file.stat().st_size > LARGEST:
            raise LogError(f"it has more than {LARGEST:,} bytes, the most that a log may have")
        return parse(file.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise LogError(f"it is no UTF-8 text: byte {error.start + 1:,} is wrong") from None
    except OSError as error:
        raise LogError(f"it cannot be read: {error.strerror}") from None


def read_folder(folder: Path) -> tuple[list[Log], list[tuple[str, str]]]:
    """All `*.json` of a folder: the logs by series and size, and (file's name, what is wrong) for those left out."""
    found, problems, names = [], [], {}
    for file in sorted(folder.glob("*.json")):
        try:
            log = read(file)
            if log.name in names:
                raise LogError(f"'name' is {log.name!r}, as in {names[log.name]}; every run needs a name of its own")
        except LogError as error:
            problems.append((file.name, str(error)))
        else:
            found.append(log)
            names[log.name] = file.name
    return sorted(found, key=lambda log: (SERIES.index(log.series), log.parameters or 0, log.name)), problems


def write(log: Log, file: Path) -> None:
    """Write a log, after checking it.

    Raises:
        LogError: as for `parse`.
    """
    text = log.to_json()
    parse(text)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def _no_constant(name: str) -> None:
    raise LogError(f"it holds {name}, which is no number in JSON; a gap is null")


def _columns(given: Sequence[Any]) -> tuple[str, ...]:
    if not all(isinstance(c, str) and 0 < len(c) <= 100 for c in given) or len(given) > 200:
        raise LogError("'columns' must list at most 200 names of 1 to 100 characters")
    double = next((c for i, c in enumerate(given) if c in given[:i]), None)
    if double is not None:
        raise LogError(f"'columns' lists {double!r} twice")
    if "tokens" not in given:
        raise LogError("'columns' lacks 'tokens', the axis of every curve")
    return tuple(given)


def _rows(columns: Sequence[str], given: Sequence[Any]) -> tuple[tuple[float | None, ...], ...]:
    if len(given) > ROWS:
        raise LogError(f"'rows' has {len(given):,} rows, more than the {ROWS:,} that are drawn")
    axis, before, found = columns.index("tokens"), -1.0, []
    for number, row in enumerate(given, 1):
        if not isinstance(row, list) or len(row) != len(columns):
            held = f"{len(row)} values" if isinstance(row, list) else _kind(row)
            raise LogError(f"'rows', row {number} has {held}, but there are {len(columns)} columns")
        for name, value in zip(columns, row, strict=True):
            if said := _wrong(name, value):
                raise LogError(f"'rows', row {number}, column {name!r}: {_short(value)} {said}")
        if row[axis] is None or row[axis] < max(before, 0):
            raise LogError(f"'rows', row {number}, column 'tokens': {_short(row[axis])} is not after the row before")
        before = row[axis]
        found.append(tuple(row))
    return tuple(found)


def _wrong(column: str, value: Any) -> str | None:
    """What is wrong with a value, or None. Columns that are not ours may hold anything: they are kept and ignored."""
    known = COLUMN.fullmatch(column)
    if value is None or not (known or column in ("tokens", "seconds")):
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or abs(value) > 1e18:
        return "is no number; a gap is null"
    if value < 0:
        return "is less than 0"
    return "is no share from 0 to 1" if known and known["measure"] in SHARES and value > 1 else None


def _checkpoint(number: int, given: Any) -> Checkpoint:
    if not isinstance(given, dict) or not _whole(given.get("tokens"), 0):
        raise LogError(f"'checkpoints', number {number} needs 'tokens', a whole number")
    address = given.get("address")
    if not isinstance(address, str) or not ADDRESS.fullmatch(address):
        raise LogError(f"'checkpoints', number {number}: 'address' must be NAME or NAME+OPTION, without a ratio")
    return Checkpoint(given["tokens"], address)


def _words(given: dict[str, Any], name: str) -> str:
    if not isinstance(given[name], str) or len(given[name]) > LONGEST:
        raise LogError(f"{name!r} must be a text of at most {LONGEST:,} characters")
    if any(0xD800 <= ord(c) <= 0xDFFF for c in given[name]):
        raise LogError(f"{name!r} holds half of a surrogate pair, which is no Unicode text")
    return given[name]


def _list(given: dict[str, Any], name: str) -> list[Any]:
    if not isinstance(given[name], list):
        raise LogError(f"{name!r} is {_kind(given[name])}, but must be a list")
    return given[name]


def _whole(value: Any, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= 10**15


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")


def _short(value: Any) -> str:
    said = json.dumps(value, ensure_ascii=True)
    return said if len(said) <= 40 else said[:39] + "…"
