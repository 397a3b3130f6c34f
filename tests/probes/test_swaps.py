"""Swaps on hand-written paragraphs: type kept, every mention replaced, nothing given away, the same each time."""

from dataclasses import replace

import pytest

from inspector.probes.swaps import KNOWN, Fact, Paragraph, Pool, facts, frequencies, make, pattern, shape, swap
from tests.probes import ANNA, reading

READING = reading(ANNA, PER="Anna_Kern", LOC="Lisbon Oslo")
PLACES = [Fact("LOC", name) for name in ("Lisbon", "Oslo", "Madrid", "Turin", "Quito", "Hanoi", "Lima", "Cairo")]
YEARS = [Fact("number", year) for year in ("1987", "1932", "1990", "1983", "1975")]
COUNTS = [Fact("number", "24"), Fact("number", "31"), Fact("number", "56")]
PEOPLE = [Fact("PER", "Anna Kern"), Fact("PER", "Otto Lind"), Fact("PER", "Eva Berg")]
EVERY = [*PLACES, *YEARS, *COUNTS, *PEOPLE]
FREQUENCY = {fact.text: 10 for fact in EVERY}
ONE = {fact.text: 1 for fact in EVERY}


def made(*parsed, frequency=FREQUENCY, tokens=ONE, every=EVERY, **options):
    paragraphs = [Paragraph(str(k), r.text, r) for k, r in enumerate(parsed)]
    return list(make(paragraphs, Pool(every, frequency, tokens), "a-set", **options))


def test_facts_are_names_and_whole_numbers():
    assert facts(READING) == [Fact("PER", "Anna Kern"), Fact("LOC", "Lisbon"), Fact("LOC", "Oslo"), Fact("number", "1987"),
                              Fact("number", "24")]  # fmt: skip
    assert facts(READING, ["number"]) == [Fact("number", "1987"), Fact("number", "24")]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("France won, and French wines with it.", {"LOC": "France", "MISC": "French"}),  # a people's adjective
        ("Anna Kern sang; Kern bowed.", {"PER": "Anna_Kern"}),  # a surname by itself
        ("The United Nations met. UN staff stayed.", {"ORG": "United_Nations UN"}),  # an acronym
        ("Nigeria and the Nigerian side.", {"LOC": "Nigeria"}),
        ("It cost 3.25, or 1,250.5, in the 1980s, on the 12th, in 1980-81; 7 won.", {}),  # parts of numbers, one digit
        ("1980 was a year of the 1980s.", {}),
        ("She met Fifteen2 there.", {"PER": "Fifteen2"}),
        ("", {}),
        ("   \x00 😀 مرحبا ${x} <b>", {}),
    ],
)
def test_what_the_text_would_give_away_is_no_fact(text, named):
    assert facts(reading(text, **named)) == []


def test_every_mention_is_replaced_by_one_of_its_type():
    one, two = made(READING)
    assert (one.set, one.id, one.family, two.family) == ("a-set", "0", "entity", "number")
    assert one.original_text == two.original_text == ANNA
    for made_of in (one, two):
        assert not pattern(made_of.original).search(made_of.text)
        assert [made_of.text[a:b] for a, b in made_of.spans] == [made_of.replacement] * len(made_of.spans)
        assert len(made_of.spans) == len(pattern(made_of.original).findall(ANNA))
        assert swap(made_of.text, made_of.replacement, made_of.original)[0] == ANNA
        assert {f.type for f in EVERY if f.text == made_of.replacement} == {made_of.type}
        drawn = [made_of.replacement, *made_of.decoys]
        assert len(set(drawn)) == len(drawn) > 1
        assert not [d for d in drawn if d in ANNA]
        assert {shape(Fact(made_of.type, d)) for d in drawn} == {shape(Fact(made_of.type, made_of.original))}


def test_spans_count_code_points_of_the_altered_text():
    text, spans = swap("😀 Rome, Rome's Romeo, Rome", "Rome", "Yerevan")
    assert text == "😀 Yerevan, Yerevan's Romeo, Yerevan"
    assert [text[a:b] for a, b in spans] == ["Yerevan"] * 3


