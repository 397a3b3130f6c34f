"""Kinds of divergence: the built-in ones, and what another package adds."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from inspector.divergence import FRAGMENTS, diverge, kinds
from inspector.divergence.finding import Finding
from inspector.divergence.pairing import Pair
from inspector.inspection import KINDS
from tests.divergence import paired

SOURCE, TOLD = "Bob saw the red boat.", "Bob saw the red boat!"


class Point:
    """As much of an entry point as is used."""

    def __init__(self, name: str, what: Any) -> None:
        self.name, self.what = name, what

    def load(self) -> Any:
        if isinstance(self.what, Exception):
            raise self.what
        return self.what


@pytest.fixture
def plug(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    def install(**points: Any) -> None:
        def entry_points(group: str) -> list[Point]:
            assert group == "inspector.divergences"
            return [Point(name, what) for name, what in points.items()]

        monkeypatch.setattr(kinds, "entry_points", entry_points)
        kinds.detectors.cache_clear()

    yield install
    kinds.detectors.cache_clear()


def mark(p: Pair) -> Iterator[Finding]:
    """The last character changed."""
    if p.source.text[-1] != p.reconstruction.text[-1]:
        here, there = len(p.source.text), len(p.reconstruction.text)
        said = {"sentence": f"It ends with {p.reconstruction.text[-1]} now."}
        yield Finding("modifier", "minor", "substituted", (here - 1, here), (there - 1, there), "tone.mark", said, 1.7)


def strange(p: Pair) -> Iterator[Finding]:
    yield Finding("tone", "minor", "substituted", (0, 3), (0, 3), "tone.mark", {"sentence": "Another tone."})


def test_built_in() -> None:
    assert set(kinds.BUILT_IN) == set(KINDS)
    assert set(KINDS) >= FRAGMENTS


def test_a_plug_in_is_asked(plug: Callable[..., None]) -> None:
    plug(mark=mark)
    assert list(kinds.detectors()) == [*kinds.BUILT_IN, "mark"]
    found = [d for d in diverge(SOURCE, TOLD).divergences if d.message.key == "tone.mark"]
    assert [(d.kind, d.dimension, d.severity, d.explanation) for d in found] == [
        ("modifier", "modifier_scope", "minor", "It ends with ! now.")
    ]
    assert found[0].source.text == "." and found[0].reconstruction.text == "!"
    assert found[0].confidence == 1.0  # held to what a probability can be


def test_without_it_nothing_is_said(plug: Callable[..., None]) -> None:
    plug()
    assert not [d for d in diverge(SOURCE, TOLD).divergences if d.message.key == "tone.mark"]


def test_a_plug_in_may_replace_a_kind(plug: Callable[..., None]) -> None:
    plug(modifier=mark)
    assert kinds.detectors()["modifier"] is mark
    assert list(kinds.detectors()) == list(kinds.BUILT_IN)


def test_unknown_kind(plug: Callable[..., None]) -> None:
    plug(strange=strange)
    with pytest.raises(ValueError, match="strange reports the kind 'tone'; known kinds are entity"):
        diverge(SOURCE, TOLD)


@pytest.mark.parametrize("error", [ImportError("no such module"), AttributeError("no such name"), RuntimeError("broken")])
def test_a_broken_plug_in_is_left_out(plug: Callable[..., None], caplog: pytest.LogCaptureFixture, error: Exception) -> None:
    plug(broken=error, mark=mark)
    with caplog.at_level(logging.ERROR, logger=kinds.log.name):
        assert list(kinds.detectors()) == [*kinds.BUILT_IN, "mark"]
    assert "The divergence kind broken could not be loaded." in caplog.text


def test_only_the_named_kinds_are_asked(plug: Callable[..., None]) -> None:
    plug(mark=mark)
    p = paired(SOURCE, TOLD)
    assert not list(kinds.findings(p, frozenset()))
    assert [x.key for x in kinds.findings(p, frozenset(["mark"]))] == ["tone.mark"]


def test_the_example_of_the_docs_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """docs/adding-a-kind.md: its code finds what it says."""
    text = (Path(__file__).parents[2] / "docs" / "adding-a-kind.md").read_text(encoding="utf-8")
    names: dict[str, Any] = {}
    exec(text.split("```python\n")[1].split("```")[0], names)
    monkeypatch.setattr(kinds, "detectors", lambda: {"colours": names["find"]})
    (found,) = diverge("She picked the white flower.", "She picked the red flower.").divergences
    assert (found.kind, found.severity, found.explanation) == ("modifier", "serious", "“white” became “red”.")
