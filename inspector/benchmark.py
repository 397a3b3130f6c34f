"""Speed of the engine against the same weights and windows run one after another through `transformers`.

The baseline is the loop one would write first: `LlamaForCausalLM` on the superposition decoder's weights, a `DynamicCache`,
batch size one, a window after the other, a compressor after the other. Both sides compute the reconstruction and
the trace; both are warmed up; texts are cut to exact token counts; the cache of finished windows is emptied.
"""

from __future__ import annotations

import argparse
import platform
import sys
import time
from collections.abc import Sequence
from statistics import median

from inspector.compare import CACHE, stream
from models.compressor import Compressor, Memory
from models.registry import Registry
from models.registry import registry as default_registry

COMPRESSORS = ("superposition-s@16", "superposition-s@64", "superposition-xs@16", "superposition@32")
COUNTS = (1, 2, 4)
TOKENS = (32, 128, 512)
TEXT = """The harbour office keeps its records in a row of green boxes, one for each year since the pilots' strike of 1911. Ship
names, captains, cargo and the hour of the tide are written there in a hand that changes every decade or so. On 4 March 1926
the steamer Aldebaran brought 312 crates of oranges from Valencia, and the clerk, a man called Osvald Brenner, noted that
eleven were spoiled and that the mate had quarrelled with the doctor about it. Nobody thought of the quarrel again until a
student found a letter in which the doctor told his sister that the mate had been right. """


def llama(compressor: Compressor):
    """The superposition decoder's weights in `transformers.LlamaForCausalLM`; what memory adds stays outside.

    Raises:
        ValueError: the decoder is another one, which that class cannot run.
    """
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    from models.pocket.decoder import PocketDecoder

    if not isinstance(compressor.decoder, PocketDecoder):
        raise ValueError("the plain loop runs Llama-shaped decoders only: name compressors such as superposition-s@16")
    network = compressor.decoder.network
    shape = network.shape
    config = LlamaConfig(
        vocab_size=shape.vocabulary,
        hidden_size=shape.width,
        intermediate_size=shape.hidden,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        rms_norm_eps=1e-6,
        rope_theta=10_000.0,
        tie_word_embeddings=True,
        max_position_embeddings=4 * shape.window,
    )
    model = LlamaForCausalLM(config).eval()
    shared = {f"model.{k}": v for k, v in network.state_dict().items() if k.startswith(("embed_tokens", "layers", "norm"))}
    missing, unexpected = model.load_state_dict(shared, strict=False)
    if unexpected or set(missing) - {"lm_head.weight"}:
        raise RuntimeError(f"the decoder's weights do not fit LlamaForCausalLM: {missing}, {unexpected}")
    model.tie_weights()
    return torch.inference_mode()(lambda memory, ids: one_window(model, network, memory, ids))


def one_window(model, network, memory: Memory, ids: Sequence[int]) -> list[int]:
    """Trace of a window (with memory and prior), then its greedy reconstruction, batch size one, plain loop."""
    import torch
    from transformers import DynamicCache

    n, ratio, slots = len(ids), memory.extra["ratio"], memory.size
    z = memory.vectors[None]
    added, evidence = network.aids(z, n, ratio)
    prefix, at = network.prefix(z), torch.arange(slots)[None] * ratio + ratio - 1
    history = torch.tensor([[network.begin_id, *ids[:-1]]])
    steps = torch.arange(n)[None]

    def entropy(h):
        log_p = network.logits(h).log_softmax(-1)
        return -(log_p.exp() * log_p).sum(-1)

    embedded = model.model.embed_tokens(history)
    entropy(model.model(inputs_embeds=embedded, position_ids=steps, use_cache=False).last_hidden_state)
    known = model.model(
        inputs_embeds=torch.cat([prefix, embedded + added], 1), position_ids=torch.cat([at, steps], 1), use_cache=False
    )
    entropy(network.combine(known.last_hidden_state[:, slots:], evidence))

    cache = DynamicCache()
    model.model(inputs_embeds=prefix, position_ids=at, past_key_values=cache, use_cache=True)
    token, spoken = network.begin_id, []
    for t in range(n):
        x = model.model.embed_tokens(torch.tensor([[token]])) + added[:, t : t + 1]
        h = model.model(
            inputs_embeds=x, position_ids=torch.tensor([[t]]), past_key_values=cache, use_cache=True
        ).last_hidden_state
        token = int(network.logits(network.combine(h[:, 0], evidence[:, t]))[0, : network.begin_id].argmax())
        spoken.append(token)
    return spoken


