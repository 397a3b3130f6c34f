"""The probe of docs/adding-a-probe.md works as it is printed, from its entry point to the figures."""

from __future__ import annotations

import json
import re
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

import models.registry
from inspector.cli import main
from inspector.probes import asked
from inspector.studies.store import PROBES, read

GUIDE = (Path(__file__).parents[2] / "docs" / "adding-a-probe.md").read_text(encoding="utf-8")
CODE, FIGURES = re.findall(r"```python\n(.*?)```", GUIDE, re.S)
TEXTS = ("Built in 1926, sold in 1931 and again in 1931.", "It was sold, and nobody knows when.")


@pytest.fixture
def plugged(tmp_path, monkeypatch, fakes):
    """A process in which the guide's package is installed, in a folder of its own."""
    (tmp_path / "years.py").write_text(CODE, encoding="utf-8")
    name, value = re.search(r'probes"\]\n(\S+) = "(.+)"', GUIDE).groups()
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(asked, "entry_points", lambda group: [EntryPoint(name, value, group)])
    monkeypatch.setattr(models.registry, "registry", lambda: fakes)
    asked.probes.cache_clear()
    yield tmp_path
    asked.probes.cache_clear()
    sys.modules.pop("years", None)


def test_the_guides_probe_is_asked_like_the_others(plugged, capsys):
    (plugged / "texts.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in TEXTS), encoding="utf-8")
    command = re.search(r"python -m inspector (study probe .*)", GUIDE)[1].split()
    command[command.index("--compressor") + 1 : command.index("--out")] = ["fake-a@4", "fake-words@2"]
    assert main([*command, "--quiet"]) == 0
    rows = read(plugged / "runs" / "years", kind=PROBES).to_pylist()
    assert [(r["compressor"], r["expected"]) for r in rows] == [
        ("fake-a@4", "1926"), ("fake-a@4", "1931"), ("fake-a@4", None),
        ("fake-words@2", "1926"), ("fake-words@2", "1931"), ("fake-words@2", None),
    ]  # fmt: skip
    for row in (row for row in rows if row["expected"]):
        there = row["expected"] in re.findall(r"\d+", row["given"])
        assert (row["verdict"], row["right"]) == (("kept", 1.0) if there else ("neither", 0.0))
    assert {row["note"] for row in rows if not row["expected"]} == {"Nothing can be asked of this text."}
    capsys.readouterr()
    exec(FIGURES, {})
    told = dict(line.split()[::2] for line in capsys.readouterr().out.splitlines())
    assert told == {"fake-a@4": "2", "fake-words@2": "2"}


def test_it_says_where_a_compressor_cannot_be_asked(plugged, fakes):
    address = fakes.resolve("fake-a@4")
    mute = type(address)(address.row.__class__(**vars(address.row) | {"reconstructs": False}), (), 4)
    probe = asked.probes()["years"]
    assert list(asked.probes())[:4] == ["drift", "knowledge", "rag", "icl"]
    (only,) = probe.load()([object()], mute, None, {})[0]
    assert only.right is None and "cannot bring a text back" in only.note


def test_a_probe_that_cannot_be_loaded_is_logged_and_left_out(plugged, caplog):
    (plugged / "years.py").write_text("raise OSError('gone')", encoding="utf-8")
    asked.probes.cache_clear()
    with caplog.at_level("ERROR", logger=asked.log.name):
        assert "years" not in asked.probes() and "drift" in asked.probes()
    assert "The probe years could not be loaded." in caplog.text
