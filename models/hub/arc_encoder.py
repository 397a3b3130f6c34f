"""ARC-Encoder on plain transformers layers: Llama without the causal mask, pooled in its last layer, and a bridge.

Facts from kyutai-labs/ARC-Encoder (Apache-2.0): `embed_llm/models/enhanced_transformer.py` (forward_embedder),
`transformer_layers.py`, `embedding_modules.py`, `utils/rope.py` and `configs/released_pt_configs/`. Every layer sees the whole
text. In the last one the queries are means over groups of hidden states, at positions 0 … M-1; keys and values are of all
tokens, at 0 … n-1. No norm follows. Rotary angles are of θ alone, without the scaling that Llama 3.2 brings.

Weights have Meta's names and Meta's order of a head's coordinates: pair i is (2i, 2i+1), where transformers has (i, i + half).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from models.hub.prompted import PromptedDecoder
from models.hub.settings import HubSettings
from models.hub.soft import SoftHub
from models.hub.tokens import HubTokenizer
from models.hub.weights import fill, model, tensors, tokenizer

TRUNCATED = 2  # layers of the backbone that were cut off
PLAIN = {"rope_parameters": {"rope_type": "default", "rope_theta": 500_000.0}}  # of a Llama 3.1 decoder, as it was trained with
NAMES = {
    "attention.wq": "self_attn.q_proj",
    "attention.wk": "self_attn.k_proj",
    "attention.wv": "self_attn.v_proj",
    "attention.wo": "self_attn.o_proj",
    "feed_forward.w1": "mlp.gate_proj",
    "feed_forward.w2": "mlp.down_proj",
    "feed_forward.w3": "mlp.up_proj",
    "attention_norm": "input_layernorm",
    "ffn_norm": "post_attention_layernorm",
}


@dataclass(frozen=True)
class Shape:
    """`model_args` of the release."""

    dim: int = 3072
    n_layers: int = 28
    head_dim: int = 128
    hidden_dim: int = 8192
    n_heads: int = 24
    n_kv_heads: int = 8
    norm_eps: float = 1e-5
    vocab_size: int = 128_256
    rope_theta: float = 500_000.0

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Shape:
        return cls(**{name: settings[name] for name in cls.__dataclass_fields__ if name in settings})


class ArcEncoder(nn.Module):
    """ids [batch, n] → hidden states [batch, ceil(n / factor), dim] of equally long texts."""

    def __init__(self, shape: Shape, layers: int) -> None:
        """Make an encoder of `layers` layers whose weights are on the meta device, waiting to be assigned."""
        from transformers import LlamaConfig
        from transformers.models.llama.modeling_llama import LlamaDecoderLayer, LlamaRotaryEmbedding

        super().__init__()
        config = LlamaConfig(
            vocab_size=shape.vocab_size,
            hidden_size=shape.dim,
            intermediate_size=shape.hidden_dim,
            num_hidden_layers=layers,
            num_attention_heads=shape.n_heads,
            num_key_value_heads=shape.n_kv_heads,
            head_dim=shape.head_dim,
            rms_norm_eps=shape.norm_eps,
            rope_parameters={"rope_type": "default", "rope_theta": shape.rope_theta},
            attn_implementation="sdpa",
        )
        with torch.device("meta"):
            self.embed_tokens = nn.Embedding(shape.vocab_size, shape.dim)
            self.layers = nn.ModuleList(LlamaDecoderLayer(config, i) for i in range(layers))
        self.rotary = LlamaRotaryEmbedding(config)  # stays float32

    def forward(self, ids: Tensor, factor: int) -> Tensor:
        h, n = self.embed_tokens(ids), ids.shape[1]
        angles = self.rotary(h, torch.arange(n, device=h.device)[None])
        everything = torch.ones(1, 1, n, n, dtype=torch.bool, device=h.device)  # a mask, so that no causal one is put on
        for layer in self.layers[:-1]:
            h = layer(h, attention_mask=everything, position_embeddings=angles)
        return self.pooled(self.layers[-1], h, groups(n, factor), angles)

    def pooled(self, layer: nn.Module, h: Tensor, sizes: list[int], angles: tuple[Tensor, Tensor]) -> Tensor:
        """The last layer: one query for each group, which is also what its output is added to."""
        from transformers.models.llama.modeling_llama import apply_rotary_pos_emb

        attention = layer.self_attn
        x = torch.stack([part.mean(1) for part in h.split(sizes, 1)], 1)
        queries, all_tokens = layer.input_layernorm(x), layer.input_layernorm(h)
        q, k, v = (
            projection(of).unflatten(-1, (-1, attention.head_dim)).transpose(1, 2)
            for projection, of in ((attention.q_proj, queries), (attention.k_proj, all_tokens), (attention.v_proj, all_tokens))
        )
        cos, sin = angles
        q, _ = apply_rotary_pos_emb(q, q, cos[:, : len(sizes)], sin[:, : len(sizes)])
        k, _ = apply_rotary_pos_emb(k, k, cos, sin)
        seen = F.scaled_dot_product_attention(q, k, v, enable_gqa=True)
        x = x + attention.o_proj(seen.transpose(1, 2).flatten(2))
        return x + layer.mlp(layer.post_attention_layernorm(x))


def linear(weight: Tensor) -> nn.Linear:
    """The map x → W x."""
    made = nn.Linear(*weight.shape[::-1], bias=False, device="meta")
    made.weight = nn.Parameter(weight)
    return made


def groups(n: int, factor: int) -> list[int]:
    """How n tokens are shared among ceil(n / factor) vectors: as evenly as can be, the longer groups first."""
    size = -(-n // factor)
    return [n // size + (i < n % size) for i in range(size)]


def turned(weight: Tensor, head_dim: int) -> Tensor:
    """Rows of a query or key projection, from Meta's order within a head to transformers': evens first, then odds."""
    return weight.unflatten(0, (-1, head_dim // 2, 2)).transpose(1, 2).reshape(weight.shape)


def converted(tensors: Mapping[str, Tensor], head_dim: int) -> dict[str, Tensor]:
    """Tensors by Meta's names (`layers.0.attention.wq.weight` …) as the names and order of `ArcEncoder`; others keep theirs."""
    found = {}
    for name, tensor in tensors.items():
        match = re.fullmatch(r"layers\.(\d+)\.(.+)\.weight", name)
        if match and match[2] in NAMES:
            tensor = turned(tensor, head_dim) if match[2] in ("attention.wq", "attention.wk") else tensor
            name = f"layers.{match[1]}.{NAMES[match[2]]}.weight"
        found[name.replace("tok_embeddings.", "embed_tokens.")] = tensor
    return found


