"""The plug-in of docs/adding-a-compressor.md works as it is printed, and compare() as README prints it."""

import re
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

import models.registry
from inspector.compare import compare
from inspector.inspection import Comparison, Inspection
from models.hub.card import gigabytes
from models.hub.settings import HubSettings
from tests.models import tiny

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "adding-a-compressor.md").read_text(encoding="utf-8")
TEXT = "Anna met Otto. Then it rained all day. Nobody came, and the boats stayed in the harbour."


@pytest.fixture
def plugged(tmp_path, monkeypatch):
    """The registry of a process in which the guide's package is installed."""
    (tmp_path / "first_sentences.py").write_text(re.search(r"```python\n(.*?)```", GUIDE, re.S)[1], encoding="utf-8")
    name, value = re.search(r'compressors"\]\n(\S+) = "(.+)"', GUIDE).groups()
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(models.registry, "entry_points", lambda group: [EntryPoint(name, value, group)])
    yield models.registry.registry.__wrapped__()
    sys.modules.pop("first_sentences", None)


def test_the_guides_plug_in_is_a_compressor_like_the_others(plugged):
    inspection = compare(TEXT, ["first-sentences"], registry=plugged).inspections[0]
    assert inspection.reconstruction.text == "Anna met Otto. Then it rained all day."
    assert inspection.memory.vectors == 8
    assert inspection.ratio == pytest.approx(17 / 8)
    assert "".join(TEXT[a:b] for a, b in inspection.memory.kept) == "Anna met Otto. Then it rained all day. "
    assert inspection.spectrum is None
    assert "superposition-s" in plugged.rows


@pytest.mark.parametrize("text", ["x", "  led by spaces", "안녕하세요 세계", "\x00", "a\n\nb"])
def test_the_guides_plug_in_bears_any_text(plugged, text):
    made = compare(text, ["first-sentences@4"], registry=plugged)
    assert Comparison.from_json(made.to_json()) == made


def test_the_contracts_page_names_every_field():
    shape = re.search(r"## A comparison\n\n```\n(.*?)```", (ROOT / "docs" / "contract.md").read_text(encoding="utf-8"), re.S)[1]
    documented = re.findall(r'"(\w+)"[:,}\]]', shape)
    fields = {*Comparison.model_fields, *Inspection.model_fields}
    for field in Inspection.model_fields.values():
        for part in (field.annotation, *getattr(field.annotation, "__args__", ())):
            fields |= set(getattr(part, "model_fields", {}))
    assert fields <= set(documented)


def test_the_readmes_python_runs(fakes, monkeypatch, capsys):
    code = re.search(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.S)[1]
    monkeypatch.setattr("inspector.compare.default_registry", lambda: fakes)
    exec(re.sub(r"superposition-s@(4|64)", lambda m: {"4": "fake-a@4", "64": "fake-b@16"}[m[1]], code), {})
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines() if line.startswith("fake")] == [
        "fake-a@4",
        "fake-b@16",
    ]


def test_the_table_of_public_compressors_is_the_registrys():
    text = (ROOT / "docs" / "public-compressors.md").read_text(encoding="utf-8")
    listed = text[text.index("## The list") : text.index("*Weights*")]
    table = dict(re.findall(r"^\| `(\S+)` \| (.*) \|$", listed, re.M))
    rows = {row.name: row for row in models.registry.registry().rows.values() if row.card}
    assert set(table) == set(rows)
    for name, row in rows.items():
        kind, ratios, window, size, form, check, answers, _ = table[name].split(" | ")
        assert (kind, ratios, window) == (row.kind, ", ".join(map(str, row.ratios)), str(row.window or "whole text")), name
        assert size == gigabytes(sum(part.bytes for part in row.card.parts)), name
        assert form == ("pickle" if any(part.pickle for part in row.card.parts) else "safetensors"), name
        assert answers == ("yes" if row.answers else "no"), name
        assert check == f"{row.card.check.measure.replace('_', ' ')} ≥ {row.card.check.least:g}", name


def test_the_guides_answering_class_answers(tmp_path, monkeypatch):
    codes = re.findall(r"```python\n(.*?)```", GUIDE, re.S)
    made: dict = {}
    for code in codes:
        if "hub_row" in code or "Answering" in code:
            exec(code, made)
    tiny.save(tmp_path)
    compressor = made["load"]([tmp_path], HubSettings.named("", ""), ())
    asked = made["Asked"](compressor.decoder, compressor.tokenizer, compressor.window)
    source = asked.source(TEXT)
    found = asked.compress(source, source.windows, 4)
    assert asked.answer(found, "Who met Otto?", 6) != "" and asked.answer(found, "Who met Otto?", 0) == ""
    with pytest.raises(ValueError, match="The question is empty"):
        asked.answer(found, " ")


def test_the_guides_card_makes_a_row_that_loads_and_fails_its_self_test(tmp_path, monkeypatch):
    source = next(code for code in re.findall(r"```python\n(.*?)```", GUIDE, re.S) if "hub_row" in code)
    made: dict = {}
    exec(source, made)
    tiny.save(tmp_path / "org" / "base")
    monkeypatch.setenv("INSPECTOR_HUB", f"folder={tmp_path}")
    table = models.registry.Registry(made["compressors"]())
    with pytest.raises(RuntimeError, match="means is not used: self-test failed"):
        compare(TEXT, ["means"], registry=table)
    monkeypatch.setenv("INSPECTOR_ALLOW", "failed-self-test")
    inspection = compare(TEXT, ["means@4"], registry=table).inspections[0]
    assert inspection.spectrum.rows == inspection.memory.vectors and inspection.trace.tokens
    assert inspection.notes["limits"].startswith("Nothing was trained")
