"""xRAG: a text is one vector, a retriever's embedding of it through a projector, read by Mistral 7B Instruct.

Facts from github Hannibal046/xRAG: `src/model/xMistral/modeling_xmistral.py` (the projector), `src/model/SFR/modeling_sfr.py`
(hidden state of the last token, not normalised), `src/language_modeling/preprocessing.py` and `utils.py` (the paraphrase prompts,
the chat format), `config/language_modeling/*.yaml` (texts of 180 retriever tokens), `tutorial.ipynb`. On the hub xrag-7b is the
whole decoder in bfloat16 as `pytorch_model-0000N-of-00003.bin`, with `projector.projector.0` and `.2` (weight, bias), and a
vocabulary of 32,002, the last two for padding and for the vector's place. 2 bytes × (7,241,748,480 + 33,562,624) = 14.55 GB, as
published. SFR-Embedding-Mistral has `add_eos_token`, so a text is read as `[BOS text EOS]`. Its tokenizer serves the decoder too:
both are Mistral 7B's of 32,000 tokens [inferred], and xrag-7b has it only in a form that needs another package.

Given to the decoder: `BOS [INST] These two expressions are equivalent in essence:\\n(1) ` Z `\\n(2) [/INST]` text EOS, one of the
thirteen prompts of its paraphrase training. The text's first token has a space of its own, which it had not there [known].
To answer (`src/eval/run_eval.py`, `utils.py`): `BOS [INST] Refer to the background document and answer the questions:\\n\\n
Background: ` Z … `\\n\\nQuestion: …? [/INST] The answer is:`, a space between the vectors of several texts, up to the first of
`\\n . ,`. [inferred] That space is one token. A question mark is put only where there is none.
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

WINDOW = 178  # the retriever's 180 tokens, less the two that begin and end a text
BEFORE, AFTER = "[INST] These two expressions are equivalent in essence:\n(1) ", "\n(2) [/INST]"
ASK = "[INST] Refer to the background document and answer the questions:\n\nBackground: "
QUESTION, STOPS = "\n\nQuestion: {} [/INST] The answer is:", ("\n", ".", ",")
CARD = Card(
    (
        Part(
            "Hannibal046/xrag-7b",
            14_550_622_208,
            "none stated (the base, Mistral 7B Instruct v0.2: Apache-2.0)",
            files=("*.json", "*.bin", "*.safetensors"),
            pickle=True,
        ),
        Part("Salesforce/SFR-Embedding-Mistral", 14_221_320_192, "CC BY-NC 4.0", without=("lora/*", "1_Pooling/*")),
    ),
    Check(
        "memory_gain",
        0.2,
        "The threshold is ours: above the nought of a vector that says nothing of the text, never measured here.",
    ),
    paper="https://arxiv.org/abs/2405.13792",
    code="https://github.com/Hannibal046/xRAG",
    limits="One vector stands for up to 178 tokens. It was trained for a paraphrase, and a paraphrase is what it is asked for: "
    "do not expect the source's words. The retriever may be used for non-commercial purposes only.",
)


def rows() -> list[Row]:
    parameters = {"compressor": 7_110_660_096, "embeddings": 0, "decoder": 7_275_311_104}
    title = "xRAG: one vector of a retriever, read by Mistral 7B"
    return [hub_row("xrag", title, "soft", (WINDOW,), WINDOW, WINDOW, CARD, load, parameters, answers=True)]


def load(folders: Sequence[Path], settings: HubSettings, options: tuple[str, ...]) -> Compressor:
    from models.hub.retriever import assembled

    made = assembled(folders[0], folders[1], settings, BEFORE, AFTER, WINDOW)
    made.asks = ASK, QUESTION, STOPS
    return made
