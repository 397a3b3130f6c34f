"""Figures of a study against other ways to the same numbers; tables that others can read."""

import csv
import io
import math

import numpy as np
import pyarrow
import pytest
from scipy import stats

from inspector.studies.measured import MEASURES, groups, measure
from inspector.studies.rows import COLUMNS, DIMENSIONS, schema
from inspector.studies.statistics import (
    correlations,
    estimate,
    holm,
    of_study,
    paired,
    spearman,
    wilcoxon,
)
from inspector.studies.store import StudyError
from inspector.studies.table import rendered, statistics_markdown


def row(compressor="a", text="t0", ratio=4, **values):
    whole = {name: 0 for name, kind in COLUMNS.items() if kind == "int64"}
    made = (
        dict.fromkeys(COLUMNS) | whole | {"characters": 500, "bleu": 50.0, "rouge_l": 60.0, "entropy": 1.0, "effective_rank": 4.0}
    )
    made |= {"key": f"{compressor}/{ratio}/{text}/{values.get('truncate')}", "set": "s", "text": text, "tokens_trained": None}
    made |= {"compressor": f"{compressor}@{ratio}", "name": compressor, "ratio_requested": ratio, "parameters": 1_000_000}
    return made | values


def table(*rows):
    return pyarrow.Table.from_pylist(list(rows), schema=schema())


def many(compressor, values, **more):
    return [row(compressor, f"t{k}", bleu=float(v), **more) for k, v in enumerate(values)]


def test_a_mean_and_its_interval():
    values = np.random.default_rng(1).normal(40, 8, 60)
    [group] = groups(table(*many("a", values)))
    told = estimate(group, measure("bleu"))
    half = 1.96 * values.std() / math.sqrt(60)
    assert told.value == pytest.approx(values.mean()) and told.n == 60
    assert told.low == pytest.approx(values.mean() - half, abs=0.4)
    assert told.high == pytest.approx(values.mean() + half, abs=0.4)


def test_shares_are_sums_over_sums_and_null_is_no_zero():
    rows = [
        row(text="t0", overwritten=1, not_overwritten=9),
        row(text="t1", overwritten=1, not_overwritten=1),
        row(text="t2"),
        row(text="t3", overwritten=None, not_overwritten=None, bleu=None, answer_kept=True),
    ]
    [group] = groups(table(*rows))
    assert estimate(group, measure("overwriting")).value == pytest.approx(2 / 12)
    assert estimate(group, measure("overwriting")).n == 2
    assert estimate(group, measure("bleu")).n == 3
    kept = estimate(group, measure("answer_kept"))
    assert (kept.value, kept.low, kept.high, kept.n) == (1.0, None, None, 1)
    assert estimate(group, measure("other_back")) is None
    with pytest.raises(StudyError, match="no measure 'beauty'"):
        measure("beauty")


def test_dimensions_are_counted_by_length():
    rows = [row(text="t0", role_binding=2, entity_list=1, characters=1000), row(text="t1", characters=3000)]
    [group] = groups(table(*rows))
    assert estimate(group, measure("role_binding")).value == pytest.approx(0.5)
    assert estimate(group, measure("drift")).value == pytest.approx(0.5)
    assert estimate(group, measure("divergences")).value == pytest.approx(0.75)


def test_intervals_of_means_hold_as_often_as_they_say():
    draw, held = np.random.default_rng(3), 0
    for _ in range(60):
        [group] = groups(table(*many("a", draw.normal(50, 10, 40))))
        told = estimate(group, measure("bleu"))
        held += told.low <= 50 <= told.high
    assert held >= 51  # of 57 expected; fewer has a chance of 1 in 200


def test_failed_inspections_count_for_nothing():
    found = groups(table(row(), row(text="t1", error="no memory", bleu=None), row("b", error="x")))
    assert [(g.configuration.name, g.texts) for g in found] == [("a", ["t0"])]
    with pytest.raises(StudyError, match="no inspection"):
        of_study(table(row(error="x")))


