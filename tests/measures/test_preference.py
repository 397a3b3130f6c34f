"""Minimal pairs from the text itself, and who prefers the true one: cases whose answer is known."""

from dataclasses import replace

import pytest
import torch

from inspector.measures.preference import (
    USES,
    MinimalPair,
    Preference,
    candidates,
    log_likelihood,
    minimal_pairs,
    preference,
    read_through,
)
from tests.divergence import reading

TEXT = (
    "Alice hit Bob with a stick. The dog bit the man near the river. The farm has 412 cows and 287 sheep. "
    "Clara thanked Daniel in the garden."
)


def told(text: str) -> list[tuple[str, str, str]]:
    return [(kind, a.text, b.text) for kind, a, b in candidates(text, reading(text))]


def test_subject_and_object_come_first():
    assert told("Alice hit Bob in the garden.")[0] == ("role", "Alice", "Bob")
    assert ("role", "dog", "man") in told("The dog bit the man.")


def test_what_is_coordinated_says_the_same_in_either_order():
    assert told("Alice and Bob slept.") == []
    assert not [pair for pair in told("Alice hit Bob and Clara.") if set(pair[1:]) == {"Bob", "Clara"}]


def test_types_are_not_mixed():
    found = told("The dogs chased a cat for 3 km. The cat ran 5 km in 20 minutes.")
    assert ("number", "3 km", "5 km") in found
    assert not [pair for pair in found if "20 minutes" in pair[1:]]
    assert not [pair for pair in found if set(pair[1:]) == {"dogs", "cat"}]  # plural and singular


def test_the_same_thing_twice_is_no_pair():
    assert not [p for p in told("Anna Smith hit Anna.") if p[0] in ("role", "name")]
    assert not [p for p in told("She paid 5 pounds. He paid 5 pounds.") if p[0] == "number"]


def test_without_a_reading_there_are_numbers_only():
    assert [(kind, a.text, b.text) for kind, a, b in candidates("사과 12개, 배 34개", None)] == [("number", "12", "34")]
    assert list(candidates("\x00 שלום 👩‍👩‍👧", None)) == []


@pytest.fixture
def soft(fakes):
    return fakes.load(fakes.resolve("fake-a@4"))


def test_a_pair_changes_two_places_and_nothing_else(soft):
    source = soft.source(TEXT)
    pairs = minimal_pairs(soft, source, reading(TEXT))
    assert pairs and len({(p.first, p.second) for p in pairs}) == len(pairs)
    for pair in pairs:
        (a0, a1), (b0, b1) = pair.first, pair.second
        altered = TEXT[:a0] + TEXT[b0:b1] + TEXT[a1:b0] + TEXT[a0:a1] + TEXT[b1:]
        first, last = source.windows[pair.window]
        ids = source.window_ids((first, last))
        assert len(pair.altered) == len(ids) and pair.altered != ids
        assert soft.text([*source.ids[:first], *pair.altered, *source.ids[last:]]) == altered
        for at, (was, now) in enumerate(zip(ids, pair.altered, strict=True)):
            start, end = source.spans[first + at]
            inside = (start < a1 and end > a0) or (start < b1 and end > b0)
            assert inside or was == now
    exchanged = {(TEXT[slice(*p.first)], TEXT[slice(*p.second)]) for p in pairs}
    assert {("man", "river"), ("Clara", "Daniel")} <= exchanged


def test_places_of_unequal_length_are_left_out(soft):
    text = "Ann met Bartholomew Featherstonehaugh."
    assert minimal_pairs(soft, soft.source(text), reading(text)) == []


def test_a_text_gives_few_pairs_and_always_the_same(soft):
    text = " ".join(f"The king sold {n} cows and the queen bought {n + 5} cows." for n in range(20, 80, 7))
    pairs = minimal_pairs(soft, soft.source(text), reading(text), most=6)
    assert len(pairs) == 6 and pairs == minimal_pairs(soft, soft.source(text), reading(text), most=6)
    places = [place for pair in pairs for place in (pair.first, pair.second)]
    assert max(map(places.count, places)) <= USES


def test_pairs_stay_inside_one_window(soft):
    text = "The king " + "really " * 20 + "saw the queen."
    source = soft.source(text)
    assert len(source.windows) > 1
    assert not [p for p in minimal_pairs(soft, source, reading(text)) if text[slice(*p.first)] == "king"]


class Oracle:
    """A decoder that expects `expected` with a strength, whatever it is given; 0 is uniform, below 0 the contrary."""

    def __init__(self, expected, strength: float) -> None:
        self.expected, self.strength = expected, strength

    def score(self, memories, targets):
        rows = []
        for target in targets:
            logits = torch.zeros(len(target), 10)
            logits[torch.arange(len(target)), torch.tensor(self.expected)] = self.strength
            rows.append(logits)
        return rows


@pytest.mark.parametrize(("strength", "accuracy"), [(3.0, 1.0), (0.0, 0.5), (-3.0, 0.0)])
def test_who_prefers_the_true_window(strength, accuracy):
    true, pairs = (
        (1, 2, 3, 4),
        [MinimalPair("name", (0, 1), (2, 3), 0, (3, 2, 1, 4)), MinimalPair("name", (0, 1), (3, 4), 0, (1, 4, 3, 2))],
    )
    targets = [true, *(p.altered for p in pairs)]
    logits = read_through(Oracle(true, strength), [None] * 3, targets)
    read = [log_likelihood(x, t) for x, t in zip(logits, targets, strict=True)]
    found = preference(pairs, read[:1], read[1:])
    assert found.accuracy == accuracy and found.pairs == 2
    assert found.margin == pytest.approx(2 * strength, abs=1e-5)  # two tokens of each altered window are not what is expected


def test_margins_are_nats_of_the_right_window():
    pairs = [replace(MinimalPair("number", (0, 1), (2, 3), 0, (1,)), window=k) for k in (0, 1, 1)]
    assert preference(pairs, [-4.0, -10.0], [-5.0, -9.0, -10.0]) == Preference(3, 1.5, 0.0)
    assert preference([], [-1.0], []) is None


def test_log_likelihood_is_a_sum_of_log_probabilities():
    logits = torch.log(torch.tensor([[0.5, 0.25, 0.25], [0.1, 0.1, 0.8]]))
    assert log_likelihood(logits, (1, 2)) == pytest.approx(float(torch.log(torch.tensor(0.25 * 0.8))))


def test_reading_stops_between_batches():
    assert list(read_through(Oracle((1,), 1.0), [None], [(1,)], stop=lambda: True)) == []
