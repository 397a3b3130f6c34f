"""ARC-Encoder against a forward pass written here the way Meta's code has it: pairs of neighbours, complex rotations."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest
import torch
import transformers as t
from safetensors.torch import load_file, save_file

from models.hub import arc, selftest
from models.hub.arc_encoder import ArcEncoder, Shape, converted, groups
from models.hub.settings import HubSettings
from tests.models import tiny
from tests.models.hub.fit import by_heart

SHAPE = Shape(dim=48, n_layers=4, head_dim=16, hidden_dim=64, n_heads=3, n_kv_heads=1, vocab_size=300, rope_theta=500.0)
LAYERS = SHAPE.n_layers - 2


def meta_tensors(layers: int = LAYERS) -> dict[str, torch.Tensor]:
    """Random weights by the names and shapes of a Meta checkpoint without its last norm and output."""
    random = torch.Generator().manual_seed(3)
    d, hidden, head = SHAPE.dim, SHAPE.hidden_dim, SHAPE.head_dim

    def draw(*size: int) -> torch.Tensor:
        return torch.randn(*size, generator=random) * 0.2

    found = {"tok_embeddings.weight": draw(SHAPE.vocab_size, d)}
    for i in range(layers):
        found |= {
            f"layers.{i}.attention.wq.weight": draw(SHAPE.n_heads * head, d),
            f"layers.{i}.attention.wk.weight": draw(SHAPE.n_kv_heads * head, d),
            f"layers.{i}.attention.wv.weight": draw(SHAPE.n_kv_heads * head, d),
            f"layers.{i}.attention.wo.weight": draw(d, SHAPE.n_heads * head),
            f"layers.{i}.feed_forward.w1.weight": draw(hidden, d),
            f"layers.{i}.feed_forward.w2.weight": draw(d, hidden),
            f"layers.{i}.feed_forward.w3.weight": draw(hidden, d),
            f"layers.{i}.attention_norm.weight": 1 + draw(d),
            f"layers.{i}.ffn_norm.weight": 1 + draw(d),
        }
    return found


def meta_forward(tensors: dict[str, torch.Tensor], ids: list[int], sizes: list[int]) -> torch.Tensor:
    """Hidden states [len(sizes), d] of one text, on Meta's weights as they are."""
    head, layers = SHAPE.head_dim, 1 + max(int(name.split(".")[1]) for name in tensors if name.startswith("layers."))

    def norm(x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        return x / (x.square().mean(-1, keepdim=True) + SHAPE.norm_eps).sqrt() * weight

    def rotated(x: torch.Tensor) -> torch.Tensor:  # [n, heads, head]
        rates = SHAPE.rope_theta ** (-torch.arange(0, head, 2).float() / head)
        turns = torch.exp(1j * torch.arange(len(x))[:, None] * rates)[:, None]
        return torch.view_as_real(torch.view_as_complex(x.unflatten(-1, (-1, 2)).contiguous()) * turns).flatten(-2)

    h = tensors["tok_embeddings.weight"][ids]
    for i in range(layers):
        w = {name.removeprefix(f"layers.{i}.").removesuffix(".weight"): t for name, t in tensors.items()}
        asks = h if i < layers - 1 else torch.stack([part.mean(0) for part in h.split(sizes)])
        a, b = norm(asks, w["attention_norm"]), norm(h, w["attention_norm"])
        q, k, v = (
            (x @ w[name].T).unflatten(-1, (-1, head))
            for x, name in ((a, "attention.wq"), (b, "attention.wk"), (b, "attention.wv"))
        )
        q, k, v = rotated(q), rotated(k).repeat(1, SHAPE.n_heads, 1), v.repeat(1, SHAPE.n_heads, 1)
        share = torch.einsum("qhd,khd->hqk", q, k).div(head**0.5).softmax(-1)
        x = asks + torch.einsum("hqk,khd->qhd", share, v).flatten(1) @ w["attention.wo"].T
        m = norm(x, w["ffn_norm"])
        h = x + (torch.nn.functional.silu(m @ w["feed_forward.w1"].T) * (m @ w["feed_forward.w3"].T)) @ w["feed_forward.w2"].T
    return h


def encoder(tensors: dict[str, torch.Tensor]) -> ArcEncoder:
    made = ArcEncoder(SHAPE, LAYERS).eval()
    made.load_state_dict(tensors, assign=True)
    return made


@torch.inference_mode()
def test_the_port_computes_what_metas_layout_computes() -> None:
    tensors = meta_tensors()
    ids = torch.randint(0, SHAPE.vocab_size, (2, 21), generator=torch.Generator().manual_seed(1))
    got = encoder(converted(tensors, SHAPE.head_dim))(ids, 8)
    for row in range(2):
        expected = meta_forward(tensors, ids[row].tolist(), [7, 7, 7])
        torch.testing.assert_close(got[row], expected, atol=1e-4, rtol=1e-4)


@torch.inference_mode()
def test_without_turning_the_heads_it_computes_something_else() -> None:
    tensors = meta_tensors()
    ids = torch.arange(21)[None]
    plain = {
        name: tensors[meta]
        for (name, turned), meta in zip(converted(tensors, SHAPE.head_dim).items(), tensors, strict=True)
        if turned.shape == tensors[meta].shape
    }
    assert (encoder(plain)(ids, 8)[0] - meta_forward(tensors, ids[0].tolist(), [7, 7, 7])).abs().max() > 0.05


@torch.inference_mode()
def test_every_vector_sees_the_whole_text() -> None:
    made = encoder(converted(meta_tensors(), SHAPE.head_dim))
    ids = torch.arange(24)[None]
    changed = ids.clone()
    changed[0, -1] = 99
    assert (made(ids, 8)[0, 0] - made(changed, 8)[0, 0]).abs().max() > 1e-3


@pytest.mark.parametrize(
    ("n", "sizes"), [(1, [1]), (7, [7]), (8, [8]), (9, [5, 4]), (16, [8, 8]), (21, [7, 7, 7]), (26, [7, 7, 6, 6])]
)
def test_groups_are_as_even_as_can_be(n: int, sizes: list[int]) -> None:
    assert groups(n, 8) == sizes


# The whole compressor, from folders laid out as published


SCALED = {"rope_type": "llama3", "rope_theta": 500_000.0, "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0}
SCALED |= {"original_max_position_embeddings": 64}


def write(hub: Path, name: str) -> dict[str, torch.Tensor]:
    """All parts of a row's card under a folder; returns the published tensors."""
    encoder, decoder, *others = (hub / part.repo for part in ROWS[name].card.parts)
    random, several = torch.Generator().manual_seed(4), "multi" in name
    held = {f"embedder.{name}": tensor for name, tensor in meta_tensors().items()}
    for number in range(1 + several):
        for token in ("rec_tok", "cont_tok"):
            held[f"embedder.{token}.{number}.weight"] = torch.randn(1, SHAPE.dim, generator=random)
        for layer, size in (("layer1", (20, SHAPE.dim)), ("layer2", (48, 20))):
            place = f"bridge_module.{number}." if several else "bridge_module."
            held[f"{place}{layer}.weight"] = torch.randn(*size, generator=random) * 0.2
    encoder.mkdir(parents=True)
    save_file(held, encoder / "model.safetensors")
    config = {"model_args": asdict(SHAPE), "embedder_args": {"n_truncated_layers": 2, "compress_rates": [-8]}, "llms": []}
    (encoder / "config.json").write_text(json.dumps(config))
    if "Llama" in decoder.name:
        tiny.save(decoder, rope_parameters=SCALED)
    else:
        mistral(7).save_pretrained(decoder)
        tokenizer("of another kind " * 5, 290).save_pretrained(decoder)
    for folder in others:
        tiny.tokenizer().save_pretrained(folder)
    return held


def mistral(seed: int) -> t.PreTrainedModel:
    torch.manual_seed(seed)
    own = tiny.SIZES | {"num_key_value_heads": 2, "initializer_range": 0.2, "vocab_size": 290}
    return t.MistralForCausalLM(t.MistralConfig(**own, bos_token_id=0, eos_token_id=1)).eval()


def tokenizer(text: str, size: int) -> t.PreTrainedTokenizerFast:
    return tiny.tokenizer().train_new_from_iterator([text], size, show_progress=False)


def loaded(hub: Path, name: str):
    folders = [hub / part.repo for part in ROWS[name].card.parts]
    return arc.load(int(name.endswith("multi-mistral")), folders, HubSettings(), ())


ROWS = {row.name: row for row in arc.rows()}


@pytest.mark.parametrize("name", sorted(ROWS))
@torch.inference_mode()
def test_memory_is_the_bridged_states_and_the_text_follows_rec_and_begin(tmp_path, name):
    held = write(tmp_path, name)
    compressor = loaded(tmp_path, name)
    source = compressor.source(tiny.TEXT)
    (memory,) = compressor.compress(source, source.windows, arc.RATIO)
    number, several = int(name.endswith("multi-mistral")), "multi" in name
    read = [0, *tiny.tokenizer().encode(tiny.TEXT, add_special_tokens=False), 1]  # the encoder's own tokens, begun and ended
    own = {k.removeprefix("embedder."): v for k, v in held.items() if "embedder" in k and "_tok." not in k}
    states = meta_forward(own, read, groups(len(read), 8))
    place = f"bridge_module.{number}." if several else "bridge_module."
    first, second = (held[f"{place}layer{i}.weight"] for i in (1, 2))
    torch.testing.assert_close(memory.vectors, states @ first.T @ second.T, atol=1e-3, rtol=1e-3)
    assert memory.size == -(-len(read) // 8) and not memory.stops_by_length
    assert (memory.length, memory.bits) == (len(source.ids), memory.size * 48 * 16)

    plain = {"rope_parameters": {"rope_type": "default", "rope_theta": 500_000.0}} if "mistral" not in name else {}
    folder = tmp_path / ROWS[name].card.parts[1].repo
    decoder = t.AutoModelForCausalLM.from_pretrained(folder, **plain)
    ids, embed = list(source.ids), decoder.get_input_embeddings()
    asked = held[f"embedder.rec_tok.{number}.weight"] @ first.T @ second.T
    text = torch.cat([asked, embed(torch.tensor([0, *ids[:-1]]))])
    given, prior = compressor.decoder.score([memory, None], [ids, ids])
    whole = decoder(inputs_embeds=torch.cat([memory.vectors, text])[None]).logits[0, -len(ids) :]
    torch.testing.assert_close(given, whole[:, : given.shape[1]], atol=1e-3, rtol=1e-3)
    alone = decoder(inputs_embeds=text[None]).logits[0, -len(ids) :]
    torch.testing.assert_close(prior, alone[:, : prior.shape[1]], atol=1e-3, rtol=1e-3)


def test_the_scaled_angles_of_llama_are_put_aside(tmp_path):
    write(tmp_path, "arc-8-llama")
    network = loaded(tmp_path, "arc-8-llama").decoder.model
    rates = 500_000.0 ** (-torch.arange(0, 12, 2).float() / 12)
    torch.testing.assert_close(network.model.rotary_emb.inv_freq, rates)


def test_decoder_and_encoder_count_different_tokens_and_the_window_is_the_decoders(tmp_path):
    write(tmp_path, "arc-8-mistral")
    compressor = loaded(tmp_path, "arc-8-mistral")
    assert compressor.window == arc.WINDOW == 256 - 2
    source = compressor.source(tiny.TEXT * 3)
    memories = compressor.compress(source, source.windows, arc.RATIO)
    assert [m.length for m in memories] == [254, len(source.ids) - 254]
    pieces = [source.text[source.spans[a][0] : source.spans[b - 1][1]] for a, b in source.windows]
    counts = [len(tiny.tokenizer().encode(piece, add_special_tokens=False)) + 2 for piece in pieces]
    assert [m.size for m in memories] == [-(-count // 8) for count in counts]
    assert counts[0] < 254  # it was trained on this text, the decoder's tokenizer was not


def test_windows_of_one_length_with_different_tokens_keep_their_order(tmp_path):
    write(tmp_path, "arc-8-mistral")
    compressor = loaded(tmp_path, "arc-8-mistral")
    compressor.window = 20
    source = compressor.source(tiny.TEXT)
    together = compressor.compress(source, source.windows, arc.RATIO)
    for window, memory in zip(source.windows, together, strict=True):
        (alone,) = compressor.compress(source, [window], arc.RATIO)
        torch.testing.assert_close(memory.vectors, alone.vectors, atol=1e-4, rtol=1e-4)


def test_special_tokens_are_not_in_a_text_and_the_end_token_ends_it(tmp_path):
    write(tmp_path, "arc-8-llama")
    compressor = loaded(tmp_path, "arc-8-llama")
    assert compressor.text([0, *compressor.source("Ben").ids, 1]) == "Ben" and compressor.decoder.end_ids == {1}


def test_random_weights_fail_the_self_test_and_trained_ones_pass(tmp_path, monkeypatch):
    monkeypatch.setenv("INSPECTOR_HUB", f"folder={tmp_path}")
    monkeypatch.setenv("INSPECTOR_ALLOW", "")
    write(tmp_path, "arc-8-multi-mistral")
    row = ROWS["arc-8-multi-mistral"]
    assert row.why_not() is None and not row.card.published
    with pytest.raises(RuntimeError, match="self-test failed: memory gain"):
        row.load(())
    compressor = loaded(tmp_path, row.name)
    parts = (compressor.bridge, compressor.decoder.model.model.layers)
    by_heart(compressor, (p for part in parts for p in part.parameters()), selftest.TEXT, arc.RATIO)
    assert selftest.verdict(compressor, arc.RATIO, arc.CHECK)[0]
    compressor.decoder.model = mistral(9)  # another base, of the same shape
    assert not selftest.verdict(compressor, arc.RATIO, arc.CHECK)[0]


@pytest.mark.parametrize(
    ("lost", "said"),
    [
        ("embedder.rec_tok.0.weight", "lack the tensor embedder.rec_tok.0.weight"),
        ("bridge_module.layer2.weight", "lack the tensor bridge_module.layer2.weight"),
        ("embedder.layers.1.attention.wk.weight", "lacks the tensor layers.1.self_attn.k_proj.weight"),
    ],
)
def test_a_missing_tensor_is_named(tmp_path, lost, said):
    write(tmp_path, "arc-8-llama")
    file = tmp_path / ROWS["arc-8-llama"].card.parts[0].repo / "model.safetensors"
    save_file({k: v for k, v in load_file(file).items() if k != lost}, file)
    with pytest.raises(RuntimeError, match=said):
        loaded(tmp_path, "arc-8-llama")


def test_the_published_sizes_are_those_of_these_shapes():
    s = Shape()
    layer = 2 * s.dim * s.n_heads * s.head_dim + 2 * s.dim * s.n_kv_heads * s.head_dim + 3 * s.dim * s.hidden_dim + 2 * s.dim
    backbone = s.vocab_size * s.dim + 26 * layer
    for name, many in (("arc-8-llama", 1), ("arc-8-multi", 2)):
        numbers = backbone + many * (2 * s.dim + s.dim * 2_048 + 2_048 * 4_096)
        assert ROWS[name].card.parts[0].bytes == 4 * numbers
    assert round(ROWS["arc-8-multi"].card.parts[0].bytes / 1e8) == 122  # listed on the hub as 12.2 GB
