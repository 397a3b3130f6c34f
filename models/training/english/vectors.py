"""Floret vectors (subword hashes in one small table) on the text sets; CBOW, two hashes a part."""

from __future__ import annotations

from pathlib import Path

from models.training.corpus import TRAIN_SETS, paragraphs
from models.training.english.tokenizer import blank

DIMENSIONS = 100
BUCKETS = 30_000


def write_words(data: Path, out: Path, sets: tuple[str, ...] = TRAIN_SETS) -> Path:
    """One paragraph a line, tokens between spaces."""
    path = out / "words.txt"
    if not path.exists():
        tokenizer = blank().tokenizer
        partial = path.with_suffix(".part")
        with partial.open("w", encoding="utf-8") as file:
            for name in sets:
                for text in paragraphs(data, name):
                    print(*(t.text for t in tokenizer(text) if not t.is_space), file=file)
        partial.rename(path)
    return path


def train(words: Path, out: Path, threads: int = 2, epochs: int = 4) -> Path:
    """Write `vectors.floret` next to the words."""
    import floret

    path = out / "vectors.floret"
    if not path.exists():
        model = floret.train_unsupervised(
            str(words), model="cbow", mode="floret", hashCount=2, bucket=BUCKETS, dim=DIMENSIONS,
            minn=4, maxn=5, minCount=5, neg=10, epoch=epochs, lr=0.05, thread=threads,
        )  # fmt: skip
        model.save_floret_vectors(str(path))
    return path
