"""Train the pocket decoder, then compressors against it once it is frozen.

Two stages, both resumable and both driven by one budget (tokens, or minutes of wall time):
- `decoder`: language model and reader of the code's memory at once. A batch has memory at one ratio, or none.
- a compressor's name: only that compressor learns; the decoder's gradients pass through but its weights stay.
"""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch import Tensor

from inspector.measures.spectrum import effective_rank
from models.pocket.free import FREE_COMPRESSORS
from models.pocket.network import COMPRESSORS, DECODER, CompressorNetwork, DecoderNetwork, Shape
from models.pocket.tokenizer import PocketTokenizer
from models.training.corpus import TRAIN_SETS, Windows, tokenised
from models.training.revive import rare_tokens, revive

RATIOS: tuple[int | None, ...] = (None, 4, 16, 32, 64)
FREE_STAGES = ("pocket-decoder", *FREE_COMPRESSORS)  # models/training/free.py
STAGES = ("decoder", *COMPRESSORS, *FREE_STAGES)


@dataclass(frozen=True)
class Settings:
    """Everything that decides a run; written beside its checkpoint."""

    stage: str
    tokens: int = 0
    minutes: float = 0.0
    batch: int = 32
    rate: float = 1.5e-3
    warmup: int = 100
    weight_decay: float = 0.05
    history_noise: float = 0.1  # share of history tokens replaced by random ones where memory is present
    scrambled: float = 0.1  # share of a compressor's rows that are random tokens, half of them rare: no text looks like that
    short: float = 0.1  # share of batches with a window shorter than the full one
    mix: tuple[float, ...] = (0.30, 0.04, 0.16, 0.20, 0.30)  # no memory, 4×, 16×, 32×, 64×
    seed: int = 0
    device: str = "cpu"
    compile: bool = False

    stages: ClassVar[tuple[str, ...]] = ("decoder", *COMPRESSORS)

    def check(self) -> None:
        if self.stage not in self.stages:
            raise ValueError(f"unknown stage {self.stage!r}; known: {', '.join(STAGES)}")
        if (self.tokens > 0) == (self.minutes > 0):
            raise ValueError("give the budget as either --tokens or --minutes")


def trained(decoder: Path | None) -> Path:
    """The folder of a trained decoder.

    Raises:
        ValueError: none was named.
    """
    if decoder is None:
        raise ValueError("training a compressor needs --decoder, the folder of a trained decoder")
    return decoder


def learning_rate(step: int, progress: float, settings: Settings) -> float:
    """Warm-up, constant, then a linear decay to zero over the second half of the budget."""
    return settings.rate * min(1.0, (step + 1) / settings.warmup) * min(1.0, 2.0 * (1.0 - progress))


