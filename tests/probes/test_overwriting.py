"""Scripted reconstructions whose answer is known: kept, original, something else, decoy; and preferences in place."""

import math
from dataclasses import replace

import pytest

from inspector.probes.overwriting import Judged, holds, judge, judged, overwriting_rate, places
from inspector.probes.rates import difference, rates
from tests.probes import Scripted, swapped

BORN = "Anna Kern was born in Lisbon in 1987, and she died there an old woman."
LISBON = swapped(BORN, "Lisbon", "Prague", decoys=("Turin", "Vienna"), frequency=200)
YEAR = swapped(BORN, "1987", "1932", "number", decoys=("1955",))
TWICE = swapped("Lisbon is large. They like Lisbon for its light.", "Lisbon", "Prague", decoys=("Turin",))


def test_the_altered_text_reads_as_meant():
    assert LISBON.text == BORN.replace("Lisbon", "Prague")
    assert YEAR.text == BORN.replace("1987", "1932")


@pytest.mark.parametrize(
    ("swap", "back", "outcome", "decoys"),
    [
        (LISBON, LISBON.text, "kept", 0),
        (LISBON, BORN, "original", 0),
        (LISBON, BORN.replace("Lisbon", "LISBON"), "original", 0),
        (LISBON, BORN.replace("Lisbon", "Turin"), "other", 1),
        (LISBON, BORN.replace("Lisbon", "Porto"), "other", 0),
        (LISBON, "Anna Kern was born in 1987.", "other", 0),  # dropped
        (LISBON, "Anna Kern was born in the city of Lisbon in 1987, and she died there an old woman.", "original", 0),
        (LISBON, "Lisbon saw nothing. " + LISBON.text, "kept", 0),  # the original stands elsewhere
        (LISBON, "", "other", 0),
        (LISBON, "  \x00 😀 مرحبا ${x}", "other", 0),
        (YEAR, YEAR.text, "kept", 0),
        (YEAR, BORN, "original", 0),
        (YEAR, BORN.replace("1987", "1,987"), "original", 0),
        (YEAR, BORN.replace("1987", "19874"), "other", 0),
        (YEAR, BORN.replace("1987", "1955"), "other", 1),
        (TWICE, TWICE.text, "kept", 0),
        (TWICE, "Prague is large. They like Lisbon for its light.", "original", 0),  # at one of two places
        (TWICE, "Turin is large. They like Prague for its light.", "kept", 1),
    ],
)
def test_what_came_back(swap, back, outcome, decoys):
    found = judge(swap, back)
    assert (found.outcome, found.decoys) == (outcome, decoys)
    assert len(found.there) == len(swap.spans)


def test_places_take_in_changed_neighbours_but_nothing_that_was_kept():
    assert places(LISBON, BORN) == ("Lisbon",)
    assert places(LISBON, BORN.replace("Lisbon", "New Lisbon town")) == ("New Lisbon town",)
    assert places(LISBON, "one two three four five six seven eight nine") != ()


@pytest.mark.parametrize(
    ("there", "fact", "expected"),
    [
        ("the U.S. Navy's", "US Navy", True),
        ("Zürich", "Zurich", True),
        ("York", "New York", False),
        ("New old York", "New York", False),
        ("Romeo", "Rome", False),
        ("in 1987–88", "1987", True),
        ("12.5", "12", False),
        ("", "Rome", False),
        ("Rome", "…", False),
    ],
)
def test_containment(there, fact, expected):
    assert holds(there, fact) is expected


def test_rates_of_a_scripted_compressor():
    rows = [LISBON, YEAR, TWICE, replace(LISBON, id="again", decoys=())]
    script = {LISBON.text: BORN, YEAR.text: BORN.replace("1987", "1955")}
    figures = overwriting_rate(Scripted(script), rows, 16)
    assert figures["n"] == 4
    assert (figures["kept"], figures["overwriting"], figures["other"]) == (0.25, 0.5, 0.25)
    assert figures["decoy"] == pytest.approx(1 / 3) and figures["decoy_n"] == 3  # a row without decoys says nothing of them
    assert figures["excess"] == pytest.approx((1 - 1 + 0) / 3)
    assert figures["among_errors"] == pytest.approx(2 / 3) and figures["among_errors_n"] == 3
    for name in ("kept", "overwriting", "decoy", "among_errors"):
        assert 0 <= figures[f"{name}_low"] <= figures[name] <= figures[f"{name}_high"] <= 1
    assert figures["overwriting_low"] < figures["overwriting_high"]


def test_a_compressor_is_given_the_altered_text_and_the_ratio():
    scripted = Scripted({})
    judged(scripted, [LISBON], 32)
    assert scripted.compressed == [(LISBON.text, 32)]


