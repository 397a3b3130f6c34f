"""Free memory: what the compressor's transformer puts out, read by the decoder as a prefix of input embeddings.

Nothing else comes in: no read-outs, no code. Memory slots are appended to the text, as in ICAE (Ge et al., ICLR 2024),
and what stands there after the last layer is the memory. Slot j stands in the middle of the tokens it is for, in the
compressor and in the decoder alike, so that "near" means the same to both.

In half of the heads values are turned by their position and turned back by the query's, as queries and keys are by RoPE, so
that a head adds up what it reads with the distance still in it: `o_t = Σ_s a_ts R(t)⁻¹ R(s) v_s` (relative transforms of
values: Miyato et al., GTA, ICLR 2024; the phases are drawn uniformly in [0, 2π), as in the superposition code). The idea: plain
attention adds up values without their places, so it needs a head a place before it can put two tokens into one vector.
It is a help, no condition: plain attention begins to copy as well, somewhat later (docs/compressors.md).
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.pocket.code import draw_phases
from models.pocket.network import Block, Cache, Norm, Shape, Table, initialise, rope

FREE_DECODER = Shape(width=384, layers=3, heads=6, hidden=1024, memory_width=384)
FREE_COMPRESSORS = {
    "pocket-xs": Shape(width=128, layers=2, heads=2, hidden=344, memory_width=384),
    "pocket-s": Shape(width=256, layers=2, heads=4, hidden=688, memory_width=384),
    "pocket-m": Shape(width=384, layers=3, heads=6, hidden=1024, memory_width=384),
    "pocket-l": Shape(width=512, layers=4, heads=8, hidden=1408, memory_width=384),
}
RATIOS = (4, 16, 64)
TABLES = FREE_COMPRESSORS["pocket-s"].heads


def slots(length: int, ratio: int, device: torch.device | None = None) -> Tensor:
    """Where the vectors of a window of `length` tokens stand: the middle of each one's tokens, float32 [ceil(length / ratio)]."""
    first = torch.arange(math.ceil(length / ratio), device=device) * ratio
    return (first + (first + ratio).clamp(max=length) - 1) / 2


def turns(positions: Tensor, phases: Tensor) -> Table:
    """Tables that turn values, [batch, heads, n, head width], of positions [batch, n] and phases [heads, head width / 2]."""
    angle = positions.float()[:, None, :, None] * phases[None, :, None, :]
    angle = torch.cat([angle, angle], -1)
    return angle.cos(), angle.sin()


def head_phases(shape: Shape, tables: int, turned: bool = True) -> Tensor:
    """By how much each head turns its values a step, [heads, head width / 2]: the first half of the heads, the others not.

    Args:
        shape: the network's.
        tables: phases are drawn for so many heads, which take them over and over. Compressors of all sizes share those of
            size S, so that they can write what it writes; the decoder has its own.
    """
    drawn = draw_phases(tables * (shape.width // shape.heads), seed=tables).view(tables, -1)
    drawn = drawn[: max(tables // 2, 1)]
    phases = drawn.repeat(-(-shape.heads // len(drawn)), 1)[: shape.heads].clone()
    phases[shape.heads // 2 if turned else 0 :] = 0
    return phases


class Tower(nn.Module):
    """Transformer blocks and a last norm; the second half of the heads turn no values."""

    def __init__(self, shape: Shape, tables: int, turned: bool = True) -> None:
        super().__init__()
        self.head_width = shape.width // shape.heads
        self.layers = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.norm = Norm(shape.width)
        self.register_buffer("phases", head_phases(shape, tables, turned))

    def forward(
        self,
        x: Tensor,
        positions: Tensor,
        causal: bool = False,
        mask: Tensor | None = None,
        cache: Cache | None = None,
        used: int = 0,
    ) -> Tensor:
        """x [batch, n, width] at positions [batch, n] → last states, normed."""
        table, turning = rope(positions, self.head_width), turns(positions, self.phases)
        for index, block in enumerate(self.layers):
            past = None if cache is None else (*cache[index], used)
            x = block(x, table, causal=causal, mask=mask, past=past, turning=turning)
        return self.norm(x)


class FreeDecoderNetwork(nn.Module):
    """Causal language model that takes memory as a prefix. Ids run over [0, vocabulary); the last one begins a window."""

    def __init__(self, shape: Shape = FREE_DECODER, turned: bool = True) -> None:
        super().__init__()
        self.shape, self.begin_id = shape, shape.vocabulary - 1
        self.embed_tokens = nn.Embedding(shape.vocabulary, shape.width)
        self.tower = Tower(shape, shape.heads, turned)
        initialise(self, shape.layers, 0.5 * shape.width**-0.5)
        nn.init.normal_(self.embed_tokens.weight, std=shape.width**-0.5)

    def history(self, ids: Tensor) -> Tensor:
        """What the decoder is given at each step: ids [batch, n] shifted right by one, the begin token first."""
        return torch.cat([ids.new_full((len(ids), 1), self.begin_id), ids[:, :-1]], 1)

    def hidden(
        self, x: Tensor, positions: Tensor, mask: Tensor | None = None, cache: Cache | None = None, used: int = 0
    ) -> Tensor:
        """Last states over embeddings x [batch, n, width]; without a mask attention is causal."""
        return self.tower(x, positions, mask is None, mask, cache, used)

    def logits(self, h: Tensor) -> Tensor:
        return h @ self.embed_tokens.weight.T

    def forward(self, inputs: Tensor, z: Tensor | None = None, ratio: int = 1) -> Tensor:
        """Teacher-forced: inputs [batch, n] (begin token first), memory [batch, M, width] or None → states [batch, n, width]."""
        batch, n = inputs.shape
        x, positions = self.embed_tokens(inputs), torch.arange(n, device=inputs.device).float()
        if z is not None:
            x, positions = torch.cat([z.to(x.dtype), x], 1), torch.cat([slots(n, ratio, x.device), positions])
        return self.hidden(x, positions.expand(batch, -1))[:, -n:]


class FreeCompressorNetwork(nn.Module):
    """Text and appended slots through a bidirectional transformer; what stands at the slots is the memory."""

    def __init__(self, shape: Shape, turned: bool = True) -> None:
        super().__init__()
        self.shape = shape
        self.token_in = nn.Linear(shape.memory_width, shape.width, bias=False)
        self.slot = nn.Parameter(torch.empty(shape.width))
        self.tower = Tower(shape, TABLES, turned)
        self.out = nn.Linear(shape.width, shape.memory_width, bias=False)
        initialise(self, shape.layers, 0.5 * shape.width**-0.5)
        nn.init.normal_(self.token_in.weight, std=shape.memory_width**-0.5)
        nn.init.normal_(self.slot, std=0.02)  # small: what attention gathers must not drown in a constant
        nn.init.normal_(self.out.weight, std=shape.width**-0.5)

    def forward(self, decoder: FreeDecoderNetwork, ids: Tensor, ratio: int) -> Tensor:
        """ids [batch, n] → memory [batch, ceil(n / ratio), memory_width]; no padding inside a batch."""
        batch, n = ids.shape
        embedded = F.normalize(decoder.embed_tokens(ids), dim=-1) * self.shape.memory_width**0.5
        places = slots(n, ratio, ids.device)
        x = self.token_in(embedded)
        x = torch.cat([x, self.slot.to(x.dtype).expand(batch, len(places), -1)], 1)
        positions = torch.cat([torch.arange(n, device=ids.device).float(), places])
        return self.out(self.tower(x, positions.expand(batch, -1))[:, n:])
