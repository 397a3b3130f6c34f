"""What the tests of fine-tuning share: the docs' example, short runs, and what they leave."""

import json
import re
import shlex
from pathlib import Path

import torch

from models.hub import finetuned
from models.registry import Registry
from models.training.finetune import checkpoint
from models.training.finetune.run import Run
from models.training.finetune.settings import Settings

GUIDE = (Path(__file__).parents[3] / "docs" / "finetune.md").read_text(encoding="utf-8")
TEXT = "the green otter the green otter the green otter the green otter the green otter the green otter"


def commands() -> list[list[str]]:
    block = re.search(r"```sh\n(.*?)```", GUIDE, re.S)[1].replace("\\\n", " ")
    return [shlex.split(line.partition("<")[0]) for line in block.splitlines()]


def options(out: str, **changes: object) -> list[str]:
    """A short run: four steps of two batches with both ratios."""
    given = {"compressor": "tiny/compressor", "decoder": "tiny/decoder", "data": "tiny/texts.jsonl", "out": out, "ratio": "3 6"}
    given |= {"window": 18, "following": 6, "lora": 4, "rate": 3e-3, "warmup": 2, "batch": 2, "accumulate": 2, "steps": 6}
    given |= {"precision": "fp32", "log-every": 1, "cpu": ""} | changes
    return ["finetune", *shlex.split(" ".join(f"--{k} {v}" for k, v in given.items() if v is not None))]


def settings(**changes: object) -> Settings:
    base = {"compressor": "tiny/compressor", "decoder": "tiny/decoder", "data": ("tiny/texts.jsonl",), "out": "unused"}
    base |= {"ratios": (3, 6), "window": 18, "following": 6, "rank": 4, "precision": "fp32", "cpu": True}
    return Settings(**base | changes)


def loaded(**changes: object) -> Run:
    run = Run(settings(**changes), 1, 1)
    run.load()
    return run


def started() -> dict[str, torch.Tensor]:
    """The weights that a run starts from."""
    found = checkpoint.trainable(loaded().task.network)
    return {name.replace(f".{checkpoint.ADAPTER}.", "."): p.detach().clone() for name, p in found.items()}


def table() -> Registry:
    return Registry(finetuned.rows())


def losses(file: str) -> list[dict]:
    return [json.loads(line) for line in Path(file).read_text(encoding="utf-8").splitlines()]