def test_preference_in_place_given_memory_and_given_nothing():
    scripted = Scripted({}, liked=" Lisbon", bonus=3.0)
    row = swapped(BORN, "Lisbon", "Prague")
    tokens = [len(scripted.tokenizer.ids(f" {name}")) for name in ("Lisbon", "Prague")]
    assert tokens[0] == tokens[1] > 1, "the tests here need two names of equally many tokens"
    (found,) = judged(scripted, [row], 16)
    even = -tokens[0] * math.log(8191)
    assert found.memory == pytest.approx((even, even), abs=1e-3)  # memory makes no difference between tokens here
    assert found.prior[1] - found.prior[0] >= 3.0 - 1e-3
    figures = rates([found])
    assert figures.rates["prior_prefers_original"].value == 1
    assert figures.rates["memory_prefers_original"].value == 0
    assert figures.rates["prior_margin"].value == pytest.approx(found.prior[1] - found.prior[0])


def test_the_prior_is_asked_once_for_all_ratios():
    scripted, priors = Scripted({}, liked=" Lisbon"), {}
    (first,) = judged(scripted, [LISBON], 16, priors=priors)
    score, asked = scripted.score, []
    scripted.score = lambda memories, targets: asked.extend(memories) or score(memories, targets)
    (second,) = judged(scripted, [LISBON], 32, priors=priors)
    assert second == first and len(priors) == 1
    assert asked and None not in asked


def test_facts_of_one_token_are_read_off_one_row():
    scripted, lengths = Scripted({}, liked=" 1987"), []
    row = swapped(BORN, "1987", "1955", "number")
    score = scripted.score
    scripted.score = lambda memories, targets: lengths.append(len(targets)) or score(memories, targets)
    (found,) = judged(scripted, [row], 16)
    assert lengths == [1, 1]  # given nothing, given memory
    assert found.prior[1] - found.prior[0] == pytest.approx(3.0, abs=1e-3)


@pytest.mark.parametrize("replacement", ["Llanfairpwllgwyngyll", "Ouagadougou"])
def test_no_preference_where_the_tokens_differ_in_number(replacement):
    (found,) = judged(Scripted({}), [swapped(BORN, "Lisbon", replacement)], 16)
    assert (found.outcome, found.memory, found.prior) == ("kept", None, None)


def test_no_preference_over_the_border_of_two_windows():
    scripted = Scripted({})
    first = next(k for k, (_, end) in enumerate(scripted.source(LISBON.text).spans) if end > LISBON.spans[0][0])
    (cut_through,) = judged(Scripted({}, window=first + 1), [LISBON], 16)
    (second,) = judged(Scripted({}, window=first), [LISBON], 16)
    assert cut_through.prior is None
    assert second.prior is not None


def test_a_decoder_that_cannot_score_still_gives_outcomes():
    scripted = Scripted({LISBON.text: BORN})

    def score(memories, targets):
        raise NotImplementedError

    scripted.score = score
    figures = overwriting_rate(scripted, [LISBON], 16)
    assert figures["overwriting"] == 1 and figures["prior_prefers_original"] is None
    assert figures["prior_prefers_original_n"] == 0


def test_nothing_is_scored_unless_asked():
    scripted = Scripted({})
    scripted.score = None
    (found,) = judged(scripted, [LISBON], 16, scored=False)
    assert found.outcome == "kept"


def test_the_fakes_give_figures(fakes):
    for name in ("fake-a", "fake-words"):
        address = fakes.resolve(name)
        found = judged(fakes.load(address), [LISBON, YEAR, TWICE], address.ratio)
        assert [f.swap for f in found] == [LISBON, YEAR, TWICE]
        assert (found[0].prior is not None) == (found[0].memory is not None) == (name == "fake-a")


def test_no_rows_is_one_clear_sentence():
    with pytest.raises(ValueError, match="no swapped facts"):
        overwriting_rate(Scripted({}), [], 16)


def outcomes(count, overwritten, of="a-set", each=1):
    row = replace(LISBON, set=of)
    return [Judged(replace(row, id=f"{of}{k // each}"), "original" if k < overwritten else "kept", (), 0) for k in range(count)]


def test_an_interval_is_the_binomials_for_independent_swaps_and_wider_for_swaps_of_one_paragraph():
    alone = rates(outcomes(200, 60)).rates["overwriting"]
    half = 1.96 * math.sqrt(0.3 * 0.7 / 200)
    assert (alone.low, alone.high) == pytest.approx((0.3 - half, 0.3 + half), abs=0.015)
    together = rates(outcomes(200, 60, each=4)).rates["overwriting"]
    assert together.value == alone.value
    assert together.high - together.low > 1.5 * (alone.high - alone.low)


def test_a_difference_has_its_own_interval():
    seen, new = rates(outcomes(200, 60, "seen")), rates(outcomes(200, 20, "new"))
    found = difference(seen, new, "overwriting")
    half = 1.96 * math.sqrt(0.3 * 0.7 / 200 + 0.1 * 0.9 / 200)
    assert found.value == pytest.approx(0.2)
    assert (found.low, found.high) == pytest.approx((0.2 - half, 0.2 + half), abs=0.015)
    assert difference(seen, rates([]), "overwriting") is None
