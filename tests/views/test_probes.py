"""What the probes' panels are sent."""

from __future__ import annotations

import json

from inspector.inspection import Span, Trace, TraceToken
from inspector.probes.counterfactual import WHY, counterfactual
from inspector.probes.samples import Samples, Telling, recurring
from inspector.views.compare import carried
from inspector.views.probes import around, reading, samples
from inspector.views.reasons import bilingual
from tests.views.made import divergence, span

TEXT = "Anna met Ben by the mill,\n and Ben gave Anna 12 pears."


def token(surprisal: float, prior: float | None, rank: int = 1) -> TraceToken:
    return TraceToken(text="x", start=0, end=1, entropy=0.0, surprisal=surprisal, rank=rank, prior_surprisal=prior)


def test_carriers_of_tokens_words_and_their_counts():
    trace = Trace(mean_entropy=0.0, tokens=(token(0.0, 9.0), token(6.0, 6.0, 9), token(0.0, 0.1), token(0.0, 9.0)))
    assert carried(trace, [0, 0, 1, -1], 3) == {
        "tokens": ["memory", "lost", "prior", "memory"],
        "words": ["lost", "prior", None],
        "counts": {"misled": 0, "lost": 1, "shared": 0, "memory": 2, "prior": 1},
    }
    assert carried(Trace(mean_entropy=0.0, tokens=(token(0.0, None),)), [0], 1) is None


def test_a_reading_says_where_and_why(fakes):
    made = counterfactual(TEXT, "Ben", ["Bob"], ["fake-a@4", "fake-words@2"], registry=fakes).readings
    shown = [reading(TEXT, each) for each in made]
    assert shown[0]["occurrences"][0]["around"] == ["Anna met ", " by the mill, and Ben g"]
    assert shown[2]["reasons"] == {"words": bilingual(WHY["words"])} and shown[2]["mean"] == []
    assert [c["words"] for c in shown[0]["mean"]] == ["Ben", "Bob"]
    json.dumps(shown, allow_nan=False)


def test_around_is_one_line_and_keeps_the_space_at_the_words():
    assert around("a\n b ", Span(start=3, end=4, text="b")) == ["a ", " "]
    assert around("b", Span(start=0, end=1, text="b")) == ["", ""]


def test_samples_are_sent_with_their_marks():
    told = TEXT.replace("Ben", "Bob", 1)
    changed = divergence("entity", "serious", "substituted", span(TEXT, "Ben"), span(told, "Bob"))
    same, other = Telling(text=TEXT, divergences=()), Telling(text=told, divergences=(changed,))
    common = {"source": {"text": TEXT}, "compressor": "fake-a@4", "temperature": 1.0, "seed": 0, "agreement": 0.5}
    made = samples(Samples(**common, greedy=same, samples=(other, same), recurring=recurring(same, [other, same])), "en")
    assert [(t["serious"], sum(m[0] == "~" for m in t["marks"])) for t in made["tellings"]] == [(0, 0), (1, 1), (0, 0)]
    (row,) = made["recurring"]
    assert (row["words"], row["variants"], row["frequency"], row["greedy"]) == ("Ben", [["Bob", 1]], 0.5, False)
