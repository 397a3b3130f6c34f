"""What PISCO, OSCAR, COCOM and CLaRa share: memory is the last hidden state at `<MEM>` tokens appended to the text.

From the published modelling files (naver/pisco-mistral: modelling_pisco.py, mirrored in lixingyi701/quro-…; apple/ml-clara:
openrlhf/models/modeling_clara.py, which descends from it):

- `<MEM0> … <MEMn>` (or one `<MEM>` repeated), `<AE>`, `<ENC>`, `<SEP>` are added to the base model's tokenizer in that order.
- The encoder is the base model with the LoRA adapter `encoder_adapter`; it reads `<ENC><s>text</s>` and then the memory tokens. A
  text shorter than the window gets as many memory tokens as a full one.
- The decoder is the same base model with `decoder_adapter`; the vectors stand where the memory tokens stood in a chat prompt,
  followed by `<SEP>`.
- LoRA on all linear layers but the output, alpha twice the rank (16). `adapters.pth` holds both adapters,
  `decoder_first_last_layers.pth` the token embeddings and output rows with the added tokens.

Published code pads on the left to the window's length; positions are relative, so windows without padding give the same.
Documents beyond the window are cut off there, here the next window begins. Added tokens are never an answer here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from models.hub import lora, weights
from models.hub.answering import Answering, Layout, unspecial
from models.hub.memprompts import ADAPTERS, AE, ASK, ENC, ENDS, SEP, SLOT, SYSTEM, USER
from models.hub.prompted import PromptedDecoder
from models.hub.settings import HubSettings
from models.hub.soft import SoftHub
from models.hub.tokens import HubTokenizer


class MemTokens:
    """A tokenizer with the tokens of this family added, in the order of training."""

    def __init__(self, tokenizer: HubTokenizer, count: int, different: bool) -> None:
        """Add them.

        Args:
            tokenizer: of the base model; changed.
            count: memory tokens of a full window.
            different: is each its own token, or one token repeated?

        Raises:
            RuntimeError: the tokenizer lacks a begin or end token, or has some of the added ones already.
        """
        from tokenizers import AddedToken

        self.tokenizer, inner = tokenizer, tokenizer.tokenizer
        self.vocabulary = len(inner)  # ids that are tokens of text
        self.names = [f"<MEM{i}>" for i in range(count)] if different else ["<MEM>"] * count
        added = [*dict.fromkeys(self.names), AE, ENC, SEP]
        inner.add_tokens([AddedToken(name, special=True, normalized=False) for name in added], special_tokens=True)
        self.size = len(inner)
        if self.size != self.vocabulary + len(added) or inner.bos_token_id is None or inner.eos_token_id is None:
            raise RuntimeError(
                f"the tokenizer of {inner.name_or_path} is not the base model's: it needs {added[0]} and others added"
            )
        self.mem = inner.convert_tokens_to_ids(self.names)
        self.enc, self.bos, self.eos = inner.convert_tokens_to_ids(ENC), inner.bos_token_id, inner.eos_token_id

    def around(self, prompt: str) -> tuple[Tensor, Tensor]:
        """Ids of a prompt before and after its `SLOT`; what spells a special token is one."""
        ids = self.tokenizer.marked(prompt.replace(SLOT, "".join(self.names)))
        first = ids.index(self.mem[0])
        return torch.tensor(ids[:first], dtype=torch.long), torch.tensor(ids[first + len(self.mem) :], dtype=torch.long)

    def chat(self, system: str = SYSTEM, user: str = USER) -> str:
        """The base model's chat up to the answer; where it knows no system turn, that stands before the user's.

        Raises:
            RuntimeError: the tokenizer has no chat template.
        """
        from jinja2.exceptions import TemplateError

        inner = self.tokenizer.tokenizer
        if not inner.chat_template:
            raise RuntimeError(f"the tokenizer of {inner.name_or_path} has no chat template, which the prompt is made with")
        render = partial(inner.apply_chat_template, tokenize=False, add_generation_prompt=True)
        try:
            return render([{"role": "system", "content": system}, {"role": "user", "content": user}])
        except TemplateError:
            return render([{"role": "user", "content": f"{system}\n{user}"}])


@dataclass(frozen=True)
class Ends:
    """A checkpoint's own first and last layer; the layers between are the base model's, shared."""

    embed: nn.Embedding
    head: Tensor  # [V, d]

    @classmethod
    def read(cls, file: Path, model: Any, tokens: MemTokens, settings: HubSettings) -> Ends:
        """Read `decoder_first_last_layers.pth`, onto the base model's devices.

        Raises:
            RuntimeError: it does not fit the base model.
        """
        found = weights.tensors(file, settings)
        own, out = model.get_input_embeddings().weight, model.get_output_embeddings().weight
        table = found.get("model.embed_tokens.weight")
        if table is None or table.shape != (tokens.size, own.shape[1]):
            there = "none" if table is None else list(table.shape)
            raise RuntimeError(f"{file.name} has embeddings {there}, where the base model needs {[tokens.size, own.shape[1]]}")
        head = found.get("lm_head.weight", table)[: tokens.vocabulary]
        return cls(nn.Embedding.from_pretrained(table.to(own)), head.to(device=out.device, dtype=own.dtype))


class MemDecoder(PromptedDecoder):
    """Reads with an adapter, and with its checkpoint's own embeddings and output rows."""

    def __init__(self, model: Any, ends: Ends, tokens: MemTokens, prompt: str, adapter: str) -> None:
        place = ends.embed.weight.device
        before, after = (ends.embed(ids.to(place)) for ids in tokens.around(prompt))
        super().__init__(model, before, after, tokens.vocabulary, end_ids(model, tokens), adapter)
        self.embed, self.head = ends.embed, ends.head

    def _forward(
        self, x: Tensor, visible: Tensor | None = None, positions: Tensor | None = None, cache: Any = None, keep: int = 0
    ) -> tuple[Tensor, Any]:
        wanted = {"attention_mask": visible, "position_ids": positions, "past_key_values": cache}
        with lora.using(self.model, self.adapter):
            out = self.model.base_model(
                inputs_embeds=x, use_cache=cache is not None, **{k: v for k, v in wanted.items() if v is not None}
            )
        return (out.last_hidden_state[:, -keep:].to(self.head) @ self.head.T).float(), out.past_key_values


