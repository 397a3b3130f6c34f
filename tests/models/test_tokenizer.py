"""The tokenizer: lossless on any Unicode text, spans that cover whole characters."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.pocket.tokenizer import SIZE, bundled, byte_alphabet

TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=80)


@settings(deadline=None, max_examples=150)
@given(TEXTS)
def test_text_survives_and_spans_cover_it_in_order(text):
    tokens = bundled().encode(text)
    assert bundled().decode(tokens.ids) == text
    assert len(tokens.ids) == len(tokens.spans)
    assert all(0 <= start < end <= len(text) for start, end in tokens.spans)
    assert [start for start, _ in tokens.spans] == sorted(start for start, _ in tokens.spans)
    assert {i for start, end in tokens.spans for i in range(start, end)} == set(range(len(text)))


def test_a_token_inside_a_character_carries_the_whole_character():
    tokens = bundled().encode("a🜚b")  # an alchemical sign that needs several byte tokens
    inside = [span for span in tokens.spans if span == (1, 2)]
    assert len(inside) >= 2


def test_no_text_can_inject_a_special_token():
    for text in ("<|endoftext|>", "<s>", "<unk>", "<pad>"):
        assert len(bundled().ids(text)) > 1
        assert bundled().decode(bundled().ids(text)) == text


def test_ids_stay_below_the_begin_token():
    assert max(bundled().ids("".join(byte_alphabet().values()))) < SIZE


@pytest.mark.parametrize("ids", [[0xFF], [SIZE], []])
def test_any_ids_give_some_text(ids):
    assert isinstance(bundled().decode(ids), str)
