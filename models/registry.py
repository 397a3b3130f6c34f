"""Names → compressors. Bundled ones and plug-ins come through one door: a function that returns rows.

A plug-in declares it as an entry point of the group `inspector.compressors`, e.g. in its pyproject.toml
`[project.entry-points."inspector.compressors"]  mine = "mine.module:compressors"`.

A row with a `pattern` is listed as `NAME:MODEL`, and any other name `NAME:…` is the row it makes.
"""

from __future__ import annotations

import re
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from importlib.metadata import entry_points

from models.compressor import Compressor, Loading, Row

GROUP = "inspector.compressors"
BUNDLED = ("models.pocket:compressors", "models.cramming:compressors", "models.hub:compressors")
LOOK_EVERY = 1.0  # seconds between looks for what is unused, at least
ADDRESS = re.compile(r"(?P<name>[^\s@+]+?)(?P<options>(?:\+[a-z-]+)*)(?:@(?P<ratio>\d{1,9}))?")


@dataclass
class Loaded:
    compressor: Compressor
    large: bool
    used: float = 0.0  # time.monotonic()


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
        self._loaded: dict[tuple[str, tuple[str, ...]], Loaded] = {}
        self._locks: dict[tuple[str, tuple[str, ...]], threading.Lock] = defaultdict(threading.Lock)
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None
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

    def load(self, address: Address, told: Callable[[Loading], None] | None = None) -> Compressor:
        """The compressor of an address, loaded at its first use; loading one does not keep another waiting.

        Args:
            told: is told how far it is, where the row has a card.

        Raises:
            RuntimeError: it cannot run here; the message says why.
        """
        row, key = address.row, (address.row.name, address.options)
        with self._lock:
            lock = self._locks[key]
        with lock:
            if key not in self._loaded:
                if reason := row.why_not():
                    raise RuntimeError(f"{row.name} is not ready: {reason}")
                more = {"told": told} if row.card and told else {}
                self._loaded[key] = Loaded(row.load(address.options, **more), row.card is not None)
                self._watch(row)
            found = self._loaded[key]
            found.used = time.monotonic()
            return found.compressor

    def is_loaded(self, address: Address) -> bool:
        return (address.row.name, address.options) in self._loaded

    def loaded(self) -> dict[str, Compressor]:
        """Large ones that are loaded, by address without a ratio."""
        return {"+".join((key[0], *key[1])): found.compressor for key, found in list(self._loaded.items()) if found.large}

    def release(self, name: str) -> bool:
        """Forget what is loaded of a row, so that its memory is free once nobody uses it; was there anything?"""
        keys = [key for key in list(self._loaded) if key[0] == name]
        for key in keys:
            self._loaded.pop(key, None)
        if keys:
            from models.hub.room import empty

            empty()
        return bool(keys)

    def release_unused(self, seconds: float) -> list[str]:
        """Release the large ones that nobody asked for so long; their names."""
        now = time.monotonic()
        names = {key[0] for key, found in list(self._loaded.items()) if found.large and now - found.used >= seconds}
        return sorted(name for name in names if self.release(name))

    def _watch(self, row: Row) -> None:
        """Look now and then whether large ones are still used; one timer for all of them."""
        if row.card is None:
            return
        from models.hub.settings import HubSettings

        seconds = 60 * HubSettings.named().minutes
        with self._lock:
            if not seconds or self._timer is not None:
                return
            self._timer = timer = threading.Timer(max(LOOK_EVERY, seconds / 4), self._look, [row, seconds])
        timer.daemon = True
        timer.start()

    def _look(self, row: Row, seconds: float) -> None:
        self.release_unused(seconds)
        with self._lock:
            self._timer = None
        if self.loaded():
            self._watch(row)


def _rows(target: str) -> Iterable[Row]:
    module, _, name = target.partition(":")
    return getattr(import_module(module), name)()


@lru_cache(maxsize=1)
def registry() -> Registry:
    """The process's registry: bundled rows, then those of installed plug-ins."""
    plugged = (e.value for e in entry_points(group=GROUP) if e.value not in BUNDLED)
    return Registry(row for target in (*BUNDLED, *plugged) for row in _rows(target))
