"""COCOM (Rau et al. 2024, naver/cocom-v1-{4,16,128}-mistral-7b): 128 tokens become 32, 8 or 1 vectors, by `memtokens.py`.

Facts from the published modeling_cocom.py and config.json (mirrored in lixingyi701/quro-…, third_party/) and from the code they
were trained with (naver/bergen and the fork wshuai190/bergen, models/generators, class COCOMLLM): one adapter of rank 16 for
both roles; the weights are the whole model under peft's names (`decoder.base_model.model.model. … .base_layer.weight`,
`.lora_A.default.weight`); the encoder reads `<ENC><s>text</s>` and one `<MEM>` for every 4, 16 or 128 tokens, rounded up; to
bring a text back the decoder is given `<AE><s>` and the vectors, no `<SEP>`; to answer, `<s>`, the vectors of each text with
`<SEP>` after them where the configuration says `sep`, and `[INST]question\\n[/INST]\\n`. Numbers of Mistral, of four more tokens
and of LoRA in bfloat16 make 14.567 GB, as published (4.97 + 5.00 + 4.60).

The example published beside the weights puts `<MEM>` before the text, where a causal model cannot have read it yet, and ends the
text with `<s>`; here they stand as in training. [inferred] Windows of 128 tokens, from the paper: the configuration names none;
`<SEP>` where it says nothing of `sep`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.compressor import Row
from models.hub.card import Card, Check, Part
from models.hub.memprompts import AE, LORA_16, MISTRAL, SEP, SLOT, WORDS
from models.hub.row import hub_row
from models.hub.settings import HubSettings

if TYPE_CHECKING:
    from torch import Tensor

    from models.hub.memtokens import MemHub

WINDOW = 128
PREFIX = "decoder.base_model.model."
SIZE = 7_241_732_096 + 4 * 2 * 4096 + LORA_16
LIMITS = (
    "Pretrained to bring texts back at the token <AE>, which is used here, then finetuned to answer questions from five texts: "
    "how much of the first is left was not measured. No licence is named."
)
WHY = "Finetuned on questions, it may not repeat exactly any more, so only what memory adds to the prior is asked for."


def rows() -> list[Row]:
    return [_row(ratio) for ratio in (4, 16, 128)]


def _row(ratio: int) -> Row:
    repo = f"naver/cocom-v1-{ratio}-mistral-7b"
    words = Part(MISTRAL.repo, 0, MISTRAL.licence, WORDS)
    check = Check("memory_gain", 0.1 if ratio == 128 else 0.3, WHY)
    card = Card(
        (Part(repo, 2 * SIZE, "none named"), words),
        check,
        "https://arxiv.org/abs/2407.09252",
        f"https://huggingface.co/{repo}",
        LIMITS,
    )
    embeddings = 32_004 * 4096
    parts = {"compressor": SIZE - embeddings, "embeddings": embeddings, "decoder": SIZE - embeddings}
    title, flags = f"COCOM {ratio}×, Mistral 7B", {"answers": True}
    return hub_row(f"cocom-{ratio}", title, "soft", (ratio,), ratio, WINDOW, card, load, parts, **flags)


def load(folders: Sequence[Path], settings: HubSettings, options: tuple[str, ...]) -> MemHub:
    """A compressor from its checkpoint and a folder with the base model's configuration and tokenizer.

    Raises:
        RuntimeError: the files do not fit each other; one sentence.
    """
    from transformers import AutoConfig

    from models.hub import memtokens, weights
    from models.hub.prompted import PromptedDecoder

    own, base = folders
    config = memtokens.read_config(own, "compr_rate", "lora_r")
    if config.get("compr_model_name"):
        raise RuntimeError(
            f"{own} compresses with {config['compr_model_name']}; only checkpoints that compress with their decoder fit"
        )
    tokens = memtokens.MemTokens(weights.tokenizer(base), 1, different=False)
    shape = AutoConfig.from_pretrained(base, trust_remote_code=False, local_files_only=True)
    shape.vocab_size = tokens.size
    model = whole(own, shape, settings)
    adapter = memtokens.attach(
        model, "cocom", read(own, lambda shard, name: shard.get_tensor(name), adapter=True), config["lora_r"], re.escape(PREFIX)
    )
    before, after = tokens.around(f"{AE}{tokens.tokenizer.tokenizer.bos_token}{SLOT}")
    decoder = PromptedDecoder(model, before, after, tokens.vocabulary, memtokens.end_ids(model, tokens), adapter)

    def encode(texts: Sequence[str], ids: Sequence[Sequence[int]]) -> Sequence[Tensor]:
        count = -(-len(ids[0]) // config["compr_rate"])
        rows = [[tokens.enc, tokens.bos, *row, tokens.eos, *tokens.mem * count] for row in ids]
        return list(memtokens.at_end(model, model.get_input_embeddings(), rows, count, adapter))

    made = memtokens.MemAnswers(decoder, tokens, WINDOW, encode)
    mark, begin = SEP if config.get("sep", True) else "", tokens.tokenizer.tokenizer.bos_token
    made.tokens, made.between = tokens, tokens.tokenizer.marked(mark)
    made.prompt = lambda question: f"{begin}{SLOT}{mark}[INST]{question}\n[/INST]\n"
    return made


def whole(folder: Path, shape: Any, settings: HubSettings) -> Any:
    """The language model in the checkpoint, without its adapter.

    Raises:
        RuntimeError: names or shapes are not those of the base model.
    """
    import torch
    from transformers import AutoModelForCausalLM
    from transformers.utils import logging

    from models.hub import weights

    with torch.device("meta"):  # names and shapes, no numbers
        own = AutoModelForCausalLM.from_config(shape).state_dict()
        shapes = read(folder, lambda shard, name: torch.empty(shard.get_slice(name).get_shape()), adapter=False)
    weights.fits(own, {name.removeprefix(PREFIX).replace(".base_layer.", "."): t for name, t in shapes.items()}, folder.name)
    names = {f"^{re.escape(PREFIX)}": "", r"\.base_layer\.": "."}
    before = logging.get_verbosity()
    logging.set_verbosity_error()  # it would list each tensor of the adapter as left over
    try:
        return weights.model(folder, "AutoModelForCausalLM", settings, config=shape, key_mapping=names)
    finally:
        logging.set_verbosity(before)


def read(folder: Path, get: Callable[[Any, str], Tensor], adapter: bool) -> dict[str, Tensor]:
    """What `get(shard, name)` gives for each tensor of the adapter, or for each of the others, over all shards."""
    from safetensors import safe_open

    found = {}
    for file in sorted(folder.glob("*.safetensors")):
        with safe_open(file, "pt") as shard:
            found |= {name: get(shard, name) for name in shard.keys() if (".lora_" in name) == adapter}  # noqa: SIM118
    return found
