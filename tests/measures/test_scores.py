"""Overlap measures against cases by hand and the definitions written out here."""

import math
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.measures.scores import corpus_scores, scores

SOURCE = "the cat sat on the mat by the door"
RECONSTRUCTION = "the cat sat by a mat at the door"
PAIRS = [
    (SOURCE, RECONSTRUCTION),
    ("The blue-banded bee uses buzz pollination, 1,000 times a day.", "The honey bee uses buzz pollination 100 times a day!"),
    ("Marta hit the post & Jonas laughed.", "Jonas hit the post."),
    ("one two three", "four five six seven"),
    ("안녕하세요 세계 여러분", "안녕 세계 여러분 모두"),
    ("short", "a much longer text than the source had been, by far"),
]
WORDS = st.lists(st.sampled_from("the cat sat on a mat by door".split()), max_size=12)


def ngrams(items, n):
    return Counter(tuple(items[i : i + n]) for i in range(len(items) - n + 1))


def bleu(source, reconstruction):
    """Sentence BLEU of two lists of words: geometric mean of the precisions that exist, zeros smoothed as 1/2, 1/4, …"""
    precisions, halves = [], 1
    for n in range(1, 5):
        have = ngrams(reconstruction, n)
        if not have:
            break
        shared = (have & ngrams(source, n)).total()
        halves *= 1 if shared else 2
        precisions.append((shared or 1 / halves) / have.total())
    if not precisions or not Counter(source) & Counter(reconstruction):
        return 0.0
    brevity = min(1.0, math.exp(1 - len(source) / len(reconstruction)))
    return 100 * brevity * math.prod(precisions) ** (1 / len(precisions))


def chrf(source, reconstruction):
    """chrF2: mean precision and recall of character 1- to 6-grams that either side can have, F with β = 2."""
    a, b = ("".join(text.split()) for text in (source, reconstruction))
    precisions, recalls = [], []
    for n in range(1, 7):
        x, y = ngrams(a, n), ngrams(b, n)
        if x and y:
            shared = (x & y).total()
            precisions.append(shared / y.total())
            recalls.append(shared / x.total())
    if not precisions or not sum(precisions):
        return 0.0
    p, r = sum(precisions) / len(precisions), sum(recalls) / len(recalls)
    return 100 * 5 * p * r / (4 * p + r)


def lcs(a, b):
    """Length of the longest common subsequence, by trying every choice."""
    if not a or not b:
        return 0
    if a[-1] == b[-1]:
        return 1 + lcs(a[:-1], b[:-1])
    return max(lcs(a[:-1], b), lcs(a, b[:-1]))


def test_bleu_by_hand():
    # the cat sat by a mat at the door: 7 of 9 words (the ×2, cat, sat, by, mat, door), 3 of 8 pairs (the cat, cat sat,
    # the door), 1 of 7 triples (the cat sat), none of 6 fours, smoothed to 1/2; as long as the source, so no penalty.
    expected = 100 * (7 / 9 * 3 / 8 * 1 / 7 * (1 / 2) / 6) ** 0.25
    assert (
        scores(SOURCE, RECONSTRUCTION).bleu
        == pytest.approx(expected)
        == pytest.approx(bleu(SOURCE.split(), RECONSTRUCTION.split()))
    )


def test_bleu_charges_what_is_too_short():
    assert scores("a b c d e f g h", "a b c d").bleu == pytest.approx(100 * math.exp(-1))


@settings(deadline=None, max_examples=80)
@given(WORDS, WORDS)
def test_bleu_is_its_formula(source, reconstruction):
    assert scores(" ".join(source), " ".join(reconstruction)).bleu == pytest.approx(bleu(source, reconstruction), abs=1e-9)


def test_bleu_takes_words_and_signs_apart_and_minds_case():
    assert scores("Stop, now.", "Stop , now .").bleu == pytest.approx(100)
    assert scores("Stop now", "stop Now").bleu == 0


def test_chrf_by_hand():
    # abcd / abce: 3 of 4 letters, 2 of 3 pairs, 1 of 2 triples, 0 of 1 four; precision = recall = their mean.
    assert scores("abcd", "abce").chrf == pytest.approx(100 * (3 / 4 + 2 / 3 + 1 / 2 + 0) / 4)


@pytest.mark.parametrize(("source", "reconstruction"), PAIRS)
def test_chrf_is_its_definition(source, reconstruction):
    assert scores(source, reconstruction).chrf == pytest.approx(chrf(source, reconstruction), abs=1e-9)


def test_rouge_by_hand():
    made = scores("The cat sat on the mat.", "the CAT on a mat")
    assert made.rouge_1 == pytest.approx(100 * 2 * 4 / (6 + 5))  # the, cat, on, mat
    assert made.rouge_2 == pytest.approx(100 * 2 * 1 / (5 + 4))  # the cat
    assert made.rouge_l == pytest.approx(100 * 2 * 4 / (6 + 5))  # the cat on mat


def test_rouge_l_minds_order_and_rouge_1_does_not():
    made = scores("alice hit bob", "bob hit alice")
    assert made.rouge_1 == 100 and made.rouge_2 == 0 and made.rouge_l == pytest.approx(100 / 3)


def test_rouge_knows_other_scripts_and_drops_signs():
    assert scores("안녕하세요, 세계!", "세계 안녕하세요").rouge_1 == 100
    assert scores("snake_case(x)", "snake case x").rouge_l == 100


