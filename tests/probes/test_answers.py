"""Answers compared: SQuAD's exact match and F1, and containment of whole words."""

from __future__ import annotations

import pytest

from inspector.probes.answers import contains, exact_match, f1, normalise


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("The  Blue-banded BEE!", "bluebanded bee"),
        ("an U.S. army", "us army"),
        ("thecat anthem", "thecat anthem"),  # articles only as words
        ("A.", ""),  # SQuAD's order: punctuation first, then articles
        ("한국의 수도", "한국의 수도"),
        ("", ""),
        ("<b>the</b>", "btheb"),
    ],
)
def test_the_normal_form_is_squads(text, normal):
    assert normalise(text) == normal


@pytest.mark.parametrize(
    ("given", "golds", "exact", "overlap"),
    [
        ("the Danube", ["Danube"], 1, 1),
        ("river Danube", ["Danube", "the Rhine"], 0, 2 / 3),  # precision 1/2, recall 1
        ("a b b c", ["b b b"], 0, 2 * 2 / 6),  # b stands twice on both sides; the article is gone
        ("Danube", ["Rhine"], 0, 0),
        ("", ["Rhine"], 0, 0),
        ("the", ["a"], 0, 0),  # nothing is left of either: no answer, so no hit
        ("서울 이다", ["서울"], 0, 2 / 3),
    ],
)
def test_exact_match_and_f1_take_the_best_gold(given, golds, exact, overlap):
    assert exact_match(given, golds) == exact
    assert f1(given, golds) == pytest.approx(overlap)


def test_without_golds_nothing_is_scored():
    for score in (exact_match, f1):
        with pytest.raises(ValueError, match="at least one"):
            score("x", [])


@pytest.mark.parametrize(
    ("text", "answer", "told"),
    [
        ("It lies on the Danube.", "The danube", True),
        ("Danubes", "Danube", False),
        ("It was in 1926, on 4 March.", "4 March 1926", False),
        ("Straße", "STRASSE", True),
        ("U.S. troops", "us", False),
        ("nothing", "the", False),  # no words are left of the answer
        ("그는 서울 출신이다", "서울", True),
    ],
)
def test_containment_is_of_whole_words_in_a_row(text, answer, told):
    assert contains(text, answer) is told
