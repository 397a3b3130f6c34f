"""PISCO against the published arithmetic, run by hand on the same tiny weights."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
import torch

from models.hub import memtokens, pisco, weights
from models.hub.lora import using
from models.hub.memprompts import LORA_16, MISTRAL, REPEAT, SYSTEM
from models.hub.settings import HubSettings
from models.hub.tokens import HubTokenizer
from tests.models import tiny
from tests.models.hub import naver

MEM = [f"<MEM{i}>" for i in range(4)]
ADDED = [*MEM, "<AE>", "<ENC>", "<SEP>"]
ROLES = ("decoder_adapter", "encoder_adapter")
PICKLE = HubSettings(dtype="float32", allow=frozenset({"pickle"}))
CONFIG = {"doc_max_length": 16, "compr_rate": 4, "different_mem_tokens": True, "sep": True, "training_form": "both_separately"}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    root = tmp_path_factory.mktemp("pisco")
    base = naver.base(root / "base")
    model, words = naver.adapted(base, ADDED, ROLES)
    return naver.checkpoint(root / "own", model, ROLES, **CONFIG), base, model, words


@pytest.fixture(scope="module")
def made(files):
    return memtokens.load("pisco-tiny", files[0], files[1], PICKLE)


def prompt(words, text: str = "".join(MEM)) -> list[int]:
    chat = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": f"Background:\n{text}<SEP>\n\nQuestion:{REPEAT}"}]
    written = words.apply_chat_template(chat, tokenize=False, add_generation_prompt=True)
    return words(written, add_special_tokens=False).input_ids


def test_added_tokens_follow_the_base_vocabulary(files, made):
    words = files[3]
    assert made.tokenizer.tokenizer.convert_tokens_to_ids(ADDED) == list(range(300, 307))
    assert made.tokenizer.tokenizer.convert_tokens_to_ids(ADDED) == words.convert_tokens_to_ids(ADDED)


def test_memory_is_the_published_one_in_every_window(files, made):
    _, _, model, words = files
    source = made.source(naver.TEXT)
    assert len(source.windows) > 2 and source.windows[-1][1] - source.windows[-1][0] < 16
    for window, memory in zip(source.windows, made.compress(source, source.windows, 4), strict=True):
        start, end = source.spans[window[0]][0], source.spans[window[1] - 1][1]
        ids = words.convert_tokens_to_ids(["<ENC>", "<s>"]) + list(source.window_ids(window)) + [words.eos_token_id]
        assert words.decode(source.window_ids(window)) == naver.TEXT[start:end]
        byhand = naver.hidden(model, "encoder_adapter", ids, words.convert_tokens_to_ids(MEM))
        assert memory.size == 4 and memory.length == len(ids) - 3 and memory.bits == 16 * 4 * 48
        assert torch.allclose(memory.vectors, byhand, atol=1e-4)
        padded = naver.hidden(model, "encoder_adapter", ids, words.convert_tokens_to_ids(MEM), padded=19 - len(ids))
        assert torch.allclose(memory.vectors, padded, atol=1e-4)


def test_the_decoder_reads_the_published_prompt(files, made):
    _, _, model, words = files
    source = made.source(naver.TEXT)
    (memory,) = made.compress(source, source.windows[:1], 4)
    target = list(source.window_ids(source.windows[0]))
    mem, decoder = words.convert_tokens_to_ids(MEM), "decoder_adapter"
    given, prior = made.decoder.score([memory, None], [target, target])
    assert torch.allclose(given, naver.logits(model, decoder, prompt(words), mem, memory.vectors, target)[:, :300], atol=1e-3)
    assert torch.allclose(prior, naver.logits(model, decoder, prompt(words), mem, None, target)[:, :300], atol=1e-3)
    assert not torch.allclose(given, prior, atol=1e-2)
    state = made.decoder.begin([memory], 4)
    assert torch.allclose(made.decoder.step(state, None), given[:1], atol=1e-3)
    assert torch.allclose(made.decoder.step(state, torch.tensor(target[:1])), given[1:2], atol=1e-3)


def test_it_stops_at_the_end_token_and_added_tokens_are_no_answer(made):
    source = made.source(naver.TEXT)
    (memory,) = made.compress(source, source.windows[:1], 4)
    assert not memory.stops_by_length and made.decoder.end_ids == {1}
    assert made.decoder.score([memory], [[5]])[0].shape == (1, 300)
    assert made.text([*source.ids[:3], 300, 305, 1]) == made.text(source.ids[:3])


def test_it_stops_at_all_ends_the_base_model_names(made):
    """Llama 3.1 names three, and its tokenizer one."""
    tokens = memtokens.MemTokens(HubTokenizer(tiny.tokenizer()), 4, True)
    for told, ends in ((None, {1}), (7, {1, 7}), ([1, 7, 9], {1, 7, 9})):
        model = SimpleNamespace(generation_config=SimpleNamespace(eos_token_id=told))
        assert memtokens.end_ids(model, tokens) == ends


def test_a_text_that_spells_a_token_is_text(made):
    text = "a<MEM0>b<s>"
    source = made.source(text)
    assert max(source.ids) < 300 and 0 not in source.ids and made.text(source.ids) == text


def test_the_shared_base_stays_as_it_was(files, made):
    plain = weights.model(files[1], "AutoModelForCausalLM", PICKLE)
    assert plain is made.decoder.model
    ids = torch.tensor([[0, 7, 30, 12]])
    with torch.inference_mode():
        byhand = naver.network()(input_ids=ids).logits
    with using(plain, None), torch.inference_mode():
        assert torch.allclose(plain(input_ids=ids).logits, byhand, atol=1e-4)


@pytest.mark.parametrize(
    ("template", "opening"), [(naver.TEMPLATE, f"<s> [INST] {SYSTEM}\n\n"), (naver.NO_SYSTEM, f"<s>[INST] {SYSTEM}\n")]
)
def test_a_template_without_a_system_turn_gets_it_before_the_users(template, opening):
    words = tiny.tokenizer()
    words.chat_template = template
    tokens = memtokens.MemTokens(HubTokenizer(words), 4, True)
    before, after = tokens.around(tokens.chat())
    assert words.decode(before) == f"{opening}Background:\n" and before[0] == words.bos_token_id
    assert words.decode(after) == f"<SEP>\n\nQuestion:{REPEAT} [/INST]"


def test_a_tokenizer_without_a_template_is_told():
    with pytest.raises(RuntimeError, match="no chat template"):
        memtokens.MemTokens(HubTokenizer(tiny.tokenizer()), 4, True).chat()


def test_embeddings_beside_an_adapter_are_left_out(files, made, tmp_path):
    again = naver.checkpoint(tmp_path / "own", files[2], ROLES, embedded=True, **CONFIG)
    assert "decoder_adapter.lm_head.weight" in weights.tensors(again / "adapters.pth", PICKLE)
    source = made.source(naver.TEXT)
    both = [
        m.compress(source, source.windows[:1], 4)[0].vectors
        for m in (made, memtokens.load("pisco-beside", again, files[1], PICKLE))
    ]
    assert torch.equal(*both)


def test_pickles_are_refused_unless_allowed(files):
    with pytest.raises(RuntimeError, match="INSPECTOR_ALLOW=pickle"):
        memtokens.load("pisco-refused", files[0], files[1], HubSettings(dtype="float32"))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"intermediate_size": 80}, "another base model"),
        ({"num_hidden_layers": 1}, "belongs to no module"),
        ({"hidden_size": 32}, "embeddings"),
    ],
)
def test_another_base_model_is_told(files, tmp_path, changes, said):
    with pytest.raises(RuntimeError, match=said):
        memtokens.load("pisco-other", files[0], naver.base(tmp_path / "base", **changes), PICKLE)


def test_a_checkpoint_of_another_kind_is_told(files, tmp_path):
    (tmp_path / "config.json").write_text(json.dumps({"compr_rate": 4}), encoding="utf-8")
    with pytest.raises(RuntimeError, match="has no doc_max_length"):
        memtokens.load("pisco-kind", tmp_path, files[1], PICKLE)


def test_published_sizes_follow_from_the_shapes():
    """168 MB and 2.1 GB for pisco-llama, 0.69 GB in all for pisco-mistral."""
    mistral, llama = (row.card.parts[0].bytes for row in pisco.rows())
    assert round(mistral / 1e9, 2) == 0.69
    assert round((llama - 2 * 2 * 41_943_040) / 1e9, 1) == 2.1 and round(2 * 2 * 41_943_040 / 1e6) == 168


def test_rank_16_on_all_linear_layers_of_mistral_is_42_million_numbers():
    from transformers import MistralConfig, MistralForCausalLM

    with torch.device("meta"):
        model = MistralForCausalLM(MistralConfig(vocab_size=32000))
    linear = [m for name, m in model.named_modules() if isinstance(m, torch.nn.Linear) and name != "lm_head"]
    assert sum(16 * (m.in_features + m.out_features) for m in linear) == LORA_16
    assert sum(p.numel() for p in model.parameters()) * 2 == MISTRAL.bytes


def test_the_row_loads_from_a_folder_and_random_weights_fail_the_self_test(files, tmp_path, monkeypatch):
    row, place = pisco.rows()[0], tmp_path / "models"
    for repo, folder in (("naver/pisco-mistral", files[0]), ("mistralai/Mistral-7B-Instruct-v0.2", files[1])):
        (place / repo).parent.mkdir(parents=True)
        (place / repo).symlink_to(folder)
    monkeypatch.setenv("INSPECTOR_HUB", f"folder={place}")
    assert "INSPECTOR_ALLOW=pickle" in row.why_not()
    monkeypatch.setenv("INSPECTOR_ALLOW", "pickle")
    assert row.why_not() is None and row.card.to_fetch() is None
    with pytest.raises(RuntimeError, match="self-test failed: memory gain"):
        row.load(())
    monkeypatch.setenv("INSPECTOR_ALLOW", "pickle failed-self-test")
    assert REPEAT in row.load(()).notes["limits"]
