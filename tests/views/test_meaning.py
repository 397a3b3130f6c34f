"""Divergences in the payload: ranges of words on both sides, whatever the text is made of."""

import json
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.inspection import KINDS, Divergence, Entity, Message, Span, Text
from inspector.measures.alignment import align
from inspector.views import words as labels
from inspector.views.compare import payload
from inspector.views.meaning import meaning
from inspector.views.reasons import bilingual
from tests.views.made import ODDS, divergence, report, retention, span

SOURCE = "👩‍👩‍👧 Alice hit Bob in France. Nobody saw it, and the dog slept."
TOLD = "👩‍👩‍👧 Bob hit Alice in Germany. Nobody saw it, and slept well."
HEBREW, HEBREW_TOLD = "דוד פגש את שרה ב-3 במאי", "שרה פגשה את דוד ב-4 במאי"


def shown(source, told, *divergences, **more):
    made = report(*divergences, **more)
    column = {name: getattr(made, name) for name in ("divergences", "language", "pipeline", "retention", "notes")}
    return meaning(told, align(source, told), column | {"compressor": "x"})


def words_of(view, item, side="told"):
    first, last = item[side]
    return "".join(gap + word for gap, word, _ in view["words"][first:last]).strip()


def test_nothing_is_shown_before_there_is_a_report():
    assert meaning(TOLD, align(SOURCE, TOLD), {"compressor": "x"}) is None
    assert shown(SOURCE, TOLD)["items"] == []


def test_the_words_put_the_reconstruction_together_and_know_their_source():
    view = shown(SOURCE, TOLD + " \n")
    assert "".join(gap + word for gap, word, _ in view["words"]) + view["tail"] == TOLD + " \n"
    assert [word for _, word, at in view["words"] if at == -1] == ["well"]
    assert view["words"][2][1:] == ["hit", 2]


def test_ranges_count_words_beyond_emoji_of_several_code_points():
    swapped = divergence("role", change="swapped", source=span(SOURCE, "Alice hit Bob"), told=span(TOLD, "Bob hit Alice"))
    place = divergence("entity", source=span(SOURCE, "France"), told=span(TOLD, "Germany"))
    view = shown(SOURCE, TOLD, swapped, place)
    assert [words_of(view, item) for item in view["items"]] == ["Bob hit Alice", "Germany"]
    assert [item["source"] for item in view["items"]] == [[1, 4], [5, 6]]


def test_ranges_may_overlap_in_any_way():
    parts = ["Bob hit Alice in Germany", "Alice in Germany. Nobody", "hit", "hit"]
    view = shown(SOURCE, TOLD, *(divergence("predicate", told=span(TOLD, part)) for part in parts))
    assert [words_of(view, item) for item in view["items"]] == parts


def test_right_to_left_text_keeps_logical_order():
    made = divergence("number", source=span(HEBREW, "3"), told=span(HEBREW_TOLD, "4"))
    view = shown(HEBREW, HEBREW_TOLD, made)
    assert words_of(view, view["items"][0]) in ("4", "ב-4")
    assert "".join(gap + word for gap, word, _ in view["words"]) == HEBREW_TOLD


def test_part_of_a_word_marks_the_word():
    view = shown("It was unkind.", "It was kind.", divergence("negation", change="dropped", source=span("It was unkind.", "un")))
    assert view["items"][0]["source"] == [2, 3]


def test_what_is_in_one_text_only_has_its_place_in_the_other():
    lost = divergence("entity", change="dropped", source=span(SOURCE, "the dog"))
    new = divergence("modifier", "minor", "added", told=span(TOLD, "well"))
    view = shown(SOURCE, TOLD, lost, new)
    at = view["items"][0]["told"]
    assert at[0] == at[1] and [w for _, w, _ in view["words"][at[0] - 1 : at[0] + 1]] == ["and", "slept"]
    back = view["items"][1]["source"]
    assert back[0] == back[1] == len(align(SOURCE, TOLD).source) - 1  # before the full stop
    assert view["items"][0]["quotes"] == ["the dog", None]


def test_a_divergence_without_spans_has_no_place():
    view = shown(SOURCE, TOLD, divergence("topic"))
    assert view["items"][0]["source"] is None and view["items"][0]["told"] is None


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=40), st.text(max_size=40), st.data())
def test_any_span_gives_a_range_within_the_words(source, told, data):
    def somewhere(text):
        a, b = sorted(data.draw(st.tuples(st.integers(0, len(text)), st.integers(0, len(text)))))
        return data.draw(st.sampled_from([None, Span(start=a, end=b, text=text[a:b])]))

    view = shown(source, told, divergence("entity", source=somewhere(source), told=somewhere(told)))
    item = view["items"][0]
    for side, count in (("source", len(align(source, told).source)), ("told", len(view["words"]))):
        assert item[side] is None or 0 <= item[side][0] <= item[side][1] <= count


