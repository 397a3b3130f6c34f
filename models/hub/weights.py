"""Reading what was published: models, tokenizers, tensors. Safetensors unless a pickle is allowed; never remote code.

A model that several compressors stand on is one object while any of them is loaded.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

from models.hub.settings import HubSettings, refusal
from models.said import first_line

if TYPE_CHECKING:
    from torch import Tensor, nn

    from models.hub.tokens import HubTokenizer

_MODELS: WeakValueDictionary[tuple[Any, ...], Any] = WeakValueDictionary()
_LOADING = threading.Lock()


def model(folder: Path, auto_class: str, settings: HubSettings, own: bool = False, **more: Any) -> Any:
    """A frozen transformers model from a folder, shared with whoever else asked for the same.

    Args:
        folder: where its `config.json` lies.
        auto_class: name of a class of transformers, such as `AutoModelForCausalLM` or `Qwen2Model`.
        own: shared with nobody, for whoever changes its weights.
        more: for its `from_pretrained`; models with other arguments are others.

    Raises:
        RuntimeError: transformers cannot load it; one sentence with its reason.
    """
    from models.pocket import device

    where = device()
    key = (
        Path(folder).resolve(),
        auto_class,
        settings.dtype,
        settings.bits,
        settings.device_map,
        where,
        repr(sorted(more.items())),
    )
    with _LOADING:
        found = None if own else _MODELS.get(key)
        if found is None:
            found = _load(Path(folder), auto_class, settings, where, more)
            if not own:
                _MODELS[key] = found
    return found


def _load(folder: Path, auto_class: str, settings: HubSettings, where: str, more: Mapping[str, Any]) -> Any:
    import torch
    import transformers
    from transformers.utils import logging

    if not sys.stderr.isatty():
        logging.disable_progress_bar()
    wanted: dict[str, Any] = {"dtype": settings.dtype if settings.dtype == "auto" else getattr(torch, settings.dtype)}
    if settings.bits < 16:
        wanted["quantization_config"] = _quantised(settings.bits)
    if settings.device_map or settings.bits < 16:
        wanted["device_map"] = settings.device_map or {"": where}
    allowed = "pickle" in settings.allow
    wanted |= {"use_safetensors": None if allowed else True, "trust_remote_code": False, "local_files_only": True}
    if not allowed and not any(folder.glob("*.safetensors")) and any(folder.glob("*.bin")):
        raise RuntimeError(refusal("pickle", f"the weights in {folder} are a pickle, which can hold code"))
    before = logging.get_verbosity()
    logging.set_verbosity_error()  # what is amiss becomes a sentence below; a compressor's own tensors beside a model's are not
    try:
        with _quietly(logging):  # tensors beside the model's own are picked by those who need them
            network, report = getattr(transformers, auto_class).from_pretrained(
                folder, output_loading_info=True, **wanted | dict(more)
            )
    except Exception as error:  # of many kinds: a damaged file, an unknown architecture, too little memory
        if out_of_memory(error):
            raise
        raise RuntimeError(f"transformers cannot load {folder} as {auto_class}: {first_line(error)}") from error
    finally:
        logging.set_verbosity(before)
    if absent := report["missing_keys"]:  # transformers would make them up
        raise RuntimeError(f"the weights in {folder} lack the tensor {min(absent)}, so they are not a whole {auto_class}")
    if "device_map" not in wanted:
        network = network.to(where)
    return network.eval().requires_grad_(False)


@contextmanager
def _quietly(logging: Any) -> Iterator[None]:
    before = logging.get_verbosity()
    logging.set_verbosity_error()
    try:
        yield
    finally:
        logging.set_verbosity(before)


def _quantised(bits: int) -> Any:
    from importlib.util import find_spec

    from transformers import BitsAndBytesConfig

    if find_spec("bitsandbytes") is None:
        raise RuntimeError(f"{bits} bits need the package bitsandbytes: pip install bitsandbytes")
    return BitsAndBytesConfig(load_in_8bit=True) if bits == 8 else BitsAndBytesConfig(load_in_4bit=True)


def tokenizer(folder: Path, **more: Any) -> HubTokenizer:
    """A fast tokenizer from a folder.

    Raises:
        RuntimeError: there is none, or it has no fast version.
    """
    from transformers import AutoTokenizer

    from models.hub.tokens import HubTokenizer

    try:
        found = AutoTokenizer.from_pretrained(folder, trust_remote_code=False, local_files_only=True, **more)
    except Exception as error:
        raise RuntimeError(f"transformers cannot load the tokenizer in {folder}: {first_line(error)}") from error
    if not getattr(found, "is_fast", False):
        raise RuntimeError(
            f"the tokenizer in {folder} has no fast version (tokenizer.json), which tells where tokens stand in a text"
        )
    return HubTokenizer(found)


def tensors(file: Path, settings: HubSettings, prefix: str = "") -> dict[str, Tensor]:
    """Tensors of a file by name, those whose names begin with `prefix`; of safetensors no other is read.

    Raises:
        RuntimeError: it is a pickle and that is not allowed, or holds something else than tensors.
    """
    if file.suffix == ".safetensors":
        from safetensors import safe_open

        with safe_open(file, "pt") as stored:
            return {name: stored.get_tensor(name) for name in stored.keys() if name.startswith(prefix)}  # noqa: SIM118
    if "pickle" not in settings.allow:
        raise RuntimeError(refusal("pickle", f"{file.name} is a pickle, which can hold code"))
    import torch

    try:
        found = torch.load(file, map_location="cpu", weights_only=True)
    except Exception as error:
        raise RuntimeError(f"{file.name} holds more than tensors, so it is not read: {first_line(error)}") from error
    return {name: tensor for name, tensor in flat(found).items() if name.startswith(prefix)}


def pick(folder: Path, prefix: str, settings: HubSettings) -> dict[str, Tensor]:
    """Tensors beside a model's own in its files, by what follows `prefix` in their names; only shards that hold some are read.

    Raises:
        RuntimeError: they are in a pickle and that is not allowed.
    """
    for ending in ("safetensors", "bin"):
        files = sorted(folder.glob(f"*.{ending}"))
        for index in folder.glob(f"*.{ending}.index.json"):
            shards = json.loads(index.read_text(encoding="utf-8"))["weight_map"]
            files = [folder / shard for shard in sorted({shards[name] for name in shards if name.startswith(prefix)})]
        every = {name: tensor for file in files for name, tensor in tensors(file, settings, prefix).items()}
        if every:
            return {name.removeprefix(prefix): tensor for name, tensor in every.items()}
    return {}


def flat(found: Mapping[str, Any], before: str = "") -> dict[str, Tensor]:
    """Tensors of nested mappings, by dotted name; anything else in them is left out."""
    named: dict[str, Tensor] = {}
    for name, value in found.items():
        if isinstance(value, Mapping):
            named |= flat(value, f"{before}{name}.")
        elif hasattr(value, "dtype"):
            named[f"{before}{name}"] = value
    return named


def fill(module: nn.Module, found: Mapping[str, Tensor], whose: str) -> None:
    """Put tensors into a module, in the module's own dtype; a module on the meta device takes the tensors themselves.

    Raises:
        RuntimeError: a tensor is missing, left over, or of another shape; one sentence that names it.
    """
    own = module.state_dict()
    fits(own, found, whose)
    module.load_state_dict(dict(found), assign=any(t.is_meta for t in own.values()))


def fits(own: Mapping[str, Tensor], found: Mapping[str, Tensor], whose: str) -> None:
    """Check that both have the same names and shapes; their numbers may be nowhere (torch's device `meta`).

    Raises:
        RuntimeError: a tensor is missing, left over, or of another shape; one sentence that names it.
    """
    for name in own.keys() - found.keys():
        raise RuntimeError(f"{whose} lacks the tensor {name}")
    for name in found.keys() - own.keys():
        raise RuntimeError(f"{whose} has a tensor {name} that belongs nowhere")
    for name, tensor in found.items():
        if tensor.shape != own[name].shape:
            raise RuntimeError(f"{whose}: {name} has shape {list(tensor.shape)}, where {list(own[name].shape)} is needed")


def out_of_memory(error: BaseException) -> bool:
    """Is it the want of memory, on a GPU or not?"""
    return isinstance(error, MemoryError) or "out of memory" in str(error).lower() or "can't allocate memory" in str(error)
