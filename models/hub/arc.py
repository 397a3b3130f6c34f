"""ARC-Encoder (kyutai): a Llama 3.2 3B that sees the text both ways, a vector for eight tokens, read by a frozen base model.

Facts from github kyutai-labs/ARC-Encoder: `embed_llm/models/augmented_model.py` (order of vectors, bridge, loading),
`embed_llm/data/sequence_iterators.py` and `data/tokenize.py` (what reconstruction was trained on), and `configs/`.
A repository on the hub holds `config.json`, whose 749 bytes (`multi`) are exactly the arguments in `configs/` [inferred], and
`model.safetensors`: `embedder.*` (see `models.hub.arc_encoder`), `embedder.rec_tok.N.weight`, and `bridge_module.layer1.weight`,
`layer2.weight`, with a number between for `multi`. In float32 these shapes make 12.16 GB for `multi`; 12.2 are published.

Reconstruction as trained: `[bridge(encoder(BOS text EOS)); bridge(rec_tok); BOS; text; EOS]`, in chunks of 256 tokens. A window
is taken for a whole text [inferred]. The decoder's rotary angles are those of θ alone, without the scaling of Llama 3.1. It is no
`Answerer`: the decoders are base models, asked with answered examples in clear (`embed_llm/generation/eval_context_comp.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from models.hub.card import Card, Check, Part
from models.hub.row import hub_row
from models.hub.settings import HubSettings

if TYPE_CHECKING:
    from models.compressor import Compressor, Row

RATIO = 8
WINDOW = 254  # tokens of a training chunk, less the two that begin and end it
LLAMA = Part("meta-llama/Llama-3.1-8B", 16_060_522_496, "Llama 3.1 Community Licence", without=("original/*",))
MISTRAL = Part("mistralai/Mistral-7B-v0.3", 14_496_047_104, "Apache-2.0", without=("consolidated*",))
TOKENIZER = Part("meta-llama/Llama-3.2-3B", 0, "Llama 3.2 Community Licence", files=("tokenizer.json", "tokenizer_config.json"))
CHECK = Check(
    "memory_gain", 0.5, "The threshold is ours: far above the nought of weights that do not belong together, never measured here."
)
LIMITS = (
    "A fifth of its training was reconstruction, and the text is brought back by the vector trained for it. The encoder builds "
    "on Llama 3.2, whose licence holds beside CC BY 4.0; its authors mean it to be fine-tuned before use."
)


def rows() -> list[Row]:
    single, double = 12_104_376_320, 12_163_121_152  # bytes of the encoders' float32 numbers
    return [
        _row("arc-8-llama", "read by Llama 3.1 8B", "kyutai/ARC8_Encoder_Llama", single, 0, (LLAMA,)),
        _row("arc-8-mistral", "read by Mistral 7B", "kyutai/ARC8_Encoder_Mistral", single, 0, (MISTRAL, TOKENIZER)),
        _row("arc-8-multi", "trained for two, read by Llama 3.1 8B", "kyutai/ARC8_Encoder_multi", double, 0, (LLAMA,)),
        _row(
            "arc-8-multi-mistral",
            "trained for two, read by Mistral 7B",
            "kyutai/ARC8_Encoder_multi",
            double,
            1,
            (MISTRAL, TOKENIZER),
        ),
    ]


def _row(name: str, what: str, repo: str, size: int, number: int, others: tuple[Part, ...]) -> Row:
    encoder = Part(repo, size, "CC BY 4.0, built on Llama 3.2 (Llama 3.2 Community Licence)")
    card = Card(
        (encoder, *others),
        CHECK,
        paper="https://arxiv.org/abs/2510.20535",
        code="https://github.com/kyutai-labs/ARC-Encoder",
        limits=LIMITS,
    )
    decoder = 8_030_261_248 if others[0] is LLAMA else 7_248_023_552
    parameters = {"compressor": size // 4, "embeddings": 0, "decoder": decoder}
    title = f"ARC-Encoder: a Llama 3.2 3B, {what}"
    return hub_row(name, title, "soft", (RATIO,), RATIO, WINDOW, card, partial(load, number), parameters)


def load(number: int, folders: Sequence[Path], settings: HubSettings, options: tuple[str, ...]) -> Compressor:
    """The compressor from the encoder's folder, its decoder's, and one with the encoder's tokenizer if that is another's.

    Args:
        number: which of the decoders it was trained for.
    """
    from models.hub.arc_encoder import assembled

    encoder, decoder, *tokenizers = folders
    return assembled(encoder, decoder, tokenizers[0] if tokenizers else decoder, settings, number, WINDOW)