@settings(deadline=None, max_examples=80)
@given(WORDS.map(lambda w: w[:7]), WORDS.map(lambda w: w[:7]))
def test_rouge_is_its_definition(source, reconstruction):
    made = scores(" ".join(source), " ".join(reconstruction))
    total = len(source) + len(reconstruction)
    for n, value in ((1, made.rouge_1), (2, made.rouge_2)):
        a, b = ngrams(source, n), ngrams(reconstruction, n)
        possible = a.total() + b.total()
        assert value == pytest.approx(200 * (a & b).total() / possible if possible else 100 * (source == reconstruction))
    assert made.rouge_l == pytest.approx(200 * lcs(source, reconstruction) / total if total else 100)


def test_texts_without_the_n_grams_a_measure_counts_are_alike_only_if_equal():
    assert scores("cat", "dog").rouge_2 == 0 and scores("cat", "cat").rouge_2 == 100
    assert scores("!!!", "???").rouge_1 == 0 and scores("!!!", "!!!").rouge_l == 100


@pytest.mark.parametrize(
    ("a", "b", "share"),
    [("abcd", "abxd", 0.5), ("abcd", "xbcd", 0), ("abcd", "abcdef", 1), ("🐝🐝ab", "🐝🐝🐝", 0.5), ("ab", "", 0)],
)
def test_exact_prefix(a, b, share):
    assert scores(a, b).exact_prefix == share


@pytest.mark.parametrize(
    ("source", "made", "share"),
    [([1, 2, 3, 4], [1, 9, 3, 4], 0.75), ([1, 2, 3, 4], [2, 3, 4], 0), ([1, 2], [1, 2, 3], 1), ([1, 2], [], 0)],
)
def test_token_accuracy_is_in_place(source, made, share):
    assert scores("a b", "a b", source, made).token_accuracy == share


def test_no_token_accuracy_without_ids():
    assert scores("a", "a").token_accuracy is None and scores("a", "a", [1]).token_accuracy is None


@pytest.mark.parametrize(
    ("a", "b", "similarity"),
    [("kitten", "sitting", 1 - 3 / 7), ("flaw", "lawn", 0.5), ("🐝a", "a", 0.5), ("a", "", 0), ("a", "a", 1)],
)
def test_edit_similarity(a, b, similarity):
    assert scores(a, b).edit_similarity == pytest.approx(similarity)


@settings(deadline=None, max_examples=80)
@given(st.text(min_size=1, max_size=40), st.text(max_size=40))
def test_any_text_scores_within_bounds_and_itself_perfectly(source, reconstruction):
    made = scores(source, reconstruction)
    for name in ("bleu", "chrf", "rouge_1", "rouge_2", "rouge_l"):
        assert 0 <= getattr(made, name) <= 100
    assert 0 <= made.exact_prefix <= 1 and 0 <= made.edit_similarity <= 1
    same = scores(source, source, [1], [1])
    assert (same.rouge_1, same.rouge_2, same.rouge_l) == (100, 100, 100)
    assert (same.exact_prefix, same.edit_similarity, same.token_accuracy) == (1, 1, 1)
    if source.split() and source.isalnum():
        assert same.bleu == pytest.approx(100) == pytest.approx(same.chrf)


@pytest.mark.parametrize("reconstruction", ["", " ", "\x00"])
def test_a_reconstruction_of_nothing_scores_nothing(reconstruction):
    made = scores(SOURCE, reconstruction)
    assert (made.bleu, made.chrf, made.rouge_1, made.rouge_2, made.rouge_l, made.exact_prefix) == (0, 0, 0, 0, 0, 0)


def test_a_hundred_thousand_characters_have_scores():
    text = "Seventeen lamps stood 3.5 m apart, and one burned. " * 2000
    made = scores(text, text[::-1])
    assert made.edit_similarity < 0.5 and made.exact_prefix == 0 and scores(text, text).rouge_l == 100


def test_corpus_bleu_counts_n_grams_over_all_texts():
    # Together: 7 of 8 words, 5 of 6 pairs, 3 of 4 triples, 2 of 2 … of "a b c d", "e f g x" against "a b c d", "e f g h".
    made = corpus_scores(["a b c d", "e f g h"], ["a b c d", "e f g x"])
    assert made["corpus_bleu"] == pytest.approx(100 * (7 / 8 * 5 / 6 * 3 / 4 * 1 / 2) ** 0.25)
    own = [scores("a b c d", "a b c d").bleu, scores("e f g h", "e f g x").bleu]
    assert made["mean_bleu"] == pytest.approx(sum(own) / 2) and own[1] == pytest.approx(bleu("efgh", "efgx"))


@pytest.mark.parametrize(("sources", "made"), [([], []), (["a"], [])])
def test_a_corpus_needs_pairs(sources, made):
    with pytest.raises(ValueError, match="a source for each reconstruction is needed"):
        corpus_scores(sources, made)


def test_no_text_stays_behind_in_the_caches_of_sacrebleu():
    from sacrebleu.tokenizers.tokenizer_13a import Tokenizer13a, TokenizerRegexp

    scores("a secret", "another secret")
    corpus_scores(["a secret"], ["another secret"])
    assert Tokenizer13a.__call__.cache_info().currsize == TokenizerRegexp.__call__.cache_info().currsize == 0
