"""Words and their alignment: cases by hand, and what must hold of any text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.measures.alignment import align, character_edits, words

TEXT = st.text(max_size=80)
# Few distinct words, so that alignments are full of repetition and moved pieces.
BABBLE = st.lists(st.sampled_from(["a", "an", "ant", "The", "the", "the,", "3.5", "don't", "漢字", "\u05d0"]), max_size=25).map(
    " ".join
)
PAIRS = st.one_of(st.tuples(TEXT, TEXT), st.tuples(BABBLE, BABBLE))


def listed(text):
    return [w.text for w in words(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The cat sat.", ["The", "cat", "sat", "."]),
        ("don't rock’n’roll well-known", ["don't", "rock’n’roll", "well-known"]),
        ("'quoted' -5 dogs'", ["'", "quoted", "'", "-", "5", "dogs", "'"]),
        ("3.5 1,000.50 6:45. 1990s 3rd x²", ["3.5", "1,000.50", "6:45", ".", "1990s", "3rd", "x²"]),
        ("one.two,three", ["one", ".", "two", ",", "three"]),
        ("snake_case a--b", ["snake", "_", "case", "a", "-", "-", "b"]),
        ("안녕하세요 세계!", ["안녕하세요", "세계", "!"]),
        ("漢字とカナ。abc漢", ["漢", "字", "と", "カ", "ナ", "。", "abc", "漢"]),
        ("ภาษา", ["ภ", "า", "ษ", "า"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("e\u0301te\u0301 שָׁלוֹם", ["e\u0301te\u0301", "שָׁלוֹם"]),
        ("👩\u200d👩\u200d👧 👍🏽🐝 🇰🇷🇩🇪 ❤\ufe0f", ["👩\u200d👩\u200d👧", "👍🏽", "🐝", "🇰🇷", "🇩🇪", "❤\ufe0f"]),
        ("<b>${x}`\\", ["<", "b", ">", "$", "{", "x", "}", "`", "\\"]),
        ("a\u3000b\x00\tc\u00a0d", ["a", "b", "\x00", "c", "d"]),
        ("", []),
        (" \n\t\u2003", []),
    ],
)
def test_words(text, expected):
    assert listed(text) == expected


@settings(deadline=None, max_examples=300)
@given(TEXT)
def test_spans_slice_back_and_only_white_space_lies_between(text):
    rebuilt, at = "", 0
    for word in words(text):
        assert at <= word.start < word.end and text[word.start : word.end] == word.text
        assert not text[at : word.start].strip() and not any(c.isspace() for c in word.text)
        rebuilt += text[at : word.start] + word.text
        at = word.end
    assert not text[at:].strip() and rebuilt + text[at:] == text


@pytest.mark.parametrize(
    ("source", "reconstruction", "expected"),
    [
        ("Alice hit Bob", "Bob hit Alice", "~Alice>Bob =hit>hit ~Bob>Alice"),
        ("the white strawberry", "the red strawberry", "=the>the ~white>red =strawberry>strawberry"),
        ("The cat.", "the cat!", "~The>the =cat>cat ~.>!"),
        ("a b c", "a c", "=a>a -b> =c>c"),
        ("a c", "a b c", "=a>a +>b =c>c"),
        ("", "a b", "+>a,b"),
        ("a b", "", "-a,b>"),
        ("", " ", ""),
        # In a stretch of unequal length the alike words pair up, wherever they stand.
        ("x quick brown foxes y", "x fox y", "=x>x -quick,brown> ~foxes>fox =y>y"),
        ("x Brenner y", "x old mister Brennan y", "=x>x +>old,mister ~Brenner>Brennan =y>y"),
        ("x 1911 y", "x 1912 or so y", "=x>x ~1911>1912 +>or,so =y>y"),
        # Of two alignments with as few edits the one that keeps more words.
        ("an a", "ant an", "+>ant =an>an -a>"),
        ("ant an", "an a", "-ant> =an>an +>a"),
    ],
)
def test_alignments_by_hand(source, reconstruction, expected):
    made, signs = align(source, reconstruction), {"equal": "=", "replace": "~", "delete": "-", "insert": "+"}
    shown = []
    for edit in made.edits:
        old, new = made.source[slice(*edit.source)], made.reconstruction[slice(*edit.reconstruction)]
        shown.append(signs[edit.op] + ",".join(w.text for w in old) + ">" + ",".join(w.text for w in new))
    assert " ".join(shown) == expected


def distance(a, b):
    """Levenshtein distance of two lists, by the textbook table."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        above, row = row, [i]
        for j, y in enumerate(b, 1):
            row.append(min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (x != y)))
    return row[-1]


