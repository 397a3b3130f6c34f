"""Overlapping findings → one entry each, in the ledger's order."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.divergence.finding import Finding, Place
from inspector.divergence.resolve import SEVERITIES, TELLING, overlap, resolve, start
from inspector.inspection import KINDS


def f(kind: str, source: Place, told: Place, severity: str = "serious", change: str = "substituted", **more: Any) -> Finding:
    return Finding(kind, severity, change, source, told, more.pop("key", f"{kind}.{change}"), **more)


def kinds(*found: Finding) -> list[str]:
    return [x.kind for x in resolve(found)]


HERE, THERE, BESIDE = (0, 5), (20, 25), (6, 9)

ONE_OF_TWO = [  # the one that stays, the one that goes
    (f("number", HERE, HERE), f("entity", HERE, HERE)),
    (f("identifier", HERE, HERE), f("number", (2, 4), (2, 4))),
    (f("entity", HERE, HERE), f("predicate", (4, 8), (4, 8))),
    (f("predicate", HERE, HERE), f("relation", HERE, HERE)),
    (f("modifier", HERE, HERE), f("entity", HERE, HERE, "minor")),  # severity first
    (f("entity", HERE, None, change="dropped"), f("modifier", (0, 3), None, change="dropped")),
    (f("entity", None, HERE, change="added"), f("modifier", None, (0, 3), change="added")),
    (f("topic", (0, 40), None, change="dropped"), f("entity", (3, 9), (60, 70))),  # a lost sentence accounts for its words
    (f("topic", (0, 40), None, change="dropped"), f("negation", (3, 9), None, change="dropped")),
    (f("topic", None, (0, 40), change="added"), f("number", None, (3, 9), change="added")),
    (f("relation", None, (0, 30), "serious", "added"), f("entity", None, (3, 9), "minor", "added", confidence=0.1)),
    (f("role", (0, 30), (0, 30), change="swapped"), f("entity", (0, 4), (20, 24))),
    (f("role", (0, 30), (0, 30), change="swapped"), f("role", (10, 40), (50, 60), change="moved", confidence=0.1)),
    # of the very words that a negation came or went with, another word is no news
    (f("negation", (0, 9), (0, 6), change="dropped"), f("predicate", (0, 9), (0, 6))),
    (f("negation", (0, 9), (0, 6), "minor", "dropped"), f("modifier", (0, 9), (0, 6))),
    (f("negation", (0, 9), (0, 6), change="dropped"), f("entity", (0, 9), (0, 6))),
]

BOTH = [
    (f("entity", HERE, HERE), f("entity", THERE, THERE)),
    (f("entity", HERE, HERE), f("predicate", HERE, THERE)),  # the same word, but elsewhere on the other side
    (f("entity", (0, 5), (0, 5)), f("entity", (5, 9), (5, 9))),  # they touch, and share nothing
    (f("role", (0, 30), (0, 30), change="swapped"), f("number", (3, 5), (3, 5))),  # no swap explains a number
    (f("role", (0, 30), (0, 30), change="swapped"), f("negation", (3, 6), None, change="dropped")),
    (f("number", HERE, HERE), f("negation", (0, 12), (0, 12), change="dropped")),
    (f("topic", (0, 40), None, change="dropped"), f("entity", (38, 45), None, change="dropped")),  # half outside
    (f("topic", (0, 40), None, change="dropped"), f("entity", None, (3, 9), change="added")),
    (f("entity", HERE, HERE), f("relation", HERE, HERE, key="relation.anchor")),  # a name, and an event tied to it
]


@pytest.mark.parametrize(("stays", "goes"), ONE_OF_TWO)
def test_one_of_two(stays: Finding, goes: Finding) -> None:
    assert resolve([stays, goes]) == resolve([goes, stays]) == [stays]


@pytest.mark.parametrize(("x", "y"), BOTH)
def test_both(x: Finding, y: Finding) -> None:
    assert set(map(id, resolve([x, y]))) == set(map(id, resolve([y, x]))) == {id(x), id(y)}


def test_a_negation_does_not_drive_out_a_longer_statement() -> None:
    wide = f("predicate", (0, 60), (0, 60))
    assert wide in resolve([wide, f("negation", (0, 4), None, "minor", "dropped")])


def test_order_by_severity_then_position() -> None:
    found = [
        f("entity", (50, 55), (50, 55), "acceptable"),
        f("entity", (40, 45), (40, 45), "minor"),
        f("entity", (30, 35), (30, 35)),
        f("entity", None, (0, 5), change="added", anchor=(10, 12)),  # belongs where its anchor stands
        f("number", (20, 25), (20, 25)),
        f("number", (2, 5), (7, 9), "minor"),
    ]
    for order in permutations(found):
        ordered = resolve(order)
        assert [(x.severity, start(x)) for x in ordered] == [
            ("serious", 10),
            ("serious", 20),
            ("serious", 30),
            ("minor", 2),
            ("minor", 40),
            ("acceptable", 50),
        ]


def test_at_one_place_the_more_telling_kind_comes_first() -> None:
    assert kinds(f("entity", HERE, THERE), f("number", HERE, HERE)) == ["number", "entity"]


def test_every_kind_has_a_rank() -> None:
    assert set(TELLING) == set(KINDS) and len(TELLING) == len(KINDS)


def test_nothing() -> None:
    assert resolve([]) == []


@pytest.mark.parametrize(
    ("x", "y", "expected"),
    [((0, 5), (4, 9), True), ((0, 5), (5, 9), False), ((0, 9), (3, 4), True), (None, (0, 5), False), (None, None, False)],
)
def test_overlap(x: Place, y: Place, expected: bool) -> None:
    assert overlap(x, y) is expected and overlap(y, x) is expected


places = st.builds(lambda at, n: (at, at + n), st.integers(0, 40), st.integers(1, 15))


@st.composite
def made(draw: st.DrawFn) -> Finding:
    kind = draw(st.sampled_from(sorted(KINDS)))
    source, told = draw(places), draw(places)
    lost = "both" if kind == "role" else draw(st.sampled_from(["both", "source", "told"]))  # a role has both sides
    sides = (None if lost == "source" else source), (None if lost == "told" else told)
    return f(kind, *sides, draw(st.sampled_from(SEVERITIES)), confidence=draw(st.sampled_from([0.2, 0.5, 0.9])))


@settings(max_examples=200, deadline=None)
@given(st.lists(made(), max_size=8))
def test_any_findings(found: list[Finding]) -> None:
    left = resolve(found)
    assert all(any(x is y for y in found) for x in left)
    assert bool(left) == bool(found)
    ranks = [(SEVERITIES.index(x.severity), start(x)) for x in left]
    assert ranks == sorted(ranks)
    assert len({(x.kind, x.source, x.reconstruction) for x in left}) == len(left)  # nothing is said twice