class Trainer:
    """One stage of training, with its state on disk in safetensors (no pickle)."""

    seen = ""  # before the names of the batches' own losses in the log

    def __init__(self, settings: Settings, data: Path, out: Path, decoder: Path | None = None) -> None:
        settings.check()
        self.settings, self.out = settings, out
        self.device = torch.device(settings.device)
        torch.manual_seed(settings.seed)
        tokenizer = PocketTokenizer()
        ids, starts = tokenised(data, TRAIN_SETS, tokenizer, out.parent / "corpus")
        self.windows = Windows(ids, starts)
        self.rare = rare_tokens(ids, DECODER.vocabulary).numpy()
        self.learner = self.build(decoder)
        self.optimiser = self._optimiser()
        self.loss = torch.compile(self._loss, dynamic=False) if settings.compile else self._loss
        self.step = self.tokens = 0
        self.seconds = 0.0

    def build(self, decoder: Path | None) -> torch.nn.Module:
        """Make `self.decoder` and `self.compressor`; returns what learns.

        Raises:
            ValueError: a compressor is to be trained, and no decoder was named.
        """
        self.decoder = DecoderNetwork(DECODER, seed=0).to(self.device)
        self.compressor: CompressorNetwork | None = None
        if self.settings.stage == "decoder":
            return self.decoder
        self.decoder.load_state_dict(load_file(trained(decoder) / "model.safetensors"))
        self.decoder.requires_grad_(False)
        self.compressor = CompressorNetwork(COMPRESSORS[self.settings.stage]).to(self.device)
        return self.compressor

    def _optimiser(self) -> torch.optim.AdamW:
        named = list(self.learner.named_parameters())
        decayed = [p for name, p in named if p.dim() == 2 and "embed" not in name and name not in ("write.weight", "read.weight")]
        kept = [p for _, p in named if not any(p is q for q in decayed)]
        groups = [{"params": decayed, "weight_decay": self.settings.weight_decay}, {"params": kept, "weight_decay": 0.0}]
        return torch.optim.AdamW(groups, lr=self.settings.rate, betas=(0.9, 0.95), fused=True)

    @property
    def progress(self) -> float:
        s = self.settings
        return min(1.0, self.tokens / s.tokens if s.tokens else self.seconds / 60 / s.minutes)

    def _memory(self, ids: Tensor, ratio: int) -> Tensor:
        return self.decoder.code(ids, ratio) if self.compressor is None else self.compressor(self.decoder, ids, ratio)

    def _loss(self, ids: Tensor, history: Tensor, ratio: int | None) -> tuple[Tensor, Tensor]:
        """Mean cross-entropy and token accuracy."""
        with torch.autocast(self.device.type, torch.bfloat16):
            z = None if ratio is None else self._memory(ids, ratio)
            logits = self.decoder.logits(self.decoder(history, z, ratio or 1))
        loss = F.cross_entropy(logits.flatten(0, 1).float(), ids.flatten())
        accuracy = (logits.detach().argmax(-1) == ids).float().mean()
        return loss, accuracy

    def draw(self) -> tuple[Tensor, Tensor, int | None]:
        """Ids [batch, n], the history the decoder sees [batch, n], and the ratio of this batch."""
        s = self.settings
        random = np.random.default_rng((s.seed, self.step))  # a function of the step, so that resuming changes nothing
        mix = np.asarray(s.mix) if self.compressor is None else np.asarray((0.0, *s.mix[1:]))
        ratio = RATIOS[random.choice(len(RATIOS), p=mix / mix.sum())]
        full = self.decoder.shape.window
        n = int(random.integers(8, full)) if random.random() < s.short else full
        drawn = self.windows.draw(random, s.batch, n)
        if self.compressor is not None:
            rows = np.flatnonzero(random.random(s.batch) < s.scrambled)
            drawn[rows] = random.integers(0, self.decoder.begin_id, (len(rows), n))
            drawn[rows[::2]] = random.choice(self.rare, (len(rows[::2]), n))
        ids = torch.from_numpy(drawn).to(self.device)
        return ids, self.history(ids, random, noisy=ratio is not None), ratio

    def history(self, ids: Tensor, random: np.random.Generator, noisy: bool) -> Tensor:
        """What the decoder is given at each step [batch, n]; if noisy, a share of it is replaced by other tokens of the batch."""
        history = self.decoder.history(ids)
        if noisy and self.settings.history_noise:
            noise = torch.from_numpy(random.random(tuple(ids.shape)) < self.settings.history_noise).to(self.device)
            noise[:, 0] = False
            others = ids.flatten()[torch.from_numpy(random.permutation(ids.numel())).to(self.device)].view_as(ids)
            history = torch.where(noise, others, history)
        return history

    def run(self, log_every: int = 50, save_every: float = 240.0) -> None:
        """Train until the budget is spent; a line of JSON every `log_every` steps, a checkpoint every `save_every` seconds."""
        self.out.mkdir(parents=True, exist_ok=True)
        self.resume()
        sums: dict[str, list[float]] = {}
        began, saved = time.monotonic() - self.seconds, time.monotonic()
        with (self.out / "log.jsonl").open("a", encoding="utf-8") as log:
            while self.progress < 1.0:
                for group in self.optimiser.param_groups:
                    group["lr"] = learning_rate(self.step, self.progress, self.settings)
                ids, history, ratio = self.draw()
                short = ids.shape[1] != self.decoder.shape.window
                loss, accuracy = (self._loss if short else self.loss)(ids, history, ratio)
                loss.backward()
                torch.nn.utils.clip_grad_norm_([p for p in self.learner.parameters() if p.requires_grad], 1.0)
                self.optimiser.step()
                self.optimiser.zero_grad(set_to_none=True)
                self.step, self.tokens, self.seconds = self.step + 1, self.tokens + ids.numel(), time.monotonic() - began
                sums.setdefault(f"{ratio or 'prior'}", []).append((loss.item(), accuracy.item()))
                if self.step % log_every == 0:
                    row = {"step": self.step, "tokens": self.tokens, "seconds": round(self.seconds, 1), **self.measure()}
                    row |= {f"{self.seen}loss_{k}": round(float(np.mean([a for a, _ in v])), 4) for k, v in sums.items()}
                    told = {k: [b for _, b in v if not np.isnan(b)] for k, v in sums.items()}
                    row |= {f"{self.seen}accuracy_{k}": round(float(np.mean(v)), 4) for k, v in told.items() if v}
                    print(json.dumps(row), file=log, flush=True)
                    sums = {}
                self.after_step()
                if time.monotonic() - saved > save_every:
                    self.save()
                    saved = time.monotonic()
        self.save()

    def after_step(self) -> None:
        """For families that keep snapshots on the way."""

    @torch.no_grad()
    def measure(self, ratio: int = 16, texts: int = 16) -> dict[str, float]:
        """Effective rank of the batch's memory and mean entropy (nats) on fixed windows at one ratio."""
        fixed = np.random.default_rng(self.settings.seed)  # the same windows each time
        ids = torch.from_numpy(self.windows.draw(fixed, texts, self.decoder.shape.window)).to(self.device)
        z = self._memory(ids, ratio)
        logits = self.decoder.logits(self.decoder(self.decoder.history(ids), z, ratio)).float()
        entropy = torch.distributions.Categorical(logits=logits).entropy().mean().item()
        erank = effective_rank(torch.linalg.svdvals(z.flatten(0, 1).double().cpu()).numpy())
        return {f"erank_batch_{ratio}": round(erank, 2), f"entropy_{ratio}": round(entropy, 4)}

    def save(self) -> None:
        """Weights, optimiser state and counters; written aside and renamed, so that a kill leaves a whole file."""
        moments = {}
        for index, parameter in enumerate(p for g in self.optimiser.param_groups for p in g["params"]):
            for key, value in self.optimiser.state.get(parameter, {}).items():
                moments[f"{index}.{key}"] = value.contiguous()
        for name, tensors in (("model", self.learner.state_dict()), ("optimiser", moments)):
            partial = self.out / f"{name}.partial"
            save_file({k: v.detach().cpu().contiguous() for k, v in tensors.items()}, partial)
            partial.rename(self.out / f"{name}.safetensors")
        counters = {"step": self.step, "tokens": self.tokens, "seconds": self.seconds, "settings": asdict(self.settings)}
        (self.out / "state.json").write_text(json.dumps(counters, indent=1), encoding="utf-8")

    def resume(self) -> None:
        """Continue from the folder's last checkpoint, if there is one."""
        file = self.out / "state.json"
        if not file.exists():
            return
        state = json.loads(file.read_text(encoding="utf-8"))
        self.step, self.tokens, self.seconds = state["step"], state["tokens"], state["seconds"]
        self.learner.load_state_dict(load_file(self.out / "model.safetensors"))
        moments = load_file(self.out / "optimiser.safetensors")
        for index, parameter in enumerate(p for g in self.optimiser.param_groups for p in g["params"]):
            kept = {k.split(".", 1)[1]: v for k, v in moments.items() if k.split(".", 1)[0] == str(index)}
            if kept:
                self.optimiser.state[parameter] = {k: v if k == "step" else v.to(self.device) for k, v in kept.items()}


