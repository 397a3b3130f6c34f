"""Entity list: what is named. A member of a list is dropped, or a name or number becomes another of its type."""

from __future__ import annotations

import re
from collections.abc import Iterator

from inspector.divergence.lexicon import lexicon
from inspector.divergence.names import same_name
from inspector.divergence.reading import Reading
from inspector.probes.drift.pair import Draft, Edit, choose, draw, opens, replace, stretch, tokens, usable
from inspector.probes.drift.pools import NAMES, NUMBERS, PEOPLES
from inspector.probes.drift.relation import marker

PEOPLE = re.compile(r"(an|ish|ese|sh|ch|ic)$")
MOST = 2  # other words tried in one place


def drafts(r: Reading) -> Iterator[Draft]:
    yield from dropped(r)
    yield from renamed(r)
    yield from renumbered(r)


def dropped(r: Reading) -> Iterator[Draft]:
    """A member in the middle of a list of three or more, or the last of two that are no subject."""
    for head in range(len(r)):
        members = [c for c in r.children[head] if r.dep[c] == "conj"]
        if not members or r.pos[head] not in ("NOUN", "PROPN") or not usable(r, r.sentence[head]):
            continue
        whole = [_member(r, c) for c in members]
        if None in whole or any(r.pos[c] not in ("NOUN", "PROPN") for c in members):
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
    people = PEOPLE.search(r.lower[head]) and lexicon().known(r.lower[head], "a")
    if name.first == name.last and (r.pos[head] == "ADJ" or people):
        return "PEOPLE" if r.dep[head] in ("amod", "compound") and r.head[head] > head else None
    if name.first == name.last and (len(r.words[head]) < 2 or common(r.lower[head])):
        return None
    return name.label


def common(word: str) -> bool:
    """A word that is no name by itself: a verb or an adjective, or the plural of a noun."""
    table = lexicon()
    plural = not table.known(word, "n") and table.base(word, "n") is not None
    return plural or ((table.known(word, "a") or table.known(word, "v")) and len(table.senses(word, "n")) < 2)


def renamed(r: Reading) -> Iterator[Draft]:
    """A name becomes another of its type: of the text if it has one outside the sentence, else of the pool."""
    for n, name in enumerate(r.names):
        if usable(r, r.sentence[name.first]) and not part(r, name.first, name.last):
            for other in substitutes(r, n)[:MOST]:
                edits = (replace(r, name.first, name.last, other),)
                yield Draft("entity_list", r.sentence[name.first], edits, f"{r.said(name.first, name.last)} → {other}")


def substitutes(r: Reading, n: int, pool_only: bool = False) -> list[str]:
    """Names that may stand for the text's n-th: as many tokens first, the text's own before those of the pool."""
    kind, name = label(r, n), r.names[n]
    if kind is None:
        return []
    said, the = r.said(name.first, name.last), article(r, name.first)
    sentence = r.sentence[name.first]
    near = [r.said(m.first, m.last) for m in r.names if pool_only or r.sentence[m.first] == sentence]
    own = [
        r.said(m.first, m.last)
        for k, m in enumerate(r.names)
        if label(r, k) == kind and article(r, m.first) == the and not part(r, m.first, m.last)
    ]
    if kind == "PEOPLE":
        own, pool = [], list(PEOPLES)
    elif kind == "ORG":
        pool = [o.removeprefix("the ") for o in NAMES[kind] if o.startswith("the ") == the]
    else:
        inside = r.dep[name.last] == "compound" and not name.first <= r.head[name.last] <= name.last
        pool = [] if the and not inside else list(NAMES.get(kind, ()))
    size = len(said.split())
    pool = [o for o in pool if len(o.split()) == size] or pool
    found = choose(pool, said, r.text) if pool_only else [*choose(own, said, r.text), *choose(pool, said, r.text)]
    return sorted((o for o in found if not any(same_name(o, m) for m in near)), key=lambda o: tokens(o) != tokens(said))


def article(r: Reading, first: int) -> bool:
    return first > 0 and r.lower[first - 1] == "the"


def part(r: Reading, first: int, last: int) -> bool:
    """Is it joined to something by a hyphen, a dot or a slash, or perhaps no name: a common word that opens a sentence?"""
    if opens(r, first) and first == last and any(lexicon().known(r.lower[first], p) for p in "nva"):
        held = any(w == r.words[first] and not opens(r, k) for k, w in enumerate(r.words))
        if not held:
            return True
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
        elif re.fullmatch(r"\d{1,3}", word) and word not in ("0", "1") and not _joined(r, i):
            others = [o for k in range(6) if (o := _digits(word, r.text, i, k)) != word]
        elif r.lower[i] in NUMBERS and word.islower():
            others = [o for o in NUMBERS if o != r.lower[i]]
        for other in choose(others, word, r.text, i)[:1]:
            yield Draft("entity_list", r.sentence[i], (replace(r, i, i, other),), f"{word} → {other}")


def _digits(word: str, *seed: object) -> str:
    value = draw(word, *seed)
    if len(word) < 3:  # a day or a month stays one
        most = 9 if len(word) == 1 else 28
        least = 2 if len(word) == 1 else 10
        return str(least + value % (most - least + 1)) if int(word) <= 31 else str(32 + value % 67)
    return str(100 + value % 900)


def _joined(r: Reading, i: int) -> bool:
    before, after = r.text[: r.start[i]][-1:], r.text[r.end[i] :][:1]
    left = bool(before) and not before.isspace() and before != "("
    return left or (bool(after) and after in "-–/:%°'’")
