"""Tiny random checkpoints of the `<MEM>` family, written by transformers and peft as the published code wrote them."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import torch

from tests.models import tiny

TEXT = "Anna met Ben by the mill, and Ben gave Anna 12 pears; Carl saw 3 of them fall into the river. Dora laughed at <s>."
TEMPLATE = (
    "{{ bos_token }}{% if messages[0]['role'] == 'system' %} [INST] {{ messages[0]['content'] }}\n\n"
    "{{ messages[1]['content'] }} [/INST]"
    "{% else %} [INST] {{ messages[0]['content'] }} [/INST]{% endif %}"
)
NO_SYSTEM = (
    "{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}"
    "{{ bos_token }}[INST] {{ messages[0]['content'] }} [/INST]"
)
RANK = 2


def network(**changes: Any) -> Any:
    from transformers import MistralConfig, MistralForCausalLM

    torch.manual_seed(3)
    settings = tiny.SIZES | {"num_key_value_heads": 2, "max_position_embeddings": 2048, "initializer_range": 0.1} | changes
    config = MistralConfig(bos_token_id=0, eos_token_id=1, tie_word_embeddings=False, sliding_window=None, **settings)
    return MistralForCausalLM(config).eval()


def base(folder: Path, template: str = TEMPLATE, **changes: Any) -> Path:
    """A base model and its tokenizer."""
    network(**changes).save_pretrained(folder)
    words = tiny.tokenizer()
    words.chat_template = template
    words.save_pretrained(folder)
    return folder


def adapted(folder: Path, added: list[str], adapters: tuple[str, ...]) -> tuple[Any, Any]:
    """The published network: base model with tokens added and random adapters on all linear layers, and its tokenizer."""
    from peft import LoraConfig
    from transformers import AutoModelForCausalLM, AutoTokenizer

    words = AutoTokenizer.from_pretrained(folder)
    words.add_tokens(added, special_tokens=True)
    model = AutoModelForCausalLM.from_pretrained(folder).eval()
    torch.manual_seed(4)
    model.resize_token_embeddings(len(words), mean_resizing=False)
    with torch.no_grad():
        model.get_input_embeddings().weight[-len(added) :].normal_(std=0.3)
    for name in adapters:
        config = LoraConfig(task_type="CAUSAL_LM", r=RANK, lora_alpha=2 * RANK, target_modules="all-linear")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that there is an adapter already
            model.add_adapter(config, name)
        with torch.no_grad():
            for key, parameter in model.named_parameters():
                if f".{name}." in key:
                    parameter.normal_(std=0.3)
    return model.eval(), words


def checkpoint(folder: Path, model: Any, adapters: tuple[str, ...], embedded: bool = False, **config: Any) -> Path:
    """`config.json`, `adapters.pth` and `decoder_first_last_layers.pth` of an adapted network.

    Newer versions of peft put resized embeddings beside an adapter; the published files are too small to hold them.
    """
    folder.mkdir(parents=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it saves embeddings too
        states = {name: model.get_adapter_state_dict(name) for name in adapters}
    kept = {name: {k: t for k, t in state.items() if embedded or ".lora_" in k} for name, state in states.items()}
    torch.save(kept, folder / "adapters.pth")
    ends = {k: p.detach() for k, p in model.named_parameters() if "lm_head.weight" in k or "embed_tokens.weight" in k}
    torch.save(ends, folder / "decoder_first_last_layers.pth")
    (folder / "config.json").write_text(json.dumps({"lora": True, "lora_r": RANK, **config}), encoding="utf-8")
    return folder


def hidden(model: Any, adapter: str, ids: list[int], mem: list[int], padded: int = 0) -> torch.Tensor:
    """Memory as published: hidden states of the last layer where the ids are memory tokens, the rest padded on the left."""
    model.set_adapter(adapter)
    row = torch.tensor([[0] * padded + ids + mem])
    visible = torch.tensor([[0] * padded + [1] * (len(ids) + len(mem))])
    with torch.inference_mode():
        last = model(input_ids=row, attention_mask=visible, output_hidden_states=True).hidden_states[-1]
    return last[torch.isin(row, torch.tensor(mem)) & (visible == 1)]


def logits(
    model: Any, adapter: str, prompt: list[int], mem: list[int], vectors: torch.Tensor | None, target: list[int]
) -> torch.Tensor:
    """Scores [len(target), V] as published: vectors put in place of the memory tokens' embeddings in the prompt."""
    model.set_adapter(adapter)
    ids = [i for i in prompt if vectors is not None or i not in mem]
    with torch.inference_mode():
        x = model.get_input_embeddings()(torch.tensor([ids + target[:-1]])).clone()
        if vectors is not None:
            first = ids.index(mem[0])
            x[0, first : first + len(vectors)] = vectors
        return model(inputs_embeds=x).logits[0, len(ids) - 1 :]
