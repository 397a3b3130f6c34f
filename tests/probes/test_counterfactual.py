"""Other words in place: known answers from a decoder written by hand, fakes, and every reason why something is not scored."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.compare import InputError
from inspector.probes import counterfactual as probe
from inspector.probes.counterfactual import MOST_OTHERS, WHY, Counterfactual, counterfactual, locate, occurrences, shares
from models.registry import Registry, UnknownCompressor
from tests.probes.byhand import WINDOW, ByHand, Letters, row

# "a b c": the words are "b"; "x" is as long, "yz" is not.
GIVEN = {"a ": {"b": 0.6, "x": 0.2, "y": 0.1}, "a y": {"z": 0.5}, "a b": {" ": 0.9}, "a x": {" ": 0.3}, "a yz": {" ": 0.4}}
PRIOR = {"a ": {"b": 0.1, "x": 0.4, "y": 0.4}, "a y": {"z": 0.9}}


def table(compressor, **more) -> Registry:
    return Registry([row("hand", compressor, **more)])


def one(text="a b c", words="b", others=("x", "yz"), given=GIVEN, prior=PRIOR, **settings) -> Counterfactual:
    made = Letters(ByHand(given, prior), **settings)
    return counterfactual(text, words, others, ["hand"], registry=table(made))


def test_a_known_answer():
    made = one()
    assert [r.compressor for r in made.readings] == ["hand@4", "hand@16"]
    own, x, yz = made.readings[0].occurrences[0].candidates
    assert [c.words for c in (own, x, yz)] == ["b", "x", "yz"] and [c.tokens for c in (own, x, yz)] == [1, 1, 2]
    for candidate, p, q in ((own, 0.6, 0.1), (x, 0.2, 0.4), (yz, 0.1 * 0.5, 0.4 * 0.9)):
        assert candidate.memory == pytest.approx(math.log(p), rel=1e-5)
        assert candidate.prior == pytest.approx(math.log(q), rel=1e-5)
        assert candidate.memory_per_token == pytest.approx(math.log(p) / candidate.tokens, rel=1e-5)
        assert candidate.memory_share == pytest.approx(p / (0.6 + 0.2 + 0.05), rel=1e-4)
        assert candidate.prior_share == pytest.approx(q / (0.1 + 0.4 + 0.36), rel=1e-4)
    # In full: the space after the words, then "c", which the table leaves to chance.
    assert own.memory_full == pytest.approx(math.log(0.6 * 0.9 / 128), rel=1e-5)
    assert yz.memory_full == pytest.approx(math.log(0.05 * 0.4 / 128), rel=1e-5)
    assert all(c.comparable for c in (own, x, yz)) and made.readings[0].note is None


def test_memory_tied_to_position_compares_equal_counts_only():
    reading = one(tied=True).readings[0]
    own, x, yz = reading.occurrences[0].candidates
    assert (own.comparable, x.comparable, yz.comparable) == (True, True, False)
    assert yz.memory is not None and yz.memory_full is None and yz.prior_full is not None and x.memory_full is not None
    assert reading.note == WHY["tied"]
    assert one(tied=True, others=("x",)).readings[0].note is None


def test_every_ratio_is_read_and_the_prior_asked_once():
    decoder = ByHand(GIVEN, PRIOR)
    letters = Letters(decoder)
    made = counterfactual("a b c", "b", ["x"], ["hand@16"], registry=table(letters, ratios=(4, 16, 64)))
    assert [r.ratio for r in made.readings] == [4, 16, 64] == letters.asked
    assert sum(not with_memory for with_memory, _ in decoder.scored) * 3 == sum(with_memory for with_memory, _ in decoder.scored)


def test_memory_that_is_optimised_is_made_at_the_asked_ratio_only():
    made = counterfactual("a b c", "b", ["x"], ["hand@16"], registry=table(Letters(ByHand(GIVEN, PRIOR)), kind="optimised"))
    assert [(r.ratio, r.note) for r in made.readings] == [(16, WHY["slow"])]


def test_several_occurrences_have_a_mean_and_a_list():
    given = {"b ": {"b": 0.6, "x": 0.2}, "": {"b": 0.5, "x": 0.1}}
    reading = one("b b", given=given, prior=given, others=("x",)).readings[0]
    assert [(o.span.start, o.span.text) for o in reading.occurrences] == [(0, "b"), (2, "b")]
    own, x = reading.mean
    assert own.memory == pytest.approx((math.log(0.5) + math.log(0.6)) / 2, rel=1e-5)
    assert x.memory_share == pytest.approx((0.1 / 0.6 + 0.2 / 0.8) / 2, rel=1e-5)


def test_words_over_a_border_of_windows_are_not_scored():
    text = "a" * (WINDOW - 1) + "bcd b"
    reading = one(text, words="bcd", others=("x",)).readings[0]
    assert [(o.candidates, o.note) for o in reading.occurrences] == [((), WHY["window"])] and reading.mean == ()


def test_a_candidate_that_outgrows_the_window_is_not_scored():
    reading = one("a" * (WINDOW - 2) + " b", others=("xyz", "x")).readings[0]
    own, long, x = reading.occurrences[0].candidates
    assert long.memory is None and long.prior_share is None and not long.comparable
    assert own.memory_share + x.memory_share == pytest.approx(1)
    assert reading.occurrences[0].note == WHY["room"] and reading.mean == ()


def test_what_follows_must_fit_to_be_scored_in_full():
    own, longer = one("a b" + "c" * (WINDOW - 3), others=("xy",), given=GIVEN).readings[0].occurrences[0].candidates
    assert own.memory_full is not None and longer.memory is not None and longer.memory_full is None and longer.prior_full is None


def test_a_decoder_without_prior_says_so():
    reading = one(prior=None).readings[0]
    assert reading.note == WHY["prior"] and reading.occurrences[0].candidates[0].prior is None
    assert reading.mean[0].memory is not None and reading.mean[0].prior is None


def test_kept_words_have_no_likelihood(fakes):
    made = counterfactual("Anna met Ben.", "Ben", ["Bob"], ["fake-words", "fake-a"], registry=fakes)
    assert [(r.compressor, r.note) for r in made.readings[:2]] == [(f"fake-words@{k}", WHY["words"]) for k in (2, 4)]
    assert [len(r.mean) for r in made.readings] == [0, 0, 2, 2]


@pytest.mark.parametrize("text", ["민수는 지우에게 사과를 주었다.", "שלום עולם b שלום", "👩‍👩‍👧 met b\0b", "<img src=x> ${b} b"])
def test_any_text_and_words_survive_json(fakes, text):
    words = "지우" if "지우" in text else "b"
    made = counterfactual(text, words, ["x", "영희", "${x}", "👩‍👩‍👧"], ["fake-a@4"], registry=fakes)
    assert Counterfactual.from_json(made.to_json()) == made
    for reading in made.readings:
        assert all(o.span.text == words == text[o.span.start : o.span.end] for o in reading.occurrences)
        for candidate in reading.mean:
            assert math.isfinite(candidate.memory) and 0 <= candidate.memory_share <= 1


def test_whole_words_are_found_first_and_parts_where_there_are_none():
    assert occurrences("flower flowers flower", "flower") == [(0, 6), (15, 21)]
    assert occurrences("flowers", "flower") == [(0, 6)]
    assert occurrences("민수는 민수와", "민수") == [(0, 2), (4, 6)]
    assert occurrences("a.b axb", "a.b") == [(0, 3)]


def test_the_stretch_is_found_by_tokenising_the_altered_text(fakes):
    compressor = fakes.load(fakes.resolve("fake-a@4"))
    text = "The bee vibrates, and the flower shakes."
    source = compressor.source(text)
    place = locate(compressor, source, (4, 7), ["bee", "honey bee", "wasp"])
    for words, variant in zip(["bee", "honey bee", "wasp"], place.variants, strict=True):
        whole = compressor.text([*place.prefix, *variant, *place.rest])
        assert whole == text.replace("bee", words, 1)
    assert place.prefix == tuple(source.ids[: len(place.prefix)])


@settings(deadline=None, max_examples=60)
@given(st.lists(st.floats(-2000, 0), min_size=1, max_size=9))
def test_shares_add_up(values):
    assert sum(shares([*values, None])[:-1]) == pytest.approx(1)
    assert shares([None]) == [None]


@pytest.mark.parametrize(
    ("text", "words", "others", "said"),
    [
        ("", "b", ["x"], "The text is empty"),
        ("a b", "  ", ["x"], "No words are marked"),
        ("a b", "q", ["x"], "do not stand in the text"),
        ("a b", "b", [], "No other words"),
        ("a b", "b", [" b ", ""], "No other words"),
        ("a b", "b", ["\ud83d"], "surrogate"),
        ("a b", "b", [f"w{k}" for k in range(MOST_OTHERS + 1)], f"at most {MOST_OTHERS}"),
    ],
)
def test_bad_input_is_named(fakes, text, words, others, said):
    with pytest.raises(InputError, match=said):
        counterfactual(text, words, others, ["fake-a"], registry=fakes)


def test_unknown_and_missing_compressors_are_named(fakes):
    with pytest.raises(UnknownCompressor, match="fake-a"):
        counterfactual("a b", "b", ["x"], ["nonsense"], registry=fakes)
    with pytest.raises(InputError, match="at least one compressor"):
        counterfactual("a b", "b", ["x"], [], registry=fakes)


def test_stop_ends_the_readings(fakes):
    seen = []
    for reading in probe.read("a b", "b", ["x"], ["fake-a", "fake-b"], stop=lambda: len(seen) >= 1, registry=fakes):
        seen.append(reading)
    assert len(seen) == 1
