"""Which word became which: what holds for any two texts, and what single edits come to."""

from __future__ import annotations

import random
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.divergence import pairing
from inspector.divergence.pairing import CELLS, KEPT, Pair, cut, pair, regions
from tests.divergence import flat, paired

HOW = {*KEPT, "changed", ""}


def check(p: Pair) -> None:
    """What holds for every pair."""
    a, b = p.source, p.reconstruction
    assert len(p.match) == len(p.how) == len(p.moved) == len(p.change_of) == len(a)
    assert len(p.back) == len(p.change_at) == len(b)
    # the two directions are each other's inverse
    assert [(i, j) for i, j in enumerate(p.match) if j >= 0] == sorted((i, j) for j, i in enumerate(p.back) if i >= 0)
    assert all(-1 <= j < len(b) for j in p.match) and all(-1 <= i < len(a) for i in p.back)
    # every pair has a reason, and only pairs have one
    assert set(p.how) <= HOW
    for i, j in enumerate(p.match):
        assert (p.how[i] == "") is (j < 0)
        assert j >= 0 or not p.moved[i]
        assert j < 0 or (p.how[i] == "same") is (a.lower[i] == b.lower[j])
    # words that did not move keep their order
    still = [j for i, j in enumerate(p.match) if j >= 0 and not p.moved[i]]
    assert still == sorted(still)
    # changes run through both texts in order and hold all that does not stand as it stood, and nothing else
    left = [i for c in p.changes for i in c.source]
    right = [j for c in p.changes for j in c.reconstruction]
    assert left == sorted(set(left)) and right == sorted(set(right))
    steady = [i for i, j in enumerate(p.match) if j >= 0 and not p.moved[i] and p.how[i] in ("same", "form")]
    assert sorted(left + steady) == list(range(len(a)))
    assert sorted(right + [p.match[i] for i in steady]) == list(range(len(b)))
    for n, c in enumerate(p.changes):
        assert c.source or c.reconstruction
        assert c.size == max(len(c.source), len(c.reconstruction))
        assert c.source == list(range(c.before[0] + 1, c.after[0]))
        assert c.reconstruction == list(range(c.before[1] + 1, c.after[1]))
        assert c.before == (-1, -1) or p.match[c.before[0]] == c.before[1]
        assert c.after == (len(a), len(b)) or p.match[c.after[0]] == c.after[1]
        assert all(p.change_of[i] == n for i in c.source) and all(p.change_at[j] == n for j in c.reconstruction)
    assert sum(n >= 0 for n in p.change_of) == len(left) and sum(n >= 0 for n in p.change_at) == len(right)
    assert len(p.reworded) == len(p.rewritten) == len(a.sentences)
    assert all(0 <= share <= 1 for share in p.rewritten)


def made(source: str, told: str) -> Pair:
    p = pair(flat(source.split()), flat(told.split()))
    check(p)
    return p


TEXT = "anna saw the boat . ben fed the horse in the garden . clara read a letter ."


@pytest.mark.parametrize("text", ["", "boat", TEXT, "the the the", ". . .", " ".join([TEXT] * 5)])
def test_a_text_and_itself(text: str) -> None:
    p = made(text, text)
    assert p.match == list(range(len(p.source)))
    assert not p.changes and not any(p.moved) and set(p.how) <= {"same"}
    assert not any(p.rewritten) and not any(p.reworded)
    assert not any(p.touched(s) for s in range(len(p.source.sentences)))


@pytest.mark.parametrize(("source", "told"), [("", ""), (TEXT, ""), ("", TEXT), (TEXT, "."), ("boat", "horse"), ("the", "boat")])
def test_hardly_anything(source: str, told: str) -> None:
    made(source, told)


@pytest.mark.parametrize("at", range(len(TEXT.split())))
def test_one_word_lost(at: int) -> None:
    words = TEXT.split()
    p = made(TEXT, " ".join(words[:at] + words[at + 1 :]))
    assert sum(j < 0 for j in p.match) == 1 and len(p.changes) == 1
    (lost,) = p.changes[0].source
    assert words[lost] == words[at] and p.changes[0].reconstruction == []


