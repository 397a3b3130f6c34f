"""Numbers, dates, times and units: found where they are, compared by value, identifiers left out."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.divergence.quantities import Date, compatible, quantities, same

VALUES = [  # text, kind, value or values, unit
    ("two dozen eggs", "number", 24, None),
    ("a dozen eggs", "number", 12, None),
    ("half a dozen eggs", "number", 6, None),
    ("half a million people", "number", 500_000, None),
    ("half an hour", "measure", 0.5, "hour"),
    ("3.50", "number", 3.5, None),
    (".5", "number", 0.5, None),
    ("1,234,567 votes", "number", 1_234_567, None),
    ("1,00,000 votes", "number", 100_000, None),
    ("1.2 million", "number", 1.2e6, None),
    ("two and a half million", "number", 2.5e6, None),
    ("2½ cups", "number", 2.5, None),
    ("1 1/2 cups", "number", 1.5, None),
    ("2-1/2 cups", "number", 2.5, None),
    ("1:23.45", "measure", 83.45, "second"),
    ("5pm-7pm", "range", (1020, 1140), "pm"),
    ("9am to 5pm", "range", (540, 1020), "pm"),
    ("twenty-one", "number", 21, None),
    ("twenty one thousand three hundred", "number", 21_300, None),
    ("two hundred and five", "number", 205, None),
    ("twelve hundred", "number", 1200, None),
    ("a hundred and one", "number", 101, None),
    ("three million two hundred thousand and six", "number", 3_200_006, None),
    ("one hundred", "number", 100, None),
    ("zero", "number", 0, None),
    ("٣٤", "number", 34, None),
    ("5명", "number", 5, None),
    ("minus 5", "number", -5, None),
    ("it was -5 then", "number", -5, None),
    ("−7.5", "number", -7.5, None),
    ("hundreds of thousands", "number", 100_000, None),
    ("twice", "number", 2, "times"),
    ("thrice", "number", 3, "times"),
    ("three times", "number", 3, "times"),
    ("twice a day", "number", 2, "times/day"),
    ("$441 million", "money", 441e6, "USD"),
    ("441 million dollars", "money", 441e6, "USD"),
    ("US$441m", "money", 441e6, "USD"),
    ("$1.2bn", "money", 1.2e9, "USD"),
    ("£13.17billion", "money", 13.17e9, "GBP"),
    ("£6.50 an hour", "money", 6.5, "GBP/hour"),
    ("-$5", "money", -5, "USD"),
    ("€5", "money", 5, "EUR"),
    ("five euros", "money", 5, "EUR"),
    ("£1,800", "money", 1800, "GBP"),
    ("A$30", "money", 30, "AUD"),
    ("USD 30", "money", 30, "USD"),
    ("50 cents", "money", 50, "cent"),
    ("5%", "percent", 5, "%"),
    ("five percent", "percent", 5, "%"),
    ("5 per cent", "percent", 5, "%"),
    ("one in five", "percent", 20, "%"),
    ("nine out of ten", "percent", 90, "%"),
    ("3 percentage points", "measure", 3, "pp"),
    ("three-quarters", "fraction", 0.75, None),
    ("two thirds", "fraction", 2 / 3, None),
    ("a third of", "fraction", 1 / 3, None),
    ("1/2", "fraction", 0.5, None),
    ("½", "fraction", 0.5, None),
    ("half of them", "fraction", 0.5, None),
    ("5 km", "measure", 5, "km"),
    ("5km", "measure", 5, "km"),
    ("5 kilometres", "measure", 5, "km"),
    ("a 6-foot wall", "measure", 6, "foot"),
    ("6 feet 3 inches", "measure", 6.25, "foot"),
    ("2 hours and 30 minutes", "measure", 2.5, "hour"),
    ("60 mph", "measure", 60, "mile/hour"),
    ("60 km/h", "measure", 60, "km/hour"),
    ("5 metres per second", "measure", 5, "m/second"),
    ("20 °C", "measure", 20, "°C"),
    ("20 degrees Celsius", "measure", 20, "°C"),
    ("3 km²", "measure", 3, "km²"),
    ("3 square kilometers", "measure", 3, "km²"),
    ("19-year-old man", "age", 19, "year"),
    ("nineteen years old", "age", 19, "year"),
    ("aged 19", "age", 19, "year"),
    ("at the age of nineteen", "age", 19, "year"),
    ("first", "ordinal", 1, None),
    ("1st", "ordinal", 1, None),
    ("twenty-first", "ordinal", 21, None),
    ("10–15", "range", (10, 15), None),
    ("from 10 to 15", "range", (10, 15), None),
    ("from 15 to 10", "range", (15, 10), None),
    ("between 10 and 15", "range", (10, 15), None),
    ("5 to 10 percent", "range", (5, 10), "%"),
    ("$10–15 million", "range", (10e6, 15e6), "USD"),
    ("1914–18", "range", (1914, 1918), None),
    ("from 1914 to 1918", "range", (1914, 1918), None),
    ("won 3-1", "score", (3, 1), None),
    ("won 3 to 1", "score", (3, 1), None),
    ("10:30 am", "time", 630, "am"),
    ("10.30 a.m.", "time", 630, "am"),
    ("7pm", "time", 1140, "pm"),
    ("half past ten", "time", 630, None),
    ("quarter to six", "time", 345, None),
    ("ten past five", "time", 310, None),
    ("5 o'clock in the afternoon", "time", 1020, "pm"),
    ("22:30", "time", 1350, "pm"),
    ("noon", "time", 720, "pm"),
    ("World War II", "numeral", 2, None),
    ("World War Two", "numeral", 2, None),
    ("Chapter IV", "numeral", 4, None),
    ("Chapter 4", "numeral", 4, None),
    ("Henry VIII", "numeral", 8, None),
    ("No. 5", "numeral", 5, None),
]

DATES = [
    ("May 3", Date(month=5, day=3)),
    ("3 May", Date(month=5, day=3)),
    ("May 3rd", Date(month=5, day=3)),
    ("the third of May", Date(month=5, day=3)),
    ("3rd of May 2020", Date(2020, 5, 3)),
    ("May 3, 2020", Date(2020, 5, 3)),
    ("2020-05-03", Date(2020, 5, 3)),
    ("12/25/2019", Date(2019, 12, 25)),
    ("25/12/2019", Date(2019, 12, 25)),
    ("Jan. 5", Date(month=1, day=5)),
    ("Sept 2019", Date(2019, 9)),
    ("Monday, May 3", Date(month=5, day=3, weekday=0)),
    ("on Sunday", Date(weekday=6)),
    ("in May", Date(month=5)),
    ("December", Date(month=12)),
    ("in 1984", Date(1984)),
    ("nineteen eighty-four", Date(1984)),
    ("the 1990s", Date(1990, years=10)),
    ("the nineties", Date(1990, years=10)),
    ("the 1800s", Date(1800, years=100)),
    ("the 19th century", Date(1800, years=100)),
    ("nineteenth-century art", Date(1800, years=100)),
    ("44 BC", Date(-44)),
    ("AD 79", Date(79)),
    ("Q2 2021", Date(2021, part="Q2")),
    ("the second quarter of 2021", Date(2021, part="Q2")),
    ("summer of 2019", Date(2019, part="summer")),
]

NOTHING = (
    """
