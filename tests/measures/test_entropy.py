"""Traces against numpy's float64, torch.distributions and full sorts."""

import json
import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.inspection import Trace, TraceToken
from inspector.measures.alignment import Word
from inspector.measures.entropy import bits, mean_entropy, trace_tokens, word_values


def traced(logits, prior=None, targets=None, top=3):
    targets = list(range(len(logits))) if targets is None else targets
    spans = [(i, i + 1) for i in range(len(logits))]
    return trace_tokens(logits, prior, targets, ["t"] * len(logits), spans, top, lambda i: f"<{i}>")


def noise(n, vocabulary, seed=0, scale=4.0):
    return scale * torch.randn(n, vocabulary, generator=torch.Generator().manual_seed(seed))


def probabilities(logits):
    x = logits.double().numpy()
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def test_a_row_worked_by_hand():
    (token,) = traced(torch.tensor([[0.5, 0.25, 0.125, 0.125]]).log(), targets=[2], top=4)
    assert bits(token.entropy) == pytest.approx(1.75) and bits(token.surprisal) == pytest.approx(3)
    assert token.rank == 3 and token.prior_entropy is None and token.prior_alternatives == () and token.gain is None
    assert [a.text for a in token.alternatives] == ["<0>", "<1>", "<2>", "<3>"]
    assert [a.probability for a in token.alternatives] == pytest.approx([0.5, 0.25, 0.125, 0.125])


def test_entropy_and_surprisal_are_those_of_float64():
    logits, targets = noise(40, 800), list(range(3, 43))
    p = probabilities(logits)
    tokens = traced(logits, targets=targets)
    assert [t.entropy for t in tokens] == pytest.approx((-(p * np.log(p)).sum(-1)).tolist(), rel=1e-5)
    assert [t.surprisal for t in tokens] == pytest.approx((-np.log(p[range(40), targets])).tolist(), rel=1e-5)
    assert [t.entropy for t in tokens] == pytest.approx(
        torch.distributions.Categorical(logits=logits).entropy().tolist(), rel=1e-4
    )


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_other_number_types_are_read_as_they_are(dtype):
    logits = noise(5, 50).to(dtype)
    assert [t.entropy for t in traced(logits)] == pytest.approx([t.entropy for t in traced(logits.float())])


def test_rank_and_alternatives_are_those_of_a_full_sort():
    logits = noise(30, 200).round()  # many ties
    for row, token in zip(logits, traced(logits, top=7), strict=True):
        target = logits.tolist().index(row.tolist())
        assert token.rank == 1 + sum(v > row[target] for v in row)
        order = sorted(range(200), key=lambda i: (-float(row[i]), i))[:7]
        assert [a.text for a in token.alternatives] == [f"<{i}>" for i in order]
        assert [a.probability for a in token.alternatives] == pytest.approx(row.softmax(-1)[order].tolist())


def test_ties_go_by_id_where_everything_is_tied():
    (token,) = traced(torch.zeros(1, 500), targets=[499], top=4)
    assert [a.text for a in token.alternatives] == ["<0>", "<1>", "<2>", "<3>"] and token.rank == 1
    assert token.entropy == pytest.approx(math.log(500)) == pytest.approx(token.surprisal)


@pytest.mark.parametrize(("top", "shown"), [(0, 0), (1, 1), (6, 6), (50, 6)])
def test_as_many_alternatives_as_there_are(top, shown):
    assert [len(t.alternatives) for t in traced(noise(3, 6), top=top)] == [shown] * 3


def test_the_prior_is_the_same_reading_of_other_logits():
    logits, prior = noise(6, 40), noise(6, 40, seed=1)
    for both, alone, guess in zip(traced(logits, prior), traced(logits), traced(prior), strict=True):
        assert (both.entropy, both.surprisal, both.rank, both.alternatives) == (
            alone.entropy,
            alone.surprisal,
            alone.rank,
            alone.alternatives,
        )
        assert (both.prior_entropy, both.prior_surprisal, both.prior_alternatives) == (
            guess.entropy,
            guess.surprisal,
            guess.alternatives,
        )
        assert both.gain == guess.surprisal - alone.surprisal


