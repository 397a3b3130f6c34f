"""RAG: spans kept, answers right, wrong and empty by hand; no figure where nothing could be asked."""

from __future__ import annotations

import pytest

from inspector.probes import rag
from inspector.probes.asked import probes
from inspector.studies.items import Item
from tests.probes.keeping import Reading, address

TEXT = (
    "The mill at Orrest was built by Greta Holm in 1871, after the old one had burnt down in a night of storm.\n\n"
    "Greta Holm was born in Lund. Her brother ran the ferry, and her cousins kept the inn by the water for many years."
)
ITEM = Item("made", "a", 1, TEXT, "Where was the builder of the mill at Orrest born?", ("Lund", "the city of Lund"), ("Oslo",))


def asked(item: Item, compressor: Reading, **row):
    return rag.ask([item], address(**row), compressor, {})[0]


def test_a_right_a_wrong_and_an_empty_answer_and_the_control_without_memory():
    for said, right, f1, verdict in (
        ("Lund", 1.0, 1.0, "kept"),
        ("The City of Lund.", 1.0, 1.0, "kept"),
        ("born in Lund", 0.0, 0.5, "neither"),  # best against "Lund": precision 1/3, recall 1
        ("Oslo", 0.0, 0.0, "other"),
        ("", 0.0, 0.0, "neither"),
    ):
        compressor = Reading(lambda held, question, said=said: said if held else "no idea")
        span, answer, bare = asked(ITEM, compressor)
        assert (answer.way, answer.kind, answer.given) == ("answer", "answer", said)
        assert (answer.right, answer.f1, answer.verdict, answer.note) == (right, pytest.approx(f1), verdict, None)
        assert (bare.kind, bare.given, bare.right, bare.f1) == ("no memory", "no idea", 0.0, 0.0)
        assert (span.way, span.kind, span.expected, span.given, span.right) == ("reconstruction", "span", "Lund", "Lund", 1.0)
        assert {each.question for each in (span, answer, bare)} == {ITEM.question} and answer.other == "Oslo"
        (held, question, _), (nothing, again, _) = compressor.asked
        assert held == " ".join(TEXT.split()) and nothing == "" and question == again == ITEM.question  # all windows, in order


def test_what_a_reconstruction_lost_is_lost_and_a_priors_answer_is_told():
    span = asked(ITEM, Reading(lost=["Lund."]), answers=False)[0]
    assert (span.right, span.given, span.verdict) == (0.0, None, "neither")

    class Overwrites(Reading):
        def compress(self, source, windows, ratio):
            from dataclasses import replace

            return [replace(m, text=m.text.replace("Lund", "Oslo")) for m in super().compress(source, windows, ratio)]

    span = asked(ITEM, Overwrites(), answers=False)[0]
    assert (span.right, span.given, span.verdict) == (0.0, "Oslo", "other")


def test_one_of_several_spans_is_enough_and_only_those_the_text_holds_are_looked_for():
    item = Item("made", "b", 1, TEXT, "When and by whom was it built?", ("1871", "Greta Holm", "a miller"))
    span = asked(item, Reading(lost=["1871,"]), answers=False)[0]
    assert (span.expected, span.given, span.right) == ("1871 / Greta Holm", "Greta Holm", 1.0)
    span = asked(item, Reading(lost=["1871,", "Greta"]), answers=False)[0]
    assert (span.given, span.right) == (None, 0.0)
    absent = Item("made", "c", 1, TEXT, "Who?", ("a miller",))
    span, answer, _ = asked(absent, Reading(lambda held, question: "miller"))
    assert span.right is None and span.note == rag.NOT_THERE and answer.right == 1.0


@pytest.mark.parametrize(
    ("question", "answers"), [(None, ("Lund",)), ("  ", ("Lund",)), ("Where?", ()), ("Where?", ("", "?!", "the"))]
)
def test_a_text_without_a_question_or_answers_gets_a_note_and_no_figure(question, answers):
    compressor = Reading(lambda held, question: "Lund")
    (only,) = asked(Item("made", "d", 1, TEXT, question, answers), compressor)
    assert only.note == rag.NO_QUESTION and only.right is None and compressor.asked == []