@pytest.mark.parametrize(
    ("confidence", "said"), [(0.95, "sure"), (0.8, "sure"), (0.6, "likely"), (0.5, "likely"), (0.2, "possible")]
)
def test_confidence_in_words(confidence, said):
    assert shown(SOURCE, TOLD, divergence("role", confidence=confidence))["items"][0]["sure"] == said


def test_odds_are_probabilities():
    item = shown(SOURCE, TOLD, divergence("entity", overwriting=True, in_place=ODDS))["items"][0]
    assert item["overwriting"] is True
    assert item["odds"] == {"memory": [0.0498, 0.497], "prior": [0.000101, 0.1], "unigram": [0.000335, 0.00041]}


def test_why_overwriting_is_not_judged_travels_along():
    assert shown(SOURCE, TOLD, notes={"overwriting": "Not tied to position."})["reason"] == bilingual("Not tied to position.")


def test_sentences_in_both_languages(monkeypatch):
    monkeypatch.setattr(labels, "templates", lambda: {"ko": {"role.swapped": "{a}와 {b}의 역할이 뒤바뀌었습니다."}})
    told = {"explanation": "Alice and Bob changed places."}
    full = divergence("role", message=Message(key="role.swapped", arguments={"a": "{b}", "b": "Bob"}), **told)
    lacking = divergence("role", message=Message(key="role.swapped", arguments={"a": "Alice"}), **told)
    unknown = divergence("role", message=Message(key="no.such.key"), **told)
    said = [item["say"] for item in shown(SOURCE, TOLD, full, lacking, unknown)["items"]]
    assert [s["en"] for s in said] == [told["explanation"]] * 3
    assert [s["ko"] for s in said] == ["{b}와 Bob의 역할이 뒤바뀌었습니다.", *[told["explanation"]] * 2]


def test_verdict_and_badges_are_in_the_payload():
    made = report(divergence("role", change="swapped"), retention=retention((7, 9), (3, 5), f1=0.625))
    column = {"compressor": "x", "status": "done", "progress": 1.0, "reconstruction": Text(text=TOLD)} | dict(made)
    view = payload(SOURCE, [column], run=1, status="done", progress=1.0, pair=True)
    assert json.loads(json.dumps(view)) == view and view["pair"]
    first = view["columns"][0]
    assert first["meaning"]["verdict"]["en"] == "kept 7 of 9 entities, kept 3 of 5 numbers, swapped one role."
    assert (first["badges"]["entities"], first["badges"]["numbers"], first["badges"]["role_f1"]) == ([7, 9], [3, 5], 62.5)


def test_without_a_pipeline_the_verdict_says_what_was_checked():
    assert "Only alignment" in shown(SOURCE, TOLD, pipeline=None, language="und")["verdict"]["en"]
    assert "Only alignment" not in shown(SOURCE, TOLD)["verdict"]["en"]


def test_divergences_keep_their_order_and_their_custom_kinds():
    made = [divergence("irony", "minor"), divergence("entity")]
    assert [d["kind"] for d in shown(SOURCE, TOLD, *made)["items"]] == ["irony", "entity"]
    assert isinstance(made[0], Divergence) and shown(SOURCE, TOLD, *made)["items"][0]["dimension"] == "made_dimension"


def test_equal_entities_are_one_row_with_a_count():
    alice, france = span(SOURCE, "Alice"), span(SOURCE, "France")
    rows = [Entity(status="kept", label="PER", source=alice, reconstruction=span(TOLD, "Alice"))] * 2
    rows.append(Entity(status="changed", label="LOC", source=france, reconstruction=span(TOLD, "Germany")))
    view = meaning(TOLD, align(SOURCE, TOLD), {"compressor": "x", "divergences": (), "entities": tuple(rows)})
    assert view["entities"] == [["kept", "PER", "Alice", "Alice", 2], ["changed", "LOC", "France", "Germany", 1]]


def test_everything_the_contract_can_say_has_a_label():
    fields = {"severity": Divergence, "change": Divergence, "status": Entity}
    values = {name: get_args(model.model_fields[name].annotation) for name, model in fields.items()}
    needed = {f"kind.{kind}" for kind in KINDS} | {f"dimension.{d}{part}" for d in KINDS.values() for part in ("", ".short")}
    needed |= {f"severity.{s}" for s in values["severity"]} | {f"change.{c}" for c in values["change"]}
    needed |= {f"entity.{s.replace('-', '_')}" for s in values["status"]} | {f"sure.{s}" for s in ("sure", "likely", "possible")}
    assert needed <= labels.words()["en"].keys() and needed <= labels.words()["ko"].keys()
