"""C3 against its two models run by hand, on a tiny checkpoint with the published folders, files and tensor names."""

import base64
import json
from itertools import pairwise
from pathlib import Path

import pytest
import regex
import torch
import transformers
from huggingface_hub import save_torch_state_dict

from inspector.compare import compare
from models.hub import c3, selftest, weights
from models.hub.settings import HubSettings
from models.pocket.tokenizer import byte_alphabet
from models.registry import Registry
from tests.models import tiny
from tests.models.hub.fit import by_heart

QUERIES, WIDTH, OUT = 4, 32, 48
WORDS = 300 - 2  # of the tiny tokenizer, without its own marks
QWEN = {"num_key_value_heads": 2, "tie_word_embeddings": True}
ENCODER = {"vocab_size": 151_936, "hidden_size": 1536, "intermediate_size": 8960, "num_hidden_layers": 28}
DECODER = {"vocab_size": 151_860, "hidden_size": 2048, "intermediate_size": 11008, "num_hidden_layers": 36}


def ranks() -> list[bytes]:
    """Tokens in the order of their ranks: bytes, then what was merged."""
    found = tiny.tokenizer()
    alphabet = {symbol: byte for byte, symbol in byte_alphabet().items()}
    return [bytes(alphabet[c] for c in found.convert_ids_to_tokens(i)) for i in range(2, 300)]


def write(folder: Path, seed: int = 1) -> Path:
    """The repository as it lies on the hub: decoder, queries and projector in shards, the encoder in a folder of its own."""
    torch.manual_seed(seed)
    settings = tiny.SIZES | QWEN | {"initializer_range": 0.1}
    size = WORDS + len(c3.SPECIAL)
    config = transformers.Qwen2Config(**settings | {"vocab_size": size, "hidden_size": OUT})
    decoder = transformers.Qwen2ForCausalLM(config)
    own = {"model.Q.weight": torch.randn(QUERIES, WIDTH)}
    own |= {"model.mm_projector.weight": 0.3 * torch.randn(OUT, WIDTH), "model.mm_projector.bias": 0.3 * torch.randn(OUT)}
    state = {name: tensor for name, tensor in decoder.state_dict().items() if name != "lm_head.weight"}
    folder.mkdir(parents=True)
    save_torch_state_dict(state | own, folder, max_shard_size="60KB")
    told = json.loads(config.to_json_string(use_diff=False))
    told |= {"model_type": "C3", "architectures": ["C3QwenForCausalLM"], "use_im_start_end": True}
    told |= {"auto_map": {"AutoConfig": "modeling_C3.C3Config", "AutoModel": "modeling_C3.C3QwenForCausalLM"}}
    told |= {"latent_token_len": QUERIES, "contexts_compression_llm_hidden_size": WIDTH}
    (folder / "config.json").write_text(json.dumps(told))
    words = {"tokenizer_class": "QWenTokenizer", "auto_map": {"AutoTokenizer": ["tokenization_qwen.QWenTokenizer", None]}}
    (folder / "tokenizer_config.json").write_text(json.dumps(words))
    for name in ("modeling_C3.py", "tokenization_qwen.py"):
        (folder / name).write_text("raise SystemExit('code beside a model was run')")
    lines = [b"%s %d" % (base64.b64encode(token), rank) for rank, token in enumerate(ranks())]
    (folder / c3.RANKS).write_bytes(b"\n".join(lines) + b"\n")
    more = {"vocab_size": size + 76, "hidden_size": WIDTH}  # as published, the encoder has rows that no token has
    transformers.Qwen2ForCausalLM(transformers.Qwen2Config(**settings | more)).save_pretrained(folder / "llm1")
    return folder


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("c3")
    write(folder / c3.REPO)
    return folder


@pytest.fixture
def hub(checkpoint, monkeypatch) -> Path:
    monkeypatch.setenv("INSPECTOR_HUB", f"folder={checkpoint} dtype=float32")
    monkeypatch.setenv("INSPECTOR_ALLOW", "failed-self-test")
    return checkpoint


def load(folder: Path) -> c3.C3:
    return c3.load([folder / c3.REPO], HubSettings.named("dtype=float32", ""))


