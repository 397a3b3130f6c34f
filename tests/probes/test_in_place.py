"""Log-probabilities in place: values that are written by hand, and rows that ride on one another."""

from __future__ import annotations

import math

import pytest

from inspector.measures.entropy import LEAST
from inspector.probes.in_place import log_probabilities
from tests.probes.byhand import ByHand, Letters

GIVEN = {"": {"a": 0.5}, "a": {"b": 0.25, "c": 0.5}, "ab": {"d": 0.75}}


@pytest.fixture
def decoder():
    return ByHand(GIVEN, {"a": {"b": 0.1}})


def ids(text: str) -> tuple[int, ...]:
    return tuple(map(ord, text))


def test_the_probabilities_are_the_tables(decoder):
    memory = object()
    rows = [(memory, ids("abd"), 1), (memory, ids("ac"), 1), (None, ids("ab"), 1), (memory, ids("a"), 0)]
    found = log_probabilities(decoder, rows)
    expected = [[0.25, 0.75], [0.5], [0.1], [0.5]]
    for values, probabilities in zip(found, expected, strict=True):
        assert values == pytest.approx([math.log(p) for p in probabilities], rel=1e-5)


def test_rows_of_one_memory_ride_on_each_other_and_never_on_anothers(decoder):
    one, other = object(), object()
    log_probabilities(decoder, [(one, ids("abd"), 1), (one, ids("ac"), 1), (one, ids("abc"), 2), (other, ids("ac"), 1)])
    assert sorted(text for _, text in decoder.scored) == ["abd", "ac"]


def test_what_is_ruled_out_stays_finite(decoder):
    decoder.given = {"": {"a": 1.0}}
    assert log_probabilities(decoder, [(object(), ids("b"), 0)]) == [[LEAST]]


def test_logits_that_are_no_numbers_are_refused():
    broken = ByHand({"": {"a": float("nan")}}, None)
    with pytest.raises(ValueError, match="no probabilities"):
        log_probabilities(broken, [(object(), ids("a"), 0)])


def test_many_rows_take_several_batches(decoder):
    rows = [(object(), ids("ab"), 1) for _ in range(70)]
    assert log_probabilities(decoder, rows) == [log_probabilities(decoder, rows[:1])[0]] * 70
    assert Letters(decoder).source("ab").ids == [97, 98]
