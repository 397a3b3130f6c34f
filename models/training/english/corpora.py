"""Treebanks and entity corpora → spaCy's `.spacy` files.

What a corpus does not annotate is left *missing* rather than empty: a name that UNER does not label may still be of
type MISC, and a sentence of WikiGold has a tree that nobody wrote down.
"""

from __future__ import annotations

import lzma
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from spacy.tokens import Doc, DocBin
from spacy.vocab import Vocab

NON_COMMERCIAL = ("whow", "fiction", "essay", "letter", "podcast")  # GUM genres that may not be trained on here
SENTENCES = 8  # to a document, so that the parser learns where sentences end


@dataclass
class Sentence:
    """One sentence of any corpus; a None column is not annotated."""

    words: list[str] = field(default_factory=list)
    spaces: list[bool] = field(default_factory=list)
    tags: list[str] | None = None
    pos: list[str] | None = None
    morphs: list[str] | None = None
    lemmas: list[str] | None = None
    heads: list[int] | None = None  # index within the sentence
    deps: list[str] | None = None
    ents: list[str] | None = None  # IOB2, "-" where unknown
    document: str = ""


def read(path: Path) -> str:
    """Text of a file, `.xz` or not.

    Raises:
        FileNotFoundError: neither exists.
    """
    for candidate in (path.with_name(path.name + ".xz"), path):
        if candidate.exists():
            opener = lzma.open if candidate.suffix == ".xz" else open
            with opener(candidate, "rt", encoding="utf-8") as file:
                return file.read()
    raise FileNotFoundError(f"{path} is missing, and so is {path.name}.xz.")


def conllu(text: str) -> Iterator[Sentence]:
    """Sentences of a CoNLL-U file; the parts of a multi-word token are words without a space between them."""
    document = ""
    for block in text.split("\n\n"):
        lines = block.splitlines()
        for line in lines:
            if line.startswith("# newdoc id = "):
                document = line.removeprefix("# newdoc id = ")
        rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
        if not rows:
            continue
        s = Sentence(document=document, tags=[], pos=[], morphs=[], lemmas=[], heads=[], deps=[])
        joined: dict[int, bool] = {}  # word number → is followed by a space, where a multi-word token says so
        for row in rows:
            number, spaced = row[0], "SpaceAfter=No" not in row[9]
            if "-" in number:
                first, last = map(int, number.split("-"))
                joined |= dict.fromkeys(range(first, last), False) | {last: spaced}
            elif "." not in number:
                n = int(number)
                s.words.append(row[1].replace(" ", ""))
                s.spaces.append(joined.get(n, spaced))
                s.lemmas.append(row[2])
                s.pos.append(row[3])
                s.tags.append(row[4])
                s.morphs.append("" if row[5] == "_" else row[5])
                s.heads.append(int(row[6]) - 1 if row[6] != "0" else n - 1)
                s.deps.append("ROOT" if row[7] == "root" else row[7])
        yield s


def columns(text: str, kind: str) -> Iterator[Sentence]:
    """Sentences of an entity corpus; kind: uner | wikigold."""
    document, number = "", 0
    for block in text.split("\n\n"):
        s = Sentence(ents=[])
        for line in block.splitlines():
            if line.startswith("# newdoc id = "):
                document = line.removeprefix("# newdoc id = ")
            if line.startswith("#") and (kind == "uner" or ("\t" not in line and " " not in line)):
                continue
            cells = line.split("\t") if kind != "wikigold" else line.split(" ")
            if kind == "uner":
                cells = cells[1:]
            if len(cells) < 2 or not cells[0]:
                continue
            if cells[0] == "-DOCSTART-":
                number += 1
                document = f"{kind}-{number}"
                continue
            s.words.append(cells[0].replace(" ", ""))
            s.ents.append(label(cells[1].strip(), kind))
        if s.words:
            s.document = document
            s.ents = iob2(s.ents) if kind == "wikigold" else s.ents
            s.spaces = guess_spaces(s.words)
            yield s


def label(tag: str, kind: str) -> str:
    """One corpus's label in ours: PER LOC ORG MISC; "-" for what UNER calls other, which may be MISC or nothing."""
    if tag == "O":
        return tag
    begin, _, name = tag.partition("-")
    return "-" if name in ("OTH", "O") else f"{begin}-{name}"


def iob2(tags: list[str]) -> list[str]:
    """IOB1 → IOB2: WikiGold opens an entity with I- unless it touches another of its type."""
    fixed = []
    for before, tag in zip(["O", *tags], tags, strict=False):
        fixed.append("B" + tag[1:] if tag[:1] == "I" and before[2:] != tag[2:] else tag)
    return fixed


def guess_spaces(words: list[str]) -> list[bool]:
    """Where spaces stood in a corpus that only kept tokens: as in print, so that the tokenizer meets real text."""
    spaces, quoted = [], False
    for word, after in zip(words, [*words[1:], ""], strict=False):
        space = not re.fullmatch(r"[.,;:!?)\]%]|'s|n't|'(re|ve|ll|d|m)|''|-RRB-", after) and word not in (
            "(",
            "[",
            "$",
            "``",
            "-LRB-",
        )
        if word in ('"', "“") and not quoted:
            quoted, space = True, False
        elif word in ('"', "”"):
            quoted = False
        if after == '"' and quoted:
            space = False
        spaces.append(space)
    return spaces


def documents(sentences: Iterable[Sentence], vocab: Vocab, size: int = SENTENCES) -> Iterator[Doc]:
    """Neighbouring sentences of one document in one Doc."""
    group: list[Sentence] = []
    for s in sentences:
        if group and (len(group) == size or group[0].document != s.document):
            yield document(group, vocab)
            group = []
        group.append(s)
    if group:
        yield document(group, vocab)


def document(group: list[Sentence], vocab: Vocab) -> Doc:
    def joined(name: str) -> list | None:
        found = [getattr(s, name) for s in group]
        return None if any(f is None for f in found) else [x for f in found for x in f]

    for s in group:
        s.spaces[-1] = True
    starts = [sum(len(s.words) for s in group[:k]) for k in range(len(group))]
    heads = None if group[0].heads is None else [first + h for first, s in zip(starts, group, strict=True) for h in s.heads]
    ents = joined("ents")
    return Doc(
        vocab, words=joined("words"), spaces=joined("spaces"), tags=joined("tags"), pos=joined("pos"), morphs=joined("morphs"),
        lemmas=joined("lemmas"), heads=heads, deps=joined("deps"),
        ents=None if ents is None else ["" if e == "-" else e for e in ents],
    )  # fmt: skip


def write(docs: Iterable[Doc], path: Path) -> int:
    box = DocBin(docs=docs, store_user_data=False)
    box.to_disk(path)
    return len(box)


def load(path: Path, vocab: Vocab) -> Iterator[Doc]:
    return DocBin().from_disk(path).get_docs(vocab)
