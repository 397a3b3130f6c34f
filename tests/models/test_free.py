"""Free memory: networks, the decoder that reads a plain prefix, and the compressor."""

from __future__ import annotations

import dataclasses

import pytest
import torch

from models.compressor import Source
from models.pocket.decoder import PrefixDecoder
from models.pocket.free import FreeCompressorNetwork, FreeDecoderNetwork, Tower, slots, turns
from models.pocket.network import Shape
from models.pocket.soft import FreeCompressor
from models.pocket.tokenizer import bundled

SHAPE = Shape(width=48, layers=2, heads=4, hidden=64, window=24, memory_width=48)
TEXT = "Anna met Ben by the mill, and Ben gave Anna 12 pears; Carl saw 3 of them fall into the river. Nobody else came that day."


@pytest.fixture(scope="module")
def compressor() -> FreeCompressor:
    torch.manual_seed(0)
    decoder = PrefixDecoder(FreeDecoderNetwork(SHAPE))
    return FreeCompressor(decoder, bundled(), FreeCompressorNetwork(dataclasses.replace(SHAPE, width=32, hidden=40)))


def memories(compressor: FreeCompressor, ratio: int, text: str = TEXT):
    source = compressor.source(text)
    return source, compressor.compress(source, source.windows, ratio)


def test_a_slot_stands_in_the_middle_of_its_tokens():
    assert slots(12, 4).tolist() == [1.5, 5.5, 9.5]
    assert slots(10, 4).tolist() == [1.5, 5.5, 8.5]  # the last has two tokens, 8 and 9
    assert slots(3, 64).tolist() == [1.0]


@pytest.mark.parametrize("ratio", [4, 16, 64])
def test_memory_has_a_vector_for_each_ratio_tokens(compressor, ratio):
    source, found = memories(compressor, ratio)
    assert len(source.windows) > 1
    for (first, last), memory in zip(source.windows, found, strict=True):
        assert memory.vectors.shape == (-(-(last - first) // ratio), 48) == (memory.size, 48)
        assert memory.length == last - first
        assert memory.stops_by_length


def test_every_token_of_the_window_reaches_every_vector(compressor):
    """Free memory: no vector belongs to a place. A changed last word changes the first vector too."""
    _, (one, *_) = memories(compressor, 4, "one two three four five six seven eight")
    _, (other, *_) = memories(compressor, 4, "one two three four five six seven nine")
    assert (one.vectors[0] - other.vectors[0]).abs().max() > 1e-4


def test_steps_give_the_logits_of_teacher_forcing(compressor):
    source, found = memories(compressor, 4)
    ids = [source.window_ids(w) for w in source.windows]
    scored = compressor.decoder.score(found, ids)
    state = compressor.decoder.begin(found, max(map(len, ids)))
    tokens = None
    for t in range(min(map(len, ids))):
        logits = compressor.decoder.step(state, tokens)
        for row in range(len(ids)):
            torch.testing.assert_close(logits[row], scored[row][t], atol=1e-4, rtol=1e-4)
        tokens = torch.tensor([row[t] for row in ids])


def test_rows_do_not_depend_on_their_neighbours(compressor):
    source, fine = memories(compressor, 4)
    _, coarse = memories(compressor, 16)
    ids = source.window_ids(source.windows[0])
    together = compressor.decoder.score([fine[0], None, coarse[0]], [ids, ids, ids[:5]])
    for row, (memory, target) in enumerate([(fine[0], ids), (None, ids), (coarse[0], ids[:5])]):
        torch.testing.assert_close(together[row], compressor.decoder.score([memory], [target])[0], atol=1e-4, rtol=1e-4)
    assert (together[0] - together[1]).abs().max() > 1e-3  # memory makes a difference


def test_the_training_pass_is_the_decoders(compressor):
    source, found = memories(compressor, 4)
    network, ids = compressor.decoder.network, torch.tensor([source.window_ids(source.windows[0])])
    with torch.inference_mode():
        states = network(network.history(ids), found[0].vectors[None], 4)
        logits = network.logits(states)[0, :, : network.begin_id]
    torch.testing.assert_close(logits, compressor.decoder.score([found[0]], [ids[0].tolist()])[0], atol=1e-4, rtol=1e-4)


def test_only_distances_count():
    """Queries, keys and values are turned by position, so a shift of all positions changes nothing."""
    torch.manual_seed(1)
    tower, x, positions = Tower(SHAPE, 4), torch.randn(1, 9, 48), torch.arange(9.0)[None]
    with torch.inference_mode():
        torch.testing.assert_close(tower(x, positions), tower(x, positions + 7), atol=1e-4, rtol=1e-4)
        assert (tower(x, positions) - tower(x, positions * 2)).abs().max() > 1e-3


def test_half_of_the_heads_turn_no_values():
    tower, plain = Tower(SHAPE, 4), Tower(SHAPE, 4, turned=False)
    assert tower.phases[:2].abs().min() > 0
    assert not tower.phases[2:].any()
    assert not plain.phases.any()
    cosine, sine = turns(torch.arange(3.0)[None], plain.phases)
    assert (cosine == 1).all()
    assert (sine == 0).all()


def test_windows_of_one_token_and_of_none(compressor):
    source, found = memories(compressor, 64, "x")
    assert [m.size for m in found] == [1]
    assert len(compressor.decoder.score(found, [source.ids])[0]) == len(source.ids)
    assert compressor.compress(Source("", (), (), ()), [], 4) == []
