"""How plausible errors are: does the training text hold the words that came back, and are they of the right sort?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from inspector.measures.alignment import align
from models.training.corpus import TRAIN_SETS, paragraphs

LETTERS = re.compile(r"[^\W\d_]+")


def known_words(data: Path, cache: Path) -> frozenset[str] | None:
    """Lower-cased words (runs of letters) of the training sets; None if `data` lacks one. Collected once, kept in `cache`."""
    file = cache / "words.txt"
    if not file.exists():
        if not all(any(data.glob(f"{name}.jsonl*")) for name in TRAIN_SETS):
            return None
        cache.mkdir(parents=True, exist_ok=True)
        found: set[str] = set()
        for name in TRAIN_SETS:
            for text in paragraphs(data, name):
                found.update(LETTERS.findall(text.lower()))
        file.write_text("\n".join(sorted(found)), encoding="utf-8")
    return frozenset(file.read_text(encoding="utf-8").split("\n"))


def unknown_share(texts: Sequence[str], known: frozenset[str] | None) -> float | None:
    """Share of words that the training text never holds."""
    if known is None:
        return None
    found = [w for text in texts for w in LETTERS.findall(text.lower())]
    return sum(w not in known for w in found) / max(len(found), 1)


def same_part_share(sources: Sequence[str], texts: Sequence[str], known: frozenset[str] | None) -> tuple[float | None, int]:
    """Among words of letters that came back as other words of letters: the share of known words of the same part of speech
    (universal tags by the bundled pipeline, each word in its own text), and how many such pairs there are.

    None in place of the share without the training text's words, or without pairs.
    """
    if known is None:
        return None, 0
    from inspector.divergence.language import load

    nlp, good, pairs = load(), 0, 0
    with nlp.select_pipes(enable=[p for p in nlp.pipe_names if p in ("tok2vec", "tagger", "morphologizer")]):
        tagged = [{t.idx: t.pos_ for t in doc} for doc in nlp.pipe([*sources, *texts], batch_size=64)]
    for index, (source, text) in enumerate(zip(sources, texts, strict=True)):
        before, after = tagged[index], tagged[len(sources) + index]
        found = align(source, text)
        for edit in found.edits:
            if edit.op != "replace":
                continue
            old, new = found.source[edit.source[0]], found.reconstruction[edit.reconstruction[0]]
            if LETTERS.fullmatch(old.text) and LETTERS.fullmatch(new.text):
                pairs += 1
                same = old.start in before and before[old.start] == after.get(new.start)
                good += same and new.text.lower() in known
    return (good / pairs if pairs else None), pairs
