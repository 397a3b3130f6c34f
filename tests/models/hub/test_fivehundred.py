"""500xCompressor from a checkpoint as its training saves one, against that training's own forward pass."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import DynamicCache

from models.hub import compressors, selftest
from models.hub import fivehundred as adapter
from models.hub.settings import HubSettings
from models.registry import Registry
from tests.models import tiny

PLACES = 5
TEXT = tiny.TEXT


class Trained(torch.nn.Module):
    """What the published training holds, at the size of the tiny model; its state is what it saves."""

    def __init__(self, base: Path) -> None:
        from peft import LoraConfig, get_peft_model
        from transformers import AutoModelForCausalLM

        super().__init__()
        torch.manual_seed(3)
        llama = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
        config = LoraConfig(r=8, lora_alpha=32, lora_dropout=0.05, bias="none", task_type="CAUSAL_LM", init_lora_weights=False)
        self.llama = get_peft_model(llama, config)
        self.memory_embeddings = torch.nn.Parameter(torch.randn(1, PLACES, 48))
        self.eval()

    def cache(self, ids: list[int]) -> list[tuple[torch.Tensor, torch.Tensor]]:
        """Keys and values of the appended places, [heads, M, width] a layer, for ids padded to 500 with the end token."""
        ids = ids + [1] * (500 - len(ids))
        x = torch.cat([self.llama.get_input_embeddings()(torch.tensor([ids])), self.memory_embeddings], 1)
        layers = self.llama(inputs_embeds=x, use_cache=True).past_key_values.layers
        return [(layer.keys[0, :, -PLACES:], layer.values[0, :, -PLACES:]) for layer in layers]

    def logits(self, ids: list[int]) -> torch.Tensor:
        """Of the text's tokens, given the cache: the plain model reads the begin token and the text before each."""
        cache = DynamicCache()
        for index, (keys, values) in enumerate(self.cache(ids)):
            cache.update(keys[None], values[None], index)
        with self.llama.disable_adapter():
            return self.llama(input_ids=torch.tensor([[0, *ids[:-1]]]), past_key_values=cache).logits[0]


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> tuple[Path, Path, Trained]:
    """A folder in the hub's place with the base model, a checkpoint, and what was trained."""
    hub, own = tmp_path_factory.mktemp("hub"), tmp_path_factory.mktemp("checkpoint")
    base = hub / adapter.BASE
    base.mkdir(parents=True)
    tiny.save(base, max_position_embeddings=1024, num_key_value_heads=2)
    trained = Trained(base)
    save_file({name: tensor.clone() for name, tensor in trained.state_dict().items()}, own / "model.safetensors")
    return hub, own, trained


@pytest.fixture
def loaded(made):
    hub, own, _ = made
    return adapter.load([hub / adapter.BASE, own], HubSettings(), ())


def test_the_memory_is_what_the_training_computes(loaded, made):
    source = loaded.source(TEXT)
    memory = loaded.compress(source, source.windows, 100)[0]
    assert (memory.kind, memory.size, memory.length, memory.stops_by_length) == ("kv", PLACES, len(source.ids), False)
    for (keys, values), (own_keys, own_values) in zip(memory.extra["cache"], made[2].cache(list(source.ids)), strict=True):
        assert torch.allclose(keys, own_keys, atol=1e-4) and torch.allclose(values, own_values, atol=1e-4)
    assert memory.bits == 16 * 2 * 2 * 2 * PLACES * 12


def test_the_decoder_is_the_plain_model_after_its_begin_token(loaded, made):
    source = loaded.source(TEXT)
    memory = loaded.compress(source, source.windows, 100)[0]
    ids = list(source.ids)
    assert torch.allclose(loaded.decoder.score([memory], [ids])[0], made[2].logits(ids), atol=1e-3)
    plain = tiny.network(max_position_embeddings=1024, num_key_value_heads=2)(input_ids=torch.tensor([[0, *ids[:-1]]])).logits[0]
    assert torch.allclose(loaded.decoder.score([None], [ids])[0], plain, atol=1e-3)
    assert not torch.allclose(loaded.decoder.score([memory], [ids])[0], plain, atol=0.1)


def test_windows_are_500_tokens_each_alone_and_the_last_is_padded(loaded, made):
    source = loaded.source(TEXT * 16)
    assert [last - first for first, last in source.windows[:-1]] == [500] * (len(source.windows) - 1)
    assert 0 < source.windows[-1][1] - source.windows[-1][0] < 500 and source.windows[-1][1] == len(source.ids)
    memories = loaded.compress(source, source.windows, 100)
    assert [m.size for m in memories] == [PLACES] * len(source.windows)
    alone = made[2].cache(list(source.window_ids(source.windows[-1])))
    assert torch.allclose(memories[-1].extra["cache"][1][0], alone[1][0], atol=1e-4)
    picked = loaded.compress(source, [source.windows[-1]], 100)[0]
    assert torch.allclose(picked.extra["cache"][0][1], memories[-1].extra["cache"][0][1], atol=1e-4)


