"""ICAE on Mistral-7B, pretrained and fine-tuned: 128 memory slots for each segment of up to 512 tokens.

From getao/icae (code/icae_v2: modeling_icae_multi_span.py, training_utils.py, pretrained_inference.py, fine_tuned_inference.py
and their .sh): the base, LoRA of rank 512 with alpha 32 on the queries and values; the encoder reads `<s> text slots` with
LoRA, the last hidden states at the slots are memory; the decoder is the base without LoRA. Rows of `memory_token_embed`: the
slots, then AE, LM and FT. A text of more than 512 tokens is cut into equal parts, each with all slots, so no last part is
short; a text of few tokens has more slots than tokens. Pretrained: `[Z AE <s>] text </s>`, `<s>` being the target's first
token. Fine-tuned: `[<s> [INST] Z FT instruction [/INST]] text </s>`, with a question in the instruction's place for an answer,
and the slots of all segments in a row.

The tensor names give a file of exactly the published 438,373,376 bytes (tests/models/hub/test_icae.py). [inferred] The
instruction that brings the text back: fine-tuning had questions and answers about a text, so none is published.
Each segment is a text of its own here, with its own `<s>`, where the published code gives it to the first one only.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.compressor import Decoder, Row, Source, cut
from models.hub.answering import Answering, Layout
from models.hub.card import Card, Check, Part
from models.hub.row import hub_row
from models.hub.settings import HubSettings
from models.hub.soft import SoftHub

if TYPE_CHECKING:
    from torch import Tensor

    from models.hub.tokens import HubTokenizer

REPO, BASE = "sggetao/icae", "mistralai/Mistral-7B-Instruct-v0.2"
FILES = {"pretrained": "mistral_7b_pretrained_icae.safetensors", "ft": "mistral_7b_ft_icae.safetensors"}
ALPHA, TARGETS = 32, ("q_proj", "v_proj")
RATE, EXTRA = 4, 3  # tokens a slot in a full segment; rows of the embedding after the slots: AE, LM, FT
AE, FT = 0, 2
SLOTS = "memory_token_embed.weight"
PREFIX = r"icae\.base_model\.model\."  # before a module's own name in the file
INSTRUCTION = "Repeat the text above word for word."
SIZE = {"compressor": 7_198_216_192, "embeddings": 131_072_000, "decoder": 7_110_660_096}
WINDOW = 511  # tokens of a full segment, the begin token aside
PAPER, CODE = "https://arxiv.org/abs/2307.06945", "https://github.com/getao/icae"
GROWS = "A segment takes 128 vectors however short it is, so a text under 128 tokens grows."
LIMITS = {
    "pretrained": f"Trained to bring the text back, and to continue it. {GROWS}",
    "ft": f"Trained to answer questions about a text; it is asked to “{INSTRUCTION}”, which it may paraphrase. {GROWS}",
}
CHECKS = {
    "pretrained": Check(
        "token_accuracy", 0.8, "The paper reports BLEU 99 for 512 tokens; a base that cannot read slots only guesses."
    ),
    "ft": Check("memory_gain", 0.5, "No score of repeating is published; slots that a base cannot read take no surprisal away."),
}


def rows() -> list[Row]:
    base = Part(BASE, 14_483_464_192, "Apache-2.0", without=("consolidated*",))
    made = []
    for kind, said in (("pretrained", "pretrained"), ("ft", "fine-tuned")):
        own = Part(REPO, 438_373_376, "Apache-2.0", files=(FILES[kind],))
        card = Card((base, own), CHECKS[kind], PAPER, CODE, LIMITS[kind], packages=("peft",))
        title = f"ICAE, {said}: Mistral-7B with LoRA, 128 slots a segment"
        flags = {"answers": kind == "ft"}
        made.append(
            hub_row(f"icae-mistral-7b-{kind}", title, "soft", (RATE,), RATE, WINDOW, card, partial(load, kind), SIZE, **flags)
        )
    return made


class Icae(SoftHub):
    """The encoder of one row; see `SoftHub`."""

    def __init__(self, decoder: Decoder, tokenizer: HubTokenizer, model: Any, adapter: str, slots: Tensor) -> None:
        super().__init__(decoder, tokenizer, RATE * len(slots) - 1)
        self.model, self.adapter, self.slots = model, adapter, slots

    def source(self, text: str) -> Source:
        tokens = self.tokenizer.encode(text)
        count = max(1, -(-len(tokens.ids) // self.window))
        return Source(text, tokens.ids, tokens.spans, cut(len(tokens.ids), -(-len(tokens.ids) // count)))

    def vectors(self, texts: Sequence[str], ids: Sequence[Sequence[int]], ratio: int) -> list[Tensor]:
        import torch

        from models.hub.lora import using

        begin = self.tokenizer.tokenizer.bos_token_id
        text = embedded(self.model, [[begin, *row] for row in ids])
        x = torch.cat([text, self.slots.expand(len(ids), *self.slots.shape)], 1)
        with using(self.model, self.adapter):
            hidden = self.model.base_model(inputs_embeds=x, use_cache=False).last_hidden_state
        return list(hidden[:, -len(self.slots) :])


class IcaeFt(Answering, Icae):
    """The fine-tuned row, which answers."""

    mark: Tensor  # [1, d], FT

    def layout(self, question: str) -> Layout:
        return turn(self.model, self.tokenizer, self.mark, question)


def turn(model: Any, tokenizer: HubTokenizer, mark: Tensor, instruction: str) -> Layout:
    """`[<s> [INST] Z FT instruction [/INST]]`, each part tokenised by itself, as published."""
    import torch

    opening, asked, closing = (tokenizer.encode(part).ids for part in ("[INST]", instruction, "[/INST]"))
    before = embedded(model, [tokenizer.tokenizer.bos_token_id, *opening])
    return Layout(before, torch.cat([mark, embedded(model, [*asked, *closing])]))


def embedded(model: Any, ids: Sequence[Any]) -> Tensor:
    import torch

    embed = model.get_input_embeddings()
    return embed(torch.tensor(ids, device=embed.weight.device))


def load(kind: str, folders: Sequence[Path], settings: HubSettings, _: tuple[str, ...] = ()) -> Icae:
    """From the folders of the base and of ICAE's file.

    Raises:
        RuntimeError: the file lacks a tensor, or was made for a base of another shape. (A base of the same shape but with
            other weights shows in the self-test only.)
    """
    import torch

    from models.hub import weights
    from models.hub.lora import attach
    from models.hub.prompted import PromptedDecoder

    found, adapter = weights.tensors(folders[1] / FILES[kind], settings), f"icae_{kind}"
    model, tokenizer = weights.model(folders[0], "AutoModelForCausalLM", settings), weights.tokenizer(folders[0])
    embed = model.get_input_embeddings().weight
    slots = found.pop(SLOTS, None)
    if slots is None or slots.shape[1] != embed.shape[1]:
        said = "none" if slots is None else f"one of shape {list(slots.shape)}"
        raise RuntimeError(f"{FILES[kind]} should hold a tensor {SLOTS} with rows of {embed.shape[1]} numbers, and has {said}")
    rank = next((tensor.shape[0] for name, tensor in found.items() if ".lora_A." in name), 1)
    attach(model, adapter, found, rank, ALPHA, TARGETS, PREFIX)
    slots, special = slots.to(embed)[:-EXTRA], slots.to(embed)[-EXTRA:]
    begin, end = tokenizer.tokenizer.bos_token_id, tokenizer.tokenizer.eos_token_id
    with torch.inference_mode():
        if kind == "pretrained":
            before, after = embed[:0], torch.cat([special[AE : AE + 1], embedded(model, [begin])])
        else:
            asked = turn(model, tokenizer, special[FT : FT + 1], INSTRUCTION)
            before, after = asked.before, asked.after
    decoder = PromptedDecoder(model, before, after, model.config.vocab_size, frozenset({end}))
    if kind == "pretrained":
        return Icae(decoder, tokenizer, model, adapter, slots)
    made = IcaeFt(decoder, tokenizer, model, adapter, slots)
    made.mark = special[FT : FT + 1]
    return made
