"""Where a transformers model is, and loading it in float32.

The network is reached only for a hub name that somebody gave; a folder is loaded without it. Pickled weights and code that comes
with a model are refused unless allowed by name.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Any

from models.hub.settings import HubSettings, refusal
from models.said import first_line

PICKLED = "are a pickle, which can hold code"
HUB_NAME = re.compile(r"[\w-][\w.-]*(/[\w-][\w.-]*)?", re.ASCII)


def folder_of(model: str) -> Path | None:
    """The folder that a model's name stands for, existing or not; None for a name on the hub."""
    path = Path(model).expanduser()
    return path if path.is_dir() or not HUB_NAME.fullmatch(model) else None


def missing(model: str) -> str | None:
    """Why a model cannot be loaded here, in one sentence, as far as that shows without loading it; else None."""
    folder = folder_of(model)
    if folder is None:
        return (
            None
            if not offline() or cached(model)
            else f"{model} is not on this machine, and HF_HUB_OFFLINE keeps it from the hub"
        )
    if not folder.is_dir():
        return f"there is no folder {model}; name a folder, or a model on the hub such as Qwen/Qwen3-0.6B"
    if not (folder / "config.json").is_file():
        return f"the folder {model} holds no config.json, so it is no transformers model"
    if any(folder.glob("*.safetensors")):
        return None
    if not any(folder.glob("*.bin")):
        return f"the folder {model} holds no weights in safetensors, the only format that is loaded"
    return None if "pickle" in HubSettings.named().allow else refusal("pickle", f"the weights in {model} {PICKLED}")


def offline() -> bool:
    return os.environ.get("HF_HUB_OFFLINE", "").upper() in ("1", "ON", "YES", "TRUE")


def cached(model: str) -> bool:
    """Is a hub model's configuration in the local cache?"""
    from huggingface_hub import try_to_load_from_cache

    return isinstance(try_to_load_from_cache(model, "config.json"), str)


class Refused(RuntimeError):
    """Something that has to be allowed by name is not; one sentence with the way to allow it."""


def _needs_code(model: str, where: str, allow: frozenset[str], common: dict[str, Any]) -> bool:
    """Does a model run on Python code of its own? One that transformers knows does not, whatever its repository brings.

    Raises:
        Refused: it does, and that is not allowed.
    """
    from transformers import CONFIG_MAPPING, PretrainedConfig

    config, _ = PretrainedConfig.get_config_dict(where, **common)
    needed = "auto_map" in config and config.get("model_type") not in CONFIG_MAPPING
    if needed and "remote-code" not in allow:
        raise Refused(
            refusal("remote-code", f"{model} runs only with Python code that comes with it (auto_map in its config.json)")
        )
    return needed


def load_causal(model: str, device: str) -> tuple[Any, Any]:
    """A frozen causal language model in float32, and its fast tokenizer.

    Raises:
        RuntimeError: transformers cannot load them, or they are refused; one sentence with the reason.
    """
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging

    if not sys.stderr.isatty():
        logging.disable_progress_bar()
    folder, allow = folder_of(model), HubSettings.named().allow
    where, common = str(folder or model), {"local_files_only": folder is not None}
    pickled = None if "pickle" in allow else True
    try:
        common["trust_remote_code"] = _needs_code(model, where, allow, common)
        tokenizer = AutoTokenizer.from_pretrained(where, **common)
        network = AutoModelForCausalLM.from_pretrained(where, dtype=torch.float32, use_safetensors=pickled, **common)
    except Refused:
        raise
    except Exception as error:  # of many kinds: no such repository, no network, unknown architecture, damaged file
        said = first_line(error)
        if pickled and "safetensors" in said and folder is None:
            raise Refused(refusal("pickle", f"{model} has no weights in safetensors, and others {PICKLED}")) from error
        raise RuntimeError(f"transformers cannot load {model} as a causal language model: {said}") from error
    if not getattr(tokenizer, "is_fast", False):
        raise RuntimeError(
            f"the tokenizer of {model} has no fast version (tokenizer.json), which tells where tokens stand in a text"
        )
    return network.to(device).eval().requires_grad_(False), tokenizer
