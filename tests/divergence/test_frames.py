"""Who does what to whom, whatever construction says it: on trees made by hand, then on short parsed sentences."""

from __future__ import annotations

import pytest

from inspector.divergence.frames import case_of, frames, passive
from inspector.divergence.reading import Reading
from tests.divergence import made, reading

Roles = dict[str, dict[str, list[str]]]


def roles(r: Reading) -> Roles:
    return {r.lower[v]: {k: [r.lower[i] for i in t] for k, t in f.roles.items() if t} for v, f in frames(r).items()}


MADE: dict[str, tuple[tuple[str, ...], Roles]] = {
    "active": (
        ("Alice PROPN NNP 2 nsubj", "hit VERB VBD 0 root", "Bob PROPN NNP 2 obj"),
        {"hit": {"A0": ["alice"], "A1": ["bob"]}},
    ),
    "passive": (
        (
            "Bob PROPN NNP 3 nsubj:pass",
            "was AUX VBD 3 aux:pass be",
            "hit VERB VBN 0 root",
            "by ADP IN 5 case",
            "Alice PROPN NNP 3 obl",
        ),
        {"hit": {"A0": ["alice"], "A1": ["bob"]}},
    ),
    "passive without an agent": (
        ("Bob PROPN NNP 3 nsubj:pass", "was AUX VBD 3 aux:pass be", "hit VERB VBN 0 root"),
        {"hit": {"A1": ["bob"]}},
    ),
    "passive by a subject label gone wrong": (
        ("Bob PROPN NNP 3 nsubj", "was AUX VBD 3 aux be", "hit VERB VBN 0 root"),
        {"hit": {"A1": ["bob"]}},
    ),
    "by a day": (
        (
            "Rent NOUN NN 3 nsubj:pass",
            "was AUX VBD 3 aux:pass be",
            "paid VERB VBN 0 root pay",
            "by ADP IN 5 case",
            "noon NOUN NN 3 obl",
        ),
        {"paid": {"A1": ["rent"]}},
    ),
    "by a named day": (
        (
            "Rent NOUN NN 3 nsubj:pass",
            "was AUX VBD 3 aux:pass be",
            "paid VERB VBN 0 root pay",
            "by ADP IN 5 case",
            "Tuesday PROPN NNP 3 obl",
        ),
        {"paid": {"A1": ["rent"]}},
    ),
    "perfect": (
        ("Bob PROPN NNP 3 nsubj", "has AUX VBZ 3 aux have", "hit VERB VBN 0 root", "Alice PROPN NNP 3 obj"),
        {"hit": {"A0": ["bob"], "A1": ["alice"]}},
    ),
    "two objects": (
        ("Mary PROPN NNP 2 nsubj", "gave VERB VBD 0 root give", "John PROPN NNP 2 iobj", "books NOUN NNS 2 obj book"),
        {"gave": {"A0": ["mary"], "A1": ["books"], "A2": ["john"]}},
    ),
    "to somebody": (
        (
            "Mary PROPN NNP 2 nsubj",
            "gave VERB VBD 0 root give",
            "books NOUN NNS 2 obj book",
            "to ADP IN 5 case",
            "John PROPN NNP 2 obl",
        ),
        {"gave": {"A0": ["mary"], "A1": ["books"], "A2": ["john"]}},
    ),
    "to a place": (
        ("Mary PROPN NNP 2 nsubj", "went VERB VBD 0 root go", "to ADP IN 4 case", "Rome PROPN NNP 2 obl"),
        {"went": {"A0": ["mary"]}},
    ),
    "given by somebody": (
        (
            "John PROPN NNP 3 nsubj:pass",
            "was AUX VBD 3 aux:pass be",
            "given VERB VBN 0 root give",
            "books NOUN NNS 3 obj book",
            "by ADP IN 6 case",
            "Mary PROPN NNP 3 obl",
        ),
        {"given": {"A0": ["mary"], "A1": ["books"], "A2": ["john"]}},
    ),
    "relative clause on the subject": (
        (
            "Dogs NOUN NNS 5 nsubj dog",
            "that PRON WDT 3 nsubj",
            "chased VERB VBD 1 acl:relcl chase",
            "cats NOUN NNS 3 obj cat",
            "slept VERB VBD 0 root sleep",
        ),
        {"chased": {"A0": ["dogs"], "A1": ["cats"]}, "slept": {"A0": ["dogs"]}},
    ),
    "relative clause on the object": (
        (
            "Cats NOUN NNS 5 nsubj cat",
            "that PRON WDT 4 obj",
            "dogs NOUN NNS 4 nsubj dog",
            "chased VERB VBD 1 acl:relcl chase",
            "slept VERB VBD 0 root sleep",
        ),
        {"chased": {"A0": ["dogs"], "A1": ["cats"]}, "slept": {"A0": ["cats"]}},
    ),
    "relative clause without a pronoun": (
        (
            "Cats NOUN NNS 4 nsubj cat",
            "dogs NOUN NNS 3 nsubj dog",
            "chased VERB VBD 1 acl:relcl chase",
            "slept VERB VBD 0 root sleep",
        ),
        {"chased": {"A0": ["dogs"], "A1": ["cats"]}, "slept": {"A0": ["cats"]}},
    ),
    "reduced relative clause": (
        (
            "Bridges NOUN NNS 5 nsubj bridge",
            "built VERB VBN 1 acl build",
            "by ADP IN 4 case",
            "Romans PROPN NNPS 2 obl",
            "stand VERB VBP 0 root",
        ),
        {"built": {"A0": ["romans"], "A1": ["bridges"]}, "stand": {"A0": ["bridges"]}},
    ),
    "participle": (
        ("Dogs NOUN NNS 4 nsubj dog", "chasing VERB VBG 1 acl chase", "cats NOUN NNS 2 obj cat", "slept VERB VBD 0 root sleep"),
        {"chasing": {"A0": ["dogs"], "A1": ["cats"]}, "slept": {"A0": ["dogs"]}},
    ),
    "cleft": (
        (
            "It PRON PRP 3 nsubj",
            "was AUX VBD 3 cop be",
            "Alice PROPN NNP 0 root",
            "who PRON WP 5 nsubj",
            "hit VERB VBD 3 acl:relcl",
            "Bob PROPN NNP 5 obj",
        ),
        {"hit": {"A0": ["alice"], "A1": ["bob"]}},
    ),
    "cleft on the object": (
        (
            "It PRON PRP 3 nsubj",
            "was AUX VBD 3 cop be",
            "Bob PROPN NNP 0 root",
            "whom PRON WP 6 obj",
            "Alice PROPN NNP 6 nsubj",
            "hit VERB VBD 3 acl:relcl",
        ),
        {"hit": {"A0": ["alice"], "A1": ["bob"]}},
    ),
    "joined subjects": (
        ("Alice PROPN NNP 4 nsubj", "and CCONJ CC 3 cc", "Bob PROPN NNP 1 conj", "sang VERB VBD 0 root sing"),
        {"sang": {"A0": ["alice", "bob"]}},
    ),
    "joined verbs": (
        (
            "Alice PROPN NNP 2 nsubj",
            "came VERB VBD 0 root come",
            "and CCONJ CC 4 cc",
            "hit VERB VBD 2 conj",
            "Bob PROPN NNP 4 obj",
        ),
        {"came": {"A0": ["alice"]}, "hit": {"A0": ["alice"], "A1": ["bob"]}},
    ),
    "joined passives": (
        (
            "Bob PROPN NNP 3 nsubj:pass",
            "was AUX VBD 3 aux:pass be",
            "seen VERB VBN 0 root see",
            "and CCONJ CC 6 cc",
            "was AUX VBD 6 aux:pass be",
            "helped VERB VBN 3 conj help",
        ),
        {"seen": {"A1": ["bob"]}, "helped": {"A1": ["bob"]}},
    ),
    "joined passives, one auxiliary": (
        (
            "Bob PROPN NNP 3 nsubj:pass",
            "was AUX VBD 3 aux:pass be",
            "seen VERB VBN 0 root see",
            "and CCONJ CC 5 cc",
            "helped VERB VBN 3 conj help",
        ),
        {"seen": {"A1": ["bob"]}, "helped": {"A1": ["bob"]}},
    ),
    "wanted to": (
        ("Alice PROPN NNP 2 nsubj", "wanted VERB VBD 0 root want", "to PART TO 4 mark", "leave VERB VB 2 xcomp"),
        {"wanted": {"A0": ["alice"]}, "leave": {"A0": ["alice"]}},
    ),
    "made somebody": (
        ("Alice PROPN NNP 2 nsubj", "made VERB VBD 0 root make", "Bob PROPN NNP 2 obj", "leave VERB VB 2 xcomp"),
        {"made": {"A0": ["alice"], "A1": ["bob"]}, "leave": {"A0": ["bob"]}},
    ),
    "copula": (
        (
            "Paris PROPN NNP 3 nsubj",
            "is AUX VBZ 3 cop be",
            "older ADJ JJR 0 root old",
            "than ADP IN 5 case",
            "Rome PROPN NNP 3 obl",
        ),
        {"older": {"A0": ["paris"], "A1": ["rome"]}},
    ),
    "no verb in the tree": (
        ("Alice PROPN NNP 2 nsubj", "bit NOUN NN 0 root", "Bob PROPN NNP 2 obj"),
        {"bit": {"A0": ["alice"], "A1": ["bob"]}},
    ),
    "no predicate": (("Green ADJ JJ 2 amod", "tables NOUN NNS 0 root table"), {}),
}


