"""CLaRa against the published arithmetic: subfolders, prompts of its stages, adapters."""

from __future__ import annotations

import pytest
import torch

from models.hub import clara
from models.hub.memprompts import REPEAT, SYSTEM
from tests.models.hub import naver

ROLES = ("decoder_adapter", "encoder_adapter", "query_reasoner_adapter")
CONFIG = {"doc_max_length": 32, "different_mem_tokens": True, "sep": True, "training_form": "both_separately"}
RATES = {"compression-16": 8, "compression-128": 16}  # as tiny as the tokens: 4 vectors and 2
PARAPHRASE = "You are a helpful assistant. Your task is follow the instructions to paraphrase the background information."


def added(folder: str) -> list[str]:
    return [*(f"<MEM{i}>" for i in range(32 // RATES[folder])), "<AE>", "<ENC>", "<SEP>"]


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A folder of models with all three repositories, and the published networks by subfolder."""
    root = tmp_path_factory.mktemp("clara")
    base = naver.base(root / "mistralai" / "Mistral-7B-Instruct-v0.2")
    networks = {folder: naver.adapted(base, added(folder), ROLES) for folder in RATES}
    for label in ("Base", "Instruct", "E2E"):
        for folder, (model, _) in networks.items():
            kept = ROLES if label == "E2E" else ROLES[:2]
            naver.checkpoint(root / "apple" / f"CLaRa-7B-{label}" / folder, model, kept, compr_rate=RATES[folder], **CONFIG)
    return root, networks


@pytest.fixture
def row(files, monkeypatch):
    monkeypatch.setenv("INSPECTOR_HUB", f"folder={files[0]} dtype=float32")
    monkeypatch.setenv("INSPECTOR_ALLOW", "pickle failed-self-test")
    return {r.name: r for r in clara.rows()}


def test_a_row_for_each_stage_and_subfolder(row):
    assert {name: r.ratios for name, r in row.items()} == {
        "clara-7b-base": (16,),
        "clara-7b-base-128": (128,),
        "clara-7b-instruct": (16,),
        "clara-7b-instruct-128": (128,),
        "clara-7b-e2e": (16,),
        "clara-7b-e2e-128": (128,),
    }
    assert all(r.why_not() is None and r.card.to_fetch() is None for r in row.values())


@pytest.mark.parametrize(("name", "folder"), [("clara-7b-base", "compression-16"), ("clara-7b-e2e-128", "compression-128")])
def test_memory_and_scores_are_the_published_ones(files, row, name, folder):
    model, words = files[1][folder]
    made = row[name].load(())
    source = made.source(naver.TEXT)
    (memory,) = made.compress(source, source.windows[:1], 16)
    target = list(source.window_ids(source.windows[0]))
    mem = words.convert_tokens_to_ids(added(folder)[:-3])
    ids = words.convert_tokens_to_ids(["<ENC>", "<s>"]) + target + [words.eos_token_id]
    assert len(target) == 32 and memory.size == len(mem) == 32 // RATES[folder]
    assert torch.allclose(memory.vectors, naver.hidden(model, "encoder_adapter", ids, mem), atol=1e-4)
    slot = "".join(added(folder)[:-3]) + "<SEP>"
    system, user = (
        (PARAPHRASE, f"Background: {slot} means the same as")
        if "base" in name
        else (SYSTEM, f"Background:\n{slot}\n\nQuestion:{REPEAT}")
    )
    chat = [{"role": "system", "content": system}, {"role": "user", "content": user}]
    prompt = words(
        words.apply_chat_template(chat, tokenize=False, add_generation_prompt=True), add_special_tokens=False
    ).input_ids
    given, prior = made.decoder.score([memory, None], [target, target])
    assert torch.allclose(given, naver.logits(model, "decoder_adapter", prompt, mem, memory.vectors, target)[:, :300], atol=1e-3)
    assert torch.allclose(prior, naver.logits(model, "decoder_adapter", prompt, mem, None, target)[:, :300], atol=1e-3)


@pytest.mark.parametrize("name", ["clara-7b-base", "clara-7b-instruct-128", "clara-7b-e2e"])
def test_the_stages_trained_on_questions_answer(row, name):
    made = row[name].load(())
    assert hasattr(made, "answer") == row[name].answers == ("base" not in name)
    if row[name].answers:
        assert made.prompt("Who?") == made.tokens.chat().replace(REPEAT, "Who?")


def test_two_ratios_share_a_base_and_keep_apart(row):
    one, other = row["clara-7b-base"].load(()), row["clara-7b-base-128"].load(())
    assert one.decoder.model is other.decoder.model
    source = one.source(naver.TEXT)
    before = one.compress(source, source.windows, 16)
    other.compress(source, source.windows, 128)
    for memory, again in zip(before, one.compress(source, source.windows, 16), strict=True):
        assert torch.equal(memory.vectors, again.vectors)


def test_random_weights_fail_the_self_test(row, monkeypatch):
    monkeypatch.setenv("INSPECTOR_ALLOW", "pickle")
    for name in row:
        with pytest.raises(RuntimeError, match="self-test failed: memory gain"):
            row[name].load(())


def test_published_sizes_follow_from_the_shapes(row):
    """Files of E2E at 128×: adapters.pth 241 MiB and the first and last layer 501 MiB, by a download's report."""
    assert abs(row["clara-7b-e2e-128"].card.parts[0].bytes / 2**20 - 742) < 3
    three, two = row["clara-7b-e2e-128"].card.parts[0].bytes, row["clara-7b-base-128"].card.parts[0].bytes
    assert round((three - two) / 2**20) == 80
