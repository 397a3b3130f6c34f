"""What a study has to compute: every text with every compressor at every setting, each under the hash of all that decides it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from inspector.studies.items import Item, digest
from models.registry import Address, Registry

if TYPE_CHECKING:
    from inspector.probes.asked import Registered

MEASURES = 1  # goes up when what is measured, or how, changes: older rows are then computed again
BATCH = 8  # texts of a unit


@dataclass(frozen=True)
class Case:
    """One inspection to be made, or one compressor to be asked about one text."""

    key: str  # of text, compressor, weights, settings, MEASURES
    text: int  # place in `Unit.items`
    compressor: str  # address
    truncate: str | None
    weights: str
    probe: str | None = None  # a probe's questions instead of an inspection
    reader: str | None = None  # of those what this reader made, and not what the compressor's own decoder did


@dataclass(frozen=True)
class Unit:
    """Inspections, or questions of one probe, that are made and kept together: some texts with the compressors of one group."""

    group: str
    items: tuple[Item, ...]
    cases: tuple[Case, ...]

    @property
    def hash(self) -> str:
        return digest(*(case.key for case in self.cases))


def group_of(address: Address) -> str:
    """Compressors that may share a decoder; a family of the bundled ones, else each row by itself."""
    return address.row.family if address.row.bundled and address.row.family else address.row.name


def key_of(item: Item, compressor: str, truncate: str | None, weights: str) -> str:
    return digest(item.hash, compressor, truncate, weights, os.environ.get("INSPECTOR_PIPELINE"), MEASURES)


def key_of_probe(item: Item, compressor: str, probe: Registered, weights: str, reader: tuple[str, str] | None = None) -> str:
    """`reader`: name and weights' hash of the one that made the rows; None for the compressor's own."""
    pipeline = os.environ.get("INSPECTOR_PIPELINE")
    made = ("probe", probe.name, probe.version, item.hash, compressor, weights, pipeline)
    return digest(*made, *(() if reader is None else ("reader", *reader)))


def plan(
    items: Sequence[Item],
    addresses: Sequence[Address],
    truncations: Sequence[str | None],
    weights: Mapping[str, str],
    batch: int = BATCH,
) -> list[Unit]:
    """Units in the order that they should be made: group by group, text by text. What cannot be truncated is not.

    Args:
        weights: the hash of each address's weights.
        batch: texts of a unit. The same batch makes the same units, so that a resumed study computes as an unbroken one.
    """
    groups: dict[str, list[Address]] = {}
    for address in addresses:
        groups.setdefault(group_of(address), []).append(address)
    units = []
    for group, members in groups.items():
        for first in range(0, len(items), batch):
            some = tuple(items[first : first + batch])
            cases = [
                Case(key_of(item, str(a), truncate, weights[str(a)]), at, str(a), truncate, weights[str(a)])
                for truncate in truncations
                for at, item in enumerate(some)
                for a in members
                if truncate is None or a.row.vectors
            ]
            if cases:
                units.append(Unit(group, some, tuple(cases)))
    return units


def plan_probes(
    asked: Sequence[tuple[Registered, Sequence[Item]]],
    addresses: Sequence[Address],
    weights: Mapping[str, str],
    batch: int = BATCH,
    reader: tuple[str, str] | None = None,
) -> list[Unit]:
    """As `plan`, for the questions of probes, each about its own texts.

    Args:
        reader: name and weights' hash. Its rows are cases of their own beside the compressor's, so that naming one, or another,
            leaves all other rows as they are.
    """
    groups: dict[str, list[Address]] = {}
    for address in addresses:
        groups.setdefault(group_of(address), []).append(address)
    units: dict[str, Unit] = {}  # a set may be named twice
    for probe, items in asked:
        for group, members in groups.items():
            for first in range(0, len(items), batch):
                some = tuple(items[first : first + batch])
                cases = []
                for a in members:
                    name, hashed = str(a), weights[str(a)]
                    for by in (None, *((reader,) if reader and probe.reads else ())):
                        keys = (key_of_probe(item, name, probe, hashed, by) for item in some)
                        cases += [Case(key, at, name, None, hashed, probe.name, by and by[0]) for at, key in enumerate(keys)]
                unit = Unit(group, some, tuple(cases))
                units[unit.hash] = unit
    return list(units.values())


def without(units: Sequence[Unit], done: set[str]) -> list[Unit]:
    """The units less what is done."""
    left = [replace(u, cases=tuple(c for c in u.cases if c.key not in done)) for u in units]
    return [unit for unit in left if unit.cases]


def resolved(table: Registry, names: Sequence[str], ratios: Sequence[int]) -> list[Address]:
    """Addresses, each once: names without @RATIO at every ratio given, or at their default.

    Raises:
        UnknownCompressor: there is no such compressor, or it has no such ratio.
    """
    found = [table.resolve(name, ratio) for name in names for ratio in (ratios if "@" not in name and ratios else (None,))]
    return list({str(address): address for address in found}.values())
