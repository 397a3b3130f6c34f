"""The shipped table of word relations: synonyms, opposites, derivations, base forms."""

from __future__ import annotations

import pytest

from inspector.divergence.lexicon import lexicon
from inspector.divergence.likeness import relation, stem

SYNONYMS = [
    ("buy", "purchase", "v"),
    ("start", "begin", "v"),
    ("hit", "strike", "v"),
    ("big", "large", "a"),
    ("fast", "quick", "a"),
    ("car", "automobile", "n"),
    ("doctor", "physician", "n"),
    ("quickly", "rapidly", "r"),
]
OPPOSITES = [
    ("buy", "sell", "v"),
    ("increase", "decrease", "v"),
    ("accept", "reject", "v"),
    ("win", "lose", "v"),
    ("hot", "cold", "a"),
    ("deep", "shallow", "a"),
    ("happy", "unhappy", "a"),
    ("quickly", "slowly", "r"),
]
BASES = [
    ("mice", "n", "mouse"),
    ("children", "n", "child"),
    ("women", "n", "woman"),
    ("cities", "n", "city"),
    ("boxes", "n", "box"),
    ("glass", "n", "glass"),
    ("news", "n", "news"),
    ("went", "v", "go"),
    ("was", "v", "be"),
    ("running", "v", "run"),
    ("stopped", "v", "stop"),
    ("hoping", "v", "hope"),
    ("hopping", "v", "hop"),
    ("studies", "v", "study"),
    ("better", "a", "good"),
    ("biggest", "a", "big"),
    ("happier", "a", "happy"),
    ("happily", "r", "happily"),
    ("zzyzx", "n", None),
    ("zzyzxing", "v", None),
    ("", "n", None),
    ("mice", "q", None),  # no such part of speech
]
KINDS_OF_POS = {"n": "NOUN", "v": "VERB", "a": "ADJ", "r": "ADV"}


@pytest.mark.parametrize(("a", "b", "pos"), SYNONYMS)
def test_synonyms(a: str, b: str, pos: str) -> None:
    table = lexicon()
    assert table.synonyms(a, b, pos) and table.synonyms(b, a, pos)
    assert not table.antonyms(a, b, pos)


@pytest.mark.parametrize(("a", "b", "pos"), OPPOSITES)
def test_opposites(a: str, b: str, pos: str) -> None:
    table = lexicon()
    assert table.antonyms(a, b, pos) and table.antonyms(b, a, pos)
    assert not table.synonyms(a, b, pos)


def test_an_opposite_of_a_similar_adjective() -> None:
    assert lexicon().antonyms("soggy", "dry", "a")
    assert not lexicon().antonyms("soggy", "green", "a")


@pytest.mark.parametrize(
    ("a", "b", "pos"), [("dog", "cat", "n"), ("red", "heavy", "a"), ("eat", "fly", "v"), ("zzyzx", "dog", "n")]
)
def test_neither(a: str, b: str, pos: str) -> None:
    assert not lexicon().synonyms(a, b, pos) and not lexicon().antonyms(a, b, pos)


@pytest.mark.parametrize(("form", "pos", "expected"), BASES)
def test_base(form: str, pos: str, expected: str | None) -> None:
    assert lexicon().base(form, pos) == expected


@pytest.mark.parametrize(
    ("a", "p", "b", "q", "expected"),
    [
        ("decide", "v", "decision", "n", True),
        ("destroy", "v", "destruction", "n", True),
        ("grow", "v", "growth", "n", True),
        ("happy", "a", "happiness", "n", True),
        ("quick", "a", "quickly", "r", True),
        ("run", "v", "table", "n", False),
    ],
)
def test_derived(a: str, p: str, b: str, q: str, expected: bool) -> None:
    assert lexicon().derived(a, p, b, q) is expected
    assert lexicon().derived(b, q, a, p) is expected
    assert ((b, q) in lexicon().family(a, p)) is expected


@pytest.mark.parametrize(
    ("a", "b", "expected"), [("buy", "purchase", True), ("big", "large", True), ("buy", "sell", False), ("hot", "cold", False)]
)
def test_listed(a: str, b: str, expected: bool) -> None:
    assert lexicon().listed(a, b) is expected and lexicon().listed(b, a) is expected


def test_taxonomy() -> None:
    table = lexicon()
    assert table.is_a("bee", "insect", "n") and not table.is_a("insect", "bee", "n")
    assert table.is_a("poodle", "dog", "n")
    assert table.steps("buy", "purchase", "v") == 0
    assert table.steps("dog", "cat", "n") == 4
    assert table.steps("dog", "cat", "n", limit=2) is None
    assert table.steps("dog", "zzyzx", "n") is None


def test_senses_are_the_most_frequent_ones() -> None:
    table = lexicon()
    assert len(table.senses("run", "v", 3)) == 3
    assert table.senses("run", "v", 3) == table.senses("run", "v", 8)[:3]
    assert table.senses("zzyzx", "n") == ()
    assert table.known("run", "v") and not table.known("zzyzx", "n")


@pytest.mark.parametrize(
    ("x", "pos_x", "y", "pos_y", "expected"),
    [
        ("big", "ADJ", "large", "ADJ", "synonym"),
        ("increase", "VERB", "decrease", "VERB", "antonym"),  # though a thesaurus lists them together
        ("rise", "VERB", "fall", "VERB", "antonym"),
        ("poodle", "NOUN", "dog", "NOUN", "broader"),
        ("dog", "NOUN", "poodle", "NOUN", "narrower"),
        ("decide", "VERB", "decision", "NOUN", "derived"),
        ("dog", "NOUN", "cat", "NOUN", None),
        ("be", "VERB", "exist", "VERB", None),  # light words mean too little
        ("the", "DET", "a", "DET", None),
    ],
)
def test_relation(x: str, pos_x: str, y: str, pos_y: str, expected: str | None) -> None:
    assert relation(x, pos_x, y, pos_y) == expected


@pytest.mark.parametrize("pairs", [SYNONYMS, OPPOSITES])
def test_relation_has_no_direction(pairs: list[tuple[str, str, str]]) -> None:
    for a, b, p in pairs:
        assert relation(a, KINDS_OF_POS[p], b, KINDS_OF_POS[p]) == relation(b, KINDS_OF_POS[p], a, KINDS_OF_POS[p])


@pytest.mark.parametrize(
    ("word", "expected"), [("payment", "pay"), ("creation", "creat"), ("kindness", "kind"), ("red", "red"), ("singer", "sing")]
)
def test_stem(word: str, expected: str) -> None:
    assert stem(word) == expected or (len(expected) < 4 and stem(word) == word)
