"""The superposition code: exact at ratio 1, cross-talk as predicted, short last slots."""

import math

import pytest
import torch

from models.pocket.code import draw_phases, read_out, rotate, superpose

WIDTH = 512


@pytest.fixture
def phases():
    return draw_phases(WIDTH, seed=3)


def unit_rows(*shape):
    return torch.randn(*shape, WIDTH, generator=torch.Generator().manual_seed(0)) / WIDTH**0.5


def test_rotation_keeps_length_and_undoes_itself(phases):
    x = unit_rows(2, 7)
    turned = rotate(x, phases)
    torch.testing.assert_close(turned.norm(dim=-1), x.norm(dim=-1))
    torch.testing.assert_close(rotate(turned, phases, inverse=True), x, atol=1e-5, rtol=1e-4)


def test_first_position_of_a_slot_is_not_turned(phases):
    x = unit_rows(1, 1)
    torch.testing.assert_close(rotate(x, phases), x)


def test_one_token_a_vector_reads_back_exactly(phases):
    x = unit_rows(1, 5)
    torch.testing.assert_close(read_out(superpose(x, 1, phases), 5, 1, phases), x, atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize("ratio", [4, 16, 64])
def test_cross_talk_has_the_variance_of_the_other_tokens(phases, ratio):
    x = unit_rows(8, 2 * ratio)
    noise = read_out(superpose(x, ratio, phases), 2 * ratio, ratio, phases) - x
    assert noise.square().sum(-1).mean().item() == pytest.approx(ratio - 1, rel=0.1)


def test_a_short_last_slot_holds_what_is_left(phases):
    x = unit_rows(1, 10)
    z = superpose(x, 4, phases)
    assert z.shape == (1, math.ceil(10 / 4), WIDTH)
    torch.testing.assert_close(z[:, 2], rotate(x[:, 8:], phases).sum(1))


def test_phases_are_drawn_from_their_seed():
    assert torch.equal(draw_phases(WIDTH, 3), draw_phases(WIDTH, 3))
    assert not torch.equal(draw_phases(WIDTH, 3), draw_phases(WIDTH, 4))
    assert draw_phases(WIDTH, 3).min() >= 0 and draw_phases(WIDTH, 3).max() < 2 * math.pi
