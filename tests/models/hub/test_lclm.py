"""LCLM against its encoder, its mean and its adapter written out, on a tiny checkpoint with the published folders and names."""

import json
from pathlib import Path

import pytest
import torch
import transformers
from safetensors.torch import save_file
from tokenizers import processors

from inspector.compare import compare
from models.hub import lclm, selftest, weights
from models.hub.settings import HubSettings
from models.registry import Registry
from tests.models import tiny
from tests.models.hub.fit import by_heart

WINDOW, WIDTH, OUT = 16, 32, 48
MEMORY_TOKENS = ["<|memory_start|>", "<|memory_end|>", "<|memory|>"]
QWEN = {"num_key_value_heads": 8, "head_dim": 128, "tie_word_embeddings": True}
ENCODER = QWEN | {"vocab_size": 151_669, "hidden_size": 1024, "intermediate_size": 3072, "num_hidden_layers": 28}
ENCODER |= {"num_attention_heads": 16}
DECODER = QWEN | {"vocab_size": 151_672, "hidden_size": 2560, "intermediate_size": 9728, "num_hidden_layers": 36}
DECODER |= {"num_attention_heads": 32}  # and three tokens more than the 151,669 of Qwen3's tokenizer


def tokenizer(more: list[str]):
    """Marks of a turn are tokens, as in Qwen3; the end of a turn ends an answer."""
    found = tiny.tokenizer(begin=False)
    found.add_special_tokens({"additional_special_tokens": ["<|im_start|>", "<|im_end|>", *more]})
    found.eos_token = "<|im_end|>"
    return found


def write(folder: Path, ratio: int, **config) -> Path:
    """A checkpoint as it lies on the hub: three folders and a configuration."""
    torch.manual_seed(ratio)
    for name, width, more in (("encoder", WIDTH, []), ("decoder", OUT, MEMORY_TOKENS)):
        words = tokenizer(more)
        if name == "encoder":  # as Qwen3-Embedding: its tokenizer ends every text, where it may
            words.backend_tokenizer.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
        settings = tiny.SIZES | {"hidden_size": width, "vocab_size": len(words), "num_key_value_heads": 2, "head_dim": 16}
        kind = transformers.Qwen3Model if name == "encoder" else transformers.Qwen3ForCausalLM
        kind(transformers.Qwen3Config(initializer_range=0.2, **settings)).save_pretrained(folder / name)
        words.save_pretrained(folder / name)
    (folder / "adapter").mkdir()
    shapes = {
        "norm.weight": (WIDTH,),
        "fc1.weight": (OUT, WIDTH),
        "fc1.bias": (OUT,),
        "fc2.weight": (OUT, OUT),
        "fc2.bias": (OUT,),
    }
    save_file({name: 0.3 * torch.randn(shape) for name, shape in shapes.items()}, folder / "adapter/adapter.safetensors")
    told = {"compression_ratio": ratio, "encoder_window_size": WINDOW, "pooling": "mean", "encoder_mask_type": "causal"}
    told |= {"boundary_overlap": 0, "adapter_type": "mlp"} | config
    (folder / "model_config.json").write_text(json.dumps(told))
    return folder


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("lclm")
    for ratio in (4, 8, 16):
        write(folder / f"latent-context/0.6b-4b-LCLM-{ratio}x", ratio)
    return folder


@pytest.fixture
def hub(checkpoints, monkeypatch) -> Path:
    monkeypatch.setenv("INSPECTOR_HUB", f"folder={checkpoints} dtype=float32")
    monkeypatch.setenv("INSPECTOR_ALLOW", "failed-self-test")
    return checkpoints


def load(folder: Path, ratio: int) -> lclm.Lclm:
    return lclm.load(ratio, [folder / f"latent-context/0.6b-4b-LCLM-{ratio}x"], HubSettings.named("dtype=float32", ""))


def test_parameters_are_those_of_the_published_sizes():
    with torch.device("meta"):
        encoder = transformers.Qwen3Model(transformers.Qwen3Config(**ENCODER))
        decoder = transformers.Qwen3ForCausalLM(transformers.Qwen3Config(**DECODER))
    adapter = 1024 + 1024 * 2560 + 2560 + 2560 * 2560 + 2560
    counts = [sum(p.numel() for p in model.parameters()) for model in (encoder, decoder)]
    embeddings = decoder.get_input_embeddings().weight.numel()
    assert {"compressor": counts[0] + adapter, "embeddings": embeddings, "decoder": counts[1] - embeddings} == lclm.SIZE
    assert round(lclm.rows()[0].card.parts[0].bytes / 1e9, 1) == 18.5  # what a user of the 16x checkpoint reports


