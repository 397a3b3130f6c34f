"""ICAE against a forward pass by hand, on a tiny checkpoint with the published files, tensor names and shape rules."""

import json
from pathlib import Path

import pytest
import torch
import transformers
from safetensors.torch import load_file, save_file

from inspector.compare import compare
from models.hub import icae, selftest, weights
from models.hub.settings import HubSettings
from models.registry import Registry
from tests.models import tiny
from tests.models.hub.fit import by_heart

RANK, SLOTS = 6, 8
LONG = tiny.TEXT + " " + tiny.TEXT
MISTRAL = {"vocab_size": 32000, "hidden_size": 4096, "intermediate_size": 14336, "num_hidden_layers": 32}
MISTRAL |= {"num_attention_heads": 32, "num_key_value_heads": 8}
PUBLISHED = 438_373_376  # bytes of each of the two files


def shapes(config, rank: int, slots: int) -> dict[str, tuple[str, list[int]]]:
    """Kind and shape of every tensor of the file, by name."""
    width, head = config.hidden_size, config.hidden_size // config.num_attention_heads
    found = {"memory_token_embed.weight": ("F32", [slots + 3, width])}
    for layer in range(config.num_hidden_layers):
        for name, heads in (("q_proj", config.num_attention_heads), ("v_proj", config.num_key_value_heads)):
            module = f"icae.base_model.model.model.layers.{layer}.self_attn.{name}"
            found[f"{module}.lora_A.default.weight"] = ("BF16", [rank, width])
            found[f"{module}.lora_B.default.weight"] = ("BF16", [heads * head, rank])
    return found


def file_size(found: dict[str, tuple[str, list[int]]]) -> int:
    """Bytes of a safetensors file without metadata: the length of the header, the header padded to 8, the numbers."""
    header, at = {}, 0
    for name, (kind, shape) in sorted(found.items(), key=lambda item: (item[1][0] != "F32", item[0])):
        size = {"F32": 4, "BF16": 2}[kind] * torch.Size(shape).numel()
        header[name] = {"dtype": kind, "shape": shape, "data_offsets": [at, at + size]}
        at += size
    length = len(json.dumps(header, separators=(",", ":")))
    return 8 + length + -length % 8 + at


def network(seed: int = 1, **changes):
    torch.manual_seed(seed)
    settings = tiny.SIZES | {"num_key_value_heads": 2, "initializer_range": 0.1, "bos_token_id": 0, "eos_token_id": 1} | changes
    return transformers.MistralForCausalLM(transformers.MistralConfig(sliding_window=None, **settings)).eval()


def write(folder: Path, seed: int = 1, **changes) -> None:
    """Both repositories under a folder, as they lie on the hub."""
    base, own = folder / icae.BASE, folder / icae.REPO
    network(seed, **changes).save_pretrained(base)
    tiny.tokenizer().save_pretrained(base)
    own.mkdir(parents=True, exist_ok=True)
    for number, file in enumerate(icae.FILES.values()):
        made = torch.Generator().manual_seed(number)
        found = shapes(network(**changes).config, RANK, SLOTS)
        kinds = {"F32": torch.float32, "BF16": torch.bfloat16}
        save_file({name: 0.3 * torch.randn(s, generator=made).to(kinds[kind]) for name, (kind, s) in found.items()}, own / file)


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("icae")
    write(folder)
    return folder


@pytest.fixture
def hub(checkpoint, monkeypatch) -> Path:
    monkeypatch.setenv("INSPECTOR_HUB", f"folder={checkpoint} dtype=float32")
    monkeypatch.setenv("INSPECTOR_ALLOW", "failed-self-test")
    return checkpoint


def load(folder: Path, kind: str = "pretrained") -> icae.Icae:
    return icae.load(kind, [folder / icae.BASE, folder / icae.REPO], HubSettings.named("dtype=float32", ""))


def by_hand(folder: Path, kind: str):
    """The base with LoRA worked into its weights, the slots, and the special rows."""
    found, model = load_file(folder / icae.REPO / icae.FILES[kind]), network()
    with torch.no_grad():
        for name, module in model.named_modules():
            if name.endswith(("q_proj", "v_proj")):
                a, b = (found[f"icae.base_model.model.{name}.lora_{part}.default.weight"].float() for part in "AB")
                module.weight += 32 / RANK * b @ a
    return model, found["memory_token_embed.weight"][:SLOTS], found["memory_token_embed.weight"][SLOTS:]


