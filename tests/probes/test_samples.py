"""Sampling: known distributions, seeds, what is greedy, and divergences counted over samples."""

from __future__ import annotations

from collections import Counter

import pytest
import torch

from inspector.compare import CACHE, InputError, compare
from inspector.engine import Job, Sampler
from inspector.inspection import Report
from inspector.probes.samples import MOST, Progress, Samples, Telling, agreement, recurring, sample, sample_stream
from models.registry import Registry
from tests.probes.byhand import ByHand, Letters, row
from tests.views.made import divergence, span

TEXT = "Anna met Ben by the mill, and Ben gave Anna 12 pears; Carl saw 3 of them fall."


@pytest.fixture(autouse=True)
def no_engine(monkeypatch):
    CACHE.clear()
    monkeypatch.setattr("inspector.divergence.diverge", lambda *_, **__: Report(language="en", pipeline=None, divergences=()))


def job(number: int, start: int = 0) -> Job:
    return Job(number, None, (1,), [(start, start + 1)], None)


def test_a_sampler_draws_by_probability_and_temperature():
    logits = torch.tensor([[0.0, 1.0, -1e9, 2.0]] * 1500)
    for temperature in (1.0, 0.5):
        drawn = Counter(Sampler(temperature, 7)(logits, [job(k) for k in range(1500)]).tolist())
        expected = (logits[0] / temperature).softmax(-1).tolist()
        assert drawn[2] == 0
        for token in (0, 1, 3):
            assert drawn[token] / 1500 == pytest.approx(expected[token], abs=0.05)


def test_a_job_draws_the_same_in_any_batch():
    logits = torch.randn(6, 50, generator=torch.Generator().manual_seed(1))
    jobs = [job(k, 9 * k) for k in range(6)]
    together, alone = Sampler(1.0, 3), Sampler(1.0, 3)
    for _ in range(5):
        found = together(logits, jobs).tolist()
        assert found == [int(alone(logits[k : k + 1], [jobs[k]])) for k in range(6)]
    assert Sampler(1.0, 3)(logits, jobs).tolist() != Sampler(1.0, 4)(logits, jobs).tolist()


def test_near_zero_a_sampler_is_greedy():
    logits = torch.randn(20, 99, generator=torch.Generator().manual_seed(2))
    assert Sampler(1e-6)(logits, [job(k) for k in range(20)]).tolist() == logits.argmax(-1).tolist()


@pytest.mark.parametrize("temperature", [0.0, -1.0, float("nan"), float("inf")])
def test_a_temperature_must_be_above_zero(temperature):
    with pytest.raises(ValueError, match="above 0"):
        Sampler(temperature)


def test_the_greedy_telling_is_the_inspections_own(fakes):
    text = " ".join([TEXT] * 2)  # several windows
    made = sample(text, "fake-a@4", samples=3, registry=fakes)
    assert made.greedy.text == compare(text, ["fake-a@4"], registry=fakes).inspections[0].reconstruction.text
    assert len({telling.text for telling in made.samples}) == 3


def test_the_seed_decides(fakes):
    first, again = (sample(TEXT, "fake-a@4", samples=2, seed=5, registry=fakes) for _ in range(2))
    other = sample(TEXT, "fake-a@4", samples=2, seed=6, registry=fakes)
    assert first == again and Samples.from_json(first.to_json()) == first
    assert [t.text for t in first.samples] != [t.text for t in other.samples]
    cold = sample(TEXT, "fake-a@4", samples=2, temperature=1e-6, registry=fakes)
    assert {t.text for t in cold.samples} == {cold.greedy.text} and cold.agreement == 1.0


def test_a_known_share_comes_back():
    """The decoder says "b" in 3 of 4 tellings, else "c"; then always "!"."""
    given = {"": {"b": 0.75, "c": 0.25}, "b": {"!": 1.0}, "c": {"!": 1.0}}
    registry = Registry([row("hand", Letters(ByHand(given, {})))])
    made = sample("b!", "hand", samples=64, registry=registry)
    found = Counter(t.text for t in made.samples)
    assert set(found) == {"b!", "c!"} and 38 <= found["b!"] <= 58
    assert made.greedy.text == "b!"
    n, k = 64, found["b!"]
    same = k * (k - 1) / 2 + (n - k) * (n - k - 1) / 2
    assert made.agreement == pytest.approx((same + 0.5 * k * (n - k)) / (n * (n - 1) / 2))