@pytest.mark.parametrize("at", range(len(TEXT.split()) + 1))
def test_one_word_more(at: int) -> None:
    words = TEXT.split()
    p = made(TEXT, " ".join([*words[:at], "dragon", *words[at:]]))
    assert [(c.source, c.reconstruction) for c in p.changes] == [([], [at])]
    assert p.back[at] == -1 and not p.came(at) and min(p.match) >= 0


@pytest.mark.parametrize("at", [k for k, w in enumerate(TEXT.split()) if len(w) > 3])
def test_one_word_exchanged(at: int) -> None:
    words = TEXT.split()
    p = made(TEXT, " ".join([*words[:at], "dragon", *words[at + 1 :]]))
    assert p.match[at] == at and p.how[at] == "changed" and not p.kept(at) and not p.moved[at]
    assert [(c.source, c.reconstruction) for c in p.changes] == [([at], [at])]
    assert [p.touched(s) for s in range(3)] == [f <= at <= t for f, t in p.source.sentences]


def test_two_words_in_each_others_place() -> None:
    p = made("dog bites man .", "man bites dog .")
    assert p.match == [2, 1, 0, 3] and p.how == ["same"] * 4
    assert p.moved[0] and p.moved[2] and not p.moved[1]
    assert all(map(p.kept, range(4)))


def test_a_sentence_that_moved() -> None:
    p = made("red green blue . one two three four five six .", "one two three four five six . red green blue .")
    assert [p.match[i] for i in range(3)] == [7, 8, 9]
    assert p.moved[:3] == [True] * 3 and not any(p.moved[4:])


def test_a_word_does_not_move_across_the_whole_text() -> None:
    filling = " ".join(f"word{k}" for k in range(200))
    p = made(f"boat {filling}", f"{filling} boat")
    assert p.match[0] == -1 and p.back[200] == -1


@pytest.mark.parametrize(
    ("source", "told", "word", "became", "how"),
    [
        ("She saw the car.", "She saw the cars.", "car", "cars", "form"),
        ("She bought the car.", "She purchased the car.", "bought", "purchased", "synonym"),
        ("She saw the big house.", "She saw the large house.", "big", "large", "synonym"),
        ("She saw the house.", "She saw the letter.", "house", "letter", "changed"),
        ("Anna left Rome.", "Anna left Oslo.", "rome", "oslo", "changed"),
        ("It is in the grey box.", "It is in the gray box.", "grey", "gray", "form"),
    ],
)
def test_how(source: str, told: str, word: str, became: str, how: str) -> None:
    p = paired(source, told)
    check(p)
    i = p.source.lower.index(word)
    assert p.reconstruction.lower[p.match[i]] == became and p.how[i] == how
    assert p.kept(i) is (how != "changed") and p.came(p.match[i]) is p.kept(i)


VOCABULARY = "anna ben boat horse garden letter red old the a in .".split()
EDITS = ("drop", "add", "exchange", "swap", "move", "repeat")


def edited(words: list[str], rng: random.Random, edits: int) -> list[str]:
    words = list(words)
    for _ in range(edits):
        if not words:
            return [rng.choice(VOCABULARY)]
        i, j = rng.randrange(len(words)), rng.randrange(len(words))
        what = rng.choice(EDITS)
        if what == "drop":
            del words[i]
        elif what == "add":
            words.insert(i, rng.choice([*VOCABULARY, "dragon"]))
        elif what == "exchange":
            words[i] = rng.choice([*VOCABULARY, "dragon"])
        elif what == "swap":
            words[i], words[j] = words[j], words[i]
        elif what == "move":
            words.insert(j, words.pop(i))
        else:
            words[i:i] = words[i : i + 4]
    return words


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(VOCABULARY), max_size=50), st.integers(0, 2**20), st.integers(0, 12))
def test_random_edits(words: list[str], seed: int, edits: int) -> None:
    told = edited(words, random.Random(seed), edits)
    one, other = pair(flat(words), flat(told)), pair(flat(told), flat(words))
    check(one)
    check(other)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.sampled_from(VOCABULARY), max_size=60), st.lists(st.sampled_from(VOCABULARY), max_size=60), st.integers(4, 400)
)
def test_cut_into_small_regions(source: list[str], told: list[str], cells: int) -> None:
    """What is cut at shared sentences still holds together."""
    a, b = flat(source), flat(told)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pairing, "CELLS", cells)
        check_regions(list(regions(a, b)), source, told, cells)
        check(pair(a, b))


