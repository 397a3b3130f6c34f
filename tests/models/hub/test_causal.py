"""A transformers causal language model as a decoder: batches, caches, padding, the prior."""

from __future__ import annotations

import pytest
import torch

from models.compressor import Memory
from models.hub.causal import CausalDecoder, causal_decoder
from tests.models import tiny

KINDS = ("llama", "qwen3", "neox", "gpt2")
IDS = (7, 30, 299, 12, 12, 5, 101)


def memory(size: int, seed: int = 0, length: int = len(IDS)) -> Memory:
    vectors = torch.randn(size, 48, generator=torch.Generator().manual_seed(seed)) * 0.1
    return Memory("optimised", length, size, 0, vectors)


@pytest.fixture(scope="module", params=KINDS)
def decoder(request) -> CausalDecoder:
    return causal_decoder(tiny.network(request.param), tiny.tokenizer(request.param in ("llama", "gpt2")))


def stepped(decoder: CausalDecoder, memories, targets) -> list[torch.Tensor]:
    """Logits of each row along its target, one step at a time."""
    longest = max(map(len, targets))
    state, tokens, rows = decoder.begin(memories, longest), None, []
    for t in range(longest):
        rows.append(decoder.step(state, tokens))
        tokens = torch.tensor([target[min(t, len(target) - 1)] for target in targets])
    return [torch.stack([row[i] for row in rows])[: len(target)] for i, target in enumerate(targets)]


def test_steps_with_a_cache_give_the_scores_of_one_pass(decoder):
    memories, targets = [memory(3), None, memory(1, 1)], [IDS, IDS[:4], IDS[2:]]
    for one, other in zip(decoder.score(memories, targets), stepped(decoder, memories, targets), strict=True):
        assert one.shape == other.shape and torch.allclose(one, other, atol=1e-4)


def test_a_row_does_not_depend_on_its_neighbours(decoder):
    memories, targets = [memory(5), None, memory(1, 1)], [IDS, IDS[:4], IDS[2:]]
    together = decoder.score(memories, targets)
    for alone, row in zip(zip(memories, targets, strict=True), together, strict=True):
        assert torch.allclose(decoder.score([alone[0]], [alone[1]])[0], row, atol=1e-4)


def test_what_is_optimised_is_what_is_scored(decoder):
    kept = memory(3)
    logits = decoder.logits(kept.vectors[None], torch.tensor([IDS]), [{}])
    assert torch.allclose(logits[0], decoder.score([kept], [IDS])[0], atol=1e-4)


def test_the_prior_is_the_model_after_its_begin_token(decoder):
    ids = torch.tensor([[decoder.begin_id, *IDS[:-1]]])
    plain = decoder.model(input_ids=ids).logits[0]
    assert torch.allclose(decoder.score([None], [IDS])[0], plain, atol=1e-4)
    assert not torch.allclose(decoder.score([memory(3)], [IDS])[0], plain, atol=1e-2)


def test_the_begin_token_is_the_tokenizers_or_else_its_end_token():
    assert causal_decoder(tiny.network(), tiny.tokenizer()).begin_id == 0
    assert causal_decoder(tiny.network(), tiny.tokenizer(begin=False)).begin_id == 1
    neither = tiny.tokenizer(begin=False)
    neither.eos_token = None
    with pytest.raises(RuntimeError, match="neither a begin nor an end token"):
        causal_decoder(tiny.network(), neither)


def test_gradients_reach_the_vectors_and_nothing_else(decoder):
    vectors = memory(2).vectors[None].requires_grad_()
    decoder.model.requires_grad_(False)
    decoder.logits(vectors, torch.tensor([IDS]), [{}]).sum().backward()
    assert vectors.grad.abs().sum() > 0
    assert all(p.grad is None for p in decoder.model.parameters())


def test_rows_of_the_output_beyond_the_vocabulary_are_no_answers():
    padded = causal_decoder(tiny.network(vocab_size=320), tiny.tokenizer())
    assert padded.score([None], [IDS])[0].shape == (len(IDS), 300)


def test_a_large_vocabulary_means_smaller_batches():
    assert CausalDecoder(tiny.network(), 0, 300).rows == 32
    assert CausalDecoder(tiny.network(), 0, 151_936).rows == 13
