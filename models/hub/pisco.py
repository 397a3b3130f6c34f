"""PISCO (Louis et al. 2025, naver/pisco-mistral, naver/pisco-llama): 128 tokens become 8 vectors, by `memtokens.py`.

Facts: configuration fields, tensor names and prompt from the published modelling_pisco.py (mirrored in lixingyi701/quro-…,
third_party/). File sizes agree with two bfloat16 adapters of rank 16 on all linear layers (2 x 83.9 MB) and with embeddings and
output rows of 32,011 and 128,267 tokens (524 MB, 2.1 GB). [inferred] The base of pisco-llama is Llama-3.1-8B-Instruct (paper).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from models.compressor import Row
from models.hub.card import Card, Check, Part
from models.hub.memprompts import CHECKPOINT, LLAMA, LORA_16, MISTRAL, REPEAT, UNTRAINED, adapter_bytes
from models.hub.row import hub_row
from models.hub.settings import HubSettings

if TYPE_CHECKING:
    from models.hub.memtokens import MemHub

CHECK = Check("memory_gain", 0.3, UNTRAINED)
LIMITS = (
    "Trained to answer questions from memory, never to bring a text back: the text is asked for with "
    f"“{REPEAT}” where a question would stand, and the answer may shorten or paraphrase. "
    "A last window of fewer than 128 tokens also gets 8 vectors, as published."
)


def rows() -> list[Row]:
    return [
        _row("pisco-mistral", "PISCO, Mistral 7B", MISTRAL, 7_241_732_096, 32_011),
        _row("pisco-llama", "PISCO, Llama 3.1 8B", LLAMA, 8_030_261_248, 128_267),
    ]


def _row(name: str, title: str, base: Part, numbers: int, vocabulary: int) -> Row:
    def load(folders: Sequence[Path], settings: HubSettings, options: tuple[str, ...]) -> MemHub:
        from models.hub import memtokens

        return memtokens.load(name, folders[0], folders[1], settings, answers=True)

    own = Part(f"naver/{name}", adapter_bytes(2, vocabulary), "CC BY 4.0", CHECKPOINT, pickle=True)
    card = Card((own, base), CHECK, "https://arxiv.org/abs/2501.16075", f"https://huggingface.co/naver/{name}", LIMITS)
    embeddings = vocabulary * 4096
    parts = {"compressor": numbers + LORA_16 - embeddings, "embeddings": embeddings, "decoder": numbers + LORA_16 - embeddings}
    return hub_row(name, title, "soft", (16,), 16, 128, card, load, parts, answers=True)
