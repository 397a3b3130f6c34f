"""COCOM: whole weights under peft's names, <AE>, one <MEM> for every few tokens, against the published arithmetic."""

from __future__ import annotations

import json

import pytest
import torch

from models.hub import cocom
from models.hub.settings import HubSettings
from tests.models import tiny
from tests.models.hub import naver

ADDED = ["<MEM>", "<AE>", "<ENC>", "<SEP>"]
RATE = 4
FLOAT = HubSettings(dtype="float32")


def published(base, folder):
    """Base model with added tokens inside peft's own model, saved in shards as `decoder.…`."""
    from huggingface_hub import save_torch_state_dict
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM, AutoTokenizer

    words = AutoTokenizer.from_pretrained(base)
    words.add_tokens(ADDED, special_tokens=True)
    plain = AutoModelForCausalLM.from_pretrained(base)
    torch.manual_seed(6)
    plain.resize_token_embeddings(len(words), mean_resizing=False)
    recipe = LoraConfig(task_type="CAUSAL_LM", r=naver.RANK, lora_alpha=2 * naver.RANK, target_modules="all-linear")
    model = get_peft_model(plain, recipe).eval()
    with torch.no_grad():
        plain.get_input_embeddings().weight[-4:].normal_(std=0.3)
        for name, parameter in model.named_parameters():
            if ".lora_" in name:
                parameter.normal_(std=0.3)
    folder.mkdir(parents=True)
    save_torch_state_dict({f"decoder.{k}": t for k, t in model.state_dict().items()}, folder, max_shard_size="60KB")
    config = {
        "model_type": "COCOM",
        "compr_rate": RATE,
        "compr_model_name": None,
        "lora": True,
        "lora_r": naver.RANK,
        "sep": False,
    }
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    return model, words


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    root = tmp_path_factory.mktemp("cocom")
    base = naver.base(root / "mistralai" / "Mistral-7B-Instruct-v0.2")
    own = root / "naver" / "cocom-v1-4-mistral-7b"
    return root, own, base, *published(base, own)


@pytest.fixture(scope="module")
def made(files):
    return cocom.load((files[1], files[2]), FLOAT, ())


def test_the_checkpoint_has_the_published_names(files):
    names = json.loads((files[1] / "model.safetensors.index.json").read_text())["weight_map"]
    layer = "decoder.base_model.model.model.layers.0.self_attn.q_proj"
    assert {f"{layer}.base_layer.weight", f"{layer}.lora_A.default.weight", "decoder.base_model.model.lm_head.weight"} <= set(
        names
    )
    assert len(set(names.values())) > 2


def test_memory_is_the_published_one_and_follows_the_length(files, made):
    model, words = files[3:]
    text = naver.TEXT * 3
    source = made.source(text)
    assert [b - a for a, b in source.windows[:-1]] == [128] * (len(source.windows) - 1) and len(source.windows) > 1
    for window, memory in zip(source.windows, made.compress(source, source.windows, RATE), strict=True):
        target = list(source.window_ids(window))
        ids = words.convert_tokens_to_ids(["<ENC>", "<s>"]) + target + [words.eos_token_id]
        assert memory.size == -(-len(target) // RATE)
        row = torch.tensor([ids + words.convert_tokens_to_ids(["<MEM>"]) * memory.size])
        with torch.inference_mode():
            byhand = model(input_ids=row, output_hidden_states=True).hidden_states[-1][0, -memory.size :]
        assert torch.allclose(memory.vectors, byhand, atol=1e-4)


def test_memory_differs_with_the_text(made):
    """It would not if the memory tokens stood before it, as in the published example."""
    one, other = (
        made.compress(s, s.windows, RATE)[0].vectors for s in map(made.source, ("Anna gave Ben 12", "Carl saw Dora 34"))
    )
    assert not torch.allclose(one[: len(other)], other[: len(one)], atol=1e-2)


def test_the_decoder_is_asked_with_ae(files, made):
    model, words = files[3:]
    source = made.source(naver.TEXT)
    (memory,) = made.compress(source, source.windows[:1], RATE)
    target = list(source.window_ids(source.windows[0]))
    trigger = words.convert_tokens_to_ids(["<AE>", "<s>"])
    embed = model.get_input_embeddings()
    with torch.inference_mode():
        x = torch.cat([embed(torch.tensor([trigger])), memory.vectors[None], embed(torch.tensor([target[:-1]]))], 1)
        given = model(inputs_embeds=x).logits[0, 1 + memory.size :, :300]
        prior = model(input_ids=torch.tensor([trigger + target[:-1]])).logits[0, 1:, :300]
    found = made.decoder.score([memory, None], [target, target])
    assert torch.allclose(found[0], given, atol=1e-3) and torch.allclose(found[1], prior, atol=1e-3)
    assert made.decoder.end_ids == {1} and not memory.stops_by_length


def test_added_tokens_are_no_answer_and_not_shown(made):
    ids = made.source("Anna met Ben").ids
    assert made.text([*ids, 300, 301, 1]) == "Anna met Ben"
    assert made.decoder.score([None], [[5]])[0].shape == (1, 300)


def test_random_weights_fail_the_self_test(files, monkeypatch):
    row = next(r for r in cocom.rows() if r.name == "cocom-4")
    monkeypatch.setenv("INSPECTOR_HUB", f"folder={files[0]}")
    assert row.why_not() is None and row.card.to_fetch() is None
    with pytest.raises(RuntimeError, match="self-test failed: memory gain"):
        row.load(())


def test_another_base_model_is_told(files, tmp_path):
    other = naver.base(tmp_path / "base")
    words = tiny.tokenizer()
    words.add_tokens(["more"])
    words.save_pretrained(other)
    with pytest.raises(RuntimeError, match=r"has shape \[304, 48\], where \[305, 48\] is needed"):
        cocom.load((files[1], other), FLOAT, ())


def test_a_separate_compressor_is_told(files, tmp_path):
    (tmp_path / "config.json").write_text(
        '{"compr_rate": 4, "lora_r": 16, "compr_model_name": "bert-base-uncased"}', encoding="utf-8"
    )
    with pytest.raises(RuntimeError, match="bert-base-uncased"):
        cocom.load((tmp_path, files[2]), FLOAT, ())


def test_the_published_size_follows_from_the_shapes():
    """Three shards of 4.97, 5.00 and 4.60 GB."""
    assert {r.ratios: round(r.card.parts[0].bytes / 1e9, 2) for r in cocom.rows()} == {(4,): 14.57, (16,): 14.57, (128,): 14.57}