the one who left|one of the men|no one came|one another|this one|which one?|an A320 landed|ISO-9001|v2.3.1|version 2.3.1|007
call 555-1234|+1 (555) 123-4567|https://example.org/2020/05/03|a@b1.com|3f2a9c81|COVID-19|192.168.1.1|H1N1|MP3|F-16|B-52s
a 5G phone|in 3D|24/7|he may march|May I go?|March said so|an august body|Malcolm X|I am here|at first|first of all|at once
once upon a time|file_2|x86_64|978-3-16-148410-0|a couple|the latter half|he took part in the march
""".strip()
    .replace("\n", "|")
    .split("|")
)

LIKENESS = [
    ("two dozen", "24", "same"),
    ("3.50", "3.5", "same"),
    ("May 3", "3 May", "same"),
    ("World War II", "World War Two", "same"),
    ("World War II", "the Second World War", "same"),
    ("19-year-old", "aged nineteen", "same"),
    ("Smith, 19,", "Smith, aged 19", "same"),
    ("three-quarters", "75%", "same"),
    ("one in four", "25 percent", "same"),
    ("twice", "two times", "same"),
    ("5 km", "3.1 miles", "same"),
    ("2 hours", "120 minutes", "same"),
    ("5 lb", "2.27 kg", "same"),
    ("20 °C", "68 °F", "same"),
    ("100 km/h", "62 mph", "same"),
    ("$0.50", "50 cents", "same"),
    ("5 pounds", "£5", "same"),
    ("the nineties", "the 1990s", "same"),
    ("19th century", "1800s", "same"),
    ("1984 people", "nineteen eighty-four", "same"),
    ("10–15", "from 10 to 15", "same"),
    ("1,500 men", "1500 men", "same"),
    ("3 May 2020", "May 2020", "less exact"),
    ("May 2020", "3 May 2020", "more exact"),
    ("1995", "the 1990s", "less exact"),
    ("$1,234,567", "$1.2 million", "less exact"),
    ("$1.2 million", "$1,234,567", "more exact"),
    ("3.14159", "3.14", "less exact"),
    ("1,234 men", "more than 1,200 men", "less exact"),
    ("5 km", "5", "less exact"),
    ("10:30 am", "half past ten", "less exact"),
    ("more than 10", "10", "bound"),
    ("about 200", "200", "bound"),
    ("at least 5", "at most 5", "bound"),
    ("more than 10", "over 10", "same"),
    ("19 people", "20 people", "different"),
    ("5 km", "5.4 km", "different"),
    ("5.1 km", "5 km", "less exact"),
    ("5 km", "5 miles", "different"),
    ("5", "5%", "different"),
    ("5%", "5 percentage points", "different"),
    ("$5", "€5", "different"),
    ("two", "the second", "different"),
    ("May 3", "May 4", "different"),
    ("1987", "1990", "different"),
    ("1985", "the 1990s", "different"),
    ("Monday", "2020", "different"),
    ("won 3-1", "won 1-3", "different"),
    ("10:30 am", "10:30 pm", "different"),
    ("10–15", "10–16", "different"),
    ("5 apples", "-5 apples", "different"),
    ("1.2 million", "1.2 billion", "different"),
]


def only(text: str):
    found = quantities(text)
    assert len(found) == 1, found
    return found[0]


def test_there_are_many_cases():
    assert len(VALUES) + len(DATES) + len(NOTHING) + len(LIKENESS) >= 120


@pytest.mark.parametrize(("text", "kind", "value", "unit"), VALUES)
def test_value(text, kind, value, unit):
    found = only(text)
    assert (found.kind, found.unit) == (kind, unit)
    assert found.values == pytest.approx(value if isinstance(value, tuple) else (value,))


@pytest.mark.parametrize(("text", "date"), DATES)
def test_date(text, date):
    found = only(text)
    assert found.kind == "date" and found.date == date


@pytest.mark.parametrize("text", NOTHING)
def test_no_quantity(text):
    assert quantities(text) == []


@pytest.mark.parametrize(("a", "b", "expected"), LIKENESS)
def test_likeness(a, b, expected):
    a, b = only(a), only(b)
    assert same(a, b) == expected
    mirrored = {"less exact": "more exact", "more exact": "less exact"}.get(expected, expected)
    assert same(b, a) == mirrored
    assert same(a, a) == same(b, b) == "same"
    assert compatible(a, b) == (expected != "different")


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("about 200", "about"),
        ("nearly half", "about"),
        ("some 200", "about"),
        ("at least five", "at least"),
        ("no fewer than five", "at least"),
        ("10 or more", "at least"),
        ("more than $10", "more than"),
        ("over 300", "more than"),
        ("up to 20", "at most"),
        ("no more than 20", "at most"),
        ("under 18", "less than"),
        ("over two rounds", None),
        ("some five", "about"),
    ],
)
def test_bounds_are_read_and_belong_to_the_span(text, bound):
    found = only(text)
    assert found.bound == bound
    assert bound is None or found.text == text


@pytest.mark.parametrize(
    "text", ["one man", "a hundred men", "a dozen", "a couple of men", "once", "when he first came", "dozens"]
)
def test_weak(text):
    assert only(text).weak


def test_in_a_sentence():
    text = "On May 3, 2020, a 19-year-old from Q4 paid $5.50 (about €5) for 2 km of A320 cable; 3 of 4 failed by 10:30 a.m."
    assert [q.text for q in quantities(text)] == [
        "May 3, 2020", "19-year-old", "Q4", "$5.50", "about €5", "2 km", "3", "4", "10:30 a.m.",
    ]  # fmt: skip


def check(text: str) -> None:
    last = 0
    for found in quantities(text):
        assert last <= found.start < found.end <= len(text)
        assert text[found.start : found.end] == found.text
        assert same(found, found) == "same"
        last = found.end


PIECES = st.sampled_from(
    " |-|–|5|10|1990|1,000|.|,|/|:|$|€|%|a|half|one|two|twenty|hundred|and|thousand|dozen|of|May|March|3rd|first|third|to|from"
    "|between|km|years|old|s|am|past|º|½|²|٣|명|😀|II|War|about|more|than|per|in|out|BC|century|Q2|once|+|'|İ".split("|")
)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=80), st.lists(PIECES, max_size=25).map(" ".join), st.lists(PIECES, max_size=25).map("".join)))
def test_spans_are_ordered_disjoint_and_true(text):
    check(text)


HOSTILE = {
    "1": 100_000,
    " ": 100_000,
    "1,234,": 5_000,
    ",234": 25_000,
    "1.": 30_000,
    "1/2/": 10_000,
    "-": 30_000,
    "٣": 100_000,
    "1 1/2 ": 5_000,
    "hundreds of thousands of ": 3_000,
    "5 km per ": 5_000,
    "\u200f٣٤ رجل 😀5명 ": 2_000,
    "𝟝 ② ²½ ௧௨ 5௲": 500,
}


@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_text(piece):
    check("1" + piece * HOSTILE[piece] + "5")