def test_pairs_are_compared_on_the_texts_they_share():
    a, b = np.arange(10.0), np.arange(10.0) + 5
    rows = many("a", a) + many("b", b)[2:] + many("c", b, ratio=16) + many("a", a - 1, truncate="2")
    made = paired(groups(table(*rows)), ["bleu"])
    assert [(r["first"], r["second"]) for r in made] == [("a@4", "a@4, 2 kept"), ("a@4", "b@4")]
    assert made[1]["value"] == pytest.approx(5) and made[1]["n"] == 8
    assert made[1]["p"] == pytest.approx(stats.wilcoxon(np.full(8, 5.0)).pvalue)
    assert made[1]["low"] == made[1]["high"] == pytest.approx(5)


def test_what_cannot_be_tested_has_no_p():
    assert wilcoxon(np.zeros(20)) is None
    assert wilcoxon(np.ones(5)) is None
    assert wilcoxon(np.array([*np.ones(6), math.nan])) == pytest.approx(2 / 64)
    assert wilcoxon(np.array([*np.ones(6), *np.zeros(500)])) == wilcoxon(np.ones(6))  # texts that agree say nothing of the side


def test_of_yes_and_no_it_is_mcnemars_test():
    from statsmodels.stats.contingency_tables import mcnemar

    gained, lost, same = 34, 15, 300
    values = np.array([*np.ones(gained), *-np.ones(lost), *np.zeros(same)])
    expected = mcnemar([[same, gained], [lost, 0]], exact=False, correction=False).pvalue
    assert wilcoxon(values) == pytest.approx(expected, rel=1e-6)


def test_holm_against_the_worked_example():
    rows = holm([{"p": p} for p in (0.01, None, 0.04, 0.03, 0.005)])
    assert [r["p_holm"] for r in rows] == [
        pytest.approx(0.03),
        None,
        pytest.approx(0.06),
        pytest.approx(0.06),
        pytest.approx(0.02),
    ]


def test_rank_correlations_against_scipy_and_the_formula():
    draw = np.random.default_rng(0)
    z = draw.normal(size=40)
    x, y = z + draw.normal(size=40), z + draw.normal(size=40)
    value, p = spearman(x, y)
    assert value == pytest.approx(stats.spearmanr(x, y).statistic) and p == pytest.approx(stats.spearmanr(x, y).pvalue)
    xy, xz, yz = (stats.spearmanr(a, b).statistic for a, b in ((x, y), (x, z), (y, z)))
    partial = (xy - xz * yz) / math.sqrt((1 - xz**2) * (1 - yz**2))
    value, p = spearman(x, y, [z])
    assert value == pytest.approx(partial)
    assert p == pytest.approx(2 * stats.t.sf(abs(partial) * math.sqrt(37 / (1 - partial**2)), 37))
    assert spearman(x, np.ones(40)) is None
    assert spearman(x, y, [x]) is None
    assert spearman(x[:2], y[:2]) is None
    assert spearman(x, y, [np.ones(40)])[0] == pytest.approx(xy)
    assert spearman(np.array([1, 2, math.nan, 3, 4.0]), np.array([1, 2, 9, 3, 4.0]))[0] == pytest.approx(1)