@pytest.mark.parametrize("ratio", lclm.RATIOS)
def test_a_vector_is_the_adapted_mean_of_a_group_of_hidden_states(hub, ratio):
    compressor, folder = load(hub, ratio), hub / f"latent-context/0.6b-4b-LCLM-{ratio}x"
    source = compressor.source(tiny.TEXT)
    lengths = [b - a for a, b in source.windows]
    assert lengths[:-1] == [WINDOW] * (len(lengths) - 1) and 0 < lengths[-1] < WINDOW and len(lengths) > 2
    assert [row for row in source.ids if row >= 300] == []
    encoder = transformers.AutoModel.from_pretrained(folder / "encoder", dtype=torch.float32).eval()
    found = weights.tensors(folder / "adapter/adapter.safetensors", HubSettings())
    for window, memory in zip(source.windows, compressor.compress(source, source.windows, ratio), strict=True):
        ids = source.window_ids(window)
        hidden = encoder(torch.tensor([ids])).last_hidden_state[0]
        means = torch.stack([hidden[i : i + ratio].mean(0) for i in range(0, len(ids), ratio)])
        x = means * (means.square().mean(-1, keepdim=True) + 1e-6).rsqrt() * found["norm.weight"]
        x = x @ found["fc1.weight"].T + found["fc1.bias"]
        x = 0.5 * x * (1 + torch.erf(x / 2**0.5))  # GELU
        x = x @ found["fc2.weight"].T + found["fc2.bias"]
        assert memory.vectors.shape == (-(-len(ids) // ratio), OUT) and torch.allclose(memory.vectors, x, atol=1e-4)
        assert memory.bits == 16 * x.numel() and not memory.stops_by_length


def test_the_decoder_is_asked_in_a_turn_around_the_memory(hub):
    compressor = load(hub, 4)
    source = compressor.source(tiny.TEXT)
    ids = source.window_ids(source.windows[0])
    memory = compressor.compress(source, source.windows[:1], 4)[0]
    words = tokenizer(MEMORY_TOKENS)
    decoder = transformers.AutoModelForCausalLM.from_pretrained(
        hub / "latent-context/0.6b-4b-LCLM-4x/decoder", dtype=torch.float32
    ).eval()
    embed = decoder.get_input_embeddings()
    for count, found in zip((memory.size, 0), compressor.decoder.score([memory, None], [ids, ids]), strict=True):
        slots = "<|memory|>" * count
        prompt = f"<|memory_start|>{slots}<|memory_end|> Repeat the document above word for word."
        asked = words.encode(f"<|im_start|>user\n{prompt}<|im_end|>\n<|im_start|>assistant\n", add_special_tokens=False)
        x = embed(torch.tensor([*asked, *ids[:-1]]))
        at = [i for i, token in enumerate(asked) if token == words.convert_tokens_to_ids("<|memory|>")]
        assert len(at) == count
        if count:
            x = torch.cat([x[: at[0]], memory.vectors, x[at[-1] + 1 :]])
        assert torch.allclose(found, decoder(inputs_embeds=x[None]).logits[0, -len(ids) :], atol=1e-4)


def test_a_window_cut_inside_a_character_keeps_it_whole_for_the_encoder(hub):
    compressor = load(hub, 4)
    text = "a" * (WINDOW - 1) + "é" + "b" * 20  # é is two byte tokens here, the first at the end of a window
    source = compressor.source(text)
    first, second = source.windows[0], source.windows[1]
    assert source.spans[first[1] - 1] == source.spans[second[0]]
    memories = compressor.compress(source, source.windows, 4)
    assert [m.length for m in memories] == [b - a for a, b in source.windows]
    assert all(m.vectors.isfinite().all() for m in memories)


def test_the_end_of_the_turn_ends_a_reconstruction_and_marks_are_not_shown(hub):
    compressor = load(hub, 8)
    words = tokenizer(MEMORY_TOKENS)
    end = words.convert_tokens_to_ids("<|im_end|>")
    assert compressor.decoder.end_ids == {end}
    marks = words.convert_tokens_to_ids(["<|memory_start|>", "<|im_start|>"])
    assert compressor.text([*marks, *compressor.source("Anna").ids, end]) == "Anna"
    assert compressor.source("<|im_end|>").ids != [end]  # a text that spells a mark is text


def test_a_row_a_ratio_and_an_inspection_goes_through(hub):
    table = Registry(lclm.rows())
    assert [(row.name, row.ratios, row.window) for row in table.rows.values()] == [
        ("lclm-4x", (4,), 1024),
        ("lclm-8x", (8,), 1024),
        ("lclm-16x", (16,), 1024),
    ]
    assert all(lclm.INSTRUCTION in row.card.limits for row in table.rows.values())
    text = "Anna met Ben by the mill, and Ben gave Anna 12 pears."
    count = len(load(hub, 16).source(text).windows)
    found = compare(text, ["lclm-16x"], registry=table).inspections[0]
    assert found.memory.vectors == count > 1 and found.memory.width == OUT and found.spectrum.rows == count
    assert len(found.trace.tokens) == len(load(hub, 16).source(text).ids)


def test_random_weights_fail_the_self_test_and_trained_ones_pass(hub, monkeypatch):
    monkeypatch.setenv("INSPECTOR_ALLOW", "")
    table = Registry(lclm.rows())
    with pytest.raises(RuntimeError, match=r"^lclm-8x is not used: self-test failed: memory gain -?\d"):
        table.load(table.resolve("lclm-8x"))
    compressor = load(hub, 8)
    layers = [p for name, p in compressor.decoder.model.named_parameters() if "embed_tokens" not in name]
    by_heart(compressor, layers, selftest.TEXT, 8, steps=80)
    assert selftest.verdict(compressor, 8, lclm.CHECK)[0]
    decoder = load(hub, 4).decoder.model  # another checkpoint's decoder, of the same shape
    compressor.decoder.model = decoder
    assert not selftest.verdict(compressor, 8, lclm.CHECK)[0]


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"pooling": "eos"}, "pooling 'eos', where only 'mean' is read"),
        ({"encoder_mask_type": "bidirectional"}, "encoder_mask_type 'bidirectional', where only 'causal' is read"),
        ({"adapter_type": "attn_mlp"}, "adapter_type 'attn_mlp', where only 'mlp' is read"),
        ({"boundary_overlap": 256}, "boundary_overlap 256, where only 0 is read"),
        ({"compression_ratio": 8}, "compression_ratio 8, where only 4 is read"),
    ],
)
def test_another_recipe_is_named(tmp_path, told, said):
    (tmp_path / "model_config.json").write_text(json.dumps({**lclm.RECIPE, "compression_ratio": 4, **told}))
    with pytest.raises(RuntimeError, match=rf"model_config\.json says {said}$"):
        lclm.load(4, [tmp_path], HubSettings())


