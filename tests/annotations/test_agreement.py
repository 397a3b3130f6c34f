"""Agreement, against published worked examples and sums by hand."""

import itertools

import numpy as np
import pytest

from inspector.annotations import agreement, calibration, detectors, events, figures, gold, queues, spans
from inspector.annotations.labels import Label
from inspector.inspection import KINDS, Span
from inspector.measures.bootstrap import bootstrap, bootstrap_of
from tests.annotations.conftest import fill
from tests.annotations.made import ITEMS, accepting, label, mark, suggested

# Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability", section C: four observers, twelve units, missing data.
OBSERVERS = ("123321412...", "1233224125.3", ".3332342251.", "12332441251.")


def votes(rows, names="ABCD"):
    return [{name: value for name, value in zip(names, unit) if value != "."} for unit in zip(*rows)]


def test_alpha_of_krippendorffs_own_example():
    made = votes(OBSERVERS)
    assert figures.alpha(made, "12345")["value"] == pytest.approx(0.743, abs=5e-4)
    assert figures.alpha(made, "12345")["n"] == 11  # the unit with one label says nothing


def test_kappa_of_the_textbooks_example():
    """50 grant proposals, two readers: both yes 20, both no 15, first alone yes 5, second alone yes 10; kappa .4."""
    made = [
        {"A": a, "B": b}
        for (a, b), n in {("y", "y"): 20, ("y", "n"): 5, ("n", "y"): 10, ("n", "n"): 15}.items()
        for _ in range(n)
    ]
    found = figures.nominal(made, ("y", "n"))
    assert found["kappa"]["value"] == pytest.approx(0.4)
    assert found["percent"]["value"] == pytest.approx(0.7)
    assert found["percent"]["low"] < 0.7 < found["percent"]["high"] and found["kappa"]["low"] < 0.4 < found["kappa"]["high"]
    # The interval of a share of n = 50: 1.96 · sqrt(.7 · .3 / 50) = .127 to each side.
    assert found["percent"]["high"] - found["percent"]["low"] == pytest.approx(0.254, abs=0.04)


def test_kappa_of_three_is_the_mean_over_pairs():
    rows = ("yynnyn", "ynnnyy", "yyynn.")
    codes = [np.array(["yn".find(value) for value in row]) for row in rows]
    pairs = []
    for a, b in itertools.combinations(codes, 2):
        both = (a >= 0) & (b >= 0)
        a, b = a[both], b[both]
        observed = np.mean(a == b)
        chance = sum(np.mean(a == value) * np.mean(b == value) for value in (0, 1))
        pairs.append((observed - chance) / (1 - chance))
    assert figures.kappa(votes(rows), ("y", "n"))["value"] == pytest.approx(np.mean(pairs))


def test_what_is_undefined_is_none():
    alike = votes(("yyy", "yyy"))
    found = figures.nominal(alike, ("y", "n"))
    assert found["percent"]["value"] == 1
    assert found["kappa"]["value"] is found["alpha"]["value"] is found["alpha"]["low"] is None
    nothing = agreement.agreement({})
    assert nothing["items"] == 0 and nothing["verdict"]["alpha"]["value"] is None and nothing["spans"]["exact"]["value"] is None
    assert nothing["warnings"]


def test_the_interval_of_any_figure_is_that_of_the_mean_for_the_mean():
    values = np.random.default_rng(3).random(40)
    assert bootstrap_of(lambda picks: float(values[picks].mean()), 40, draws=2000) == pytest.approx(bootstrap(values))
    assert bootstrap_of(lambda picks: None, 40) is None and bootstrap_of(lambda picks: 1.0, 1) is None


def at(start, end, kind="entity", side="source"):
    span = Span(start=start, end=end, text="x" * (end - start))
    return type("Made", (), {"kind": kind, "source": None, "reconstruction": None, side: span})()