def test_what_is_certain_or_ruled_out_stays_finite_and_holds_to_the_contract():
    sure = torch.full((3, 9), -1e6)
    sure[:, 0] = 1e6
    sure[2] = float("-inf")
    sure[2, 4] = 0.0
    tokens = traced(sure, sure, targets=[0, 5, 5])
    assert tokens[0].entropy == tokens[0].surprisal == 0 and tokens[0].rank == 1
    assert all(t.entropy >= 0 and math.isfinite(t.entropy) and math.isfinite(t.surprisal) for t in tokens)
    assert tokens[1].surprisal > 100 and tokens[2].surprisal > 100 and tokens[2].rank == 2
    trace = Trace(mean_entropy=mean_entropy(tokens), tokens=tuple(tokens))
    again = Trace.model_validate_json(trace.model_dump_json())
    assert again == trace and "NaN" not in json.dumps(again.model_dump(), allow_nan=False)


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_logits_that_are_no_numbers_are_refused(bad):
    logits = torch.zeros(2, 5)
    logits[1, 3] = bad
    with pytest.raises(ValueError, match="logits that are not numbers"):
        traced(logits)


def test_every_row_needs_its_text_and_span():
    with pytest.raises(ValueError):
        trace_tokens(torch.zeros(2, 5), None, [0, 1], ["a"], [(0, 1)], 2, str)


def test_each_distinct_alternative_is_named_once_a_reading():
    asked = []
    logits = noise(64, 30)
    trace_tokens(logits, None, [0] * 64, ["t"] * 64, [(0, 1)] * 64, 5, lambda i: asked.append(i) or str(i))
    assert len(asked) == len(set(asked)) <= 30


def token(start, end, entropy=1.0, surprisal=2.0, prior=None):
    return TraceToken(text="", start=start, end=end, entropy=entropy, surprisal=surprisal, rank=1, prior_surprisal=prior)


def test_mean_entropy():
    assert mean_entropy([token(0, 1, 1.0), token(1, 2, 2.0), token(2, 3, 6.0)]) == 3.0


def test_words_take_the_sums_and_means_of_their_tokens():
    #          ab cd,e    tokens: "ab" " c" "d" ",e" " "
    tokens = [token(0, 2, 1, 4, 5), token(2, 4, 2, 1, 3), token(4, 5, 4, 2, 2), token(5, 7, 3, 8, 9), token(7, 8, 99, 99, 99)]
    words = [Word("ab", 0, 2), Word("cd", 3, 5), Word(",", 5, 6), Word("e", 6, 7)]
    assert word_values(tokens, words) == [
        {"entropy": 1, "surprisal": 4, "gain": 1},
        {"entropy": 3, "surprisal": 3, "gain": 2},
        {"entropy": 3, "surprisal": 4, "gain": 0.5},  # a token over two words gives each a half
        {"entropy": 3, "surprisal": 4, "gain": 0.5},
    ]


def test_a_word_no_token_touches_has_no_values_and_without_a_prior_there_is_no_gain():
    values = word_values([token(0, 1)], [Word("a", 0, 1), Word("b", 2, 3)])
    assert values == [{"entropy": 1, "surprisal": 2, "gain": None}, {"entropy": None, "surprisal": None, "gain": None}]
    assert word_values([], []) == []


def test_tokens_inside_one_character_all_count_for_its_word():
    assert word_values([token(0, 1, 1, 1, 2)] * 4, [Word("🐝", 0, 1)]) == [{"entropy": 1, "surprisal": 4, "gain": 4}]


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(1, 4), max_size=20), st.lists(st.tuples(st.integers(0, 2), st.integers(1, 5)), max_size=15))
def test_sums_over_words_are_sums_over_the_tokens_that_touch_one(lengths, gaps):
    tokens, at = [], 0
    for i, length in enumerate(lengths):
        tokens.append(token(at, at + length, surprisal=float(i)))
        at += length
    words, at = [], 0
    for gap, length in gaps:
        words.append(Word("w" * length, at + gap, at + gap + length))
        at += gap + length
    touching = [t for t in tokens if any(w.start < t.end and t.start < w.end for w in words)]
    values = word_values(tokens, words)
    assert math.fsum(v["surprisal"] or 0 for v in values) == pytest.approx(sum(t.surprisal for t in touching))
    for word, value in zip(words, values, strict=True):
        assert (value["entropy"] is None) == (not any(word.start < t.end and t.start < word.end for t in tokens))
