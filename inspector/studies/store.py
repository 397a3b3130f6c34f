"""A study's folder: `results.parquet`, `manifest.json`, and `parts/` while it is under way.

A part is written under another name and then renamed, so after a kill it is there whole or not at all.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet

from inspector.studies.items import digest
from inspector.studies.rows import COLUMNS, schema


class StudyError(ValueError):
    """The folder or file is no study that can be used; the message is one sentence."""


class Folder:
    def __init__(self, path: Path) -> None:
        """Raises StudyError: the folder cannot be made."""
        self.path, self.parts = path, path / "parts"
        try:
            self.parts.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StudyError(f"cannot make the folder {path}: {error.strerror}") from None

    @property
    def results(self) -> Path:
        return self.path / "results.parquet"

    def _files(self) -> list[Path]:
        return [*([self.results] if self.results.exists() else ()), *sorted(self.parts.glob("*.parquet"))]

    def done(self) -> set[str]:
        """Keys of the inspections that are there. Failed ones are not: they are tried again."""
        keys: set[str] = set()
        for file in self._files():
            table = read(file, ["key", "error"])
            failed = table.column("error").is_valid().to_pylist()
            keys |= {k for k, bad in zip(table.column("key").to_pylist(), failed, strict=True) if not bad}
        return keys

    def add(self, rows: Sequence[dict[str, Any]]) -> Path:
        """Keep the rows of a unit."""
        file = self.parts / f"{digest(*(row['key'] for row in rows))[:32]}.parquet"
        _replace(file, pyarrow.Table.from_pylist(list(rows), schema=schema()))
        return file

    def finish(self, keys: Iterable[str]) -> pyarrow.Table:
        """Gather the rows of these inspections, in this order, into `results.parquet`. Other rows stay in a part of their own."""
        files = self._files()
        whole = pyarrow.concat_tables([read(file) for file in files]) if files else schema().empty_table()
        at: dict[str, int] = {}
        bad = whole.column("error").is_valid().to_pylist()
        for n, key in enumerate(whole.column("key").to_pylist()):
            if key not in at or bad[at[key]]:
                at[key] = n
        wanted = [at.pop(key) for key in keys if key in at]
        results = whole.take(wanted)
        if at:
            _replace(self.parts / f"kept-{digest(*sorted(at))[:32]}.parquet", whole.take(sorted(at.values())))
        _replace(self.results, results)
        kept = f"kept-{digest(*sorted(at))[:32]}.parquet" if at else None
        for file in self.parts.iterdir():
            if file.name != kept:
                file.unlink()
        return results

    def manifest(self, made: dict[str, Any]) -> None:
        file = self.path / "manifest.json"
        half = file.with_suffix(".half")
        half.write_text(json.dumps(made, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        os.replace(half, file)


def _replace(file: Path, table: pyarrow.Table) -> None:
    half = file.with_suffix(".half")
    with half.open("wb") as out:
        pyarrow.parquet.write_table(table, out, compression="zstd")
        out.flush()
        os.fsync(out.fileno())
    os.replace(half, file)


def read(file: Path, columns: Sequence[str] | None = None) -> pyarrow.Table:
    """A study's table, from its file or its folder.

    Raises:
        StudyError: there is none, or it lacks columns.
    """
    if file.is_dir():
        if not (file / "results.parquet").exists():
            raise StudyError(
                f"{file} holds no results.parquet; a study that was broken off goes on with the command it began with"
            )
        file = file / "results.parquet"
    try:
        table = pyarrow.parquet.read_table(file)
    except FileNotFoundError:
        raise StudyError(f"cannot read {file}: there is no such file") from None
    except (OSError, pyarrow.ArrowException) as error:
        raise StudyError(f"{file} is no Parquet file that can be read: {(str(error).splitlines() or ['empty'])[0]}") from None
    wanted = list(columns or COLUMNS)
    if missing := [name for name in wanted if name not in table.column_names]:
        raise StudyError(f"{file} is no table of a study: it lacks the columns {', '.join(missing[:5])}")
    try:
        return table.select(wanted).cast(pyarrow.schema([schema().field(name) for name in wanted]))
    except pyarrow.ArrowException as error:
        raise StudyError(f"{file} is no table of a study: {str(error).splitlines()[0]}") from None
