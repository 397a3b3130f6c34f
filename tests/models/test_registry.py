"""Addresses, the registry, and the door that plug-ins come through."""

from __future__ import annotations

import sys
import threading
import time
import weakref
from importlib.metadata import EntryPoint
from types import ModuleType

import pytest

from models import registry as module
from models.compressor import Row, Source, cut
from models.registry import Registry, UnknownCompressor


def row(name: str = "one", **changes) -> Row:
    settings = {"kind": "soft", "ratios": (4, 16), "default_ratio": 16, "window": 8, "load": lambda options: (name, options)}
    return Row(name, name.title(), **settings | changes)


@pytest.fixture
def table() -> Registry:
    return Registry([row(), row("two", options=("digits", "names")), row("free", any_ratio=True), row("hub:org/model-1.5_b")])


@pytest.mark.parametrize(
    ("address", "ratio", "expected"),
    [
        ("one", None, ("one", (), 16)),
        ("one@4", None, ("one", (), 4)),
        ("one", 4, ("one", (), 4)),
        ("one@16", 4, ("one", (), 16)),  # the address goes first
        (" one@4\n", None, ("one", (), 4)),
        ("two+digits", None, ("two", ("digits",), 16)),
        ("two+names+digits@4", None, ("two", ("names", "digits"), 4)),
        ("two+names+names@4", None, ("two", ("names",), 4)),
        ("free@7", None, ("free", (), 7)),
        ("hub:org/model-1.5_b@4", None, ("hub:org/model-1.5_b", (), 4)),
    ],
)
def test_addresses(table, address, ratio, expected):
    found = table.resolve(address, ratio)
    assert (found.row.name, found.options, found.ratio) == expected
    assert table.resolve(str(found)) == found


@pytest.mark.parametrize(
    "address", ["", "three", "One", "one@", "one@x", "one@-4", "@4", "one two", "one@4@4", "one@4+digits", "+digits", "one\x00"]
)
def test_unknown_names_list_the_known_ones(table, address):
    with pytest.raises(UnknownCompressor) as error:
        table.resolve(address)
    assert str(error.value) == f"unknown compressor {address!r}; known: one, two, free, hub:org/model-1.5_b"
    assert isinstance(error.value, ValueError)


@pytest.mark.parametrize(
    ("address", "ratio", "message"),
    [
        ("one@5", None, "one has no ratio 5; known: 4, 16"),
        ("one@0", None, "one has no ratio 0; known: 4, 16"),
        ("one", 64, "one has no ratio 64; known: 4, 16"),
        ("free@17", None, "free has no ratio 17; known: 4, 16, or any up to 16"),
        ("free@0", None, "free has no ratio 0; known: 4, 16, or any up to 16"),
        ("two+capitals@4", None, "two has no option 'capitals'; known: digits, names"),
        ("one+digits", None, "one has no option 'digits'; known: none"),
    ],
)
def test_unknown_ratios_and_options_list_the_known_ones(table, address, ratio, message):
    with pytest.raises(UnknownCompressor) as error:
        table.resolve(address, ratio)
    assert str(error.value) == message


def test_a_name_is_registered_once(table):
    with pytest.raises(ValueError, match="a compressor named 'one' is registered already"):
        table.add(row())
    assert list(table.rows) == ["one", "two", "free", "hub:org/model-1.5_b"]


@pytest.mark.parametrize("name", ["a@b", "a+b", "a b", "a\tb"])
def test_names_that_no_address_could_hold_are_refused(name):
    with pytest.raises(ValueError, match="which addresses need"):
        Registry([row(name)])


def test_each_compressor_is_loaded_once_and_only_when_asked_for():
    loaded = []

    def load(options):
        loaded.append(options)
        return object()

    table = Registry([row(load=load, options=("digits",))])
    four, sixteen, digits = (table.resolve(a) for a in ("one@4", "one@16", "one+digits@4"))
    assert loaded == []
    assert table.load(four) is table.load(sixteen) is table.load(four)  # one checkpoint serves all ratios
    assert table.load(digits) is not table.load(four)
    assert loaded == [(), ("digits",)]


def test_threads_that_ask_together_share_one_load():
    loaded, meet, got = [], threading.Barrier(4), []

    def load(options):
        loaded.append(options)
        return object()

    table = Registry([row(load=load)])

    def ask():
        meet.wait(timeout=30)
        got.append(table.load(table.resolve("one")))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert len(loaded) == 1 and len(got) == 4 and len(set(map(id, got))) == 1


def test_what_cannot_run_here_says_why_and_is_asked_again():
    reasons = ["its weights are missing"]
    table = Registry([row(load=lambda _: "loaded", why_not=lambda: reasons[0] if reasons else None)])
    with pytest.raises(RuntimeError, match=r"^one is not ready: its weights are missing$"):
        table.load(table.resolve("one"))
    reasons.clear()
    assert table.load(table.resolve("one")) == "loaded"


def test_a_load_that_fails_is_tried_again():
    outcomes = [OSError("no such file"), "loaded"]

    def load(_):
        if isinstance(outcome := outcomes.pop(0), Exception):
            raise outcome
        return outcome

    table = Registry([row(load=load)])
    with pytest.raises(OSError, match="no such file"):
        table.load(table.resolve("one"))
    assert table.load(table.resolve("one")) == "loaded"


class Thing:
    """What a weak reference can point at."""


def large(name: str, load) -> Row:
    from models.hub.card import Card, Check, Part

    card = Card((Part("nobody/here", 1),), Check("token_accuracy", 0.5, ""))
    return row(name, load=lambda options, told=None: load(), card=card, options=("digits",))


