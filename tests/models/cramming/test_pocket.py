"""Cramming into a free-memory decoder (tiny, random): what is optimised is what it decodes."""

from __future__ import annotations

import pytest
import torch

from models.cramming.compressor import Cramming
from models.cramming.method import Window
from models.cramming.pocket import PocketReader, PocketTokens
from models.pocket.free import FreeDecoderNetwork, slots
from models.pocket.network import Shape
from models.pocket.tokenizer import bundled
from tests.models.cramming.conftest import QUICK

IDS = (5, 900, 17, 4000, 8, 8, 21)


@pytest.fixture(scope="module")
def reader() -> PocketReader:
    torch.manual_seed(0)
    network = FreeDecoderNetwork(Shape(width=64, layers=2, heads=2, hidden=96, window=24, memory_width=64))
    with torch.no_grad():
        for weight in network.tower.parameters():
            weight.mul_(5 if weight.dim() == 2 else 1)  # so that what is read makes a difference, as if trained
    return PocketReader(network)


def test_what_is_optimised_is_what_is_scored(reader):
    window = Window(IDS, 3, reader, QUICK)
    logits = reader.logits(window.vectors[None], torch.tensor([IDS]), [window.beside])
    scored = reader.score([window.memory()], [IDS])[0]
    assert logits.shape == (1, len(IDS), reader.network.begin_id) and torch.allclose(logits[0], scored, atol=1e-4)
    logits.sum().backward()
    assert window.vectors.grad.abs().sum() > 0


def test_vectors_stand_where_a_trained_compressors_stand(reader):
    assert torch.equal(Window(IDS, 3, reader, QUICK).memory().extra["positions"], slots(len(IDS), 3))


def test_a_text_is_crammed(reader):
    crammer = Cramming(reader, PocketTokens(bundled()), QUICK, 24)
    source = crammer.source("Ben 한 met")
    memory = crammer.compress(source, source.windows, 1)[0]
    horizon = memory.extra["horizon"]
    assert horizon > 0 and crammer.text(source.ids) == "Ben 한 met"
    state, tokens, spoken = reader.begin([memory], memory.length), None, []
    for _ in range(horizon):
        tokens = reader.step(state, tokens).argmax(-1)
        spoken += tokens.tolist()
    assert spoken == list(source.ids[:horizon])
