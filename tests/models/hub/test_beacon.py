"""Activation Beacon from a tiny checkpoint in the published layout, against attention written out by hand.

The hand-written pass keeps keys without positions and turns them when they are read, as the published code does.
"""

from __future__ import annotations

import gc
import json
import math
from pathlib import Path

import pytest
import torch
import transformers
from safetensors.torch import load_file, save_file

from models.hub import beacon as adapter
from models.hub import compressors, selftest
from models.hub.beacons import layout
from models.hub.settings import HubSettings
from models.registry import Registry
from tests.models import tiny

TEXT = tiny.TEXT
HEADS, KEYS, WIDTH = 4, 2, 12  # query heads, heads of keys, width of each
PROMPT = adapter.Prompt(("<s>", "[INST]"), ("\nAgain. [/INST]",), ("</s>",))
SCHEMES = {
    "mistral": {"beacon_attn": "step-expansion", "beacon_attend_prev": True, "beacon_param": ["q", "k", "v", "o"]},
    "qwen2": {
        "beacon_pos": "interleave",
        "beacon_attn": "full-coverage",
        "beacon_attend_prev": True,
        "beacon_param": ["q", "k", "v"],
    },
}


def save(folder: Path, kind: str) -> Path:
    """A checkpoint: a model's own tensors, those of its beacons beside them, and the settings in `config.json`."""
    torch.manual_seed(5)
    settings = tiny.SIZES | {"num_key_value_heads": KEYS, "max_position_embeddings": 256, "initializer_range": 0.2}
    if kind == "mistral":
        network = transformers.MistralForCausalLM(transformers.MistralConfig(head_dim=WIDTH, sliding_window=4, **settings))
    else:
        network = transformers.Qwen2ForCausalLM(transformers.Qwen2Config(**settings))
        for name, parameter in network.named_parameters():
            if name.endswith("bias"):
                torch.nn.init.normal_(parameter, std=0.2)
    network.save_pretrained(folder)
    tiny.tokenizer().save_pretrained(folder)
    config = json.loads((folder / "config.json").read_text())
    config |= SCHEMES[kind] | {"beacon_window": 12, "beacon_stride": 12, "beacon_sink_size": 0, "beacon_ratio": [2, 4, 8]}
    config["auto_map"] = {"AutoModelForCausalLM": f"modeling_{kind}.Beacon"}  # their own code, which is not there
    (folder / "config.json").write_text(json.dumps(config))
    tensors = load_file(folder / "model.safetensors")
    own = {"model.beacon_embed_tokens.weight": torch.randn(1, 48) * 0.5}
    for name, tensor in tensors.items():
        for each in config["beacon_param"]:
            if f".{each}_proj." in name:
                own[name.replace(f".{each}_proj.", f".beacon_{each}_proj.")] = torch.randn_like(tensor) * 0.2
    save_file(tensors | own, folder / "model.safetensors", {"format": "pt"})
    return folder