def test_the_same_text_gets_the_same_swap_in_any_company():
    other = reading("Otto Lind moved to Madrid in 1932.", PER="Otto_Lind", LOC="Madrid")
    alone, together = made(READING), made(other, READING)
    assert alone == [replace(s, id="0") for s in together if s.id == "1"]
    assert made(READING, every=EVERY[::-1]) == alone


def test_the_same_number_of_tokens_comes_first_and_another_only_where_there_is_none():
    lisbon = reading("He saw Lisbon.", LOC="Lisbon")
    (only,) = made(lisbon, tokens=ONE | {f.text: 2 for f in PLACES if f.text not in ("Lisbon", "Hanoi")})
    assert only.replacement == "Hanoi" and only.decoys
    (other,) = made(lisbon, tokens=ONE | {"Lisbon": 3})
    assert other.replacement in {f.text for f in PLACES} - {"Lisbon"}


def test_replacement_and_decoys_are_as_frequent_as_the_original():
    rare = {f"{chr(65 + k)}ondorp": 20 for k in range(20)}
    cities = {f"{chr(65 + k)}avillo": 5000 for k in range(20)}
    frequency = {"Lisbon": 4800, **rare, **cities}
    every = [Fact("LOC", name) for name in frequency]
    (row,) = made(reading("He saw Lisbon.", LOC="Lisbon"), every=every, frequency=frequency, tokens=dict.fromkeys(frequency, 1))
    assert {row.replacement, *row.decoys} <= set(cities)
    assert row.frequency == 4800


def test_years_stay_near_and_a_number_keeps_its_shape():
    years = {"1987": 10, "1988": 10, "1990": 10, "1101": 10, "9876": 10, "9,876": 10, "198": 10}
    pool = Pool([Fact("number", y) for y in years], years, dict.fromkeys(years, 1))
    assert set(pool.draw(Fact("number", "1987"), "", "seed")) == {"1988", "1990", "1101"}
    assert pool.distance(Fact("number", "1987"), "1990") < pool.distance(Fact("number", "1987"), "1101")
    assert pool.draw(Fact("number", "9,876"), "", "seed") == []


def test_facts_that_the_training_text_knows_are_preferred():
    for known in ("Oslo", "Lisbon"):
        rows = made(READING, frequency=dict.fromkeys(FREQUENCY, KNOWN - 1) | {known: KNOWN}, types=["entity"])
        assert [r.original for r in rows] == [known]
    (row,) = made(READING, frequency=dict.fromkeys(FREQUENCY, 1) | {"Oslo": 3}, types=["entity"])
    assert (row.original, row.frequency) == ("Oslo", 3)


def test_a_facts_own_paragraph_does_not_count_as_training_text():
    (row,) = made(READING, frequency=dict.fromkeys(FREQUENCY, 1) | {"Oslo": 3}, types=["entity"], seen=True)
    assert (row.original, row.frequency) == ("Oslo", 2)


def test_words_that_are_common_in_lower_case_are_no_names():
    counts = {"Empire": 100, "empire": 60, "Turkey": 100, "turkey": 4, "Spain": 90}
    pool = Pool([Fact("LOC", n) for n in ("Empire", "Turkey", "Spain")], counts, dict.fromkeys(counts, 1))
    assert pool.draw(Fact("LOC", "Spain"), "", "seed") == ["Turkey"]


def test_nothing_to_swap_with_gives_no_row():
    assert made(READING, every=[], frequency=FREQUENCY) == []
    assert made(reading("No fact here at all.")) == []
    assert made() == []


def test_frequencies_count_paragraphs_with_whole_words():
    texts = ["Rome, Rome", "Romeo in New Rome", "New York", "in 12.5 or 3,125", "12 men, 1,250 ships", ""]
    assert frequencies(["Rome", "New York", "12", "125", "1,250", "absent", "😀"], texts) == {
        "Rome": 2,
        "New York": 1,
        "12": 1,
        "125": 0,
        "1,250": 1,
        "absent": 0,
        "😀": 0,
    }
