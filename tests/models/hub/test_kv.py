"""A KV cache as memory, against a forward pass over the whole sequence at once."""

from __future__ import annotations

import pytest
import torch
from transformers import DynamicCache

from models.compressor import Memory
from models.hub.kv import KvDecoder, kv_memory, turn
from tests.models import tiny

IDS = (7, 30, 299, 12, 12, 5, 101)
BEFORE, AFTER = (0, 9), (44, 17)
SIZES = {"llama": (4, 12), "qwen3": (2, 16)}  # heads that hold keys, and their width


def memory(kind: str, size: int, seed: int = 0) -> Memory:
    """A memory of random numbers, keys turned or not as the decoder takes them."""
    heads, width = SIZES[kind]
    numbers = torch.randn(2, 2, heads, size, width, generator=torch.Generator().manual_seed(seed))
    return kv_memory(len(IDS), [(keys, values) for keys, values in numbers])


def read(model, ids: list[int], kept: Memory) -> torch.Tensor:
    """Logits of ids that follow a memory alone in its cache, at the positions after it."""
    cache = DynamicCache()
    for index, (keys, values) in enumerate(kept.extra["cache"]):
        cache.update(keys[None], values[None], index)
    positions = torch.arange(kept.size, kept.size + len(ids))[None]
    return model(input_ids=torch.tensor([ids]), past_key_values=cache, position_ids=positions).logits[0]


def stepped(decoder: KvDecoder, memories, targets) -> list[torch.Tensor]:
    """Logits of each row along its target, one step at a time."""
    longest = max(map(len, targets))
    state, tokens, rows = decoder.begin(memories, longest), None, []
    for t in range(longest):
        rows.append(decoder.step(state, tokens))
        tokens = torch.tensor([target[min(t, len(target) - 1)] for target in targets])
    return [torch.stack([row[i] for row in rows])[: len(target)] for i, target in enumerate(targets)]


@pytest.fixture(scope="module", params=tuple(SIZES))
def kind(request) -> str:
    return request.param


@pytest.mark.parametrize(("before", "turned"), [((), True), (BEFORE, False)])
def test_rows_of_different_sizes_step_and_score_alike_and_alone(kind, before, turned):
    decoder = KvDecoder(tiny.network(kind), AFTER, 300, before=before, turned=turned)
    memories, targets = [memory(kind, 5), None, memory(kind, 2, 1)], [IDS, IDS[:4], IDS[2:]]
    together = decoder.score(memories, targets)
    for one, other in zip(together, stepped(decoder, memories, targets), strict=True):
        assert one.shape == other.shape and torch.allclose(one, other, atol=1e-4)
    for kept, target, row in zip(memories, targets, together, strict=True):
        assert torch.allclose(decoder.score([kept], [target])[0], row, atol=1e-4)
    assert not torch.allclose(together[0][:4], together[1], atol=0.1)  # the memory is read


def test_a_memory_of_turned_keys_is_what_stands_in_the_cache(kind):
    model, kept = tiny.network(kind), memory(kind, 3)
    scored = KvDecoder(model, AFTER, 300).score([kept], [IDS])[0]
    assert torch.allclose(scored, read(model, [*AFTER, *IDS[:-1]], kept)[len(AFTER) - 1 :], atol=1e-4)


def test_keys_as_projected_are_turned_to_their_places(kind):
    """Tokens as memory: what a plain pass over the whole sequence computes, with nothing compressed."""
    model, middle = tiny.network(kind), [50, 51, 52]
    whole = model(input_ids=torch.tensor([[*BEFORE, *middle, *AFTER, *IDS[:-1]]])).logits[0, -len(IDS) :]
    raw: list[torch.Tensor] = []
    spots = [
        getattr(layer.self_attn, "k_norm", layer.self_attn.k_proj).register_forward_hook(lambda m, i, o: raw.append(o))
        for layer in model.model.layers
    ]
    cache = model(input_ids=torch.tensor([[*BEFORE, *middle]]), use_cache=True).past_key_values
    for spot in spots:
        spot.remove()
    heads, width = SIZES[kind]
    layers = [
        (keys.reshape(len(BEFORE) + 3, heads, width).transpose(0, 1)[:, len(BEFORE) :], layer.values[0][:, len(BEFORE) :])
        for keys, layer in zip(raw, cache.layers, strict=True)
    ]
    kept = kv_memory(len(IDS), layers)
    assert torch.allclose(turn(model, layers[0][0], torch.arange(2, 5)), cache.layers[0].keys[0][:, 2:], atol=1e-5)
    scored = KvDecoder(model, AFTER, 300, before=BEFORE, turned=False).score([kept], [IDS])[0]
    assert torch.allclose(scored, whole, atol=1e-4)


@pytest.mark.parametrize("before", [(), BEFORE])
def test_the_prior_has_the_same_prefix_without_the_memory(kind, before):
    model = tiny.network(kind)
    plain = model(input_ids=torch.tensor([[*before, *AFTER, *IDS[:-1]]])).logits[0, -len(IDS) :]
    decoder = KvDecoder(model, AFTER, 300, before=before)
    assert torch.allclose(decoder.score([None], [IDS])[0], plain, atol=1e-4)
    assert torch.allclose(decoder.score([memory(kind, 4), None], [IDS, IDS])[1], plain, atol=1e-4)


def test_bits_are_those_of_all_layers():
    heads, width = SIZES["llama"]
    kept = memory("llama", 3)
    assert (kept.kind, kept.size, kept.vectors, kept.stops_by_length) == ("kv", 3, None, False)
    assert kept.bits == 16 * 2 * 2 * heads * 3 * width


def test_a_batch_is_bounded_by_vocabulary_and_length():
    network = tiny.network()
    assert KvDecoder(network, AFTER, 300).rows == 32
    assert KvDecoder(network, AFTER, 128_256, length=500).rows == 4
    assert KvDecoder(network, AFTER, 152_064, length=2048).rows == 1
