"""A run with a compressor that searches for its memories: what a person sees meanwhile, and after Stop."""

from __future__ import annotations

from itertools import count
from types import SimpleNamespace

import pytest

from inspector.engine import WindowCache
from inspector.pages.labels import words
from inspector.pages.run import Runs, known, share
from models.compressor import Progress, Row
from models.registry import Registry
from tests.conftest import WINDOW, fake_rows, tiny_decoder, tiny_soft

TEXT = "Anna met Ben by the mill, and Ben gave Anna 12 pears."


class Searching:
    """A soft compressor that takes four steps, and knows a quarter more of each window after every one."""

    def __init__(self) -> None:
        self.inner, self.steps = tiny_soft(tiny_decoder(5), 5), 0
        for name in ("decoder", "source", "text", "token_text", "compress"):
            setattr(self, name, getattr(self.inner, name))

    def optimise(self, source, windows, ratio, stop):
        memories = self.compress(source, windows, ratio)
        for quarter in range(1, 5):
            self.steps += 1
            ids = [source.window_ids(w) for w in windows]
            yield Progress(quarter / 4, memories, [i[: quarter * len(i) // 4] for i in ids])
            if stop():
                return

    def told(self, memories):
        return f"{len(memories)} windows were searched for."


@pytest.fixture
def searching(monkeypatch) -> Searching:
    monkeypatch.setattr("inspector.compare.CACHE", WindowCache())
    ticks = count()
    clock = SimpleNamespace(monotonic=lambda: 4 ** next(ticks))  # each wait is longer than all before, so every event is shown
    monkeypatch.setattr("inspector.pages.run.time", clock)
    return Searching()


@pytest.fixture
def runs(searching) -> Runs:
    row = Row("searching", "Searches", "optimised", (4,), 4, WINDOW, load=lambda _: searching, optimises=True)
    pattern = Row(
        "any:MODEL", "Any", "optimised", (4,), 4, WINDOW, load=row.load, why_not=lambda: "name one", pattern=lambda _: row
    )
    return Runs(Registry([*fake_rows(), row, pattern]))


def test_the_text_so_far_and_the_progress_are_shown(runs):
    frames = list(runs.frames(TEXT, ["searching@4"], "s", {"moment": 1.0}))
    optimising = [f["columns"][0] for f in frames if f["columns"][0]["status"] == "optimising"]
    assert [c["progress"] for c in optimising] == [0.25, 0.5, 0.75, 1.0]
    kept = [sum(m[0] == "=" for m in c["marks"]) for c in optimising]
    assert kept == sorted(kept) and kept[-1] > kept[0]
    assert not any(m[0] == "-" for c in optimising[:3] for m in c["marks"])  # what is not there yet is not called dropped
    overall = [f["progress"] for f in frames]
    assert overall == sorted(overall) and frames[-1]["status"] == "done"
    assert frames[-1]["columns"][0]["notes"]["memory"]["en"].endswith("windows were searched for.")


def test_what_takes_long_lets_the_others_go_first(runs):
    frames = list(runs.frames(TEXT, ["searching@4", "fake-a@4"], "s", {"moment": 1.0}))
    first = next(f for f in frames if f["columns"][0]["status"] == "optimising")
    assert [c["status"] for c in first["columns"]] == ["optimising", "done"]
    assert [c["status"] for c in frames[-1]["columns"]] == ["done", "done"]


def test_stop_keeps_what_there_is(runs, searching):
    frames = []
    for frame in runs.frames(TEXT, ["searching@4"], "s", {"moment": 1.0}):
        frames.append(frame)
        if searching.steps == 2:
            runs.moments.put("s", 2.0, stop=True)
    last = frames[-1]["columns"][0]
    assert searching.steps == 2 and frames[-1]["status"] == last["status"] == "stopped"
    assert sum(m[0] == "=" for m in last["marks"]) > 2 and last["badges"]["vectors"] > 0


def test_it_does_not_follow_typing(runs, searching):
    frames = list(runs.frames(TEXT, ["searching@4"], "s", {"moment": 1.0, "live": True}))
    assert frames[-1]["status"] == "error" and searching.steps == 0


def test_a_pattern_is_no_choice_but_takes_what_is_typed(runs):
    assert "searching@4" in known(runs.table) and not [name for name in known(runs.table) if name.startswith("any:")]
    frames = list(runs.frames(TEXT, ["any:thing@4"], "s", {"moment": 1.0}))
    assert frames[-1]["status"] == "done"
    refused = list(runs.frames(TEXT, ["any:MODEL"], "s", {"moment": 1.0}))[-1]
    assert "any:MODEL is not ready: name one" in refused["columns"][0]["error"]["en"]


def test_every_status_has_its_words():
    for table in words().values():
        assert table["view.status.optimising"] and table["view.limits.cramming"]


def test_the_share_of_a_run_never_falls():
    column = {"status": "optimising", "progress": 1.0, "optimised": True}
    assert share(column) <= share(column | {"status": "memory"}) <= share(column | {"status": "decoding", "progress": 0.1}) <= 1.0
