"""Answers of each published decoder against the plain model fed with its prompt by hand, no cache, on tiny random checkpoints."""

from __future__ import annotations

import pytest
import torch
from safetensors.torch import save_file
from transformers import DynamicCache

import models.registry
from models.hub import cocom, fivehundred, icae, memtokens
from models.hub.memprompts import SYSTEM
from models.hub.settings import HubSettings
from tests.models import tiny
from tests.models.hub import naver, test_cocom, test_fivehundred, test_icae, test_lclm, test_xrag

TEXT = f"{tiny.TEXT} {tiny.TEXT}"
QUESTION = "Who gave Anna 12 pears?"
FLOAT = HubSettings.named("dtype=float32", "pickle")
ANSWERS = {
    *("icae-mistral-7b-ft", "lclm-4x", "lclm-8x", "lclm-16x", "pisco-mistral", "pisco-llama", "cocom-4", "cocom-16", "cocom-128"),
    *("clara-7b-instruct", "clara-7b-instruct-128", "clara-7b-e2e", "clara-7b-e2e-128", "xrag", "500xcompressor:MODEL"),
}


def memories(compressor, ratio: int, text: str = TEXT):
    source = compressor.source(text)
    return compressor.compress(source, source.windows, ratio)


@torch.inference_mode()
def greedy(model, x, compressor, tokens: int = 12, ends: tuple[int, ...] = (1,)) -> str:
    """Text of the likeliest tokens after input embeddings [n, d], each from a new pass over everything."""
    ids: list[int] = []
    for _ in range(tokens):
        picked = int(model(inputs_embeds=x[None]).logits[0, -1, : len(tiny.tokenizer())].argmax())
        if picked in ends:
            break
        ids.append(picked)
        x = torch.cat([x, model.get_input_embeddings()(torch.tensor([picked]))])
    assert ids, "a prompt after which this random model says something is needed"
    return compressor.text(ids).strip()


def test_the_rows_that_answer_are_the_ones_whose_prompt_is_known():
    rows = models.registry.registry().rows
    assert {name for name, row in rows.items() if row.answers} == ANSWERS


def test_icae_stands_in_a_turn_with_all_segments_slots(tmp_path):
    test_icae.write(tmp_path)
    compressor = test_icae.load(tmp_path, "ft")
    found = memories(compressor, icae.RATE)
    assert len(found) > 2
    base, (_, _, (_, _, ft)) = test_icae.network(), test_icae.by_hand(tmp_path, "ft")
    encode, embed = lambda text: tiny.tokenizer().encode(text, add_special_tokens=False), base.get_input_embeddings()
    asked = embed(torch.tensor([*encode(QUESTION), *encode("[/INST]")]))
    for given in (found, found[:1], []):
        x = torch.cat([embed(torch.tensor([0, *encode("[INST]")])), *(m.vectors for m in given), ft[None], asked])
        assert compressor.answer(given, f" {QUESTION}\n", 12) == greedy(base, x, compressor)
    assert compressor.answer(found, QUESTION, 12) != compressor.answer([], QUESTION, 12)
    assert not hasattr(test_icae.load(tmp_path, "pretrained"), "answer")


@pytest.fixture(scope="module")
def pisco(tmp_path_factory):
    """Checkpoint, base, the published network and its tokenizer; 4 memory tokens a window of 16."""
    root, roles = tmp_path_factory.mktemp("pisco"), ("decoder_adapter", "encoder_adapter")
    base = naver.base(root / "base")
    model, words = naver.adapted(base, [*(f"<MEM{i}>" for i in range(4)), "<AE>", "<ENC>", "<SEP>"], roles)
    config = {"doc_max_length": 16, "compr_rate": 4, "different_mem_tokens": True, "sep": True}
    return naver.checkpoint(root / "own", model, roles, **config), base, model, words


def blended(words, user: str, vectors, embed, mem: list[int]):
    """Input embeddings of a chat in which vectors stand in the place of memory tokens, as the published code does it."""
    chat = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": user}]
    ids = words(words.apply_chat_template(chat, tokenize=False, add_generation_prompt=True), add_special_tokens=False).input_ids
    x = embed(torch.tensor(ids)).clone()
    places = [i for i, token in enumerate(ids) if token in mem]
    assert len(places) == sum(map(len, vectors))
    if places:
        x[places] = torch.cat(list(vectors))
    return x