def pieces(text: str) -> list[int]:
    """Ids by the rule of such files: of all neighbours the pair with the lowest rank is joined, until none has one."""
    table, found = {token: rank for rank, token in enumerate(ranks())}, []
    for word in regex.findall(c3.PATTERN, text):
        parts = [bytes([byte]) for byte in word.encode()]
        while True:
            pairs = [(table[a + b], i) for i, (a, b) in enumerate(pairwise(parts)) if a + b in table]
            if not pairs:
                break
            i = min(pairs)[1]
            parts[i : i + 2] = [parts[i] + parts[i + 1]]
        found += [table[part] for part in parts]
    return found


TEXTS = (tiny.TEXT, "  Anna's 1234 pears,\n\n\tand   Ben saw: 강가의 집 🙂!  ", "don't\r\n THEY'LL see x_1 == 3.14\n ")


def test_parameters_are_those_of_the_published_sizes():
    with torch.device("meta"):
        encoder = transformers.Qwen2Model(transformers.Qwen2Config(num_attention_heads=12, **QWEN, **ENCODER))
        decoder = transformers.Qwen2ForCausalLM(transformers.Qwen2Config(num_attention_heads=16, **QWEN, **DECODER))
    counts = [sum(p.numel() for p in model.parameters()) for model in (encoder, decoder)]
    embeddings, own = decoder.get_input_embeddings().weight.numel(), 32 * 1536 + 1536 * 2048 + 2048
    assert {"compressor": counts[0] + own, "embeddings": embeddings, "decoder": counts[1] - embeddings} == c3.SIZE


def test_special_tokens_follow_the_ranks_in_the_published_order():
    assert len(c3.SPECIAL) == DECODER["vocab_size"] - 151_643
    at = {token: 151_643 + i for i, token in enumerate(c3.SPECIAL)}
    assert [at[t] for t in ("<|endoftext|>", "<|im_start|>", "<|im_end|>")] == [151_643, 151_644, 151_645]
    assert [at[t] for t in ("<img>", "</img>", "<imgpad>")] == [151_857, 151_858, 151_859]


@pytest.mark.parametrize("text", TEXTS)
def test_ranks_make_the_tokens_that_joining_by_rank_makes(checkpoint, text):
    tokenizer = c3.read_ranks(checkpoint / c3.REPO / c3.RANKS)
    found = tokenizer.encode(text)
    assert found.ids == pieces(text) and tokenizer.text(found.ids) == text
    assert found.spans[0][0] == 0 and found.spans[-1][1] == len(text)
    assert tokenizer.prompt("<img>") == [WORDS + c3.SPECIAL.index("<img>")] and len(tokenizer.tokenizer) == WORDS + len(
        c3.SPECIAL
    )


@pytest.mark.parametrize("text", TEXTS)
def test_ranks_make_the_tokens_of_tiktoken(checkpoint, text):
    tiktoken = pytest.importorskip("tiktoken")
    table = {token: rank for rank, token in enumerate(ranks())}
    theirs = tiktoken.Encoding("tiny", pat_str=c3.PATTERN, mergeable_ranks=table, special_tokens={})
    assert c3.read_ranks(checkpoint / c3.REPO / c3.RANKS).encode(text).ids == theirs.encode(text)


def test_decomposed_letters_are_composed_and_keep_their_place(checkpoint):
    tokenizer = c3.read_ranks(checkpoint / c3.REPO / c3.RANKS)
    assert tokenizer.encode("e\u0301 x").ids == tokenizer.encode("\u00e9 x").ids
    assert tokenizer.encode("e\u0301 x").spans[-1] == (3, 4)


def test_a_file_that_is_no_list_of_ranks_is_named(tmp_path):
    (tmp_path / "qwen.tiktoken").write_text("not base64 at all\n")
    with pytest.raises(RuntimeError, match=r"qwen\.tiktoken should hold a token in base64 and its rank on each line$"):
        c3.read_ranks(tmp_path / "qwen.tiktoken")


def test_memory_is_the_projected_state_at_the_queries(hub):
    compressor = load(hub)
    source = compressor.source(tiny.TEXT * 6)
    assert [b - a for a, b in source.windows] == [40 * QUERIES, len(source.ids) - 40 * QUERIES]
    encoder = transformers.Qwen2ForCausalLM.from_pretrained(hub / c3.REPO / "llm1", dtype=torch.float32).eval()
    own = weights.pick(hub / c3.REPO, "model.", HubSettings())
    marks = [WORDS + c3.SPECIAL.index(mark) for mark in ("<img>", *["<imgpad>"] * QUERIES, "</img>")]
    for window, memory in zip(source.windows, compressor.compress(source, source.windows, 40), strict=True):
        x = encoder.get_input_embeddings()(torch.tensor([[*source.window_ids(window), *marks]])).clone()
        x[:, -QUERIES - 1 : -1] = own["Q.weight"]
        hidden = encoder(inputs_embeds=x, output_hidden_states=True).hidden_states[-1][0, -QUERIES - 1 : -1]
        assert torch.allclose(memory.vectors, hidden @ own["mm_projector.weight"].T + own["mm_projector.bias"], atol=1e-4)
        assert memory.vectors.shape == (QUERIES, OUT) and memory.bits == 16 * QUERIES * OUT and not memory.stops_by_length


