"""Training the pocket family: mix, decoder and compressor stages, snapshots, export."""

import json

import pytest
import torch
from safetensors.torch import load_file, save_file

from models.pocket import count
from models.pocket.free import FREE_COMPRESSORS, FREE_DECODER, FreeCompressorNetwork, FreeDecoderNetwork
from models.training.__main__ import main
from models.training.free import FreeSettings, FreeTrainer, mix_at
from tests.models.test_training import data  # noqa: F401, the little corpus


def trainer(stage, folder, out, tokens, decoder=None, **settings):
    given = {"batch": 2, "warmup": 2, "short": 0.0, "snapshots": 3} | settings
    return FreeTrainer(FreeSettings(stage, tokens=tokens, **given), folder, out, decoder)


@pytest.mark.parametrize("joint", [True, False])
def test_the_mix_moves_from_easy_to_hard_and_sums_to_one(joint):
    for progress in (0.0, 0.12, 0.2, 0.4, 1.0):
        assert mix_at(progress, joint).sum() == pytest.approx(1.0)
    assert mix_at(0.0, joint)[1] == 0.70 > mix_at(1.0, joint)[1]
    assert (mix_at(1.0, joint)[0] > 0) == joint  # compressors learn nothing from batches without memory


def test_history_is_shifted_and_begins_with_the_begin_token(data, tmp_path):  # noqa: F811
    one = trainer("pocket-decoder", data, tmp_path / "runs/a", 256, scrambled=1.0, batch=32)
    ids, history, ratio = one.draw()
    assert ratio in (None, 4, 16, 64)
    assert ids.shape == history.shape
    assert (history[:, 0] == one.decoder.begin_id).all()


@pytest.mark.slow
def test_a_decoder_then_a_compressor_against_it(data, tmp_path):  # noqa: F811
    joint = trainer("pocket-decoder", data, tmp_path / "runs/decoder", 2 * 256)
    joint.run(log_every=1)
    rows = [json.loads(line) for line in (tmp_path / "runs/decoder/log.jsonl").read_text().splitlines()]
    assert len(rows) == 2
    assert all(1 <= row[f"erank_batch_{r}"] <= row[f"rows_{r}"] for row in rows for r in (4, 16, 64))
    assert rows[0]["rows_16"] == 48 * FREE_DECODER.window // 16
    size = trainer("pocket-xs", data, tmp_path / "runs/xs", 4 * 256, tmp_path / "runs/decoder")
    before = {k: v.clone() for k, v in size.decoder.state_dict().items()}
    start = size.compressor.slot.clone()
    size.run(log_every=2)
    assert all(torch.equal(v, before[k]) for k, v in size.decoder.state_dict().items())
    assert not torch.equal(start, size.compressor.slot)
    kept = sorted((tmp_path / "runs/xs/snapshots").iterdir())
    assert [f.name for f in kept] == ["01.safetensors", "02.safetensors", "03.safetensors"]
    again = ["overwriting", str(tmp_path / "runs/xs"), "--decoder", str(tmp_path / "runs/decoder"), "--texts", "2"]
    assert main(again) == 0
    rows = [json.loads(line) for line in (tmp_path / "runs/xs/log.jsonl").read_text().splitlines()]
    shares = [row["overwriting_16"] for row in rows if "overwriting_16" in row]
    assert len(rows) == 2
    assert shares
    assert all(0 <= share <= 1 for share in shares)
    export = ["export", str(tmp_path / "runs/xs"), "--out", str(tmp_path / "xs.safetensors")]
    assert main(export) == 0
    network = FreeCompressorNetwork(FREE_COMPRESSORS["pocket-xs"])
    network.load_state_dict({k: v.float() for k, v in load_file(tmp_path / "xs.safetensors").items()})
    assert sum(count(tmp_path / "xs.safetensors").values()) == sum(p.numel() for p in network.parameters())
    assert main([*export, "--snapshot", str(kept[0])]) == 0
    early = load_file(tmp_path / "xs.safetensors")
    assert not torch.equal(early["slot"].float(), network.slot)
    assert main(["export", str(tmp_path / "runs/decoder"), "--out", str(tmp_path / "decoder.safetensors")]) == 0
    FreeDecoderNetwork().load_state_dict({k: v.float() for k, v in load_file(tmp_path / "decoder.safetensors").items()})


@pytest.mark.slow
def test_imitation_comes_first_and_leads_towards_the_teachers_memory(data, tmp_path):  # noqa: F811
    trainer("pocket-decoder", data, tmp_path / "runs/decoder", 256).run()
    one = trainer("pocket-s", data, tmp_path / "runs/s", 40 * 256, tmp_path / "runs/decoder", imitate=1.0)
    ids, _, _ = one.draw()
    before = one._imitation(ids, 4).item()
    assert one.imitating
    one.run(log_every=50)
    assert one._imitation(ids, 4).item() < 0.8 * before
    again = trainer("pocket-s", data, tmp_path / "runs/t", 256, tmp_path / "runs/decoder", imitate=0.0)
    assert not again.imitating


@pytest.mark.slow
def test_a_cut_run_goes_on_where_it_was(data, tmp_path, monkeypatch):  # noqa: F811
    uncut = trainer("pocket-decoder", data, tmp_path / "runs/uncut", 4 * 256)
    uncut.run()
    cut = trainer("pocket-decoder", data, tmp_path / "runs/cut", 4 * 256)
    draw = cut.draw

    def interrupted():
        if cut.step == 2:
            cut.save()
            raise KeyboardInterrupt
        return draw()

    monkeypatch.setattr(cut, "draw", interrupted)
    with pytest.raises(KeyboardInterrupt):
        cut.run()
    again = trainer("pocket-decoder", data, tmp_path / "runs/cut", 4 * 256)
    again.run()
    assert again.step == uncut.step == 4
    for (name, a), b in zip(uncut.learner.state_dict().items(), again.learner.state_dict().values(), strict=True):
        torch.testing.assert_close(a, b, atol=1e-6, rtol=1e-5, msg=name)


def test_embeddings_start_as_the_strongest_directions_of_given_ones(data, tmp_path):  # noqa: F811
    wide = torch.randn(FREE_DECODER.vocabulary, FREE_DECODER.width) @ torch.randn(FREE_DECODER.width, 400)
    save_file({"embed_tokens.weight": wide}, tmp_path / "e.safetensors")
    settings = FreeSettings("pocket-decoder", tokens=9, batch=2)
    made = FreeTrainer(settings, data, tmp_path / "runs/x", embeddings=tmp_path / "e.safetensors")
    got = made.decoder.embed_tokens.weight
    torch.testing.assert_close(got @ got.T, wide @ wide.T, rtol=1e-2, atol=1.0)  # rank 384: nothing is lost


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["train", "pocket-xxl", "--tokens", "9"], "pocket-decoder, pocket-xs, pocket-s, pocket-m, pocket-l"),
        (["train", "pocket-s", "--tokens", "9"], "needs --decoder"),
        (["train", "decoder", "--tokens", "9", "--plain"], "for the stages pocket-"),
    ],
)
def test_wrong_settings_are_one_sentence(data, tmp_path, capsys, arguments, words):  # noqa: F811
    assert main([*arguments, "--data", str(data), "--out", str(tmp_path / "runs/x")]) == 2
    error = capsys.readouterr().err
    assert words in error
    assert error.count("\n") == 1
