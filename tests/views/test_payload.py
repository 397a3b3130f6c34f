"""The payload of the compare view: marks that put both texts back together, one scale, bits, and a bounded size."""

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.compare import Builder, stream
from inspector.inspection import Alternative, Text, TraceToken
from inspector.measures.alignment import align, words
from inspector.views.compare import column, counts, kept_marks, letters, marks, owners, payload, pieces, scale, word_scale

TEXT = "Marta hit the post with her bicycle, and Jonas, who saw it, laughed until the dog bit him. It was 3 May 1994."
ANY = st.text(st.characters(exclude_categories=("Cs",)), max_size=60)


@pytest.fixture(scope="module")
def built(fakes):
    builder = Builder(TEXT, ["fake-a@4", "fake-b@16", "fake-words@2"])
    for event in stream(TEXT, ["fake-a@4", "fake-b@16", "fake-words@2"], registry=fakes):
        builder.apply(event)
    return builder


def show(builder, **changes):
    settings = {"run": 1, "status": "done", "progress": 1.0} | changes
    return payload(builder.text, builder.columns, **settings)


def joined(row, kinds):
    return "".join(gap + word for kind, _, gap, word, *_ in row if kind in kinds)


@settings(deadline=None, max_examples=100)
@given(ANY, ANY)
def test_marks_hold_both_texts(source, reconstruction):
    row = marks(source, reconstruction, align(source, reconstruction), pending=False)
    assert joined(row, "=~+").split() == reconstruction.split()
    left = [w.text for w in words(source)]
    assert [(i, was or word) for kind, i, _, word, was, _ in row if kind in "=~-"] == list(enumerate(left))


def test_what_is_not_decoded_yet_is_not_called_dropped():
    source, so_far = "one two three four five", "one two"
    kinds = [m[0] for m in marks(source, so_far, align(source, so_far), pending=True)]
    assert kinds == ["=", "=", "?", "?", "?"]
    assert [m[0] for m in marks(source, so_far, align(source, so_far), pending=False)] == ["=", "=", "-", "-", "-"]


def test_a_substitution_names_both_words():
    source, told = "He was born in France.", "He was born in Germany."
    row = marks(source, told, align(source, told), pending=False)
    assert row[4] == ["~", 4, " ", "Germany", "France", None]
    assert counts(align(source, told)) == {"words": 6, "kept": 5, "substituted": 1, "dropped": 0, "added": 0}


@pytest.mark.parametrize(
    ("was", "now", "expected"),
    [
        ("1879", "1878", [[False, "187"], [True, "8"]]),
        ("KX62", "KX627", [[False, "KX62"], [True, "7"]]),
        ("colour", "color", [[False, "colo"], [False, "r"]]),
        ("France", "Germany", None),
        ("a", "b", None),
    ],
)
def test_a_near_miss_shows_its_letters(was, now, expected):
    assert letters(was, now) == expected


def test_kept_words_are_told_from_dropped_ones_by_their_spans():
    text = "red green blue"
    row, count = kept_marks(text, words(text), [(4, 9)])
    assert [m[0] for m in row] == ["-", "=", "-"] and count["kept"] == 1 and count["dropped"] == 2


@given(ANY)
def test_pieces_put_the_text_together(text):
    found = words(text)
    tail = text[found[-1].end :] if found else text
    assert "".join(gap + word for gap, word in pieces(text, found)) + tail == text


def token(start, end, entropy=0.0, surprisal=0.0, prior=None):
    shown = (Alternative(text="x", probability=1.0),)
    return TraceToken(
        text="x", start=start, end=end, entropy=entropy, surprisal=surprisal, rank=1, prior_surprisal=prior, alternatives=shown
    )


def test_tokens_belong_to_the_word_of_their_last_character():
    found = words("buzz bee!")
    assert owners(found, [token(0, 2), token(2, 4), token(4, 7), token(7, 8), token(8, 9)]) == [0, 0, 1, 1, 2]


def test_one_scale_for_all_columns_in_bits():
    few = [token(i, i + 1, entropy=2 * math.log(2), surprisal=8 * math.log(2), prior=3 * math.log(2)) for i in range(3)]
    assert scale([few, [token(0, 1)]]) == {"entropy": 2.0, "surprisal": 8.0, "gain": 5.0}
    assert scale([]) == {"entropy": 1.0, "surprisal": 1.0, "gain": 1.0}


def test_words_have_a_scale_of_their_own():
    rows = [{"entropy": [0.5, None], "surprisal": [12.0, 3.0], "gain": [-20.0, None]}]
    assert word_scale(rows) == {"entropy": 1.0, "surprisal": 12.0, "gain": 20.0}


def test_the_payload_is_json_and_tokens_are_written_once(built):
    made = show(built)
    assert json.loads(json.dumps(made)) == made
    assert len(made["tokenisations"]) == 1 and [c["heat"] and c["heat"]["tokens"] for c in made["columns"]] == [0, 0, None]
    assert "".join(t[2] for t in made["tokenisations"][0]) == TEXT
    assert len(made["priors"]) == 1 and [c["heat"] and c["heat"]["prior"] for c in made["columns"]] == [0, 0, None]
    guess = built.columns[0]["trace"].tokens[5].prior_surprisal
    assert made["priors"][0]["surprisal"][5] == pytest.approx(guess / math.log(2), abs=1e-3)
    first = built.columns[0]["trace"].tokens[5]
    assert made["columns"][0]["heat"]["surprisal"][5] == pytest.approx(first.surprisal / math.log(2), abs=1e-3)
    assert made["columns"][0]["heat"]["gain"][5] == pytest.approx(first.gain / math.log(2), abs=1e-3)


def test_badges_are_those_of_the_inspection(built):
    badges = show(built)["columns"][0]["badges"]
    inspection = built.comparison().inspections[0]
    assert badges["vectors"] == inspection.memory.vectors and badges["width"] == 64 and badges["ratio_requested"] == 4
    assert badges["bleu"] == round(inspection.scores.bleu, 1)
    assert badges["entropy"] == round(inspection.trace.mean_entropy / math.log(2), 3)
    assert badges["rows"] == inspection.spectrum.rows and badges["bits_memory"] == inspection.bits.memory


def test_words_have_no_spectrum_and_say_why(built):
    words_column = show(built)["columns"][2]
    assert words_column["spectrum"] is None and words_column["heat"] is None
    assert {"spectrum", "trace"} <= words_column["notes"].keys()


def test_a_column_can_be_shown_from_its_first_moment():
    waiting = Builder("a b", ["x"]).columns[0]
    view = column("a b", words("a b"), waiting)
    assert view["status"] == "waiting" and view["marks"] == [] and view["badges"]["bleu"] is None
    early = column("a b", words("a b"), waiting | {"status": "decoding", "reconstruction": Text(text="a")})
    assert [m[0] for m in early["marks"]] == ["=", "?"]


def test_four_columns_of_512_tokens_stay_under_a_megabyte(fakes):
    text = (TEXT + " ") * 20
    names = ["fake-a@4", "fake-b@4", "fake-a@16", "fake-b@16"]
    builder = Builder(text, names)
    for event in stream(text, names, registry=fakes):
        builder.apply(event)
    made = show(builder)
    assert len(made["tokenisations"][0]) >= 512
    assert len(json.dumps(made, ensure_ascii=False)) < 1_000_000