class ByHand:
    """The model's arithmetic on a file's tensors: rotary attention with keys turned when read, beacons projected by their own."""

    def __init__(self, folder: Path) -> None:
        self.t, self.config = load_file(folder / "model.safetensors"), json.loads((folder / "config.json").read_text())
        theta = self.config.get("rope_theta") or self.config["rope_parameters"]["rope_theta"]
        self.frequencies = theta ** -(torch.arange(0, WIDTH, 2) / WIDTH)

    def turned(self, x: torch.Tensor, positions: torch.Tensor) -> torch.Tensor:
        angle = positions[:, None, None] * self.frequencies
        a, b = x[..., : WIDTH // 2], x[..., WIDTH // 2 :]
        return torch.cat([a * angle.cos() - b * angle.sin(), b * angle.cos() + a * angle.sin()], -1)

    def linear(self, x: torch.Tensor, place: str, which: str, beacons: torch.Tensor) -> torch.Tensor:
        def by(name: str) -> torch.Tensor:
            y = x @ self.t[f"{place}{name}.weight"].T
            return y + self.t[f"{place}{name}.bias"] if f"{place}{name}.bias" in self.t else y

        y = by(f"{which}_proj")
        if which in self.config["beacon_param"]:
            y[beacons] = by(f"beacon_{which}_proj")[beacons]
        return y

    def norm(self, x: torch.Tensor, name: str) -> torch.Tensor:
        return x * (x.pow(2).mean(-1, keepdim=True) + self.config["rms_norm_eps"]).rsqrt() * self.t[name]

    def read(self, ids, beacons, positions, seen, past=None):
        """Logits [n, V], and keys without positions and values [n, heads, width] a layer, past ones in front.

        Args:
            ids: of the columns that are no beacons.
            positions: of past and new columns; seen: [n, past + n].
        """
        x = self.t["model.beacon_embed_tokens.weight"].repeat(len(beacons), 1)
        x[~beacons] = self.t["model.embed_tokens.weight"][torch.tensor(ids)]
        kept = []
        for layer in range(self.config["num_hidden_layers"]):
            place = f"model.layers.{layer}."
            h = self.norm(x, f"{place}input_layernorm.weight")
            q, k, v = (self.linear(h, f"{place}self_attn.", w, beacons).unflatten(-1, (-1, WIDTH)) for w in "qkv")
            if past is not None:
                k, v = (torch.cat([old, new]) for old, new in zip(past[layer], (k, v), strict=True))
            kept.append((k, v))
            q, k = self.turned(q, positions[-len(beacons) :]), self.turned(k, positions)
            k, v = (part.repeat_interleave(HEADS // KEYS, 1) for part in (k, v))
            scores = torch.einsum("qhd,khd->hqk", q, k) / math.sqrt(WIDTH)
            mixed = torch.einsum("hqk,khd->qhd", scores.masked_fill(~seen, -math.inf).softmax(-1), v).flatten(1)
            x = x + self.linear(mixed, f"{place}self_attn.", "o", beacons)
            h = self.norm(x, f"{place}post_attention_layernorm.weight")
            gate, up = (h @ self.t[f"{place}mlp.{name}_proj.weight"].T for name in ("gate", "up"))
            x = x + (torch.nn.functional.silu(gate) * up) @ self.t[f"{place}mlp.down_proj.weight"].T
        return self.norm(x, "model.norm.weight") @ self.t["lm_head.weight"].T, kept


@pytest.fixture(scope="module", params=("mistral", "qwen2"))
def checkpoint(request, tmp_path_factory) -> Path:
    return save(tmp_path_factory.mktemp(request.param), request.param)


@pytest.fixture
def loaded(checkpoint):
    return adapter.load(PROMPT, [checkpoint], HubSettings(), ())


def both(past, kept):
    """Keys and values of the head and of beacons behind it, a layer each."""
    return [tuple(torch.cat(pair) for pair in zip(*layers, strict=True)) for layers in zip(past, kept, strict=True)]


def read_on(hand: ByHand, known, after: list[int], ids: list[int]) -> torch.Tensor:
    """Logits of a text's tokens behind what is known and the request."""
    new, old = [*after, *ids[:-1]], len(known[0][0])
    seen = torch.ones(len(new), old + len(new), dtype=torch.bool).tril(old)
    return hand.read(new, torch.zeros(len(new), dtype=torch.bool), torch.arange(old + len(new)), seen, known)[0][-len(ids) :]


def by_hand(folder: Path, before: list[int], ids: list[int], ratio: int, hand: ByHand | None = None):
    """Keys and values of the beacons of one window behind `before`, written from the published description."""
    hand, head, groups = hand or ByHand(folder), len(before), -(-len(ids) // ratio)
    plain = torch.zeros(head, dtype=torch.bool)
    _, past = hand.read(before, plain, torch.arange(head), torch.ones(head, head, dtype=torch.bool).tril())
    if SCHEMES[hand.config["model_type"]].get("beacon_pos") == "interleave":
        kinds: list[bool] = []
        for start in range(0, len(ids), ratio):
            kinds += [False] * len(ids[start : start + ratio]) + [True]
        n = len(kinds)
        positions, seen = torch.arange(head + n), torch.ones(n, head + n, dtype=torch.bool).tril(head)
    else:
        kinds, n = [False] * len(ids) + [True] * groups, len(ids) + groups
        positions, seen = torch.arange(head + n), torch.zeros(n, head + n, dtype=torch.bool)
        seen[:, :head] = True
        for row in range(n):
            beacon = row - len(ids)
            tokens = row + 1 if beacon < 0 else min((beacon + 1) * ratio, len(ids))
            seen[row, head : head + tokens] = True
            if beacon >= 0:
                positions[head + row] = head + tokens + beacon  # right behind its last token, each earlier beacon a place
                seen[row, head + len(ids) : head + row + 1] = True
    beacons = torch.tensor(kinds)
    _, kept = hand.read(ids, beacons, positions, seen, past)
    return [(k[head:][beacons], v[head:][beacons]) for k, v in kept], past, hand


@pytest.mark.parametrize(("ratio", "size"), [(2, 6), (4, 3), (8, 2), (32, 1)])
def test_the_memory_is_that_of_the_beacons(loaded, checkpoint, ratio, size):
    source = loaded.source(TEXT)
    memory = loaded.compress(source, source.windows[:1], ratio)[0]
    assert (memory.kind, memory.size, memory.length, memory.stops_by_length) == ("kv", size, 12, False)
    assert memory.bits == 16 * 2 * 2 * KEYS * size * WIDTH
    expected, *_ = by_hand(checkpoint, list(loaded.decoder.before), list(source.window_ids(source.windows[0])), ratio)
    for (keys, values), (own_keys, own_values) in zip(memory.extra["cache"], expected, strict=True):
        assert torch.allclose(keys, own_keys.transpose(0, 1), atol=1e-4)
        assert torch.allclose(values, own_values.transpose(0, 1), atol=1e-4)


def test_the_text_is_read_after_head_beacons_and_request(loaded, checkpoint):
    source = loaded.source(TEXT)
    ids, decoder = list(source.window_ids(source.windows[0])), loaded.decoder
    memory = loaded.compress(source, source.windows[:1], 4)[0]
    kept, past, hand = by_hand(checkpoint, list(decoder.before), ids, 4)
    for given, known in ((memory, both(past, kept)), (None, past)):
        assert torch.allclose(decoder.score([given], [ids])[0], read_on(hand, known, list(decoder.after), ids), atol=1e-3)
    one, other = decoder.score([memory, None], [ids, ids])
    assert not torch.allclose(one, other, atol=0.1)


def test_without_beacons_the_model_is_the_plain_one(loaded, checkpoint):
    plain = transformers.AutoModelForCausalLM.from_pretrained(checkpoint, sliding_window=None)
    ids = torch.tensor([[0, 7, 30, 12]])
    assert torch.allclose(loaded.decoder.model(input_ids=ids).logits, plain(input_ids=ids).logits, atol=1e-5)


def test_windows_are_compressed_alone_and_a_short_one_has_a_beacon_for_the_rest(loaded):
    source = loaded.source(TEXT)
    lengths = [last - first for first, last in source.windows]
    assert lengths[:-1] == [12] * (len(lengths) - 1) and 0 < lengths[-1] < 12
    memories = loaded.compress(source, source.windows, 8)
    assert [m.size for m in memories] == [-(-n // 8) for n in lengths]
    alone = loaded.compress(source, source.windows[-1:], 8)[0]
    assert torch.allclose(alone.extra["cache"][1][0], memories[-1].extra["cache"][1][0], atol=1e-5)


def test_beacons_stand_and_see_as_the_code_has_it():
    laid = layout(5, 2, 1, "interleave", "full-coverage")
    assert laid.beacons.int().tolist() == [0, 0, 1, 0, 0, 1, 0, 1] and laid.positions.tolist() == [1, 2, 3, 4, 5, 6, 7, 8]
    laid = layout(5, 2, 1, "append", "step-expansion")
    assert laid.beacons.int().tolist() == [0, 0, 0, 0, 0, 1, 1, 1] and laid.positions.tolist() == [1, 2, 3, 4, 5, 3, 6, 8]
    assert laid.seen.int().tolist()[4:] == [
        [1, 1, 1, 1, 1, 1, 0, 0, 0],
        [1, 1, 1, 0, 0, 0, 1, 0, 0],
        [1, 1, 1, 1, 1, 0, 1, 1, 0],
        [1, 1, 1, 1, 1, 1, 1, 1, 1],
    ]
    laid = layout(4, 2, 0, "append", "full-coverage")
    assert laid.positions.tolist() == [0, 1, 2, 3, 4, 5] and laid.seen.all(1).tolist() == [False] * 5 + [True]


def test_a_second_loading_puts_beacons_in_once(loaded, checkpoint):
    source = loaded.source(TEXT)
    first = loaded.compress(source, source.windows[:1], 4)[0]
    again = adapter.load(PROMPT, [checkpoint], HubSettings(), ())
    assert again.decoder.model is loaded.decoder.model
    second = again.compress(source, source.windows[:1], 4)[0]
    assert torch.equal(first.extra["cache"][1][1], second.extra["cache"][1][1])


def test_special_tokens_are_no_text_and_end_it(loaded):
    assert loaded.decoder.end_ids == {1} and loaded.text([0, *loaded.source("Ben gave").ids, 1]) == "Ben gave"
    assert loaded.decoder.before[0] == 0 and loaded.text(loaded.decoder.before) == "[INST]"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"beacon_pos": "interleave", "beacon_attn": "segmentation"},
            "placed by interleave with segmentation are not built here",
        ),
        ({"beacon_attend_prev": False}, "are not built here"),
        ({"beacon_attn": None}, "not built here"),
        ({"beacon_param": ["q", "k"]}, r"has a tensor model\.layers\.0\.self_attn\.beacon_\w_proj"),
    ],
)
def test_settings_that_are_not_built_say_so(checkpoint, tmp_path, change, said):
    for file in checkpoint.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    config = json.loads((tmp_path / "config.json").read_text()) | change
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(RuntimeError, match=said):
        adapter.load(PROMPT, [tmp_path], HubSettings(), ())


def test_a_plain_model_is_no_checkpoint_of_beacons(tmp_path):
    tiny.save(tmp_path)
    with pytest.raises(RuntimeError, match="says nothing of beacons"):
        adapter.load(PROMPT, [tmp_path], HubSettings(), ())


def test_a_tensor_that_is_missing_is_named(checkpoint, tmp_path):
    for file in checkpoint.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    tensors = load_file(tmp_path / "model.safetensors")
    tensors.pop("model.layers.1.self_attn.beacon_k_proj.weight")
    save_file(tensors, tmp_path / "model.safetensors", {"format": "pt"})
    with pytest.raises(RuntimeError, match=r"beacon_k_proj of layer 1 in .* lacks the tensor weight"):
        adapter.load(PROMPT, [tmp_path], HubSettings(), ())


def test_random_weights_fail_the_self_test(tmp_path, monkeypatch):
    folder = tmp_path / "namespace-Pt" / "activation-beacon-mistral-7b"
    folder.mkdir(parents=True)
    save(folder, "mistral")
    monkeypatch.setenv("INSPECTOR_HUB", f"folder={tmp_path}")
    monkeypatch.setenv("INSPECTOR_ALLOW", "")
    table = Registry(compressors())
    with pytest.raises(RuntimeError, match="self-test failed: memory gain"):
        table.load(table.resolve("beacon-mistral-7b@4"))


def test_the_self_test_passes_on_what_was_trained(tmp_path, monkeypatch):
    """The tiny model learns the sentence through its beacons, and to guess nothing without them."""
    folder = tmp_path / "namespace-Pt" / "activation-beacon-mistral-7b"
    folder.mkdir(parents=True)
    config = json.loads((save(folder, "mistral") / "config.json").read_text()) | {"beacon_window": 256}
    (folder / "config.json").write_text(json.dumps(config))
    compressor = adapter.load(adapter.MISTRAL, [folder], HubSettings(), ())
    ids, after = list(compressor.source(selftest.TEXT).ids), list(compressor.decoder.after)
    target, hand = torch.tensor(ids), ByHand(folder)
    optimiser = torch.optim.Adam([tensor.requires_grad_() for tensor in hand.t.values()], 3e-3)
    for _ in range(60):
        kept, past, _ = by_hand(folder, list(compressor.decoder.before), ids, 4, hand)
        given = read_on(hand, both(past, kept), after, ids).log_softmax(-1)[range(len(ids)), target]
        prior = read_on(hand, past, after, ids).log_softmax(-1)
        optimiser.zero_grad()
        (-given.mean() - prior.mean()).backward()
        optimiser.step()
    save_file({name: tensor.detach() for name, tensor in hand.t.items()}, folder / "model.safetensors", {"format": "pt"})
    del compressor
    gc.collect()  # a model that is still there would be shared
    monkeypatch.setenv("INSPECTOR_HUB", f"folder={tmp_path}")
    monkeypatch.setenv("INSPECTOR_ALLOW", "")
    table = Registry(compressors())
    assert table.load(table.resolve("beacon-mistral-7b")).notes["self_test"].startswith("Self-test passed: memory gain")


def test_a_prompt_whose_tokens_are_missing_says_which(checkpoint):
    with pytest.raises(RuntimeError, match=r"the tokenizer lacks the token <\|im_start\|>"):
        adapter.load(adapter.QWEN2, [checkpoint], HubSettings(), ())


def test_sizes_agree_with_the_shapes_of_the_models():
    """Qwen2: with the published 8.08 billion parameters, which has query, key and value projections and no others."""
    rows = {row.name: row for row in adapter.rows()}
    qwen2 = 28 * (3584 * 3584 + 3584 + 2 * (3584 * 512 + 512)) + 3584
    mistral = 32 * (2 * 4096 * 4096 + 2 * 4096 * 1024) + 4096
    for name, counted in (("beacon-qwen2-7b", qwen2), ("beacon-mistral-7b", mistral)):
        assert rows[name].parameters["compressor"] == counted
        assert 2 * sum(rows[name].parameters.values()) == rows[name].card.parts[0].bytes
    assert round(sum(rows["beacon-qwen2-7b"].parameters.values()) / 1e9, 2) == 8.08
    assert all(row.kind == "kv" and not row.vectors and row.ratios == (2, 4, 8, 16, 32) for row in rows.values())
