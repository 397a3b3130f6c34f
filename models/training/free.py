"""Train the pocket family: a decoder that reads free memory, then compressors of four sizes against it once it is frozen.

- `pocket-decoder`: the decoder, as language model and as reader of memory at once, together with a compressor of size S
  that is thrown away. A batch has memory at one ratio, or none.
- `pocket-xs` … `pocket-l`: a new compressor; the decoder's weights stay. For the first part of its budget it imitates the
  memory of the compressor that the decoder learned with, which costs no pass through the decoder and leads it to a code that
  the decoder can read; then only reconstruction counts. `imitate=0` is an ordinary start.
Short windows of memory come first (4×), because copying has to be found before it can be squeezed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch
import torch.nn.functional as F
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from inspector.measures.spectrum import effective_rank
from models.pocket.free import FREE_COMPRESSORS, FREE_DECODER, RATIOS, FreeCompressorNetwork, FreeDecoderNetwork
from models.training.train import FREE_STAGES, Settings, Trainer, trained

JOINT = "pocket-s"  # the size that the decoder learns to read with
CHOICES: tuple[int | None, ...] = (None, *RATIOS)
# Shares of batches: no memory, 4×, 16×, 64×; from the first to the second over the budget's share given by SETTLED.
MIXES = {
    True: ((0.05, 0.70, 0.25, 0.0), (0.30, 0.15, 0.35, 0.20)),  # the decoder's stage
    False: ((0.0, 0.70, 0.25, 0.05), (0.0, 0.25, 0.45, 0.30)),
}
SETTLED = (0.12, 0.4)


@dataclass(frozen=True)
class FreeSettings(Settings):
    batch: int = 16
    rate: float = 1.5e-3
    warmup: int = 60
    short: float = 0.15
    snapshots: int = 12  # weights kept along the run, evenly spaced in the square root of tokens
    imitate: float = 0.25  # share of a compressor's budget in which it imitates the one that the decoder learned with
    turned: bool = True  # values turned by position in half of the heads; False is plain attention, for comparison

    stages: ClassVar[tuple[str, ...]] = FREE_STAGES


def part(weights: dict[str, Tensor], name: str) -> dict[str, Tensor]:
    """Weights of the `decoder` or of the `compressor` in a checkpoint of the decoder's stage."""
    return {k.removeprefix(f"{name}."): v for k, v in weights.items() if k.startswith(f"{name}.")}


def mix_at(progress: float, joint: bool) -> np.ndarray:
    """Shares of no memory and each ratio at a point of the run, [4], summing to 1."""
    first, last = map(np.asarray, MIXES[joint])
    way = min(1.0, max(0.0, (progress - SETTLED[0]) / (SETTLED[1] - SETTLED[0])))
    return first + way * (last - first)


