"""A parsed text as the kinds read it: words with lemma, part of speech and UD tree, names, sentences."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from inspector.divergence.lexicon import POS, lexicon
from inspector.divergence.tree import is_clearnlp, to_ud

if TYPE_CHECKING:
    from spacy.tokens import Doc

CONTENT = frozenset(("NOUN", "PROPN", "VERB", "ADJ", "ADV", "NUM"))
LIGHT = frozenset("be have do will would can could may might must shall should get also then there here so too just".split())
LOWER_INSIDE = frozenset("of the de la van von der den di da del al bin ibn and &".split())
DAYS_MONTHS = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september "
    "october november december".split()
)


ONTONOTES = {"PERSON": "PER", "GPE": "LOC", "FAC": "LOC"} | dict.fromkeys(
    ("NORP", "PRODUCT", "EVENT", "WORK_OF_ART", "LAW", "LANGUAGE"), "MISC"
)  # labels of other pipelines in ours


@dataclass
class Name:
    """An entity mention: tokens [first, last] and what kind of thing it is."""

    first: int
    last: int
    label: str  # PER LOC ORG MISC NAME


@dataclass
class Reading:
    """One text. All lists run over tokens; heads are token numbers, a root is its own head."""

    text: str
    words: list[str]
    lower: list[str]
    lemma: list[str]
    pos: list[str]
    tag: list[str]
    dep: list[str]
    head: list[int]
    start: list[int]
    end: list[int]
    sentence: list[int]
    content: list[bool]
    names: list[Name] = field(default_factory=list)
    name_of: list[int] = field(default_factory=list)  # token → index of its name, or -1
    vectors: np.ndarray | None = None  # [tokens, d], unit length
    children: list[list[int]] = field(default_factory=list)
    sentences: list[tuple[int, int]] = field(default_factory=list)  # [first, last] tokens

    def __len__(self) -> int:
        return len(self.words)

    def span(self, first: int, last: int) -> tuple[int, int]:
        """Code points of tokens first … last."""
        return self.start[first], self.end[last]

    def said(self, first: int, last: int) -> str:
        return self.text[self.start[first] : self.end[last]]

    def subtree(self, i: int) -> list[int]:
        """The token and all below it, in order."""
        found, todo = [], [i]
        while todo:
            found.append(at := todo.pop())
            todo += self.children[at]
        return sorted(found)

    def child(self, i: int, *deps: str) -> int | None:
        """First child with one of the labels (subtypes count: `nsubj` finds `nsubj:pass`)."""
        return next((c for c in self.children[i] if self.dep[c] in deps or self.dep[c].split(":")[0] in deps), None)

    def kids(self, i: int, *deps: str) -> list[int]:
        return [c for c in self.children[i] if self.dep[c] in deps or self.dep[c].split(":")[0] in deps]

    def name_text(self, i: int) -> str:
        """The name that token i belongs to, or the token."""
        n = self.name_of[i]
        return self.words[i] if n < 0 else self.said(self.names[n].first, self.names[n].last)


def base(form: str, lemma: str, pos: str) -> str:
    """The pipeline's lemma, unless it is no word and WordNet's rules find one: a trained lemmatizer invents on rare words."""
    table, p = lexicon(), POS.get(pos)
    if p is None or pos == "PROPN" or table.known(lemma, p):
        return lemma
    return table.base(form, p) or lemma


def read(doc: Doc) -> Reading:
    """A spaCy document → a reading, in UD whatever the pipeline's scheme."""
    kept = [t for t in doc if not t.is_space]
    number = {t.i: k for k, t in enumerate(kept)}
    words = [t.text for t in kept]
    lemma = [base(t.lower_, (t.lemma_ or t.lower_).lower(), t.pos_) for t in kept]
    pos = [t.pos_ for t in kept]
    dep = [t.dep_ for t in kept]
    head = [number.get(t.head.i, k) for k, t in enumerate(kept)]
    if is_clearnlp(dep):
        head, dep = to_ud(head, dep, lemma, pos)
    lower = [w.lower() for w in words]
    r = Reading(
        text=doc.text,
        words=words,
        lower=lower,
        lemma=lemma,
        pos=pos,
        tag=[t.tag_ for t in kept],
        dep=dep,
        head=head,
        start=[t.idx for t in kept],
        end=[t.idx + len(t.text) for t in kept],
        sentence=[0] * len(kept),
        content=[p in CONTENT and m not in LIGHT for p, m in zip(pos, lemma, strict=True)],
    )
    starts = [k for k, t in enumerate(kept) if t.is_sent_start or k == 0]
    for n, first in enumerate(starts):
        last = (starts[n + 1] if n + 1 < len(starts) else len(kept)) - 1
        r.sentences.append((first, last))
        r.sentence[first : last + 1] = [n] * (last + 1 - first)
    r.children = [[] for _ in kept]
    for k, h in enumerate(head):
        if h != k:
            r.children[h].append(k)
    typed = [(number[e.start], number[e.end - 1], e.label_) for e in doc.ents if e.start in number and e.end - 1 in number]
    r.names = names(r, typed)
    r.name_of = [-1] * len(kept)
    for n, name in enumerate(r.names):
        r.name_of[name.first : name.last + 1] = [n] * (name.last + 1 - name.first)
    if doc.vocab.vectors.shape[0]:
        table = doc.vocab.vectors.get_batch(lower)
        norms = np.linalg.norm(table, axis=1, keepdims=True)
        r.vectors = table / np.maximum(norms, 1e-6)
    return r


