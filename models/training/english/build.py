"""`python -m models.training english`: everything from the data folder to `models/english`, resumable step by step."""

from __future__ import annotations

from itertools import chain
from pathlib import Path

from models.training.english import corpora, silver
from models.training.english.tokenizer import blank

CONFIGS = Path(__file__).parent


def prepare(data: Path, out: Path) -> dict[str, int]:
    """Write the `.spacy` corpora; returns documents by file."""
    vocab = blank().vocab
    bank, ner = data / "treebank", data / "ner"

    def ewt(part: str) -> list[corpora.Sentence]:
        return list(corpora.conllu(corpora.read(bank / f"en_ewt-ud-{part}.conllu")))

    def gum(part: str) -> list[corpora.Sentence]:
        found = corpora.conllu(corpora.read(bank / f"en_gum-ud-{part}.conllu"))
        return [s for s in found if s.document.split("_")[1] not in corpora.NON_COMMERCIAL]

    def uner(part: str) -> list[corpora.Sentence]:
        return list(corpora.columns(corpora.read(ner / f"uner_ewt-en_ewt-ud-{part}.iob2"), "uner"))

    def wnut(part: str) -> list[corpora.Sentence]:
        return list(corpora.columns(corpora.read(ner / f"wnut17-{part}.conll"), "wnut"))

    gold = list(corpora.columns(corpora.read(ner / "wikigold-wikigold.conll.txt"), "wikigold"))
    learn = [s for s in gold if not corpora.held_out(s)]
    test = [s for s in gold if corpora.held_out(s)]
    dev = [s for s in learn if hash_of(s) % 7 == 0]
    learn = [s for s in learn if hash_of(s) % 7]
    sets = {
        "tree-train": [*ewt("train"), *gum("train")],
        "tree-dev": ewt("dev"),
        "tree-test-ewt": ewt("test"),
        "tree-test-gum": gum("test"),
        "ner-train": chain(learn, learn, learn, corpora.capitalised_unknown(uner("train")), gum("train"), wnut("train")),
        "ner-dev": dev,
        "ner-test-wikigold": test,
        "ner-test-uner": uner("test"),
    }
    out.mkdir(parents=True, exist_ok=True)
    sizes = {name: corpora.write(corpora.documents(s, vocab), out / f"{name}.spacy") for name, s in sets.items()}
    paragraphs = silver.sentences(data / "text" / "wikipedia2015-train.jsonl.xz", blank().tokenizer, every=3)
    sizes["silver"] = corpora.write(corpora.documents(paragraphs, vocab, size=1), out / "silver.spacy")
    return sizes


def hash_of(s: corpora.Sentence) -> int:
    import hashlib

    return hashlib.sha256(b"dev" + s.document.encode()).digest()[0]
