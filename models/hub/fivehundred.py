"""500xCompressor: a text becomes the keys and values of M appended tokens in every layer of Llama-3-8B-Instruct.

No weights were published, so this loads a folder of one's own: what the published training saves. From the code at
github.com/ZongqianLi/500xCompressor (codes/pretraining, codes/prediction/L3LoraL3.py) and Li et al., ACL 2025, arXiv 2408.03094:

- a LoRA of rank 64, alpha 32, on peft's default modules (query and value projections), and `memory_embeddings` [1, M, 4096];
  tensors are named `llama.base_model.model.…lora_A.default.weight`. The base model's own weights may stand beside them: unread.
- encoding: the text's tokens without a begin token, padded to 500 with the tokenizer's end token, which is not masked; then M
  memory embeddings. Kept are the keys and values of these M, with the rotary positions that they had there, from 500.
- decoding: the plain model, begin token, text; positions go on from M. It ends at the tokenizer's end token (what the padding
  looked like in training) or `<|end_of_text|>`.
- answering (codes/finetuning, codes/prediction/predict_qa_500xCompressor.py): `Question: … Answer: ` without a begin token in
  the text's place, for a checkpoint that was trained further on questions; one memory, for it never read several.

M is fixed in training, so a checkpoint has one ratio, 500 / M for a full window; a shorter window has the same M.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.compressor import Memory, Row, Source
from models.hub.card import Card, Check, Part
from models.hub.find import folder_of
from models.hub.row import hub_row
from models.hub.settings import HubSettings
from models.hub.soft import BATCH, HubCompressor

if TYPE_CHECKING:
    from torch import Tensor

    from models.hub.tokens import HubTokenizer

BASE = "meta-llama/Meta-Llama-3-8B-Instruct"
LENGTH = 500  # tokens of a window, and of what it is padded to
ALPHA = 32
END = "<|end_of_text|>"
SLOTS = "memory_embeddings"
PREFIX = r"llama\.base_model\.model\."
NO_MODEL = (
    "its authors have not published the weights; put a folder in MODEL's place with a checkpoint that their training saved, "
    "as in 500xcompressor:/models/checkpoint-300"
)
CHECK = Check("token_accuracy", 0.5, "By the paper's figure 96 tokens come back from one place with a ROUGE-L of about .7.")
LIMITS = (
    "A checkpoint of yours, trained by the published code. One that was trained further for questions may bring back less, and "
    "one that was not answers none: nothing in it tells which it is. "
    "Every window is padded to 500 tokens, as in training, and takes the same number of places, however short it is."
)
LORA = 27_262_976  # parameters of the published recipe: rank 64, two projections, 32 layers; 0.3 % of the base


def rows() -> list[Row]:
    """The pattern; never ready itself."""
    return [_row("MODEL", 1, pattern=row, blocked=NO_MODEL)]


def row(model: str) -> Row:
    """The row of `500xcompressor:FOLDER`: the number of places is read off the checkpoint, as far as it is there."""
    folder = folder_of(model)
    if folder is None:
        return _row(model, 1, blocked=f"{model} is a name on the hub; name a folder, such as ./{model}")
    files = sorted(folder.glob("*.safetensors"))
    shapes = [shape for file in files for name, shape in shapes_of(file).items() if name == SLOTS]
    if shapes:
        return _row(model, max(1, min(shapes[0][-2], LENGTH)))
    lacking = f"no file in {model} holds the tensor {SLOTS}, which the published training saves in model.safetensors"
    return _row(model, 1, blocked=lacking if folder.is_dir() else None)


def _row(model: str, places: int, pattern=None, blocked: str | None = None) -> Row:
    base = Part(BASE, 16_060_522_496, "Meta Llama 3 Community License; has to be accepted on the hub", without=("original/*",))
    own = () if pattern else (Part(model, files=("*.safetensors",)),)
    code, paper = "https://github.com/ZongqianLi/500xCompressor", "https://arxiv.org/abs/2408.03094"
    card = Card((base, *own), CHECK, paper, code, LIMITS, packages=("peft",), blocked=blocked)
    title = f"500xCompressor: keys and values of {'a few' if pattern else places} tokens, from a checkpoint of yours"
    sizes = {"compressor": LORA + 4096 * places, "embeddings": 525_336_576, "decoder": 7_504_924_672}
    ratio = LENGTH // places
    flags = {"parameters": sizes, "vectors": False, "answers": True, "pattern": pattern}
    return hub_row(f"500xcompressor:{model}", title, "kv", (ratio,), ratio, LENGTH, card, load, **flags)


class FiveHundred(HubCompressor):
    """The encoder with its LoRA; the decoder is the same model without."""

    def __init__(self, model: Any, tokenizer: HubTokenizer, slots: Tensor, adapter: str) -> None:
        """From a frozen model, memory embeddings [M, d] and the name of the LoRA attached to the model.

        Raises:
            RuntimeError: the tokenizer has no begin or no end token.
        """
        from models.hub.kv import KvDecoder

        words = tokenizer.tokenizer
        if words.bos_token_id is None or words.eos_token_id is None:
            raise RuntimeError("the tokenizer of the base model has no begin or no end token, and 500xCompressor uses both")
        ends = {words.eos_token_id, words.get_vocab().get(END, words.eos_token_id)}
        decoder = KvDecoder(model, [words.bos_token_id], len(words), frozenset(ends), length=LENGTH)
        super().__init__(decoder, tokenizer, LENGTH)
        self.model, self.adapter, self.padding = model, adapter, words.eos_token_id
        self.slots = slots.to(model.get_input_embeddings().weight)

    def compress(self, source: Source, windows: Sequence[tuple[int, int]], ratio: int) -> list[Memory]:
        made: list[Memory] = []
        for first in range(0, len(windows), BATCH):
            made += self._batch([source.window_ids(window) for window in windows[first : first + BATCH]])
        return made

    def answer(self, memories: Sequence[Memory], question: str, tokens: int = 64) -> str:
        """See `models.compressor.Answerer`.

        Raises:
            ValueError: there is more than one memory, no question, or no room.
        """
        from models.hub.answering import asked, room, said

        if len(memories) > 1:
            raise ValueError(f"500xCompressor answers from one memory of {LENGTH} tokens at most, and was given {len(memories)}.")
        ids = self.tokenizer.encode(f"Question: {asked(question)} Answer: ").ids
        room(self.decoder, len(ids) + sum(memory.size for memory in memories), tokens)
        return said(self, self.decoder, self.decoder.read(list(memories) or [None], ids), tokens)

    def _batch(self, windows: Sequence[Sequence[int]]) -> list[Memory]:
        import torch
        from transformers import DynamicCache

        from models.hub.kv import kv_memory
        from models.hub.lora import using

        embed, places = self.model.get_input_embeddings(), len(self.slots)
        ids = [[*window, *[self.padding] * (LENGTH - len(window))] for window in windows]
        with torch.inference_mode(), using(self.model, self.adapter):
            text = embed(torch.tensor(ids, device=embed.weight.device))
            x = torch.cat([text, self.slots.expand(len(ids), *self.slots.shape)], 1)
            cache = self.model.get_decoder()(inputs_embeds=x, past_key_values=DynamicCache(), use_cache=True).past_key_values
        layers = [(layer.keys[:, :, -places:], layer.values[:, :, -places:]) for layer in cache.layers]
        return [kv_memory(len(w), [(keys[i], values[i]) for keys, values in layers]) for i, w in enumerate(windows)]


def shapes_of(file: Path) -> dict[str, list[int]]:
    """Shapes of a safetensors file's tensors by name, read off its header."""
    with file.open("rb") as opened:
        size = struct.unpack("<Q", opened.read(8))[0]
        header = json.loads(opened.read(size))
    return {name: value["shape"] for name, value in header.items() if name != "__metadata__"}