@torch.inference_mode()
def test_pisco_and_clara_put_the_question_after_every_window_and_its_mark(pisco):
    own, base, model, words = pisco
    compressor = memtokens.load("pisco-asked", own, base, FLOAT, answers=True)
    found = memories(compressor, 4)
    mem = words.convert_tokens_to_ids([f"<MEM{i}>" for i in range(4)])
    model.set_adapter("decoder_adapter")
    for given in (found, found[1:2]):
        user = f"Background:\n{('<MEM0><MEM1><MEM2><MEM3><SEP>') * len(given)}\n\nQuestion:{QUESTION}"
        x = blended(words, user, [m.vectors for m in given], model.get_input_embeddings(), mem)
        assert compressor.answer(given, QUESTION, 12) == greedy(model, x, compressor)
    assert len(found) > 2 and compressor.answer(found, QUESTION, 12) != compressor.answer(found[:1], QUESTION, 12)
    assert not hasattr(memtokens.load("pisco-plain", own, base, FLOAT), "answer")


@torch.inference_mode()
@pytest.mark.parametrize("sep", [True, False, None])
def test_cocom_puts_the_question_in_a_turn_after_the_vectors(tmp_path, sep):
    base = naver.base(tmp_path / "base")
    model, words = test_cocom.published(base, tmp_path / "own")
    config = tmp_path / "own" / "config.json"
    told = {True: '"sep": true', False: '"sep": false', None: '"else": 0'}[sep]
    config.write_text(config.read_text().replace('"sep": false', told), encoding="utf-8")
    compressor = cocom.load((tmp_path / "own", base), FLOAT, ())
    found = memories(compressor, 4, TEXT * 2)
    mark, embed = ["<SEP>"] * (sep is not False), model.get_input_embeddings()
    ids = words(f"[INST]{QUESTION}\n[/INST]\n", add_special_tokens=False).input_ids
    between = embed(torch.tensor(words.convert_tokens_to_ids(mark), dtype=torch.long))
    x = [embed(torch.tensor([0]))]
    for memory in found:
        x += [memory.vectors, between]
    assert len(found) == 2 and len(between) == len(mark)
    assert compressor.answer(found, QUESTION, 12) == greedy(model, torch.cat([*x, embed(torch.tensor(ids))]), compressor)


@torch.inference_mode()
def test_lclm_has_one_place_for_all_windows_and_takes_the_question_as_it_is(tmp_path):
    import transformers

    test_lclm.write(tmp_path / "latent-context/0.6b-4b-LCLM-4x", 4)
    compressor, words = test_lclm.load(tmp_path, 4), test_lclm.tokenizer(test_lclm.MEMORY_TOKENS)
    folder = tmp_path / "latent-context/0.6b-4b-LCLM-4x/decoder"
    decoder = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    found, embed = memories(compressor, 4), decoder.get_input_embeddings()
    ends = tuple(words.convert_tokens_to_ids(["<|im_end|>"]))
    for question in (QUESTION, "What is {asked} in {0}?"):
        before, after = (
            torch.tensor(words.encode(part, add_special_tokens=False))
            for part in ("<|im_start|>user\n<|memory_start|>", f"<|memory_end|> {question}<|im_end|>\n<|im_start|>assistant\n")
        )
        x = torch.cat([embed(before), *(m.vectors for m in found), embed(after)])
        ids = []
        for _ in range(12):
            ids.append(int(decoder(inputs_embeds=x[None]).logits[0, -1].argmax()))
            x = torch.cat([x, embed(torch.tensor(ids[-1:]))])
        stop = next((i for i, token in enumerate(ids) if token in ends), len(ids))
        assert len(found) > 2 and compressor.answer(found, question, 12) == compressor.text(ids[:stop]).strip()


