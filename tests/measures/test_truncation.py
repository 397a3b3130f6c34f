"""The sweep on fakes, against what a comparison says of the same truncation; and its means by hand."""

from itertools import pairwise

import numpy as np
import pytest

from inspector.compare import compare
from inspector.measures.bootstrap import bootstrap
from inspector.measures.truncation import WHOLE, Point, Step, default_steps, refusal, summarise, sweep
from tests.conftest import WINDOW

TEXT = "Alice hit Bob with a stick, and the dog bit the man near the river. The farm has 412 cows and 287 sheep."


@pytest.fixture(scope="module")
def soft(fakes):
    return fakes.load(fakes.resolve("fake-a@4"))


def test_steps():
    assert [s.of(9) for s in (Step(count=3), Step(count=20), Step(share=0.5), Step(share=0.01), WHOLE)] == [3, 9, 4, 1, 9]
    assert [s.of(5) for s in default_steps(5)] == [1, 2, 3, 4, 5]
    assert [s.of(40) for s in default_steps(40)] == [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 40]
    assert [s.of(1) for s in default_steps(1)] == [1]


def test_every_point_is_what_a_comparison_of_that_truncation_measures(soft, fakes):
    points = list(sweep(soft, 4, [TEXT], [Step(count=2), Step(count=4), WHOLE]))
    assert [p.directions for p in points] == [2, 4, points[0].of] and len(soft.source(TEXT).ids) > WINDOW
    for point in points:
        made = compare(TEXT, ["fake-a@4"], registry=fakes, truncate=str(point.directions)).inspections[0]
        assert point.bleu == pytest.approx(made.scores.bleu)
        assert point.entropy == pytest.approx(made.trace.mean_entropy, abs=1e-3)
        assert point.effective_rank == pytest.approx(made.spectrum.effective_rank, rel=1e-4)
        kept = made.retention
        assert (point.kept, point.things) == (kept.entities_kept + kept.numbers_kept, kept.entities + kept.numbers)
        assert point.role_f1 == kept.role_f1
    assert points[-1].energy == pytest.approx(1.0) and all(a.energy < b.energy for a, b in pairwise(points))
    assert all(p.pairs > 0 and 0 <= p.drift <= 1 and p.prior_drift == points[0].prior_drift for p in points)
    assert len({p.margin for p in points}) == 3 and len({p.prior_margin for p in points}) == 1


def test_a_text_with_nothing_to_exchange_has_no_drift_accuracy(soft):
    point = next(sweep(soft, 4, ["It rained."], [WHOLE]))
    assert (point.pairs, point.drift, point.margin, point.prior_drift) == (0, None, None, None)
    assert point.entropy > 0 and point.entities is None


def test_without_traces_what_needs_them_is_none(soft):
    point = next(sweep(soft, 4, [TEXT], [WHOLE], traces=False))
    assert (point.pairs, point.drift, point.entropy) == (0, None, None) and point.bleu >= 0


@pytest.mark.parametrize("text", ["x", "\x00", "안녕하세요 12 세계 34", "👩‍👩‍👧 🜚", "<img src=x onerror=alert(1)>"])
def test_hostile_texts_have_points(soft, text):
    points = list(sweep(soft, 4, [text]))
    assert points[-1].directions == points[-1].of >= 1


def test_many_texts_come_in_order(soft):
    texts = [TEXT, "It rained.", TEXT * 3]
    points = list(sweep(soft, 4, texts, [Step(count=1), WHOLE]))
    assert [p.text for p in points] == [0, 0, 1, 1, 2, 2] or [p.text for p in points] == [0, 0, 1, 2, 2]
    alone = list(sweep(soft, 4, [texts[2]], [Step(count=1), WHOLE]))
    assert [p.bleu for p in points if p.text == 2] == pytest.approx([p.bleu for p in alone])


def test_stop_ends_a_sweep(soft):
    assert list(sweep(soft, 4, [TEXT], stop=lambda: True)) == []
    asked = []
    points = list(sweep(soft, 4, [TEXT] * 30, [WHOLE], stop=lambda: asked.append(1) or len(asked) > 60))
    assert len(points) < 30


def test_what_cannot_be_swept_says_why(fakes):
    assert refusal(fakes.rows["fake-a"]) is None
    assert refusal(fakes.rows["fake-words"]).startswith("fake-words keeps no vectors")


def point(text: int, directions: int, of: int, bleu: float, drift: float | None = None) -> Point:
    nothing = {"role_f1": None, "kept": 0, "things": 0, "margin": None, "prior_drift": None, "prior_margin": None, "entropy": 0.5}
    some = {
        "energy": directions / of,
        "effective_rank": 1.0,
        "entities": None,
        "numbers": None,
        "pairs": 2 if drift is not None else 0,
    }
    return Point(text=text, directions=directions, of=of, bleu=bleu, drift=drift, **nothing, **some)


def test_means_take_a_short_text_whole_and_leave_out_what_is_not_there():
    points = [point(0, 2, 2, 80.0), point(1, 4, 8, 20.0, 0.5), point(1, 8, 8, 90.0, 1.0)]
    four, whole = summarise(points, [Step(count=4), WHOLE])
    assert (four.values["bleu"].mean, whole.values["bleu"].mean) == (50.0, 85.0)
    assert (four.directions.mean, four.of.mean, four.share.mean) == (3.0, 5.0, 0.75)
    assert (four.values["drift"].mean, four.values["drift"].texts, four.values["drift"].low, four.pairs) == (0.5, 1, None, 2)
    assert four.values["role_f1"] is None
    assert 20.0 <= four.values["bleu"].low < 50.0 < four.values["bleu"].high <= 80.0
    assert summarise([], None) == []


def test_the_intervals_of_a_constant_and_of_coins():
    assert bootstrap(np.array([3.0] * 5)) == (3.0, 3.0)
    low, high = bootstrap(np.array([0.0, 1.0] * 200))
    assert low == pytest.approx(0.5 - 1.96 * 0.5 / 20, abs=0.01) and high == pytest.approx(0.5 + 1.96 * 0.5 / 20, abs=0.01)
