"""Selective Context around tiny random language models."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
import torch

from models.hub import selective
from models.hub.causal import causal_decoder
from models.hub.readers import CHECK
from models.hub.selftest import content_kept, predictability
from models.hub.tokens import HubTokenizer
from models.registry import Registry, UnknownCompressor
from tests.models import tiny

TEXT = (
    "On the second Tuesday of March, Ingrid Halloway carried eleven brass lanterns to the old customs house. "
    "Nobody had asked Dr. Voss to count them! His well-known harbour master wrote 4716 in a book? The river was high."
)
KOREAN = "아다 브레너는 5월 14일에 오슬로에서 베르겐까지 날아갔다. 아무도 서두르라고 하지 않았다."


def compressor(units="phrases", kind="llama", **changes):
    tokenizer = tiny.tokenizer()
    return selective.SelectiveContext(causal_decoder(tiny.network(kind, **changes), tokenizer), HubTokenizer(tokenizer), units)


def kept(found, text, ratio):
    source = found.source(text)
    return source, found.compress(source, source.windows, ratio)[0]


def pieces(spans, text):
    return [text[a:b] for a, b in spans]


def test_sentences_cover_the_text_and_end_after_their_mark():
    found = pieces(selective.sentences(TEXT, (0, len(TEXT))), TEXT)
    assert "".join(found) == TEXT and [s.strip()[:6] for s in found] == ["On the", "Nobody", "His we", "The ri"]
    other = "第一。第二？\n3.5 of it\n\nby J. Doe"
    assert pieces(selective.sentences(other, (0, len(other))), other) == ["第一。", "第二？", "\n3.5 of it", "\n\nby J. Doe"]
    assert selective.sentences("no end", (0, 6)) == [(0, 6)]


def test_phrases_are_noun_phrases_and_single_words():
    end = TEXT.index(" Nobody")
    found = pieces(selective.covering(selective.phrase_ends(TEXT, (0, end)), (0, end)), TEXT)
    assert "".join(found) == TEXT[:end]
    assert {" the second Tuesday", " Ingrid Halloway", " eleven brass lanterns", " carried", " the old customs house"} <= set(
        found
    )


def test_other_languages_have_words_for_phrases():
    found = pieces(selective.covering(selective.phrase_ends(KOREAN, (0, len(KOREAN))), (0, len(KOREAN))), KOREAN)
    assert [f.strip() for f in found[:4]] == ["아다", "브레너는", "5월", "14일에"]


def test_each_sentence_is_read_alone_after_the_begin_token():
    """The same numbers from transformers by hand, one sentence a pass."""
    found = compressor()
    source = found.source(TEXT)
    sentences = selective.sentences(TEXT, (0, len(TEXT)))
    info = found._information(source.ids, source.spans, sentences)
    model, done = found.reader.model, 0
    for sentence in sentences:
        own = [i for i, (_, end) in enumerate(source.spans) if sentence[0] < end <= sentence[1]]
        ids = torch.tensor([[0] + [source.ids[i] for i in own]])
        by_hand = torch.nn.functional.cross_entropy(model(ids).logits[0, :-1].float(), ids[0, 1:], reduction="none")
        torch.testing.assert_close(torch.tensor([info[i] for i in own]), by_hand, atol=1e-4, rtol=1e-4)
        done += len(own)
    assert done == len(source.ids)


@pytest.mark.parametrize("units", ["phrases", "sentences", "tokens"])
@pytest.mark.parametrize("ratio", [2, 4])
def test_units_above_a_threshold_stay(units, ratio):
    found = compressor(units)
    source, memory = kept(found, TEXT, ratio)
    sentences = selective.sentences(TEXT, (0, len(TEXT)))
    info = found._information(source.ids, source.spans, sentences)
    spans = selective.carrying(source.spans, found._units(TEXT, sentences, source.spans))
    inside = {i for a, b in memory.kept for i in range(a, b)}
    value = {True: [], False: []}
    for (a, b), tokens in spans:
        visible = {i for i in range(a, b) if not TEXT[i].isspace()}
        assert visible <= inside or not visible & inside
        if visible:
            value[visible <= inside].append(sum(info[t] for t in tokens) / len(tokens))
    assert min(value[True]) >= max(value[False])
    assert re.sub(r"\s", "", memory.text) == "".join(pieces(memory.kept, TEXT))
    assert memory.text == memory.text.strip() and memory.bits == 8 * len(memory.text.encode())


@pytest.mark.parametrize("ratio", [2, 3, 4, 5, 8])
@pytest.mark.parametrize("units", ["phrases", "tokens"])
def test_the_ratio_got_is_the_ratio_asked_for(units, ratio):
    source, memory = kept(compressor(units), TEXT * 3, ratio)
    assert len(source.ids) / memory.size == pytest.approx(ratio, rel=0.1)


def test_neighbours_stay_as_they_stood():
    _, memory = kept(compressor("sentences"), TEXT, 2)
    found = [s.strip() for s in pieces(selective.sentences(TEXT, (0, len(TEXT))), TEXT)]
    chosen = [s for s in found if s in memory.text]
    assert 0 < len(chosen) < len(found) and memory.text == " ".join(chosen)


def test_spans_are_in_order_and_cut_as_the_page_counts_words():
    _, memory = kept(compressor("tokens"), TEXT, 3)
    assert all(a[1] <= b[0] for a, b in pairwise(memory.kept))
    assert all(not any(c.isspace() for c in piece) for piece in pieces(memory.kept, TEXT))


def test_a_sentence_longer_than_the_model_is_read_in_pieces():
    found = compressor(kind="gpt2")
    text = "Anna met Ben by the mill and " * 40
    source, memory = kept(found, text, 2)
    assert len(source.ids) > 2 * found.reader.limit and memory.length == len(source.ids)
    assert len(source.ids) / memory.size == pytest.approx(2, rel=0.1)
    assert any(a > len(text) * 0.8 for a, _ in memory.kept)  # the end was judged too


@pytest.mark.parametrize("text", ["a", " ", "\n\n", "😀", "</s>", "1.", "…"])
@pytest.mark.parametrize("units", ["phrases", "sentences", "tokens"])
def test_strange_texts_do_no_harm(units, text):
    source, memory = kept(compressor(units), text, 2)
    assert memory.length == len(source.ids) and 1 <= memory.size <= memory.length  # one unit at least
    assert all(0 <= a < b <= len(text) for a, b in memory.kept) and (memory.text != "") == bool(text.strip())


def test_the_best_are_the_highest_that_come_nearest_to_the_budget():
    assert selective.best([3, 9, 5, 7], [2, 2, 2, 2], 4) == [1, 3]
    assert selective.best([3, 9, 5, 7], [2, 2, 2, 2], 5.5) == [1, 2, 3]
    assert selective.best([1, 2], [10, 10], 1) == [1]  # one at least
    assert selective.best([4, 4, 4], [1, 1, 1], 2) == [0, 1]  # the first of equals


def test_a_unit_without_a_token_of_its_own_joins_the_next():
    assert selective.carrying([(0, 2), (2, 5)], [(0, 2), (2, 4), (4, 5)]) == [((0, 2), [0]), ((2, 5), [1])]


@pytest.mark.parametrize("seed", range(5))
def test_random_language_models_fail_the_self_test(seed):
    model = tiny.network(max_position_embeddings=512)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weight in model.parameters():
            weight.copy_(torch.randn(weight.shape, generator=generator) * 0.1)
    found = selective.SelectiveContext(causal_decoder(model, tiny.tokenizer()), HubTokenizer(tiny.tokenizer()))
    assert predictability(found, 2) < 1 < CHECK.least


def test_a_model_that_knows_the_sentence_passes_the_self_test():
    found = compressor(max_position_embeddings=512)

    class Knowing:
        rows, limit = 8, 512

        def score(self, memories, targets):
            sharp = [torch.zeros(len(ids), 300).scatter(1, torch.tensor(ids)[:, None], 12.0) for ids in targets]
            return [logits / (2 if i % 2 else 1) for i, logits in enumerate(sharp)]

    found.reader = Knowing()
    assert predictability(found, 2) > CHECK.least
    assert -1 <= content_kept(found, 2) <= 1


def test_rows(tmp_path, monkeypatch):
    registry = Registry(selective.rows())
    assert list(registry.rows) == ["selective-context", "selective-context:MODEL"]
    assert "put a model in MODEL's place" in registry.rows["selective-context:MODEL"].why_not()
    assert registry.resolve("selective-context+sentences@3").options == ("sentences",)
    with pytest.raises(UnknownCompressor, match="one option at a time"):
        registry.resolve("selective-context+sentences+tokens")
    folder = tiny.save(tmp_path, max_position_embeddings=512)
    address = registry.resolve(f"selective-context:{folder}+tokens@2")
    with pytest.raises(RuntimeError, match="self-test failed: predictability"):
        registry.load(address)
    monkeypatch.setenv("INSPECTOR_ALLOW", "failed-self-test")
    loaded = registry.load(address)
    assert loaded.units == "tokens" and "self-test failed" in loaded.notes["self_test"].lower()
