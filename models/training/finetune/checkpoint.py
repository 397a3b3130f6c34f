"""A run's state in one file, so that a kill leaves the last one whole; and its result, as `finetuned:FOLDER` loads it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from models.hub.finetuned import RECIPE, WEIGHTS, Recipe

FILE = "checkpoint.safetensors"
ADAPTER = "trained"  # peft's name of the LoRA


def trainable(network: nn.Module) -> dict[str, nn.Parameter]:
    """What is trained, by name."""
    return {name: p for name, p in network.named_parameters() if p.requires_grad}


def save(folder: Path, network: nn.Module, optimiser: torch.optim.Optimizer, state: Mapping[str, Any]) -> None:
    """Trained weights, the optimiser's moments, and `state` (position, counters, settings) as JSON in the header.

    The learning rate and everything drawn at random are functions of the position and the seed, so nothing else is kept.
    """
    tensors = {f"weight.{name}": p for name, p in trainable(network).items()}
    for name, p in trainable(network).items():
        tensors |= {f"moment.{name}.{key}": value for key, value in optimiser.state.get(p, {}).items()}
    _write({k: v.detach().cpu().contiguous() for k, v in tensors.items()}, folder / FILE, {"state": json.dumps(state)})


def resume(folder: Path, network: nn.Module, optimiser: torch.optim.Optimizer, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Go on from the folder's checkpoint: puts weights and moments in place and returns `state`; empty if there is none.

    Raises:
        ValueError: it was made with other settings; the message names the first.
    """
    if not (folder / FILE).is_file():
        return {}
    with safe_open(folder / FILE, "pt") as file:
        state = json.loads(file.metadata()["state"])
        for name, value in settings.items():
            if state["settings"].get(name) != value:
                raise ValueError(
                    f"{folder} holds a run with {name} {state['settings'].get(name)}, not {value}; "
                    "continue it with the same options, or name another folder"
                )
        moments: dict[str, dict[str, Tensor]] = {}
        names = list(file.keys())
        for key in (k for k in names if k.startswith("moment.")):
            name, _, part = key.removeprefix("moment.").rpartition(".")
            moments.setdefault(name, {})[part] = file.get_tensor(key)
        for name, p in trainable(network).items():
            with torch.no_grad():
                p.copy_(file.get_tensor(f"weight.{name}"))
            if name in moments:
                optimiser.state[p] = {k: v if k == "step" else v.to(p.device) for k, v in moments[name].items()}
    return state


def export(folder: Path, network: nn.Module, recipe: Recipe) -> None:
    """The two files of `models.hub.finetuned`; what was trained is float32."""
    _write(
        {name.replace(f".{ADAPTER}.", "."): p.detach().float().cpu().contiguous() for name, p in trainable(network).items()},
        folder / WEIGHTS,
    )
    _replace(folder / RECIPE, recipe.to_json())


def tell(folder: Path, state: Mapping[str, Any]) -> None:
    """`state.json`, which `python -m models.training log` reads."""
    _replace(folder / "state.json", json.dumps(state, indent=1))


def _write(tensors: Mapping[str, Tensor], file: Path, metadata: Mapping[str, str] | None = None) -> None:
    partial = file.with_suffix(".partial")
    save_file(dict(tensors), partial, metadata=dict(metadata or {}))
    os.replace(partial, file)


def _replace(file: Path, text: str) -> None:
    partial = file.with_suffix(".partial")
    partial.write_text(text, encoding="utf-8")
    os.replace(partial, file)
