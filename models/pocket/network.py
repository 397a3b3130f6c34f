"""The two networks of the pocket family: a small Llama-shaped decoder and the compressors' transformer.

The decoder's blocks carry the names and shapes of `transformers.LlamaForCausalLM`, so the same weights run
there unchanged (a test does it). What is ours is how memory comes in, in three places:
- a prefix: vector j of the memory, at position ratio·j + ratio - 1, as an input embedding;
- the read-out of step t, `P_{t mod r}⁻¹ z_{⌊t/r⌋}`, added to that step's input embedding;
- the same read-out, scaled, added to the last hidden state before the tied output embedding. The scale starts
  at `d / ‖z‖²`: the weight that Bayes' rule gives a matched filter under cross-talk of variance ‖z‖²/d.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.pocket.code import draw_phases, read_out, superpose

Cache = list[tuple[Tensor, Tensor]]
Table = tuple[Tensor, Tensor]  # cosines and sines


@dataclass(frozen=True)
class Shape:
    """Sizes of a network; `vocabulary` counts the begin token, which is the last id."""

    width: int
    layers: int
    heads: int
    hidden: int
    vocabulary: int = 8192
    window: int = 128
    memory_width: int = 512

    def to_dict(self) -> dict[str, int]:
        return asdict(self)


DECODER = Shape(width=512, layers=3, heads=8, hidden=1408)
COMPRESSORS = {
    "superposition-xs": Shape(width=128, layers=2, heads=4, hidden=344),
    "superposition-s": Shape(width=256, layers=2, heads=4, hidden=688),
}


def rope(positions: Tensor, head_width: int) -> Table:
    """Cosine and sine tables, [batch, 1, n, head_width], in Llama's half-split layout (base 10,000)."""
    steps = torch.arange(0, head_width, 2, device=positions.device).float() / head_width
    angle = positions[..., None].float() * 10_000.0**-steps
    angle = torch.cat([angle, angle], -1)[:, None]
    return angle.cos(), angle.sin()


def turn(x: Tensor, table: Table) -> Tensor:
    a, b = x.chunk(2, -1)
    return x * table[0].to(x.dtype) + torch.cat([-b, a], -1) * table[1].to(x.dtype)


class Attention(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.heads = shape.heads
        for name in ("q_proj", "k_proj", "v_proj", "o_proj"):
            setattr(self, name, nn.Linear(shape.width, shape.width, bias=False))

    def forward(
        self,
        x: Tensor,
        table: Table,
        causal: bool,
        mask: Tensor | None,
        past: tuple[Tensor, Tensor, int] | None,
        turning: Table | None = None,
    ) -> Tensor:
        q, k, v = (p(x).unflatten(-1, (self.heads, -1)).transpose(1, 2) for p in (self.q_proj, self.k_proj, self.v_proj))
        q, k = turn(q, table), turn(k, table)
        if turning is not None:
            v = turn(v, turning)
        if past is not None:  # preallocated [batch, heads, capacity, head_width] and the number of slots in use
            keys, values, used = past
            end = used + k.shape[2]
            keys[:, :, used:end], values[:, :, used:end] = k, v
            k, v = keys[:, :, :end], values[:, :, :end]
        y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=causal)
        if turning is not None:  # turned back by where the query stands: what arrives depends on the distance alone
            y = turn(y, (turning[0], -turning[1]))
        return self.o_proj(y.transpose(1, 2).flatten(2))


