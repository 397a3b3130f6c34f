"""The spectrum of a KV memory: which head's, and what is said where there is none."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from inspector.compare import compare
from inspector.engine import Kept, WindowCache
from inspector.inspection import Comparison
from inspector.measures.kv import Head, parse_head
from models.compressor import Memory, Row, Source, cut
from models.hub.kv import KvDecoder, kv_memory
from models.registry import Registry
from tests.models import tiny

LAYERS, HEADS, PLACES, WIDTH = 2, 4, 3, 12
TEXT = "Anna met Ben by the mill, and Ben gave Anna 12 pears."


class FakeKv:
    """Every window has three places; what is in them depends on the window's start."""

    def __init__(self) -> None:
        from models.hub.tokens import HubTokenizer

        self.tokenizer = HubTokenizer(tiny.tokenizer())
        self.decoder = KvDecoder(tiny.network(), (0,), 300)
        self.text, self.token_text = self.tokenizer.text, self.tokenizer.token_text

    def source(self, text):
        tokens = self.tokenizer.encode(text)
        return Source(text, tokens.ids, tokens.spans, cut(len(tokens.ids), 12))

    def compress(self, source, windows, ratio):
        return [kv_memory(last - first, self.cache(first)) for first, last in windows]

    def cache(self, first: int):
        numbers = torch.randn(LAYERS, 2, HEADS, PLACES, WIDTH, generator=torch.Generator().manual_seed(first))
        return [(keys, values) for keys, values in numbers]


def rows() -> list[Row]:
    return [Row("fake-kv", "Fake KV", "kv", (4,), 4, 12, load=lambda _: FakeKv(), vectors=False)]


@pytest.fixture(scope="module")
def caches() -> Registry:
    return Registry(rows())


@pytest.mark.parametrize(("kv", "layer", "head", "side"), [("1.3", 1, 3, 0), ("0.2.keys", 0, 2, 0), ("1.0.values", 1, 0, 1)])
def test_the_spectrum_is_of_the_head_asked_for_in_all_windows(caches, kv, layer, head, side):
    made = compare(TEXT, ["fake-kv"], registry=caches, kv=kv)
    inspection, compressor = made.inspections[0], FakeKv()
    windows = compressor.source(TEXT).windows
    assert len(windows) > 1
    stacked = np.concatenate([compressor.cache(first)[layer][side][head].double().numpy() for first, _ in windows])
    assert inspection.spectrum.rows == len(windows) * PLACES
    assert inspection.spectrum.singular_values == pytest.approx(np.linalg.svd(stacked, compute_uv=False))
    part = ("keys", "values")[side]
    assert inspection.notes["spectrum"] == (
        f"The spectrum is of the {part} of layer {layer} (of 0 to 1), head {head} (of 0 to 3), width 12."
    )
    assert Comparison.from_json(made.to_json()) == made


def test_another_head_of_a_cached_window_is_another_spectrum(caches):
    first, second = (compare(TEXT, ["fake-kv"], registry=caches, kv=kv).inspections[0].spectrum for kv in ("0.0", "0.1"))
    assert first.singular_values != pytest.approx(second.singular_values)


def test_without_a_head_there_is_none_and_the_note_says_how(caches):
    inspection = compare(TEXT, ["fake-kv"], registry=caches).inspections[0]
    assert inspection.spectrum is None and "name a layer and a head" in inspection.notes["spectrum"]
    assert inspection.memory.width is None and inspection.memory.kept is None
    assert inspection.bits.memory == inspection.memory.vectors * 16 * 2 * LAYERS * HEADS * WIDTH


@pytest.mark.parametrize("kv", ["2.0", "0.4", "9.9.values"])
def test_a_head_that_is_not_there_leaves_the_column_and_names_the_range(caches, kv):
    inspection = compare(TEXT, ["fake-kv"], registry=caches, kv=kv).inspections[0]
    assert inspection.spectrum is None and inspection.reconstruction.text
    asked = ".".join(kv.split(".")[:2])
    assert inspection.notes["spectrum"] == f"This memory has layers 0 to 1 and heads 0 to 3; {asked} is none of them."


def test_vectors_have_their_own_spectrum_whatever_head_is_named(fakes):
    plain, named = (compare(TEXT, ["fake-a"], registry=fakes, kv=kv).inspections[0] for kv in (None, "0.0"))
    assert plain.spectrum == named.spectrum and "spectrum" not in named.notes


def test_heads_are_read_strictly():
    assert parse_head(" 12.3 ") == Head(12, 3, "keys") and parse_head("0.1.values") == Head(0, 1, "values")
    for text in ("", "3", "1.2.3", "1.-2", "a.b", "1.2.queries", "12345.0"):
        with pytest.raises(ValueError, match=r"LAYER\.HEAD"):
            parse_head(text)


def test_the_cache_of_windows_is_bounded_by_bits_too():
    cache = WindowCache(size=10, bits=100)
    for key in range(4):
        cache.put(key, Kept(Memory("kv", 1, 1, bits=40)))
    assert [cache.get(key) is not None for key in range(4)] == [False, False, True, True]
    cache.put("large", Kept(Memory("kv", 1, 1, bits=500)))
    assert cache.get("large") is not None and cache.get(3) is None
