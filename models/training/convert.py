"""The folder of a training run → the log that the Training page draws."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from models.pocket import count
from models.training.logs import Checkpoint, Log, LogError

LOSS = re.compile(r"(?:loss|accuracy|entropy|erank_batch|overwriting)_(\d+)")


def convert(folder: Path, **about: Any) -> Log:
    """Read `log.jsonl`, and from `state.json` and the weights what `about` does not say.

    Args:
        folder: of a run, as `models.training.train` or `models.training.finetune` leaves it.
        about: fields of `Log` to set: name, title, series, start, machine, command, checkpoints; None counts as not given.

    Raises:
        FileNotFoundError: there is no `log.jsonl`.
        LogError: a line of it, or the state, cannot be read.
    """
    file = folder / "log.jsonl"
    if not file.exists():
        raise FileNotFoundError(f"{file} not found; name the folder of a run, which holds log.jsonl and state.json")
    rows = [prior_named(row) for row in continued(lines(file))]
    settings = _settings(folder / "state.json")
    columns = ["tokens", *dict.fromkeys(key for row in rows for key in row if key != "tokens")]
    found = {
        "name": settings.get("stage") or folder.resolve().name,
        "series": "main",
        "start": "",
        "machine": str(settings.get("device", "")),
        "command": command(settings),
        "checkpoints": (),
    }
    found |= {key: value for key, value in about.items() if value is not None}
    return Log(
        **({"title": found["name"]} | found),
        parameters=sum(sum(count(folder / f"{name}.safetensors").values()) for name in ("model", "adapter")) or None,
        ratios=tuple(sorted({int(m[1]) for c in columns if (m := LOSS.fullmatch(c))})),
        columns=tuple(columns),
        rows=tuple(tuple(row.get(c) for c in columns) for row in rows),
    )


def lines(file: Path) -> list[dict[str, Any]]:
    """Rows of a log; a last line that was cut off when the run was killed is left out."""
    given = file.read_text(encoding="utf-8").splitlines()
    found = []
    for number, line in enumerate(given, 1):
        try:
            row = json.loads(line)
            if not isinstance(row, dict) or not isinstance(row.get("tokens"), int | float):
                raise ValueError("no object with 'tokens'")
        except ValueError as error:
            if number == len(given):
                break
            raise LogError(f"{file}, line {number}: {error}") from None
        found.append(row)
    return found


def continued(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """A run that was cut goes on from its last checkpoint, so rows after that one stand twice: the later ones count."""
    kept: list[dict[str, Any]] = []
    for row in rows:
        while kept and kept[-1]["tokens"] >= row["tokens"]:
            kept.pop()
        kept.append(row)
    return kept


def prior_named(row: dict[str, Any]) -> dict[str, Any]:
    """Where the prior was not measured on fixed texts, the batches' own loss without memory stands for it."""
    own = row.get("train_loss_prior")
    return row if own is None or "loss_prior" in row else row | {"loss_prior": own}


def command(settings: Mapping[str, Any]) -> str:
    """The command line that a run's settings come from, without the folders of the machine that ran it."""
    if "stage" not in settings:
        return str(settings.get("command", ""))
    options = ("tokens", "minutes", "batch", "rate", "seed")
    given = [f"--{name} {settings[name]}" for name in options if settings.get(name)]
    plain = ["--plain"] if settings.get("turned") is False else []
    return " ".join(["python -m models.training train", str(settings["stage"]), *given, *plain])


def checkpoint(given: str) -> Checkpoint:
    """`TOKENS=ADDRESS` of the command line.

    Raises:
        LogError: it is not that.
    """
    tokens, _, address = given.partition("=")
    if not tokens.isdecimal() or not address:
        raise LogError(f"--checkpoint {given!r} is not TOKENS=ADDRESS, such as 250000=NAME+early")
    return Checkpoint(int(tokens), address)


def _settings(file: Path) -> dict[str, Any]:
    if not file.exists():
        return {}
    try:
        settings = json.loads(file.read_text(encoding="utf-8")).get("settings", {})
    except (ValueError, AttributeError):
        raise LogError(f"{file} is no JSON object") from None
    return settings if isinstance(settings, dict) else {}