def test_parts_that_do_not_fit_are_named(hub, tmp_path):
    folder = write(tmp_path / "narrow", 4)
    save_file({"norm.weight": torch.ones(WIDTH)}, folder / lclm.ADAPTER)
    with pytest.raises(RuntimeError, match=r"^adapter/adapter\.safetensors lacks the tensor fc[12]\."):
        lclm.load(4, [folder], HubSettings())
    folder = write(tmp_path / "plain", 4)
    tokenizer([]).save_pretrained(folder / "decoder")  # as Qwen3's own
    with pytest.raises(RuntimeError, match=r"^the tokenizer has no token <\|memory_start\|>, which the prompt needs"):
        lclm.load(4, [folder], HubSettings())


def test_weights_run_in_16_bits_unless_a_dtype_is_set(hub):
    folder = hub / "latent-context/0.6b-4b-LCLM-4x"
    compressor = lclm.load(4, [folder], HubSettings())
    assert {p.dtype for p in compressor.adapter.parameters()} == {compressor.encoder.dtype} == {torch.bfloat16}
    assert not selftest.verdict(compressor, 4, lclm.CHECK)[0]
    card = lclm.rows()[0].card
    size, folder = card.parts[0].size(HubSettings.named()), HubSettings.named().folder
    assert card.memory(HubSettings(folder=folder)) == pytest.approx(size / 2, abs=1)
    assert card.memory(HubSettings("float32", folder=folder)) == size
