"""Figures on labelled pairs: loaders, measures with perfect and useless detectors, the grammar."""

from __future__ import annotations

import json
import lzma
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from inspector.inspection import KINDS, Divergence, Message, Report, Span
from inspector.validation import constructions, figures, grammar, sets
from inspector.validation.figures import Figure
from inspector.validation.run import evaluate, table
from inspector.validation.sets import Labelled


def report(*found: str) -> Report:
    """A report with entries like "role serious"."""
    made = []
    for entry in found:
        kind, severity = entry.split()
        span = Span(start=0, end=1, text="A")
        made.append(
            Divergence(
                kind=kind, dimension=KINDS[kind], severity=severity, change="substituted", source=span, reconstruction=span,
                explanation="", message=Message(key="entity.substituted"), confidence=0.5,
            )
        )  # fmt: skip
    return Report(language="en", pipeline="made", divergences=tuple(made))


def pairs(*labels: str, **more: Any) -> list[Labelled]:
    return [Labelled(f"{label}-{n}", "a", "b", label, more) for n, label in enumerate(labels)]


def value(found: list[Figure], name: str) -> float:
    return next(f.value for f in found if name in f.name)


def put(folder: Path, name: str, rows: list[dict[str, Any]], packed: bool = True) -> None:
    (folder / "divergence").mkdir(exist_ok=True)
    text = "\n".join(map(json.dumps, rows))
    if packed:
        (folder / "divergence" / f"{name}.jsonl.xz").write_bytes(lzma.compress(text.encode()))
    else:
        (folder / "divergence" / f"{name}.jsonl").write_text(text)


SUMMEDITS = [
    {"id": "1", "original_summary": "A b.", "summary": "A c.", "label": 0, "domain": "x", "edit_types": ["entity"]},
    {"id": "2", "original_summary": "A b.", "summary": "A d.", "label": 1, "domain": "x", "edit_types": []},
    {"id": "3", "original_summary": "A b.", "summary": "A b.", "label": 1, "domain": "x", "edit_types": []},
]


@pytest.mark.parametrize("packed", [True, False])
def test_summedits_leaves_identical_pairs_out(tmp_path, packed):
    put(tmp_path, "summedits-dev", SUMMEDITS, packed)
    found = sets.summedits(tmp_path)
    assert [(p.id, p.label) for p in found] == [("1", "inconsistent"), ("2", "consistent")]


def test_bump_labels_are_types_without_where_they_come_from(tmp_path):
    rows = [{"id": 7, "reference_summary": "A", "edited_summary": "B", "corrected_error_type": "Extrinsic Circumstance Error"}]
    put(tmp_path, "bump-dev", [*rows, rows[0] | {"corrected_error_type": "Coreference Error"}])
    assert [p.label for p in sets.bump(tmp_path)] == ["Circumstance", "Coreference"]


def test_frank_takes_the_sentences_that_match(tmp_path):
    row = {
        "id": "1", "model": "m", "dataset": "bbc", "article": "Cats sleep. The mayor opened a bridge on Monday. It rained.",
        "summary_sentences": ["the mayor opened a bridge ."], "error_rate": {"EntE": 0.3, "PredE": 0.0}, "factuality": 0.5,
    }  # fmt: skip
    put(tmp_path, "frank-valid", [row])
    (found,) = sets.frank(tmp_path)
    assert found.source == "The mayor opened a bridge on Monday." and found.more == {"errors": ["EntE"], "clean": False}


def test_a_missing_set_is_one_sentence(tmp_path):
    with pytest.raises(ValueError, match=r"neither divergence/bump-dev.jsonl.xz nor"):
        sets.bump(tmp_path)
    with pytest.raises(ValueError, match="known are summedits, bump"):
        next(evaluate(tmp_path, ["grammar", "nonsense"]))  # before any set is measured
    with pytest.raises(ValueError, match="neither divergence/bump-dev"):
        next(evaluate(tmp_path, ["grammar", "bump"]))


SERIOUS, MINOR, NOTHING = report("entity serious"), report("entity minor"), report()


@pytest.mark.parametrize(
    ("judge", "expected"),
    [
        (lambda p: SERIOUS if p.label == "inconsistent" else MINOR, 1.0),
        (lambda p: SERIOUS, 0.5),
        (lambda p: NOTHING, 0.5),
        (lambda p: NOTHING if p.label == "inconsistent" else SERIOUS, 0.0),
    ],
)
def test_balanced_accuracy(judge: Callable[[Labelled], Report], expected: float):
    rows = [(p, judge(p)) for p in pairs(*["inconsistent"] * 6, *["consistent"] * 2, domain="x", edits=[])]
    assert value(figures.summedits(rows), "balanced accuracy") == expected


def test_bump_looks_at_two_entries_only():
    judged = [
        report("number minor"),
        report("role serious", "topic minor", "entity serious"),
        report("topic minor", "identifier minor"),
    ]
    rows = list(zip(pairs("Entity", "Entity", "Entity"), judged, strict=True))
    found = figures.bump(rows)
    assert value(found, "Entity:") == pytest.approx(2 / 3) and value(found, "entries a pair") == pytest.approx(2)


