"""Progressive cramming on a tiny model: exact to its horizon, each window for itself, the same whenever it is taken up."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from models.cramming.method import Settings, Window, bits_of, cram, forward, greedy
from tests.models.cramming.conftest import QUICK

IDS = (40, 41, 70, 42)


def crammed(reader, windows, stop=lambda: False, steps=10_000):
    for count, _ in enumerate(cram(reader, windows, stop), 1):
        if count == steps:
            break
    return windows


def test_a_window_with_a_vector_for_each_token_comes_back_whole(reader):
    window = crammed(reader, [Window(IDS, 1, reader, QUICK)])[0]
    assert window.done and window.horizon == len(IDS) == window.span and 0 < window.steps < QUICK.steps
    memory = window.memory()
    state, tokens, spoken = reader.begin([memory], 4), None, []
    for _ in range(memory.length):
        tokens = reader.step(state, tokens).argmax(-1)
        spoken += tokens.tolist()
    assert tuple(spoken) == IDS
    assert memory.vectors.shape == (4, reader.width) and memory.extra == {"horizon": 4, "steps": window.steps}
    assert not memory.vectors.requires_grad


def test_the_first_token_is_trained_too(reader):
    first = int(reader.score([None], [(5,)])[0].argmin())  # what the prior would say last
    window = crammed(reader, [Window((first,), 1, reader, QUICK)])[0]
    assert window.horizon == 1
    assert int(reader.score([window.memory()], [(first,)])[0].argmax()) == first


def test_what_cannot_be_held_ends_at_its_horizon(reader):
    ids = tuple(torch.randint(2, 300, (24,), generator=torch.Generator().manual_seed(3)).tolist())
    window = crammed(reader, [Window(ids, 24, reader, QUICK)])[0]
    assert window.done and window.horizon < len(ids)
    assert greedy(reader, [(window, window.memory().vectors)]) == [window.horizon]


def test_windows_of_a_batch_do_not_touch_each_other(reader):
    texts = [IDS, (9, 200, 31, 77), (120, 5, 5)]
    alone = [crammed(reader, [Window(ids, 2, reader, QUICK)], steps=12)[0] for ids in texts]
    together = crammed(reader, [Window(ids, 2, reader, QUICK) for ids in texts], steps=12)
    for one, other in zip(alone, together, strict=True):
        assert torch.allclose(one.vectors, other.vectors, atol=1e-3)
        assert (one.horizon, one.span, one.steps) == (other.horizon, other.span, other.steps)


def test_the_seed_decides(reader):
    same = [crammed(reader, [Window(IDS, 2, reader, QUICK)], steps=5)[0].vectors for _ in range(2)]
    other = crammed(reader, [Window(IDS, 2, reader, replace(QUICK, seed=1))], steps=5)[0].vectors
    assert torch.equal(*same) and not torch.allclose(same[0], other, atol=0.01)


def test_a_stopped_window_goes_on_as_if_nothing_had_happened(reader):
    whole = crammed(reader, [Window(IDS, 2, reader, QUICK)])[0]
    halves = [Window(IDS, 2, reader, QUICK)]
    asked = iter([False] * 7)
    crammed(reader, halves, stop=lambda: next(asked, True))
    assert halves[0].steps <= 7 and not halves[0].done
    crammed(reader, halves)
    assert torch.equal(halves[0].memory().vectors, whole.memory().vectors)
    assert (halves[0].steps, halves[0].horizon) == (whole.steps, whole.horizon)


def test_a_span_grows_only_when_greedy_decoding_brings_it_back(reader):
    class Rounding(type(reader)):
        """Free-running logits that differ from teacher forcing's, as a cache in a coarser type would make them."""

        def step(self, state, tokens):
            logits = super().step(state, tokens)
            return logits if tokens is None else -logits

    false = Rounding(reader.model, reader.begin_id, reader.vocabulary)
    window = crammed(false, [Window(IDS, 1, false, QUICK)])[0]
    assert window.hopeful >= 2  # right under teacher forcing
    assert window.horizon == 1 and window.span == QUICK.grow


def test_the_loss_is_the_mean_over_each_span(reader):
    windows = [Window(IDS, 2, reader, replace(QUICK, grow=grow)) for grow in (1, 4)]
    _, loss = forward(reader, windows)
    logits = [reader.logits(w.vectors[None], torch.tensor([IDS[: w.span]]), [{}])[0] for w in windows]
    each = [torch.nn.functional.cross_entropy(x, torch.tensor(IDS[: w.span])) for x, w in zip(logits, windows, strict=True)]
    assert torch.isclose(loss, sum(each), atol=1e-4)


def test_the_model_is_left_as_it_was(reader):
    before = {k: v.clone() for k, v in reader.model.state_dict().items()}
    crammed(reader, [Window(IDS, 2, reader, QUICK)], steps=5)
    assert all(torch.equal(v, before[k]) for k, v in reader.model.state_dict().items())


def test_the_rate_warms_up_and_falls():
    settings = Settings(rate=0.1, least_rate=0.01, warmup=10, steps=110)
    rates = [settings.rate_at(step) for step in (0, 9, 10, 60, 110, 500)]
    assert rates == pytest.approx([0.01, 0.1, 0.1, 0.055, 0.01, 0.01])


def test_settings_are_read_from_the_environment(monkeypatch):
    monkeypatch.setenv("INSPECTOR_CRAMMING", "rate=.01 steps=7, grow=3")
    assert Settings.named() == Settings(rate=0.01, steps=7, grow=3)
    monkeypatch.delenv("INSPECTOR_CRAMMING")
    assert Settings.named() == Settings()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("speed=1", "has no setting 'speed'; known: rate, least_rate, warmup, steps, stage, grow, decay, seed"),
        ("steps=many", "steps takes a number, not 'many'"),
        ("steps=0", "steps takes a number from 1, not '0'"),
        ("rate=nan", "rate takes a number from 0, not 'nan'"),
        ("steps", "steps takes a number, not ''"),
    ],
)
def test_settings_that_cannot_be_used_say_why(text, said):
    with pytest.raises(ValueError, match=r"INSPECTOR_CRAMMING") as error:
        Settings.named(text)
    assert said in str(error.value)


def test_bits_count_vectors_and_length():
    assert bits_of(2, 48, 127) == 2 * 48 * 32 + 8
    assert bits_of(2, 48, 128) == 2 * 48 * 32 + 16