class MLP(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.gate_proj = nn.Linear(shape.width, shape.hidden, bias=False)
        self.up_proj = nn.Linear(shape.width, shape.hidden, bias=False)
        self.down_proj = nn.Linear(shape.hidden, shape.width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class Norm(nn.RMSNorm):
    """Casts its weight to its input's type, without which bf16 autocast falls back to an unfused, slower form."""

    def __init__(self, width: int) -> None:
        super().__init__(width, eps=1e-6)

    def forward(self, x: Tensor) -> Tensor:
        return F.rms_norm(x, self.normalized_shape, self.weight.to(x.dtype), self.eps)


class Block(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.input_layernorm = Norm(shape.width)
        self.self_attn = Attention(shape)
        self.post_attention_layernorm = Norm(shape.width)
        self.mlp = MLP(shape)

    def forward(self, x: Tensor, table: Table, causal=False, mask=None, past=None, turning=None) -> Tensor:
        x = x + self.self_attn(self.input_layernorm(x), table, causal, mask, past, turning)
        return x + self.mlp(self.post_attention_layernorm(x))


def initialise(module: nn.Module, layers: int, std: float = 0.02) -> None:
    """Normal(0, std) for linear maps; those that write to the residual stream are scaled by 1/√(2·layers)."""
    for name, weight in module.named_parameters():
        if weight.dim() == 2:
            scale = std / (2 * layers) ** 0.5 if name.endswith(("o_proj.weight", "down_proj.weight")) else std
            nn.init.normal_(weight, std=scale)


class DecoderNetwork(nn.Module):
    """Causal language model and reader of memory. Ids run over [0, vocabulary); the last one begins a window."""

    def __init__(self, shape: Shape = DECODER, seed: int = 0) -> None:
        super().__init__()
        self.shape, self.begin_id = shape, shape.vocabulary - 1
        self.embed_tokens = nn.Embedding(shape.vocabulary, shape.width)
        self.layers = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.norm = Norm(shape.width)
        initialise(self, shape.layers)
        nn.init.normal_(self.embed_tokens.weight, std=shape.width**-0.5)
        self.write = nn.Linear(shape.width, shape.width, bias=False)  # embedding → what is superposed
        self.read = nn.Linear(shape.width, shape.width, bias=False)  # read-out → embedding space
        for identity in (self.write, self.read):
            nn.init.eye_(identity.weight)
        self.prefix_gain = nn.Parameter(torch.ones(shape.width))
        self.input_gain = nn.Parameter(torch.ones(shape.width))
        self.confidence = nn.Linear(shape.width, 1)  # log of the read-out's scale, relative to d / ‖z‖²
        nn.init.zeros_(self.confidence.weight)
        nn.init.zeros_(self.confidence.bias)
        self.register_buffer("phases", draw_phases(shape.width, seed))

    def history(self, ids: Tensor) -> Tensor:
        """What the decoder is given at each step: ids [batch, n] shifted right by one, the begin token first."""
        return torch.cat([ids.new_full((len(ids), 1), self.begin_id), ids[:, :-1]], 1)

    def code(self, ids: Tensor, ratio: int) -> Tensor:
        """The code alone: ids [batch, n] → memory [batch, ceil(n / ratio), width]."""
        return superpose(self.write(self.embed_tokens(ids)), ratio, self.phases)

    def prefix(self, z: Tensor) -> Tensor:
        """Memory as input embeddings of unit norm times a learned gain."""
        return F.normalize(z, dim=-1) * self.prefix_gain

    def aids(self, z: Tensor, n: int, ratio: int) -> tuple[Tensor, Tensor]:
        """What memory adds at each of n steps: to the input embedding, and (before its scale) to the output."""
        turned = read_out(z, n, ratio, self.phases)
        read = self.read(turned)
        evidence = read * (self.shape.width / turned.square().sum(-1, keepdim=True).clamp_min(1e-6))
        return F.normalize(read, dim=-1) * self.input_gain, evidence

    def hidden(
        self, x: Tensor, positions: Tensor, mask: Tensor | None = None, cache: Cache | None = None, used: int = 0
    ) -> Tensor:
        """Blocks and last norm over embeddings x [batch, n, width]; without a mask attention is causal."""
        table = rope(positions, self.shape.width // self.shape.heads)
        for index, block in enumerate(self.layers):
            past = None if cache is None else (*cache[index], used)
            x = block(x, table, causal=mask is None, mask=mask, past=past)
        return self.norm(x)

    def combine(self, h: Tensor, evidence: Tensor | None) -> Tensor:
        """Last hidden state plus scaled evidence, ready for the tied output embedding."""
        return h if evidence is None else h + evidence * self.confidence(h).clamp(-3, 3).exp()

    def logits(self, h: Tensor) -> Tensor:
        return h @ self.embed_tokens.weight.T

    def forward(self, inputs: Tensor, z: Tensor | None = None, ratio: int = 1) -> Tensor:
        """Teacher-forced: inputs [batch, n] (begin token first) → states [batch, n, width] for `logits`.

        Args:
            inputs: ids shifted right by one, the begin token first.
            z: memory [batch, M, width], or None for the prior.
            ratio: tokens a vector of z stands for.
        """
        batch, n = inputs.shape
        x = self.embed_tokens(inputs)
        positions = torch.arange(n, device=x.device)
        if z is None:
            return self.hidden(x, positions.expand(batch, n))
        added, evidence = self.aids(z, n, ratio)
        slots = z.shape[1]
        x = torch.cat([self.prefix(z).to(x.dtype), x + added], 1)
        positions = torch.cat([torch.arange(slots, device=x.device) * ratio + ratio - 1, positions])
        h = self.hidden(x, positions.expand(batch, slots + n))[:, slots:]
        return self.combine(h, evidence)


class CompressorNetwork(nn.Module):
    """Transformer that corrects the code: it sees each token and what the code alone would let one read there.

    `z_j = Σ_k P_k (W e_k + O h_k)`: O starts at zero, so training starts from the code.
    """

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.token_in = nn.Linear(shape.memory_width, shape.width, bias=False)
        self.read_in = nn.Linear(shape.memory_width, shape.width, bias=False)
        self.layers = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.norm = Norm(shape.width)
        initialise(self, shape.layers)
        nn.init.normal_(self.token_in.weight, std=shape.memory_width**-0.5)
        nn.init.normal_(self.read_in.weight, std=shape.memory_width**-0.5)
        self.out = nn.Linear(shape.width, shape.memory_width, bias=False)
        nn.init.zeros_(self.out.weight)

    def forward(self, decoder: DecoderNetwork, ids: Tensor, ratio: int) -> Tensor:
        """ids [batch, n] → memory [batch, ceil(n / ratio), memory_width]; no padding inside a batch."""
        batch, n = ids.shape
        embedded = decoder.embed_tokens(ids)
        code = superpose(decoder.write(embedded), ratio, decoder.phases)
        seen = read_out(code, n, ratio, decoder.phases)
        scale = self.shape.memory_width**0.5
        x = self.token_in(F.normalize(embedded, dim=-1) * scale) + self.read_in(F.normalize(seen, dim=-1) * scale)
        table = rope(torch.arange(n, device=ids.device).expand(batch, n), self.shape.width // self.shape.heads)
        for block in self.layers:
            x = block(x, table)
        return code + superpose(self.out(self.norm(x)), ratio, decoder.phases)


__all__ = ["COMPRESSORS", "DECODER", "CompressorNetwork", "DecoderNetwork", "Shape"]
