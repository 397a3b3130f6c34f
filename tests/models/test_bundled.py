"""The shipped weights on sentences written for these tests."""

import pytest

from inspector.benchmark import llama
from inspector.compare import CACHE, compare
from models.pocket import WEIGHTS, compressors
from models.registry import UnknownCompressor, registry

TEXT = (
    "The old lighthouse on the northern cape was built in 1871 by a company from Bristol, and for forty years the same "
    "family kept its lamp. Margaret Hale, the last keeper, wrote down the weather every evening and sent her notes to the "
    "museum in the town. She said that the storm of December 1909 was the worst of them all: the sea took the boat, the "
    "garden wall and eleven of her sheep, but the light never went out. When the station was closed, the museum asked for "
    "her books, and she gave them everything except the first."
)
SOFT = ["superposition-xs", "superposition-s", "superposition"]
FREE = ["pocket-xs", "pocket-s", "pocket-m", "pocket-l"]


@pytest.fixture(autouse=True)
def empty_cache():
    CACHE.clear()


def inspect(*addresses):
    return compare(TEXT, addresses).inspections


def test_all_rows_are_ready():
    rows = {name: row.why_not() for name, row in registry().rows.items() if row.bundled and row.kind != "optimised"}
    assert rows == dict.fromkeys([*FREE, *SOFT, "pruning"])


def test_sizes_are_what_the_names_promise():
    sizes = {row.name: row.parameters for row in compressors()}
    assert 0.4e6 < sizes["superposition-xs"]["compressor"] < 0.7e6 and 1.7e6 < sizes["superposition-s"]["compressor"] < 2.3e6
    assert sizes["superposition"]["compressor"] == 0
    free = [sizes[name]["compressor"] for name in FREE]
    assert free == sorted(free) and 0.4e6 < free[0] < 0.6e6 and 12e6 < free[-1] < 14e6
    weights = [f.stat().st_size for f in WEIGHTS.iterdir()]
    assert sum(weights) <= 100e6 and max(weights) <= 45e6


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


@pytest.mark.parametrize(
    ("name", "least"), [("pocket-xs", 0.4), ("pocket-s", 0.7), ("pocket-m", 0.7), ("pocket-l", 0.7), ("pocket-s+joint", 0.7)]
)
def test_free_memory_carries_the_text(name, least):
    """Much of it, where the prior alone would bring back next to nothing."""
    fine, coarse = inspect(f"{name}@4", f"{name}@64")
    tokens = fine.trace.tokens
    assert sum(t.rank == 1 for t in tokens) / len(tokens) > least
    assert sum(t.gain for t in tokens) / len(tokens) > 2  # nats a token
    assert coarse.trace.mean_entropy > fine.trace.mean_entropy
    assert fine.memory.width == 384 and fine.spectrum.rows == fine.memory.vectors


def test_free_memory_without_its_transformer_knows_nothing_of_the_text():
    compressor = registry().load(registry().resolve("pocket-l@16"))
    one, other = (compressor.bare().compress(compressor.source(t), [(0, 8)], 4)[0].vectors for t in (TEXT, TEXT[::-1]))
    assert (one == other).all()


def test_checkpoints_of_a_run_are_earlier_and_worse():
    early, middle, last = inspect("pocket-xs+early@4", "pocket-xs+middle@4", "pocket-xs@4")
    surprisal = [sum(t.surprisal for t in i.trace.tokens) for i in (early, middle, last)]
    assert surprisal == sorted(surprisal, reverse=True)


def test_one_checkpoint_at_a_time():
    with pytest.raises(UnknownCompressor, match="one option at a time"):
        registry().resolve("pocket-xs+early+middle@4")


def test_overwriting_is_judged_in_free_memory():
    inspection = compare(TEXT, ["pocket-s+joint@16"]).inspections[0]
    scored = [d for d in inspection.divergences if d.in_place]
    assert scored and all(d.overwriting is not None for d in scored)