def telling(told: str, *divergences) -> Telling:
    return Telling(text=told, divergences=divergences)


def test_divergences_are_grouped_by_kind_and_place_and_counted():
    source = "A red bee saw a red cat."
    first, second = span(source, "red"), span(source, "red", 1)

    def changed(told: str, where, word: str | None, severity="serious", kind="modifier"):
        return divergence(kind, severity, "substituted", where, word and span(told, word))

    greedy = telling("A blue bee saw a red cat.", changed("A blue bee saw a red cat.", first, "blue"))
    samples = [
        telling("A blue bee saw a red cat.", changed("A blue bee saw a red cat.", first, "blue", "minor")),
        telling("A blue bee.", changed("A blue bee.", first, "blue"), changed("A blue bee.", first, "blue")),
        telling("A bee saw.", changed("A bee saw.", first, None), changed("A bee saw.", second, None)),
        telling("A Big owl.", divergence("entity", "minor", "added", None, span("A Big owl.", "Big owl"))),
    ]
    one, two, owl = recurring(greedy, samples)
    assert (one.source.start, one.samples, one.frequency, one.greedy, one.severity) == (2, 3, 0.75, True, "serious")
    assert [(v.text, v.samples) for v in one.variants] == [("blue", 2), (None, 1)]
    assert (two.source.start, two.samples, two.greedy, two.severity) == (second.start, 1, False, "serious")
    assert (owl.source, owl.samples, owl.variants[0].text, owl.severity) == (None, 1, "Big owl", "minor")


def test_what_only_the_greedy_telling_has_is_listed_with_none():
    source = "A red bee."
    only = recurring(telling("A bee.", divergence("modifier", "serious", "dropped", span(source, "red"))), [telling(source)])
    assert [(r.samples, r.frequency, r.greedy, r.variants) for r in only] == [(0, 0.0, True, ())]


def test_agreement_of_pairs():
    assert agreement(["abcd", "abcd", "abcx"]) == pytest.approx((1 + 0.75 + 0.75) / 3)
    assert agreement(["one"]) is None


def test_progress_comes_first_and_a_stop_leaves_no_result(fakes):
    events = list(sample_stream(TEXT, "fake-a@4", samples=2, registry=fakes))
    shares = [e.share for e in events[:-1]]
    assert shares == sorted(shares) and all(isinstance(e, Progress) for e in events[:-1]) and isinstance(events[-1], Samples)
    assert not [e for e in sample_stream(TEXT, "fake-a@4", stop=lambda: True, registry=fakes) if isinstance(e, Samples)]


@pytest.mark.parametrize(
    ("text", "compressor", "settings", "said"),
    [
        ("", "fake-a", {}, "The text is empty"),
        (TEXT, "fake-words", {}, "nothing to sample"),
        (TEXT, "nonsense", {}, "known: fake-a"),
        (TEXT, "fake-a", {"samples": 0}, f"from 1 to {MOST}"),
        (TEXT, "fake-a", {"samples": MOST + 1}, f"from 1 to {MOST}"),
        (TEXT, "fake-a", {"temperature": 0.0}, "above 0"),
        (TEXT, "fake-a", {"seed": -1}, "seed"),
    ],
)
def test_bad_input_is_named(fakes, text, compressor, settings, said):
    with pytest.raises((InputError, ValueError), match=said):
        sample(text, compressor, registry=fakes, **settings)


@pytest.mark.parametrize("text", ["x", "\x00", "안녕하세요 세계", "שלום", "👩‍👩‍👧", "a\n\n\tb  "])
def test_any_text(fakes, text):
    made = sample(text, "fake-b@4", samples=2, registry=fakes)
    assert made.source.text == text and len(made.samples) == 2
