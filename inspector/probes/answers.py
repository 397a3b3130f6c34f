"""Is this answer that one? Words compared without case, punctuation and English articles.

`exact_match` and `f1` are SQuAD's (Rajpurkar et al. 2016), so that their figures compare with published ones: ASCII punctuation
is taken away (`U.S.` is `us`) and tokens stand between white space. `contains` is ours: whole words in a row, of letters and
digits in any script, so `U.S.` is two words.
"""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Callable, Sequence

ARTICLES = ("a", "an", "the")
PUNCTUATION = str.maketrans("", "", string.punctuation)


def normalise(text: str) -> str:
    """SQuAD's normal form: lower case, no ASCII punctuation, no articles, single spaces."""
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", text.lower().translate(PUNCTUATION)).split())


def exact_match(given: str, golds: Sequence[str]) -> float:
    """1 if the answer is one of the golds in normal form, else 0. An answer of which nothing is left matches no gold.

    Raises:
        ValueError: there are no golds.
    """
    return max(_scores(given, golds, lambda a, b: float(bool(a) and a == b)))


def f1(given: str, golds: Sequence[str]) -> float:
    """The best F1 over golds of the tokens in normal form, each counted as often as it stands there; 0 to 1.

    Raises:
        ValueError: there are no golds.
    """
    return max(_scores(given, golds, _overlap))


def _scores(given: str, golds: Sequence[str], score: Callable[[str, str], float]) -> list[float]:
    if not golds:
        raise ValueError("There is no right answer to compare with; give at least one.")
    return [score(normalise(given), normalise(gold)) for gold in golds]


def _overlap(given: str, gold: str) -> float:
    one, other = given.split(), gold.split()
    both = sum((Counter(one) & Counter(other)).values())
    return 2 * both / (len(one) + len(other)) if both else 0.0


def plain(text: str) -> str:
    """Case folded, words only, without articles, a space at both ends, so that whole words are found; empty if none is left."""
    kept = [word for word in re.findall(r"\w+", text.casefold()) if word not in ARTICLES]
    return f" {' '.join(kept)} " if kept else ""


def contains(text: str, answer: str) -> bool:
    """Does the text hold the answer as a run of whole words? Nothing holds an answer without words."""
    return bool(plain(answer)) and plain(answer) in plain(text)


def found(answers: Sequence[str], source: str, reconstruction: str, there: bool) -> bool | None:
    """Is one of the answers in the reconstruction? None where none of them can be asked for: those that the source holds
    (`there`), or those that it does not hold."""
    asked = [a for a in answers if plain(a) and contains(source, a) == there]
    return any(contains(reconstruction, a) for a in asked) if asked else None
