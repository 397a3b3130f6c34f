"""ICL: the demonstrations, their controls and the pairs in a reconstruction, against readers that know what they should."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from inspector.probes import icl
from inspector.probes.asked import probes
from inspector.studies.loaders import Data, DataError, load
from tests.probes.keeping import Reading, address

ITEMS = list(icl.items(3, seed=5))


def word_of(question: str) -> str:
    return re.search(r"What does (\w+) mean", question)[1]


def reads(held: str, question: str) -> str:
    """Says what memory says, and a wrong word where it says nothing."""
    found = re.search(rf"\b{word_of(question)} means (\w+)\.", held)
    return found[1] if found else "nothing"


def ask(compressor: Reading, items=ITEMS, **row):
    return icl.ask(items, address(**row), compressor, {})


def by_kind(found, way: str = "answer"):
    return {(a.kind, a.level): a for a in found if a.way == way}


def test_demonstrations_are_drawn_from_the_items_hash_alone():
    again = list(icl.items(3, seed=5))
    assert [icl.tasks(a) for a in ITEMS] == [icl.tasks(b) for b in again]
    assert len({icl.tasks(item)[0].word for item in [*ITEMS, *icl.items(3, seed=6)]}) == 6
    assert len({item.hash for item in icl.items(100)}) == 100


@pytest.mark.parametrize("item", ITEMS)
def test_every_list_is_what_its_kind_says(item):
    made = icl.tasks(item)
    assert Counter((t.kind, t.level) for t in made) == Counter(
        (kind, level) for level in icl.LEVELS for kind in ("demonstrated", "other words", "shuffled")
    )
    for level in icl.LEVELS:
        known, foreign, shuffled = (t for t in made if t.level == level)
        assert {t.word for t in made} == {known.word} and {t.expected for t in made} == {known.expected}
        for task in (known, foreign, shuffled):
            assert len(task.pairs) == len(dict(task.pairs)) == level and task.text.count(" means ") == level
            assert set(dict(task.pairs).values()) <= set(icl.MEANINGS) and not set(dict(task.pairs)) & set(icl.MEANINGS)
        assert dict(known.pairs)[known.word] == known.expected == known.meant
        assert known.word not in dict(foreign.pairs) and foreign.meant is None
        assert dict(shuffled.pairs).keys() == dict(known.pairs).keys()
        assert all(dict(known.pairs)[word] != meaning for word, meaning in shuffled.pairs)
        for task in (foreign, shuffled):  # the same meanings as often: nothing is to be guessed from them
            assert Counter(m for _, m in task.pairs) == Counter(m for _, m in known.pairs)
    places = {[w for w, _ in t.pairs].index(t.word) for i in icl.items(40) for t in icl.tasks(i) if t.kind == "demonstrated"}
    assert len(places) > 20  # it stands anywhere


def test_whoever_reads_memory_is_right_on_demonstrations_and_on_no_control():
    for found in ask(Reading(reads)):
        answers = by_kind(found)
        assert len(answers) == 3 * len(icl.LEVELS) + 1
        for level in icl.LEVELS:
            assert (answers["demonstrated", level].right, answers["demonstrated", level].verdict) == (1.0, "kept")
            assert (answers["other words", level].right, answers["other words", level].verdict) == (0.0, "neither")
            shuffled = answers["shuffled", level]
            assert (shuffled.right, shuffled.verdict) == (0.0, "other") and shuffled.given == shuffled.other != shuffled.expected
        assert answers["no memory", None].right == 0.0 and answers["no memory", None].given == "nothing"


@pytest.mark.parametrize("said", ["nothing", ""])
def test_whoever_says_something_wrong_or_nothing_is_never_right(said):
    for found in ask(Reading(lambda held, question: said)):
        assert {a.right for a in by_kind(found).values()} == {0.0} and {a.given for a in by_kind(found).values()} == {said}


def test_whoever_knows_the_word_without_memory_gives_itself_away():
    """As a decoder would that was trained on these very lists."""
    known = {t.word: t.expected for item in ITEMS for t in icl.tasks(item)}
    for found in ask(Reading(lambda held, question: known[word_of(question)])):
        assert {a.right for a in by_kind(found).values()} == {1.0}


def test_pairs_of_the_reconstruction_are_counted_for_every_compressor():
    task = icl.tasks(ITEMS[0])[0]
    (first, meaning), (second, other), *_ = task.pairs
    text = task.text.replace(f"{first} means {meaning}", f"{first} means {other}").replace(second, "gone")
    found = icl.pairs(task, text)
    assert [(a.right, a.verdict, a.given) for a in found] == [
        (0.0, "other", other),
        (0.0, "neither", None),
        *((1.0, "kept", m) for _, m in task.pairs[2:]),
    ]
    assert {(a.way, a.kind, a.level) for a in found} == {("reconstruction", "pair", 4)}
    for text, said in (
        (f"{first} {meaning}.", meaning),
        (f"The {first} means the {meaning}", meaning),
        (first, None),
        ("", None),
    ):
        assert icl.pairs(task, text)[0].given == said


def test_a_decoder_that_answers_no_questions_is_asked_none():
    compressor = Reading(reads)
    for found in ask(compressor, answers=False):
        pairs, (note,) = [a for a in found if a.way == "reconstruction"], [a for a in found if a.way == "answer"]
        assert Counter(a.level for a in pairs) == {level: level for level in icl.LEVELS} and {a.right for a in pairs} == {1.0}
        assert note.right is None and note.note.startswith("Not applicable, because reading has no decoder")
    assert compressor.asked == []


def test_one_that_cannot_bring_texts_back_is_only_asked():
    for found in ask(Reading(reads), reconstructs=False):
        (note,) = [a for a in found if a.way == "reconstruction"]
        assert note.right is None and "cannot bring a text back" in note.note
        assert by_kind(found)["demonstrated", 8].right == 1.0
    assert all(len(found) == 2 for found in ask(Reading(), reconstructs=False, answers=False))


def test_a_list_that_does_not_fit_is_a_note_at_its_level():
    def small(held, question):
        if held.count("means") > 16:
            raise ValueError("The decoder reads 64.")
        return reads(held, question)

    answers = by_kind(ask(Reading(small))[0])
    assert answers["demonstrated", 32].right is None and answers["demonstrated", 32].note == "The decoder reads 64."
    assert answers["demonstrated", 16].right == 1.0


def test_nothing_given_nothing_found():
    assert ask(Reading(reads), []) == []


def test_the_bundled_ones_are_asked_for_pairs_only(fakes):
    for name in ("fake-b@16", "fake-words@2"):
        where = fakes.resolve(name)
        (found,) = icl.ask(ITEMS[:1], where, fakes.load(where), {})
        assert len(found) == sum(icl.LEVELS) + 1 and found[-1].note.startswith("Not applicable, because")
        assert all(a.right in (0.0, 1.0) for a in found[:-1])


def test_a_study_takes_them_by_number_and_seed():
    items, (read,) = load([Data.parse("generated:4:9")])
    assert [item.id for item in items] == ["9-0", "9-1", "9-2", "9-3"] and read.texts == 4
    assert [item.hash for item in items] == [item.hash for item in icl.items(4, 9)]
    for wrong in ("none", "0", "-3", "4:x", "٤", "1.5"):
        with pytest.raises(DataError, match=f"generated:{re.escape(wrong)} says no number of texts"):
            load([Data.parse(f"generated:{wrong}")])


def test_it_is_the_registered_probe():
    assert probes()["icl"].load() is icl.ask