def test_names_and_shapes_give_the_size_of_the_published_files(checkpoint):
    found = shapes(transformers.MistralConfig(**MISTRAL), 512, 128)
    numbers = {kind: sum(torch.Size(s).numel() for k, s in found.values() if k == kind) for kind in ("BF16", "F32")}
    assert (2 * numbers["BF16"], 4 * numbers["F32"]) == (436_207_616, 2_146_304)
    assert file_size(found) == PUBLISHED
    rows = icae.rows()
    assert [row.card.parts[1].bytes for row in rows] == [PUBLISHED, PUBLISHED]
    tiny_file = checkpoint / icae.REPO / icae.FILES["ft"]  # the arithmetic holds for what safetensors writes
    assert tiny_file.stat().st_size == file_size(shapes(network().config, RANK, SLOTS))
    with torch.device("meta"):
        base = transformers.MistralForCausalLM(transformers.MistralConfig(**MISTRAL))
    count = sum(p.numel() for p in base.parameters())
    size, head = rows[0].parameters, base.lm_head.weight.numel()
    assert rows[0].card.parts[0].bytes == 2 * count
    assert size["embeddings"] + size["decoder"] == count
    assert size["compressor"] == count - size["embeddings"] - head + numbers["BF16"] + 128 * 4096


def test_segments_are_equal_and_each_takes_all_slots(hub):
    compressor = load(hub)
    assert compressor.window == 4 * SLOTS - 1  # with the begin token a segment has 4 tokens a slot
    source = compressor.source(LONG)
    lengths = [b - a for a, b in source.windows]
    assert sum(lengths) == len(source.ids) and len(lengths) == -(-len(source.ids) // compressor.window) > 2
    assert max(lengths) <= compressor.window and max(lengths) - min(lengths) < len(lengths)
    memories = compressor.compress(source, source.windows, 4)
    assert [m.vectors.shape for m in memories] == [(SLOTS, 48)] * len(lengths) and memories[0].vectors.dtype == torch.float32
    assert memories[0].bits == 16 * SLOTS * 48 and not memories[0].stops_by_length
    assert compressor.source("").windows == []


@pytest.mark.parametrize("kind", icae.FILES)
def test_memory_is_the_last_hidden_states_at_the_slots(hub, kind):
    compressor = load(hub, kind)
    source = compressor.source(LONG)
    encoder, slots, _ = by_hand(hub, kind)
    for window, memory in zip(source.windows, compressor.compress(source, source.windows, 4), strict=True):
        text = encoder.get_input_embeddings()(torch.tensor([0, *source.window_ids(window)]))
        hidden = encoder(inputs_embeds=torch.cat([text, slots])[None], output_hidden_states=True).hidden_states[-1]
        assert torch.allclose(memory.vectors, hidden[0, -SLOTS:], atol=1e-4)


@pytest.mark.parametrize("kind", icae.FILES)
def test_the_plain_base_reads_memory_and_trigger(hub, kind):
    compressor = load(hub, kind)
    source = compressor.source(tiny.TEXT)
    ids = source.window_ids(source.windows[0])
    memory = compressor.compress(source, source.windows[:1], 4)[0]
    _, _, (ae, _, ft) = by_hand(hub, kind)
    base, encode = network(), lambda text: tiny.tokenizer().encode(text, add_special_tokens=False)
    embed = base.get_input_embeddings()
    if kind == "pretrained":  # [Z AE <s>] text
        before, after = [], torch.cat([ae[None], embed(torch.tensor([0]))])
    else:  # [<s> [INST] Z FT instruction [/INST]] text
        before = [0, *encode("[INST]")]
        after = torch.cat([ft[None], embed(torch.tensor([*encode(icae.INSTRUCTION), *encode("[/INST]")]))])
    text = embed(torch.tensor(ids[:-1]))
    for found, vectors in zip(
        compressor.decoder.score([memory, None], [ids, ids]), (memory.vectors, memory.vectors[:0]), strict=True
    ):
        x = torch.cat([embed(torch.tensor(before, dtype=torch.long)), vectors, after, text])
        assert torch.allclose(found, base(inputs_embeds=x[None]).logits[0, -len(ids) :], atol=1e-4)


def test_both_rows_stand_on_one_base_each_with_its_own_lora(hub):
    first = load(hub, "pretrained")
    source = first.source(tiny.TEXT)
    alone = first.compress(source, source.windows, 4)[0].vectors
    second = load(hub, "ft")
    assert first.model is second.model
    assert torch.equal(first.compress(source, source.windows, 4)[0].vectors, alone)
    assert not torch.allclose(second.compress(source, source.windows, 4)[0].vectors, alone, atol=0.1)


def test_a_reconstruction_ends_at_the_end_token_and_shows_no_special_token(hub, monkeypatch):
    table = Registry(icae.rows())
    compressor = table.load(table.resolve("icae-mistral-7b-pretrained"))
    assert compressor.decoder.end_ids == {1} and compressor.text([0, *compressor.source("Anna").ids, 1]) == "Anna"
    target = [*compressor.source("Ben gave Anna 12 pears").ids, 1, 9]
    monkeypatch.setattr(
        type(compressor.decoder),
        "step",
        lambda self, state, tokens: torch.eye(300)[[target[min(state.pop(0), len(target) - 1)]]],
    )
    monkeypatch.setattr(type(compressor.decoder), "begin", lambda self, memories, capacity: list(range(capacity)))
    found = compare("Ben gave Anna 12 pears", ["icae-mistral-7b-pretrained"], registry=table).inspections[0]
    assert found.reconstruction.text == "Ben gave Anna 12 pears"


def test_random_weights_fail_the_self_test(hub, monkeypatch):
    monkeypatch.setenv("INSPECTOR_ALLOW", "")
    table = Registry(icae.rows())
    for row, measure in zip(icae.rows(), ("token accuracy", "memory gain"), strict=True):
        with pytest.raises(RuntimeError, match=rf"^{row.name} is not used: self-test failed: {measure} -?\d"):
            table.load(table.resolve(row.name))


@pytest.mark.parametrize("kind", icae.FILES)
def test_the_self_test_passes_on_the_base_that_was_trained_and_fails_on_another_of_its_shape(hub, tmp_path, monkeypatch, kind):
    compressor, ratio = load(hub, kind), icae.RATE
    layers = [p for name, p in compressor.model.named_parameters() if ".lora_" not in name and "embed_tokens" not in name]
    by_heart(compressor, layers, selftest.TEXT, ratio, steps=80)
    trained = {k.replace(".base_layer", ""): v for k, v in compressor.model.state_dict().items() if ".lora_" not in k}
    write(tmp_path)
    base = network()
    base.load_state_dict(trained)
    base.save_pretrained(tmp_path / icae.BASE)
    monkeypatch.setenv("INSPECTOR_HUB", f"folder={tmp_path} dtype=float32")
    monkeypatch.setenv("INSPECTOR_ALLOW", "")
    table = Registry(icae.rows())
    found = table.load(table.resolve(f"icae-mistral-7b-{kind}"))
    assert found.notes["self_test"].startswith("Self-test passed")
    write(tmp_path / "other", seed=2)  # nothing to see before it is run
    other = icae.load(kind, [tmp_path / "other" / icae.BASE, tmp_path / icae.REPO], HubSettings())
    assert not selftest.verdict(other, ratio, icae.CHECKS[kind])[0]


def test_a_base_of_another_shape_is_named(hub, tmp_path):
    write(tmp_path / "narrow", hidden_size=40)
    write(tmp_path / "ungrouped", num_key_value_heads=4)  # as Llama-2-7B
    with pytest.raises(RuntimeError, match=r"with rows of 40 numbers, and has one of shape \[11, 48\]"):
        icae.load("ft", [tmp_path / "narrow" / icae.BASE, hub / icae.REPO], HubSettings())
    with pytest.raises(
        RuntimeError, match=r"v_proj\.lora_B\.default\.weight has shape \[24, 6\], where the model needs \[48, 6\]"
    ):
        icae.load("ft", [tmp_path / "ungrouped" / icae.BASE, hub / icae.REPO], HubSettings())


def test_a_file_without_the_slots_is_refused(hub, tmp_path):
    write(tmp_path)
    file = tmp_path / icae.REPO / icae.FILES["ft"]
    found = weights.tensors(file, HubSettings())
    del found[icae.SLOTS]
    save_file(found, file)
    with pytest.raises(RuntimeError, match=r"^mistral_7b_ft_icae.safetensors should hold a tensor memory_token_embed.weight"):
        icae.load("ft", [tmp_path / icae.BASE, tmp_path / icae.REPO], HubSettings())
