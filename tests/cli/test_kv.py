"""`inspect --kv`: whose spectrum, and one line for what cannot be."""

from __future__ import annotations

import pytest

import models.registry
from models.registry import Registry
from tests.conftest import fake_rows
from tests.measures.test_kv import TEXT, rows


@pytest.fixture
def kv(run, monkeypatch):
    table = Registry([*rows(), *fake_rows()])
    monkeypatch.setattr(models.registry, "registry", lambda: table)
    return run


def test_the_head_named_is_the_spectrum(kv):
    made = kv("inspect", "--compressor", "fake-kv", "fake-a", "--kv", "1.3.values", "--json", stdin=TEXT).json()
    caches, vectors = made["inspections"]
    assert caches["spectrum"]["rows"] == caches["memory"]["vectors"] and "values of layer 1" in caches["notes"]["spectrum"]
    assert vectors["spectrum"]["rows"] == vectors["memory"]["vectors"] and "spectrum" not in vectors["notes"]


def test_without_it_the_spectrum_is_null(kv):
    inspection = kv("inspect", "--compressor", "fake-kv", "--json", stdin=TEXT).json()["inspections"][0]
    assert inspection["spectrum"] is None and "--kv LAYER.HEAD" in inspection["notes"]["spectrum"]


def test_the_table_counts_places(kv):
    ran = kv("inspect", "--compressor", "fake-kv", stdin=TEXT)
    assert ran.code == 0 and " KV " in ran.out


@pytest.mark.parametrize(
    ("compressor", "head", "said"),
    [
        ("fake-kv", "2.0", "This memory has layers 0 to 1 and heads 0 to 3; 2.0 is none of them."),
        ("fake-kv", "keys", "cannot read 'keys' as a head of a KV cache: give LAYER.HEAD from 0"),
        ("fake-a", "0.0", "--kv names a head of a KV cache, and none of these compressors keeps one"),
    ],
)
def test_what_cannot_be_is_one_line(kv, compressor, head, said):
    assert said in kv("inspect", "--compressor", compressor, "--kv", head, "--json", stdin=TEXT).complaint
