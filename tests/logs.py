"""Logs of training runs for tests: invented curves, never shipped."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

COLUMNS = ["tokens", "seconds", "loss_4", "loss_16", "loss_prior", "accuracy_4", "accuracy_16", "entropy_4", "entropy_16"]
COLUMNS += ["erank_batch_4", "erank_batch_16", "rows_16", "overwriting_16"]


def hump(u: float) -> float:
    """Rises steeply, then falls slowly; `u` from 0 to 1."""
    return 5 + 60 * (1 - math.exp(-12 * u)) * (1 - 0.5 * u)


def fields(name: str = "fake-a", points: int = 24, scale: float = 1.0, **other: Any) -> dict[str, Any]:
    """A log's fields; `scale` moves its curves, `other` replaces fields."""
    rows: list[Sequence[Any]] = []
    for i in range(points):
        u = i / max(points - 1, 1)
        fall = math.exp(-3 * u)
        loss, entropy, erank = 2 + 4 * fall, 1 + 3 * fall * scale, scale * hump(u)
        rows.append(
            [100_000 * i, 60.0 * i, loss - 1, loss, 6.0, 0.9 * u, 0.8 * u, entropy / 2, entropy, erank, erank, 512, 0.4 * u]
        )
    about = {
        "name": name,
        "title": f"Run of {name}",
        "series": "main",
        "start": f"{name} started from noise.",
        "parameters": 1_980_000,
        "ratios": [4, 16],
        "machine": "2 CPU cores, bf16",
        "command": f"python -m models.training train {name} --tokens 2300000",
        "columns": COLUMNS,
        "rows": rows,
        "checkpoints": [],
    }
    return about | other


def put(folder: Path, **given: Any) -> Path:
    """Write a log's file into a folder."""
    about = fields(**given)
    file = folder / f"{about['name']}.json"
    file.write_text(json.dumps(about), encoding="utf-8")
    return file
