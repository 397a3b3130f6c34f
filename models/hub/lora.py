"""LoRA on a model that several compressors share: attached under a name, off unless somebody is `using` it.

Whoever runs a model that may carry adapters runs it in `using(model, name)`, or `using(model, None)` for the plain weights
(`models.hub.causal.CausalDecoder` does), so that a thread never meets another's adapter.
"""

from __future__ import annotations

import re
import threading
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from torch import Tensor

LORA = re.compile(r"^(?P<module>.+)\.lora_(?P<part>[AB])(?:\.[^.]+)?(?:\.weight)?$")


@dataclass
class Attached:
    lock: threading.RLock = field(default_factory=threading.RLock)
    names: set[str] = field(default_factory=set)
    active: str | None = None


_ATTACHED: WeakKeyDictionary[Any, Attached] = WeakKeyDictionary()
_GUARD = threading.Lock()


def attach(
    model: Any, name: str, tensors: Mapping[str, Tensor], rank: int, alpha: float, targets: Sequence[str], prefix: str = ""
) -> None:
    """Put an adapter beside a model's weights; the model stays as it was until somebody is `using` it.

    Args:
        model: a transformers model.
        name: one word without dots.
        tensors: `MODULE.lora_A[.ANY].weight` and `…lora_B…`, and no other names.
        rank, alpha: the recipe's; what is added is `alpha / rank * B(A(x))`.
        targets: last names of the modules adapted, such as `q_proj`.
        prefix: regular expression of what stands before the module's own name in `tensors`.

    Raises:
        RuntimeError: a tensor belongs nowhere, is missing or has another shape; the message names it.
    """
    import torch
    from peft import LoraConfig, inject_adapter_in_model

    with _GUARD:
        state = _ATTACHED.setdefault(model, Attached())
    with state.lock, warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Already found a `peft_config`")  # several adapters are what this is for
        if name not in state.names:
            inject_adapter_in_model(
                LoraConfig(r=rank, lora_alpha=alpha, target_modules=list(targets), lora_dropout=0.0), model, name
            )
            state.names.add(name)
        own = {k: p for k, p in model.named_parameters() if f".{name}." in k and ".lora_" in k}
        waiting = set(own)
        for key, tensor in tensors.items():
            match = LORA.match(re.sub(f"^(?:{prefix})", "", key) if prefix else key)
            target = match and f"{match['module']}.lora_{match['part']}.{name}.weight"
            if target not in own:
                raise RuntimeError(f"the adapter's tensor {key} belongs to no module of the model")
            if tensor.shape != own[target].shape:
                raise RuntimeError(
                    f"the adapter's tensor {key} has shape {list(tensor.shape)}, where the model needs "
                    f"{list(own[target].shape)}: it was made for another base model"
                )
            with torch.no_grad():
                own[target].copy_(tensor)
            waiting.discard(target)
        if waiting:
            raise RuntimeError(f"the adapter lacks a tensor for {min(waiting)}")
        for parameter in own.values():
            parameter.requires_grad_(False)
        state.active = name  # as peft leaves it
        _switch(model, state, None)


@contextmanager
def using(model: Any, name: str | None) -> Iterator[None]:
    """Run a model with the adapter of that name, or with none; other threads wait."""
    state = _ATTACHED.get(model)
    if state is None:
        if name is not None:
            raise KeyError(f"no adapter {name!r} is attached")
        yield
        return
    with state.lock:
        before = state.active
        _switch(model, state, name)
        try:
            yield
        finally:
            _switch(model, state, before)


def _switch(model: Any, state: Attached, name: str | None) -> None:
    if name == state.active:
        return
    from peft.tuners.tuners_utils import BaseTunerLayer

    for module in model.modules():
        if isinstance(module, BaseTunerLayer):
            module.enable_adapters(name is not None)
            if name is not None:
                module.set_adapter([name])
                module.requires_grad_(False)
    state.active = name