def check(made):
    """Everything that holds of any alignment."""
    i = j = 0
    for edit in made.edits:
        (i0, i1), (j0, j1) = edit.source, edit.reconstruction
        assert (i0, j0) == (i, j)
        n, m = i1 - i0, j1 - j0
        assert {"equal": n == m > 0, "replace": n == m == 1, "delete": n > 0 == m, "insert": m > 0 == n}[edit.op]
        same = [w.text for w in made.source[i0:i1]] == [w.text for w in made.reconstruction[j0:j1]]
        assert same == (edit.op == "equal")
        i, j = i1, j1
    assert (i, j) == (len(made.source), len(made.reconstruction))


@settings(deadline=None, max_examples=300)
@given(PAIRS)
def test_edits_cover_both_sides_once_in_order_and_are_as_few_as_can_be(pair):
    made = align(*pair)
    check(made)
    assert made.source == words(pair[0]) and made.reconstruction == words(pair[1])
    changes = sum(made.count(op) for op in ("replace", "delete", "insert"))
    assert changes == distance(listed(pair[0]), listed(pair[1]))
    assert made.count("equal") + made.count("replace") + made.count("delete") == len(made.source)


@settings(deadline=None, max_examples=200)
@given(PAIRS)
def test_swapped_roles_mirror_what_was_dropped_and_added(pair):
    there, back = align(*pair), align(*reversed(pair))
    assert [there.count(op) for op in ("equal", "replace", "delete", "insert")] == [
        back.count(op) for op in ("equal", "replace", "insert", "delete")
    ]


@settings(deadline=None, max_examples=100)
@given(TEXT)
def test_the_same_text_is_only_kept(text):
    assert [e.op for e in align(text, text).edits] == (["equal"] if words(text) else [])


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=30), st.text(max_size=30))
def test_character_edits_turn_one_word_into_the_other(a, b):
    made, at = "", 0
    for edit in character_edits(a, b):
        (i0, i1), (j0, j1) = edit.source, edit.reconstruction
        assert i0 == at and len(made) == j0
        assert (edit.op == "equal") == (a[i0:i1] == b[j0:j1])
        made += b[j0:j1]
        at = i1
    assert made == b and at == len(a)


def test_character_edits_by_hand():
    assert [(e.op, e.source, e.reconstruction) for e in character_edits("Brenner", "Brennan")] == [
        ("equal", (0, 5), (0, 5)),
        ("replace", (5, 7), (5, 7)),
    ]


def test_the_work_on_one_changed_stretch_is_bounded(monkeypatch):
    from inspector.measures import alignment

    asked = []
    real = alignment.Indel.normalized_similarity
    monkeypatch.setattr(alignment.Indel, "normalized_similarity", lambda a, b: asked.append(1) or real(a, b))
    check(align("old " * 4000, "new " * 3000))  # too large to be paired by likeness
    assert not asked
    stretches = 60
    check(
        align(
            "same " + "old " * 60 + ("same " + "old " * 60) * stretches,
            "same " + "new " * 30 + ("same " + "new " * 30) * stretches,
        )
    )
    assert 0 < len(asked) <= (stretches + 1) * alignment.PAIRING


@pytest.mark.parametrize(
    "pair",
    [("x" * 60_000, "y" * 60_000), ("!" * 6000, "?" * 6001), ("a\u0301" * 20_000, "\u0301" * 999), ("漢" * 6000, "字" * 999)],
)
def test_huge_texts_of_an_odd_kind_align(pair):
    check(align(*pair))
