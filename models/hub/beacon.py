"""Activation Beacon on Mistral-7B and Qwen2-7B: beacon tokens among a text's, whose keys and values stand for it.

From github.com/FlagOpen/FlagEmbedding, research/Long_LLM/activation_beacon (src/modeling_beacon.py, src/qwen2, src/mistral,
examples/training.md; for Mistral's checkpoint of April 2024 also the state at its release, commit 2754e97) and from Zhang et
al., arXiv 2401.03462:

- the checkpoint is the language model with `model.beacon_embed_tokens` [1, d] and `…self_attn.beacon_{q,k,v}_proj` in each
  layer (`o` as well in the older code), which project beacons; `config.json` says which, and the window, as `beacon_…`;
- keys are kept without rotary positions and turned when read: beacons count 0, 1, 2 … however much text they stand for;
- Qwen2's beacons are interleaved, one after every `ratio` tokens, and see everything before them; in Mistral's older code they
  stand after the window, and each sees the window up to its own tokens. Both are read off `config.json`;
- ratios 2 to 32 in pretraining, 2, 4, 8 in fine-tuning (one drawn for each window).

Done here as the code allows, though not by default: the opening of the prompt is kept as it is (`beacon_skip_first`), and so is
all that follows the window (`skip_last`; training has no beacons in the last window either). Ours: every window is compressed
alone, where the published code lets a later one see the beacons before it; a short window's last beacon stands for what is left,
where the published code leaves a short window uncompressed. It learnt to answer from windows that see each other, so it is no
`Answerer` here. [inferred] Mistral's window of 1,024 and its projections
`q k v o`, the code's defaults at its release, and so its size; Qwen2's size agrees with the published count of 8.08 billion.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.compressor import Memory, Row, Source
from models.hub.card import Card, Check, Part
from models.hub.row import hub_row
from models.hub.settings import HubSettings
from models.hub.soft import HubCompressor

if TYPE_CHECKING:
    from models.hub.beacons import Beacons
    from models.hub.tokens import HubTokenizer

RATIOS, DEFAULT_RATIO = (2, 4, 8, 16, 32), 4
SPECIAL = re.compile(r"<[^<>\s]+>")
ASK = "Repeat the text above, word for word."
CHECK = Check(
    "memory_gain", 0.5, "No score for bringing a text back was published; keys and values that cannot be read gain nothing."
)
CODE = "https://github.com/FlagOpen/FlagEmbedding/tree/master/research/Long_LLM/activation_beacon"
PAPER = "https://arxiv.org/abs/2401.03462"
LIMITS = (
    f"Trained to answer from long texts, never to bring one back: it is asked “{ASK}”, and may shorten, comment or reword. "
    "Every window is compressed alone, where the published code lets later windows see the beacons of earlier ones."
)


@dataclass(frozen=True)
class Prompt:
    """What stands before and after the memory; pieces such as `<s>` are special tokens."""

    before: tuple[str, ...]
    after: tuple[str, ...]
    ends: tuple[str, ...]


MISTRAL = Prompt(("<s>", "[INST]"), (f"\n\n{ASK} [/INST]",), ("</s>",))
QWEN2 = Prompt(
    ("<|im_start|>", "system\nYou are a helpful assistant.", "<|im_end|>", "\n", "<|im_start|>", "user\n"),
    (f"\n\n{ASK}", "<|im_end|>", "\n", "<|im_start|>", "assistant\n"),
    ("<|im_end|>", "<|endoftext|>"),
)


def rows() -> list[Row]:
    mistral = Part(
        "namespace-Pt/activation-beacon-mistral-7b", 17_167_826_944, "not stated that we know of; its base is Apache-2.0"
    )
    qwen2 = Part("namespace-Pt/beacon-qwen-2-7b-instruct", 16_156_342_272, "not stated that we know of; its base is Apache-2.0")
    return [
        _row(
            "beacon-mistral-7b", "Mistral-7B-Instruct-v0.2", 1024, mistral, MISTRAL, (1_342_181_376, 131_072_000, 7_110_660_096)
        ),
        _row("beacon-qwen2-7b", "Qwen2-7B-Instruct", 2048, qwen2, QWEN2, (462_554_624, 544_997_376, 7_070_619_136)),
    ]


def _row(name: str, model: str, window: int, part: Part, prompt: Prompt, sizes: tuple[int, int, int]) -> Row:
    title = f"Activation Beacon: keys and values of beacon tokens, {model}"
    parameters = dict(zip(("compressor", "embeddings", "decoder"), sizes, strict=True))
    card = Card((part,), CHECK, PAPER, CODE, LIMITS)
    given = {"parameters": parameters, "vectors": False}
    return hub_row(name, title, "kv", RATIOS, DEFAULT_RATIO, window, card, partial(load, prompt), **given)


class Beacon(HubCompressor):
    """One window at a time: thousands of tokens are enough work for a GPU."""

    def __init__(self, beacons: Beacons, tokenizer: HubTokenizer, prompt: Prompt, config: dict[str, Any]) -> None:
        """From a model with beacons and the `beacon_…` settings of its `config.json`.

        Raises:
            RuntimeError: the tokenizer lacks a special token of the prompt.
        """
        from models.hub.kv import KvDecoder

        before, after = (pieces_ids(tokenizer, pieces) for pieces in (prompt.before, prompt.after))
        ends = frozenset(token for end in prompt.ends for token in pieces_ids(tokenizer, (end,)))
        window = config["beacon_window"]
        vocabulary, given = len(tokenizer.tokenizer), {"before": before, "turned": False, "length": window}
        super().__init__(KvDecoder(beacons.model, after, vocabulary, ends, **given), tokenizer, window)
        self.beacons, self.scheme = beacons, scheme(config)

    def compress(self, source: Source, windows: Sequence[tuple[int, int]], ratio: int) -> list[Memory]:
        from models.hub.beacons import layout
        from models.hub.kv import kv_memory

        head, made = self.decoder.head(), []
        for window in windows:
            ids = source.window_ids(window)
            laid = layout(len(ids), ratio, len(self.decoder.before), *self.scheme)
            made.append(kv_memory(len(ids), self.beacons.read(ids, head, laid)))
        return made


def pieces_ids(tokenizer: HubTokenizer, pieces: Sequence[str]) -> list[int]:
    """Token ids of a prompt's pieces.

    Raises:
        RuntimeError: there is no such special token.
    """
    ids: list[int] = []
    for piece in pieces:
        if SPECIAL.fullmatch(piece):
            known = tokenizer.tokenizer.get_vocab()
            if piece not in known:
                raise RuntimeError(f"the tokenizer lacks the token {piece}, which the prompt needs")
            ids.append(known[piece])
        else:
            ids += tokenizer.encode(piece).ids
    return ids


def scheme(config: dict[str, Any]) -> tuple[str, str]:
    """Where beacons stand and what they see, as in `config.json`; the older code knew one place and had no name for it.

    Raises:
        RuntimeError: it says nothing of beacons, or something that is not built here.
    """
    from models.hub.beacons import KNOWN

    if "beacon_attn" not in config or "beacon_window" not in config:
        raise RuntimeError("config.json says nothing of beacons (beacon_window, beacon_attn), so this is no checkpoint of them")
    found = (config.get("beacon_pos", "append"), config["beacon_attn"])
    if found not in KNOWN or not config.get("beacon_attend_prev", True):
        known = ", ".join(" with ".join(pair) for pair in sorted(KNOWN))
        raise RuntimeError(
            f"beacons placed by {found[0]} with {found[1]} are not built here; known, all attending earlier ones: {known}"
        )
    return found


@contextmanager
def quiet() -> Iterator[None]:
    """Without transformers' report of tensors that it has no place for."""
    from transformers.utils import logging

    before = logging.get_verbosity()
    logging.set_verbosity_error()
    try:
        yield
    finally:
        logging.set_verbosity(before)


