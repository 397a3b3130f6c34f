"""Tokens, prompts and base models of the compressors in `memtokens.py`, without torch: their cards speak of them.

`SYSTEM` and the frames around the text are the published prompts to the letter (naver/pisco-mistral: modelling_pisco.py,
apple/ml-clara: modeling_clara.py), since decoders were trained with them. Where they have a question, an instruction stands here.
"""

from __future__ import annotations

from models.hub.card import FILES, Part

AE, ENC, SEP = "<AE>", "<ENC>", "<SEP>"
SLOT = "\N{OBJECT REPLACEMENT CHARACTER}"  # where a prompt has its memory
ADAPTERS, ENDS = "adapters.pth", "decoder_first_last_layers.pth"
CHECKPOINT = ("config.json", ADAPTERS, ENDS)

REPEAT = "Repeat the background text word for word."
SYSTEM = (
    "You are a helpful assistant. Your task is to extract relevant information from provided documents "
    "and to answer to questions as briefly as possible."
)
ASK = f"Background:\n{SLOT}{SEP}\n\nQuestion:"  # and the question
USER = f"{ASK}{REPEAT}"

WORDS = (
    "config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map*",
    "*.jinja",
)  # a tokenizer without weights
UNTRAINED = (
    "It was never trained to bring a text back, so only what memory adds to the prior is asked for: random weights add nothing."
)

LORA_16 = 41_943_040  # numbers of one adapter of rank 16 on all linear layers of Mistral-7B or Llama-3.1-8B, whose layers agree
MISTRAL = Part(
    "mistralai/Mistral-7B-Instruct-v0.2", 14_483_464_192, "Apache-2.0", FILES, without=("consolidated*",)
)  # 7,241,732,096 numbers
LLAMA = Part(
    "meta-llama/Llama-3.1-8B-Instruct", 16_060_522_496, "Llama 3.1 Community Licence", FILES, without=("original/*",)
)  # 8,030,261,248 numbers


def adapter_bytes(adapters: int, vocabulary: int, width: int = 4096) -> int:
    """Bytes of `ADAPTERS` and `ENDS` in bfloat16: so many adapters of rank 16, embeddings and output rows."""
    return 2 * (adapters * LORA_16 + 2 * vocabulary * width)
