"""Spans of a hub tokenizer's tokens, and no special tokens from a text."""

from __future__ import annotations

import pytest

from models.hub.tokens import HubTokenizer
from tests.models import tiny

TEXTS = ["Anna met Ben.", "한국어 문장", "a 🙂🙂 b", "  two  spaces\n\n", "\x00", "שלום", "<s>Anna</s> ${x}", "e\u0301"]


def metaspace():
    """Words that begin with ▁, and bytes for characters that are not known, as in Llama 2's tokenizer."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    pieces = ["<unk>", "<s>", "</s>", *(f"<0x{i:02X}>" for i in range(256)), *sorted({*tiny.TEXT.replace(" ", "▁")})]
    vocabulary = {piece: i for i, piece in enumerate([*pieces, "▁m", "▁me"])}
    bpe = Tokenizer(models.BPE(vocabulary, [("▁", "m"), ("▁m", "e")], byte_fallback=True, unk_token="<unk>"))
    bpe.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="never")
    bpe.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    return PreTrainedTokenizerFast(tokenizer_object=bpe, bos_token="<s>", eos_token="</s>")


@pytest.fixture(scope="module", params=[tiny.tokenizer, metaspace])
def tokenizer(request) -> HubTokenizer:
    return HubTokenizer(request.param())


@pytest.mark.parametrize("text", TEXTS)
def test_spans_cover_the_text_in_order(tokenizer, text):
    tokens = tokenizer.encode(text)
    assert len(tokens.ids) == len(tokens.spans) > 0
    covered, before = set(), 0
    for start, end in tokens.spans:
        assert before - 1 <= start < end <= len(text)  # a token inside a character shares that character's span
        covered |= set(range(start, end))
        before = end
    assert covered == set(range(len(text)))


@pytest.mark.parametrize("text", TEXTS)
def test_text_comes_back(tokenizer, text):
    assert tokenizer.text(tokenizer.encode(text).ids) == text


def test_a_token_inside_a_character_has_the_whole_characters_span(tokenizer):
    tokens = tokenizer.encode("🙂")
    assert len(tokens.ids) == 4 and set(tokens.spans) == {(0, 1)}
    assert tokenizer.token_text(tokens.ids[0]) == "\\xf0"


def test_a_text_cannot_inject_a_special_token(tokenizer):
    ids = tokenizer.encode("</s>").ids
    assert tokenizer.tokenizer.eos_token_id not in ids and tokenizer.text(ids) == "</s>"


def test_special_tokens_are_named_in_a_list_and_left_out_of_a_text(tokenizer):
    end = tokenizer.tokenizer.eos_token_id
    assert tokenizer.token_text(end) == "</s>" and tokenizer.text([end, *tokenizer.encode("Ben").ids]) == "Ben"
    assert tokenizer.token_text(10_000) == "<10000>"


def test_tokens_read_as_their_text(tokenizer):
    assert "".join(map(tokenizer.token_text, tokenizer.encode(tiny.TEXT).ids)) == tiny.TEXT


def test_white_space_that_a_tokenizer_leaves_out_belongs_to_the_token_after_it():
    from tokenizers import processors

    trimming = tiny.tokenizer()
    trimming.backend_tokenizer.post_processor = processors.ByteLevel(trim_offsets=True)
    tokens = HubTokenizer(trimming).encode("met Ben  by")
    assert "".join("met Ben  by"[a:b] for a, b in tokens.spans) == "met Ben  by"


def test_a_prompt_means_its_special_tokens_and_a_text_after_it_does_not(tokenizer):
    end = tokenizer.tokenizer.eos_token_id
    assert tokenizer.prompt("</s>")[-1] == end and tokenizer.prompt("Ben</s>")[:-1] == tokenizer.encode("Ben").ids
    assert end not in tokenizer.encode("</s>").ids
    with pytest.raises(RuntimeError, match=r"^the tokenizer has no token <\|im_start\|>, which the prompt needs$"):
        tokenizer.prompt("<|im_start|>user")