def load(folders: Sequence[Path], settings: HubSettings, options: tuple[str, ...]) -> FiveHundred:
    """The compressor of a base model's folder and a checkpoint's.

    Raises:
        RuntimeError: a tensor is missing or does not fit; one sentence.
    """
    from safetensors import safe_open

    from models.hub.lora import attach
    from models.hub.weights import model, tokenizer

    base, own = folders
    found = {}
    for file in sorted(own.glob("*.safetensors")):
        with safe_open(file, "pt") as opened:
            found |= {name: opened.get_tensor(name) for name in opened.keys() if "lora_" in name or name == SLOTS}  # noqa: SIM118
    slots = found.pop(SLOTS)[0]
    if not found:
        raise RuntimeError(f"{own} has {SLOTS}, but no tensors of a LoRA")
    network = model(base, "AutoModelForCausalLM", settings)
    if slots.shape[1] != network.config.hidden_size:
        raise RuntimeError(
            f"{SLOTS} of {own} have {slots.shape[1]} dimensions, where the base model has {network.config.hidden_size}"
        )
    name = f"fivehundred{sha256(str(own.resolve()).encode()).hexdigest()[:8]}"
    rank = next(tensor.shape[0] for key, tensor in found.items() if ".lora_A" in key)
    targets = {key.partition(".lora_")[0].rpartition(".")[2] for key in found}
    attach(network, name, found, rank, ALPHA, sorted(targets), PREFIX)
    return FiveHundred(network, tokenizer(base), slots, name)
