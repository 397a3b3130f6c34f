"""A study's folder: `results.parquet` and `manifest.json`, `probes.parquet` and `probes.json`, and parts while one is under way.

A part is written under another name and then renamed, so after a kill it is there whole or not at all.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow
import pyarrow.parquet

from inspector.studies.items import digest
from inspector.studies.rows import ASKED, COLUMNS, schema
from models.said import first_line


class StudyError(ValueError):
    """The folder or file is no study that can be used; the message is one sentence."""


@dataclass(frozen=True)
class Kind:
    """A table of a study."""

    name: str
    columns: Mapping[str, str]
    told: str  # the file that says how it was made
    parts: str
    texts: tuple[str, ...]  # columns that hold words of texts

    @property
    def schema(self) -> pyarrow.Schema:
        return schema(self.columns)


RESULTS = Kind("results", COLUMNS, "manifest.json", "parts", ("reconstruction",))  # a row an inspection
# A row a question; those of one text and compressor share a key.
PROBES = Kind("probes", ASKED, "probes.json", "parts-probes", ("question", "expected", "other", "given"))


class Folder:
    def __init__(self, path: Path, kind: Kind = RESULTS) -> None:
        """Raises StudyError: the folder cannot be made."""
        self.path, self.kind, self.parts = path, kind, path / kind.parts
        try:
            self.parts.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StudyError(f"cannot make the folder {path}: {error.strerror}") from None

    @property
    def results(self) -> Path:
        return self.path / f"{self.kind.name}.parquet"

    def _files(self) -> list[Path]:
        return [*([self.results] if self.results.exists() else ()), *sorted(self.parts.glob("*.parquet"))]

    def done(self) -> set[str]:
        """Keys of the inspections that are there. Failed ones are not: they are tried again."""
        keys: set[str] = set()
        for file in self._files():
            table = read(file, ["key", "error"], self.kind)
            failed = table.column("error").is_valid().to_pylist()
            keys |= {k for k, bad in zip(table.column("key").to_pylist(), failed, strict=True) if not bad}
        return keys

    def add(self, rows: Sequence[dict[str, Any]]) -> Path:
        """Keep the rows of a unit."""
        file = self.parts / f"{digest(*(row['key'] for row in rows))[:32]}.parquet"
        _replace(file, pyarrow.Table.from_pylist(list(rows), schema=self.kind.schema))
        return file

    def finish(self, keys: Iterable[str]) -> pyarrow.Table:
        """Gather the rows of these inspections, in this order, into `results.parquet`. Other rows stay in a part of their own."""
        files = self._files()
        tables = [read(file, kind=self.kind) for file in files]
        whole = pyarrow.concat_tables(tables) if tables else self.kind.schema.empty_table()
        at: dict[str, list[int]] = {}  # the rows of a key lie in one file
        bad, first = whole.column("error").is_valid().to_pylist(), 0
        for table in tables:
            here: dict[str, list[int]] = {}
            for n, key in enumerate(table.column("key").to_pylist(), first):
                here.setdefault(key, []).append(n)
            at |= {key: rows for key, rows in here.items() if key not in at or bad[at[key][0]]}
            first += len(table)
        results = whole.take([n for key in keys for n in at.pop(key, ())])
        if at:
            left = whole.take(sorted(n for rows in at.values() for n in rows))
            _replace(self.parts / f"kept-{digest(*sorted(at))[:32]}.parquet", left)
        _replace(self.results, results)
        kept = f"kept-{digest(*sorted(at))[:32]}.parquet" if at else None
        for file in self.parts.iterdir():
            if file.name != kept:
                file.unlink()
        return results

    def manifest(self, made: dict[str, Any]) -> None:
        file = self.path / self.kind.told
        half = file.with_suffix(".half")
        half.write_text(json.dumps(made, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        os.replace(half, file)


def stripped(folders: Sequence[Path], out: Path) -> list[Path]:
    """Copy studies without their texts, as one: rows under one key once, and what was told of each; the files written.

    Raises:
        StudyError: a folder holds no study, or the copy cannot be written.
    """
    for folder in folders:
        if not any((folder / f"{kind.name}.parquet").exists() for kind in (RESULTS, PROBES)):
            raise StudyError(f"{folder} holds neither results.parquet nor probes.parquet")
    written = []
    try:
        out.mkdir(parents=True, exist_ok=True)
        for kind in (RESULTS, PROBES):
            found = [folder for folder in folders if (folder / f"{kind.name}.parquet").exists()]
            tables, seen = [], set()
            for folder in found:
                table = read(folder, kind=kind)
                keys = table.column("key").to_pylist()
                tables.append(table.filter([key not in seen for key in keys]))
                seen |= set(keys)
            if not tables:
                continue
            table = pyarrow.concat_tables(tables)
            for name in kind.texts:
                blank = pyarrow.nulls(len(table), pyarrow.string())
                table = table.set_column(table.column_names.index(name), name, blank)
            written.append(out / f"{kind.name}.parquet")
            _replace(written[-1], table)
            told = [json.loads((f / kind.told).read_text(encoding="utf-8")) for f in found if (f / kind.told).exists()]
            if told:
                Folder(out, kind).manifest(told[0] if len(told) == 1 else {"together": told})
                (out / kind.parts).rmdir()
                written.append(out / kind.told)
    except (OSError, ValueError) as error:
        raise StudyError(f"cannot write {out}: {first_line(error)}") from None
    return written


def _replace(file: Path, table: pyarrow.Table) -> None:
    half = file.with_suffix(".half")
    with half.open("wb") as out:
        pyarrow.parquet.write_table(table, out, compression="zstd")
        out.flush()
        os.fsync(out.fileno())
    os.replace(half, file)


def both(path: Path) -> tuple[pyarrow.Table, pyarrow.Table | None]:
    """A study's inspections (none where it only asked probes) and questions (None where it asked none).

    Args:
        path: the study's folder, or one of its two tables, which is then read alone.

    Raises:
        StudyError: there is neither.
    """
    if path.is_dir():
        there = [kind for kind in (RESULTS, PROBES) if (path / f"{kind.name}.parquet").exists()]
        found = {kind.name: read(path, kind=kind) for kind in there or [RESULTS]}  # whose absence read tells of
    else:
        kind = PROBES if "probe" in columns_of(path, str(path)) else RESULTS
        found = {kind.name: read(path, kind=kind)}
    return found.get(RESULTS.name, RESULTS.schema.empty_table()), found.get(PROBES.name)


def columns_of(file: Path | BinaryIO, called: str) -> list[str]:
    """Raises StudyError: it cannot be read, or is no Parquet file."""
    try:
        return pyarrow.parquet.read_schema(file).names
    except FileNotFoundError:
        raise StudyError(f"cannot read {called}: there is no such file") from None
    except (OSError, pyarrow.ArrowException):
        raise StudyError(f"{called} is no Parquet file") from None


def read(file: Path, columns: Sequence[str] | None = None, kind: Kind = RESULTS) -> pyarrow.Table:
    """A table of a study, from its file or the study's folder.

    Raises:
        StudyError: there is none, or it lacks columns.
    """
    if file.is_dir():
        if not (file / f"{kind.name}.parquet").exists():
            raise StudyError(
                f"{file} holds no {kind.name}.parquet; a study that was broken off goes on with the command it began with"
            )
        file = file / f"{kind.name}.parquet"
    return parsed(file, str(file), columns, kind)


def parsed(
    file: Path | BinaryIO, called: str, columns: Sequence[str] | None = None, kind: Kind = RESULTS, most: int | None = None
) -> pyarrow.Table:
    """A table of a study; only its columns are read.

    Args:
        called: what the file is called in sentences.
        most: rows that it may have.

    Raises:
        StudyError: it is none, lacks columns, or has too many rows.
    """
    wanted = list(columns or kind.columns)
    try:
        with pyarrow.parquet.ParquetFile(file) as opened:
            names = opened.schema_arrow.names
            if missing := [name for name in wanted if name not in names]:
                raise StudyError(f"{called} is no table of a study: it lacks the columns {', '.join(missing[:5])}")
            if most is not None and opened.metadata.num_rows > most:
                raise StudyError(f"{called} has {opened.metadata.num_rows:,} rows, and {most:,} are the most")
            table = opened.read(wanted)
    except FileNotFoundError:
        raise StudyError(f"cannot read {called}: there is no such file") from None
    except (OSError, pyarrow.ArrowException) as error:
        raise StudyError(f"{called} is no Parquet file that can be read: {first_line(error, 'empty')}") from None
    try:
        return table.select(wanted).cast(pyarrow.schema([kind.schema.field(name) for name in wanted]))
    except pyarrow.ArrowException as error:
        raise StudyError(f"{called} is no table of a study: {first_line(error)}") from None
