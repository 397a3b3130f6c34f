"""Cues of negation and exception, and words that only look like them."""

from __future__ import annotations

import pytest

from inspector.divergence.cues import cues, negated
from tests.divergence import made, reading

CUES = [  # sentence, the cue, its kind, what it turns
    ("He did not pay the rent.", "not", "not", "pay"),
    ("He didn't pay the rent.", "n't", "not", "pay"),
    ("He never paid the rent.", "never", "not", "paid"),
    ("Nobody paid the rent.", "nobody", "not", "paid"),
    ("No child was hurt.", "no", "not", "child"),
    ("They left without a guide.", "without", "not", "guide"),
    ("She found nothing.", "nothing", "not", "found"),
    ("Neither plan worked.", "neither", "not", "plan"),
    ("He rarely eats meat.", "rarely", "hardly", "eats"),
    ("He hardly slept.", "hardly", "hardly", "slept"),
    ("Few people came.", "few", "hardly", "people"),
    ("They failed to win.", "failed", "verb", "win"),
    ("He refused to leave.", "refused", "verb", "leave"),
    ("She avoided the question.", "avoided", "verb", "question"),
    ("There is a lack of water.", "lack", "noun", "water"),
    ("She is unable to walk.", "unable", "affix", "walk"),
    ("The mission was unsuccessful.", "unsuccessful", "affix", "unsuccessful"),
    ("The drug is harmless.", "harmless", "affix", "harmless"),
    ("It is illegal.", "illegal", "affix", "illegal"),
    ("Everyone left except Bob.", "except", "except", "bob"),
    ("Only Bob left.", "only", "except", None),
    ("Everyone left unless it rained.", "unless", "except", None),
]

NO_CUES = [
    "Bob likes beans.",
    "My uncle lives on an island.",
    "A few people came.",
    "The last few days were cold.",
    "He drank a little water.",
    "The little dog slept.",
    "She is not only smart but kind.",
    "Not only Bob left.",
    "No, he left.",
    "No. He left.",
    "The university is in India.",
    "The important industry improved.",
    "He is under the table.",
    "I understand the unit.",
    "The business is unique.",
    "She discovered the disease.",
    "They discussed the interest.",
    "He was well informed.",
    "The Irish king smiled.",
]


@pytest.mark.parametrize(("text", "word", "kind", "turned"), CUES)
def test_cue(text: str, word: str, kind: str, turned: str | None) -> None:
    r = reading(text)
    found = cues(r)
    assert [(r.lower[c.token], c.kind) for c in found] == [(word, kind)]
    assert turned is None or r.lower[found[0].scope] == turned


@pytest.mark.parametrize("text", NO_CUES)
def test_no_cue(text: str) -> None:
    r = reading(text)
    assert [r.lower[c.token] for c in cues(r)] == []


def test_two_in_one_sentence() -> None:
    r = reading("He never left without a coat.")
    assert [r.lower[c.token] for c in cues(r)] == ["never", "without"]


def test_each_word_is_one_cue_at_most() -> None:
    r = reading("Nobody is unable to do nothing, except Bob, who never fails.")
    at = [c.token for c in cues(r)]
    assert at == sorted(set(at)) and len(at) >= 4


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (("He PRON PRP 3 nsubj", "not PART RB 3 advmod", "slept VERB VBD 0 root"), "slept"),
        (("Nothing PRON NN 2 nsubj", "happened VERB VBD 0 root"), "happened"),
        (("not PART RB 0 root", "here ADV RB 1 advmod"), "here"),  # a tree gone wrong: the word behind it
        (("not PART RB 0 root",), "not"),
    ],
)
def test_scope_on_trees(rows: tuple[str, ...], expected: str) -> None:
    r = made(*rows)
    (cue,) = cues(r)
    assert r.lower[cue.scope] == expected


STEMS = [
    ("unhappy", "ADJ", "happy"),
    ("irregular", "ADJ", "regular"),
    ("impossible", "ADJ", "possible"),
    ("illegal", "ADJ", "legal"),
    ("invisible", "ADJ", "visible"),
    ("dishonest", "ADJ", "honest"),
    ("unaware", "ADJ", "aware"),
    ("unfinished", "ADJ", "finished"),
    ("unpublished", "VERB", "published"),
    ("untied", "VERB", "tied"),
    ("nonviolent", "ADJ", "violent"),
    ("non-violent", "ADJ", "violent"),
    ("harmless", "ADJ", "harm"),
    ("homeless", "ADJ", "home"),
    ("carelessly", "ADV", "care"),
    ("unsuccessfully", "ADV", "successful"),
    ("disadvantage", "NOUN", "advantage"),
]


@pytest.mark.parametrize(("word", "pos", "stem"), STEMS)
def test_negated(word: str, pos: str, stem: str) -> None:
    assert negated(word, pos) == stem


FALSE_FRIENDS = {
    "NOUN": "uncle island interest uniform disease discount discovery unions institution illness illustration irrigation region "
    "undergraduate business",
    "ADJ": "important unanimous universal distant industrial influential ironic immense imaginary intact inland innocent "
    "intensive inner innovative impressive distinctive invaluable inflammable informed impressed "
    "informative incoming inbound inborn inlaid impending indifferent inheritable",
    "ADV": "under unless indeed indoors nevertheless",
    "VERB": "discuss bless impress discovered imported intended included improved displayed disputed distributed disposed "
    "understood inspired invested involved indicated",
}


@pytest.mark.parametrize(("pos", "word"), [(pos, word) for pos, words in FALSE_FRIENDS.items() for word in words.split()])
def test_false_friends(pos: str, word: str) -> None:
    assert negated(word, pos) is None


@pytest.mark.parametrize(
    ("word", "pos"), [("unhappy", "PROPN"), ("unhappy", "PRON"), ("less", "ADJ"), ("un", "ADJ"), ("", "ADJ")]
)
def test_nothing_to_negate(word: str, pos: str) -> None:
    assert negated(word, pos) is None
