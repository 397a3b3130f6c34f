"""Names → compressors. Bundled ones and plug-ins come through one door: a function that returns rows.

A plug-in declares it as an entry point of the group `inspector.compressors`, e.g. in its pyproject.toml
`[project.entry-points."inspector.compressors"]  mine = "mine.module:compressors"`.

A row with a `pattern` is listed as `NAME:MODEL`, and any other name `NAME:…` is the row it makes.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from importlib.metadata import entry_points

from models.compressor import Compressor, Row

GROUP = "inspector.compressors"
BUNDLED = ("models.pocket:compressors", "models.cramming:compressors")
ADDRESS = re.compile(r"(?P<name>[^\s@+]+?)(?P<options>(?:\+[a-z-]+)*)(?:@(?P<ratio>\d{1,9}))?")


class UnknownCompressor(ValueError):
    """The address names no compressor, ratio or option; the message lists the known ones."""


@dataclass(frozen=True)
class Address:
    """`NAME[+OPTION…][@RATIO]`, resolved: the same string in CLI, API, permalink, labels and studies."""

    row: Row
    options: tuple[str, ...]
    ratio: int

    def __str__(self) -> str:
        return "+".join((self.row.name, *self.options)) + f"@{self.ratio}"


class Registry:
    """Rows by name, and the compressors loaded so far."""

    def __init__(self, rows: Iterable[Row] = ()) -> None:
        self.rows: dict[str, Row] = {}
        self._loaded: dict[tuple[str, tuple[str, ...]], Compressor] = {}
        self._lock = threading.Lock()
        for row in rows:
            self.add(row)

    def add(self, row: Row) -> None:
        """Register a row.

        Raises:
            ValueError: the name is taken, or holds one of `@`, `+` or white space.
        """
        if row.name in self.rows:
            raise ValueError(f"a compressor named {row.name!r} is registered already")
        if re.search(r"[\s@+]", row.name):
            raise ValueError(f"the compressor name {row.name!r} holds '@', '+' or white space, which addresses need")
        self.rows[row.name] = row

    def resolve(self, address: str, ratio: int | None = None) -> Address:
        """Parse an address; `ratio` stands in where the address names none.

        Raises:
            UnknownCompressor: no such name, ratio or option.
        """
        match = ADDRESS.fullmatch(address.strip())
        row = self._row(match["name"]) if match else None
        if match is None and (pattern := self._pattern(address.strip())):
            raise UnknownCompressor(
                f"{pattern.name} cannot be read from {address!r}: a folder's name may not hold white space, '@' or '+' here; "
                "link to it under a name without them, and put @RATIO last"
            )
        if row is None:
            raise UnknownCompressor(f"unknown compressor {address!r}; known: {', '.join(self.rows)}")
        options = tuple(dict.fromkeys(match["options"].split("+")[1:]))
        for option in options:
            if option not in row.options:
                known = ", ".join(row.options) or "none"
                raise UnknownCompressor(f"{row.name} has no option {option!r}; known: {known}")
        if row.one_option and len(options) > 1:
            raise UnknownCompressor(f"{row.name} takes one option at a time; known: {', '.join(row.options)}")
        wanted = int(match["ratio"]) if match["ratio"] else row.default_ratio if ratio is None else ratio
        if wanted not in row.ratios and not (row.any_ratio and 1 <= wanted <= max(row.ratios)):
            known = ", ".join(map(str, row.ratios)) + (f", or any up to {max(row.ratios)}" if row.any_ratio else "")
            raise UnknownCompressor(f"{row.name} has no ratio {wanted}; known: {known}")
        return Address(row, options, wanted)

    def _row(self, name: str) -> Row | None:
        """The row registered under a name, or what a pattern makes of it."""
        if name in self.rows:
            return self.rows[name]
        row = self._pattern(name)
        return row.pattern(name.partition(":")[2]) if row else None

    def _pattern(self, name: str) -> Row | None:
        """The row `NAME:MODEL` that a name `NAME:…` belongs to."""
        first, colon, rest = name.partition(":")
        return next((r for r in self.rows.values() if colon and rest and r.pattern and r.name.partition(":")[0] == first), None)

    def load(self, address: Address) -> Compressor:
        """The compressor of an address, loaded at its first use.

        Raises:
            RuntimeError: it cannot run here; the message says why.
        """
        key = (address.row.name, address.options)
        with self._lock:
            if key not in self._loaded:
                if reason := address.row.why_not():
                    raise RuntimeError(f"{address.row.name} is not ready: {reason}")
                self._loaded[key] = address.row.load(address.options)
            return self._loaded[key]


def _rows(target: str) -> Iterable[Row]:
    module, _, name = target.partition(":")
    return getattr(import_module(module), name)()


@lru_cache(maxsize=1)
def registry() -> Registry:
    """The process's registry: bundled rows, then those of installed plug-ins."""
    plugged = (e.value for e in entry_points(group=GROUP) if e.value not in BUNDLED)
    return Registry(row for target in (*BUNDLED, *plugged) for row in _rows(target))
