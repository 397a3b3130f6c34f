"""When two strings name the same thing, and when they only look alike."""

from __future__ import annotations

import pytest

from inspector.divergence.names import acronym, demonym, near_miss, parts, plain, same_name, singular

ONE_THING = [
    # the surname alone, titles, initials, endings of companies
    ("Einstein", "Albert Einstein"),
    ("Dr. Jones", "Jones"),
    ("Queen Anne", "Anne"),
    ("J. Smith", "John Smith"),
    ("John F. Kennedy", "John Kennedy"),
    ("Apple Inc.", "Apple"),
    ("Beatles", "The Beatles"),
    # spelling: accents, case, dots, entities, possessives, plurals
    ("Beyoncé", "Beyonce"),
    ("LONDON", "London"),
    ("U.S.", "US"),
    ("B&amp;B", "B&B"),
    ("Apple", "Apple's"),
    ("Apple", "Apple’s"),
    ("James", "James'"),
    ("the Simpsons", "Simpson"),
    # acronyms
    ("NATO", "North Atlantic Treaty Organization"),
    ("WHO", "World Health Organization"),
    ("F.B.I.", "Federal Bureau of Investigation"),
    ("EU", "European Union"),
    # countries by other names, and their peoples
    ("USA", "United States of America"),
    ("U.S.", "the United States"),
    ("UK", "Britain"),
    ("France", "French"),
    ("Netherlands", "Dutch"),
    ("Ireland", "Irish"),
    ("Australia", "Australian"),
    ("China", "Chinese"),
    ("Japan", "Japanese"),
    ("Congo", "Congolese"),
    ("Berlin", "Berliner"),
]

TWO_THINGS = [
    ("Mary Smith", "John Smith"),
    ("Jon Smith", "John Smith"),
    ("Marie Novak", "Peter Novak"),
    ("King", "Queen"),
    ("South Korea", "North Korea"),
    ("France", "Germany"),
    ("French", "Dutch"),
    ("Ireland", "Iceland"),
    ("Iran", "Iraq"),
    ("Austria", "Australia"),
    ("Austria", "Australian"),
    ("Niger", "Nigeria"),
    ("Niger", "Nigerian"),
    ("Slovak", "Slovenian"),
    ("Roman", "Romanian"),
    ("Mali", "Malawian"),
    ("Georgia", "George"),
    ("Martin", "Martinez"),
    ("Paul", "Pauline"),
    ("who", "World Health Organization"),
    ("NASA", "National Football League"),
]


@pytest.mark.parametrize(("x", "y"), ONE_THING)
def test_one_thing(x: str, y: str) -> None:
    assert same_name(x, y) and same_name(y, x)


@pytest.mark.parametrize(("x", "y"), TWO_THINGS)
def test_two_things(x: str, y: str) -> None:
    assert not same_name(x, y) and not same_name(y, x)


@pytest.mark.parametrize("name", ["Anna", "New York", "St. Mary's", "...", "", "김철수", "O'Neil", "X"])
def test_a_name_is_itself(name: str) -> None:
    assert same_name(name, name)


@pytest.mark.parametrize(
    ("x", "y"), [("Einstein", "Einstien"), ("Brazil", "Brasil"), ("Mozart", "Mozert"), ("Kowalski", "Kovalski")]
)
def test_near_miss(x: str, y: str) -> None:
    assert near_miss(x, y) and near_miss(y, x)


@pytest.mark.parametrize(
    ("x", "y"),
    [
        ("Einstein", "Einstein"),
        ("Einstein", "einstein"),  # not another spelling
        ("Bob", "Rob"),  # too short to tell
        ("Peter", "Maria"),
        ("Austria", "Australia"),
        ("Slovakia", "Slovenia"),
        ("South Korea", "North Korea"),  # both are names of their own
        ("Iran", "Iraq"),
        ("Ireland", "Iceland"),
        ("", ""),
    ],
)
def test_no_near_miss(x: str, y: str) -> None:
    assert not near_miss(x, y) and not near_miss(y, x)


@pytest.mark.parametrize(
    ("word", "expected"), [("Beyoncé’s", "beyonce"), ("U.S.", "us"), ("James'", "james"), ("STRASSE", "strasse"), ("ﬁn", "fin")]
)
def test_plain(word: str, expected: str) -> None:
    assert plain(word) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Dr. Ada Lovelace", ["ada", "lovelace"]),
        ("The Apple Co.", ["apple"]),
        ("Bank of England", ["bank", "of", "england"]),
        ("the", ["the"]),  # nothing else is left
        ("—", []),
    ],
)
def test_parts(name: str, expected: list[str]) -> None:
    assert parts(name) == expected


@pytest.mark.parametrize(("word", "expected"), [("simpsons", "simpson"), ("glass", "glass"), ("bus", "bus"), ("", "")])
def test_singular(word: str, expected: str) -> None:
    assert singular(word) == expected


@pytest.mark.parametrize(
    ("short", "long", "expected"),
    [
        ("NATO", "North Atlantic Treaty Organization", True),
        ("FBI", "Federal Bureau of Investigation", True),
        ("nato", "North Atlantic Treaty Organization", False),  # a word, not an acronym
        ("N", "North", False),
        ("NATOX", "North Atlantic Treaty Organization", False),
    ],
)
def test_acronym(short: str, long: str, expected: bool) -> None:
    assert acronym(short, parts(long)) is expected


@pytest.mark.parametrize(
    ("x", "y", "expected"),
    [
        ("canada", "canadian", True),
        ("italy", "italian", True),
        ("japan", "japanese", True),
        ("peru", "chilean", False),
        ("oman", "roman", False),
    ],
)
def test_demonym(x: str, y: str, expected: bool) -> None:
    assert demonym(x, y) is expected and demonym(y, x) is expected