@torch.inference_mode()
def test_xrag_asks_below_the_background_and_stops_at_a_mark(tmp_path, monkeypatch):
    decoder, _, _ = test_xrag.write(tmp_path)
    compressor = test_xrag.loaded(tmp_path)
    found = memories(compressor, 178, TEXT * 4)
    tokens, embed = tiny.tokenizer(), decoder.get_input_embeddings()
    encode = lambda text: embed(torch.tensor(tokens.encode(text, add_special_tokens=False)))  # noqa: E731
    before = encode("[INST] Refer to the background document and answer the questions:\n\nBackground: ")
    after = encode(f"\n\nQuestion: {QUESTION} [/INST] The answer is:")
    compressor.asks = (*compressor.asks[:2], ())
    x = torch.cat([embed(torch.tensor([0])), before, found[0].vectors, encode(" "), found[1].vectors, after])
    assert len(found) == 2 and compressor.answer(found, QUESTION, 12) == greedy(decoder, x, compressor)
    assert compressor.answer(found, QUESTION.rstrip("?"), 12) == compressor.answer(found, QUESTION, 12)
    said = tokens.encode("Ben, of the mill", add_special_tokens=False)
    monkeypatch.setattr(type(compressor.decoder), "step", lambda *_: torch.eye(300)[[said[min(next(at), len(said) - 1)]]])
    for stops, text in (((), "Ben, of the mill"), (("\n", ".", ","), "Ben")):
        at = iter(range(99))
        compressor.asks = (*compressor.asks[:2], stops)
        assert compressor.answer(found, QUESTION, len(said)) == text


@torch.inference_mode()
def test_500xcompressor_asks_in_the_texts_place_after_one_memory(tmp_path):
    base = tmp_path / "base"
    tiny.save(base, max_position_embeddings=1024, num_key_value_heads=2)
    trained = test_fivehundred.Trained(base)
    (tmp_path / "own").mkdir()
    save_file({name: tensor.clone() for name, tensor in trained.state_dict().items()}, tmp_path / "own/model.safetensors")
    compressor = fivehundred.load([base, tmp_path / "own"], HubSettings(), ())
    source = compressor.source(tiny.TEXT)
    (memory,) = compressor.compress(source, source.windows, 100)
    asked = tiny.tokenizer().encode(f"Question: {QUESTION} Answer: ", add_special_tokens=False)
    for given in ([memory], []):
        ids = list(asked)
        for _ in range(12):
            cache = DynamicCache()
            for index, (keys, values) in enumerate(trained.cache(list(source.ids)) if given else ()):
                cache.update(keys[None], values[None], index)
            with trained.llama.disable_adapter():
                ids.append(int(trained.llama(input_ids=torch.tensor([ids]), past_key_values=cache).logits[0, -1].argmax()))
        said = ids[len(asked) :]
        said = said[: said.index(1) if 1 in said else None]
        assert said and compressor.answer(given, QUESTION, 12) == compressor.text(said).strip()
    with pytest.raises(ValueError, match="answers from one memory of 500 tokens at most, and was given 2"):
        compressor.answer([memory, memory], QUESTION)


def test_a_question_that_cannot_stand_in_a_prompt_is_told(pisco, tmp_path):
    own, base, *_ = pisco
    compressor = memtokens.load("pisco-told", own, base, FLOAT, answers=True)
    found = memories(compressor, 4)
    for empty in ("", " \n\t"):
        with pytest.raises(ValueError, match="The question is empty"):
            compressor.answer(found, empty)
    with pytest.raises(ValueError, match="The question holds </s>, which this decoder's prompt uses as a mark"):
        compressor.answer(found, "Is </s> in it?")
    with pytest.raises(ValueError, match=r"take \d+ places and the answer 2000, where the decoder reads 2048"):
        compressor.answer(found, QUESTION, 2000)
    for odd in ("안녕하세요?", "<b>${x}</b> {0} %s {{y}}?", "\x00?", "\N{OBJECT REPLACEMENT CHARACTER}?", "🙂 مرحبا?"):
        assert isinstance(compressor.answer(found, odd, 3), str)
    assert compressor.answer(found, QUESTION, 0) == ""
