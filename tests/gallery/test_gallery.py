"""The gallery's cases hold together, and their stored results are what they say."""

import json

import pytest

from inspector import gallery
from inspector.cli import main
from inspector.compare import compare
from inspector.gallery import Case, Piece, fails, lost, piece
from models.pocket.tokenizer import bundled
from models.registry import registry

WORDS = json.loads((gallery.HERE.parents[1] / "static" / "words.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", gallery.cases(), ids=lambda case: case.id)
def test_a_case_is_long_enough_says_what_to_look_at_and_fails_as_stored(case):
    assert len(bundled().ids(case.text)) >= 120  # a short text does not fail
    assert case.focus and all(phrase in case.text for phrase in case.focus)
    assert [str(registry().resolve(name)) for name in case.compressors] == list(case.compressors) and len(case.compressors) <= 4
    for language in ("en", "ko"):
        assert all(WORDS[language][f"gallery.{case.id}.{part}"] for part in ("title", "look", "note"))
    stored = gallery.stored(case.id)
    assert stored.source.text == case.text and [i.compressor for i in stored.inspections] == list(case.compressors)
    texts = gallery.texts(stored)
    assert fails(case, texts) and case.focus[0] in lost(case, texts)[case.compressors[0]]  # what the card shows


def test_the_cases_that_were_asked_for_are_there():
    asked = {"bee", "flower", "birthplace", "strawberry", "except", "who", "numbers", "identifiers", "list", "scrambled", "new"}
    assert {case.id for case in gallery.cases()} == asked
    assert {p.name.partition(".")[0] for p in gallery.STORED.iterdir()} == asked


@pytest.mark.slow
def test_a_stored_result_is_what_the_compressors_still_give():
    """By its score: the last digits of a sum may differ between machines, and with them a rare word."""
    case, stored = gallery.case("birthplace"), gallery.stored("birthplace")
    made = compare(case.text, [case.compressors[0]])
    assert fails(case, gallery.texts(made))
    assert made.inspections[0].scores.bleu == pytest.approx(stored.inspections[0].scores.bleu, abs=5)


CASE = Case("x", "Anna hit Ben in the boat.", ("a@4", "b@4"), ("Anna hit Ben", "the boat"))


def test_what_is_lost_is_counted_word_for_word_whatever_the_white_space():
    texts = {"a@4": "Anna  hit\nBen in a boat.", "b@4": "Ben hit Anna in the boat."}
    assert lost(CASE, texts) == {"a@4": ["the boat"], "b@4": ["Anna hit Ben"]}
    assert fails(CASE, texts) and not fails(CASE, {"a@4": CASE.text, "b@4": CASE.text})
    assert lost(CASE, {"a@4": ""}) == {"a@4": ["Anna hit Ben", "the boat"]}


@pytest.mark.parametrize(
    ("reconstruction", "phrase", "expected"),
    [
        (
            "one two 3 four five",
            "three",
            Piece(("one two", "three", "four five"), ("one two", "3", "four five"), (("3", False),)),
        ),
        ("one two four five", "three", Piece(("one two", "three", "four five"), ("one two", "", "four five"))),
        ("one", "five", Piece(("three four", "five", ""), ("one", "", ""))),
        ("", "one", Piece(("", "one", "two three"), ("", "", ""))),
        (
            "one two three four five",
            "two three",
            Piece(("one", "two three", "four five"), ("one", "two three", "four five"), (("two", True), (" three", True))),
        ),
    ],
)
def test_what_stands_in_the_place_of_a_phrase(reconstruction, phrase, expected):
    assert piece("one two three four five", reconstruction, phrase, around=2) == expected


def test_words_put_in_after_a_phrase_count_as_its_own():
    found = piece("he saw Ben there", "he saw Ben and Carl there", "Ben", around=1)
    assert found.reconstruction == ("saw", "Ben and Carl", "there") and found.words == (
        ("Ben", True),
        (" and", False),
        (" Carl", False),
    )


def test_an_unknown_case_lists_the_known_ones():
    with pytest.raises(ValueError, match=r"^the gallery has no case 'bees'; known: bee, flower, "):
        gallery.case("bees")


def test_the_command_shows_what_is_stored(capsys):
    assert main(["gallery", "birthplace", "--json"]) == 0
    row = json.loads(capsys.readouterr().out)
    assert row["case"] == "birthplace" and row["fails"] and row["stored"] and row["compressor"] == "pocket-l@4"
    assert row["source"][1] == "Marie Curie was born in Portugal" != row["reconstruction"][1]
    assert main(["gallery"]) == 0
    assert capsys.readouterr().out.count("  − ") == len(gallery.cases())
    assert main(["gallery", "bees"]) == 2 and "known: bee" in capsys.readouterr().err
    assert main(["gallery", "--store"]) == 2 and "--store keeps what --run finds" in capsys.readouterr().err


def test_the_command_runs_a_case_again_and_says_if_it_no_longer_fails(monkeypatch, tmp_path, capsys, fakes):
    case = Case("x", "Anna hit Ben in the boat.", ("fake-words@2",), ("Anna hit Ben",))
    stays = compare(case.text, case.compressors, registry=fakes).inspections[0].reconstruction.text.split()[0]
    kept = Case("y", case.text, case.compressors, (stays,))
    monkeypatch.setattr(gallery, "cases", lambda: (case, kept))
    monkeypatch.setattr(gallery, "STORED", tmp_path)
    monkeypatch.setattr(gallery.store, "__defaults__", (tmp_path,))
    monkeypatch.setattr(gallery.stored, "__defaults__", (tmp_path,))
    monkeypatch.setattr("inspector.compare.default_registry", lambda: fakes)
    assert main(["gallery", "x"]) == 2 and "nothing is stored of x" in capsys.readouterr().err
    assert main(["gallery", "x", "--run", "--store"]) == 0
    assert gallery.stored("x").source.text == case.text
    capsys.readouterr()
    assert main(["gallery", "y", "--run"]) == 1
    told = capsys.readouterr()
    assert "(no longer fails)" in told.out and "a case no longer fails" in told.err