class Arc(SoftHub):
    """The encoder has a tokenizer of its own, `reader`; a window's vectors are as many as its tokens there ask for."""

    def __init__(
        self,
        encoder: ArcEncoder,
        bridge: nn.Module,
        reader: HubTokenizer,
        decoder: PromptedDecoder,
        tokenizer: HubTokenizer,
        window: int,
    ) -> None:
        super().__init__(decoder, tokenizer, window)
        self.encoder, self.bridge, self.reader = encoder, bridge, reader

    def vectors(self, texts: Sequence[str], ids: Sequence[Sequence[int]], ratio: int) -> list[Tensor]:
        begin, end = self.reader.tokenizer.bos_token_id, self.reader.tokenizer.eos_token_id
        read = [[begin, *self.reader.encode(text).ids, end] for text in texts]
        found: dict[int, Tensor] = {}
        for length in {len(r) for r in read}:
            which = [i for i, r in enumerate(read) if len(r) == length]
            batch = torch.tensor([read[i] for i in which], device=self.decoder.device)
            found |= dict(zip(which, self.bridge(self.encoder(batch, ratio)), strict=True))
        return [found[i] for i in range(len(texts))]


def assembled(encoder: Path, decoder: Path, reader: Path, settings: HubSettings, number: int, window: int) -> Arc:
    """The compressor from folders: the published encoder, a decoder, and one with the encoder's tokenizer.

    Args:
        number: which of the decoders it was trained for; they differ in the bridge and in the vector that asks for the text.

    Raises:
        RuntimeError: a tensor is missing, left over or of another shape.
    """
    given = json.loads((encoder / "config.json").read_text(encoding="utf-8"))
    shape = Shape.of(given.get("model_args", {}))
    config = json.loads((decoder / "config.json").read_text(encoding="utf-8"))
    network = model(decoder, "AutoModelForCausalLM", settings, **(PLAIN if config["model_type"] == "llama" else {}))
    embed = network.get_input_embeddings().weight
    found = {name: t.to(embed.dtype) for name, t in tensors(encoder / "model.safetensors", settings).items()}

    def named(name: str) -> Tensor:
        if name not in found:
            raise RuntimeError(f"ARC-Encoder's weights in {encoder} lack the tensor {name}")
        return found[name]

    own = {name.removeprefix("embedder."): t for name, t in found.items() if re.match(r"embedder\.(?!rec_tok|cont_tok)", name)}
    compress = ArcEncoder(shape, shape.n_layers - TRUNCATED)
    fill(compress, converted(own, shape.head_dim), "ARC-Encoder's encoder")
    several = f"{number}." if "bridge_module.0.layer1.weight" in found else ""
    bridge = nn.Sequential(*(linear(named(f"bridge_module.{several}layer{i}.weight")) for i in (1, 2)))
    for module in (compress, bridge):
        module.eval().requires_grad_(False).to(embed.device)
    tokens = tokenizer(decoder)
    with torch.inference_mode():
        begin = network.get_input_embeddings()(torch.tensor([tokens.tokenizer.bos_token_id], device=embed.device))
        after = torch.cat([bridge(named(f"embedder.rec_tok.{number}.weight").to(embed.device)), begin])
    end = frozenset({tokens.tokenizer.eos_token_id})
    speaks = PromptedDecoder(network, after[:0], after, len(tokens.tokenizer), end)
    return Arc(compress, bridge, tokenizer(reader), speaks, tokens, window)
