"""Entity list: what is named. A member of a list is dropped, or a name or number becomes another of its type."""

from __future__ import annotations

import re
from collections.abc import Iterator

from inspector.divergence.names import same_name
from inspector.divergence.reading import Reading
from inspector.probes.drift.pair import Draft, Edit, choose, draw, replace, stretch, usable
from inspector.probes.drift.pools import NAMES, NUMBERS, PEOPLES
from inspector.probes.drift.relation import marker

MOST = 2  # other words tried in one place


def drafts(r: Reading) -> Iterator[Draft]:
    yield from dropped(r)
    yield from renamed(r)
    yield from renumbered(r)


def dropped(r: Reading) -> Iterator[Draft]:
    """A member in the middle of a list of three or more, or the last of two that are no subject."""
    for head in range(len(r)):
        members = [c for c in r.children[head] if r.dep[c] == "conj"]
        if not members or r.pos[head] not in ("NOUN", "PROPN", "ADJ") or not usable(r, r.sentence[head]):
            continue
        whole = [_member(r, c) for c in members]
        if None in whole or any(r.pos[c] != r.pos[head] and r.pos[c] not in ("NOUN", "PROPN") for c in members):
            continue
        if len(members) >= 2:
            for first, last in whole[:-1]:
                if r.words[first - 1] == "," and (
                    r.words[last + 1 : last + 2] == [","] or r.lower[last + 1 : last + 2] == ["and"]
                ):
                    edits = (drop_from(r, first - 1, last),)
                    yield Draft("entity_list", r.sentence[head], edits, f"{r.said(first, last)} dropped")
        elif not r.dep[head].startswith("nsubj"):
            first, last = whole[0]
            if r.lower[first - 1] in ("and", "or") and r.head[first - 1] in (members[0], head) and r.words[first - 2] != ",":
                yield Draft(
                    "entity_list", r.sentence[head], (drop_from(r, first - 1, last),), f"{r.said(first - 1, last)} dropped"
                )


def drop_from(r: Reading, first: int, last: int) -> Edit:
    start, end = r.span(first, last)
    while start and r.text[start - 1] in " \t":
        start -= 1
    return Edit(start, end, "")


def _member(r: Reading, c: int) -> tuple[int, int] | None:
    return stretch(r, c, 6)


def label(r: Reading, n: int) -> str | None:
    """A name's type, less what its place belies: `in Allenstein` is no person."""
    name = r.names[n]
    head = next((i for i in range(name.first, name.last + 1) if not name.first <= r.head[i] <= name.last), name.last)
    case = marker(r, head)
    if name.label == "PER" and case is not None and r.lower[case] in ("in", "at", "near", "from", "into"):
        return None
    if name.label in ("MISC", "LOC", "NAME") and r.pos[head] == "ADJ":
        return "PEOPLE" if name.first == name.last and r.words[head] in PEOPLES else None
    return name.label


def renamed(r: Reading) -> Iterator[Draft]:
    """A name becomes another of its type: of the text if it has one outside the sentence, else of the pool."""
    for n, name in enumerate(r.names):
        kind, sentence = label(r, n), r.sentence[name.first]
        if kind is None or not usable(r, sentence) or _part(r, name.first, name.last):
            continue
        said = r.said(name.first, name.last)
        inside = [r.said(m.first, m.last) for m in r.names if r.sentence[m.first] == sentence]
        own = [r.said(m.first, m.last) for k, m in enumerate(r.names) if label(r, k) == kind and r.sentence[m.first] != sentence]
        article = name.first > 0 and r.lower[name.first - 1] == "the"
        pool = PEOPLES if kind == "PEOPLE" else NAMES.get(kind, ())
        pool = [p.removeprefix("the ") if article else p for p in pool if not article or p.startswith("the ") or kind != "ORG"]
        if kind == "ORG" and not article:
            pool = [p for p in pool if not p.startswith("the ")]
        if kind == "PEOPLE":
            own = []
        words = len(said.split())
        options = [
            o for o in (*choose(own, said, r.text), *choose([p for p in pool if len(p.split()) == words] or pool, said, r.text))
            if not any(same_name(o, i) for i in inside)
        ]  # fmt: skip
        for other in sorted(options, key=lambda o: _tokens(o) != _tokens(said))[:MOST]:
            yield Draft("entity_list", sentence, (replace(r, name.first, name.last, other),), f"{said} → {other}")


def _tokens(words: str) -> int:
    from inspector.probes.drift.pair import tokens

    return tokens(words)


def _part(r: Reading, first: int, last: int) -> bool:
    """Is the name joined to something by a hyphen, a dot or a slash?"""
    before, after = r.text[: r.start[first]][-1:], r.text[r.end[last] :][:1]
    return (before in "-–/@.#$&" and bool(before)) or (after in "-–/@#&" and bool(after)) or not r.words[first][:1].isupper()


def renumbered(r: Reading) -> Iterator[Draft]:
    """A number becomes another of as many digits."""
    for i, word in enumerate(r.words):
        if r.pos[i] != "NUM" or not usable(r, r.sentence[i]):
            continue
        others: list[str] = []
        if re.fullmatch(r"1[5-9]\d\d|20[0-2]\d", word):
            others = [str(int(word) + d) for d in (-11, 7, -4, 3, -23, 12) if 1500 <= int(word) + d <= 2024]
        elif re.fullmatch(r"\d{1,3}", word) and not _joined(r, i):
            others = [o for k in range(6) if (o := _digits(word, r.text, i, k)) != word]
        elif r.lower[i] in NUMBERS and word.islower():
            others = [o for o in NUMBERS if o != r.lower[i]]
        for other in choose(others, word, r.text, i)[:1]:
            yield Draft("entity_list", r.sentence[i], (replace(r, i, i, other),), f"{word} → {other}")


def _digits(word: str, *seed: object) -> str:
    value = draw(word, *seed)
    if len(word) < 3:  # a day or a month stays one
        most = 9 if len(word) == 1 else 28
        least = 1 if len(word) == 1 else 10
        return str(least + value % (most - least + 1)) if int(word) <= 31 else str(32 + value % 67)
    return str(100 + value % 900)


def _joined(r: Reading, i: int) -> bool:
    before, after = r.text[: r.start[i]][-1:], r.text[r.end[i] :][:1]
    left = bool(before) and not before.isspace() and before != "("
    return left or (bool(after) and after in "-–/:%°'’")
