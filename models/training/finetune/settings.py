"""What decides a run of `python -m models.training finetune`, and its options on the command line."""

from __future__ import annotations

import argparse
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from models.hub.finetuned import LARGEST, PROJECTORS

PRECISIONS = ("bf16", "fp32")
RATE, RATE_FULL = 1e-4, 2e-5
FREE_TO_CHANGE = ("out", "log_every", "save_every", "cpu")  # when a run is continued


@dataclass(frozen=True)
class Settings:
    compressor: str
    decoder: str
    data: tuple[str, ...]
    out: str
    ratios: tuple[int, ...] = (16,)
    window: int = 512  # tokens of a text, as the decoder counts them
    following: int = 128  # tokens after it that are continued with
    continuation: float = 1.0  # weight of that loss; 0: reconstruction alone
    projector: str = "linear"
    rank: int | None = 64  # None: the whole compressor
    alpha: float = 128.0
    targets: tuple[str, ...] = ()  # none named: all linear layers
    steps: int | None = None  # of the optimiser; None: one pass over the data
    batch: int = 8  # texts on each device at once
    accumulate: int = 1  # batches a step
    rate: float = RATE
    warmup: int = 100  # steps
    clip: float = 1.0
    precision: str = "bf16"
    checkpointing: bool = True
    seed: int = 0
    log_every: int = 25
    save_every: int = 500
    cpu: bool = False

    def check(self) -> None:
        """Raises:
        ValueError: a value cannot be used; the message says which would do.
        """
        least = {
            "window": 1,
            "batch": 1,
            "accumulate": 1,
            "log_every": 1,
            "save_every": 1,
            "following": 1,
            "warmup": 0,
            "seed": 0,
        }
        for name, value in least.items():
            if getattr(self, name) < value:
                raise ValueError(f"--{name.replace('_', '-')} is {getattr(self, name)}, but must be at least {value}")
        if not self.ratios or min(self.ratios) < 1 or max(self.ratios) > LARGEST or len(set(self.ratios)) < len(self.ratios):
            raise ValueError("--ratio takes whole numbers from 1, each once, such as --ratio 4 16 64")
        if self.window > LARGEST:
            raise ValueError(f"--window is {self.window}, but may be {LARGEST} at most")
        if self.rank is not None and not 1 <= self.rank <= LARGEST:
            raise ValueError(f"--lora is {self.rank}, but a rank is at least 1; --full trains the whole compressor")
        if self.steps is not None and self.steps < 1:
            raise ValueError(f"--steps is {self.steps}, but must be at least 1")
        if not (self.rate > 0 and self.clip > 0 and self.alpha > 0 and self.continuation >= 0):
            raise ValueError("--rate, --clip and --alpha must be more than 0, and --continuation 0 or more")
        needed = ["accelerate", *([] if self.rank is None else ["peft"])]
        if absent := [name for name in needed if find_spec(name) is None]:
            raise ValueError(f"fine-tuning needs the package {absent[0]}: pip install 'compression-inspector[hub]'")

    @property
    def whole(self) -> int:
        """Tokens taken from a text."""
        return self.window + (self.following if self.continuation else 0)

    def saved(self) -> dict[str, Any]:
        """What a continued run must have in common with the one before."""
        return {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(self).items() if k not in FREE_TO_CHANGE}

    def command(self) -> str:
        """The command line, with folders by their last name."""
        short = {"compressor": Path(self.compressor).name, "decoder": Path(self.decoder).name}
        names = {k: v if Path(getattr(self, k)).is_dir() else getattr(self, k) for k, v in short.items()}
        parts = [f"--compressor {names['compressor']} --decoder {names['decoder']}"]
        parts += [
            "--ratio",
            *map(str, self.ratios),
            "--full" if self.rank is None else f"--lora {self.rank} --alpha {self.alpha:g}",
        ]
        for name in ("window", "following", "continuation", "projector", "batch", "accumulate", "rate", "warmup", "precision"):
            parts.append(f"--{name} {getattr(self, name)}")
        parts += [f"--steps {self.steps}"] if self.steps else []
        return " ".join(["python -m models.training finetune", *parts, f"--seed {self.seed}"])


