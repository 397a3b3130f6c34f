"""AutoCompressor on tiny random checkpoints laid out as the published ones: pickled, sharded for Llama, one tensor more."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import pytest
import torch
import transformers as t

from models.compressor import Memory
from models.hub import autocompressor, selftest
from models.hub.settings import HubSettings
from models.hub.summaries import OptReader
from tests.models import tiny
from tests.models.hub.fit import by_heart

SUMMARY = 5
PICKLE = HubSettings.named("", "pickle")
NAMES = {"autocompressor-llama-2-7b-6k", "autocompressor-2.7b-6k", "autocompressor-2.7b-30k", "autocompressor-1.3b-30k"}


def write(folder: Path, kind: str) -> t.PreTrainedModel:
    """A checkpoint in the published layout; returns the model in it."""
    torch.manual_seed(2)
    if kind == "llama":
        network, name = tiny.network("llama", tie_word_embeddings=False), "LlamaAutoCompressorModel"
    else:
        own = {"ffn_dim": 96, "word_embed_proj_dim": 48, "max_position_embeddings": 256, "pad_token_id": 1, "init_std": 0.2}
        sizes = {k: v for k, v in tiny.SIZES.items() if k != "intermediate_size"}
        network = t.OPTForCausalLM(t.OPTConfig(**sizes, **own, bos_token_id=0, eos_token_id=1)).eval()
        with torch.no_grad():
            network.model.decoder.embed_positions.weight[1] = 0.7  # told from a vector of zeros
        name = "AutoCompressorModel"
    folder.mkdir(parents=True)
    config = {"architectures": [name], "summary_length": SUMMARY, "accumulate_summary": True}
    (folder / "config.json").write_text(json.dumps(network.config.to_dict() | config))
    held = {k: v.clone() for k, v in network.state_dict().items()} | {"embed_summary.weight": torch.randn(SUMMARY, 48)}
    if kind == "llama":
        names = list(held)
        files = [f"pytorch_model-0000{i}-of-00002.bin" for i in (1, 2)]
        which = {name: files[i >= len(names) // 2] for i, name in enumerate(names)}
        for file in files:
            torch.save({name: held[name] for name in names if which[name] == file}, folder / file)
        (folder / "pytorch_model.bin.index.json").write_text(json.dumps({"metadata": {}, "weight_map": which}))
    else:
        torch.save(held, folder / "pytorch_model.bin")
    tiny.tokenizer().save_pretrained(folder)
    return network


def loaded(folder: Path):
    return autocompressor.load([folder], PICKLE, ())


def by_hand(network: t.PreTrainedModel, x: torch.Tensor, places: list[int]) -> t.modeling_outputs.BaseModelOutput:
    """The published forward pass: OPT's positions are rows of a table, where padding has row 1 and text starts at row 2."""
    if network.config.model_type == "llama":
        return network.model(inputs_embeds=x)
    table = network.model.decoder.embed_positions

    class Given(torch.nn.Module):
        def forward(self, *_, **__):
            return table.weight[torch.tensor(places)][None]

    network.model.decoder.embed_positions = Given()
    try:
        return network.model(inputs_embeds=x)
    finally:
        network.model.decoder.embed_positions = table


@pytest.fixture(params=("llama", "opt"))
def kind(request) -> str:
    return request.param


@torch.inference_mode()
def test_a_window_becomes_the_hidden_states_at_its_summary_tokens(tmp_path, kind):
    network = write(tmp_path / "c", kind)
    compressor = loaded(tmp_path / "c")
    source = compressor.source(tiny.TEXT)
    (memory,) = compressor.compress(source, source.windows, autocompressor.RATIO)
    n = len(source.ids)
    summary = torch.load(next(p for p in (tmp_path / "c").glob("*.bin") if "embed_summary.weight" in torch.load(p)))
    x = torch.cat([network.get_input_embeddings()(torch.tensor([source.ids])), summary["embed_summary.weight"][None]], 1)
    expected = by_hand(network, x, [*range(2, n + 2), *[1] * SUMMARY]).last_hidden_state[0, n:]
    torch.testing.assert_close(memory.vectors, expected, atol=1e-4, rtol=1e-4)
    assert (memory.size, memory.length, memory.stops_by_length) == (SUMMARY, n, True)
    assert memory.bits == SUMMARY * 48 * 16 + 8  # and the length


