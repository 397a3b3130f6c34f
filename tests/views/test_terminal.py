"""What the terminal shows: marks by hand-worked cases, columns, and nothing that a terminal would act on."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.compare import compare
from inspector.measures.alignment import words
from inspector.views.terminal import comparison, marked, safe, table, width
from tests.views.made import divergence, retention


@pytest.mark.parametrize(
    ("source", "reconstruction", "shown"),
    [
        ("the white cat", "the white cat", "the white cat"),
        ("the white cat", "the red cat", "the [-white-]{+red+} cat"),
        ("the white cat", "the cat", "the [-white-] cat"),
        ("the cat", "the red  cat", "the {+red+}  cat"),
        ("Alice hit Bob.", "Bob hit Alice.", "[-Alice-]{+Bob+} hit [-Bob-]{+Alice+}."),
        ("all gone", "", "[-all gone-]"),
        ("one\ntwo", "one\ntwo three", "one\ntwo {+three+}"),
        ("a \x1b[31m b", "a b", "a [-\\x1b[31m-] b"),
    ],
)
def test_marks(source, reconstruction, shown):
    assert marked(source, reconstruction) == shown


# Controls that count as white space (U+0085) end up in sight, by number, so they would be words of their own.
VISIBLE = st.text(st.characters(exclude_categories=("Cs", "Cc")))


@given(VISIBLE, VISIBLE)
def test_without_its_marks_it_reads_as_the_reconstruction(source, reconstruction):
    source, reconstruction = (re.sub(r"[\[\]{}+-]", "", text) for text in (source, reconstruction))
    shown = re.sub(r"\{\+(.*?)\+\}", r"\1", re.sub(r"\[-.*?-\]", "", marked(source, reconstruction), flags=re.S), flags=re.S)
    assert [w.text for w in words(shown)] == [w.text for w in words(safe(reconstruction))]


@given(st.text())
def test_nothing_drives_the_terminal(text):
    assert not set("\x00\x07\x1b\x7f\x9b\r\u202e\u2066") & set(safe(text))


def test_columns_line_up_for_wide_characters():
    lines = table(("name", "n"), [("나비", "1"), ("ab", "22")]).splitlines()
    assert [line[-2:].strip() for line in lines] == ["n", "1", "22"]
    assert {width(line[: line.rindex(" ")]) for line in lines} == {5}


def test_colour_is_added_only_where_asked_for():
    assert "\x1b" in marked("a b", "a c", colour=True)
    assert "\x1b" not in marked("a b", "a c")


def test_the_verdict_stands_after_the_name(fakes):
    made = compare("Anna met Ben.", ["fake-a@4"], registry=fakes)
    found = {"divergences": (divergence("role", change="swapped"),), "language": "en", "pipeline": "made 1.0"}
    told = made.inspections[0].model_copy(update=found | {"retention": retention((1, 2))})
    shown = comparison(made.model_copy(update={"inspections": (told,)}))
    assert "\nfake-a@4: kept 1 of 2 entities, swapped one role.\n" in shown
    untold = made.inspections[0].model_copy(update={"divergences": None})
    assert "\nfake-a@4\n" in comparison(made.model_copy(update={"inspections": (untold,)}))
