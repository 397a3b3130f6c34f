"""The engine's English sentences in the reader's language: why something is missing, refused or failed.

A sentence has its home where it arises and is English there, as programs read it in the contract. `static/reasons.json` has the
Korean of each, by module and by its English: `{name}` stands for whatever was filled in, a single letter as in `{n}` for one
word, such as a number. What it lacks, a plug-in's own sentences among it, stays as it is.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache

from inspector.views.words import LANGUAGES, STATIC, fill

SLOT = re.compile(r"\{(\w+)\}")
LONGEST, DEEPEST = 5_000, 4  # characters of what is looked up; sentences within sentences
BETWEEN = re.compile(r"(?<=[.!?]) (?=[A-Z])")  # sentences that were put together


@lru_cache(maxsize=1)
def table() -> dict[str, str]:
    """English → Korean, with slots; all modules together."""
    modules = json.loads((STATIC / "reasons.json").read_text(encoding="utf-8"))
    return {english: korean for sentences in modules.values() for english, korean in sentences.items()}


@lru_cache(maxsize=1)
def patterns() -> list[tuple[re.Pattern[str], str]]:
    """What a sentence has to match, those with most words of their own first, and its Korean.

    Errors begin with a small letter and have no full stop; a page may have given them both.
    """
    order = sorted(table().items(), key=lambda pair: -len(SLOT.sub("", pair[0])))
    return [(re.compile(pattern(english), re.S), korean) for english, korean in order]


def pattern(english: str) -> str:
    """A slot ends where what follows it first stands, and is not tried longer: time grows with a sentence's length alone."""
    first, *rest = SLOT.split(english.removesuffix("."))  # what stands there, slot, what stands there, …
    made = f"[{first[0].lower()}{first[0].upper()}]{re.escape(first[1:])}" if first[:1].isalpha() else re.escape(first)
    for slot, after in zip(rest[::2], rest[1::2], strict=True):
        anything = f"(?P<{slot}>.+?)" if len(slot) > 1 else rf"(?P<{slot}>\S+?)"
        made += f"(?>{anything}{re.escape(after)})" if after else anything
    return made + r"\.?"


@lru_cache(maxsize=4096)
def korean(sentence: str, depth: int) -> str | None:
    """One sentence in Korean; None where the table has none."""
    for wanted, template in patterns():
        if match := wanted.fullmatch(sentence):
            return fill(template, {slot: said(value, "ko", depth - 1) for slot, value in match.groupdict().items()})
    return None


def said(sentence: str, language: str, depth: int = DEEPEST) -> str:
    """A sentence, or several in a row, in a language, "en" or "ko".

    Args:
        depth: what is filled in may be a sentence of the table itself, and so on; no deeper than so.
    """
    if language == "en" or not depth or len(sentence) > LONGEST:
        return sentence
    several = BETWEEN.split(sentence)
    found = [korean(each, depth) for each in several]
    if None in found and (whole := korean(sentence, depth)):
        return whole
    return " ".join(each or english for each, english in zip(found, several, strict=True))


def bilingual(sentence: str | None) -> dict[str, str] | None:
    """A sentence by language, for what is drawn in either; None for none."""
    return {language: said(sentence, language) for language in LANGUAGES} if sentence else None
