"""What a minimal pair is, and how a text's words are exchanged, replaced, moved and dropped without breaking its grammar."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

from inspector.divergence.reading import Reading
from inspector.probes.drift.pools import TIME

SILENT = ("hour", "honest", "honour", "honor", "heir")
SPOKEN = ("uni", "use", "usu", "eu", "one", "once", "ura", "ubi")


@dataclass(frozen=True)
class Edit:
    """Code points [start, end) of the text become `text`."""

    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Draft:
    """A change of one sentence. `own` is what the true sentence says there, where those aren't the text's own words."""

    dimension: str
    sentence: int
    edits: tuple[Edit, ...]
    how: str
    own: tuple[Edit, ...] = ()


@dataclass(frozen=True)
class MinimalPair:
    """A sentence of a text, code points [start, end), and the same with another meaning. Edits are in order and disjoint."""

    dimension: str
    start: int
    end: int
    edits: tuple[Edit, ...]
    how: str  # what changed, for people
    own: tuple[Edit, ...] = ()

    def true(self, text: str) -> str:
        return changed(text, self.own, self.start, self.end)

    def altered(self, text: str) -> str:
        return changed(text, self.edits, self.start, self.end)


def changed(text: str, edits: Iterable[Edit], start: int = 0, end: int | None = None) -> str:
    """[start, end) of the text with all edits made."""
    pieces, at = [], start
    for edit in edits:
        pieces += [text[at : edit.start], edit.text]
        at = edit.end
    return "".join([*pieces, text[at : len(text) if end is None else end]])


def draw(*parts: object) -> int:
    """A number that depends on the parts only: choices are drawn by it."""
    return int.from_bytes(sha256("\0".join(map(str, parts)).encode("utf-8", "surrogatepass")).digest()[:8])


@lru_cache(maxsize=65536)
def tokens(words: str) -> int:
    """How many tokens the bundled tokenizer makes of words inside a sentence."""
    from models.pocket.tokenizer import bundled

    return len(bundled().ids(" " + words))


def choose(options: Iterable[str], old: str, *seed: object) -> list[str]:
    """Options in the order they are tried: those with as many tokens as the old words first, else drawn.

    Memory tied to position can only be asked about pairs that leave every other token where it was. That is so by the bundled
    tokenizer; what another one makes of it is left to chance.
    """
    return sorted(dict.fromkeys(options), key=lambda o: (abs(tokens(o) - tokens(old)), draw(*seed, old, o)))


def replace(r: Reading, first: int, last: int, new: str) -> Edit:
    """Tokens first … last become `new`, with the capital that a sentence begins with."""
    start, end = r.span(first, last)
    return Edit(start, end, capital(new) if opens(r, first) else new)


def exchange(r: Reading, a: tuple[int, int], b: tuple[int, int]) -> tuple[Edit, Edit]:
    """Two stretches of tokens change places; a before b."""
    return replace(r, *a, said(r, *b)), replace(r, *b, said(r, *a))


def said(r: Reading, first: int, last: int) -> str:
    """The words as they'd stand inside a sentence."""
    words = r.said(first, last)
    keeps = r.name_of[first] >= 0 or r.pos[first] == "PROPN" or r.words[first] == "I" or not r.words[first][1:].islower()
    return words if (keeps and len(r.words[first]) > 1) or not opens(r, first) else words[:1].lower() + words[1:]


def opens(r: Reading, i: int) -> bool:
    """Does a sentence's first word stand here?"""
    first = r.sentences[r.sentence[i]][0]
    return not any(c.isalnum() for k in range(first, i) for c in r.words[k])


def capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def drop(r: Reading, first: int, last: int) -> Edit:
    """Tokens first … last go, with the space before them."""
    start, end = r.span(first, last)
    while start and r.text[start - 1] in " \t":
        start -= 1
    return Edit(start, end, "")


def insert(r: Reading, after: int, words: str) -> Edit:
    return Edit(r.end[after], r.end[after], " " + words)


def vowel(word: str) -> bool:
    """Is it spoken with a vowel first?"""
    low = word.lower().lstrip("\"'“‘(")
    if low[:1].isdigit():
        return low.startswith("8") or re.match(r"(11|18)(?!\d)", low) is not None
    if re.match(r"[A-Z]{2,}\b", word):
        return word[0] in "AEFHILMNORSX"
    return low.startswith(SILENT) or ((low[:1] in "aeio" or low[:1] == "u") and not low.startswith(SPOKEN))


def articled(text: str, edits: Sequence[Edit]) -> tuple[Edit, ...] | None:
    """The edits in order, and those of `a` and `an` that they ask for; None if they overlap."""
    edits = sorted(edits, key=lambda e: (e.start, e.end))
    if any(a.end > b.start for a, b in itertools.pairwise(edits)):
        return None
    more = []
    for k, edit in enumerate(edits):
        follows = edit.text.lstrip() or text[edit.end :].lstrip()
        before = re.search(r"\b([Aa]n?)[ \t]+$", text[: edit.start] + edit.text[: len(edit.text) - len(edit.text.lstrip())])
        if not before or not follows or not follows[0].isalnum():
            continue
        article = before.group(1)
        right = article[0] + ("n" if vowel(follows) else "")
        if right != article:
            if k and edits[k - 1].end > before.start(1):
                return None
            more.append(Edit(before.start(1), before.end(1), right))
    return tuple(sorted((*edits, *more), key=lambda e: (e.start, e.end)))


def stretch(r: Reading, i: int, most: int = 7) -> tuple[int, int] | None:
    """The noun phrase of a word, without its preposition: tokens [first, last]. None where it is no plain, short phrase."""
    drops = {"case", "cc", "punct", "mark", "acl", "advcl", "appos", "parataxis", "cop", "nsubj", "aux"}
    kept, todo = [], [i]
    while todo:
        kept.append(at := todo.pop())
        for c in r.children[at]:
            dep = r.dep[c].split(":")[0]
            if at == i and dep in drops:
                if dep not in ("case", "cc", "punct", "mark") and c < i:
                    return None
                if dep in ("appos", "acl", "advcl", "parataxis", "cop", "nsubj"):
                    return None
                continue
            if dep == "conj" or (dep in drops and dep not in ("case",)):
                return None
            todo.append(c)
    kept.sort()
    if kept != list(range(kept[0], kept[-1] + 1)) or len(kept) > most:
        return None
    if any(r.words[k] in '"“”()[]' for k in kept):
        return None
    return kept[0], kept[-1]


def plural(r: Reading, i: int) -> bool:
    return r.tag[i] in ("NNS", "NNPS") or any(r.dep[c] == "conj" for c in r.children[i])


def lemma_free(*words: str) -> bool:
    """None says another."""
    sets = [set(w.casefold().split()) for w in words]
    return not any(a <= b or b <= a for k, a in enumerate(sets) for b in sets[k + 1 :])


def time(r: Reading, i: int) -> bool:
    """A time: a day, a year, a decade, or a word for one."""
    return r.lemma[i] in TIME or re.fullmatch(r"1\d{3}|20\d\d|\d{2,4}s", r.words[i]) is not None


def usable(r: Reading, n: int) -> bool:
    """Is sentence n one: a verb or copula, 4 to 70 words, and an end?"""
    first, last = r.sentences[n]
    return (
        4 <= last - first + 1 <= 70
        and any(r.pos[k] in ("VERB", "AUX") for k in range(first, last + 1))
        and any(r.words[k][:1] in '.!?"”)' for k in range(max(first, last - 1), last + 1))
    )
