"""Memory from slots after a text: what `models.training.finetune` trains, and what `finetuned:FOLDER` loads.

The compressor is given `[begin token; text; slots]`, its last hidden states at the slots go through a projector, and that is
the memory, in the decoder's width. Every ratio has slots of its own: the first of a causal model could not tell how many follow.
This is the general set-up of arXiv 2602.09789 (reconstruction and continuation from memory, frozen decoder); its details are
not published, so the slots' place, projector and trigger are ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from models.hub import lora, weights
from models.hub.soft import SoftHub

if TYPE_CHECKING:
    from models.hub.finetuned import Recipe
    from models.hub.prompted import PromptedDecoder
    from models.hub.tokens import HubTokenizer


def slots(length: int, ratio: int) -> int:
    """M of a window of so many tokens."""
    return -(-length // ratio)


def first_token(tokenizer: HubTokenizer) -> int | None:
    """The token that a model of this tokenizer expects before a text."""
    return tokenizer.tokenizer.bos_token_id


class Head(nn.Module):
    """What stands around the compressor: slots, projector, and the trigger that the decoder reads."""

    def __init__(self, own: int, width: int, rows: int, projector: str) -> None:
        super().__init__()
        self.memory = nn.Parameter(torch.empty(rows, own))
        self.trigger = nn.Parameter(torch.empty(1, width))
        layers = [nn.Linear(own, width)] if projector == "linear" else [nn.Linear(own, width), nn.GELU(), nn.Linear(width, width)]
        self.projector = nn.Sequential(*layers)

    def start(self, own: float, spread: float, seed: int) -> None:
        """Begin where memory is as large as the decoder's embeddings.

        Args:
            own, spread: standard deviation of the compressor's and of the decoder's token embeddings.
        """
        random = torch.Generator().manual_seed(seed)
        nn.init.normal_(self.memory, 0.0, own, random)
        nn.init.normal_(self.trigger, 0.0, spread, random)
        linear = [layer for layer in self.projector if isinstance(layer, nn.Linear)]
        for layer in linear:  # of inputs of size 1, as a final norm leaves them
            size = spread if layer is linear[-1] else 1.0
            nn.init.normal_(layer.weight, 0.0, size * layer.in_features**-0.5, random)
            nn.init.zeros_(layer.bias)


class MemoryNetwork(nn.Module):
    """A transformer without output head, and its `Head`."""

    def __init__(self, model: Any, width: int, ratios: Sequence[int], window: int, projector: str, begin: int | None) -> None:
        """Wrap a model.

        Args:
            model: of transformers' `AutoModel`.
            width: of the decoder's embeddings.
            window: most tokens of a text, as the decoder counts them.
            begin: id of the token put before a text, if any.
        """
        super().__init__()
        self.model, self.begin = model, begin
        self.adapter: str | None = None  # of `models.hub.lora`; in training the adapter is simply on
        counts = [slots(window, ratio) for ratio in ratios]
        self.first = {ratio: sum(counts[:i]) for i, ratio in enumerate(ratios)}
        self.head = Head(model.config.get_text_config().hidden_size, width, sum(counts), projector)

    def forward(self, rows: Sequence[Tensor], counts: Sequence[int], ratio: int) -> tuple[Tensor, Tensor]:
        """Memories of some texts.

        Args:
            rows: ids of each text, in the compressor's own tokens.
            counts: M of each.

        Returns:
            vectors: [batch, max M, d], those of a smaller M on the right, the others before them meaningless.
            visible: bool [batch, max M], which ones count.
        """
        embed = self.model.get_input_embeddings()
        begin = [] if self.begin is None else [self.begin]
        first, where = self.first[ratio], embed.weight.device
        texts = [embed(torch.cat([row.new_tensor(begin), row]).to(where)) for row in rows]
        full = [torch.cat([x, self.head.memory[first : first + m].to(x)]) for x, m in zip(texts, counts, strict=True)]
        x, visible = padded(full)
        positions = (visible.cumsum(1) - 1).clamp_min(0)
        with lora.using(self.model, self.adapter):
            out = self.model(inputs_embeds=x, attention_mask=visible.long(), position_ids=positions, use_cache=False)
        most = max(counts)
        hidden = out.last_hidden_state[:, x.shape[1] - most :].to(self.head.projector[0].weight.dtype)
        last = torch.arange(most, 0, -1, device=hidden.device) <= torch.tensor(counts, device=hidden.device)[:, None]
        return self.head.projector(hidden), last


def padded(rows: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    """Rows [n, d] side by side, zeros on the left: [batch, max n, d], and bool [batch, max n] of what is no padding."""
    most = max(map(len, rows))
    x = torch.stack([nn.functional.pad(row, (0, 0, most - len(row), 0)) for row in rows])
    lengths = torch.tensor([len(row) for row in rows], device=x.device)
    return x, torch.arange(most, 0, -1, device=x.device) <= lengths[:, None]


def fitted(network: MemoryNetwork, found: Mapping[str, Tensor], recipe: Recipe, name: str) -> None:
    """Put trained tensors into a network whose model has its base weights.

    Args:
        found: `head.…` and `model.…`, as the trained network names its parameters.
        name: something that no other training shares; the adapter's name comes from it.

    Raises:
        RuntimeError: a tensor is missing, left over or of another shape; the message names it.
    """
    parts: dict[str, dict[str, Tensor]] = {"head": {}, "model": {}}
    for key, tensor in found.items():
        part, _, rest = key.partition(".")
        if part not in parts:
            raise RuntimeError(f"the tensor {key} belongs nowhere")
        parts[part][rest] = tensor
    weights.fill(network.head, parts["head"], "the training's result")
    network.head.to(network.model.get_input_embeddings().weight.device).requires_grad_(False)
    if recipe.rank is None:
        weights.fill(network.model, parts["model"], "the training's result")
    else:
        network.adapter = f"finetuned_{sha256(name.encode()).hexdigest()[:16]}"
        lora.attach(network.model, network.adapter, parts["model"], recipe.rank, recipe.alpha, recipe.targets)


class FinetunedCompressor(SoftHub):
    """A trained network as a compressor; the decoder's tokens are counted, the compressor reads its own."""

    def __init__(
        self, network: MemoryNetwork, decoder: PromptedDecoder, tokenizer: HubTokenizer, own: HubTokenizer, window: int
    ) -> None:
        super().__init__(decoder, tokenizer, window)
        self.network, self.own = network, own
        self.bits = 8 * decoder.embed.weight.element_size()

    def vectors(self, texts: Sequence[str], ids: Sequence[Sequence[int]], ratio: int) -> list[Tensor]:
        rows = [torch.tensor(self.own.encode(text).ids, dtype=torch.long) for text in texts]
        made, _ = self.network(rows, [slots(len(ids[0]), ratio)] * len(rows), ratio)
        return list(made.to(self.decoder.embed.weight))