def check_regions(found: list[Any], source: list[str], told: list[str], cells: int) -> None:
    """They follow each other, cover both texts, and are small, or hold the same words."""
    at = (0, 0)
    for (i0, i1), (j0, j1) in found:
        assert (i0, j0) == at and i0 <= i1 and j0 <= j1
        assert (i1 - i0) * (j1 - j0) <= 2 * cells + i1 + j1 - i0 - j0 or source[i0:i1] == told[j0:j1]
        at = i1, j1
    assert at == (len(source), len(told))


@pytest.mark.parametrize(("n", "m"), [(0, 0), (10, 0), (0, 10), (5_000, 5_000), (100_000, 3), (3, 100_000), (40_000, 10_000)])
def test_cut(n: int, m: int) -> None:
    pieces = list(cut((7, 7 + n), (9, 9 + m)))
    assert pieces[0][0][0] == 7 and pieces[0][1][0] == 9 and pieces[-1] == ((pieces[-1][0][0], 7 + n), (pieces[-1][1][0], 9 + m))
    assert all(p[0][1] == q[0][0] and p[1][1] == q[1][0] for p, q in pairwise(pieces))
    assert all((p[0][1] - p[0][0]) * (p[1][1] - p[1][0]) <= 2 * CELLS for p in pieces)


UNIT = "anna saw the boat in the garden .".split()
N = 20_000
LONG: dict[str, tuple[list[str], list[str]]] = {
    "the same": (UNIT * (N // 8), UNIT * (N // 8)),
    "a tenth less": (UNIT * (N // 8), UNIT * (N // 80 * 9)),
    "no full stops": ([w for w in UNIT if w != "."] * (N // 7), [w for w in UNIT if w != "."] * (N // 8)),
    "halves exchanged": (["boat"] * (N // 2) + ["horse"] * (N // 2), ["horse"] * (N // 2) + ["boat"] * (N // 2)),
    "one word": (["boat"] * N, ["boat"] * (N // 2)),
    "nothing in common": (["boat"] * N, ["horse"] * N),
    "thirds exchanged": (
        UNIT * (N // 24) + ["horse", "letter"] * (N // 6) + ["red", "old", "."] * (N // 9),
        ["red", "old", "."] * (N // 9) + UNIT * (N // 24) + ["horse", "letter"] * (N // 6),
    ),
    "three words at random": (
        random.Random(1).choices(["boat", "horse", "."], k=N),
        random.Random(2).choices(["boat", "horse", "."], k=N),
    ),
}


class Watched(list):
    """A list that may be looked at so many times."""

    left = 200 * N

    def __getitem__(self, k: Any) -> Any:
        self.left -= 1
        assert self.left > 0, "more looks than a step that is linear in the text needs"
        return super().__getitem__(k)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", LONG)
def test_long_and_repetitive(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Word by word work grows with the text and not with its square, in the tables as in the search for moved words."""
    source, told = LONG[name]
    calls = 0
    real, expected = pairing.likeness, pairing.expectations

    def counted(*words: Any) -> Any:
        nonlocal calls
        calls += 1
        assert calls <= 200 * N
        return real(*words)

    monkeypatch.setattr(pairing, "likeness", counted)
    monkeypatch.setattr(pairing, "expectations", lambda p: Watched(expected(p)))
    a, b = flat(source), flat(told)
    check_regions(list(regions(a, b)), source, told, CELLS)
    check(pair(a, b))