def text_of(tokens: int, compressor: Compressor) -> str:
    """The benchmark's text, repeated, cut to exactly `tokens` tokens."""
    source = compressor.source(TEXT * (1 + tokens // 100))
    for length in range(tokens, 0, -1):  # a cut may tokenise differently at its end; take the first that does not
        text = source.text[: source.spans[length - 1][1]]
        if len(compressor.source(text).ids) == tokens:
            return text
    raise ValueError(f"the text cannot be cut to {tokens} tokens")


def timed(text: str, addresses: Sequence[str], table: Registry) -> tuple[float, float, list[str]]:
    """Seconds to the first words of the reconstruction, and to the end."""
    CACHE.clear()
    began, first, texts = time.perf_counter(), 0.0, [""] * len(addresses)
    for event in stream(text, addresses, registry=table, limit=None):
        if event.field == "reconstruction":
            first = first or (time.perf_counter() - began if event.value["text"] else 0.0)
            texts[event.inspection] = event.value["text"]
    return first, time.perf_counter() - began, texts


def baseline(text: str, addresses: Sequence[str], table: Registry, run) -> tuple[float, list[str]]:
    """Seconds for the plain loop, and its reconstructions."""
    began, texts = time.perf_counter(), []
    for address in map(table.resolve, addresses):
        compressor = table.load(address)
        source, spoken = compressor.source(text), []
        for window, memory in zip(source.windows, compressor.compress(source, source.windows, address.ratio), strict=True):
            spoken += run(memory, source.window_ids(window))
        texts.append(compressor.text(spoken))
    return time.perf_counter() - began, texts


def main(args: argparse.Namespace, table: Registry | None = None) -> int:
    """Print a table of medians over `args.repeat` runs; the two sides take turns.

    Returns:
        0, or 1 if a reconstruction differs between the two sides.
    """
    import torch

    table = table or default_registry()
    addresses = getattr(args, "compressor", None) or COMPRESSORS
    compressor = table.load(table.resolve(addresses[0]))
    run, same = llama(compressor), True
    machine = platform.processor() or platform.machine()
    print(f"{machine}, {torch.get_num_threads()} threads, torch {torch.__version__}, median of {args.repeat}")
    print("| compressors | tokens | first words, s | all, s | one after another, s | times as fast |\n|---|---|---|---|---|---|")
    for count in COUNTS:
        for tokens in TOKENS:
            text, chosen = text_of(tokens, compressor), list(addresses[:count])
            timed(text, chosen, table)
            baseline(text_of(32, compressor), chosen[:1], table, run)
            ours, plain = [], []
            for _ in range(args.repeat):
                ours.append(timed(text, chosen, table))
                plain.append(baseline(text, chosen, table, run))
            same &= all(o[2] == p[1] for o, p in zip(ours, plain, strict=True))
            first, whole, slow = median(o[0] for o in ours), median(o[1] for o in ours), median(p[0] for p in plain)
            print(f"| {len(chosen)} | {tokens} | {first:.2f} | {whole:.2f} | {slow:.2f} | {slow / whole:.1f} |", flush=True)
    print("reconstructions: the same on both sides" if same else "reconstructions DIFFER between the two sides", file=sys.stderr)
    return 0 if same else 1
