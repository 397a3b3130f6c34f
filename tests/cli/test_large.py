"""Public compressors on the command line: what is said before they load, and what has to be allowed by name."""

from __future__ import annotations

import os

import pytest

import models.registry
from inspector import cli
from models.compressor import Row
from models.hub.card import Card, Check, Part
from models.hub.row import hub_row
from models.registry import Registry
from tests.conftest import fake_rows

CHECK = Check("token_accuracy", 0.5, "A made-up bound.")


def large(name: str, load, *parts: Part, **changes) -> Row:
    return hub_row(name, name.title(), "soft", (4,), 4, 24, Card(parts, CHECK, **changes), load)


@pytest.fixture
def asked(run, monkeypatch, tmp_path):
    """The commands around a row to be downloaded, one that is here, one in a pickle, and one that cannot be had."""
    for name in ("INSPECTOR_ALLOW", "INSPECTOR_HUB"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    (tmp_path / "here").mkdir()
    (tmp_path / "here/model.safetensors").write_bytes(b"x" * 3_000_000)
    small = fake_rows()[0]
    table = Registry(
        [
            large("far", lambda *_: small.load(()), Part("nobody/far", 15_000_000_000, "mit")),
            large(
                "here", lambda *_: small.load(()), Part(str(tmp_path / "here"), licence="apache-2.0", files=("*.safetensors",))
            ),
            large("pickled", lambda *_: small.load(()), Part("nobody/pickled", 7, "mit", pickle=True)),
            large("never", lambda *_: small.load(()), Part("nobody/never", 7), blocked="its weights were never published"),
        ]
    )
    monkeypatch.setattr(models.registry, "registry", lambda: table)
    return run


def test_the_list_says_what_is_to_be_downloaded(asked):
    far, here, pickled, never = asked("compressors", "--json").json()
    assert not far["ready"] and far["why_not"] == "not downloaded yet: 15.0 GB from nobody/far; naming it downloads it"
    assert (far["licence"], far["download"], far["memory"], far["published"]) == ("mit", 15_000_000_000, 15_000_000_000, False)
    assert here["ready"] and here["why_not"] is None and (here["download"], here["memory"]) == (0, 3_000_000)
    assert not pickled["ready"] and "--allow pickle" in pickled["why_not"]
    assert never["why_not"] == "its weights were never published"


def test_what_needs_no_card_has_none_of_it(run):
    row = run("compressors", "--json").json()[0]
    assert (row["licence"], row["download"], row["memory"], row["published"]) == (None, 0, None, None)


def test_the_table_has_a_line_for_each(asked):
    lines = [line.split("  ") for line in asked("compressors").out.splitlines()]
    found = {line[0]: [cell.strip() for cell in line if cell.strip()] for line in lines[1:5]}
    assert found["far"][-2:] == ["15.0 GB", "Far"] and found["here"][-2:] == ["yes", "Here"]
    assert found["pickled"][-2:] == ["--allow pickle", "Pickled"]
    assert found["never"][-2:] == ["no", "its weights were never published"]
    assert asked("compressors", "--allow", "pickle").out.count("--allow pickle") == 0


def test_naming_it_loads_it_and_only_what_is_blocked_is_refused(asked, monkeypatch):
    monkeypatch.setenv("INSPECTOR_ALLOW", "failed-self-test")
    made = asked("inspect", "--compressor", "here", "--json", stdin="Anna met Ben by the mill.").json()["inspections"][0]
    assert "elf-test failed: token accuracy" in made["notes"]["self_test"] and "A made-up bound." in made["notes"]["self_test"]
    assert (
        "never is not ready: its weights were never published" in asked("inspect", "--compressor", "never", stdin="x").complaint
    )
    fetched = []

    def fetch(part, told):
        fetched.append(part.repo)
        raise RuntimeError(f"{part.repo} cannot be downloaded: no route")

    monkeypatch.setattr("models.hub.row.fetch", fetch)
    far = asked("inspect", "--compressor", "far", stdin="Anna.")
    assert fetched == ["nobody/far"] and far.code == 1 and "nobody/far cannot be downloaded: no route" in far.err


def test_options_add_to_the_variables(asked, monkeypatch):
    monkeypatch.setenv("INSPECTOR_ALLOW", "low-memory")
    monkeypatch.setenv("INSPECTOR_HUB", "bits=8 minutes=5")
    ran = asked("compressors", "--json", "--allow", "pickle", "failed-self-test", "--hub", "dtype=float16 bits=4")
    assert os.environ["INSPECTOR_ALLOW"] == "low-memory pickle failed-self-test"
    assert os.environ["INSPECTOR_HUB"] == "bits=8 minutes=5 dtype=float16 bits=4"
    far, _, pickled, _ = ran.json()
    assert far["memory"] == pytest.approx(15_000_000_000 / 2 * 0.55) and pickled["why_not"].startswith(
        "not downloaded yet: 0.0 MB"
    )


@pytest.mark.parametrize("command", cli.LOADING)
def test_every_command_that_loads_takes_them(run, command):
    assert "--allow WHAT" in (told := run(command, "--help").out) and "--hub" in told


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--allow", "pickles"], "INSPECTOR_ALLOW knows no 'pickles'; known: pickle, remote-code, low-memory, failed-self-test"),
        (["--hub", "bits=5"], "INSPECTOR_HUB: bits is one of 16, 8, 4, not '5'"),
        (["--hub", "colour=red"], "INSPECTOR_HUB has no setting 'colour'"),
    ],
)
def test_what_cannot_be_used_is_one_line(asked, options, said):
    assert said in asked("compressors", *options).complaint
    assert os.environ["INSPECTOR_ALLOW"] == os.environ["INSPECTOR_HUB"] == ""


def test_the_page_takes_the_same_options(monkeypatch, capsys):
    import app

    for name in ("INSPECTOR_ALLOW", "INSPECTOR_HUB"):
        monkeypatch.setenv(name, "")
    given = app.arguments(["--allow", "pickle", "low-memory", "--hub", "bits=4"])
    assert given.allow == ["pickle", "low-memory"] and given.hub == "bits=4"
    monkeypatch.setattr("sys.argv", ["app.py", "--hub", "bits=3"])
    assert app.main() == 2 and capsys.readouterr().err == "app.py: INSPECTOR_HUB: bits is one of 16, 8, 4, not '3'\n"
