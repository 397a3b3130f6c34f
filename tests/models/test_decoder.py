"""The decoder: stepping equals teacher forcing, batches equal single rows, and the blocks are Llama's."""

import pytest
import torch

from inspector.benchmark import llama
from tests.conftest import tiny_decoder, tiny_soft

TEXT = "The ferry left at 7:45 and Mrs. Okonkwo, who had the tickets, was still buying oranges in the market. " * 2


@pytest.fixture(scope="module")
def soft():
    return tiny_soft(tiny_decoder())


@pytest.fixture(scope="module")
def windows(soft):
    source = soft.source(TEXT)
    assert len(source.windows) >= 2 and source.windows[-1][1] - source.windows[-1][0] < 24  # a short last window is there
    return source, [source.window_ids(w) for w in source.windows]


def memories(soft, source, ratio=4):
    return soft.compress(source, source.windows, ratio)


def free_run(decoder, batch, steps):
    state, tokens, spoken = decoder.begin(batch, steps), None, []
    for _ in range(steps):
        tokens = decoder.step(state, tokens).argmax(-1)
        spoken.append(tokens)
    return torch.stack(spoken, 1)


def test_steps_give_the_logits_of_teacher_forcing(soft, windows):
    source, ids = windows
    batch = [*memories(soft, source), None]
    targets = [*ids, ids[0]]
    state = soft.decoder.begin(batch, max(map(len, targets)))
    whole = soft.decoder.score(batch, targets)
    tokens = None
    for t in range(len(targets[-2])):  # as long as the shortest row
        logits = soft.decoder.step(state, tokens)
        for row, _target in enumerate(targets):
            torch.testing.assert_close(logits[row], whole[row][t], atol=2e-4, rtol=1e-3)
        tokens = torch.tensor([target[t] for target in targets])


def test_a_batch_of_mixed_ratios_speaks_like_its_rows_alone(soft, windows):
    source, _ = windows
    batch = [*memories(soft, source, 4), *memories(soft, source, 16)]
    together = free_run(soft.decoder, batch, 24)
    for row, memory in enumerate(batch):
        alone = free_run(soft.decoder, [memory], memory.length)
        assert together[row, : memory.length].tolist() == alone[0].tolist()


def test_the_prior_depends_on_nothing_but_its_prefix(soft, windows):
    source, ids = windows
    alone = soft.decoder.score([None], [ids[0]])[0]
    beside = soft.decoder.score([None, memories(soft, source)[0]], [ids[0], ids[0]])
    torch.testing.assert_close(alone, beside[0], atol=2e-4, rtol=1e-3)
    assert (beside[0] - beside[1]).abs().max() > 0.1  # memory does change what is said


def test_the_begin_token_is_never_spoken(soft, windows):
    _source, ids = windows
    decoder = soft.decoder
    assert decoder.score([None], [ids[0]])[0].shape == (len(ids[0]), decoder.network.begin_id)


def test_blocks_are_those_of_llama(soft, windows):
    source, ids = windows
    run = llama(soft)
    for memory, window in zip(memories(soft, source), ids, strict=True):
        ours = free_run(soft.decoder, [memory], memory.length)[0].tolist()
        assert run(memory, window) == ours
