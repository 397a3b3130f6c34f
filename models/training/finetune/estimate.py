"""How much memory and work a training takes: reckoned from the configurations, before any weights are loaded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from models.hub.card import gigabytes
from models.hub.finetuned_network import slots
from models.training.finetune.settings import Settings

TRAINED_BYTES = 16  # a number: weight, gradient and two moments of AdamW, float32
INNER = 34  # bytes a layer keeps for each token and unit of width in 16 bits, without scores (Korthikanti et al. 2022, s·b·h·34)
LOGITS = 10  # bytes a logit: 16 bits, float32, and its gradient
ASSUMED = (
    "assumed: AdamW in float32; attention without stored scores (SDPA); as many tokens in the compressor's tokenizer as in the "
    "decoder's; FLOPs of attention's scores, of LoRA and projector left out; windows full; fragmentation and CUDA's own left out"
)


@dataclass(frozen=True)
class Model:
    """What is counted of a model."""

    parameters: int
    embeddings: int  # of these, input embeddings that are looked up, not multiplied
    layers: int
    width: int
    vocabulary: int
    linear: tuple[tuple[str, int, int], ...]  # name, inputs, outputs of each linear layer

    @property
    def multiplied(self) -> int:
        """Parameters that every token goes through: 2 FLOPs each."""
        return self.parameters - self.embeddings


def counted(auto_class: str, config: Any) -> Model:
    """A model's sizes, without its weights."""
    import torch
    import transformers

    with torch.device("meta"):
        model = getattr(transformers, auto_class).from_config(config)
    text = config.get_text_config()
    embedding, head = model.get_input_embeddings().weight, model.get_output_embeddings()
    tied = head is not None and (head.weight is embedding or text.tie_word_embeddings)
    total = sum(p.numel() for p in model.parameters())
    if tied and head.weight is not embedding:
        total -= embedding.numel()
    linear = tuple(
        (name, m.in_features, m.out_features)
        for name, m in model.named_modules()
        if isinstance(m, torch.nn.Linear) and m is not head
    )
    return Model(total, 0 if tied else embedding.numel(), text.num_hidden_layers, text.hidden_size, text.vocab_size, linear)


def targets(model: Any, settings: Settings) -> tuple[str, ...]:
    """Last names of the modules that get LoRA.

    Args:
        model: a `Model`.

    Raises:
        ValueError: none of them is there.
    """
    names = [name.rpartition(".")[2] for name, _, _ in model.linear]
    wanted = settings.targets or tuple(dict.fromkeys(names))
    if lacking := [name for name in wanted if name not in names]:
        raise ValueError(
            f"--targets: the compressor has no linear layer {lacking[0]!r}; it has {', '.join(dict.fromkeys(names))}"
        )
    if not wanted:
        raise ValueError("the compressor has no linear layers for LoRA; train it with --full")
    return wanted


def trained(compressor: Model, decoder: Model, settings: Settings) -> tuple[int, int]:
    """Numbers trained in the compressor, and around it."""
    if settings.rank is None:
        inside = compressor.parameters
    else:
        names = targets(compressor, settings)
        inside = sum(settings.rank * (i + o) for name, i, o in compressor.linear if name.rpartition(".")[2] in names)
    rows = sum(slots(settings.window, r) for r in settings.ratios)
    projector = (compressor.width + 1) * decoder.width + (decoder.width + 1) * decoder.width * (settings.projector == "mlp")
    return inside, rows * compressor.width + decoder.width + projector


@dataclass(frozen=True)
class Estimate:
    weights: int  # bytes, on each device
    learning: int
    activations: int
    logits: int
    gathered: int  # gradients that several devices exchange
    flops: float  # of a step, all devices together
    lines: tuple[str, ...]

    @property
    def total(self) -> int:
        return self.weights + self.learning + self.activations + self.logits + self.gathered


def estimate(compressor: Model, decoder: Model, settings: Settings, devices: int, steps: int) -> Estimate:
    """Memory on each device, and FLOPs of a step."""
    size = 2 if settings.precision == "bf16" else 4
    inside, around = trained(compressor, decoder, settings)
    kept = 0 if settings.rank is None else compressor.parameters * size
    weights = kept + decoder.parameters * size
    learning = (inside + around) * TRAINED_BYTES
    b, n = settings.batch, settings.window
    m = slots(n, min(settings.ratios))
    following = settings.following if settings.continuation else 0
    lengths = [(compressor, n + m), (decoder, m + n + 2), *([(decoder, m + 1 + following)] if following else [])]
    inner = [INNER * size // 2 * b * length * model.width for model, length in lengths]
    outer = [b * length * model.width * size * model.layers for model, length in lengths]
    whole = [one * model.layers for one, (model, _) in zip(inner, lengths, strict=True)]
    activations = sum(outer) + max(inner) if settings.checkpointing else sum(whole)
    logits = b * (n + 1 + following) * decoder.vocabulary * LOGITS * size // 2
    gathered = (inside + around) * 4 if devices > 1 else 0
    passes = 3 if settings.checkpointing else 2  # forward, again when gradients need it, backward through frozen weights
    own = passes + (1 if settings.rank is None else 0)  # gradients of its weights too
    text = 2 * compressor.multiplied * own * (n + m) + sum(2 * decoder.multiplied * passes * length for _, length in lengths[1:])
    flops = float(text) * b * settings.accumulate * devices
    made = Estimate(weights, learning, activations, logits, gathered, flops, ())
    how = "checkpointed" if settings.checkpointing else "all kept"
    precise = f"{TRAINED_BYTES} bytes: weight, gradient, two moments of AdamW"
    tokens = steps * settings.accumulate * devices * b * n
    held = f"compressor {millions(compressor.parameters)} and " if kept else ""
    lines = (
        f"memory on {'each of ' + str(devices) + ' devices' if devices > 1 else 'the device'}, estimated:",
        f"  weights      {gigabytes(weights):>9}  {held}decoder {millions(decoder.parameters)}, {size} bytes each",
        f"  trained      {gigabytes(learning):>9}  {millions(inside)} in the compressor, {millions(around)} around it, {precise}",
        f"  activations  {gigabytes(activations):>9}  {b} windows of {n} tokens and {m} vectors, {how}",
        f"  logits       {gigabytes(logits):>9}  vocabulary {decoder.vocabulary:,}",
        *([f"  exchanged    {gigabytes(gathered):>9}  gradients in float32"] if gathered else []),
        f"  together     {gigabytes(made.total):>9}",
        f"work: {flops:.3g} FLOPs a step, {flops * steps:.3g} in {steps:,} steps ({tokens:,} tokens of text at most)",
        ASSUMED,
    )
    return Estimate(weights, learning, activations, logits, gathered, flops, lines)


def timed(seconds: float, flops: float, steps: int) -> str:
    """One line on how long it takes, from the seconds of a step just measured."""
    return (
        f"time: {seconds:.3g} s a step, just measured ({flops / seconds / 1e12:.3g} TFLOP/s): "
        f"{duration(seconds * steps)} for {steps:,} steps"
    )


def duration(seconds: float) -> str:
    """As people say it."""
    for size, name in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 1.5 * size:
            return f"{seconds / size:.1f} {name}"
    return f"{seconds:.0f} seconds"


def millions(count: int) -> str:
    return f"{count / 1e9:.2f} B" if count >= 1e9 else f"{count / 1e6:.2f} M" if count >= 1e6 else f"{count:,}"
