"""Give tokens that training hardly showed embeddings of their own.

A softmax pushes the output embeddings of tokens it never meets in one common direction (the "rare token" side of
representation degeneration: Gao et al., ICLR 2019). The code sums embeddings, so such tokens cannot be told apart in
a memory: bytes of Korean or Hebrew all come back as the same few. Each gets a random vector of its own, within the
directions in which the decoder's hidden states have the least energy: there it hardly changes what is predicted.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from models.pocket.network import DecoderNetwork
from models.training.corpus import Windows

RARE = 500  # tokens seen fewer times than this in the corpus
DIRECTIONS = 256  # of the hidden states, those with least energy
KEEP, OWN = 0.8, 1.2  # share of the old embedding, and length of the new part (ordinary embeddings have about 1.2)


@torch.no_grad()
def quiet_directions(
    network: DecoderNetwork, windows: Windows, texts: int = 64, directions: int = DIRECTIONS
) -> tuple[Tensor, float]:
    """Basis [width, directions] of the least energetic directions of the prior's hidden states, and their share of energy."""
    ids = torch.from_numpy(windows.draw(np.random.default_rng(0), texts, network.shape.window))
    h = network(network.history(ids)).flatten(0, 1).double()
    energy, basis = torch.linalg.eigh(h.T @ h)
    return basis[:, :directions].float(), float(energy[:directions].sum() / energy.sum())


@torch.no_grad()
def revive(network: DecoderNetwork, windows: Windows, seed: int = 0, **sizes: int) -> tuple[int, float]:
    """Change the embeddings of rare tokens in place; `sizes` as for `quiet_directions`.

    Returns:
        How many tokens were changed, and the share of the hidden states' energy in the directions used.
    """
    basis, share = quiet_directions(network, windows, **sizes)
    rare = rare_tokens(windows.ids, network.shape.vocabulary)
    random = torch.randn(len(rare), basis.shape[1], generator=torch.Generator().manual_seed(seed))
    own = torch.nn.functional.normalize(random @ basis.T, dim=-1)
    embeddings = network.embed_tokens.weight
    embeddings[rare] = KEEP * embeddings[rare] + OWN * own
    return len(rare), share


def rare_tokens(ids: np.ndarray, vocabulary: int) -> Tensor:
    """Ids seen fewer than `RARE` times; the begin token, which is no token of a text, is left out."""
    counts = np.bincount(ids, minlength=vocabulary)[: vocabulary - 1]
    return torch.from_numpy(np.flatnonzero(counts < RARE))
