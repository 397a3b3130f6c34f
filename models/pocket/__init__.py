"""The bundled pocket family. Rows are made without importing torch; weights load at first use."""

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
    return {k: prod(v["shape"]) for k, v in header.items() if k not in ("__metadata__", "phases")}


def missing(*names: str) -> Callable[[], str | None]:
    def why_not() -> str | None:
        absent = [f"{n}.safetensors" for n in names if not (WEIGHTS / f"{n}.safetensors").exists()]
        return f"{' and '.join(absent)} not found in models/pocket/weights" if absent else None

    return why_not


def compressors() -> list[Row]:
    """Rows of the family; what a plug-in's function returns too."""
    decoder = count(WEIGHTS / "decoder.safetensors")
    embeddings = decoder.get("embed_tokens.weight", 0)
    common = {"window": WINDOW, "live": True, "bundled": True}

    def parameters(name: str | None = None) -> dict[str, int]:
        own = sum(count(WEIGHTS / f"{name}.safetensors").values()) if name else 0
        return {"compressor": own, "embeddings": embeddings, "decoder": sum(decoder.values()) - embeddings}

    titles = {
        "superposition-xs": "Superposition XS: code and a 0.6 M transformer",
        "superposition-s": "Superposition S: code and a 2 M transformer",
    }
    rows = [
        Row(
            name,
            title,
            "soft",
            SOFT_RATIOS,
            16,
            load=load_soft(name),
            parameters=parameters(name),
            why_not=missing("decoder", name),
            **common,
        )
        for name, title in titles.items()
    ]
    alone = {"parameters": parameters(), "why_not": missing("decoder"), **common}
    title = "Superposition: the code alone"
    rows.append(Row("superposition", title, "soft", SOFT_RATIOS, 16, load=load_soft(None), **alone))
    title = "Pruning: keeps the most surprising words"
    words = {"traces": False, "vectors": False, "options": ("digits", "names")}
    rows.append(Row("pruning", title, "words", WORD_RATIOS, 4, load=load_pruning, **words, **alone))
    return rows
