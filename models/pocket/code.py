"""Superposition code: many embeddings summed into one vector, each turned by its own phases.

`z_j = Σ_k P_k e_{rj+k}` with `P_k` turning coordinate pair i by `k·φ_i`, φ drawn once, uniform in [0, 2π).
This is binding by holographic reduced representations (Plate, IEEE Trans. Neural Networks 6(3), 1995) with
phase rotations as in fractional power encoding; it has no parameters a slot and works for any ratio up to
`MAX_RATIO`. Reading position k turns z back: `P_k⁻¹ z = e_k + cross-talk of variance about (r-1)/d`.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

MAX_RATIO = 64


def draw_phases(width: int, seed: int) -> Tensor:
    """Phases φ, shape [width / 2], uniform in [0, 2π)."""
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(width // 2, generator=generator) * 2 * math.pi


def rotate(x: Tensor, phases: Tensor, inverse: bool = False) -> Tensor:
    """Apply P_k (or its inverse) along the second last axis of x, shape [..., K, width], for k = 0..K-1."""
    half = x.shape[-1] // 2
    angle = torch.arange(x.shape[-2], device=x.device, dtype=phases.dtype)[:, None] * phases
    cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    if inverse:
        sin = -sin
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * cos - b * sin, a * sin + b * cos], -1)


def superpose(x: Tensor, ratio: int, phases: Tensor) -> Tensor:
    """Sum of rotated vectors, [batch, n, width] → [batch, ceil(n / ratio), width]."""
    batch, n, width = x.shape
    slots = math.ceil(n / ratio)
    x = torch.nn.functional.pad(x, (0, 0, 0, slots * ratio - n))
    return rotate(x.view(batch, slots, ratio, width), phases).sum(2)


def read_out(z: Tensor, n: int, ratio: int, phases: Tensor) -> Tensor:
    """Undo the rotation of each of n positions, [batch, M, width] → [batch, n, width]."""
    batch, slots, width = z.shape
    turned = rotate(z[:, :, None].expand(batch, slots, ratio, width), phases, inverse=True)
    return turned.reshape(batch, slots * ratio, width)[:, :n]
