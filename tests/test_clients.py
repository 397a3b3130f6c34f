"""Several clients at once: every answer comes, and is the one that is computed without a server."""

from __future__ import annotations

import copy
from argparse import Namespace
from contextlib import contextmanager
from dataclasses import replace

import pytest

from inspector import clients
from models.registry import Registry
from tests.conftest import apart, fake_rows, run_async
from tests.pages.conftest import served

NAMES = ["fake-a@4", "fake-words@2"]


@pytest.fixture(scope="module")
def server():
    with served() as address:
        yield address


@pytest.fixture(scope="module")
def wanted():
    table = Registry(fake_rows())
    return [clients.expected(text, NAMES, table) for text in clients.texts_of(5)]


@pytest.fixture
def labels(tmp_path):
    made = clients.Labels(tmp_path / "annotations.db")
    yield made
    made.db.close()


def test_five_clients_get_their_own_right_answers_and_their_labels_stay(server, wanted, labels):
    figures = run_async(clients.run(server, wanted, NAMES, labels))
    assert figures.wrong == []
    counts = {step: len(seconds) for step, seconds in figures.seconds.items()}
    assert counts == {"page": 4, "comparison": 4, "/inspect": 1, "submit": 5}
    assert figures.files > 10 and figures.bytes > 4_000_000  # plotly among them
    assert labels.lost(["client 4", "client 5"]) == ["the label of client 5 is not there"]


def test_wrong_and_refused_answers_are_noticed(server, wanted, labels):
    frame = copy.deepcopy(wanted[0].frame)
    frame["columns"][1]["marks"][0][3] = "elsewhere"
    others = [replace(wanted[0], frame=frame), replace(wanted[1], text=" "), *wanted[2:4], replace(wanted[4], text="")]
    found = run_async(clients.run(server, others, NAMES, labels)).wrong
    assert len(found) == 4  # and the label of the one that got no answer
    assert "client 0: columns.1.marks.0.3: " in found[0] + found[1] + found[2] and "'elsewhere'" in "".join(found)
    assert sum("The text is empty" in line or line.startswith("client 1: ") for line in found) == 2


def test_differs_leaves_out_seconds_and_says_where():
    assert clients.differs({"a": [1, {"seconds": 1}]}, {"a": [1, {"seconds": 2}]}) is None
    assert clients.differs({"a": 1.0}, {"a": 1.0000001}) is None
    assert clients.differs({"a": [1.0]}, {"a": [1.1]}) == "a.0: 1.0, not 1.1"
    assert clients.differs({"a": [1]}, {"a": [1, 2]}).startswith("a: ")
    assert clients.differs({}, {"a": 1}).startswith("a: ")
    assert len(set(clients.texts_of(450))) == 450


def test_the_command_prints_its_figures(server, monkeypatch, capsys):
    @contextmanager
    def here():
        yield server, 1

    monkeypatch.setattr(clients, "served", here)
    assert apart(clients.main, Namespace(clients=2, compressor=NAMES), Registry(fake_rows())) == 0
    out = capsys.readouterr().out
    assert "| comparison on the page | 2 |" in out and "2 clients in" in out and "lost or wrong: 0" in out
    monkeypatch.setattr(clients, "differs", lambda made, wanted: "all of it")
    assert apart(clients.main, Namespace(clients=2, compressor=NAMES), Registry(fake_rows())) == 1
    assert "client 0: all of it" in capsys.readouterr().out