def test_the_decoder_is_asked_to_repeat_in_a_turn_around_the_memory(hub):
    compressor = load(hub)
    source = compressor.source(tiny.TEXT)
    ids = source.window_ids(source.windows[0])
    memory = compressor.compress(source, source.windows[:1], 40)[0]
    decoder, tokenizer = compressor.decoder.model, c3.read_ranks(hub / c3.REPO / c3.RANKS)
    pad = WORDS + c3.SPECIAL.index("<imgpad>")
    for count, found in zip((QUERIES, 0), compressor.decoder.score([memory, None], [ids, ids]), strict=True):
        asked = (
            "<|im_start|>system\nYou should follow the instructions carefully and explain your answers in detail.<|im_end|>"
            f"<|im_start|>user\n<img>{'<imgpad>' * count}</img>\nRepeat the text: <|im_end|><|im_start|>assistant\n"
        )
        row = torch.tensor([*tokenizer.prompt(asked), *ids[:-1]])
        x = decoder.get_input_embeddings()(row).clone()
        assert int((row == pad).sum()) == count
        x[row == pad] = memory.vectors[:count]
        assert torch.allclose(found, decoder(inputs_embeds=x[None]).logits[0, -len(ids) :], atol=1e-4)


def test_an_answer_ends_with_the_turn_and_marks_are_not_shown(hub):
    compressor = load(hub)
    ends = [WORDS + c3.SPECIAL.index(mark) for mark in ("<|endoftext|>", "<|im_end|>")]
    assert compressor.decoder.end_ids == set(ends)
    assert compressor.text([*compressor.source("Anna").ids, *ends, WORDS + c3.SPECIAL.index("<imgpad>")]) == "Anna"
    assert not set(ends) & set(compressor.source("<|im_end|>").ids)


def test_random_weights_fail_the_self_test_and_trained_ones_pass(hub, tmp_path, monkeypatch):
    monkeypatch.setenv("INSPECTOR_ALLOW", "")
    table = Registry(c3.rows())
    with pytest.raises(RuntimeError, match=r"^c3 is not used: self-test failed: token accuracy 0\.\d"):
        table.load(table.resolve("c3"))
    compressor = load(hub)
    layers = [p for name, p in compressor.decoder.model.named_parameters() if "embed_tokens" not in name]
    by_heart(compressor, layers, selftest.TEXT, 40, steps=80)
    assert selftest.verdict(compressor, 40, c3.CHECK)[0]
    compressor.decoder.model = c3.load([write(tmp_path / "other", seed=2)], HubSettings()).decoder.model
    assert not selftest.verdict(compressor, 40, c3.CHECK)[0]


def test_an_inspection_goes_through_and_nothing_is_said_beside_it(hub, capfd):
    table = Registry(c3.rows())
    found = compare(tiny.TEXT, ["c3"], registry=table).inspections[0]
    assert found.memory.vectors == QUERIES and found.memory.width == OUT and found.spectrum.rows == QUERIES
    assert capfd.readouterr().err == ""


def test_parts_that_do_not_fit_are_named(tmp_path):
    folder = write(tmp_path / "one")
    kept = {name: t for name, t in weights.pick(folder, "", HubSettings()).items() if name != "model.Q.weight"}
    for file in folder.glob("model*"):
        file.unlink()
    save_torch_state_dict(kept, folder)
    with pytest.raises(RuntimeError, match=r"should hold a tensor model\.Q\.weight with rows of 32 numbers, and has none$"):
        c3.load([folder], HubSettings())
    del kept["model.mm_projector.bias"]
    save_torch_state_dict(kept | {"model.Q.weight": torch.ones(QUERIES, WIDTH)}, folder)
    with pytest.raises(RuntimeError, match=r"^model\.mm_projector in .* lacks the tensor bias$"):
        c3.load([folder], HubSettings())