def test_it_ends_at_an_end_token_and_special_tokens_are_no_text(loaded):
    assert loaded.decoder.end_ids == {1} and loaded.text([0, *loaded.source("Ben gave").ids, 1]) == "Ben gave"


def test_a_random_checkpoint_fails_the_self_test_and_reads_if_that_is_allowed(made, monkeypatch):
    hub, own, _ = made
    monkeypatch.setenv("INSPECTOR_HUB", f"folder={hub}")
    monkeypatch.setenv("INSPECTOR_ALLOW", "")
    table = Registry(compressors())
    address = table.resolve(f"500xcompressor:{own}")
    assert (address.ratio, address.row.window, address.row.kind, address.row.vectors) == (100, 500, "kv", False)
    assert address.row.why_not() is None
    with pytest.raises(RuntimeError, match="self-test failed: token accuracy"):
        table.load(address)
    monkeypatch.setenv("INSPECTOR_ALLOW", "failed-self-test")
    assert "checkpoint of yours" in table.load(address).notes["limits"]


def test_the_self_test_passes_on_what_was_trained_and_fails_on_another_base(made, tmp_path, monkeypatch):
    """The whole tiny model learns the sentence by heart, through its memory."""
    trained, folder = Trained(made[0] / adapter.BASE), tmp_path / adapter.BASE
    ids = adapter.load([made[0] / adapter.BASE, made[1]], HubSettings(), ()).source(selftest.TEXT).ids
    optimiser = torch.optim.Adam([p.requires_grad_() for p in trained.parameters()], 3e-3)
    for _ in range(60):
        optimiser.zero_grad()
        torch.nn.functional.cross_entropy(trained.logits(list(ids)), torch.tensor(ids)).backward()
        optimiser.step()
    (tmp_path / "own").mkdir()
    save_file({name: tensor.clone() for name, tensor in trained.state_dict().items()}, tmp_path / "own/model.safetensors")
    folder.mkdir(parents=True)
    trained.llama.unload().save_pretrained(folder)
    tiny.tokenizer().save_pretrained(folder)
    monkeypatch.setenv("INSPECTOR_HUB", f"folder={tmp_path}")
    monkeypatch.setenv("INSPECTOR_ALLOW", "")
    table = Registry(compressors())
    found = table.load(table.resolve(f"500xcompressor:{tmp_path / 'own'}"))
    assert found.notes["self_test"].startswith("Self-test passed")
    other = adapter.load([made[0] / adapter.BASE, tmp_path / "own"], HubSettings(), ())
    assert not selftest.verdict(other, 100, adapter.CHECK)[0]


def test_the_listed_row_says_whose_weights_it_needs():
    row = next(row for row in compressors() if row.name == "500xcompressor:MODEL")
    assert "have not published the weights; put a folder in MODEL's place" in row.why_not()


def test_what_is_no_checkpoint_says_why(made, tmp_path, monkeypatch):
    monkeypatch.setenv("INSPECTOR_HUB", f"folder={made[0]}")
    assert adapter.row(str(tmp_path / "none")).why_not() == f"there is no folder {tmp_path / 'none'}"
    assert f"no file in {tmp_path} holds the tensor memory_embeddings" in adapter.row(str(tmp_path)).why_not()
    assert adapter.row("org/name").why_not() == "org/name is a name on the hub; name a folder, such as ./org/name"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda t: t.update({"memory_embeddings": torch.zeros(1, PLACES, 32)}),
            "have 32 dimensions, where the base model has 48",
        ),
        (lambda t: [t.pop(name) for name in list(t) if "lora_" in name], "no tensors of a LoRA"),
        (lambda t: t.pop(next(name for name in t if "layers.1" in name and "lora_B" in name)), "lacks a tensor for .*layers.1"),
        (lambda t: t.update({"llama.other.lora_A.default.weight": torch.zeros(8, 48)}), "belongs to no module"),
    ],
)
def test_a_tensor_that_does_not_fit_is_named(made, tmp_path, change, said):
    tensors = load_file(made[1] / "model.safetensors")
    change(tensors)
    save_file(tensors, tmp_path / "model.safetensors")
    with pytest.raises(RuntimeError) as error:
        adapter.load([made[0] / adapter.BASE, tmp_path], HubSettings(), ())
    assert re.search(said, str(error.value)), error.value


def test_the_recipe_has_the_parameters_that_the_paper_tells_of():
    """0.3 % of an 8B model: rank 64 on query and value projections of 32 layers of width 4096, with 8 of 32 heads for values."""
    counted = 32 * 64 * ((4096 + 4096) + (4096 + 1024))
    assert counted == adapter.LORA and 0.0030 < counted / 8_030_261_248 < 0.0035
