"""The shipped weights on sentences written for these tests."""

import pytest

from inspector.benchmark import llama
from inspector.compare import CACHE, compare
from models.pocket import WEIGHTS, compressors
from models.registry import registry

TEXT = (
    "The old lighthouse on the northern cape was built in 1871 by a company from Bristol, and for forty years the same "
    "family kept its lamp. Margaret Hale, the last keeper, wrote down the weather every evening and sent her notes to the "
    "museum in the town. She said that the storm of December 1909 was the worst of them all: the sea took the boat, the "
    "garden wall and eleven of her sheep, but the light never went out. When the station was closed, the museum asked for "
    "her books, and she gave them everything except the first."
)
SOFT = ["superposition-xs", "superposition-s", "superposition"]


@pytest.fixture(autouse=True)
def empty_cache():
    CACHE.clear()


def inspect(*addresses):
    return compare(TEXT, addresses).inspections


def test_all_rows_are_ready():
    assert {name: row.why_not() for name, row in registry().rows.items() if row.bundled} == dict.fromkeys([*SOFT, "pruning"])


def test_sizes_are_what_the_names_promise():
    sizes = {row.name: row.parameters for row in compressors()}
    assert 0.4e6 < sizes["superposition-xs"]["compressor"] < 0.7e6 and 1.7e6 < sizes["superposition-s"]["compressor"] < 2.3e6
    assert sizes["superposition"]["compressor"] == 0
    assert sum(f.stat().st_size for f in WEIGHTS.iterdir()) <= 45e6


@pytest.mark.parametrize("name", SOFT)
def test_four_tokens_a_vector_come_back_whole(name):
    (inspection,) = inspect(f"{name}@4")
    assert inspection.reconstruction.text == TEXT
    assert inspection.scores.bleu == pytest.approx(100) and inspection.scores.exact_prefix == 1
    assert inspection.trace.mean_entropy < 0.05


def test_more_tokens_a_vector_cost_fidelity():
    by_ratio = inspect("superposition-s@4", "superposition-s@16", "superposition-s@64")
    bleu = [i.scores.bleu for i in by_ratio]
    entropy = [i.trace.mean_entropy for i in by_ratio]
    assert bleu == sorted(bleu, reverse=True) and bleu[1] > 80 and bleu[2] < 90
    assert entropy == sorted(entropy)


def test_memory_tells_more_than_the_prior():
    (inspection,) = inspect("superposition-s@16")
    tokens = inspection.trace.tokens
    assert sum(t.gain for t in tokens) / len(tokens) > 3  # nats a token
    assert sum(t.entropy for t in tokens) < 0.2 * sum(t.prior_entropy for t in tokens)


def test_the_transformer_changes_the_memory_and_helps_where_it_is_tight():
    on, off = inspect("superposition-s@64", "superposition@64")
    assert on.spectrum.singular_values != off.spectrum.singular_values
    surprisal = [sum(t.surprisal for t in i.trace.tokens) for i in (on, off)]
    assert surprisal[0] < surprisal[1]


def test_a_batch_speaks_like_its_rows_alone_token_for_token():
    together = inspect("superposition-s@16", "superposition-s@64", "superposition-xs@64", "superposition@32")
    for inspection in together:
        CACHE.clear()
        (alone,) = inspect(inspection.compressor)
        assert alone.reconstruction == inspection.reconstruction


def test_the_decoder_runs_in_transformers_unchanged():
    compressor = registry().load(registry().resolve("superposition-s@16"))
    source = compressor.source(TEXT)
    memory = compressor.compress(source, source.windows[:1], 16)[0]
    spoken = llama(compressor)(memory, source.window_ids(source.windows[0]))
    first = compare(source.text[: source.spans[source.windows[0][1] - 1][1]], ["superposition-s@16"]).inspections[0]
    assert compressor.text(spoken) == first.reconstruction.text


def test_pruning_keeps_what_the_prior_did_not_expect():
    plain, digits, names = inspect("pruning@4", "pruning+digits@16", "pruning+names@16")
    assert "lighthouse" in plain.reconstruction.text and plain.reconstruction.text.count("the") < TEXT.count("the") / 3
    assert {"1871", "1909"} <= set(digits.reconstruction.text.replace(",", " ").split())
    assert "Margaret Hale" in names.reconstruction.text
    assert plain.ratio >= 3.9


@pytest.mark.parametrize(
    "text", ["안녕하세요, 세계! 오늘은 비가 옵니다.", "def f(x):\n    return {'a': x ** 2}  # ok", "🐝🐝🐝", "a"]
)
def test_other_scripts_and_code_come_back_at_four(text):
    inspection = compare(text, ["superposition-s@4"]).inspections[0]
    assert inspection.scores.token_accuracy > 0.95
