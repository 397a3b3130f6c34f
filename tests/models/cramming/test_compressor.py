"""Cramming as a compressor: windows, ratios, progress, what is remembered; and the family's rows."""

from __future__ import annotations

import pytest
import torch

from inspector.compare import Builder, compare, stream
from inspector.engine import WindowCache
from models.compressor import Row
from models.cramming import compressors
from models.registry import Registry, UnknownCompressor
from tests.models import tiny

TEXT = "Ben gave Anna 12 pears."


@pytest.fixture
def table(crammer, monkeypatch) -> Registry:
    monkeypatch.setattr("inspector.compare.CACHE", WindowCache())
    settings = {"kind": "optimised", "ratios": (1, 2, 4), "default_ratio": 2, "window": 8, "optimises": True}
    return Registry([Row("crammed", "Crammed", load=lambda _: crammer, **settings)])


def test_every_window_has_its_share_of_vectors(crammer):
    source = crammer.source(TEXT)
    memories = crammer.compress(source, source.windows, 3)
    assert [m.length for m in memories] == [last - first for first, last in source.windows] and len(memories) > 1
    assert [m.size for m in memories] == [-(-m.length // 3) for m in memories]
    assert all(m.kind == "optimised" and m.stops_by_length and m.vectors.shape == (m.size, 48) for m in memories)
    assert sum(m.extra["horizon"] for m in memories) > 0


def test_a_window_is_crammed_once(crammer):
    source = crammer.source(TEXT)
    first = crammer.compress(source, source.windows, 2)
    crammer.decoder = None  # a second search would need it
    again = [m.vectors for m in crammer._progress([crammer._windows[k] for k in crammer._windows]).memories]
    assert {m.vectors.sum().item() for m in first} == {v.sum().item() for v in again}


def test_what_was_stopped_is_shown_and_taken_up_again(table, crammer):
    asked = iter([False] * 9)
    builder = Builder(TEXT, ["crammed@1"])
    for event in stream(TEXT, ["crammed@1"], registry=table, stop=lambda: next(asked, True)):
        builder.apply(event)
    column = builder.columns[0]
    assert column["status"] == "stopped" and column["memory"].vectors == len(crammer.source(TEXT).ids)
    steps = {key: w.steps for key, w in crammer._windows.items()}
    assert 0 < sum(steps.values()) < 40
    made = compare(TEXT, ["crammed@1"], registry=table)
    assert all(crammer._windows[key].steps >= taken for key, taken in steps.items())
    assert made.inspections[0].reconstruction.text


def test_the_text_so_far_is_told_while_it_is_searched_for(table, monkeypatch):
    monkeypatch.setattr("models.cramming.compressor.TELL_EVERY", 0.0)
    events = list(stream(TEXT, ["crammed@1"], registry=table))
    told = [e.value for e in events if e.field == "optimising"]
    assert len(told) > 5 and told[-1]["progress"] == 1.0 and told[0]["progress"] < 0.5
    assert [t["progress"] for t in told] == sorted(t["progress"] for t in told)
    assert max(len(t["text"]) for t in told) > 0
    fields = [e.field for e in events]
    assert fields.index("memory") > max(i for i, f in enumerate(fields) if f == "optimising")


def test_an_inspection_says_how_far_the_text_comes_back(table, crammer):
    made = compare(TEXT, ["crammed@1"], registry=table).inspections[0]
    horizon = sum(w.horizon for w in crammer._windows.values())
    assert f"bring back {horizon:,} of {len(crammer.source(TEXT).ids):,} tokens exactly" in made.notes["memory"]
    assert made.spectrum.rows == made.memory.vectors and made.trace.tokens[0].prior_surprisal is not None
    assert made.bits.memory == made.memory.vectors * 48 * 32 + 8 * len(made.memory.windows)


def test_finished_windows_come_from_the_cache(table, crammer):
    first = compare(TEXT, ["crammed@2"], registry=table).inspections[0]
    crammer._windows.clear()
    second = compare(TEXT, ["crammed@2"], registry=table).inspections[0]
    assert not crammer._windows
    assert second.reconstruction == first.reconstruction and second.spectrum == first.spectrum


def test_truncation_searches_no_second_time(table, crammer):
    compare(TEXT, ["crammed@2"], registry=table)
    steps = {key: w.steps for key, w in crammer._windows.items()}
    made = compare(TEXT, ["crammed@2"], registry=table, truncate="1").inspections[0]
    assert {key: w.steps for key, w in crammer._windows.items()} == steps
    assert sum(v > 1e-4 for v in made.spectrum.singular_values) == 1


def test_short_contexts_make_short_windows(reader, crammer):
    short = type(crammer)(reader, crammer.tokenizer, crammer.settings, 1_000)
    assert short.window == 127  # of 256 positions: begin token, as many vectors as tokens at most, tokens


@pytest.mark.parametrize("text", ["x", "한국어 🙂", "<s></s> ${x}", "\x00", "  \n  a"])
def test_any_text(table, text):
    made = compare(text, ["crammed@4"], registry=table).inspections[0]
    assert made.trace.tokens[-1].end == len(text)


# The family


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> str:
    return tiny.save(tmp_path_factory.mktemp("models") / "tiny-1.5_llama")


@pytest.fixture
def family() -> Registry:
    return Registry(compressors())


def test_a_folder_is_a_compressor(family, folder, monkeypatch):
    monkeypatch.setenv("INSPECTOR_CRAMMING", "steps=20 warmup=2 grow=2")
    address = family.resolve(f"cramming:{folder}@4")
    assert str(address) == f"cramming:{folder}@4" and family.resolve(str(address)) == address
    assert address.row.why_not() is None and address.row.title.endswith("read by tiny-1.5_llama")
    assert not address.row.live and address.row.optimises and address.row.kind == "optimised"
    made = compare("Anna met Ben.", [f"cramming:{folder}@4"], registry=family).inspections[0]
    assert made.compressor == f"cramming:{folder}@4" and made.memory.width == 48
    assert family.load(address).decoder.model.dtype == torch.float32


def test_the_pattern_itself_is_listed_and_says_what_to_do(family):
    row = family.rows["cramming:MODEL"]
    assert "put a model in MODEL's place" in row.why_not()
    assert family.resolve("cramming:MODEL").row is row
    with pytest.raises(RuntimeError, match=r"^cramming:MODEL is not ready: put a model"):
        family.load(family.resolve("cramming:MODEL"))


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ("/nowhere/at/all", "there is no folder /nowhere/at/all; name a folder, or a model on the hub"),
        ("./nowhere", "there is no folder ./nowhere"),
        ("a/b/c", "there is no folder a/b/c"),
        ("${x}", "there is no folder ${x}"),
    ],
)
def test_what_is_no_model_says_why(family, model, said):
    address = family.resolve(f"cramming:{model}@8")
    assert said in address.row.why_not()
    with pytest.raises(RuntimeError, match="is not ready: there is no folder"):
        family.load(address)