@pytest.mark.parametrize("name", MADE)
def test_roles_on_trees(name: str) -> None:
    rows, expected = MADE[name]
    assert roles(made(*rows)) == expected


PARSED: list[tuple[str, str, dict[str, list[str]]]] = [
    ("Alice hit Bob.", "hit", {"A0": ["alice"], "A1": ["bob"]}),
    ("Bob was hit by Alice.", "hit", {"A0": ["alice"], "A1": ["bob"]}),
    ("The letter was written by Mary.", "written", {"A0": ["mary"], "A1": ["letter"]}),
    ("The house was built.", "built", {"A1": ["house"]}),
    ("Bob got hit by Alice.", "hit", {"A0": ["alice"], "A1": ["bob"]}),
    ("The dog that chased the cat was brown.", "chased", {"A0": ["dog"], "A1": ["cat"]}),
    ("Alice, who hit Bob, left.", "hit", {"A0": ["alice"], "A1": ["bob"]}),
    ("Bob, whom Alice hit, left.", "hit", {"A0": ["alice"], "A1": ["bob"]}),
    ("It was Alice who hit Bob.", "hit", {"A0": ["alice"], "A1": ["bob"]}),
    ("It was Bob whom Alice hit.", "hit", {"A0": ["alice"], "A1": ["bob"]}),
    ("The teacher showed the boy a map.", "showed", {"A0": ["teacher"], "A1": ["map"], "A2": ["boy"]}),
    ("The teacher showed a map to the boy.", "showed", {"A0": ["teacher"], "A1": ["map"], "A2": ["boy"]}),
    ("Alice and Bob sang.", "sang", {"A0": ["alice", "bob"]}),
    ("Alice hit Bob and Carl.", "hit", {"A0": ["alice"], "A1": ["bob", "carl"]}),
    ("Paris is older than Rome.", "older", {"A0": ["paris"], "A1": ["rome"]}),
]


@pytest.mark.parametrize(("text", "verb", "expected"), PARSED)
def test_roles(text: str, verb: str, expected: dict[str, list[str]]) -> None:
    assert roles(reading(text))[verb] == expected


@pytest.mark.parametrize(
    "text", ["", "   ", ".", "!?!", "Hello.", "a a a a", "that that that who", "by whom", "It was who.", "🙂 🙂"]
)
def test_odd_texts(text: str) -> None:
    for v, f in frames(reading(text)).items():
        assert f.predicate == v and f.roles


def test_passive_and_case() -> None:
    r = made(*MADE["passive"][0])
    assert passive(r, 2) and not passive(made(*MADE["active"][0]), 1)
    assert case_of(r, 4) == "by" and case_of(r, 0) == ""


@pytest.mark.parametrize("label", ["conj", "xcomp", "acl", "acl:relcl", "advcl"])
def test_a_verb_that_hangs_on_nothing(label: str) -> None:
    """A word whose head was white space is its own head, whatever its label says."""
    r = made("and CCONJ CC 2 cc", "seen VERB VBN 0 root see", "by ADP IN 4 case", "Alice PROPN NNP 2 obl")
    r.dep[1] = label
    assert set(frames(r)) <= {1}
