"""Does the prior explain a substitution? In place, with the bundled models, and every reason why that cannot be told."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from inspector.divergence import overwriting
from inspector.divergence.overwriting import LIMIT, MARGIN, WHY, explained, judge
from inspector.divergence.unigrams import FILE, bundled_table, unigrams
from inspector.engine import Job
from inspector.inspection import Divergence, InPlace, Message, Report, Span
from models.pocket.tokenizer import bundled
from models.registry import registry
from models.training.unigrams import write_unigrams
from tests.conftest import WINDOW


def jobs_of(compressor, source: str, reconstruction: str, ratio: int) -> list[Job]:
    """Windows of a source as if the reconstruction had come back, token for token in place."""
    made, ids = compressor.source(source), bundled().ids(reconstruction)
    memories = compressor.compress(made, made.windows, ratio)
    return [
        Job(0, compressor, made.window_ids(w), made.spans[w[0] : w[1]], None, memory, tokens=list(ids[w[0] : w[1]]), done=True)
        for w, memory in zip(made.windows, memories, strict=True)
    ]


def span(text: str, words: str, nth: int = 0) -> Span:
    start = -1
    for _ in range(nth + 1):
        start = text.index(words, start + 1)
    return Span(start=start, end=start + len(words), text=words)


def divergence(source: Span | None, reconstruction: Span | None, change: str = "substituted") -> Divergence:
    return Divergence(
        kind="entity",
        dimension="entity_list",
        severity="serious",
        change=change,
        source=source,
        reconstruction=reconstruction,
        explanation="",
        message=Message(key="entity.substituted"),
        confidence=1.0,
    )


def report(*divergences: Divergence) -> Report:
    return Report(language="en", pipeline=None, divergences=divergences, notes={"kept": "as it was"})


def changed(compressor, sentence: str, words: str, came: str, ratio: int = 16, change: str = "substituted") -> Report:
    """Judge one change of a sentence with a gap `{}`."""
    source, back = sentence.format(words), sentence.format(came)
    entry = divergence(span(source, words), span(back, came), change)
    return judge(report(entry), source, compressor, jobs_of(compressor, source, back, ratio))


@pytest.fixture(scope="module")
def pocket():
    return registry().load(registry().resolve("superposition-s@16"))


@pytest.fixture
def fake(fakes):
    return fakes.load(fakes.resolve("fake-a@4"))


# what is told


@pytest.mark.parametrize(
    ("sentence", "words", "came", "expected"),
    [
        ("She was born in the United {} of America.", "Church", "States", True),
        ("She was born in the United {} of America.", "States", "Church", False),
        ("She was born in the United {} of America.", "States", "Kingdom", False),  # not by the margin
        ("He went to the {} of the church.", "doctor", "time", False),  # likelier, but no more than it is frequent
        ("He lived near the {} and the doctor.", "church", "and", False),  # only more frequent
    ],
)
def test_the_prior_explains_a_change_or_does_not(pocket, sentence, words, came, expected):
    made = changed(pocket, sentence, words, came)
    assert made.divergences[0].overwriting is expected
    assert made.notes == {"kept": "as it was"}


def test_frequency_alone_is_no_overwriting(pocket):
    place = changed(pocket, "He went to the {} of the church.", "doctor", "time").divergences[0].in_place
    assert place.prior[1] - place.prior[0] >= MARGIN
    assert place.unigram[1] - place.unigram[0] >= MARGIN


def test_a_swap_is_scored_too(pocket):
    source, back = "The father saw the mother in the house.", "The mother saw the father in the house."
    words = "father saw the mother", "mother saw the father"
    entry = divergence(span(source, words[0]), span(back, words[1]), "swapped")
    made = judge(report(entry), source, pocket, jobs_of(pocket, source, back, 16)).divergences[0]
    assert made.overwriting is False and made.in_place.unigram[0] == pytest.approx(made.in_place.unigram[1])


@pytest.mark.parametrize(
    ("prior", "unigram", "expected"),
    [
        ((-5.0, -5.0 + MARGIN), (-9.0, -9.0), True),
        ((-5.0, -5.01 + MARGIN), (-9.0, -9.0), False),
        ((-5.0, -5.0 + MARGIN), (-9.0, -8.9), False),
        ((-5.0, -5.0 + MARGIN), (-9.0, -12.0), True),
        ((-5.0, -5.5), (-9.0, -14.0), False),  # the unigram cannot make a prior's preference
    ],
)
def test_both_margins(prior, unigram, expected):
    assert explained(InPlace(memory=(0.0, 0.0), prior=prior, unigram=unigram)) is expected


def log_probability(decoder, memory, ids, first: int, last: int) -> float:
    logits = decoder.score([memory], [ids])[0].log_softmax(-1)
    return float(sum(logits[t, ids[t]] for t in range(first, last)))


def test_log_probabilities_are_those_of_each_sentence_alone(pocket):
    source = "The United Church of the north saw the great king of France in the city in the year of our Lord."
    back = "The United States of the south saw the first man of Europe in the city in the time of our Lord."
    pairs = [("Church", "States"), ("north saw", "south saw"), ("great king of France", "first man of Europe"), ("year", "time")]
    jobs = jobs_of(pocket, source, back, 16)
    assert len(jobs) == 1 and len(jobs[0].tokens) == len(jobs[0].ids)
    made = judge(report(*(divergence(span(source, a), span(back, b)) for a, b in pairs)), source, pocket, jobs)
    ids, table = jobs[0].ids, unigrams(pocket)
    for d, (a, b) in zip(made.divergences, pairs, strict=True):
        words = tuple(bundled().ids(" " + a))
        altered = tuple(bundled().ids(" " + b))
        first = next(k for k in range(len(ids)) if ids[k : k + len(words)] == words)
        last = first + len(words)
        both = ids[:last], ids[:first] + altered
        for field, memory in (("memory", jobs[0].memory), ("prior", None)):
            expected = [log_probability(pocket.decoder, memory, row, first, last) for row in both]
            assert getattr(d.in_place, field) == pytest.approx(expected, abs=2e-3)
        assert d.in_place.unigram == pytest.approx([float(table[list(t)].sum()) for t in (words, altered)])


def test_one_batch_a_side_and_no_row_twice(pocket):
    calls = []

    class Counting:
        end_ids = pocket.decoder.end_ids

        def score(self, memories, targets):
            calls.append((list(memories), list(targets)))
            return pocket.decoder.score(memories, targets)

    counting = SimpleNamespace(decoder=Counting(), tokenizer=pocket.tokenizer, text=pocket.text)
    source, back = "He saw the church and the water and the king.", "He saw the house and the table and the man."
    pairs = [("church", "house"), ("water", "table"), ("king", "man")]
    entries = [divergence(span(source, a), span(back, b)) for a, b in pairs]
    judge(report(*entries), source, counting, jobs_of(pocket, source, back, 16))
    assert len(calls) == 2
    (given, rows), (nothing, same_rows) = calls
    assert rows == same_rows and nothing == [None] * len(rows) and None not in given
    assert len(rows) == 1  # each word is one token, so all of them ride on the source's own row


def test_characters_of_many_bytes(fake):
    source, back = "그는 서울에 산다. 좋다.", "그는 부산에 산다. 좋다."
    entry = divergence(span(source, "서울에"), span(back, "부산에"))
    made = judge(report(entry), source, fake, jobs_of(fake, source, back, 4))
    words, came = bundled().ids(source), bundled().ids(back)
    found = overwriting.Locator(fake, jobs_of(fake, source, back, 4)).reconstruction(entry.reconstruction)
    assert "부산에" in bundled().decode(list(found))
    assert (made.divergences[0].in_place is not None) or WHY["tokens"] in made.notes["overwriting"], (words, came)


# why it cannot be told

SENTENCE = "She was born in the United {} of America."


def reason(made: Report) -> str:
    assert all(d.overwriting is None and d.in_place is None for d in made.divergences)
    assert made.notes["kept"] == "as it was"
    return made.notes["overwriting"]


def test_kept_words(fakes):
    words = fakes.load(fakes.resolve("fake-words@2"))
    assert reason(changed(words, SENTENCE, "Church", "States", 2)) == WHY["words"]


def test_no_decoder(fake):
    without = SimpleNamespace(decoder=None, tokenizer=fake.tokenizer, text=fake.text)
    source = SENTENCE.format("Church")
    entry = divergence(span(source, "Church"), span(source, "United"))
    assert reason(judge(report(entry), source, without, jobs_of(fake, source, source, 4))) == WHY["decoder"]
    assert reason(judge(report(entry), source, fake, [])) == WHY["decoder"]


@pytest.mark.parametrize(
    ("difference", "key"), [({"kind": "kv"}, "kv"), ({"extra": {}}, "position"), ({"stops_by_length": False}, "position")]
)
def test_memory_that_is_not_tied_to_position(fake, difference, key):
    source, back = SENTENCE.format("Church"), SENTENCE.format("States")
    jobs = jobs_of(fake, source, back, 4)
    for job in jobs:
        job.memory = replace(job.memory, **difference)
    entry = divergence(span(source, "Church"), span(back, "States"))
    assert reason(judge(report(entry), source, fake, jobs)) == WHY[key]


def test_no_token_frequencies(fake):
    other = SimpleNamespace(decoder=fake.decoder, tokenizer=SimpleNamespace(fingerprint="another"), text=fake.text)
    source, back = SENTENCE.format("Church"), SENTENCE.format("States")
    entry = divergence(span(source, "Church"), span(back, "States"))
    jobs = jobs_of(fake, source, back, 4)
    assert reason(judge(report(entry), source, other, jobs)) == WHY["unigram"]
    other.unigrams = bundled_table()[1]
    assert judge(report(entry), source, other, jobs).divergences[0].in_place is not None


def test_no_prior(fake):
    class Bound:
        def score(self, memories, targets):
            if None in memories:
                raise NotImplementedError
            return fake.decoder.score(memories, targets)

    other = SimpleNamespace(decoder=Bound(), tokenizer=fake.tokenizer, text=fake.text)
    source, back = SENTENCE.format("Church"), SENTENCE.format("States")
    entry = divergence(span(source, "Church"), span(back, "States"))
    assert reason(judge(report(entry), source, other, jobs_of(fake, source, back, 4))) == WHY["prior"]


def test_another_number_of_tokens(fake):
    assert reason(changed(fake, SENTENCE, "zebra", "States", 4)) == WHY["tokens"]


def test_words_over_the_border_of_two_windows(fake):
    source = " ".join(["water"] * (WINDOW + 6))
    assert len(bundled().ids(source)) > WINDOW
    spans = bundled().encode(source).spans
    border = Span(start=spans[WINDOW - 1][0] + 1, end=spans[WINDOW][1], text="water water")
    made = judge(report(divergence(border, border)), source, fake, jobs_of(fake, source, source, 4))
    assert reason(made) == WHY["window"]


def test_a_second_window_has_its_own_prefix(fake):
    source = " ".join(["water"] * (WINDOW + 6))
    back = source[: -len("water")] + "house"
    entry = divergence(span(source, "water", WINDOW + 5), span(back, "house"))
    jobs = jobs_of(fake, source, back, 4)
    made = judge(report(entry), source, fake, jobs).divergences[0]
    ids = jobs[1].ids
    expected = log_probability(fake.decoder, jobs[1].memory, ids, len(ids) - 1, len(ids))
    assert made.in_place.memory[0] == pytest.approx(expected, abs=2e-3)


def test_a_span_that_is_not_there(fake):
    source = SENTENCE.format("Church")
    jobs = jobs_of(fake, source, source, 4)
    for a, b in [
        (span(source, "Church"), Span(start=900, end=905, text="other")),
        (Span(start=900, end=905, text="other"), span(source, "Church")),
        (span(source, "Church"), Span(start=0, end=3, text="Not")),
    ]:
        assert reason(judge(report(divergence(a, b)), source, fake, jobs)) == WHY["unknown"]


def test_what_is_no_substitution(fake):
    source = SENTENCE.format("Church")
    made = judge(report(divergence(span(source, "Church"), None, "dropped")), source, fake, jobs_of(fake, source, source, 4))
    assert reason(made) == WHY["change"]


def test_nothing_to_judge_needs_no_note(fake):
    assert judge(report(), "x", fake, []) == report()


def test_reasons_are_said_once_and_beside_what_is_told(fake):
    source, back = SENTENCE.format("Church"), SENTENCE.format("States")
    told = divergence(span(source, "Church"), span(back, "States"))
    long = divergence(span(source, "born in"), span(back, "States"))
    dropped = divergence(span(source, "She"), None, "dropped")
    made = judge(report(long, told, long, dropped, dropped), source, fake, jobs_of(fake, source, back, 4))
    assert [d.in_place is None for d in made.divergences] == [True, False, True, True, True]
    assert made.notes["overwriting"] == f"{WHY['change']} {WHY['tokens']}"


def test_only_so_many_are_scored(fake):
    source, back = SENTENCE.format("Church"), SENTENCE.format("States")
    told = divergence(span(source, "Church"), span(back, "States"))
    made = judge(report(*[told] * (LIMIT + 2)), source, fake, jobs_of(fake, source, back, 4))
    assert [d.in_place is None for d in made.divergences] == [False] * LIMIT + [True] * 2
    assert made.notes["overwriting"] == WHY["limit"]


# token frequencies


def test_the_shipped_table_counts_with_the_shipped_tokenizer():
    fingerprint, table = bundled_table()
    assert fingerprint == bundled().fingerprint
    assert table.shape == (8191,) and float(table.exp().sum()) == pytest.approx(1.0, abs=2e-3)
    assert FILE.stat().st_size < 40_000


def test_counts_are_smoothed_by_one(tmp_path):
    out = tmp_path / "unigrams.safetensors"
    table = write_unigrams(np.array([0, 0, 2], np.uint16), out, "abc", size=4)
    assert np.exp(table.astype(float)) == pytest.approx([3 / 7, 1 / 7, 2 / 7, 1 / 7], rel=2e-3)
    bundled_table.cache_clear()
    try:
        fingerprint, read = bundled_table(out)
        assert fingerprint == "abc" and read.tolist() == pytest.approx(table.astype(float).tolist())
        assert bundled_table(tmp_path / "absent") is None
    finally:
        bundled_table.cache_clear()