def test_a_decoder_that_answers_no_questions_is_asked_none():
    compressor = Reading(lambda held, question: "Lund")
    span, answer = asked(ITEM, compressor, answers=False)
    assert span.right == 1.0 and compressor.asked == []
    assert (answer.way, answer.right, answer.f1, answer.given) == ("answer", None, None, None)
    assert answer.note.startswith("Not applicable, because reading has no decoder that is known to answer questions")


def test_one_that_only_answers_is_not_looked_into():
    span, answer, bare = asked(ITEM, Reading(lambda held, question: "Lund"), reconstructs=False)
    assert span.right is None and span.note == "reading cannot bring a text back, so there is nothing to look in."
    assert answer.right == 1.0 and bare.kind == "no memory"


def test_a_question_that_does_not_fit_is_a_note_in_its_place():
    def refuses(held, question):
        if held:
            raise ValueError("Memories and question take 900 places.")
        return "Lund"

    span, answer, bare = asked(ITEM, Reading(refuses))
    assert span.right == 1.0 and answer.right is None and answer.note == "Memories and question take 900 places."
    assert bare.right == 1.0


def test_texts_of_a_batch_keep_their_order_and_bad_ones_their_place():
    odd = [
        ITEM,
        Item("made", "x", 2, "\x00<b>${x}</b> 🙂 مرحبا 안녕하세요", "무엇?", ("안녕하세요",)),
        Item("made", "y", 3, TEXT),
        ITEM,
    ]
    found = rag.ask(odd, address(), Reading(lambda held, question: held.split()[-1] if held else ""), {})
    assert [len(each) for each in found] == [3, 3, 1, 3]
    assert found[1][0].right == found[1][1].right == 1.0 and found[0] == found[3]


class Reader:
    """Answers with the last word of what it is given; counts what it is asked."""

    name = "org/reader"

    def __init__(self):
        self.asked = []

    def answer(self, text, question, tokens):
        self.asked.append(text)
        if len(text) > 1000:
            raise ValueError("The text does not fit into org/reader.")
        return text.split()[-1] if text else ""


def test_a_reader_is_named_and_reads_the_source_once():
    reader, shared = Reader(), {}
    shared["reader"] = reader
    item = Item("made", "r", 1, "Greta Holm was born in Lund", "Where was she born?", ("Lund",))
    for compressor, said in ((Reading(), "Lund"), (Reading(lost=["Lund"]), "in")):
        shared["reconstructions"] = {}
        span, answer, read, source = rag.ask([item], address(answers=False), compressor, shared)[0]
        assert (answer.right, answer.reader, span.reader) == (None, None, None)
        assert (read.way, read.kind, read.reader, read.given, read.right) == (
            "answer",
            "read",
            "org/reader",
            said,
            said == "Lund",
        )
        assert (source.kind, source.reader, source.right, source.f1) == ("read source", "org/reader", 1.0, 1.0)
    assert reader.asked == [item.text, item.text, "Greta Holm was born in"]
    assert len(rag.ask([item], address(reconstructs=False, answers=False), Reading(), shared)[0]) == 2
    long = Item("made", "l", 1, "word " * 300, "Where?", ("word",))
    read = rag.ask([long], address(answers=False), Reading(), shared)[0][2]
    assert read.right is None and read.note == "The text does not fit into org/reader." and read.reader == "org/reader"


def test_what_was_brought_back_already_is_not_brought_back_again():
    shared = {"reconstructions": {("reading@1", ITEM.hash): "She was born in Lund"}}
    assert rag.ask([ITEM], address(answers=False), Reading(lost=["Lund."]), shared)[0][0].right == 1.0
    other = Item("made", "o", 1, TEXT, ITEM.question, ("Greta Holm",))
    rag.ask([ITEM, other], address(answers=False), Reading(), shared)
    assert shared["reconstructions"]["reading@1", other.hash] == " ".join(TEXT.split())


def test_the_bundled_ones_are_asked_for_spans_only(fakes):
    from models.registry import registry

    for table, name in ((fakes, "fake-a@4"), (fakes, "fake-words@2"), (registry(), "superposition-xs@4")):
        where = table.resolve(name)
        span, answer = rag.ask([ITEM], where, table.load(where), {})[0]
        assert span.right in (0.0, 1.0) and span.note is None and answer.right is None
        assert answer.note.startswith("Not applicable, because")
    assert span.right == 1.0  # at 4 tokens a vector this one loses next to nothing


def test_it_is_the_registered_probe():
    assert probes()["rag"].load() is rag.ask
