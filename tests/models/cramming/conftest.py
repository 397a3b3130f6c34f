"""A tiny random Llama to cram into, and settings small enough for tests."""

from __future__ import annotations

import pytest

from models.cramming.compressor import Cramming
from models.cramming.method import Settings
from models.hub.causal import CausalDecoder, causal_decoder
from models.hub.tokens import HubTokenizer
from tests.models import tiny

QUICK = Settings(warmup=5, steps=60, stage=40, grow=2)


@pytest.fixture(scope="session")
def reader() -> CausalDecoder:
    return causal_decoder(tiny.network().requires_grad_(False), tiny.tokenizer())


@pytest.fixture
def crammer(reader) -> Cramming:
    return Cramming(reader, HubTokenizer(tiny.tokenizer()), QUICK, 8)
