"""Finding a causal model: a pickle, and code that comes with a model, are refused unless allowed by name."""

from __future__ import annotations

import json

import pytest
import torch

from models.hub.find import load_causal, missing
from tests.models import tiny

CODE = "raise AssertionError('this code must not run')"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("INSPECTOR_ALLOW", "")
    tiny.save(tmp_path / "tiny")
    return tmp_path / "tiny"


def with_code(folder, **changes) -> None:
    (folder / "modelling.py").write_text(CODE)
    config = json.loads((folder / "config.json").read_text())
    code = {"AutoConfig": "modelling.Config", "AutoModelForCausalLM": "modelling.Model"}
    (folder / "config.json").write_text(json.dumps(config | {"auto_map": code} | changes))


def test_a_pickle_is_refused_with_the_way_to_allow_it(folder, monkeypatch):
    network = tiny.network()
    expected = network(torch.tensor([[0, 5, 6]])).logits
    (folder / "model.safetensors").unlink()
    torch.save(network.state_dict(), folder / "pytorch_model.bin")
    said = f"the weights in {folder} are a pickle, which can hold code; to allow it, set INSPECTOR_ALLOW=pickle"
    assert missing(str(folder)).startswith(said)
    with pytest.raises(RuntimeError, match="cannot load"):
        load_causal(str(folder), "cpu")
    monkeypatch.setenv("INSPECTOR_ALLOW", "pickle")
    assert missing(str(folder)) is None
    loaded, _ = load_causal(str(folder), "cpu")
    assert torch.allclose(loaded(torch.tensor([[0, 5, 6]])).logits, expected, atol=1e-5)


def test_no_weights_at_all_are_another_matter(folder):
    (folder / "model.safetensors").unlink()
    assert missing(str(folder)).endswith("holds no weights in safetensors, the only format that is loaded")


def test_a_model_that_needs_its_own_code_is_refused(folder, monkeypatch):
    with_code(folder, model_type="nobody-knows-this")
    with pytest.raises(RuntimeError) as error:
        load_causal(str(folder), "cpu")
    assert str(error.value) == (
        f"{folder} runs only with Python code that comes with it (auto_map in its config.json); "
        "to allow it, set INSPECTOR_ALLOW=remote-code (the option --allow remote-code)"
    )
    monkeypatch.setenv("INSPECTOR_ALLOW", "remote-code")
    monkeypatch.setenv("HF_MODULES_CACHE", str(folder.parent / "modules"))
    with pytest.raises((RuntimeError, AssertionError), match="this code must not run"):  # now it does
        load_causal(str(folder), "cpu")


@pytest.mark.parametrize("allow", ["", "remote-code"])
def test_code_beside_a_model_that_transformers_knows_is_not_run(folder, monkeypatch, allow):
    with_code(folder)
    monkeypatch.setenv("INSPECTOR_ALLOW", allow)
    network, _ = load_causal(str(folder), "cpu")
    assert type(network).__name__ == "LlamaForCausalLM"