def revive_run(run: Path, data: Path) -> str:
    """Revive rare tokens of a trained decoder's checkpoint, once.

    Raises:
        ValueError: it was done before.
    """
    state = json.loads((run / "state.json").read_text(encoding="utf-8"))
    if state.get("revived"):
        raise ValueError(f"{run} was revived before ({state['revived']} tokens); a second time would change its memory")
    network = DecoderNetwork(DECODER, seed=0)
    network.load_state_dict(load_file(run / "model.safetensors"))
    ids, starts = tokenised(data, TRAIN_SETS, PocketTokenizer(), run.parent / "corpus")
    count, share = revive(network, Windows(ids, starts))
    save_file(network.state_dict(), run / "model.safetensors")
    (run / "state.json").write_text(json.dumps(state | {"revived": count}, indent=1), encoding="utf-8")
    return f"{count} tokens, in directions that hold {share:.2%} of the hidden states' energy"


def export(run: Path, target: Path, shape: Shape) -> None:
    """Write a run's weights as fp16 safetensors, with the shape and what was trained in the header."""
    state = json.loads((run / "state.json").read_text(encoding="utf-8"))
    tensors = {k: v if k == "phases" else v.half() for k, v in load_file(run / "model.safetensors").items()}
    about = {"shape": json.dumps(shape.to_dict()), "tokens": str(state["tokens"]), "settings": json.dumps(state["settings"])}
    target.parent.mkdir(parents=True, exist_ok=True)
    save_file(tensors, target, metadata=about)


__all__ = ["Settings", "Trainer", "export", "learning_rate"]