def test_a_large_one_that_takes_long_keeps_no_other_waiting_and_is_loaded_once():
    began, go_on, loads = threading.Event(), threading.Event(), []

    def slow():
        loads.append(1)
        began.set()
        assert go_on.wait(30)
        return Thing()

    table = Registry([large("slow", slow), large("quick", Thing), row()])
    threads = [threading.Thread(target=lambda: table.load(table.resolve("slow"))) for _ in range(3)]
    for thread in threads:
        thread.start()
    assert began.wait(30)
    table.load(table.resolve("quick+digits"))
    assert table.load(table.resolve("one")) == ("one", ())
    assert list(table.loaded()) == ["quick+digits"]  # bundled ones stay, so they are not counted
    go_on.set()
    for thread in threads:
        thread.join(30)
    assert loads == [1] and sorted(table.loaded()) == ["quick+digits", "slow"]


def test_unused_large_ones_are_released_by_a_timer(monkeypatch):
    monkeypatch.setattr(module, "LOOK_EVERY", 0.05)
    monkeypatch.setenv("INSPECTOR_HUB", f"minutes={0.4 / 60}")
    table = Registry([large("first", Thing), large("second", Thing), row()])
    first = weakref.ref(table.load(table.resolve("first")))
    table.load(table.resolve("one"))
    timers = [t for t in threading.enumerate() if isinstance(t, threading.Timer) and t.args and t.args[0].name == "first"]
    table.load(table.resolve("second"))
    assert len(timers) == 1 and table._timer is timers[0]  # one for all of them
    ends = time.monotonic() + 20
    while first() is not None and time.monotonic() < ends:
        table.load(table.resolve("second"))  # somebody uses this one
        time.sleep(0.05)
    assert first() is None and list(table.loaded()) == ["second"] and table.is_loaded(table.resolve("one"))
    while table.loaded() and time.monotonic() < ends:
        time.sleep(0.05)
    assert not table.loaded()
    again = table.load(table.resolve("first"))  # and it can be had again
    assert again is table.load(table.resolve("first"))


def test_nothing_is_released_where_the_time_is_nought(monkeypatch):
    monkeypatch.setenv("INSPECTOR_HUB", "minutes=0")
    table = Registry([large("first", Thing)])
    table.load(table.resolve("first"))
    assert table._timer is None and table.release("first") and not table.release("first")


@pytest.fixture
def plugged(monkeypatch):
    """Installs fake entry points, each with the rows its function returns; the process's registry is built anew."""
    points: list[EntryPoint] = []

    def install(target: str, rows: list[Row]) -> None:
        name, _, function = target.partition(":")
        plugin = ModuleType(name)
        setattr(plugin, function, lambda: rows)
        monkeypatch.setitem(sys.modules, name, plugin)
        points.append(EntryPoint(name="mine", value=target, group=module.GROUP))

    monkeypatch.setattr(module, "entry_points", lambda group: points if group == module.GROUP else [])
    module.registry.cache_clear()
    yield install
    module.registry.cache_clear()


def test_plug_ins_come_after_the_bundled_ones(plugged):
    plugged("somebody.compressors:rows", [row("theirs", options=("digits",))])
    table = module.registry()
    names = list(table.rows)
    assert names[-1] == "theirs" and {"superposition-xs", "superposition-s", "superposition", "pruning"} <= set(names[:-1])
    assert table.load(table.resolve("theirs+digits@4")) == ("theirs", ("digits",))
    assert module.registry() is table


def test_a_plug_in_cannot_take_a_bundled_name(plugged):
    plugged("somebody.compressors:rows", [row("superposition-s")])
    with pytest.raises(ValueError, match="'superposition-s' is registered already"):
        module.registry()


def test_the_installed_package_s_own_entry_point_counts_once(monkeypatch, plugged):
    own = EntryPoint(name="pocket", value=module.BUNDLED[0], group=module.GROUP)
    monkeypatch.setattr(module, "entry_points", lambda group: [own])
    assert list(module.registry().rows).count("superposition-s") == 1


def test_bundled_rows_can_be_listed_without_torch():
    import subprocess

    code = "import sys; from models.registry import registry; assert registry().rows; print('torch' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"


@pytest.mark.parametrize("name", ["superposition-xs", "superposition-s", "superposition", "pruning"])
def test_bundled_rows_hold_together(name):
    bundled = module.registry().rows[name]
    assert bundled.bundled and bundled.default_ratio in bundled.ratios and bundled.window == 128
    assert bundled.parameters.keys() == {"compressor", "embeddings", "decoder"} and bundled.title
    assert bundled.why_not() is None or bundled.why_not().endswith("not found in models/pocket/weights")


@pytest.mark.parametrize(
    ("tokens", "window", "windows"),
    [(0, 4, []), (3, 4, [(0, 3)]), (4, 4, [(0, 4)]), (9, 4, [(0, 4), (4, 8), (8, 9)]), (9, None, [(0, 9)]), (0, None, [])],
)
def test_windows(tokens, window, windows):
    assert cut(tokens, window) == windows


def test_a_source_gives_the_ids_of_a_window():
    source = Source("abc", [5, 6, 7], [(0, 1), (1, 2), (2, 3)], [(0, 2), (2, 3)])
    assert [source.window_ids(w) for w in source.windows] == [(5, 6), (7,)]


def test_no_part_of_the_family_shadows_the_functions_that_make_its_rows():
    import pkgutil
    from importlib import import_module

    import models.pocket

    for part in pkgutil.iter_modules(models.pocket.__path__):
        import_module(f"models.pocket.{part.name}")  # binds the part's name in the package
    rows = models.pocket.compressors()
    assert rows and all(callable(r.load) and callable(r.why_not) for r in rows)
