"""A compressor of one's own: the docs' example as printed, and its folder as a compressor."""

import io
import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM, Qwen3Model

from inspector.cli import main as inspect
from inspector.compare import compare
from inspector.views.training import payload
from models.hub import finetuned
from models.training.__main__ import main
from models.training.logs import read
from tests.models.finetune.made import TEXT, commands, losses, table


def test_the_docs_example_learns(tiny):
    rows = losses("tiny/run/log.jsonl")
    for ratio in (3, 6):
        own = [row[f"loss_{ratio}"] for row in rows if f"loss_{ratio}" in row]
        assert np.mean(own[-5:]) < min(0.5 * own[0], 0.7 * rows[-1]["loss_prior"])
        assert rows[-1][f"rows_{ratio}"] == 8 * 18 // ratio and 1 <= rows[-1][f"erank_batch_{ratio}"] <= rows[-1][f"rows_{ratio}"]
    recipe = finetuned.Recipe.read(Path("tiny/run"))
    assert recipe.steps == 200 and recipe.gain > 0.1 and recipe.ratios == (3, 6) and recipe.probe.split()[0] == "the"


def test_its_folder_is_a_compressor(tiny, capsys):
    made = compare(TEXT, ["finetuned:tiny/run@3", "finetuned:tiny/run@6"], registry=table()).inspections
    assert [i.memory.vectors for i in made] == [6, 3] and {i.memory.width for i in made} == {64}
    assert made[0].reconstruction.text == TEXT
    assert np.mean([t.prior_surprisal - t.surprisal for t in made[0].trace.tokens]) > 0.1
    assert "Self-test passed: memory gain" in made[0].notes["self_test"]
    assert "half of the" in made[0].notes["self_test"] and "Your own" in made[0].notes["limits"]
    assert made[0].bits.memory == 32 * 6 * 64


def test_the_docs_other_commands_work(tiny, monkeypatch, capsys):
    inspecting, logging = commands()[1:]
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(TEXT.encode())))
    assert inspect(inspecting[3:]) == 0
    assert "finetuned:tiny/run@6" in capsys.readouterr().out
    assert main(logging[3:]) == 0
    log = read(Path("tiny/run.json"))
    assert log.ratios == (3, 6) and log.command.startswith("python -m models.training finetune --compressor compressor")
    assert log.parameters == sum(t.numel() for t in load_file("tiny/run/adapter.safetensors").values())
    drawn = payload([log], [], table(), number=1)["runs"][0]
    assert {"loss_3", "loss_6", "loss_prior", "entropy_3", "erank_batch_6", "accuracy_3"} <= drawn["columns"].keys()
    assert drawn["tokens"] == [row["tokens"] for row in losses("tiny/run/log.jsonl")]


def test_weights_that_learnt_nothing_and_another_base_model_fail_the_self_test(tiny, tmp_path):
    folder = Path("tiny/random")
    shutil.copytree("tiny/run", folder)
    torch.manual_seed(3)
    weights = load_file("tiny/run/adapter.safetensors")
    save_file({k: torch.randn_like(v) * v.std() for k, v in weights.items()}, folder / "adapter.safetensors")
    with pytest.raises(RuntimeError, match="self-test failed: memory gain"):
        table().load(table().resolve(f"finetuned:{folder}@3"))
    save_file(weights, folder / "adapter.safetensors")
    torch.manual_seed(4)
    other = LlamaForCausalLM(LlamaConfig.from_pretrained("tiny/decoder"))
    shutil.copytree("tiny/decoder", tmp_path / "decoder")
    other.save_pretrained(tmp_path / "decoder")
    recipe = json.loads((folder / "inspector.json").read_text()) | {"decoder": str(tmp_path / "decoder")}
    (folder / "inspector.json").write_text(json.dumps(recipe))
    with pytest.raises(RuntimeError, match="self-test failed: memory gain"):
        table().load(table().resolve(f"finetuned:{folder}@3"))


def test_memory_is_what_a_plain_transformer_says(tiny):
    """LoRA merged by hand into Qwen3Model, the slots appended by hand, the projector as a matrix product."""
    compressor = table().load(table().resolve("finetuned:tiny/run@6"))
    source = compressor.source(TEXT + " the olive")  # a full window and a short one
    made = compressor.compress(source, source.windows, 6)
    found = load_file("tiny/run/adapter.safetensors")
    plain = Qwen3Model.from_pretrained("tiny/compressor").eval()
    with torch.no_grad():
        for name, module in plain.named_modules():
            if f"model.{name}.lora_A.weight" in found:
                change = found[f"model.{name}.lora_B.weight"] @ found[f"model.{name}.lora_A.weight"]
                module.weight += 16 / 8 * change
        words = AutoTokenizer.from_pretrained("tiny/compressor")
        for (first, last), memory in zip(source.windows, made, strict=True):
            text = source.text[source.spans[first][0] : source.spans[last - 1][1]]
            ids = torch.tensor(words(text)["input_ids"])
            m = -(-(last - first) // 6)
            slots = found["head.memory"][18 // 3 : 18 // 3 + m]  # those of ratio 3 come first
            x = torch.cat([plain.embed_tokens(ids), slots])[None]
            hidden = plain(inputs_embeds=x).last_hidden_state[0, -m:]
            expected = hidden @ found["head.projector.0.weight"].T + found["head.projector.0.bias"]
            assert memory.size == m and torch.allclose(memory.vectors, expected, atol=1e-4)


def test_rows_say_what_is_missing(tiny, tmp_path, monkeypatch):
    registry = table()
    assert "put a folder in FOLDER's place" in registry.rows["finetuned:FOLDER"].why_not()
    assert "there is no folder" in registry.resolve("finetuned:nowhere/at-all").row.why_not()
    assert "holds no inspector.json" in registry.resolve(f"finetuned:{tmp_path}").row.why_not()
    row = registry.resolve("finetuned:tiny/run@3").row
    assert row.why_not() is None and row.ratios == (3, 6) and row.default_ratio == 3 and row.window == 18
    assert row.parameters["decoder"] > 0 and row.card.to_fetch() is None
    shutil.copytree("tiny/run", tmp_path / "mine")
    recipe = json.loads((tmp_path / "mine" / "inspector.json").read_text())
    for name, wrong in (("ratios", [0]), ("window", "x"), ("projector", "deep"), ("decoder", 3), ("probe", None)):
        (tmp_path / "mine" / "inspector.json").write_text(json.dumps(recipe | {name: wrong}))
        said = finetuned._row.__wrapped__(str(tmp_path / "mine"), 0).why_not()
        assert f"'{name}' is" in said and "cannot be used" in said
    (tmp_path / "mine" / "inspector.json").write_text(json.dumps(recipe | {"decoder": str(tmp_path / "gone")}))
    assert "there is no folder" in registry.resolve(f"finetuned:{tmp_path / 'mine'}").row.why_not()
    (tmp_path / "mine" / "inspector.json").write_text(json.dumps(recipe))
    (tmp_path / "mine" / "adapter.safetensors").unlink()
    assert "lacks adapter.safetensors" in registry.resolve(f"finetuned:{tmp_path / 'mine'}").row.why_not()
