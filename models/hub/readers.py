"""Rows of compressors that stand on any causal language model: a plain one with a small public model, and a pattern."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache, partial

from models.compressor import Row
from models.hub.card import Check, Part

SMALL = "openai-community/gpt2"  # Selective Context's default, the smallest that LLMLingua reports, public without a form
SMALL_PART = Part(
    SMALL,
    548_105_171,
    "MIT",
    ("config.json", "generation_config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"),
)
SMALL_SIZE = {"compressor": 85_842_432, "embeddings": 38_597_376, "decoder": 0}
NO_MODEL = (
    "put a model in MODEL's place: a folder with a causal language model, or a name on the hub, as in {kind}:Qwen/Qwen3-0.6B"
)
CHECK = Check(
    "predictability",
    3.0,
    "A trained language model is some 6 nats a token better than an even guess on plain English, random ones about 0.",
)


def part(model: str) -> Part:
    return SMALL_PART if model == SMALL else Part(model)


def called(model: str) -> str:
    return "GPT-2" if model == SMALL else model.rstrip("/").rpartition("/")[2] or model


def reader_rows(kind: str, make: Callable[[str, str], Row]) -> list[Row]:
    """`kind` with the small model, and `kind:MODEL`.

    Args:
        make: (name, model) → row.
    """
    made = lru_cache(maxsize=64)(lambda model: make(f"{kind}:{model}", model))
    listed = made("MODEL")
    title = listed.title.replace("MODEL", "a language model of yours")
    return [
        make(kind, SMALL),
        replace(listed, title=title, card=None, pattern=made, why_not=partial(NO_MODEL.format, kind=kind)),
    ]