def test_bump_also_says_what_stands_at_any_rank():
    rows = list(zip(pairs("Entity"), [report("role serious", "topic minor", "entity serious")], strict=True))
    found = figures.bump(rows)
    assert value(found, "Entity: entity") == 0 and value(found, "Entity: at any rank") == 1


def test_summedits_tells_each_type_of_edit():
    made = [
        *pairs("inconsistent", domain="x", edits=["antonym_swap", "entity_modification"]),
        *pairs("inconsistent", domain="x", edits=["entity_modification"]),
        *pairs("consistent", domain="x", edits=["antonym_swap"]),
    ]
    found = figures.summedits(list(zip(made, [SERIOUS, NOTHING, SERIOUS], strict=True)))
    assert value(found, "found, antonym swap") == 1 and value(found, "found, entity modification") == 0.5


def test_condaqa_asks_for_severity_of_paraphrases_and_for_the_kind_of_edits():
    judged = [report("negation minor"), report("role serious"), report("negation minor"), report("role serious")]
    rows = list(zip(pairs("paraphrase", "paraphrase", "scope", "affirmative"), judged, strict=True))
    found = figures.condaqa(rows)
    assert value(found, "paraphrases alarmed") == 0.5
    assert value(found, "scope edits with kind") == 1 and value(found, "affirmative edits with kind") == 0


@pytest.mark.parametrize(("positive", "negative", "expected"), [([2, 3], [0, 1], 1), ([1], [1], 0.5), ([0, 2], [1, 1], 0.5)])
def test_auc(positive, negative, expected):
    assert figures.auc(positive, negative) == expected


def test_frank_does_not_count_what_a_summary_leaves_out():
    dropped = SERIOUS.model_copy(update={"divergences": (SERIOUS.divergences[0].model_copy(update={"change": "dropped"}),)})
    assert figures.weight(dropped) == 0 and figures.weight(SERIOUS) == 1 and figures.weight(MINOR) == 0.25


def test_intervals_hold_the_value_and_halves_make_the_whole():
    rows = [(p, SERIOUS if n % 3 else NOTHING) for n, p in enumerate(pairs(*["swapped"] * 90))]
    found = figures.figure("set", "name", rows, figures.alarmed)
    assert found.value == pytest.approx(2 / 3) and found.low < found.value < found.high
    assert found == figures.figure("set", "name", rows, figures.alarmed)
    assert "| set | name | 90 | 0.667 |" in table([found])


def test_the_grammar_is_the_same_every_time_and_has_both_sides():
    made = grammar.pairs()
    assert made == grammar.pairs() and len(grammar.VERBS) >= 40
    labels = [p.label for p in made]
    assert min(labels.count("swapped"), labels.count("harmless")) >= 600
    assert all(p.source != p.reconstruction for p in made)
    texts = {label: {(p.source, p.reconstruction) for p in made if p.label == label} for label in ("swapped", "harmless")}
    assert not texts["swapped"] & texts["harmless"]


def test_constructions_give_each_event_both_ways():
    made = constructions.pairs()
    assert made == constructions.pairs() and len({p.id for p in made}) == len(made)
    same, exchanged = made[::2], made[1::2]
    assert {p.label for p in same} == {"harmless"} and {p.label for p in exchanged} == {"swapped"} and len(same) >= 600
    assert all(a.source == b.source and a.more == b.more for a, b in zip(same, exchanged, strict=True))
    assert all(len({a.source, a.reconstruction, b.reconstruction}) == 3 for a, b in zip(same, exchanged, strict=True))
    assert not {(p.source, p.reconstruction) for p in same} & {(p.source, p.reconstruction) for p in exchanged}
    shapes = [p.more["forms"][0] for p in same]
    assert {shapes.count(s) for s in shapes} == {160} and len(set(shapes)) == 4


def test_constructions_keep_the_words_of_an_event():
    """Forms exchange parts and add no names: source and both rewritings speak of the same people."""

    def people(text: str) -> list[str]:
        return [w for w in grammar.WHO if w.lower() in text.lower()]

    assert all(people(p.source) == people(p.reconstruction) for p in constructions.pairs())


@pytest.mark.parametrize(
    ("judge", "found", "alarms"),
    [
        (lambda p: report("role serious") if p.label == "swapped" else NOTHING, 1, 0),
        (lambda p: report("role serious"), 1, 1),
        (lambda p: NOTHING, 0, 0),
    ],
)
def test_constructions_tell_each_shape(judge: Callable[[Labelled], Report], found: float, alarms: float):
    measured = figures.constructions([(p, judge(p)) for p in constructions.pairs(40)])
    for shape in ("all", "coordinated", "dative", "pseudo-cleft", "relative"):
        assert value(measured, f"(kind role), {shape}") == found and value(measured, f"(serious), {shape}") == alarms


@pytest.mark.slow
def test_the_grammars_figures_stand():
    """The floors of docs/validation.md, on every fourth pair."""
    from inspector.divergence import diverge_many

    made = grammar.pairs()[::4]
    rows = list(zip(made, diverge_many((p.source, p.reconstruction) for p in made), strict=True))
    found = figures.grammar(rows)
    assert value(found, "swaps found") >= 0.95 and value(found, "false alarms") <= 0.01