def test_when_marks_are_the_same():
    a = at(0, 10)
    assert spans.same(a, at(0, 10), "exact") and not spans.same(a, at(0, 9), "exact")
    assert spans.same(a, at(5, 15), "overlap") and not spans.same(a, at(6, 16), "overlap")
    assert not spans.same(a, at(0, 4), "overlap")  # half of the longer span, so that a long one does not swallow all
    assert not spans.same(a, at(0, 10, "role"), "overlap") and spans.same(a, at(0, 10, "role"), "position")
    assert not spans.same(a, at(0, 10, side="reconstruction"), "position")
    linked, one_side = mark(ITEMS[0], "number", "312", "213"), mark(ITEMS[0], "number", "312", None)
    assert spans.same(linked, one_side, "overlap") and not spans.same(linked, one_side, "exact")
    other = mark(ITEMS[0], "number", "312", "Anna")
    assert not spans.same(linked, other, "overlap")


def test_matching_finds_as_many_pairs_as_there_are():
    """The first of one fits both of the other, the second only the first: greedy matching would find one pair."""
    one, other = [at(0, 10), at(5, 12)], [at(4, 12), at(0, 9)]
    assert spans.match(one, other, "overlap") == [(0, 1), (1, 0)]
    dice = np.random.default_rng(0)
    for _ in range(200):
        one, other = ([at(s, s + 4) for s in dice.integers(0, 10, 4)] for _ in range(2))
        best = max(
            sum(spans.same(one[i], other[j], "overlap") for i, j in enumerate(p)) for p in itertools.permutations(range(4))
        )
        assert len(spans.match(one, other, "overlap")) == best


def answers(db):
    """Ann and Bo on three items: Bo marks less of the number, calls the bee a predicate, and misses the negation."""
    made = fill(db)
    ann = [
        label(i, *c)
        for i, c in zip(
            ITEMS, ([("number", "312", "213")], [("entity", "blue-banded bee", "honey bee")], [("negation", "not", None)])
        )
    ]
    bo = [
        label(ITEMS[0], ("number", "312 euros", "213 euros"), ("role", "Anna", "Otto")),
        label(ITEMS[1], ("predicate", "blue-banded bee", "honey bee"), verdict="overwriting"),
        label(ITEMS[2], verdict="faithful"),
    ]
    for name, said in (("Ann", ann), ("Bo", bo)):
        for item, each in zip(made, said):
            events.add(db, "q", item, name, "submit", each)
    return made


def test_agreement_of_a_queue_by_hand(small):
    made = answers(small)
    labels = agreement.held(queues.labels_of(small, "q"))
    found = agreement.agreement(labels)
    assert (found["items"], found["annotators"]) == (3, {"Ann": 3, "Bo": 3})
    assert found["verdict"]["percent"]["value"] == pytest.approx(1 / 3)
    # Six marks in all. "312" is a third of "312 euros", so nothing of the first item fits; the bees fit in position only.
    assert found["spans"]["exact"] == {"value": 0.0, "low": 0.0, "high": 0.0, "n": 6}
    assert found["spans"]["overlap"]["value"] == 0
    assert found["spans"]["position"]["value"] == pytest.approx(2 / 6)
    assert found["verdict"]["confusion"]["drift"] == {
        "faithful": 1,
        "acceptable_paraphrase": 0,
        "drift": 1,
        "overwriting": 1,
        "unsure": 0,
    }
    assert found["kind_confusion"]["entity"]["predicate"] == 1
    assert found["kind_confusion"]["none"]["role"] == found["kind_confusion"]["negation"]["none"] == 1
    assert sum(sum(row.values()) for row in found["kind_confusion"].values()) == 5
    assert set(found["kinds"]) == {"number", "role", "entity", "predicate", "negation"} and found["kinds"]["number"]["n"] == 2
    assert found["kinds"]["number"]["percent"]["value"] == 1 and found["kinds"]["negation"]["percent"]["value"] == pytest.approx(
        2 / 3
    )
    assert "negation" in found["warnings"][0]
    (pair,) = found["pairs"]
    assert (pair["annotators"], pair["items"], pair["percent"]["value"]) == (["Ann", "Bo"], 3, pytest.approx(1 / 3))
    listed = agreement.disagreements(labels)
    assert [row["item"] for row in listed] == [made[0], made[1], made[2]]
    assert listed[0] == {
        "item": made[0],
        "verdicts": {"Ann": "drift", "Bo": "drift"},
        "unmatched": {"Ann": [0], "Bo": [0, 1]},
        "differences": 3,
    }


