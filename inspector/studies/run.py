"""Runs a study: plans it, leaves out what its folder holds already, computes the rest, gathers the table."""

from __future__ import annotations

import platform
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from inspector.studies.items import Item
from inspector.studies.loaders import Read
from inspector.studies.plan import BATCH, MEASURES, Unit, plan, plan_probes, without
from inspector.studies.rows import trained
from inspector.studies.store import PROBES, Folder
from models.registry import Address, Registry

if TYPE_CHECKING:
    from inspector.probes.asked import Registered

PACKAGES = ("compression-inspector", "torch", "transformers", "spacy", "numpy", "sacrebleu", "pyarrow", "ray")


class Engine(Protocol):
    """Where units are computed."""

    name: str
    workers: int

    def hashes(self, addresses: Sequence[Address]) -> dict[str, str]:
        """Hash of each address's weights."""

    def reader(self, name: str) -> str:
        """Hash of the weights of a reader (`inspector.probes.reader`)."""

    def run(self, units: Sequence[Unit]) -> Iterator[tuple[Unit, list[dict[str, Any]]]]:
        """Each unit with its rows, as they are done, in any order."""

    def close(self) -> None:
        """Give back what it holds."""


class InProcess:
    """Computes in this process, one unit after another."""

    name, workers = "process", 1

    def __init__(self, table: Registry) -> None:
        self.table = table

    def hashes(self, addresses: Sequence[Address]) -> dict[str, str]:
        from inspector.studies.batch import hashes

        return hashes(addresses, self.table)

    def reader(self, name: str) -> str:
        from inspector.probes.reader import load
        from inspector.studies.batch import weights

        return weights(load(name))

    def run(self, units: Sequence[Unit]) -> Iterator[tuple[Unit, list[dict[str, Any]]]]:
        from inspector.studies.batch import work

        for unit in units:
            yield unit, work(unit, self.table)

    def close(self) -> None:
        pass


@dataclass(frozen=True)
class Outcome:
    planned: int
    before: int  # were there already
    made: int
    failed: int  # of all rows, those with an error
    seconds: float  # of computing, without loading
    file: Path


def study(
    items: Sequence[Item],
    addresses: Sequence[Address],
    out: Path,
    engine: Engine,
    *,
    truncations: Sequence[str | None] = (None,),
    batch: int = BATCH,
    reads: Sequence[Read] = (),
    told: Mapping[str, Any] | None = None,
    progress: bool = True,
) -> Outcome:
    """Compute what is missing of a study and write its table.

    Args:
        out: its folder. What it holds is not computed again, whatever study it was computed for.
        told: what else the manifest should say, such as the command and the seed.

    Raises:
        StudyError: the folder cannot be used.
        RuntimeError: a compressor cannot run here.
    """
    weights = engine.hashes(addresses)
    units = plan(items, addresses, truncations, weights, batch)
    about = {"measures": MEASURES, **_about(items, addresses, weights, engine, batch, reads), "truncations": list(truncations)}
    return _computed(Folder(out), units, engine, {**(told or {}), **about}, "inspections", progress)


def ask(
    asked: Sequence[tuple[Registered, Sequence[Item]]],
    addresses: Sequence[Address],
    out: Path,
    engine: Engine,
    *,
    batch: int = BATCH,
    reader: str | None = None,
    reads: Sequence[Read] = (),
    told: Mapping[str, Any] | None = None,
    progress: bool = True,
) -> Outcome:
    """Put what is missing of the probes' questions and write their table; as `study`, in the same folder or another.

    Args:
        asked: probes, each with texts; a probe may come several times.
        reader: a language model, a folder or hub name, that probes let read and answer too. Its rows have keys of their own.

    Raises:
        RuntimeError: as `study`; or the reader cannot be loaded.
    """
    weights = engine.hashes(addresses)
    by = (reader, engine.reader(reader)) if reader else None
    units = plan_probes(asked, addresses, weights, batch, by)
    about = {"probes": {p.name: p.version for p, _ in asked}, "reader": by and {"name": by[0], "weights": by[1]}}
    about |= _about([item for _, items in asked for item in items], addresses, weights, engine, batch, reads)
    return _computed(Folder(out, PROBES), units, engine, {**(told or {}), **about}, "texts_asked", progress)


def _about(
    items: Sequence[Item],
    addresses: Sequence[Address],
    weights: Mapping[str, str],
    engine: Engine,
    batch: int,
    reads: Sequence[Read],
) -> dict[str, Any]:
    return {
        "versions": {"python": platform.python_version(), **versions()},
        "engine": {"name": engine.name, "workers": engine.workers, "batch": batch},
        "data": [asdict(read) for read in reads],
        "texts": len(items),
        "compressors": [
            {
                "address": str(a),
                "weights": weights[str(a)],
                "parameters": dict(a.row.parameters),
                "tokens_trained": trained().get("+".join((a.row.name, *a.options))),
            }
            for a in addresses
        ],
    }


def _computed(
    folder: Folder, units: Sequence[Unit], engine: Engine, about: Mapping[str, Any], counted: str, progress: bool
) -> Outcome:
    """Compute what the folder lacks of some units, and gather its table."""
    from tqdm import tqdm

    started = datetime.now(UTC)
    keys = [case.key for unit in units for case in unit.cases]
    done = folder.done() & set(keys)
    left = without(units, done)
    manifest = {
        "started": started.isoformat(timespec="seconds"),
        **about,
        counted: {"planned": len(keys), "before": len(done)},
    }
    folder.manifest(manifest)  # so that a study that is broken off says what it is
    began = time.monotonic()
    unit = counted.partition("_")[0].rstrip("s")
    with tqdm(total=len(keys), initial=len(done), unit=unit, file=sys.stderr, disable=not progress, smoothing=0.1) as bar:
        for _, rows in engine.run(left):
            folder.add(rows)
            bar.update(len({row["key"] for row in rows}))
    seconds, made = time.monotonic() - began, len(keys) - len(done)
    table = folder.finish(keys)
    bad = sum(table.column("error").is_valid().to_pylist())
    manifest[counted] |= {"made": made, "failed": bad}
    manifest |= {"finished": datetime.now(UTC).isoformat(timespec="seconds"), "seconds": round(seconds, 2)}
    if made and seconds:
        texts = len({unit.items[case.text].hash for unit in left for case in unit.cases})
        manifest |= {f"{counted}_per_second": round(made / seconds, 3), "texts_per_second": round(texts / seconds, 3)}
    folder.manifest(manifest)
    return Outcome(len(keys), len(done), made, bad, seconds, folder.results)


def versions() -> dict[str, str]:
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