def names(r: Reading, typed: list[tuple[int, int, str]]) -> list[Name]:
    """Entities of the recogniser joined with runs of proper nouns, months and weekdays left out."""
    label = [""] * len(r)
    begins = [False] * len(r)
    for first, last, kind in typed:
        kind = ONTONOTES.get(kind, kind)
        if kind in ("PER", "LOC", "ORG", "MISC"):
            label[first : last + 1] = [kind] * (last + 1 - first)
            begins[first] = True
    # A word that is lower-case and no proper noun is hardly a name, whatever the recogniser says.
    inside = [
        (p == "PROPN" or (bool(label[k]) and (w[:1].isupper() or w[:1].isdigit())))
        and low not in DAYS_MONTHS
        and low not in ("i", "'s", "’s")
        and any(c.isalnum() for c in w)
        for k, (p, w, low) in enumerate(zip(r.pos, r.words, r.lower, strict=True))
    ]
    found: list[Name] = []
    k = 0
    while k < len(r):
        if not inside[k]:
            k += 1
            continue
        last = k
        while last + 1 < len(r) and r.sentence[last + 1] == r.sentence[k]:
            joined = r.lower[last + 1] in LOWER_INSIDE | {"-", "."} and label[last + 1] and last + 2 < len(r)
            if inside[last + 1] and not (begins[last + 1] and label[last]) and not splits(label, last):
                last += 1
            elif (joined and inside[last + 2] and label[last + 2] == label[last]) or (
                r.lower[last + 1] == "-" and last + 2 < len(r) and inside[last + 2] and r.start[last + 2] == r.end[last + 1]
            ):
                last += 2
            else:
                break
        first = k
        while first < last and r.lower[first] in ("the", "a", "an"):
            first += 1
        kinds = [x for x in label[first : last + 1] if x]
        if any(len(w) > 1 or w.isupper() for w in r.words[first : last + 1]):
            found.append(Name(first, last, max(set(kinds), key=kinds.count) if kinds else "NAME"))
        k = last + 1
    return found


def splits(label: list[str], k: int) -> bool:
    """Between k and k+1 the recogniser sees two things."""
    return bool(label[k] and label[k + 1] and label[k] != label[k + 1])