@torch.inference_mode()
def test_a_text_is_scored_behind_its_summary_and_the_begin_token(tmp_path, kind):
    network = write(tmp_path / "c", kind)
    compressor = loaded(tmp_path / "c")
    source = compressor.source(tiny.TEXT)
    (memory,) = compressor.compress(source, source.windows, autocompressor.RATIO)
    ids, n = list(source.ids), len(source.ids)
    tokens = network.get_input_embeddings()(torch.tensor([[0, *ids[:-1]]]))
    given, prior = compressor.decoder.score([memory, None], [ids, ids])
    hidden = by_hand(network, torch.cat([memory.vectors[None], tokens], 1), [*[1] * SUMMARY, *range(2, n + 2)])[0][0, SUMMARY:]
    torch.testing.assert_close(given, network.lm_head(hidden), atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(
        prior, network.lm_head(by_hand(network, tokens, list(range(2, n + 2)))[0][0]), atol=1e-4, rtol=1e-4
    )


@torch.inference_mode()
def test_steps_in_a_batch_of_memory_and_prior_give_what_scoring_gives(tmp_path, kind):
    write(tmp_path / "c", kind)
    compressor = loaded(tmp_path / "c")
    source = compressor.source(tiny.TEXT)
    memories = [*compressor.compress(source, source.windows, autocompressor.RATIO), None]
    ids = list(source.ids[:9])
    expected = compressor.decoder.score(memories, [ids, ids])
    state = compressor.decoder.begin(memories, len(ids))
    rows = [compressor.decoder.step(state, None)]
    rows += [compressor.decoder.step(state, torch.tensor([i, i])) for i in ids[:-1]]
    for row in range(2):
        torch.testing.assert_close(torch.stack([r[row] for r in rows]), expected[row], atol=1e-4, rtol=1e-4)


def test_what_is_trained_is_what_is_scored(tmp_path, kind):
    write(tmp_path / "c", kind)
    compressor = loaded(tmp_path / "c")
    source = compressor.source(tiny.TEXT)
    (memory,) = compressor.compress(source, source.windows, autocompressor.RATIO)
    given = compressor.decoder.logits(memory.vectors[None], torch.tensor([source.ids]), [{}])
    torch.testing.assert_close(given, compressor.decoder.score([memory], [source.ids])[0][None], atol=1e-4, rtol=1e-4)


def test_opt_counts_text_as_if_summaries_were_not_there(tmp_path):
    write(tmp_path / "c", "opt")
    decoder = loaded(tmp_path / "c").decoder
    assert isinstance(decoder, OptReader)
    visible = torch.tensor([[1, 1, 1, 1, 1], [0, 0, 0, 1, 1]])
    memory = Memory("soft", 9, 3, 0, torch.zeros(3, 48))
    assert decoder.positions([memory, None], visible).tolist() == [[-1, -1, -1, 0, 1], [-1, -1, -1, 0, 1]]


def test_every_window_gets_all_summary_vectors_and_is_compressed_by_itself(tmp_path, kind):
    write(tmp_path / "c", kind)
    compressor = loaded(tmp_path / "c")
    assert compressor.window == autocompressor.WINDOW == 6_144 // 4 == 30_720 // 20
    compressor.window = 16
    source = compressor.source(tiny.TEXT)
    memories = compressor.compress(source, source.windows, autocompressor.RATIO)
    assert [m.length for m in memories] == [b - a for a, b in source.windows] and {m.size for m in memories} == {SUMMARY}
    (alone,) = compressor.compress(source, source.windows[1:2], autocompressor.RATIO)
    torch.testing.assert_close(memories[1].vectors, alone.vectors, atol=1e-5, rtol=1e-4)


def test_special_tokens_are_not_in_a_text(tmp_path):
    write(tmp_path / "c", "opt")
    compressor = loaded(tmp_path / "c")
    assert compressor.text([0, *compressor.source("Ben").ids, 1]) == "Ben"
    assert 0 not in compressor.source("<s>Ben</s>").ids and compressor.decoder.end_ids == {1}


def test_rows_say_what_they_are_and_refuse_the_pickle(monkeypatch):
    monkeypatch.setenv("INSPECTOR_ALLOW", "")
    rows = {row.name: row for row in autocompressor.rows()}
    assert rows.keys() == NAMES
    for row in rows.values():
        assert not row.reconstructs and row.traces and row.vectors and row.card.limits and not row.card.published
        assert "INSPECTOR_ALLOW=pickle" in row.why_not()


def test_random_weights_fail_the_self_test_and_trained_ones_pass(tmp_path, monkeypatch, kind):
    monkeypatch.setenv("INSPECTOR_ALLOW", "pickle")
    monkeypatch.setenv("INSPECTOR_HUB", f"folder={tmp_path}")
    row = autocompressor.rows()[0 if kind == "llama" else 3]
    network = write(tmp_path / row.card.parts[0].repo, kind)
    assert row.why_not() is None
    with pytest.raises(RuntimeError, match="self-test failed: memory gain"):
        row.load(())
    compressor = loaded(tmp_path / row.card.parts[0].repo)
    by_heart(compressor, compressor.decoder.model.parameters(), selftest.TEXT, autocompressor.RATIO)
    assert selftest.verdict(compressor, autocompressor.RATIO, autocompressor.CHECK)[0]
    compressor.decoder.model = network  # another base, of the same shape
    assert not selftest.verdict(compressor, autocompressor.RATIO, autocompressor.CHECK)[0]


@pytest.mark.parametrize("allow", ["", "pickle"])
def test_another_model_is_no_autocompressor(tmp_path, allow):
    tiny.save(tmp_path)
    with pytest.raises(RuntimeError, match=r"holds embed_summary\.weight, so this is no AutoCompressor"):
        partial(autocompressor.load, [tmp_path])(HubSettings.named("", allow), ())


def test_the_published_sizes_are_those_of_these_shapes():
    def opt(layers: int, d: int) -> int:
        layer = 4 * (d * d + d) + 2 * 2 * d + 2 * d * 4 * d + 5 * d
        return 50_272 * d + 2_050 * d + layers * layer + 2 * d

    llama = 2 * 32_000 * 4_096 + 32 * (4 * 4_096**2 + 3 * 4_096 * 11_008 + 2 * 4_096) + 4_096
    sizes = {row.name.removeprefix("autocompressor-"): row.card.parts[0].bytes for row in autocompressor.rows()}
    assert sizes["llama-2-7b-6k"] == 2 * (llama + 50 * 4_096)
    assert round(sizes["llama-2-7b-6k"] / 1e7) == round((9.98 + 3.50) * 100)  # the files as listed on the hub
    assert sizes["1.3b-30k"] == 4 * (opt(24, 2_048) + 50_272 * 2_048 + 50 * 2_048)
    assert abs(sizes["1.3b-30k"] / 1e9 - 5.68) < 0.01
