"""OSCAR: an encoder of its own, a query beside the text, an MLP between, against the published arithmetic."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from torch import nn

from models.hub import oscar
from models.hub.settings import HubSettings
from tests.models import tiny
from tests.models.hub import naver

MEM = [f"<MEM{i}>" for i in range(4)]
CONFIG = {
    "doc_max_length": 16,
    "compr_rate": 4,
    "different_mem_tokens": True,
    "compr_model_name": "meta-llama/Llama-3.2-1B-Instruct",
    "compr_use_mlp": True,
    "compr_mlp_hidden_dim": 80,
    "lora_compressor": False,
}
PICKLE = HubSettings(dtype="float32", allow=frozenset({"pickle"}))
WIDTH = 32  # of the encoder; the decoder's is 48


def llama(folder: Path) -> tuple[nn.Module, object]:
    """The encoder's architecture and tokenizer, which opens both texts of a pair, without weights; and the encoder itself."""
    from tokenizers.processors import TemplateProcessing
    from transformers import AutoModel, LlamaConfig

    config = LlamaConfig(**tiny.SIZES | {"hidden_size": WIDTH, "num_key_value_heads": 2, "initializer_range": 0.1})
    config.save_pretrained(folder)
    words = tiny.tokenizer()
    words.backend_tokenizer.post_processor = TemplateProcessing(
        single="<s> $A", pair="<s> $A <s>:1 $B:1", special_tokens=[("<s>", 0)]
    )
    words.save_pretrained(folder)
    config.vocab_size += len(MEM)
    torch.manual_seed(8)
    encoder = AutoModel.from_config(config).eval()
    words.add_tokens(MEM, special_tokens=True)
    return encoder, words


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    root = tmp_path_factory.mktemp("oscar")
    base = naver.base(root / "mistralai" / "Mistral-7B-Instruct-v0.2")
    model, _ = naver.adapted(base, [*MEM, "<AE>", "<ENC>", "<SEP>"], ("decoder_adapter",))
    own = naver.checkpoint(root / "naver" / "oscar-mistral-7B", model, ("decoder_adapter",), **CONFIG)
    words = root / "meta-llama" / "Llama-3.2-1B-Instruct"
    encoder, theirs = llama(words)
    torch.manual_seed(9)
    mlp = nn.Sequential(nn.Linear(WIDTH, 80), nn.ReLU(), nn.Linear(80, 48))
    (own / "compressor").mkdir()
    torch.save(encoder.state_dict(), own / "compressor" / "compressor.pth")
    torch.save(mlp.state_dict(), own / "compressor" / "mlp.pth")
    return root, (own, base, words), encoder, theirs, mlp


@pytest.fixture(scope="module")
def made(files):
    return oscar.load(files[1], PICKLE, ())


def test_memory_is_the_published_one_in_every_window(files, made):
    _, _, encoder, theirs, mlp = files
    source = made.source(f"<MEM0> {naver.TEXT}")
    assert len(source.windows) > 2
    for window, memory in zip(source.windows, made.compress(source, source.windows, 4), strict=True):
        text = source.text[source.spans[window[0]][0] : source.spans[window[1] - 1][1]]
        pair = theirs(oscar.QUERY, text, split_special_tokens=True).input_ids
        assert pair.count(0) == 2 and pair[0] == 0 and max(pair) < 300
        ids = torch.tensor([pair + theirs.convert_tokens_to_ids(MEM)])
        with torch.inference_mode():
            byhand = mlp(encoder(input_ids=ids, output_hidden_states=True).hidden_states[-1][0, -4:])
        assert memory.size == 4 and torch.allclose(memory.vectors, byhand, atol=1e-4)


def test_the_decoder_reads_them(made):
    source = made.source(naver.TEXT)
    (memory,) = made.compress(source, source.windows[:1], 4)
    ids = source.window_ids(source.windows[0])
    given, prior = made.decoder.score([memory, None], [ids, ids])
    assert given.shape == (16, 300) and not torch.allclose(given, prior, atol=1e-2)
    assert made.decoder.adapter == "oscar-mistral-7b-decoder" and not memory.stops_by_length


def test_random_weights_fail_the_self_test(files, monkeypatch):
    (row,) = oscar.rows()
    monkeypatch.setenv("INSPECTOR_HUB", f"folder={files[0]}")
    assert "INSPECTOR_ALLOW=pickle" in row.why_not()
    monkeypatch.setenv("INSPECTOR_ALLOW", "pickle")
    assert row.why_not() is None and row.card.to_fetch() is None
    with pytest.raises(RuntimeError, match="self-test failed: memory gain"):
        row.load(())


def altered(files, tmp_path: Path, **config) -> Path:
    """A copy of the checkpoint with another configuration."""
    import shutil

    own = shutil.copytree(files[1][0], tmp_path / "own")
    (own / "config.json").write_text(json.dumps({"lora_r": naver.RANK, **CONFIG, **config}), encoding="utf-8")
    return own


@pytest.mark.parametrize("config", [{"compr_model_name": "mistral_trimmed"}, {"compr_use_mlp": False}])
def test_other_encoders_of_the_family_are_told(files, tmp_path, config):
    with pytest.raises(RuntimeError, match="not supported"):
        oscar.load((altered(files, tmp_path, **config), *files[1][1:]), PICKLE, ())


def test_an_encoder_that_lacks_a_tensor_is_told(files, tmp_path):
    own = altered(files, tmp_path)
    state = files[2].state_dict()
    torch.save({k: t for k, t in state.items() if k != "norm.weight"}, own / "compressor" / "compressor.pth")
    with pytest.raises(RuntimeError, match=r"lacks the tensor norm\.weight"):
        oscar.load((own, *files[1][1:]), PICKLE, ())


def test_an_encoder_of_another_shape_is_told(files, tmp_path):
    own = altered(files, tmp_path)
    state = {k: t[:, :16] if k.endswith("q_proj.weight") else t for k, t in files[2].state_dict().items()}
    torch.save(state, own / "compressor" / "compressor.pth")
    with pytest.raises(RuntimeError, match="q_proj"):
        oscar.load((own, *files[1][1:]), PICKLE, ())


def test_the_encoders_size_follows_from_its_architecture():
    from transformers import LlamaConfig, LlamaModel

    config = LlamaConfig(
        vocab_size=128_256 + 8,
        hidden_size=2048,
        intermediate_size=8192,
        num_hidden_layers=16,
        num_attention_heads=32,
        num_key_value_heads=8,
        head_dim=64,
    )
    with torch.device("meta"):
        model, mlp = LlamaModel(config), nn.Sequential(nn.Linear(2048, 8096), nn.ReLU(), nn.Linear(8096, 4096))
    assert sum(p.numel() for p in model.parameters()) == oscar.ENCODER_SIZE
    assert sum(p.numel() for p in mlp.parameters()) == oscar.MLP_SIZE
