"""OSCAR (Louis et al. 2025, naver/oscar-mistral-7B): Llama-3.2-1B compresses 128 tokens into 8 vectors for Mistral 7B.

Compression depends on a query. Facts from the published modelling_pisco.py (the class BertCompressor there): the encoder is a
transformer trained whole, `compressor/compressor.pth`, whose tokenizer gets `<MEM0> … <MEM7>`; it reads the pair (query, text) as
its tokenizer joins pairs and then the memory tokens; the last hidden states at these go through Linear, ReLU, Linear
(`compressor/mlp.pth`) to the decoder's width. The decoder is PISCO's, with one adapter. It is no `Answerer` here: it answers from
memory made for the very question, and `compress` knows none.

[inferred] The encoder's name: the published config.json (944 bytes) is 12 longer than that of naver/oscar-qwen2-7B, which names
Llama-3.2-1B-Instruct, and so is the name of its decoder. `adapters.pth` (84 MB) holds one adapter, as it should then.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.compressor import Row
from models.hub.card import Card, Check, Part
from models.hub.memprompts import CHECKPOINT, LORA_16, MISTRAL, REPEAT, UNTRAINED, WORDS, adapter_bytes
from models.hub.row import hub_row
from models.hub.settings import HubSettings

if TYPE_CHECKING:
    from torch import Tensor

    from models.hub.memtokens import MemHub, MemTokens

ENCODER, MLP = "compressor/compressor.pth", "compressor/mlp.pth"
ENCODER_SIZE = 1_235_814_400 + 8 * 2048  # numbers of Llama-3.2-1B with 8 more embeddings
MLP_SIZE = (2048 + 1) * 8096 + (8096 + 1) * 4096
QUERY = REPEAT  # in its use the same question goes to the encoder and to the decoder
CHECK = Check("memory_gain", 0.3, UNTRAINED)
LIMITS = (
    "Made to compress what answers a question, known when it compresses. There is none here: encoder and decoder are both given "
    f"“{QUERY}” in its place, which is not its use, and it was never trained to bring a text back. "
    "A last window of fewer than 128 tokens also gets 8 vectors, as published. "
    "Its tag says CC BY 4.0, but the card of its Qwen2 sister CC BY-NC 4.0."
)


def rows() -> list[Row]:
    own = Part(
        "naver/oscar-mistral-7B",
        adapter_bytes(1, 32_011) + 2 * (ENCODER_SIZE + MLP_SIZE),
        "CC BY 4.0",
        (*CHECKPOINT, ENCODER, MLP),
        pickle=True,
    )
    words = Part("meta-llama/Llama-3.2-1B-Instruct", 0, "Llama 3.2 Community Licence", WORDS)
    card = Card(
        (own, MISTRAL, words), CHECK, "https://arxiv.org/abs/2504.07109", "https://huggingface.co/naver/oscar-mistral-7B", LIMITS
    )
    embeddings = 32_011 * 4096
    parts = {"compressor": ENCODER_SIZE + MLP_SIZE, "embeddings": embeddings, "decoder": 7_241_732_096 + LORA_16 - embeddings}
    return [hub_row("oscar-mistral-7b", "OSCAR, Mistral 7B", "soft", (16,), 16, 128, card, load, parts)]


def load(folders: Sequence[Path], settings: HubSettings, options: tuple[str, ...]) -> MemHub:
    from models.hub import memtokens

    own, base, words = folders

    def encoder(model: Any, tokens: MemTokens, config: Mapping[str, Any]) -> Encode:
        return encode_with(own, words, model, tokens, config, settings)

    return memtokens.load("oscar-mistral-7b", own, base, settings, encoder=encoder)


Encode = Callable[[Sequence[str], Sequence[Sequence[int]]], "list[Tensor]"]


def encode_with(
    own: Path, words: Path, model: Any, tokens: MemTokens, config: Mapping[str, Any], settings: HubSettings
) -> Encode:
    """The encoder, on the device where the decoder begins.

    Raises:
        RuntimeError: the checkpoint is one of those that compress with the first layers of their decoder, or does not fit.
    """
    import torch

    from models.hub import weights

    if config.get("compr_model_name") in (None, "mistral_trimmed") or not config.get("compr_use_mlp", True):
        raise RuntimeError(
            f"{own} compresses with {config.get('compr_model_name')}, which is not supported: an encoder with an MLP is"
        )
    table = model.get_input_embeddings().weight
    network = transformer(words, weights.tensors(own / ENCODER, settings)).to(table)
    found = weights.tensors(own / MLP, settings)
    if sorted(found) != ["0.bias", "0.weight", "2.bias", "2.weight"]:
        raise RuntimeError(f"{own / MLP} holds {', '.join(sorted(found))}, where two linear layers are needed")
    first, second = found["0.weight"].shape, found["2.weight"].shape
    mlp = torch.nn.Sequential(torch.nn.Linear(first[1], first[0]), torch.nn.ReLU(), torch.nn.Linear(second[1], second[0]))
    weights.fill(mlp, found, str(own / MLP))
    mlp = mlp.to(table).requires_grad_(False)
    theirs = weights.tokenizer(words).tokenizer
    theirs.add_tokens([_special(name) for name in tokens.names], special_tokens=True)
    mem = theirs.convert_tokens_to_ids(tokens.names)
    backend = theirs.backend_tokenizer  # transformers' own call would read a text that spells a token as that token

    def encode(texts: Sequence[str], ids: Sequence[Sequence[int]]) -> list[Tensor]:
        made = []
        for text in texts:
            row = torch.tensor([[*backend.encode(QUERY, text).ids, *mem]], device=table.device)
            made.append(mlp(network(input_ids=row, use_cache=False).last_hidden_state[0, -len(mem) :]))
        return made

    return encode


def transformer(folder: Path, found: Mapping[str, Tensor]) -> Any:
    """A frozen model of the folder's architecture, with as many embeddings as there are, and these weights.

    Raises:
        RuntimeError: they do not fit it.
    """
    import torch
    from transformers import AutoConfig, AutoModel

    from models.hub import weights

    config = AutoConfig.from_pretrained(folder, trust_remote_code=False, local_files_only=True)
    config.vocab_size = len(found.get("embed_tokens.weight", ()))
    with torch.device("meta"):  # names and shapes, no numbers
        own = AutoModel.from_config(config).state_dict()
    weights.fits(own, found, "the encoder")
    made = AutoModel._model_mapping[type(config)].from_pretrained(None, config=config, state_dict=dict(found))
    return made.eval().requires_grad_(False)


def _special(name: str) -> Any:
    from tokenizers import AddedToken

    return AddedToken(name, special=True, normalized=False)