def test_correlations_hold_training_fixed():
    draw, rows = np.random.default_rng(5), []
    for n in range(9):  # training moves both; apart from it they have nothing to do with each other
        trained = 1000 * 2 ** (n // 3)
        for k in range(30):
            rank, share = 4 * (n // 3) + draw.normal(), 10 * (n // 3) + draw.normal(scale=3)
            overwritten = int(np.clip(round(share + 5), 0, 100))
            values = {"effective_rank": rank, "overwritten": overwritten, "not_overwritten": 100 - overwritten}
            rows.append(row(f"c{n}", f"t{k}", tokens_trained=trained, **values))
    made = {(r["x"], r["over"], r["held"]): r for r in correlations(groups(table(*rows)))}
    assert made["effective_rank", "compressors", None]["value"] > 0.8
    plain, partial = (made["effective_rank", "texts", held] for held in (None, "tokens_trained"))
    assert plain["value"] > 0.7 and plain["low"] > 0.6 and plain["p_holm"] < 1e-4
    assert abs(partial["value"]) < 0.2 and partial["low"] < 0 < partial["high"] and partial["n"] == 30
    assert made["entropy", "texts", None]["value"] is None and "vary" in made["entropy", "texts", None]["note"]


def test_few_compressors_say_so_instead_of_a_number():
    rows = [row(f"c{n}", f"t{k}", effective_rank=n + k, overwritten=n, not_overwritten=5) for n in range(4) for k in range(3)]
    over = [r for r in correlations(groups(table(*rows))) if r["over"] == "compressors"]
    assert {r["value"] for r in over} == {None} and over[0]["note"] == "4 compressors; 5 are needed"


@pytest.fixture
def study():
    draw = np.random.default_rng(2)
    rows = [
        row(name, f"t{k}", ratio, truncate=cut, bleu=draw.uniform(0, 99), parameters=size, set="one" if k < 4 else "two", **more)
        for name, size in (("big_one", 2_000_000_000), ("small", 500_000))
        for ratio in (4, 16)
        for cut in (None, "90%")
        for k in range(8)
        for more in ({"entity_list": k, "overwritten": k, "not_overwritten": 3},)
    ]
    return table(*rows)


def test_the_markdown_table(study):
    made = rendered(study)
    lines = made.splitlines()
    assert lines[0].startswith("| compressor | size | ratio | directions | texts | BLEU | ROUGE-L | overwriting | entity list |")
    assert all(line.count("|") == lines[0].count("|") for line in lines[:10])
    assert lines[2].startswith("| small | 0.5 M | 4× | all | 8 | ")
    assert lines[3].startswith("| small | 0.5 M | 4× | 90% | 8 | ") and "| big_one | 2.0 B | 16× | 90% |" in lines[9]
    assert "answer kept" not in made and "1.44 (1.44–1.44)" in lines[2]  # one nat, in bits
    by_set = rendered(study, by_set=True)
    assert (
        by_set.startswith("| set |") and by_set.count("| one |") == by_set.count("| two |") == by_set.count("| all | small") * 2
    )


def test_the_csv_has_every_figure(study):
    rows = list(csv.DictReader(io.StringIO(rendered(study, "csv"))))
    assert len(rows) == 8 and rows[0]["truncate"] == "" and rows[1]["truncate"] == "90%"
    [group, *_] = groups(study)
    told = estimate(group, MEASURES["bleu"])
    assert [float(rows[0][f"bleu{end}"]) for end in ("", "_low", "_high", "_n")] == [told.value, told.low, told.high, told.n]
    assert {f"{d}_low" for d in DIMENSIONS} <= set(rows[0])


def test_the_latex_table(study):
    lines = rendered(study, "latex").splitlines()
    columns = lines[0].removeprefix("\\begin{tabular}{").removesuffix("}")
    assert set(columns) == {"l", "r"}
    body = [line for line in lines if line.endswith("\\\\")]
    assert len(body) == 9 and all(line.count(" & ") == len(columns) - 1 for line in body)
    assert "big\\_one" in body[-1] and "90\\%" in body[-1] and "$\\times$" in body[-1]
    text = "\n".join(lines)
    assert "\\toprule" in text and "\\bottomrule" in text and text.count("{") == text.count("}")
    assert lines[-1].startswith("% Means with 95 \\%")


def test_statistics_as_json_and_markdown(study):
    import json

    made = of_study(study, ["bleu", "chrf"])
    assert json.loads(json.dumps(made, allow_nan=False)) == made
    assert {r["measure"] for r in made["paired"]} == {"bleu"}  # chrF is nowhere here
    text = statistics_markdown(made)
    assert "| bleu | small@4 | big_one@4 |" in text and "effective_rank ↔ overwriting" in text
