"""BERTScore with a tiny random model, against the definition written out in loops."""

import math

import pytest

from inspector.measures.bertscore import BertScore

WORDS = "the a white red strawberry is on table and ripe fell dog bit him".split()


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> str:
    """Folder of a BERT with random weights, room for 12 tokens, and a tokenizer of whole words."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    folder = str(tmp_path_factory.mktemp("bert"))
    vocabulary = {word: i for i, word in enumerate(["[PAD]", "[CLS]", "[SEP]", "[UNK]", *WORDS])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 1), ("[SEP]", 2)])
    special = {"pad_token": "[PAD]", "cls_token": "[CLS]", "sep_token": "[SEP]", "unk_token": "[UNK]"}
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, **special).save_pretrained(folder)
    torch.manual_seed(0)
    sizes = {
        "hidden_size": 16,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "intermediate_size": 32,
        "initializer_range": 0.5,
    }
    BertModel(BertConfig(vocab_size=len(vocabulary), max_position_embeddings=14, **sizes)).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def bertscore(model) -> BertScore:
    return BertScore(model)


def by_hand(model: str, source: str, reconstruction: str) -> float:
    import torch
    from transformers import BertModel

    bert = BertModel.from_pretrained(model).eval()

    def embed(text):
        ids = [1, *(4 + WORDS.index(word) for word in text.split()), 2]
        with torch.no_grad():
            return bert(torch.tensor([ids])).last_hidden_state[0].tolist()

    def cosine(a, b):
        return sum(x * y for x, y in zip(a, b)) / math.hypot(*a) / math.hypot(*b)

    a, b = embed(source), embed(reconstruction)
    precision = sum(max(cosine(y, x) for x in a) for y in b[1:-1]) / (len(b) - 2)
    recall = sum(max(cosine(x, y) for y in b) for x in a[1:-1]) / (len(a) - 2)
    return 100 * 2 * precision * recall / (precision + recall)


def test_it_is_the_definition(bertscore, model):
    source, reconstruction = "the white strawberry is ripe", "the red strawberry fell on a table"
    assert bertscore.f1(source, reconstruction) == pytest.approx(by_hand(model, source, reconstruction), abs=1e-4)


def test_the_same_text_scores_100_whatever_its_length(bertscore):
    for text in ("the", " ".join(WORDS * 5)):
        assert bertscore.f1(text, text) == pytest.approx(100, abs=1e-3)


def test_long_texts_are_read_to_their_end(bertscore):
    start = " ".join(WORDS[:6] * 4)
    assert bertscore.f1(f"{start} dog", f"{start} him") < bertscore.f1(f"{start} dog", f"{start} dog") - 0.01


def test_no_words_no_likeness(bertscore):
    assert bertscore.f1("the dog", "") == 0


def test_a_model_that_cannot_be_loaded_is_one_sentence(tmp_path):
    with pytest.raises(ValueError, match="cannot load the BERTScore model") as error:
        BertScore(str(tmp_path))
    assert "\n" not in str(error.value)


def test_another_layer_compares_other_states(model, bertscore):
    texts = "the white strawberry", "a red strawberry"
    first, last = BertScore(model, layer=0), BertScore(model, layer=2)
    assert last.f1(*texts) == bertscore.f1(*texts) != pytest.approx(first.f1(*texts), abs=1)
    with pytest.raises(ValueError, match="has layers 0 to 2, not 3"):
        BertScore(model, layer=3)


def test_a_model_the_authors_measured_is_read_at_their_layer(model, tmp_path):
    import shutil

    known = tmp_path / "bert-base-uncased"
    shutil.copytree(model, known)
    with pytest.raises(ValueError, match="has layers 0 to 2, not 9"):  # ours is shallower than the one of that name
        BertScore(str(known))


def test_pickled_weights_are_refused(model, tmp_path):
    import shutil
    from pathlib import Path

    import torch
    from transformers import BertModel

    folder = tmp_path / "pickled"
    shutil.copytree(model, folder)
    torch.save(BertModel.from_pretrained(model).state_dict(), folder / "pytorch_model.bin")
    Path(folder / "model.safetensors").unlink()
    with pytest.raises(ValueError, match=r"cannot load the BERTScore model .*safetensors"):
        BertScore(str(folder))


def test_every_reconstruction_of_a_comparison_is_scored(bertscore):
    from inspector.inspection import Bits, Comparison, Inspection, MemoryShape, Scores, Text

    def inspection(text):
        memory = MemoryShape(vectors=1, width=None, windows=())
        rest = {
            "ratio": 4.0,
            "ratio_requested": 4,
            "characters_per_vector": 4.0,
            "bits": Bits(text=8, memory=8),
            "memory": memory,
        }
        notes = {"bertscore": "not computed", "trace": "kept words"}
        made = None if text is None else Text(text=text)
        return Inspection(
            compressor="c", reconstruction=made, scores=Scores(bleu=1.0), spectrum=None, trace=None, notes=notes, **rest
        )

    before = Comparison(source=Text(text="the dog bit him"), inspections=(inspection("the dog"), inspection(None)))
    after = bertscore.add_to(before)
    assert after.inspections[0].scores == Scores(bleu=1.0, bertscore=bertscore.f1("the dog bit him", "the dog"))
    assert after.inspections[0].notes == {"trace": "kept words"} and after.inspections[1] == before.inspections[1]
    assert before.inspections[0].scores.bertscore is None and Comparison.from_json(after.to_json()) == after
