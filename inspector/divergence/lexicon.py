"""What two words have to do with each other, by WordNet 3.0 (Princeton University) and the Moby Thesaurus (Grady Ward).

The table is `models/english/lexicon.tsv.xz`, made by `models.training.english.wordnet`.

Parts of speech as in WordNet: n v a r. A word counts with its most frequent senses only: with all of them nearly any two
verbs are related.
"""

from __future__ import annotations

import lzma
from functools import cache, lru_cache
from pathlib import Path

TABLE = Path(__file__).parents[2] / "models" / "english" / "lexicon.tsv.xz"
ENDINGS = {
    "n": (("s", ""), ("ses", "s"), ("xes", "x"), ("zes", "z"), ("ches", "ch"), ("shes", "sh"), ("men", "man"), ("ies", "y")),
    "v": (("s", ""), ("ies", "y"), ("es", "e"), ("es", ""), ("ed", "e"), ("ed", ""), ("ing", "e"), ("ing", "")),
    "a": (("er", ""), ("est", ""), ("er", "e"), ("est", "e")),
}
POS = {"NOUN": "n", "PROPN": "n", "VERB": "v", "AUX": "v", "ADJ": "a", "ADV": "r"}


class Lexicon:
    """Senses, hypernyms, antonyms and derivations of English words."""

    def __init__(self, path: Path = TABLE) -> None:
        self._senses: dict[tuple[str, str], tuple[int, ...]] = {}
        self._up: dict[int, tuple[int, ...]] = {}
        self._near: dict[int, tuple[int, ...]] = {}
        self._antonyms: dict[tuple[str, str], set[str]] = {}
        self._derived: dict[tuple[str, str], set[tuple[str, str]]] = {}
        self._irregular: dict[tuple[str, str], str] = {}
        self._listed: dict[str, frozenset[str]] = {}
        for line in lzma.decompress(path.read_bytes()).decode().splitlines():
            kind, *cells = line.split("\t")
            if kind == "w":
                self._senses[cells[1], cells[0]] = tuple(map(int, cells[2].split()))
            elif kind == "s":
                number = int(cells[0])
                self._up[number] = tuple(map(int, cells[1].split()))
                self._near[number] = tuple(map(int, cells[2].split()))
            elif kind == "!":
                self._antonyms.setdefault((cells[1], cells[0]), set()).add(cells[3])
                self._antonyms.setdefault((cells[3], cells[2]), set()).add(cells[1])
            elif kind == "+":
                self._derived.setdefault((cells[1], cells[0]), set()).add((cells[3], cells[2]))
                self._derived.setdefault((cells[3], cells[2]), set()).add((cells[1], cells[0]))
            elif kind == "x":
                self._irregular[cells[1], cells[0]] = cells[2]
            elif kind == "t":
                self._listed[cells[0]] = frozenset(cells[1].split(" "))

    def known(self, word: str, pos: str) -> bool:
        return (word, pos) in self._senses

    @lru_cache(maxsize=65536)  # noqa: B019  one lexicon lives as long as the process
    def base(self, form: str, pos: str) -> str | None:
        """Base form by WordNet's own rules (morphy): exceptions, then endings; None where none is known."""
        if (form, pos) in self._irregular:
            return self._irregular[form, pos]
        if self.known(form, pos):
            return form
        for ending, instead in ENDINGS.get(pos, ()):
            if form.endswith(ending):
                stem = form[: -len(ending)] + instead
                if self.known(stem, pos):
                    return stem
                if ending in ("ed", "ing") and len(stem) > 3 and stem[-1] == stem[-2] and self.known(stem[:-1], pos):
                    return stem[:-1]
        return None

    def listed(self, a: str, b: str) -> bool:
        """One stands in the other's list in the thesaurus: much the same in some use; opposites hardly ever."""
        low, high = sorted((a, b))
        return high in self._listed.get(low, ())

    def senses(self, word: str, pos: str, most: int = 8) -> tuple[int, ...]:
        return self._senses.get((word, pos), ())[:most]

    @lru_cache(maxsize=65536)  # noqa: B019  one lexicon lives as long as the process
    def synonyms(self, a: str, b: str, pos: str, most: int = 5) -> bool:
        """The two share one of their `most` most frequent senses, or are similar adjectives."""
        mine, theirs = set(self.senses(a, pos, most)), set(self.senses(b, pos, most))
        if mine & theirs:
            return True
        return pos == "a" and any(theirs & set(self._near.get(s, ())) for s in mine)

    @lru_cache(maxsize=65536)  # noqa: B019
    def antonyms(self, a: str, b: str, pos: str) -> bool:
        """Named opposites; for adjectives also by a similar one ("soggy": "dry")."""
        if b in self._antonyms.get((a, pos), ()):
            return True
        if pos != "a":
            return False
        return any(self.synonyms(b, o, "a", 3) for o in self._antonyms.get((a, pos), ())) or any(
            self.synonyms(a, o, "a", 3) for o in self._antonyms.get((b, pos), ())
        )

    @lru_cache(maxsize=65536)  # noqa: B019
    def steps(self, a: str, b: str, pos: str, most: int = 4, limit: int = 4) -> int | None:
        """Fewest hypernym links between a sense of each; None beyond `limit`."""
        above, below = self._above(a, pos, most, limit), self._above(b, pos, most, limit)
        found = [above[s] + below[s] for s in above.keys() & below.keys()]
        return min((f for f in found if f <= limit), default=None)

    def is_a(self, a: str, b: str, pos: str, most: int = 4, limit: int = 3) -> bool:
        """Some frequent sense of `a` lies under one of `b` ("bee" is an "insect")."""
        theirs = set(self.senses(b, pos, most))
        return bool(theirs & self._above(a, pos, most, limit).keys())

    def _above(self, word: str, pos: str, most: int, limit: int) -> dict[int, int]:
        """Synsets reached upwards, with the links it takes."""
        found = dict.fromkeys(self.senses(word, pos, most), 0)
        edge = list(found)
        for distance in range(1, limit + 1):
            edge = [up for s in edge for up in self._up.get(s, ()) if up not in found]
            found |= dict.fromkeys(edge, distance)
        return found

    @lru_cache(maxsize=65536)  # noqa: B019
    def derived(self, a: str, pos_a: str, b: str, pos_b: str) -> bool:
        """One is made from the other: decide, decision."""
        return (b, pos_b) in self._derived.get((a, pos_a), ())

    def family(self, word: str, pos: str) -> set[tuple[str, str]]:
        """The word and what is derived from it."""
        return {(word, pos)} | self._derived.get((word, pos), set())


@cache
def lexicon() -> Lexicon:
    """The shipped table, read once."""
    return Lexicon()