class FreeTrainer(Trainer):
    """See `Trainer`; networks, mix, measures and snapshots are the family's own.

    Args:
        embeddings: file with `embed_tokens.weight` that the decoder's start from, projected to its width; None for random ones.
    """

    settings: FreeSettings
    seen = "train_"

    def __init__(
        self, settings: FreeSettings, data: Path, out: Path, decoder: Path | None = None, embeddings: Path | None = None
    ) -> None:
        self.embeddings = embeddings
        super().__init__(settings, data, out, decoder)
        fixed = np.random.default_rng(12345)
        self.probe = torch.from_numpy(self.windows.draw(fixed, 48, FREE_DECODER.window)).to(self.device)

    @property
    def joint(self) -> bool:
        return self.settings.stage == "pocket-decoder"

    def build(self, decoder: Path | None) -> nn.Module:
        turned = self.settings.turned
        self.decoder = FreeDecoderNetwork(turned=turned).to(self.device)
        size = JOINT if self.joint else self.settings.stage
        self.compressor = FreeCompressorNetwork(FREE_COMPRESSORS[size], turned=turned).to(self.device)
        if self.joint:
            if self.embeddings:
                self._start_embeddings(self.embeddings)
            return nn.ModuleDict({"decoder": self.decoder, "compressor": self.compressor})
        weights = load_file(trained(decoder) / "model.safetensors")
        self.teacher = FreeCompressorNetwork(FREE_COMPRESSORS[JOINT]).to(self.device)
        for name, network in (("decoder", self.decoder), ("compressor", self.teacher)):
            network.load_state_dict(part(weights, name))
            network.requires_grad_(False)
        return self.compressor

    @torch.no_grad()
    def _start_embeddings(self, file: Path) -> None:
        """The strongest directions of trained embeddings, as many as the decoder is wide."""
        given = load_file(file)["embed_tokens.weight"].float()
        basis = torch.linalg.svd(given, full_matrices=False).Vh[: FREE_DECODER.width]
        self.decoder.embed_tokens.weight.copy_(given @ basis.T)

    def _memory(self, ids: Tensor, ratio: int) -> Tensor:
        return self.compressor(self.decoder, ids, ratio)

    @property
    def imitating(self) -> bool:
        return not self.joint and self.progress < self.settings.imitate

    def _imitation(self, ids: Tensor, ratio: int) -> Tensor:
        """Squared distance from the teacher's memory, relative to that memory's square."""
        with torch.autocast(self.device.type, torch.bfloat16), sdpa_kernel(self._kernels()):
            wanted, z = self.teacher(self.decoder, ids, ratio).float(), self._memory(ids, ratio).float()
        return (z - wanted).square().mean() / wanted.square().mean()

    def _loss(self, ids: Tensor, history: Tensor, ratio: int | None) -> tuple[Tensor, Tensor]:
        if self.imitating:
            return self._imitation(ids, ratio), torch.tensor(float("nan"))
        # On a CPU the plain formula's backward pass is faster than the fused kernel's at this length.
        with torch.autocast(self.device.type, torch.bfloat16), sdpa_kernel(self._kernels()):
            z = None if ratio is None else self._memory(ids, ratio)
            logits = self.decoder.logits(self.decoder(history, z, ratio or 1)).flatten(0, 1)
        loss = F.cross_entropy(logits if self.device.type == "cpu" else logits.float(), ids.flatten()).float()
        some = slice(256)  # an argmax over all of them would cost as much as two layers
        return loss, (logits[some].detach().argmax(-1) == ids.flatten()[some]).float().mean()

    def _kernels(self) -> list[SDPBackend]:
        return [SDPBackend.MATH] if self.device.type == "cpu" else [SDPBackend.FLASH_ATTENTION, SDPBackend.EFFICIENT_ATTENTION]

    def draw(self) -> tuple[Tensor, Tensor, int | None]:
        s, full = self.settings, self.decoder.shape.window
        random = np.random.default_rng((s.seed, self.step))  # a function of the step, so that resuming changes nothing
        ratio = CHOICES[random.choice(len(CHOICES), p=mix_at(self.progress, self.joint))]
        n = int(random.integers(4, full)) if random.random() < s.short else full
        drawn = self.windows.draw(random, s.batch, n)
        if ratio is not None:
            rows = np.flatnonzero(random.random(s.batch) < s.scrambled / 2)
            drawn[rows] = random.permuted(drawn[rows], axis=1)  # texts that the prior is no help with
        ids = torch.from_numpy(drawn).to(self.device)
        return ids, self.history(ids, random, noisy=ratio is not None), ratio

    @torch.no_grad()
    def measure(self, ratio: int = 16, texts: int = 48) -> dict[str, float]:
        """On fixed windows, by ratio: entropy and surprisal (nats), accuracy, effective rank of all their vectors stacked."""
        found: dict[str, float] = {}
        ids = self.probe[:texts]
        for each in RATIOS:
            with torch.autocast(self.device.type, torch.bfloat16):
                z = self._memory(ids, each)
                logits = self.decoder.logits(self.decoder(self.decoder.history(ids), z, each))
            log_p = logits.float().log_softmax(-1)
            values = torch.linalg.svdvals(z.float().flatten(0, 1).double().cpu()).numpy()
            found[f"entropy_{each}"] = -(log_p.exp() * log_p).sum(-1).mean().item()
            found[f"loss_{each}"] = -log_p.gather(-1, ids[..., None]).mean().item()
            found[f"accuracy_{each}"] = (log_p.argmax(-1) == ids).float().mean().item()
            found[f"erank_batch_{each}"] = effective_rank(values)
            found[f"rows_{each}"] = z.shape[0] * z.shape[1]
        return {k: round(v, 4) for k, v in found.items()}

    def after_step(self) -> None:
        """Keep the compressor's weights at points that are closer together early, where more happens."""
        if self.joint or not self.settings.snapshots:
            return
        due = int(self.settings.snapshots * self.progress**0.5)
        file = self.out / "snapshots" / f"{due:02d}.safetensors"
        if due and not file.exists():
            file.parent.mkdir(exist_ok=True)
            save_file({k: v.half() for k, v in self.learner.state_dict().items()}, file, metadata={"tokens": str(self.tokens)})


def export_free(run: Path, target: Path, snapshot: Path | None = None, of: str = "decoder") -> None:
    """Write a run's (or a snapshot's) weights as fp16 safetensors, with shape, tokens and settings in the header.

    Args:
        of: of the decoder's run: `decoder`, or the `compressor` that it learned to read with.
    """
    state = json.loads((run / "state.json").read_text(encoding="utf-8"))
    stage, about = state["settings"]["stage"], {"tokens": str(state["tokens"]), "settings": json.dumps(state["settings"])}
    weights = load_file(snapshot or run / "model.safetensors")
    if snapshot:
        with safe_open(snapshot, "pt") as opened:
            about |= opened.metadata()
    shape = FREE_COMPRESSORS.get(stage, FREE_DECODER if of == "decoder" else FREE_COMPRESSORS[JOINT])
    if stage == "pocket-decoder":
        weights = part(weights, of)
    about["shape"] = json.dumps(shape.to_dict())
    target.parent.mkdir(parents=True, exist_ok=True)
    save_file({k: v.half() if v.is_floating_point() and "phases" not in k else v for k, v in weights.items()}, target, about)
