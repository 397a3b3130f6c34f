"""Small studies of the fakes, also as a process of its own that can be killed: python -m tests.studies.made FOLDER."""

from __future__ import annotations

import os
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path

import pyarrow

from inspector.studies.cluster import Worker
from inspector.studies.items import Item
from inspector.studies.plan import resolved
from inspector.studies.run import Engine, InProcess, Outcome, study
from inspector.studies.store import read
from models.registry import Registry
from tests.conftest import fake_rows

NAMES = ("Anna", "Otto", "Mary", "John", "Ruth", "Paul", "Clara", "Victor")
COMPRESSORS = ("fake-a@4", "fake-b@4", "fake-words@2")


def table() -> Registry:
    """What a worker makes its registry with."""
    return Registry(replace(row, bundled=True, family="fake") for row in fake_rows())


def items(count: int = 8) -> list[Item]:
    texts = (f"{NAMES[k % 8]} paid {30 + k} crowns to {NAMES[(k + 3) % 8]} in Lisbon on 4 March." for k in range(count))
    return [Item("made", f"m{k}", k + 1, text, answers=("Lisbon",), others=("Paris",)) for k, text in enumerate(texts)]


def run(out: Path, engine: Engine | None = None, count: int = 8, batch: int = 2, truncations=(None, "1")) -> Outcome:
    import torch

    torch.set_num_threads(1)  # sums depend on it in their last digits
    engine = engine or InProcess(table())
    addresses = resolved(table(), COMPRESSORS, ())
    return study(items(count), addresses, out, engine, truncations=truncations, batch=batch, progress=False)


def rows(out: Path) -> pyarrow.Table:
    """The table, less what no two runs have alike."""
    return read(out).drop_columns(["seconds"])


class Slow(InProcess):
    """Leaves time to be killed in."""

    def run(self, units):
        for made in super().run(units):
            yield made
            time.sleep(1)


class Dying(Worker):
    """A worker that one text kills."""

    def inspect(self, unit):
        if any(item.id == "m1" for item in unit.items):
            os.kill(os.getpid(), signal.SIGKILL)
        return super().inspect(unit)


if __name__ == "__main__":
    run(Path(sys.argv[1]), Slow(table()))
