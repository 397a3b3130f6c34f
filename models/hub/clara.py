"""CLaRa (He et al. 2025, apple/CLaRa-7B-Base, -Instruct, -E2E): 256 tokens become 16 or 2 vectors, by `memtokens.py`.

Facts from apple/ml-clara (openrlhf/models/modeling_clara.py) and the published config.json: Mistral-7B-Instruct-v0.2, windows of
256 tokens, subfolders `compression-16` and `compression-128`, adapters `encoder_adapter` and `decoder_adapter`, for E2E also
`query_reasoner_adapter`, which ranks documents and is not needed here. Sizes agree: 241 MiB are three adapters in bfloat16.
Published code leaves the trained decoder adapter of a `stage1_2` checkpoint out unless told `pure_inference`; here it reads.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from models.compressor import Row
from models.hub.card import Card, Check, Part
from models.hub.memprompts import CHECKPOINT, LORA_16, MISTRAL, REPEAT, SEP, SLOT, SYSTEM, UNTRAINED, USER, adapter_bytes
from models.hub.row import hub_row
from models.hub.settings import HubSettings

if TYPE_CHECKING:
    from models.hub.memtokens import MemHub

WINDOW = 256
PARAPHRASE = "Your task is follow the instructions to paraphrase the background information."
PROMPTS = {  # of the first stage, and the first of 13 published frames, which training drew from at random
    "base": (f"You are a helpful assistant. {PARAPHRASE}", f"Background: {SLOT}{SEP} means the same as"),
    "instruct": (SYSTEM, USER),
    "e2e": (SYSTEM, USER),
}
TOLD = {
    "base": "Trained to paraphrase from memory, not to bring the text back: expect other words with the same meaning. "
    "Asked with “Background: … means the same as”, one of its 13 published instructions.",
    "instruct": "Trained to answer questions from memory, never to bring a text back: the text is asked for with "
    f"“{REPEAT}” where a question would stand.",
}
TOLD["e2e"] = TOLD["instruct"]
LICENCE = "Apple Machine Learning Research Model Licence (research only)"


def rows() -> list[Row]:
    return [_row(kind, ratio) for kind in PROMPTS for ratio in (16, 128)]


def _row(kind: str, ratio: int) -> Row:
    label = {"base": "Base", "instruct": "Instruct", "e2e": "E2E"}[kind]
    name, repo, folder = (
        f"clara-7b-{kind}" + ("" if ratio == 16 else f"-{ratio}"),
        f"apple/CLaRa-7B-{label}",
        f"compression-{ratio}",
    )
    count = WINDOW // ratio

    def load(folders: Sequence[Path], settings: HubSettings, options: tuple[str, ...]) -> MemHub:
        from models.hub import memtokens

        return memtokens.load(name, folders[0] / folder, folders[1], settings, *PROMPTS[kind], answers=kind != "base")

    vocabulary = 32_003 + count
    files = tuple(f"{folder}/{file}" for file in CHECKPOINT)
    own = Part(repo, adapter_bytes(3 if kind == "e2e" else 2, vocabulary), LICENCE, files, pickle=True)
    check = Check("memory_gain", 0.3 if ratio == 16 else 0.1, UNTRAINED)
    limits = f"{TOLD[kind]} A last window of fewer than {WINDOW} tokens also gets {count} vectors, as published."
    card = Card((own, MISTRAL), check, "https://arxiv.org/abs/2511.18659", "https://github.com/apple/ml-clara", limits)
    embeddings = vocabulary * 4096
    rest = 7_241_732_096 + LORA_16 - embeddings
    parts = {"compressor": rest, "embeddings": embeddings, "decoder": rest}
    flags = {"answers": kind != "base"}
    return hub_row(name, f"CLaRa {label}, {ratio}×", "soft", (ratio,), ratio, WINDOW, card, load, parts, **flags)
