"""xRAG on tiny random checkpoints laid out as the published ones: a pickled decoder in shards with a projector, a retriever."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
import transformers as t

from models.hub import selftest, xrag
from models.hub.settings import HubSettings
from tests.models import tiny
from tests.models.hub.fit import by_heart

PICKLE = HubSettings.named("", "pickle")
WIDE = 32  # the retriever's width, unlike the decoder's


def mistral(kind: type, seed: int, **changes) -> t.PreTrainedModel:
    torch.manual_seed(seed)
    settings = tiny.SIZES | {"max_position_embeddings": 512, "initializer_range": 0.2, "num_key_value_heads": 2, "head_dim": 12}
    return kind(t.MistralConfig(**settings | {"bos_token_id": 0, "eos_token_id": 1, "sliding_window": None} | changes)).eval()


def write(hub: Path) -> tuple[t.PreTrainedModel, t.PreTrainedModel, dict[str, torch.Tensor]]:
    """Both repositories under a folder; returns decoder, retriever and the projector's tensors."""
    folder, other = (hub / part.repo for part in xrag.CARD.parts)
    decoder, retriever = (
        mistral(t.MistralForCausalLM, 5, vocab_size=302),
        mistral(t.MistralModel, 6, hidden_size=WIDE, head_dim=8),
    )
    folder.mkdir(parents=True)
    config = {"architectures": ["XMistralForCausalLM"], "projector_type": "mlp2x_gelu", "retriever_hidden_size": WIDE}
    (folder / "config.json").write_text(json.dumps(decoder.config.to_dict() | config))
    shapes = {"0.weight": (48, WIDE), "0.bias": (48,), "2.weight": (48, 48), "2.bias": (48,)}
    projector = {f"projector.projector.{name}": torch.randn(*size) * 0.3 for name, size in shapes.items()}
    held = {k: v.clone() for k, v in decoder.state_dict().items()} | projector
    files = [f"pytorch_model-0000{i}-of-00003.bin" for i in (1, 2, 3)]
    which = {name: files[3 * i // len(held)] for i, name in enumerate(held)}
    for file in files:
        torch.save({name: held[name] for name in held if which[name] == file}, folder / file)
    (folder / "pytorch_model.bin.index.json").write_text(json.dumps({"metadata": {}, "weight_map": which}))
    retriever.save_pretrained(other)
    tiny.tokenizer().save_pretrained(other)
    return decoder, retriever, projector


@pytest.fixture
def hub(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("INSPECTOR_HUB", f"folder={tmp_path}")
    monkeypatch.setenv("INSPECTOR_ALLOW", "pickle")
    return tmp_path


def loaded(hub: Path):
    return xrag.load([hub / part.repo for part in xrag.CARD.parts], PICKLE, ())


@torch.inference_mode()
def test_a_window_is_the_projected_state_of_the_retrievers_last_token(hub):
    _, retriever, projector = write(hub)
    compressor = loaded(hub)
    source = compressor.source(tiny.TEXT)
    (memory,) = compressor.compress(source, source.windows, xrag.WINDOW)
    state = retriever(torch.tensor([[0, *source.ids, 1]])).last_hidden_state[0, -1]
    w = {name.removeprefix("projector.projector."): tensor for name, tensor in projector.items()}
    expected = torch.nn.functional.gelu(state @ w["0.weight"].T + w["0.bias"]) @ w["2.weight"].T + w["2.bias"]
    torch.testing.assert_close(memory.vectors, expected[None], atol=1e-4, rtol=1e-4)
    assert (memory.size, memory.length, memory.bits, memory.stops_by_length) == (1, len(source.ids), 48 * 16, False)


@torch.inference_mode()
def test_the_decoder_reads_it_inside_the_paraphrase_prompt(hub):
    decoder, _, _ = write(hub)
    compressor = loaded(hub)
    source = compressor.source(tiny.TEXT)
    (memory,) = compressor.compress(source, source.windows, xrag.WINDOW)
    tokens, ids = tiny.tokenizer(), list(source.ids)
    before = [0, *tokens.encode("[INST] These two expressions are equivalent in essence:\n(1) ", add_special_tokens=False)]
    after = tokens.encode("\n(2) [/INST]", add_special_tokens=False)
    embed = decoder.get_input_embeddings()
    parts = [embed(torch.tensor(part)) for part in (before, [*after, *ids[:-1]])]
    given, prior = compressor.decoder.score([memory, None], [ids, ids])
    expected = decoder(inputs_embeds=torch.cat([parts[0], memory.vectors, parts[1]])[None]).logits[0, -len(ids) :, :300]
    torch.testing.assert_close(given, expected, atol=1e-4, rtol=1e-4)
    expected = decoder(inputs_embeds=torch.cat(parts)[None]).logits[0, -len(ids) :, :300]
    torch.testing.assert_close(prior, expected, atol=1e-4, rtol=1e-4)


@torch.inference_mode()
def test_decoding_starts_after_the_prompt_and_never_says_the_added_tokens(hub):
    write(hub)
    compressor = loaded(hub)
    source = compressor.source(tiny.TEXT)
    memories = compressor.compress(source, source.windows, xrag.WINDOW)
    state = compressor.decoder.begin(memories, 4)
    first = compressor.decoder.step(state, None)
    assert first.shape == (1, 300) and compressor.decoder.end_ids == {1}
    torch.testing.assert_close(first, compressor.decoder.score(memories, [source.ids])[0][:1], atol=1e-4, rtol=1e-4)


def test_windows_hold_what_the_retriever_was_given_and_are_one_vector_each(hub):
    write(hub)
    compressor = loaded(hub)
    source = compressor.source(tiny.TEXT * 6)
    assert compressor.window == xrag.WINDOW == 180 - 2
    memories = compressor.compress(source, source.windows, xrag.WINDOW)
    assert len(memories) == -(-len(source.ids) // 178) > 1 and all(m.size == 1 for m in memories)
    assert memories[0].length == 178 and sum(m.length for m in memories) == len(source.ids)


def test_special_tokens_are_not_in_a_text(hub):
    write(hub)
    compressor = loaded(hub)
    assert compressor.text([0, *compressor.source("Ben").ids, 1]) == "Ben"


def test_random_weights_fail_the_self_test_and_trained_ones_pass(hub, monkeypatch):
    write(hub)
    (row,) = xrag.rows()
    assert row.why_not() is None and row.ratios == (178,) and not row.card.published
    with pytest.raises(RuntimeError, match="self-test failed: memory gain"):
        row.load(())
    compressor = loaded(hub)
    parts = (compressor.projector, compressor.decoder.model.model.layers)
    by_heart(compressor, (p for part in parts for p in part.parameters()), selftest.TEXT, xrag.WINDOW)
    assert selftest.verdict(compressor, xrag.WINDOW, xrag.CARD.check)[0]
    compressor.decoder.model = mistral(t.MistralForCausalLM, 9, vocab_size=302)  # another base, of the same shape
    assert not selftest.verdict(compressor, xrag.WINDOW, xrag.CARD.check)[0]
    monkeypatch.setenv("INSPECTOR_ALLOW", "")
    assert "INSPECTOR_ALLOW=pickle" in row.why_not()


def test_a_decoder_without_a_projector_is_named(hub):
    write(hub)
    folder = hub / xrag.CARD.parts[0].repo
    for file in folder.glob("*.bin"):
        torch.save({k: v for k, v in torch.load(file).items() if "projector" not in k}, file)
    with pytest.raises(RuntimeError, match=r"the projector of xRAG lacks the tensor"):
        loaded(hub)


def test_the_published_size_is_that_of_these_shapes():
    mistral_7b = 2 * 32_000 * 4_096 + 32 * (2 * 4_096**2 + 2 * 1_024 * 4_096 + 3 * 4_096 * 14_336 + 2 * 4_096) + 4_096
    projector = 2 * (4_096 * 4_096 + 4_096)
    assert xrag.CARD.parts[0].bytes == 2 * (mistral_7b + 2 * 2 * 4_096 + projector)
    assert round(xrag.CARD.parts[0].bytes / 1e7) == round((4.94 + 5.00 + 4.61) * 100)  # the three files as listed on the hub