def arguments(p: argparse.ArgumentParser) -> None:
    """Options of the subcommand, named as in `Settings`."""
    p.add_argument("--compressor", required=True, metavar="MODEL", help="folder or name on the hub, such as Qwen/Qwen3-0.6B")
    p.add_argument("--decoder", required=True, metavar="MODEL", help="reads the memory and stays as it is")
    p.add_argument("--ratio", dest="ratios", type=int, nargs="+", default=[16], help="several: one is drawn for each step")
    p.add_argument("--data", nargs="+", required=True, metavar="FILE", help=".jsonl or .jsonl.xz with a field text")
    p.add_argument("--out", required=True, metavar="FOLDER", help="result, log and checkpoint; an existing one is continued")
    p.add_argument("--window", type=int, default=512, help="most tokens of a text, as the decoder counts them")
    p.add_argument("--following", type=int, default=128, help="tokens after it, for the continuation")
    p.add_argument("--continuation", type=float, default=1.0, metavar="WEIGHT", help="of its loss; 0: reconstruction alone")
    p.add_argument("--projector", choices=PROJECTORS, default="linear", help="from the compressor's width to the decoder's")
    p.add_argument("--lora", dest="rank", type=int, default=64, metavar="RANK")
    p.add_argument("--alpha", type=float, help="of the LoRA; default: twice its rank")
    p.add_argument("--targets", nargs="+", default=[], metavar="MODULE", help="with LoRA; default: all linear layers")
    p.add_argument("--full", action="store_true", help="train the whole compressor, without LoRA")
    p.add_argument("--steps", type=int, help="of the optimiser; default: one pass over the data")
    p.add_argument("--batch", type=int, default=8, help="texts on each device at once")
    p.add_argument("--accumulate", type=int, default=1, metavar="BATCHES", help="before a step")
    p.add_argument("--rate", type=float, help=f"of learning, after the warm-up; default: {RATE:g}, with --full {RATE_FULL:g}")
    p.add_argument("--warmup", type=int, default=100, metavar="STEPS")
    p.add_argument("--clip", type=float, default=1.0, metavar="NORM", help="of the gradient")
    p.add_argument("--precision", choices=PRECISIONS, default="bf16")
    p.add_argument("--no-checkpointing", action="store_true", help="keep activations: faster, and much more memory")
    p.add_argument("--seed", type=int, default=0)
    p.add_argument("--log-every", type=int, default=25, metavar="STEPS")
    p.add_argument("--save-every", type=int, default=500, metavar="STEPS")
    p.add_argument("--cpu", action="store_true", help="leave a GPU alone")
    p.add_argument("--estimate", action="store_true", help="say how much memory and work it takes, from the configurations; stop")


def settings(args: argparse.Namespace) -> Settings:
    """The settings that parsed arguments mean.

    Raises:
        ValueError: as `Settings.check` says.
    """
    given = {name: value for name, value in vars(args).items() if name in Settings.__dataclass_fields__}
    given |= {name: tuple(given[name]) for name in ("ratios", "data", "targets")}
    rank = None if args.full else args.rank
    made = Settings(**given | {
        "rank": rank,
        "alpha": args.alpha if args.alpha is not None else 2.0 * (rank or 1),
        "rate": args.rate if args.rate is not None else RATE_FULL if args.full else RATE,
        "checkpointing": not args.no_checkpointing,
    })  # fmt: skip
    made.check()
    return made


def learning_rate(step: int, steps: int, peak: float, warmup: int) -> float:
    """Linear warm-up, then a cosine down to a tenth of the peak at the last step. Steps count from 0."""
    from math import cos, pi

    if step < warmup:
        return peak * (step + 1) / warmup
    progress = (step - warmup) / max(1, steps - 1 - warmup)
    return peak * (0.55 + 0.45 * cos(pi * min(1.0, progress)))