class MemHub(SoftHub):
    """Windows of `window` tokens; `encode` makes a window's memory [M, d] from its text and ids."""

    def __init__(
        self,
        decoder: PromptedDecoder,
        tokens: MemTokens,
        window: int,
        encode: Callable[[Sequence[str], Sequence[Sequence[int]]], Sequence[Tensor]],
    ) -> None:
        super().__init__(decoder, tokens.tokenizer, window)
        self.encode = encode

    def vectors(self, texts: Sequence[str], ids: Sequence[Sequence[int]], ratio: int) -> list[Tensor]:
        return list(self.encode(texts, ids))


class MemAnswers(Answering, MemHub):
    """One that was trained to answer: memories in a row, `<SEP>` after each where there is one, and the question."""

    tokens: MemTokens
    prompt: Callable[[str], str]  # question → the prompt with a `SLOT` for the memories
    between: Sequence[int]

    def layout(self, question: str) -> Layout:
        asked = unspecial(question.replace(SLOT, " "), self.tokens.tokenizer.tokenizer)  # which would be a second place
        return Layout(*self.tokens.around(self.prompt(asked)), self.between)


def at_end(
    model: Any, embed: Callable[[Tensor], Tensor], ids: Sequence[Sequence[int]], count: int, adapter: str | None
) -> Tensor:
    """Last hidden states, after the final norm, at the last `count` tokens of rows of one length: [batch, count, d]."""
    x = embed(torch.tensor(ids, device=model.get_input_embeddings().weight.device))
    with lora.using(model, adapter):
        return model.base_model(inputs_embeds=x, use_cache=False).last_hidden_state[:, -count:]


