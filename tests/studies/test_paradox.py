"""The rule that says whether the paradox shows, on made tables of every outcome."""

import math

import numpy as np
import pyarrow
import pytest

from inspector.studies import paradox
from inspector.studies.measured import groups
from inspector.studies.relations import relations
from inspector.studies.rows import ASKED, schema
from tests.studies.test_statistics import row, table

SIZES = {"kin-s": 1_000_000, "kin-m": 3_000_000, "kin-l": 9_000_000}


def series(bleu, kept, n=40, **more):
    """A family of three sizes on `n` texts; `bleu` and `kept` (entities of 10) are each size's means, with a little noise."""
    draw = np.random.default_rng(3)
    rows = []
    for (name, parameters), b, k in zip(SIZES.items(), bleu, kept, strict=False):
        for t in range(n):
            about = {"parameters": parameters, "decoder_parameters": 8_000_000, "entities": 10}
            about |= {"bleu": b + draw.normal(0, 2), "entities_kept": int(np.clip(k + draw.integers(-1, 2), 0, 10))}
            rows.append(row(name, f"t{t}", **about | more))
    return rows


def told(rows, name="entities_kept"):
    [cell] = paradox.cells(groups(table(*rows)))[name]
    return cell


@pytest.mark.parametrize(
    ("bleu", "kept", "outcome"),
    [
        ((20, 40, 60), (8, 6, 4), "shows"),
        ((20, 40, 60), (4, 6, 8), "absent"),
        ((60, 40, 20), (8, 6, 4), "absent"),  # the larger one reconstructs worse
        ((20, 60, 40), (8, 6, 4), "mixed"),  # BLEU turns
        ((20, 40, 60), (6, 6, 6), "untold"),
    ],
)
def test_the_outcomes(bleu, kept, outcome):
    cell = told(series(bleu, kept))
    assert cell.outcome == outcome and cell.ratio == 4 and [c.name for c in cell.sizes] == list(SIZES)
    assert cell.bleu.steps[0].difference.value == pytest.approx(bleu[-1] - bleu[0], abs=2)
    assert len(cell.bleu.steps) == 3  # ends, then neighbours


def test_fewer_divergences_are_more_faithful():
    down = [r | {"topic_serious": 0, "main_topic": 9 - 3 * list(SIZES).index(r["name"])} for r in series((20, 40, 60), (6, 6, 6))]
    assert told(down, "divergences").outcome == "absent"
    up = [r | {"main_topic": 3 * list(SIZES).index(r["name"])} for r in down]
    assert told(up, "divergences").outcome == "shows"


def test_one_compressor_and_checkpoints_with_an_option_make_no_series():
    assert paradox.cells(groups(table(*series((20,), (5,))))) in ({}, {"entities_kept": []}) or not any(
        paradox.cells(groups(table(*series((20,), (5,))))).values()
    )
    rows = series((20, 40, 60), (8, 6, 4))
    other = [
        r | {"name": "kin-l+joint", "compressor": "kin-l+joint@4", "parameters": 20_000_000, "bleu": 1.0} for r in rows[-40:]
    ]
    assert [c.name for c in told(rows + other).sizes] == list(SIZES)


def test_few_texts_tell_nothing():
    assert told(series((20, 40, 60), (8, 6, 4), n=2)).outcome == "untold"


def test_what_several_cells_say_together():
    up, down = (told(series((20, 40, 60), kept)) for kept in ((4, 6, 8), (8, 6, 4)))
    open_ = told(series((20, 40, 60), (6, 6, 6)))
    assert paradox.overall([up, open_]) == "absent" and paradox.overall([up, down]) == "mixed"
    assert paradox.overall([open_]) == paradox.overall([]) == "untold"


def test_failed_rows_count_for_nothing():
    rows = series((20, 40, 60), (8, 6, 4))
    failed = [r | {"text": f"x{k}", "key": f"x{k}{r['name']}", "error": "no memory", "bleu": None} for k, r in enumerate(rows)]
    assert told(rows + failed) == told(rows)


def questions(name, parameters, right, way="likelihood", probe="drift", kind="main_topic"):
    made = []
    for k, value in enumerate(right):
        about = dict.fromkeys(ASKED) | {"key": f"{name}{k}", "number": 0, "set": "s", "text": f"t{k}", "compressor": f"{name}@4"}
        about |= {"name": name, "ratio_requested": 4, "parameters": parameters, "decoder_parameters": 8_000_000}
        made.append(about | {"probe": probe, "way": way, "kind": kind, "right": value, "prior": 0.5, "control": -0.5})
    return made


def test_probes_stand_beside_inspections():
    rows = series((20, 40, 60), (6, 6, 6))
    asked = [q for (name, size), share in zip(SIZES.items(), (0.2, 0.5, 0.9), strict=True)
             for q in questions(name, size, [float(k < 40 * share) for k in range(40)])]  # fmt: skip
    probes = pyarrow.Table.from_pylist(asked, schema=schema(ASKED))
    found = groups(table(*rows), probes)
    [cell] = paradox.cells(found)["drift_accuracy"]
    assert cell.outcome == "absent" and cell.faithful.smallest.value == pytest.approx(0.2)
    assert cell.faithful.largest.value == pytest.approx(0.9)
    assert all(r.value is None and r.n < r.needed for r in relations(found))  # three compressors are too few


def test_a_relation_over_enough_compressors_is_spearmans():
    rows, asked = [], []
    for k in range(6):
        rows += [row(f"c{k}", f"t{t}", entropy=5.0 - k + t / 100, parameters=10 + k, decoder_parameters=1) for t in range(30)]
        asked += questions(f"c{k}", 10 + k, [float(t < 5 * (k + 1)) for t in range(30)])
    found = groups(table(*rows), pyarrow.Table.from_pylist(asked, schema=schema(ASKED)))
    [told] = [r for r in relations(found) if (r.x, r.y, r.ratio, r.held) == ("entropy", "drift_accuracy", 4, None)]
    assert told.value == pytest.approx(-1.0) and told.n == 6 and -1 <= told.low <= told.high <= 1
    assert not math.isnan(told.low)
