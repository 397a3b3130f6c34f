"""Training: exact resume, a frozen decoder, budgets, export that the registry can read, and the command's errors."""

import json

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from models.pocket import count
from models.pocket.network import COMPRESSORS, CompressorNetwork
from models.training.__main__ import main
from models.training.corpus import Windows
from models.training.revive import quiet_directions, revive
from models.training.train import Settings, Trainer, export, learning_rate
from tests.conftest import tiny_decoder

SENTENCES = [
    "The tide table hung beside the door, and the pilot read it aloud every morning before the boats went out.",
    "Seven crates of lemons came ashore on Tuesday; two were sold at once and five went up the hill by mule.",
    "When the lamp failed, Ines counted the steps to the cellar, and her brother counted them again on the way back.",
]


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "text"
    folder.mkdir()
    for index, name in enumerate(("wikipedia2015-train", "openstax", "novels")):
        lines = (json.dumps({"text": SENTENCES[(index + k) % 3]}) for k in range(30))
        (folder / f"{name}.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return folder


def trained(data, out, tokens):
    trainer = Trainer(Settings("decoder", tokens=tokens, batch=2, warmup=2, short=0.0), data, out)
    trainer.run(log_every=2)
    return trainer


@pytest.mark.slow
def test_a_run_that_was_cut_ends_where_an_uncut_one_does(data, tmp_path, monkeypatch):
    uncut = trained(data, tmp_path / "runs/uncut", 6 * 256)
    cut = Trainer(Settings("decoder", tokens=6 * 256, batch=2, warmup=2, short=0.0), data, tmp_path / "runs/cut")
    draw, steps = cut.draw, []

    def interrupted():
        if len(steps) == 3:
            cut.save()
            raise KeyboardInterrupt
        steps.append(1)
        return draw()

    monkeypatch.setattr(cut, "draw", interrupted)
    with pytest.raises(KeyboardInterrupt):
        cut.run()
    resumed = trained(data, tmp_path / "runs/cut", 6 * 256)
    assert resumed.step == uncut.step == 6
    for (name, a), b in zip(uncut.learner.state_dict().items(), resumed.learner.state_dict().values(), strict=True):
        torch.testing.assert_close(a, b, atol=1e-6, rtol=1e-5, msg=name)
    rows = [json.loads(line) for line in (tmp_path / "runs/uncut/log.jsonl").read_text().splitlines()]
    assert [row["step"] for row in rows] == [2, 4, 6] and all(
        {"erank_batch_16", "entropy_16", "tokens"} <= row.keys() for row in rows
    )


@pytest.mark.slow
def test_a_compressor_learns_and_the_decoder_stays(data, tmp_path):
    trained(data, tmp_path / "runs/decoder", 256)
    before = load_file(tmp_path / "runs/decoder/model.safetensors")
    settings = Settings("superposition-xs", tokens=3 * 256, batch=2, warmup=1, short=0.0)
    trainer = Trainer(settings, data, tmp_path / "runs/xs", tmp_path / "runs/decoder")
    assert not trainer.compressor.out.weight.any()  # it starts from the code
    trainer.run()
    assert trainer.compressor.out.weight.any()
    assert all(torch.equal(v, before[k]) for k, v in trainer.decoder.state_dict().items())
    export(tmp_path / "runs/xs", tmp_path / "weights/superposition-xs.safetensors", COMPRESSORS["superposition-xs"])
    assert sum(count(tmp_path / "weights/superposition-xs.safetensors").values()) == sum(
        p.numel() for p in trainer.compressor.parameters()
    )
    again = CompressorNetwork(COMPRESSORS["superposition-xs"])
    again.load_state_dict({k: v.float() for k, v in load_file(tmp_path / "weights/superposition-xs.safetensors").items()})


def test_the_rate_warms_up_holds_and_decays():
    settings = Settings("decoder", tokens=1, rate=1.0, warmup=10)
    assert learning_rate(0, 0.0, settings) == pytest.approx(0.1)
    assert learning_rate(10, 0.3, settings) == learning_rate(10, 0.5, settings) == 1.0
    assert learning_rate(10, 0.75, settings) == pytest.approx(0.5) and learning_rate(10, 1.0, settings) == 0.0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["train", "pocket-xxl", "--tokens", "9"], "known: decoder, superposition-xs, superposition-s"),
        (["train", "decoder"], "either --tokens or --minutes"),
        (["train", "decoder", "--tokens", "1", "--minutes", "1"], "either --tokens or --minutes"),
        (["train", "superposition-s", "--tokens", "9"], "needs --decoder"),
    ],
)
def test_wrong_settings_are_one_sentence(data, tmp_path, capsys, arguments, words):
    assert main([*arguments, "--data", str(data), "--out", str(tmp_path / "runs/x")]) == 2
    error = capsys.readouterr().err
    assert words in error and error.count("\n") == 1


def test_missing_data_is_named(tmp_path, capsys):
    assert main(["train", "decoder", "--tokens", "9", "--data", str(tmp_path), "--out", str(tmp_path / "runs/x")]) == 2
    assert "wikipedia2015-train" in capsys.readouterr().err


def test_reviving_tells_rare_tokens_apart_and_leaves_predictions_alone():
    network = tiny_decoder().network
    windows = Windows(
        np.arange(20_000, dtype=np.uint16) % 40, np.arange(0, 19_000, 50)
    )  # 40 tokens are common, the rest are rare
    embeddings = network.embed_tokens.weight.data
    embeddings[40:] = embeddings[40:].mean(0) + torch.tensor([1.0, *[0.0] * 63])  # as training leaves them: all alike
    ids = torch.from_numpy(windows.draw(np.random.default_rng(1), 2, 20))
    before = network(ids)
    share_before = torch.nn.functional.cosine_similarity(embeddings[40], embeddings[41], dim=0)
    _, share = quiet_directions(network, windows, texts=4, directions=8)
    count, _ = revive(network, windows, directions=8, texts=4)
    assert count == network.begin_id - 40 and 0 <= share < 8 / 64
    assert torch.nn.functional.cosine_similarity(embeddings[40], embeddings[41], dim=0) < share_before - 0.05
    torch.testing.assert_close(network(ids), before)  # common tokens and what is made of them are as they were


def test_a_decoder_is_revived_once(data, tmp_path, capsys):
    run = tmp_path / "runs/decoder"
    run.mkdir(parents=True)
    Trainer(Settings("decoder", tokens=9, batch=2), data, run).save()
    assert main(["revive", str(run), "--data", str(data)]) == 0
    assert main(["revive", str(run), "--data", str(data)]) == 2
    assert "revived before" in capsys.readouterr().err
