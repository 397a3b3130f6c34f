"""A verdict in words: what a reader is told of a reconstruction before she reads it. Pure; English and Korean.

Serious divergences are losses and are named one by one; minor ones are only counted, acceptable ones not mentioned.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from inspector.inspection import Divergence, Retention
from inspector.views.words import word, words

NUMERALS = "no one two three four five six seven eight nine ten".split()
LISTED = {"entity": "entities", "identifier": "entities", "number": "numbers"}  # kinds that retention counts
ORDER = ("entity", "identifier", "number", "role", "negation", "modifier", "coreference", "predicate", "relation", "topic")
CHANGES = ("swapped", "moved", "substituted", "dropped", "added")


def verdict(
    divergences: Sequence[Divergence],
    retention: Retention | None = None,
    *,
    read: bool = True,
    language: str = "en",
    name: str | None = None,
) -> str:
    """One or two sentences, such as "kept 7 of 9 entities, swapped one role, overwrote one fact."

    Args:
        divergences: of one reconstruction.
        retention: its counts, where there are any.
        read: a pipeline that knows the text's language read it (`known`); else the verdict says what alone was checked.
        language: "en" or "ko".
        name: put in front, with a colon.
    """
    serious = [d for d in divergences if d.severity == "serious"]
    minor = sum(d.severity == "minor" for d in divergences)
    parts = kept(retention, read, language) + losses(serious, retention, language)
    if not serious:
        nothing = "none" if divergences or not read or parts else "same"
        parts.insert(0, word(f"verdict.{nothing}", language))
    said = ", ".join(parts)
    if minor:
        said += f"; {counted('verdict.minor', minor, language)}"
    said += "."
    if not read:
        said += " " + word("verdict.only", language)
    return f"{name}: {said}" if name else said


def known(language: str | None, pipeline: str | None) -> bool:
    """Was the text read with a pipeline that knows its language?"""
    return pipeline is not None and language not in (None, "und")


def harm(divergences: Sequence[Divergence]) -> float:
    """Orders verdicts, worst first: serious divergences, and minor ones only among equals."""
    count = Counter(d.severity for d in divergences)
    return count["serious"] + min(count["minor"], 999) / 1000


def kept(retention: Retention | None, read: bool, language: str) -> list[str]:
    """Entities always, numbers where some are lost. Without a language pipeline the only entities are identifiers."""
    if retention is None:
        return []
    what = "entities" if read else "identifiers"
    parts = [share(what, retention.entities_kept, retention.entities, language)] if retention.entities else []
    if retention.numbers_kept < retention.numbers:
        parts.append(share("numbers", retention.numbers_kept, retention.numbers, language))
    return parts


def share(what: str, count: int, total: int, language: str) -> str:
    several = "all" if count == total else "some" if count else "none"
    form = several if total > 1 else "only_kept" if count else "only_lost"
    return word(f"verdict.{what}.{form}", language, kept=count, all=total)


def losses(serious: Sequence[Divergence], retention: Retention | None, language: str) -> list[str]:
    """A phrase for each kind and change; what the prior overwrote comes last, and is not counted twice."""
    count: Counter[tuple[str, str]] = Counter()
    for d in serious:
        if not d.overwriting and not counted_as_lost(d, retention):
            count[d.kind, d.change] += 1
    ordered = sorted(count, key=lambda k: (ORDER.index(k[0]) if k[0] in ORDER else len(ORDER), CHANGES.index(k[1])))
    phrases: Counter[str] = Counter()  # several kinds and changes may share a phrase
    for key in ordered:
        phrases[phrase(*key)] += count[key]
    parts = [counted(key, n, language) for key, n in phrases.items()]
    overwritten = sum(bool(d.overwriting) for d in serious)
    return parts + ([counted("verdict.overwrote", overwritten, language)] if overwritten else [])


def counted_as_lost(d: Divergence, retention: Retention | None) -> bool:
    """Is it told already by the share of entities or numbers kept? An invented one never is."""
    if retention is None or d.kind not in LISTED or d.change == "added":
        return False
    what = LISTED[d.kind]
    return getattr(retention, f"{what}_kept") < getattr(retention, what)


def phrase(kind: str, change: str) -> str:
    """Key of the words for a kind's change; the kind's own general one, or one for any kind."""
    for key in (f"verdict.{kind}.{change}", f"verdict.{kind}.changed"):
        if f"{key}.many" in words()["en"]:
            return key
    return "verdict.other"


def counted(key: str, n: int, language: str) -> str:
    """Words for a count, in words up to ten."""
    figure = NUMERALS[n] if language == "en" and n < len(NUMERALS) else f"{n:,}"
    return word(f"{key}.{'one' if n == 1 else 'many'}", language, n=figure)
