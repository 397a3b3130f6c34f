"""`python -m models.training english`: from the data folder to `models/english`; a step whose result exists is skipped.

vectors → corpora → pretraining of both tok2vecs → tree (tagger, morphologizer, lemmatizer, parser) → entities → one pipeline.
"""

from __future__ import annotations

import hashlib
import json
import random
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from models.training.corpus import paragraphs
from models.training.english import corpora, vectors, wordnet
from models.training.english.tokenizer import blank

HERE = Path(__file__).parent
CODE = HERE / "tokenizer.py"
PARAGRAPHS = {"tree": 24_000, "ner": 36_000}  # that the tok2vecs are pretrained on
WIKIGOLD = 4  # times that WikiGold's sentences are seen for once that UNER's are


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

    gold = list(corpora.columns(corpora.read(ner / "wikigold-wikigold.conll.txt"), "wikigold"))
    learn = [s for s in gold if hashed(s) >= 80]
    sets: dict[str, Iterable[corpora.Sentence]] = {
        "tree-train": [*ewt("train"), *gum("train")],
        "tree-dev": ewt("dev"),
        "tree-test-ewt": ewt("test"),
        "tree-test-gum": gum("test"),
        "ner-dev": [s for s in gold if 64 <= hashed(s) < 80],
        "ner-test-wikigold": [s for s in gold if hashed(s) < 64],
        "ner-test-uner": uner("test"),
    }
    alone = [name for name in sets if name.startswith("ner") and "uner" not in name]  # sentences of WikiGold, each a document
    docs = {name: list(corpora.documents(s, vocab, 1 if name in alone else corpora.SENTENCES)) for name, s in sets.items()}
    wikigold = list(corpora.documents(learn, vocab, 1))
    docs["ner-train"] = [*wikigold * WIKIGOLD, *corpora.documents(uner("train"), vocab)]
    return {name: corpora.write(found, out / f"{name}.spacy") for name, found in docs.items()}


def hashed(s: corpora.Sentence) -> int:
    """0 to 255, fixed by the sentence: below 64 it is held out."""
    return hashlib.sha256((s.document + " ".join(s.words)).encode()).digest()[0]


def spacy(*arguments: str | Path) -> None:
    """Run one of spaCy's own commands.

    Raises:
        ValueError: it failed; its output has said why.
    """
    if subprocess.run([sys.executable, "-m", "spacy", *map(str, arguments)], check=False).returncode:
        raise ValueError(f"spacy {arguments[0]} failed; see above.")


def pretrain(data: Path, out: Path, name: str) -> Path:
    """Teach a tok2vec to spell the words it sees (spaCy's PretrainCharacters) on random paragraphs."""
    found = out / f"pretrain-{name}" / "model0.bin"
    if not found.exists():
        texts = list(paragraphs(data / "text", "wikipedia2015-train"))
        texts = [t for t in texts if 60 < len(t) < 1500]
        random.Random(0).shuffle(texts)
        raw = out / f"raw-{name}.jsonl"
        raw.write_text("\n".join(json.dumps({"text": t}) for t in texts[: PARAGRAPHS[name]]), encoding="utf-8")
        spacy(
            "pretrain", HERE / f"{name}.cfg", out / f"pretrain-{name}", "--code", CODE,
            "--paths.vectors", out / "vectors", "--paths.raw", raw,
        )  # fmt: skip
    return found


def train(out: Path, name: str, corpus: str, run: str, pretrained: Path, *settings: str) -> Path:
    """`spacy train` of one configuration; returns the folder of the best model by its score on the dev set."""
    best = out / run / "model-best"
    if not (out / run / "model-last").exists():
        spacy(
            "train", HERE / f"{name}.cfg", "--output", out / run, "--code", CODE, "--paths.vectors", out / "vectors",
            "--paths.pretrained", pretrained, "--paths.train", out / f"{corpus}-train.spacy",
            "--paths.dev", out / f"{name}-dev.spacy", *settings,
        )  # fmt: skip
    return best


def assemble(tree: Path, ner: Path, target: Path) -> None:
    """Both in one pipeline, each on its own tok2vec."""
    import spacy as library

    nlp, names = library.load(tree), library.load(ner)
    nlp.add_pipe("names", source=names)
    nlp.add_pipe("ner", source=names)
    nlp.meta |= {
        "spacy_version": ">=3.8.0,<3.9.0",
        "name": "inspector",
        "version": "1.0.0",
        "license": "CC BY-SA 4.0",
        "description": "",
        "performance": {},
    }
    nlp.config["paths"] = dict.fromkeys(nlp.config["paths"])  # folders of the machine that trained it
    nlp.to_disk(target)


def figures(pipeline: Path, out: Path) -> dict[str, dict[str, Any]]:
    """spaCy's own scores on the test sets, texts tokenised by the pipeline."""
    import spacy as library
    from spacy.training import Example

    nlp = library.load(pipeline)
    wanted = ("token_acc", "tag_acc", "pos_acc", "lemma_acc", "dep_uas", "dep_las", "sents_f", "ents_p", "ents_r", "ents_f")
    found: dict[str, dict[str, Any]] = {}
    for name in ("tree-test-ewt", "tree-test-gum", "ner-test-wikigold", "ner-test-uner"):
        gold = corpora.load(out / f"{name}.spacy", nlp.vocab)
        scores = nlp.evaluate([Example(nlp.make_doc(doc.text), doc) for doc in gold])
        keep = [key for key in wanted if (key.startswith("ents") == name.startswith("ner")) or key == "token_acc"]
        found[name] = {key: round(float(scores[key]), 4) for key in keep if scores.get(key) is not None}
        if name.startswith("ner"):
            found[name]["ents_f_by_type"] = {kind: round(row["f"], 4) for kind, row in scores["ents_per_type"].items()}
    return found


def build(data: Path, out: Path, target: Path, lexicon: tuple[Path, Path] | None = None) -> dict[str, dict[str, Any]]:
    """All steps; returns the figures, also written to `target/figures.json`.

    Args:
        data: the folder with text, treebank and ner.
        out: where everything on the way is kept.
        target: folder of the pipeline, `models/english`.
        lexicon: folder of WordNet 3.0's database and file of the Moby Thesaurus, to make the table of words anew.
    """
    out.mkdir(parents=True, exist_ok=True)
    words = vectors.write_words(data / "text", out)
    if not (out / "vectors").exists():
        spacy("init", "vectors", "en", vectors.train(words, out), out / "vectors", "--mode", "floret")
    if lexicon:
        wordnet.compile_table(*lexicon, words, target / "lexicon.tsv.xz")
    if not (out / "ner-test-uner.spacy").exists():
        prepare(data, out)
    tree = train(out, "tree", "tree", "tree", pretrain(data, out, "tree"))
    ner = train(out, "ner", "ner", "ner", pretrain(data, out, "ner"))
    assemble(tree, ner, target / "pipeline")
    found = figures(target / "pipeline", out)
    (target / "figures.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return found
