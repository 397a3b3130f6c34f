"""Tiny random checkpoints laid out as LLMLingua-2's: a token classifier with two labels, and a tokenizer trained here."""

from __future__ import annotations

from pathlib import Path

from models.hub.selftest import LONGER as SENTENCE

TEXT = (
    "On 14 May the pilot, Ada Brenner, flew from Oslo to Bergen in 52 minutes. Nobody had asked her to hurry, and she said so.\n"
    "The second flight, AX-4471, left at 6:45 with 118 passengers; it's still not known why it turned back over Voss!"
)
KOREAN = "아다 브레너는 5월 14일에 오슬로에서 베르겐까지 52분 만에 날아갔다. 아무도 서두르라고 하지 않았다."
CHINESE = "五月十四日，飞行员用了52分钟从奥斯陆飞到卑尔根。没有人要她赶快。"
SHAPE = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "initializer_range": 0.5}


def save(folder: Path, kind: str, seed: int = 0) -> Path:
    """A classifier of `kind` xlm-roberta or bert with its tokenizer, in a folder."""
    tokenizer = xlm_tokenizer() if kind == "xlm-roberta" else bert_tokenizer()
    network(kind, len(tokenizer), seed).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def network(kind: str, vocabulary: int, seed: int):
    import torch
    import transformers as t

    torch.manual_seed(seed)
    if kind == "xlm-roberta":
        config = t.XLMRobertaConfig(
            vocab_size=vocabulary, max_position_embeddings=514, type_vocab_size=1, num_labels=2, pad_token_id=1, **SHAPE
        )
        return t.XLMRobertaForTokenClassification(config).eval()
    return t.BertForTokenClassification(t.BertConfig(vocab_size=vocabulary, num_labels=2, **SHAPE)).eval()


def train(folder: Path, kind: str, dull: set[str]) -> None:
    """Teach a classifier to drop the sentence's words in `dull` (label 0) and keep the others, in the package's input."""
    import torch
    from transformers import AutoModelForTokenClassification, AutoTokenizer

    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModelForTokenClassification.from_pretrained(folder)
    pieces, labels = [], []
    for word in SENTENCE.split():
        own = tokenizer.tokenize(word)
        pieces, labels = pieces + own, labels + [int(word.lower().strip(".,") not in dull)] * len(own)
    ids = torch.tensor([tokenizer.convert_tokens_to_ids(["[CLS]", *pieces, "[SEP]"])])
    target = torch.tensor([[-100, *labels, -100]])
    optimiser = torch.optim.Adam(model.parameters(), 3e-3)
    for _ in range(60):
        optimiser.zero_grad()
        model(ids, labels=target).loss.backward()
        optimiser.step()
    model.save_pretrained(folder)


def xlm_tokenizer():
    """Unigram with `▁` before words and NFKC, ids 0–3 and the last as in XLM-R."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers
    from transformers import XLMRobertaTokenizer

    unigram = Tokenizer(models.Unigram())
    unigram.normalizer = normalizers.NFKC()
    unigram.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()])
    trainer = trainers.UnigramTrainer(vocab_size=400, show_progress=False, unk_token="<unk>", special_tokens=["<unk>"])
    unigram.train_from_iterator([TEXT, SENTENCE, KOREAN, CHINESE] * 4, trainer)
    vocabulary = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0)]
    import json

    vocabulary += [(piece, score) for piece, score in json.loads(unigram.to_str())["model"]["vocab"] if piece != "<unk>"]
    found = XLMRobertaTokenizer(vocab=[*vocabulary, ("<mask>", 0.0)])
    found.backend_tokenizer.normalizer = normalizers.NFKC()
    return found


def bert_tokenizer():
    """WordPiece with case, Chinese letters alone."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers
    from transformers import BertTokenizer

    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    pieces = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    pieces.normalizer = normalizers.BertNormalizer(lowercase=False)
    pieces.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(vocab_size=500, show_progress=False, special_tokens=special)
    pieces.train_from_iterator([TEXT, SENTENCE, KOREAN, CHINESE] * 4, trainer)
    vocabulary = [piece for piece, _ in sorted(pieces.get_vocab().items(), key=lambda item: item[1])]
    return BertTokenizer(vocab={piece: i for i, piece in enumerate(vocabulary)}, do_lower_case=False)
