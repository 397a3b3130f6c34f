"""Tiny random language models of transformers' kind on disk, each with a tokenizer trained here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

TEXT = "Anna met Ben by the mill, and Ben gave Anna 12 pears; Carl saw 3 of them fall into the river."
SIZES = {"vocab_size": 300, "hidden_size": 48, "intermediate_size": 96, "num_hidden_layers": 2, "num_attention_heads": 4}


def tokenizer(begin: bool = True) -> Any:
    """Byte-level BPE over 300 ids; `<s>` begins a text if asked for, `</s>` ends one."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer, bpe.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    settings = {"initial_alphabet": pre_tokenizers.ByteLevel.alphabet(), "special_tokens": ["<s>", "</s>"]}
    bpe.train_from_iterator([TEXT] * 4, trainers.BpeTrainer(vocab_size=300, show_progress=False, **settings))
    return PreTrainedTokenizerFast(tokenizer_object=bpe, eos_token="</s>", **({"bos_token": "<s>"} if begin else {}))


def network(kind: str = "llama", **changes: Any) -> Any:
    """A random model of 2 layers and width 48; weights larger than usual, so that what is read makes a difference."""
    import torch
    import transformers as t

    torch.manual_seed(1)
    settings = SIZES | {"max_position_embeddings": 256, "initializer_range": 0.1, "bos_token_id": 0, "eos_token_id": 1} | changes
    if kind == "llama":
        return t.LlamaForCausalLM(t.LlamaConfig(**{"tie_word_embeddings": True} | settings)).eval()
    if kind == "qwen3":
        return t.Qwen3ForCausalLM(t.Qwen3Config(num_key_value_heads=2, head_dim=16, **settings)).eval()
    if kind == "neox":
        return t.GPTNeoXForCausalLM(t.GPTNeoXConfig(**settings)).eval()
    return t.GPT2LMHeadModel(
        t.GPT2Config(vocab_size=300, n_embd=48, n_layer=2, n_head=4, n_positions=96, initializer_range=0.1)
    ).eval()


def save(folder: Path, kind: str = "llama", **changes: Any) -> str:
    """A model and its tokenizer in a folder; returns the folder as a name."""
    network(kind, **changes).save_pretrained(folder)
    tokenizer(begin=kind in ("llama", "gpt2")).save_pretrained(folder)
    return str(folder)
