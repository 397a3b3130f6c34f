"""AutoCompressor (Princeton): a language model that turns a segment of text into 50 summary vectors for itself to read.

Facts from github princeton-nlp/AutoCompressors: `auto_compressor.py` (order, positions, what is accumulated), `README.md`,
`substep_trainer.py` and `run/train*.sh` (segments: 6,144 tokens in 4, or 30,720 in 20, their lengths drawn at random). On the
hub: a whole model, OPT in float32 or Llama 2 in bfloat16, as `pytorch_model*.bin`, with one tensor more, `embed_summary.weight`.
The sizes agree: 2 bytes × (6,738,415,616 + 50 × 4,096) = 13.48 GB; 4 × (1,315,758,080 + an own output embedding) = 5.68 GB.

A segment is compressed as `[text; embed_summary]`, and the last 50 hidden states are the summary, read as input embeddings before
a text. With OPT, summaries and summary tokens have the position of padding, and text counts from 0 as if they were not there.

The published model accumulates: segment k is compressed and read behind the summaries of all segments before it. Windows here are
independent, as is the first segment there. The model never learnt to say a text's first token behind a summary (it was predicted
from the text before), so the begin token stands between [inferred].
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from models.hub.card import Card, Check, Part
from models.hub.row import hub_row
from models.hub.settings import HubSettings

if TYPE_CHECKING:
    from models.compressor import Compressor, Row

WINDOW = 1_536  # tokens of a training segment, on average
RATIO = 31  # 1,536 tokens / 50 vectors
FILES = ("*.json", "*.bin", "*.safetensors", "*.model")
CHECK = Check(
    "memory_gain", 0.1, "The threshold is ours: above the nought of vectors that say nothing of the text, never measured here."
)
LIMITS = (
    "It learnt to use a summary for what comes next, never to repeat a text: there is no reconstruction, only how much likelier "
    "the summary makes the source's own tokens. Each window becomes 50 vectors by itself, however short it is; the published "
    "model also lets a segment see the summaries of those before it."
)
FLASH = " The authors trained with flash attention and saw worse figures without it."


def rows() -> list[Row]:
    return [
        _row("Llama-2-7b-6k", "Llama 2 7B", 13_477_240_832, 6_738_620_416, LIMITS + FLASH),
        _row("2.7b-6k", "OPT 2.7B", 11_640_000_000, 2_651_724_800),
        _row("2.7b-30k", "OPT 2.7B, long texts", 11_640_000_000, 2_651_724_800),
        _row("1.3b-30k", "OPT 1.3B, long texts", 5_675_270_144, 1_315_860_480),
    ]


def _row(which: str, base: str, size: int, numbers: int, limits: str = LIMITS) -> Row:
    part = Part(f"princeton-nlp/AutoCompressor-{which}", size, "Apache-2.0", files=FILES, pickle=True)
    card = Card(
        (part,),
        CHECK,
        paper="https://aclanthology.org/2023.emnlp-main.232",
        code="https://github.com/princeton-nlp/AutoCompressors",
        limits=limits,
    )
    return hub_row(
        f"autocompressor-{which.lower()}",
        f"AutoCompressor: {base}, 50 summary vectors a segment",
        "soft",
        (RATIO,),
        RATIO,
        WINDOW,
        card,
        load,
        {"compressor": numbers, "embeddings": 0, "decoder": 0},  # one model is both
        reconstructs=False,
    )


def load(folders: Sequence[Path], settings: HubSettings, options: tuple[str, ...]) -> Compressor:
    from models.hub.summaries import assembled

    return assembled(folders[0], settings, WINDOW)
