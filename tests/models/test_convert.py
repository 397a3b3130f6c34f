"""A run's folder becomes a log: resumed runs, lines cut off, gaps, and the command line."""

import json

import pytest
import torch
from safetensors.torch import save_file

from models.training.__main__ import main
from models.training.logs import read

SETTINGS = {
    "stage": "superposition-xs",
    "tokens": 3_500_000,
    "minutes": 0.0,
    "batch": 32,
    "rate": 0.0015,
    "seed": 0,
    "device": "cpu",
}


def line(tokens: int, **other) -> str:
    return json.dumps({"step": tokens // 10, "tokens": tokens, "seconds": tokens / 100, **other})


@pytest.fixture
def folder(tmp_path):
    run = tmp_path / "run"
    run.mkdir()
    lines = [
        line(100, erank_batch_16=10.5, entropy_16=3.0, loss_16=5.0),
        line(200, erank_batch_16=20.5, entropy_16=2.5, loss_4=1.0, accuracy_4=0.5, train_loss_prior=6.5),
        line(300, erank_batch_16=99.0),  # lost: the run was cut here, and went on from 200
        line(250, erank_batch_16=25.5, entropy_16=2.0),
        '{"step": 31, "tok',
    ]
    (run / "log.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (run / "state.json").write_text(json.dumps({"step": 30, "tokens": 250, "settings": SETTINGS}), encoding="utf-8")
    save_file({"a": torch.zeros(3, 4), "b": torch.zeros(5)}, run / "model.safetensors")
    return run


def test_a_run_is_converted(folder, tmp_path):
    out = tmp_path / "runs" / "xs.json"
    options = ["--title", "XS", "--start", "From the code.", "--series", "joint", "--machine", "2 cores"]
    assert main(["log", str(folder), "--out", str(out), *options, "--checkpoint", "100=a+early", "250=a"]) == 0
    log = read(out)
    assert (log.name, log.title, log.series, log.start, log.machine) == (
        "superposition-xs",
        "XS",
        "joint",
        "From the code.",
        "2 cores",
    )
    assert log.column("tokens") == [100, 200, 250] and log.column("erank_batch_16") == [10.5, 20.5, 25.5]
    assert log.column("loss_4") == [None, 1.0, None] and log.column("step") == [10, 20, 25]
    assert log.column("loss_prior") == [None, 6.5, None]  # the batches' own, where no other was measured
    assert log.ratios == (4, 16) and log.parameters == 17
    assert log.command == "python -m models.training train superposition-xs --tokens 3500000 --batch 32 --rate 0.0015"
    assert [(c.tokens, c.address) for c in log.checkpoints] == [(100, "a+early"), (250, "a")]


def test_a_folder_with_nothing_but_a_log_is_enough(folder, tmp_path):
    (folder / "state.json").unlink()
    (folder / "model.safetensors").unlink()
    assert main(["log", str(folder), "--out", str(tmp_path / "x.json")]) == 0
    log = read(tmp_path / "x.json")
    assert log.name == log.title == "run" and log.parameters is None and log.command == log.start == ""


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ("log", "line 2"),
        ("state", "state.json is no JSON object"),
        ("none", "log.jsonl not found"),
        ("checkpoint", "TOKENS=ADDRESS"),
        ("ratio", "without a ratio"),
    ],
)
def test_what_cannot_be_converted_is_told_in_one_line(folder, tmp_path, capsys, broken, said):
    given = {"checkpoint": ["--checkpoint", "early"], "ratio": ["--checkpoint", "5=a@16"]}.get(broken, [])
    if broken == "log":
        (folder / "log.jsonl").write_text(f"{line(1)}\n[]\n{line(3)}\n")
    elif broken == "state":
        (folder / "state.json").write_text("[")
    elif broken == "none":
        (folder / "log.jsonl").unlink()
    assert main(["log", str(folder), "--out", str(tmp_path / "x.json"), *given]) == 2
    error = capsys.readouterr().err
    assert said in error and error.count("\n") == 1 and not (tmp_path / "x.json").exists()
