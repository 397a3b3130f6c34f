"""ClearNLP trees, as pipelines trained on OntoNotes give them, turned into Universal Dependencies."""

from __future__ import annotations

import pytest

from inspector.divergence.tree import is_clearnlp, to_ud

Word = tuple[str, str, int, str]  # lemma, part of speech, head, label

PASSIVE: list[Word] = [  # Bob was hit by Alice
    ("bob", "PROPN", 2, "nsubjpass"),
    ("be", "AUX", 2, "auxpass"),
    ("hit", "VERB", 2, "ROOT"),
    ("by", "ADP", 2, "agent"),
    ("alice", "PROPN", 3, "pobj"),
]
PREPOSITION: list[Word] = [  # She sat on chairs of wood
    ("she", "PRON", 1, "nsubj"),
    ("sit", "VERB", 1, "ROOT"),
    ("on", "ADP", 1, "prep"),
    ("chair", "NOUN", 2, "pobj"),
    ("of", "ADP", 3, "prep"),
    ("wood", "NOUN", 4, "pobj"),
]
ADJECTIVE: list[Word] = [  # Bob is not tall
    ("bob", "PROPN", 1, "nsubj"),
    ("be", "AUX", 1, "ROOT"),
    ("not", "PART", 1, "neg"),
    ("tall", "ADJ", 1, "acomp"),
]
NOUN: list[Word] = [  # Bob says Ann is doctor
    ("bob", "PROPN", 1, "nsubj"),
    ("say", "VERB", 1, "ROOT"),
    ("ann", "PROPN", 3, "nsubj"),
    ("be", "AUX", 1, "ccomp"),
    ("doctor", "NOUN", 3, "attr"),
]
DATIVE: list[Word] = [  # Mary gave John books
    ("mary", "PROPN", 1, "nsubj"),
    ("give", "VERB", 1, "ROOT"),
    ("john", "PROPN", 1, "dative"),
    ("book", "NOUN", 1, "dobj"),
]
OTHERS: list[Word] = [  # dogs that bark ran off
    ("dog", "NOUN", 3, "nsubj"),
    ("that", "PRON", 2, "nsubj"),
    ("bark", "VERB", 0, "relcl"),
    ("run", "VERB", 3, "ROOT"),
    ("off", "ADP", 3, "prt"),
]
SEEMS: list[Word] = [("bob", "PROPN", 1, "nsubj"), ("seem", "VERB", 1, "ROOT"), ("tall", "ADJ", 1, "acomp")]


def turned(tree: list[Word]) -> list[tuple[int, str]]:
    lemmas, pos, heads, deps = (list(column) for column in zip(*tree, strict=True))
    before = list(heads), list(deps)
    new_heads, new_deps = to_ud(heads, deps, lemmas, pos)
    assert (heads, deps) == before  # the caller's lists stay as they are
    return list(zip(new_heads, new_deps, strict=True))


@pytest.mark.parametrize(
    ("tree", "expected"),
    [
        (PASSIVE, [(2, "nsubj:pass"), (2, "aux:pass"), (2, "ROOT"), (4, "case"), (2, "obl:agent")]),
        (PREPOSITION, [(1, "nsubj"), (1, "ROOT"), (3, "case"), (1, "obl"), (5, "case"), (3, "nmod")]),
        (ADJECTIVE, [(3, "nsubj"), (3, "cop"), (3, "advmod"), (3, "ROOT")]),
        (NOUN, [(1, "nsubj"), (1, "ROOT"), (4, "nsubj"), (4, "cop"), (1, "ccomp")]),
        (DATIVE, [(1, "nsubj"), (1, "ROOT"), (1, "iobj"), (1, "obj")]),
        (OTHERS, [(3, "nsubj"), (2, "nsubj"), (0, "acl:relcl"), (3, "ROOT"), (3, "compound:prt")]),
        (SEEMS, [(1, "nsubj"), (1, "ROOT"), (1, "xcomp")]),
        ([("yes", "INTJ", 0, "ROOT")], [(0, "ROOT")]),
    ],
    ids=["passive", "preposition", "adjective", "noun", "dative", "others", "seems", "one word"],
)
def test_to_ud(tree: list[Word], expected: list[tuple[int, str]]) -> None:
    assert turned(tree) == expected


@pytest.mark.parametrize("tree", [PASSIVE, PREPOSITION, ADJECTIVE, NOUN, DATIVE, OTHERS, SEEMS])
def test_it_stays_a_tree(tree: list[Word]) -> None:
    heads = [head for head, _ in turned(tree)]
    roots = [k for k, head in enumerate(heads) if head == k]
    assert len(roots) == 1
    for k in range(len(heads)):
        seen = set()
        while heads[k] != k:
            assert k not in seen
            seen.add(k)
            k = heads[k]
        assert k == roots[0]


@pytest.mark.parametrize(
    ("labels", "expected"), [(["nsubj", "dobj"], True), (["prep", "pobj"], True), (["nsubj", "obj", "obl"], False), ([], False)]
)
def test_is_clearnlp(labels: list[str], expected: bool) -> None:
    assert is_clearnlp(labels) is expected
