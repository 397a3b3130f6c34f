"""Public compressors by name, and what compressors around transformers models need. Rows are made without importing torch.

One file a compressor, each with a function `rows`. Nothing is looked up on the hub before somebody asks for it by name.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from models.compressor import Row

ADAPTERS = (
    "icae",
    "c3",
    "lclm",
    "pisco",
    "oscar",
    "cocom",
    "clara",
    "xrag",
    "autocompressor",
    "arc",
    "fivehundred",
    "beacon",
    "lingua",
    "selective",
    "finetuned",
)


def compressors() -> list[Row]:
    """All rows, in the order of `ADAPTERS`."""
    modules = (f"models.hub.{name}" for name in ADAPTERS)
    return [row for name in modules if find_spec(name) for row in import_module(name).rows()]
