"""A language model as a reader: a tiny random one, held to what transformers says of the same prompt."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from inspector.probes import knowledge, reader
from inspector.probes.asked import Asked
from inspector.studies.items import Item
from models.registry import registry
from tests.models import tiny

TEXT = "Anna met Ben by the mill."
QUESTION = "Who met Ben?"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tiny.save(tmp_path_factory.mktemp("reader"), "llama", max_position_embeddings=512)


@pytest.fixture
def read(folder):
    return reader.load(folder)


def test_it_is_loaded_once_and_carries_its_name(folder, read):
    assert reader.load(folder) is read and read.name == folder


def test_the_margin_is_the_sum_of_log_probabilities_after_the_prompt(read):
    import torch

    def by_hand(answer: str) -> float:
        said = reader.PROMPT.format(text=TEXT, question=QUESTION) + reader.ANSWER
        before = [read.tokenizer.bos_token_id, *read.tokenizer(said, add_special_tokens=False)["input_ids"]]
        ids = read.tokenizer(" " + answer, add_special_tokens=False)["input_ids"]
        with torch.no_grad():
            p = read.model(torch.tensor([before + ids])).logits[0].log_softmax(-1)
        return math.fsum(float(p[len(before) + k - 1, token]) for k, token in enumerate(ids))

    one = read.margin(TEXT, QUESTION, ["Anna"], ["Carl"])
    assert one == pytest.approx(by_hand("Anna") - by_hand("Carl"), abs=1e-4) and one != 0
    best = max(by_hand("Anna"), by_hand("Ben"))
    assert read.margin(TEXT, QUESTION, ["Anna", "Ben"], ["Carl"]) == pytest.approx(best - by_hand("Carl"), abs=1e-4)
    assert read.margin("", QUESTION, ["Anna"], ["Carl"]) != pytest.approx(one)  # the text is read


def test_the_answer_is_greedy_short_and_repeatable(read):
    import torch

    said = read.answer(TEXT, QUESTION, tokens=5)
    assert said == read.answer(TEXT, QUESTION, tokens=5) and "\n" not in said
    ids, made = read._prompt(TEXT, QUESTION, 5), []
    for _ in range(5):
        with torch.no_grad():
            made.append(int(read.model(torch.tensor([ids + made])).logits[0, -1].argmax()))
    if read.tokenizer.eos_token_id in made:
        made = made[: made.index(read.tokenizer.eos_token_id)]
    assert said == read.tokenizer.decode(made, skip_special_tokens=True).strip().split("\n")[0].strip()
    assert read.answer("<b>${x}</b> 물방앗간 🙂 \0", "누구?", tokens=3) is not None


def test_what_does_not_fit_is_refused_in_one_sentence(read, tmp_path):
    with pytest.raises(ValueError, match="shorter text"):
        read.answer("mill " * 900, QUESTION)
    with pytest.raises(ValueError, match="question is empty"):
        read.answer(TEXT, "  ")
    with pytest.raises(ValueError, match="another to weigh"):
        read.margin(TEXT, QUESTION, ["Anna"], [])
    with pytest.raises(RuntimeError, match=r"no config\.json"):
        reader.load(str(tmp_path))


def test_every_figure_that_it_makes_is_named_after_it(read):
    table = registry()
    address = table.resolve("superposition@4")
    item = Item("made", "1", 1, TEXT, QUESTION, ("Anna",), ("Carl",))
    asked = knowledge.ask([item], address, table.load(address), {"reader": read})[0]
    own, by_reader = [a for a in asked if a.reader is None], [a for a in asked if a.reader == read.name]
    assert {a.way for a in by_reader} == {"answer", "likelihood"} and len(own) == 3
    weighed = next(a for a in by_reader if a.way == "likelihood")
    assert weighed.memory is not None and weighed.prior is not None and weighed.right in (0, 0.5, 1)
    long = replace(item, text=TEXT * 60)
    said = [a for a in knowledge.ask([long], address, table.load(address), {"reader": read})[0] if a.reader]
    assert len(said) == 2 and all("shorter text" in a.note and a.right is None for a in said)
    silent = knowledge.ask([replace(item, question=None)], address, table.load(address), {"reader": read})[0]
    assert not [a for a in silent if isinstance(a, Asked) and a.reader]