def end_ids(model: Any, tokens: MemTokens) -> frozenset[int]:
    """Tokens that end an answer: the tokenizer's, and those of the base model's generation, which may be several."""
    told = getattr(model.generation_config, "eos_token_id", None)
    return frozenset((tokens.eos, *(told if isinstance(told, list) else () if told is None else (told,))))


def read_config(folder: Path, *needed: str) -> Mapping[str, Any]:
    """The checkpoint's `config.json`.

    Raises:
        RuntimeError: a field is missing.
    """
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    for name in needed:
        if name not in config:
            raise RuntimeError(f"{folder / 'config.json'} has no {name}: this is another kind of checkpoint")
    return config


def attach(model: Any, name: str, found: Mapping[str, Tensor], rank: int, prefix: str = "") -> str:
    """Attach an adapter of the family's recipe; returns its name. Embeddings that peft put beside it stand in `ENDS` too."""
    found = {key: tensor for key, tensor in found.items() if not key.endswith(("embed_tokens.weight", "lm_head.weight"))}
    targets = {match["module"].rpartition(".")[2] for key in found if (match := lora.LORA.match(key))}
    lora.attach(model, name, found, rank, 2 * rank, sorted(targets), prefix)
    return name


def load(
    name: str,
    checkpoint: Path,
    base: Path,
    settings: HubSettings,
    system: str = SYSTEM,
    user: str = USER,
    encoder: Callable[[Any, MemTokens, Mapping[str, Any]], Any] | None = None,
    answers: bool = False,
) -> MemHub:
    """A compressor from a checkpoint of adapters and its base model.

    Args:
        name: of the row; the adapters' names begin with it.
        checkpoint, base: their folders.
        system, user: the prompt; `user` holds `SLOT`.
        encoder: makes another encoder than the base model with `encoder_adapter`, from model, tokens and configuration.
        answers: it was trained to answer questions, put as in `ASK`.

    Raises:
        RuntimeError: the files do not fit each other; one sentence.
    """
    config = read_config(checkpoint, "doc_max_length", "compr_rate", "different_mem_tokens", "lora_r")
    window = config["doc_max_length"]
    model = weights.model(base, "AutoModelForCausalLM", settings)
    tokens = MemTokens(weights.tokenizer(base), window // config["compr_rate"], config["different_mem_tokens"])
    ends = Ends.read(checkpoint / ENDS, model, tokens, settings)
    found = weights.tensors(checkpoint / ADAPTERS, settings)
    roles = {
        role: {k.partition(".")[2]: t for k, t in found.items() if k.startswith(f"{role}_adapter.")}
        for role in ("encoder", "decoder")
    }
    if not roles["decoder"]:
        raise RuntimeError(f"{checkpoint / ADAPTERS} holds no decoder_adapter")
    names = {role: attach(model, f"{name}-{role}", own, config["lora_r"]) for role, own in roles.items() if own}
    decoder = MemDecoder(model, ends, tokens, tokens.chat(system, user), names["decoder"])
    if encoder is not None:
        return MemHub(decoder, tokens, window, encoder(model, tokens, config))
    reader = names.get("encoder", names["decoder"])  # one adapter for both roles, where it was trained so

    def encode(texts: Sequence[str], ids: Sequence[Sequence[int]]) -> Sequence[Tensor]:
        rows = [[tokens.enc, tokens.bos, *row, tokens.eos, *tokens.mem] for row in ids]
        return list(at_end(model, ends.embed, rows, len(tokens.mem), reader))

    if not answers:
        return MemHub(decoder, tokens, window, encode)
    made = MemAnswers(decoder, tokens, window, encode)
    made.tokens, made.between = tokens, tokens.tokenizer.marked(SEP)
    made.prompt = lambda question: tokens.chat(system, f"{ASK}{question}")
    return made
