"""`cramming:MODEL` on the command line: a folder works, anything else is one clear line."""

from __future__ import annotations

import pytest

import models.registry
from models.cramming import compressors
from models.registry import Registry
from tests.models import tiny


@pytest.fixture
def crams(run, monkeypatch):
    table = Registry(compressors())
    monkeypatch.setattr(models.registry, "registry", lambda: table)
    monkeypatch.setenv("INSPECTOR_CRAMMING", "steps=12 warmup=2 grow=2")
    return run


def test_a_folder_is_inspected(crams, tmp_path):
    folder = tiny.save(tmp_path / "tiny")
    ran = crams("inspect", "--compressor", f"cramming:{folder}@8", "--json", stdin="Anna met Ben.")
    made = ran.json()["inspections"][0]
    assert ran.code == 0 and made["compressor"] == f"cramming:{folder}@8" and made["ratio_requested"] == 8
    assert "12 steps of optimisation" in made["notes"]["memory"]


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("cramming:MODEL", "cramming:MODEL is not ready: put a model in MODEL's place"),
        ("cramming:/no/where@8", "cramming:/no/where is not ready: there is no folder /no/where"),
        ("cramming:/a folder@8", "a folder's name may not hold white space"),
        ("cramming:", "unknown compressor 'cramming:'; known: cramming:pocket, cramming:MODEL"),
    ],
)
def test_what_is_no_model_is_one_line(crams, address, said):
    assert said in crams("inspect", "--compressor", address, stdin="text").complaint


def test_the_pattern_is_listed(crams):
    row = next(r for r in crams("compressors", "--json").json() if r["name"] == "cramming:MODEL")
    assert row["kind"] == "optimised" and row["optimises"] and not row["live"] and not row["ready"] and row["why_not"]