def test_unanimous_labels_become_gold():
    one = label(ITEMS[0], ("number", "312", "213"), comment="a")
    same = label(ITEMS[0], ("number", "312", "213"), comment="b")
    milder = label(ITEMS[0], ("number", "312", "213", "minor"))
    assert agreement.unanimous({"B": same, "A": one}) == one
    assert agreement.unanimous({"A": one}) is agreement.unanimous({"A": one, "B": milder}) is None


def test_detectors_against_gold_by_hand(small):
    made = fill(small)
    right = [
        label(ITEMS[0], ("number", "312", "213")),  # the suggested role swap is wrong
        label(ITEMS[1], ("entity", "bee", "bee")),  # the span is a fifth of the suggested one
        accepting(ITEMS[2]),
    ]
    for item, each in zip(made, right):
        gold.adjudicate(small, item, "Judy", each)
    found = detectors.against_gold(gold.all_of(small), {item: suggested(i) for item, i in zip(made, ITEMS)})
    overlap = found["marks"]["overlap"]
    assert (overlap["precision"]["value"], overlap["precision"]["n"]) == (pytest.approx(2 / 4), 4)
    assert (overlap["recall"]["value"], overlap["recall"]["n"]) == (pytest.approx(2 / 3), 3)
    assert found["kinds"]["role"]["precision"]["value"] == 0 and found["kinds"]["role"]["recall"]["value"] is None
    assert found["kinds"]["negation"]["recall"]["value"] == found["kinds"]["number"]["exact_precision"]["value"] == 1
    assert found["kinds"]["entity"]["found"] == found["kinds"]["entity"]["gold"] == 1
    assert set(found["kinds"]) == {"role", "negation", "number", "entity"} <= set(KINDS)
    assert found["alarm"]["precision"]["value"] == found["alarm"]["recall"]["value"] == 1
    assert found["seen"] == 1 and "1 of 3 gold labels" in found["warnings"][0]


def test_rewording_counts_on_neither_side(small):
    made = fill(small)[0]
    gold.adjudicate(small, made, "Judy", label(ITEMS[0], ("number", "312", "213", "acceptable"), verdict="acceptable_paraphrase"))
    found = detectors.against_gold(gold.all_of(small), {made: suggested(ITEMS[0])})
    assert found["marks"]["overlap"]["recall"]["n"] == 0 and found["marks"]["overlap"]["precision"]["value"] == 0
    assert found["alarm"]["precision"]["value"] == 0 and found["alarm"]["recall"]["value"] is None


def test_a_calibration_score(small):
    made = fill(small)
    for item, each in zip(made, ITEMS):
        gold.adjudicate(small, item, "Judy", accepting(each))
    queues.create(small, queues.Queue("round", shown="never"))
    queues.add_items(small, "round", [(item, None) for item in ITEMS], calibration=True)
    assert calibration.score(small, "round", "Ann")["done"] == 0
    events.add(small, "round", made[0], "Ann", "submit", label(ITEMS[0], ("number", "312", "213")))
    events.add(small, "round", made[1], "Ann", "submit", Label(verdict="faithful"))
    found = calibration.score(small, "round", "Ann")
    assert (found["items"], found["done"]) == (3, 2)
    assert found["verdict"]["value"] == 0.5
    assert found["spans"]["exact"]["value"] == pytest.approx(2 * 1 / (1 + 3))  # one mark against two and one of gold
    assert found["each"][0] == {
        "item": made[0],
        "verdict": "drift",
        "gold": "drift",
        "marks": 1,
        "gold_marks": 2,
        "matched": 1,
    }
