"""LCLM: a small encoder reads windows of 1024 tokens, the mean of each N hidden states is a vector, a larger decoder reads them.

From LeonLixyz/LCLM (latent_context/encoder.py, adapter.py, processor.py, inference/hf.py, utils/checkpointing.py): folders
`encoder`, `decoder` and `adapter` with one tokenizer each for the first two, `model_config.json`; the encoder is causal and a
short last group is the mean of what it has; the adapter is RMSNorm, linear, GELU, linear; the prompt is one user turn with
memory between `<|memory_start|>` and `<|memory_end|>`, and after a space what is wanted; the answer ends with the decoder
tokenizer's end token. Windows of one text stand in one such place.

[inferred] The weights are stored in float32, from the 18.5 GB that a user of the 16× checkpoint reports (the code runs them in
bfloat16, and so does this unless a dtype is set). The instruction that brings the text back: none is published. A question
stands there as it is, without an instruction of its own.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.compressor import Decoder, Row
from models.hub.answering import Answering, Layout, unspecial
from models.hub.card import FILES, Card, Check, Part
from models.hub.row import hub_row
from models.hub.settings import HubSettings
from models.hub.soft import SoftHub

if TYPE_CHECKING:
    from torch import Tensor, nn

    from models.hub.tokens import HubTokenizer

RATIOS, WINDOW = (4, 8, 16), 1024
CONFIG, ADAPTER = "model_config.json", "adapter/adapter.safetensors"
RECIPE = {"pooling": "mean", "encoder_mask_type": "causal", "boundary_overlap": 0, "adapter_type": "mlp"}
INSTRUCTION = "Repeat the document above word for word."
BEFORE = "<|im_start|>user\n<|memory_start|>"
AFTER = "<|memory_end|> {asked}<|im_end|>\n<|im_start|>assistant\n"
SIZE = {"compressor": 604_957_696, "embeddings": 388_280_320, "decoder": 3_633_511_936}
LIMITS = (
    f"Trained to answer from compressed text, not to repeat it: it is asked to “{INSTRUCTION}”. Its authors warn of wrong "
    "characters in names, numbers and codes."
)
CHECK = Check(
    "memory_gain", 0.5, "No score of repeating is published; vectors that a decoder cannot read take no surprisal away."
)


def rows() -> list[Row]:
    files = (*FILES, CONFIG, ADAPTER, "encoder/config.json", "decoder/config.json")
    paper, code = "https://arxiv.org/abs/2606.09659", "https://github.com/LeonLixyz/LCLM"
    made = []
    for ratio in RATIOS:
        part = Part(f"latent-context/0.6b-4b-LCLM-{ratio}x", 4 * sum(SIZE.values()), "Apache-2.0", files=files, stored=4.0)
        title = f"LCLM {ratio}×: Qwen3 0.6B encoder, mean of {ratio} tokens a vector, 4B decoder"
        card = Card((part,), CHECK, paper, code, LIMITS)
        named, flags = f"lclm-{ratio}x", {"answers": True}
        made.append(hub_row(named, title, "soft", (ratio,), ratio, WINDOW, card, partial(load, ratio), SIZE, **flags))
    return made


class Lclm(Answering, SoftHub):
    """Encoder and adapter of one row; see `SoftHub`."""

    def __init__(
        self, decoder: Decoder, tokenizer: HubTokenizer, window: int, encoder: Any, encodes: HubTokenizer, adapter: nn.ModuleDict
    ) -> None:
        super().__init__(decoder, tokenizer, window)
        self.encoder, self.encodes, self.adapter = encoder, encodes, adapter

    def layout(self, question: str) -> Layout:
        # A question is data, not a template: it may hold braces.
        after = AFTER.replace("{asked}", unspecial(question, self.tokenizer.tokenizer))
        return Layout(self.tokenizer.prompt(BEFORE), self.tokenizer.marked(after))

    def vectors(self, texts: Sequence[str], ids: Sequence[Sequence[int]], ratio: int) -> list[Tensor]:
        return [self._vectors(self.encodes.encode(text).ids, ratio) for text in texts]

    def _vectors(self, ids: Sequence[int], ratio: int) -> Tensor:
        """[ceil(n / ratio), d] of one window; a text cut inside a word can have a token more than the decoder counts."""
        import torch
        import torch.nn.functional as F

        means = []
        for first in range(0, len(ids), self.window):
            row = torch.tensor([ids[first : first + self.window]], device=self.encoder.get_input_embeddings().weight.device)
            hidden = self.encoder(input_ids=row, use_cache=False).last_hidden_state[0]
            means += [group.mean(0) for group in hidden.split(ratio)]
        x = torch.stack(means).to(self.adapter["fc1"].weight)
        return self.adapter["fc2"](F.gelu(self.adapter["fc1"](self.adapter["norm"](x))))


def load(ratio: int, folders: Sequence[Path], settings: HubSettings, _: tuple[str, ...] = ()) -> Lclm:
    """From the folder of a checkpoint.

    Raises:
        RuntimeError: it is of another recipe or ratio, or its parts do not fit together.
    """
    import torch

    from models.hub import weights
    from models.hub.prompted import PromptedDecoder

    folder = Path(folders[0])
    config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    for name, value in {**RECIPE, "compression_ratio": ratio}.items():
        if config.get(name) != value:
            raise RuntimeError(f"{folder / CONFIG} says {name} {config.get(name)!r}, where only {value!r} is read")
    settings = replace(settings, dtype="bfloat16") if settings.dtype == "auto" else settings
    encoder = weights.model(folder / "encoder", "AutoModel", settings)
    model = weights.model(folder / "decoder", "AutoModelForCausalLM", settings)
    tokenizer, encodes = (weights.tokenizer(folder / name) for name in ("decoder", "encoder"))
    ids = [torch.tensor(tokenizer.prompt(part)) for part in (BEFORE, AFTER.format(asked=INSTRUCTION))]
    width, out = encoder.config.hidden_size, model.config.hidden_size
    adapter = torch.nn.ModuleDict(
        {"norm": torch.nn.RMSNorm(width, eps=1e-6), "fc1": torch.nn.Linear(width, out), "fc2": torch.nn.Linear(out, out)}
    )
    weights.fill(adapter, weights.tensors(folder / ADAPTER, settings), ADAPTER)
    embed = model.get_input_embeddings().weight
    adapter.to(embed.device, embed.dtype).requires_grad_(False)
    end = frozenset({tokenizer.tokenizer.eos_token_id})
    decoder = PromptedDecoder(model, *ids, len(tokenizer.tokenizer), end)
    return Lclm(decoder, tokenizer, config["encoder_window_size"], encoder, encodes, adapter)
