"""The bundled families: `pocket-…`, free memory, and the older `superposition…` and `pruning` around a decoder of their own.

Rows are made without importing torch; weights load at first use.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from functools import lru_cache
from math import prod
from pathlib import Path

from models.compressor import Compressor, Row

WEIGHTS = Path(__file__).with_name("weights")
SOFT_RATIOS = (4, 16, 32, 64)
FREE_RATIOS = (4, 16, 64)
FREE = {"pocket-xs": "0.5 M", "pocket-s": "1.8 M", "pocket-m": "5.6 M", "pocket-l": "13 M"}
CHECKPOINTS = (
    "early",
    "middle",
    "late",
    "joint",
)  # other weights of a size, where they ship: on the way, or of the decoder's run
WORD_RATIOS = (2, 4, 16, 64)
WINDOW = 128


def device() -> str:
    """Where bundled models compute: `INSPECTOR_DEVICE`, or the CPU."""
    return os.environ.get("INSPECTOR_DEVICE", "cpu")


@lru_cache(maxsize=1)
def shared(where: str):
    """Decoder and tokenizer, one for all rows: what is shared by identity is decoded in one batch."""
    from models.pocket.decoder import PocketDecoder
    from models.pocket.network import DecoderNetwork
    from models.pocket.soft import load_network
    from models.pocket.tokenizer import bundled

    return PocketDecoder(load_network(DecoderNetwork(), WEIGHTS / "decoder.safetensors", where)), bundled()


@lru_cache(maxsize=1)
def free_reader(where: str):
    """The decoder that reads free memory, and the tokenizer."""
    from models.pocket.decoder import PrefixDecoder
    from models.pocket.free import FreeDecoderNetwork
    from models.pocket.soft import load_network
    from models.pocket.tokenizer import bundled

    return PrefixDecoder(load_network(FreeDecoderNetwork(), WEIGHTS / "pocket-decoder.safetensors", where)), bundled()


def load_free(name: str) -> Callable[[tuple[str, ...]], Compressor]:
    def load(options: tuple[str, ...]) -> Compressor:
        from models.pocket.free import FREE_COMPRESSORS, FreeCompressorNetwork
        from models.pocket.soft import FreeCompressor, load_network

        file = WEIGHTS / f"{'+'.join((name, *options))}.safetensors"
        return FreeCompressor(*free_reader(device()), load_network(FreeCompressorNetwork(FREE_COMPRESSORS[name]), file, device()))

    return load


def load_soft(name: str | None) -> Callable[[tuple[str, ...]], Compressor]:
    def load(_: tuple[str, ...]) -> Compressor:
        from models.pocket.network import COMPRESSORS, CompressorNetwork
        from models.pocket.soft import SoftCompressor, load_network

        network = name and load_network(CompressorNetwork(COMPRESSORS[name]), WEIGHTS / f"{name}.safetensors", device())
        return SoftCompressor(*shared(device()), network or None)

    return load


def load_pruning(options: tuple[str, ...]) -> Compressor:
    from models.pocket.pruning import Pruning

    return Pruning(*shared(device()), options)


def count(file: Path) -> dict[str, int]:
    """Parameters by tensor name, from a safetensors header alone."""
    if not file.exists():
        return {}
    with file.open("rb") as f:
        header = json.loads(f.read(int.from_bytes(f.read(8), "little")))
    return {k: prod(v["shape"]) for k, v in header.items() if k != "__metadata__" and "phases" not in k}


def missing(*names: str) -> Callable[[], str | None]:
    def why_not() -> str | None:
        absent = [f"{n}.safetensors" for n in names if not (WEIGHTS / f"{n}.safetensors").exists()]
        return f"{' and '.join(absent)} not found in models/pocket/weights" if absent else None

    return why_not


def size(decoder: dict[str, int], name: str | None = None) -> dict[str, int]:
    """Parameters as a row tells them, for a compressor's weights and its decoder's."""
    embeddings = decoder.get("embed_tokens.weight", 0)
    own = sum(count(WEIGHTS / f"{name}.safetensors").values()) if name else 0
    return {"compressor": own, "embeddings": embeddings, "decoder": sum(decoder.values()) - embeddings}


def free_rows() -> list[Row]:
    decoder, rows = count(WEIGHTS / "pocket-decoder.safetensors"), []
    for name, millions in FREE.items():
        title = f"Pocket {name.removeprefix('pocket-').upper()}: free memory of a {millions} transformer"
        shipped = tuple(o for o in CHECKPOINTS if (WEIGHTS / f"{name}+{o}.safetensors").exists())
        settings = {"parameters": size(decoder, name), "why_not": missing("pocket-decoder", name), "options": shipped}
        settings |= {"one_option": True, "live": True, "bundled": True, "family": "pocket"}
        rows.append(Row(name, title, "soft", FREE_RATIOS, 16, WINDOW, load_free(name), **settings))
    return rows


def compressors() -> list[Row]:
    """Rows of the families; what a plug-in's function returns too."""
    decoder = count(WEIGHTS / "decoder.safetensors")
    common = {"window": WINDOW, "live": True, "bundled": True, "family": "superposition"}
    soft = {
        "superposition": "Superposition: the code alone",
        "superposition-xs": "Superposition XS: code and a 0.6 M transformer",
        "superposition-s": "Superposition S: code and a 2 M transformer",
    }
    rows = free_rows()
    for name, title in soft.items():
        own = None if name == "superposition" else name
        needs = missing("decoder", *([own] if own else ()))
        settings = {"parameters": size(decoder, own), "why_not": needs, **common}
        rows.append(Row(name, title, "soft", SOFT_RATIOS, 16, load=load_soft(own), **settings))
    title = "Pruning: keeps the most surprising words"
    words = {"traces": False, "vectors": False, "options": ("digits", "names")}
    alone = {"parameters": size(decoder), "why_not": missing("decoder")}
    rows.append(Row("pruning", title, "words", WORD_RATIOS, 4, load=load_pruning, **words, **alone, **common))
    return rows