def test_a_folder_without_a_model_says_what_is_missing(family, tmp_path):
    row = family.resolve(f"cramming:{tmp_path}").row
    assert row.why_not() == f"the folder {tmp_path} holds no config.json, so it is no transformers model"
    (tmp_path / "config.json").write_text('{"model_type": "unheard-of"}')
    (tmp_path / "pytorch_model.bin").write_bytes(b"pickle")
    assert "are a pickle, which can hold code; to allow it, set INSPECTOR_ALLOW=pickle" in row.why_not()
    (tmp_path / "model.safetensors").write_bytes(b"no weights")
    assert row.why_not() is None
    with pytest.raises(RuntimeError, match=f"^transformers cannot load {tmp_path} as a causal language model: "):
        family.load(family.resolve(f"cramming:{tmp_path}"))


def test_offline_a_hub_name_needs_the_local_cache(family, monkeypatch, tmp_path):
    row = family.resolve("cramming:nobody/nothing-at-all").row
    assert row.why_not() is None  # the hub is asked when it is loaded, not before
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert "HF_HUB_OFFLINE keeps it from the hub" in row.why_not()


@pytest.mark.parametrize("address", ["cramming:/a folder/b@8", "cramming:/a+B/c", "cramming:/a@b/c@8"])
def test_folders_that_no_address_can_hold(family, address):
    with pytest.raises(UnknownCompressor, match="may not hold white space, '@' or '\\+' here"):
        family.resolve(address)


@pytest.mark.parametrize("address", ["cramming", "cramming:", "cramming:@8", "Cramming:x", "x:cramming:y"])
def test_what_is_not_of_the_family_is_unknown(family, address):
    with pytest.raises(UnknownCompressor, match=r"known: cramming:pocket, cramming:MODEL$"):
        family.resolve(address)


def test_ratios_go_up_to_the_window(family, folder):
    assert family.resolve(f"cramming:{folder}@7").ratio == 7
    with pytest.raises(UnknownCompressor, match=r"has no ratio 129; known: .*, 128, or any up to 128"):
        family.resolve(f"cramming:{folder}@129")
