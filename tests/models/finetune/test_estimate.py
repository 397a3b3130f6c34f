"""What a training takes, against published sizes and what is really trained."""

import shutil
from pathlib import Path

import pytest
from transformers import LlamaConfig, Qwen3Config

from models.training.__main__ import main
from models.training.finetune.estimate import counted, estimate, trained
from tests.models.finetune.made import GUIDE, loaded, options, settings


def test_the_estimate_counts_the_published_models_and_what_is_really_trained(tiny, capsys):
    qwen = Qwen3Config(vocab_size=151936, hidden_size=1024, intermediate_size=3072, num_hidden_layers=28, num_attention_heads=16,
                       num_key_value_heads=8, head_dim=128, tie_word_embeddings=True)  # fmt: skip
    llama = LlamaConfig(vocab_size=128256, hidden_size=4096, intermediate_size=14336, num_hidden_layers=32,
                        num_attention_heads=32, num_key_value_heads=8, tie_word_embeddings=False)  # fmt: skip
    small, large = counted("AutoModel", qwen), counted("AutoModelForCausalLM", llama)
    assert (small.parameters, large.parameters) == (596_049_920, 8_030_261_248)  # as their model pages say: 0.6B, 8.03B
    assert large.multiplied == 8_030_261_248 - 128256 * 4096
    s = settings(ratios=(16,), window=512, following=128, rank=64, precision="bf16")
    made = estimate(small, large, s, devices=1, steps=10)
    assert made.weights == 2 * (596_049_920 + 8_030_261_248)
    assert sum(trained(small, large, s)) == 40_370_176 + 32 * 1024 + 4096 + 1025 * 4096
    tokens = 8 * (544 * 440_467_456 + (546 + 161) * large.multiplied)
    assert made.flops == pytest.approx(6 * tokens)  # forward, again, backward: 2 FLOPs each
    text = "\n".join(made.lines)
    assert text.split("assumed")[0].strip() in GUIDE.replace("12,500", "10").replace("3.33e+18", "2.66e+15").replace(
        "51,200,000", "40,960"
    )
    tied = counted("AutoModelForCausalLM", qwen)
    assert tied.parameters == tied.multiplied == 596_049_920
    run = loaded()
    assert sum(trained(*run.shapes, run.settings)) == sum(p.numel() for p in run.parameters)


def test_an_estimate_needs_no_weights_and_leaves_nothing(tiny, tmp_path, capsys):
    for name in ("compressor", "decoder"):
        (tmp_path / name).mkdir()
        shutil.copy(f"tiny/{name}/config.json", tmp_path / name)
    changes = {name: tmp_path / name for name in ("compressor", "decoder")} | {"estimate": ""}
    assert main(options("never", **changes)) == 0
    assert "together" in capsys.readouterr().out and not Path("never").exists()
