"""Token frequencies for a compressor's tokenizer, where somebody counted them."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from models.compressor import Compressor

if TYPE_CHECKING:
    from torch import Tensor

FILE = Path(__file__).parents[2] / "models" / "pocket" / "unigrams.safetensors"


@lru_cache(maxsize=1)
def bundled_table(file: Path = FILE) -> tuple[str, Tensor] | None:
    """The fingerprint of the tokenizer that was counted with, and log-probabilities in nats, float32 [vocabulary]."""
    from safetensors import safe_open

    if not file.exists():
        return None
    with safe_open(file, "pt") as f:
        return f.metadata()["fingerprint"], f.get_tensor("log_probabilities").float()


def unigrams(compressor: Compressor) -> Tensor | None:
    """Log-probabilities of tokens without context: the compressor's own `unigrams` [vocabulary], or the bundled table, or None.

    The bundled table counts the training text of the pocket family and goes by the tokenizer's fingerprint.
    """
    own = getattr(compressor, "unigrams", None)
    if own is not None:
        return own
    fingerprint = getattr(getattr(compressor, "tokenizer", None), "fingerprint", None)
    table = bundled_table() if fingerprint else None
    return table[1] if table and table[0] == fingerprint else None
