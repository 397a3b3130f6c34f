"""Knowledge: what a text says against what a prior would say, in words and by likelihood worked out by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from inspector.probes import knowledge
from inspector.probes.answer_odds import mixture, sentence
from inspector.probes.asked import probes
from inspector.studies.items import Item
from models.registry import registry
from tests.probes.byhand import ByHand, Letters
from tests.probes.keeping import Reading, address

TEXT = "In the tale that was told there, Ada Brun was born in Lund, by the sea, and she never left it."  # invented
ITEM = Item("made", "a", 1, TEXT, "Where was Ada Brun born?", ("Lund",), ("Oslo",))


def asked(item, compressor, shared=None, **row):
    return knowledge.ask([item], address(**row), compressor, {} if shared is None else shared)[0]


def test_a_kept_answer_a_priors_and_neither_in_the_reconstruction():
    for lost, verdict, right in (([], "kept", 1.0), (["Lund,"], "neither", 0.0)):
        words = asked(ITEM, Reading(lost=lost), answers=False)[0]
        assert (words.way, words.verdict, words.right, words.note) == ("reconstruction", verdict, right, None)
    known = {(str(address()), ITEM.hash): "Ada Brun was born in Oslo."}
    assert asked(ITEM, Reading(), {"reconstructions": known}, answers=False)[0].verdict == "other"


def test_what_cannot_be_asked_says_why_and_has_no_figure():
    for item, said in (
        (replace(ITEM, answers=()), "without an answer"),
        (replace(ITEM, others=("the LUND",)), "the same words"),
        (replace(ITEM, answers=("Malmö",)), "not hold its answer"),
        (replace(ITEM, others=("Ada Brun",)), "prior's answer too"),
    ):
        first = asked(item, Reading(), answers=False)[0]
        assert said in first.note and first.right is None and first.verdict is None
    last = asked(ITEM, Reading(), answers=False)[-1]
    assert last.way == "answer" and last.right is None and "answers no questions" in last.note


def test_a_decoder_that_answers_is_judged_by_its_answer():
    for said, verdict in (("in Lund", "kept"), ("Oslo!", "other"), ("Lund or Oslo", "neither"), ("", "neither")):
        told = next(a for a in asked(ITEM, Reading(lambda held, q, said=said: said)) if a.way == "answer")
        assert (told.given, told.verdict, told.right) == (said, verdict, float(verdict == "kept"))


def by_hand(given, prior, texts, **settings):
    row = replace(address().row, kind="soft", answers=False, reconstructs=False)
    compressor = Letters(ByHand(given, prior), **settings)
    items = [Item("made", str(k), k + 1, text, None, ("b",), ("c",)) for k, text in enumerate(texts)]
    found = knowledge.ask(items, replace(address(), row=row), compressor, {})
    return [next(a for a in each if a.way == "likelihood") for each in found]


def test_in_place_the_margin_is_the_ratio_of_the_two_words_probabilities():
    given, prior = {"a ": {"b": 0.6, "c": 0.2}}, {"a ": {"b": 0.1, "c": 0.4}}
    told = by_hand(given, prior, ["a b d"])[0]
    assert told.kind == "place" and told.memory == pytest.approx(math.log(3), abs=1e-4)
    assert told.prior == pytest.approx(math.log(0.25), abs=1e-4) and told.control is None  # alone in its batch
    assert (told.right, told.verdict) == (1.0, "kept")
    even = by_hand({"a ": {"b": 0.3, "c": 0.3}}, None, ["a b d"])[0]
    assert (even.right, even.verdict, even.prior) == (0.5, "neither", None) and "without memory" in even.note


def test_the_control_is_another_text_that_holds_neither_answer():
    told = by_hand({"a ": {"b": 0.6, "c": 0.2}}, {}, ["a b d", "x y z"])
    assert told[0].control == pytest.approx(told[0].memory)  # this decoder does not look at memory
    assert told[1].note and told[1].right is None


def test_sentences_are_told_from_words_and_windows_are_mixed():
    assert sentence("The sea is not blue.") and not sentence("Lund.") and sentence("바다는 푸르다。") and not sentence("the sea")
    assert mixture([math.log(0.2), math.log(0.4)]) == pytest.approx(math.log(0.3))


@pytest.mark.parametrize("text", ["", "<b>Lund</b> ${x} \0", "런드는 바닷가에 있다.", "🙂 Lund"])
def test_any_text_is_asked_about_without_an_error(text):
    table = registry()
    target = table.resolve("pocket-xs@4")
    found = knowledge.ask([replace(ITEM, text=text or " ")], target, table.load(target), {})[0]
    assert found and all(a.right is None or 0 <= a.right <= 1 for a in found)


def test_swapped_facts_that_ship_can_be_asked_about():
    items = list(knowledge.swapped_items("wikipedia2021-new"))
    assert len(items) > 50 and all(i.answers[0] in i.text for i in items)
    table = registry()
    target = table.resolve("superposition-s@4")
    found = knowledge.ask(items[:4], target, table.load(target), {})
    assert [a[0].verdict for a in found if a[0].note is None].count("kept") >= 3  # nearly exact at 4×
    with pytest.raises(ValueError, match="Unknown set"):
        list(knowledge.swapped_items("nowhere"))


def test_it_is_registered():
    assert probes()["knowledge"].load() is knowledge.ask
