"""Kept words: within the budget, in order, and what the switches promise."""

import itertools

import pytest

from inspector.measures.alignment import words
from models.pocket.pruning import Pruning, join, looks_like_name
from models.pocket.tokenizer import bundled
from tests.conftest import tiny_decoder

TEXT = "On 14 May the pilot, Ada Brenner, flew from Oslo to Bergen in 52 minutes. Nobody had asked her to hurry, and she said so."


def keep(ratio, *options, text=TEXT):
    pruning = Pruning(tiny_decoder(), bundled(), options)
    source = pruning.source(text)
    return source, pruning.compress(source, source.windows, ratio)


@pytest.mark.parametrize("ratio", [2, 4, 16])
def test_the_budget_holds_without_switches(ratio):
    source, memories = keep(ratio)
    for (first, last), memory in zip(source.windows, memories, strict=True):
        assert 0 < memory.size <= max(1, (last - first) // ratio) or len(memory.kept) == 0


def test_kept_words_are_the_source_in_order():
    source, memories = keep(2)
    spans = [span for m in memories for span in m.kept]
    assert spans == sorted(spans) and all(a[1] <= b[0] for a, b in itertools.pairwise(spans))
    kept = [source.text[a:b] for a, b in spans]
    assert [w.text for m in memories for w in words(m.text)] == [w.text for k in kept for w in words(k)]


def test_digits_stay_when_asked():
    _, memories = keep(16, "digits")
    text = " ".join(m.text for m in memories)
    assert "14" in text and "52" in text


def test_names_stay_when_asked():
    _, memories = keep(16, "names")
    text = " ".join(m.text for m in memories)
    assert all(name in text for name in ("Ada", "Brenner", "Oslo", "Bergen", "May"))
    assert "Nobody" not in text  # capitalised only because a sentence begins


def test_keeping_everything_gives_the_text_back():
    found = words(TEXT)
    assert join(TEXT, found) == TEXT


def test_a_gap_becomes_one_space():
    found = words("red, green and blue")
    assert join("red, green and blue", [found[0], found[4]]) == "red blue"


def test_names_are_told_from_sentence_openings():
    text = "Silence fell. Ada Brenner left, and Maria said nothing.\nThe door stayed open; I saw it."
    found = words(text)
    named = [w.text for i, w in enumerate(found) if looks_like_name(text, found, i)]
    assert named == ["Ada", "Brenner", "Maria"]