def load(prompt: Prompt, folders: Sequence[Path], settings: HubSettings, options: tuple[str, ...]) -> Beacon:
    """The compressor of a checkpoint's folder.

    Raises:
        RuntimeError: a tensor is missing, left over or of another shape, or the layout is unknown; one sentence.
    """
    from safetensors import safe_open
    from torch import nn

    from models.hub.beacons import Beacons, Switched
    from models.hub.weights import fill, model, tokenizer

    folder = folders[0]
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    scheme(config)
    found = {}
    for file in sorted(folder.glob("*.safetensors")):
        with safe_open(file, "pt") as opened:
            found |= {name: opened.get_tensor(name) for name in opened.keys() if "beacon_" in name}  # noqa: SIM118
    embedding = found.pop("model.beacon_embed_tokens.weight", None)
    if embedding is None:
        raise RuntimeError(f"{folder} lacks the tensor model.beacon_embed_tokens.weight")
    # The published attention looks at the whole window, whatever window the base model's configuration has.
    with quiet():  # a plain model has no place for the beacons' tensors, which are put in below
        network = model(folder, "AutoModelForCausalLM", settings, sliding_window=None)
    own: list[dict[str, nn.Module]] = []
    for index, layer in enumerate(network.get_decoder().layers):
        mine: dict[str, nn.Module] = {}
        for name in config.get("beacon_param", ()):
            plain = getattr(layer.self_attn, f"{name}_proj")
            plain = plain.plain if isinstance(plain, Switched) else plain
            start = f"model.layers.{index}.self_attn.beacon_{name}_proj."
            parts = {key.removeprefix(start): found.pop(key) for key in list(found) if key.startswith(start)}
            mine[name] = nn.Linear(plain.in_features, plain.out_features, plain.bias is not None, device="meta")
            fill(mine[name], parts, f"beacon_{name}_proj of layer {index} in {folder}")
            mine[name].to(next(layer.parameters()).device, network.get_input_embeddings().weight.dtype).requires_grad_(False)
        own.append(mine)
    if found:
        raise RuntimeError(f"{folder} has a tensor {min(found)}, which its configuration's beacon_param does not name")
    return Beacon(Beacons(network, embedding[0], own), tokenizer(folder), prompt, config)
