"""The run: estimate, load, measure a step, train, keep what was learnt. On one device, or on several through accelerate."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from torch import nn

from models.hub import weights
from models.hub.card import Part
from models.hub.finetuned import Recipe, last_token
from models.hub.finetuned_network import MemoryNetwork, first_token
from models.hub.row import fetch
from models.hub.settings import HubSettings
from models.said import first_line
from models.training.corpus import texts
from models.training.finetune import checkpoint, data
from models.training.finetune.estimate import Model, counted, estimate, targets, timed
from models.training.finetune.settings import Settings, learning_rate
from models.training.finetune.task import Task, checkpointed

FIXED = 8  # texts that are measured again and again
PARALLEL = ("NO", "MULTI_CPU", "MULTI_GPU", "MULTI_XPU", "MULTI_NPU", "MULTI_MLU", "MULTI_HPU")  # data parallel: DDP


def finetune(settings: Settings, only_estimate: bool = False) -> None:
    """Train, or say what it would take.

    Raises:
        ValueError: a setting, a line of the data or a model cannot be used; one sentence.
        FileNotFoundError: a file of the data is not there.
    """
    count, characters = data.survey(settings.data)
    run = Run(settings, count, characters)
    if only_estimate:
        return
    try:
        try:
            run.load()
        except RuntimeError as error:
            if weights.out_of_memory(error):
                raise
            raise ValueError(str(error)) from error
        run.train()
    except RuntimeError as error:
        if not weights.out_of_memory(error):
            raise
        raise ValueError(
            f"memory ran out with --batch {settings.batch} --window {settings.window}: take a smaller --batch and more "
            "--accumulate, or a shorter --window"
        ) from error


class Run:
    """One run; `load` brings the models, `train` does the work."""

    def __init__(self, settings: Settings, count: int, characters: int) -> None:
        from accelerate import Accelerator

        self.settings, self.out = settings, Path(settings.out)
        self.accelerator = Accelerator(mixed_precision="bf16" if settings.precision == "bf16" else "no", cpu=settings.cpu)
        if (spread := self.accelerator.distributed_type.name) not in PARALLEL:
            raise ValueError(f"accelerate is set up for {spread}, but every device holds both models here: choose multi-GPU")
        self.devices, self.main = self.accelerator.num_processes, self.accelerator.is_main_process
        a_step = settings.batch * settings.accumulate * self.devices
        self.steps = settings.steps or -(-count // a_step)
        self.shapes = self._shape(settings.compressor, "AutoModel"), self._shape(settings.decoder, "AutoModelForCausalLM")
        self.estimate = estimate(*self.shapes, settings, self.devices, self.steps)
        self.say(f"data: {count:,} texts, {characters:,} characters; {a_step} texts a step")
        self.say(*self.estimate.lines)
        self.step = self.position = self.tokens = 0
        self.seconds = 0.0

    def say(self, *lines: str) -> None:
        if self.main:
            print(*lines, sep="\n", flush=True)

    def _shape(self, model: str, auto_class: str) -> Model:
        from transformers import AutoConfig

        try:
            config = AutoConfig.from_pretrained(HubSettings.named().local(model) or model, trust_remote_code=False)
            made = counted(auto_class, config)
        except Exception as error:  # of many kinds: no such folder, no network, an unknown architecture
            raise ValueError(f"the configuration of {model} cannot be read: {first_line(error)}") from error
        limit = getattr(config.get_text_config(), "max_position_embeddings", None)
        needed = 2 + 2 * self.settings.window
        if limit is not None and needed > limit:
            raise ValueError(f"{model} takes {limit} positions, and a window of {self.settings.window} may need {needed}")
        return made

    def load(self) -> None:
        """Models, LoRA, optimiser, and the last checkpoint."""
        from transformers.utils import logging

        logging.set_verbosity_error()  # or it tells of an output head that a compressor does not need
        settings, accelerator = self.settings, self.accelerator
        with accelerator.main_process_first():
            folders = [self._folder(name) for name in (settings.compressor, settings.decoder)]
        self.own, self.tokenizer = (weights.tokenizer(folder) for folder in folders)
        kind = torch.bfloat16 if settings.precision == "bf16" else torch.float32
        base = weights.model(folders[0], "AutoModel", HubSettings(), own=True, dtype=kind if settings.rank else torch.float32)
        decoder = weights.model(folders[1], "AutoModelForCausalLM", HubSettings(), own=True, dtype=kind)
        self.targets = self._prepare(base)
        spread = [float(m.get_input_embeddings().weight.detach().float().std()) for m in (base, decoder)]
        width = decoder.get_input_embeddings().weight.shape[1]
        begin, end = first_token(self.tokenizer), last_token(self.tokenizer)
        network = MemoryNetwork(base, width, settings.ratios, settings.window, settings.projector, first_token(self.own))
        network.head.start(*spread, settings.seed)
        if settings.checkpointing:
            for model in (base, decoder):
                checkpointed(model)
        self.task = Task(network, decoder, begin, end, settings.continuation)
        self.wrapped: nn.Module = accelerator.prepare(self.task)
        self.parameters = list(checkpoint.trainable(network).values())
        optimiser = torch.optim.AdamW(self.parameters, lr=settings.rate, betas=(0.9, 0.95), weight_decay=0.0)
        state = checkpoint.resume(self.out, network, optimiser, settings.saved())
        self.optimiser = accelerator.prepare(optimiser)
        if state:
            self.step, self.position, self.tokens = state["step"], state["position"], state["tokens"]
            self.seconds = state["seconds"]
            self.say(f"continued at step {self.step:,} of {self.steps:,}")
        first = list(islice((text for file in settings.data for text in texts(Path(file))), FIXED))
        opened = [data.opening(text, settings, self.own, self.tokenizer) for text in first]
        self.probe, self.fixed = opened[0], [sample for _, sample in opened if sample.source]

    def _folder(self, model: str) -> Path:
        part = Part(model)
        found = part.local(HubSettings.named())
        if found is None:
            from models.hub.find import folder_of

            if (folder := folder_of(model)) is not None:
                lacking = f"lacks {', '.join(part.absent(folder)[:3])}" if folder.is_dir() else "is not there"
                raise ValueError(f"the folder {model} {lacking}")
            found = fetch(part, lambda _: None)
        return found

    def _prepare(self, base: Any) -> tuple[str, ...]:
        """Make what is to be trained of the compressor trainable, in float32; returns the modules with LoRA."""
        settings = self.settings
        if settings.rank is None:
            base.requires_grad_(True)
            return ()
        from peft import LoraConfig, inject_adapter_in_model

        names = targets(self.shapes[0], settings)
        torch.manual_seed(settings.seed)
        config = LoraConfig(r=settings.rank, lora_alpha=settings.alpha, target_modules=list(names), lora_dropout=0.0)
        inject_adapter_in_model(config, base, checkpoint.ADAPTER)
        for p in base.parameters():
            if p.requires_grad:
                p.data = p.data.float()
        return names

    def batches(self) -> Iterator[list[data.Sample]]:
        """Batches of this device, from the position on."""
        settings, rank = self.settings, self.accelerator.process_index
        stream = data.stream(settings.data, settings.seed, self.position)
        position = self.position
        while True:
            drawn = list(islice(stream, settings.batch * self.devices))
            mine = list(enumerate(drawn, position))[rank :: self.devices]
            yield [data.sample(text, at, settings, self.own, self.tokenizer) for at, text in mine]
            position += len(drawn)

    def backward(self, samples: Sequence[data.Sample], ratio: int, last: bool = True) -> torch.Tensor:
        """Gradients of one batch, divided by the batches of a step; its numbers, as `Task` gives them."""
        with nullcontext() if last else self.accelerator.no_sync(self.wrapped):
            found = self.wrapped(samples, ratio)
            self.accelerator.backward(found[0] / self.settings.accumulate)
        return found.detach()

    def time_a_step(self) -> None:
        """Say how long a step takes: the second of two batches, without a change of the weights."""
        samples = next(self.batches())
        for _ in range(2):
            began = time.monotonic()
            self.backward(samples, min(self.settings.ratios))
            if self.accelerator.device.type == "cuda":
                torch.cuda.synchronize()
            seconds = time.monotonic() - began
        self.optimiser.zero_grad(set_to_none=True)
        self.say(timed(seconds * self.settings.accumulate, self.estimate.flops, self.steps - self.step))
        if self.accelerator.device.type == "cuda":
            self.say(f"memory: {torch.cuda.max_memory_allocated() / 1e9:.1f} GB at most so far, as measured")

    def train(self) -> None:
        """Until the last step; a line of the log every `log_every` steps, a checkpoint every `save_every`."""
        settings = self.settings
        self.out.mkdir(parents=True, exist_ok=True)
        if self.step < self.steps:
            self.time_a_step()
        batches = self.batches()
        began, sums, seen = time.monotonic() - self.seconds, {}, 0
        while self.step < self.steps:
            for group in self.optimiser.param_groups:
                group["lr"] = learning_rate(self.step, self.steps, settings.rate, settings.warmup)
            ratio = data.ratio(self.step, settings)
            for turn in range(settings.accumulate):
                samples = next(batches)
                found = self.backward(samples, ratio, turn == settings.accumulate - 1)
                sums.setdefault(ratio, []).append(found)
                seen += sum(len(s.source) for s in samples)
            self.accelerator.clip_grad_norm_(self.parameters, settings.clip)
            self.optimiser.step()
            self.optimiser.zero_grad(set_to_none=True)
            self.step, self.position = self.step + 1, self.position + settings.batch * settings.accumulate * self.devices
            self.seconds = time.monotonic() - began
            logs, saves = self.step % settings.log_every == 0, self.step % settings.save_every == 0
            if logs or saves or self.step == self.steps:
                self.tokens, seen = self.tokens + int(self._together(torch.tensor(seen), "sum")), 0
            if logs:
                self.log(sums)
                sums = {}
            if saves:
                self.save()
        self.save()
        self.say(f"trained: {self.out}; look at it with the compressor finetuned:{self.out}")

    def _together(self, value: torch.Tensor, how: str) -> torch.Tensor:
        return self.accelerator.reduce(value.to(self.accelerator.device), how).cpu()

    def log(self, sums: dict[int, list[torch.Tensor]]) -> None:
        """One line: the batches' losses since the last one, and what the fixed texts give."""
        row: dict[str, Any] = {"step": self.step, "tokens": self.tokens, "seconds": round(self.seconds, 1)}
        for ratio, found in sorted(sums.items()):
            _, loss, continued, accuracy = self._together(torch.stack(found).nanmean(0), "mean").tolist()
            row |= {f"loss_{ratio}": round(loss, 4), f"accuracy_{ratio}": round(accuracy, 4)}
            row |= {f"continuation_{ratio}": round(continued, 4)} if continued == continued else {}
        if self.main:
            for ratio in self.settings.ratios:
                found = self.measured(self.fixed, ratio)
                row |= {f"erank_batch_{ratio}": round(found["erank_batch"], 2), f"rows_{ratio}": found["rows"]}
                row |= {f"entropy_{ratio}": round(found["entropy"], 4), "loss_prior": round(found["prior"], 4)}
            row["rate"] = self.optimiser.param_groups[0]["lr"]
            with (self.out / "log.jsonl").open("a", encoding="utf-8") as file:
                print(json.dumps(row), file=file)
            told = "  ".join(f"{k} {v:.3f}" for k, v in row.items() if k.startswith("loss"))
            self.say(f"step {self.step:,} of {self.steps:,}  {told}")

    def measured(self, samples: Sequence[data.Sample], ratio: int) -> dict[str, float]:
        with self.accelerator.autocast():
            return self.task.measured(samples, ratio)

    def save(self) -> None:
        """Checkpoint and result."""
        if self.main:
            settings, network = self.settings, self.task.network
            own = self.optimiser.optimizer
            state = {"step": self.step, "position": self.position, "tokens": self.tokens, "seconds": self.seconds}
            checkpoint.save(self.out, network, own, state | {"settings": settings.saved()})
            checkpoint.export(self.out, network, self.recipe())
            told = {"device": str(self.accelerator.device), "command": settings.command()}
            checkpoint.tell(self.out, state | {"settings": told})
        self.accelerator.wait_for_everyone()

    def recipe(self) -> Recipe:
        """What was trained, how, and what memory gives on the probe."""
        s, (compressor, decoder) = self.settings, self.shapes
        text, sample = self.probe
        ratio = Recipe.usual(s.ratios)
        found = self.measured([sample], ratio)
        base = {k: s.__dict__[k] for k in ("ratios", "window", "projector", "rank", "alpha", "continuation")}
        parts = {k: Part(getattr(s, k)) for k in ("compressor", "decoder")}
        names = {k: str(Path(p.repo).resolve()) if Path(p.repo).is_dir() else p.repo for k, p in parts.items()}
        trained = sum(p.numel() for p in self.parameters)
        inside = compressor.multiplied + (trained if s.rank else 0)
        return Recipe(
            **names,
            **base,
            targets=self.targets,
            steps=self.step,
            tokens=self.tokens,
            parameters={
                "compressor": inside,
                "embeddings": compressor.embeddings + decoder.embeddings,
                "decoder": decoder.multiplied,
            },
            bytes={k: p.size(HubSettings.named()) for k, p in parts.items()},
            probe=text,
            gain=round(found["prior"] - found["loss"], 4),
            versions={name: version(name) for name in ("torch", "transformers", "accelerate", *(["peft"] if s.rank else []))},
        )
