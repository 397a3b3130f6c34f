"""Losses and gradients against plain computations; runs that are killed, continued, or spread over processes."""

import os
import socket
from itertools import pairwise
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from accelerate.state import AcceleratorState
from safetensors.torch import load_file
from torch.multiprocessing import start_processes
from transformers import LlamaForCausalLM

from models.hub import finetuned
from models.training.__main__ import main
from models.training.finetune import checkpoint, data
from models.training.finetune.run import Run
from models.training.finetune.settings import learning_rate
from tests.models.finetune.made import TEXT, loaded, losses, options, started, table


def test_losses_are_what_a_plain_transformer_says_and_do_not_depend_on_the_batch(tiny):
    run = loaded(continuation=0.5)
    texts = (TEXT, "the white lizard the white lizard the azure", TEXT.replace("green", "lilac"))
    cut = ((0, 18, 18), (0, 5, 8), (3, 17, 18))  # of every length, so that all is padded
    samples = []
    for text, (first, middle, last) in zip(texts, cut, strict=True):
        samples.append(data.taken(text, run.tokenizer.encode(text), first, middle, last, run.own))
    loss, reconstruction, continuation, _ = run.task(samples, 3)
    own, after, counts = 0.0, 0.0, [0, 0]
    decoder, trigger = LlamaForCausalLM.from_pretrained("tiny/decoder").eval(), run.task.network.head.trigger
    with torch.no_grad():
        for sample in samples:
            z, _, (m,) = run.task.memories([sample], 3)
            begin = decoder.model.embed_tokens(torch.tensor([0]))
            for ids, before in (((*sample.source, 1), (begin, z[0], trigger)), (sample.following, (begin, z[0]))):
                if ids:
                    target = torch.tensor(ids)
                    x = torch.cat([*before, decoder.model.embed_tokens(target[:-1])])[None]
                    total = F.cross_entropy(decoder(inputs_embeds=x).logits[0, -len(ids) :], target, reduction="sum")
                    own, after = (own + total, after) if len(before) == 3 else (own, after + total)
                    counts[len(before) == 2] += len(ids)
            assert m == -(-len(sample.source) // 3)
    assert reconstruction.item() == pytest.approx((own / counts[0]).item(), rel=1e-4)
    assert continuation.item() == pytest.approx((after / counts[1]).item(), rel=1e-4)
    assert loss.item() == pytest.approx(reconstruction.item() + 0.5 * continuation.item(), rel=1e-5)


@pytest.mark.parametrize("rank", [4, None])
def test_checkpointing_changes_no_gradient_and_only_what_is_trained_has_one(tiny, rank):
    gradients = []
    for checkpointing in (True, False):
        run = loaded(checkpointing=checkpointing, rank=rank)
        run.backward(next(run.batches()), 6)
        assert all(p.grad is None for p in run.task.decoder.parameters())
        gradients.append({k: p.grad for k, p in checkpoint.trainable(run.task.network).items()})
        layers = [m for m in run.task.modules() if getattr(m, "gradient_checkpointing", False)]
        assert bool(layers) == checkpointing
    assert gradients[0].keys() == gradients[1].keys()
    assert any(".lora_A." in name for name in gradients[0]) == (rank is not None)
    for name, gradient in gradients[0].items():
        assert torch.allclose(gradient, gradients[1][name], atol=1e-6), name


def test_the_batches_of_a_step_are_averaged(tiny):
    found = {}
    for accumulate, taken in ((1, (0,)), (1, (1,)), (2, (0, 1))):
        run = loaded(accumulate=accumulate, batch=2)
        batches = run.batches()
        drawn = [next(batches) for _ in range(2)]
        for at in taken:
            run.backward(drawn[at], 3)
        found[taken] = torch.cat([p.grad.flatten() for p in run.parameters])
    assert not torch.allclose(found[0,], found[1,], atol=1e-3)
    assert torch.allclose(found[0, 1], (found[0,] + found[1,]) / 2, atol=1e-6)


def test_a_killed_run_goes_on_to_the_same_weights(tiny, monkeypatch):
    assert main(options("whole")) == 0
    log = Run.log

    def killed(self, sums):
        log(self, sums)
        if self.step == 3:  # after the checkpoint of step 2
            raise KeyboardInterrupt

    monkeypatch.setattr(Run, "log", killed)
    with pytest.raises(KeyboardInterrupt):
        main(options("cut", **{"save-every": 2}))
    monkeypatch.setattr(Run, "log", log)
    assert finetuned.Recipe.read(Path("cut")).steps == 2
    assert main(options("cut", **{"save-every": 2})) == 0
    whole, cut = (load_file(f"{name}/adapter.safetensors") for name in ("whole", "cut"))
    start = started()
    assert whole.keys() == cut.keys() == start.keys()
    assert all(torch.equal(whole[k], cut[k]) for k in whole)
    assert not any(torch.equal(whole[k], start[k]) for k in whole)  # everything learns
    assert finetuned.Recipe.read(Path("whole")).tokens == finetuned.Recipe.read(Path("cut")).tokens > 6 * 4
    assert [row["step"] for row in losses("cut/log.jsonl")] == [1, 2, 3, 3, 4, 5, 6]
    final = [{k: v for k, v in losses(f"{name}/log.jsonl")[-1].items() if k != "seconds"} for name in ("whole", "cut")]
    assert final[0] == final[1]


def test_a_run_is_not_continued_with_other_options(tiny, capsys):
    assert main(options("first", steps=1)) == 0
    assert main(options("first", steps=1, window=17)) == 2
    assert "holds a run with window 18, not 17" in capsys.readouterr().err


def test_the_whole_compressor_is_trained_with_full(tiny, monkeypatch):
    assert main(options("full", lora=None, full="", steps=2, projector="mlp")) == 0
    found, base = load_file("full/adapter.safetensors"), load_file("tiny/compressor/model.safetensors")
    changed = [k for k in found if k.startswith("model.layers") and not torch.equal(found[k], base[k])]
    assert changed and not any("lora" in k for k in found)
    monkeypatch.setenv("INSPECTOR_ALLOW", "failed-self-test")  # two steps teach nothing
    compressor = table().load(table().resolve("finetuned:full@3"))
    assert torch.equal(
        compressor.network.model.state_dict()["layers.0.mlp.up_proj.weight"], found["model.layers.0.mlp.up_proj.weight"]
    )
    monkeypatch.setenv("INSPECTOR_HUB", "bits=8")
    with pytest.raises(RuntimeError, match="load it with bits=16"):
        table().load(table().resolve("finetuned:full@3"))


def test_bf16_leaves_what_is_trained_in_float32(tiny):
    assert main(options("single", steps=2)) == 0
    AcceleratorState._reset_state(True)
    run = loaded(precision="bf16")
    kinds = {p.requires_grad: p.dtype for p in run.task.network.model.parameters()}
    assert kinds == {True: torch.float32, False: torch.bfloat16} == {True: torch.float32, False: run.task.decoder.dtype}
    assert main(options("half", precision="bf16", steps=2)) == 0
    AcceleratorState._reset_state(True)
    assert {t.dtype for t in load_file("half/adapter.safetensors").values()} == {torch.float32}
    half, full = losses("half/log.jsonl")[0], losses("single/log.jsonl")[0]
    key = next(k for k in half if k.startswith("loss_"))
    assert half[key] == pytest.approx(full[key], rel=0.03)
    made, exact = (load_file(f"{run}/adapter.safetensors") for run in ("half", "single"))
    assert any(not torch.equal(made[name], exact[name]) for name in made)  # it did compute in bf16


@pytest.mark.slow
def test_two_processes_learn_what_one_learns_from_twice_the_batch(tiny, monkeypatch):
    assert main(options("one", batch=4, accumulate=1, steps=2, following=6)) == 0
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    start_processes(worker, (str(tiny), port), nprocs=2, start_method="spawn")
    one, two = (load_file(f"{name}/adapter.safetensors") for name in ("one", "two"))
    start = started()
    assert one.keys() == two.keys() == start.keys()
    for name, value in one.items():  # AdamW's first steps are signs: where a gradient is near 0, rounding decides
        moved, apart = (value - start[name]).abs(), (value - two[name]).abs()
        assert moved.mean() > 1e-4 and apart.mean() < 0.02 * moved.mean(), name
    assert finetuned.Recipe.read(Path("one")).tokens == finetuned.Recipe.read(Path("two")).tokens


def worker(rank: int, folder: str, port: str) -> None:
    """One process as `accelerate launch` starts it."""
    os.chdir(folder)
    torch.set_num_threads(1)
    os.environ |= {"RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1"}
    os.environ |= {"MASTER_PORT": port, "ACCELERATE_USE_CPU": "true"}
    assert main(options("two", batch=2, accumulate=1, steps=2, following=6)) == 0


def test_the_rate_warms_up_and_falls_to_a_tenth():
    rates = [learning_rate(step, 100, 1.0, 10) for step in range(100)]
    assert rates[0] == 0.1 and max(rates) == rates[10] == 1.0 and rates[-1] == pytest.approx(0.1)
    assert all(a < b for a, b in pairwise(rates[:10]))
    assert all(a > b for a, b in pairwise(rates[10:]))
