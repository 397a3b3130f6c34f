"""Who carries a token: the partition's corners, and what a trace comes to."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.inspection import TraceToken
from inspector.measures.carriers import CARRIERS, GAIN, KNOWN, LOST, MISLED, carrier, carriers, tally, worst

NATS = st.floats(0, 50)


@pytest.mark.parametrize(
    ("surprisal", "prior", "rank", "expected"),
    [
        (0.01, 9.0, 1, "memory"),
        (0.0, GAIN, 1, "memory"),
        (0.01, GAIN, 1, "shared"),  # not by the margin
        (1.5, 9.0, 2, "lost"),  # far likelier than without memory, but the decoder would say something else
        (LOST, LOST + 0.5, 1, "lost"),
        (LOST - 0.01, LOST + 0.5, 1, "shared"),
        (LOST, LOST + GAIN, 1, "memory"),  # a flat distribution's first choice, and memory made it that
        (0.0, KNOWN - 0.01, 1, "prior"),
        (0.0, KNOWN, 1, "shared"),
        (0.6, 0.5, 1, "prior"),
        (0.5 + MISLED, 0.5, 2, "misled"),  # even where the prior knew it
        (9.0, 9.0 - MISLED, 100, "misled"),
        (9.0, 9.01 - MISLED, 100, "lost"),
    ],
)
def test_each_case(surprisal, prior, rank, expected):
    assert carrier(surprisal, prior, rank) == expected


@given(NATS, NATS, st.integers(1, 9000))
def test_what_the_words_promise(surprisal, prior, rank):
    found = carrier(surprisal, prior, rank)
    assert found in CARRIERS
    assert (found == "misled") == (prior - surprisal <= -MISLED)
    if found in ("memory", "shared"):
        assert rank == 1  # greedy decoding would say it
    if found == "prior":
        assert math.exp(-prior) > 0.36


def token(surprisal: float, prior: float | None, rank: int = 1) -> TraceToken:
    return TraceToken(text="x", start=0, end=1, entropy=0.0, surprisal=surprisal, rank=rank, prior_surprisal=prior)


def test_a_trace_and_its_tally():
    found = carriers([token(0.0, 9.0), token(0.0, 0.2), token(5.0, 6.0, 9), token(5.0, 2.0, 9), token(0.1, 8.0)])
    assert found == ["memory", "prior", "lost", "misled", "memory"]
    assert tally(found) == {"misled": 1, "lost": 1, "shared": 0, "memory": 2, "prior": 1}


def test_without_a_prior_nothing_is_told():
    assert carriers([token(0.0, 9.0), token(0.0, None)]) is None


def test_a_word_is_its_worst_token():
    assert worst(["memory", "prior"]) == "memory"
    assert worst(["memory", "lost", "prior"]) == "lost"
    assert worst([]) is None
