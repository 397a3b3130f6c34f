"""Entities: names, and things called by a noun with its modifiers ("blue-banded bee")."""

from __future__ import annotations

from collections.abc import Iterator

from inspector.divergence.exchange import exchange
from inspector.divergence.finding import Finding, phrase, place
from inspector.divergence.names import near_miss, same_name
from inspector.divergence.pairing import ANEW, Pair
from inspector.divergence.reading import LOWER_INSIDE, Name, Reading
from inspector.inspection import Entity, Span


def find(p: Pair) -> Iterator[Finding]:
    yield from changed_names(p)
    yield from nouns(p)


def counterpart(p: Pair, name: Name) -> tuple[int, int] | None:
    """The stretch of the reconstruction that stands where the name stood: what its words are paired with, as a phrase."""
    b = p.reconstruction
    found = [p.match[i] for i in range(name.first, name.last + 1) if p.match[i] >= 0 and p.source.words[i][:1].isalnum()]
    if not found:
        return None
    spans = [phrase(b, j) for j in found]
    return max(spans, key=lambda s: s[1] - s[0])


def status(p: Pair, name: Name) -> tuple[str, tuple[int, int] | None]:
    """kept | changed | near-miss | dropped, and the tokens that stand there now."""
    a, b = p.source, p.reconstruction
    said = a.said(name.first, name.last)
    now = counterpart(p, name)
    if now is not None:
        then = b.said(*now)
        if same_name(said, then):
            return "kept", now
        tokens = [i for i in range(name.first, name.last + 1) if a.words[i][:1].isalnum()]
        if all(p.kept(i) for i in tokens):
            return "kept", now
        if near_miss(said, then):
            return "near-miss", now
        if any(same_name(said, b.said(*w)) for w in wider(b, now)):
            return "kept", now
        if b.pos[now[1]] == "PRON":
            return "pronoun", now
        if p.loose(name.last):
            # The sentence was written anew, so what stands in the name's place need not have taken it.
            other = next((n for n in b.names if same_name(said, b.said(n.first, n.last))), None)
            if other is not None:
                return "elsewhere", (other.first, other.last)
        return "changed", now
    for n in b.names:
        if same_name(said, b.said(n.first, n.last)):
            return "elsewhere", (n.first, n.last)
    return "dropped", None


def wider(r: Reading, where: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """Names that overlap a stretch, also joined with their neighbours: "National Aeronautics and Space Administration"."""
    for n, name in enumerate(r.names):
        if name.first <= where[1] and name.last >= where[0]:
            yield name.first, name.last
            for first in r.names[max(n - 1, 0) : n + 1]:
                for last in r.names[n : n + 2]:
                    if joinable(r, first, last):
                        yield first.first, last.last


def joinable(r: Reading, first: Name, last: Name) -> bool:
    between = range(first.last + 1, last.first)
    return first is not last and 0 < len(between) <= 2 and all(r.lower[k] in LOWER_INSIDE for k in between)


def changed_names(p: Pair) -> Iterator[Finding]:
    a, b = p.source, p.reconstruction
    said_before = [a.said(n.first, n.last) for n in a.names]
    covered: set[int] = set()
    for name in a.names:
        kind, now = status(p, name)
        said = a.said(name.first, name.last)
        where = place(a, name.first, name.last)
        if now:
            covered.update(range(now[0], now[1] + 1))
            for w in wider(b, now):
                if same_name(said, b.said(*w)):
                    covered.update(range(w[0], w[1] + 1))
        if kind in ("changed", "near-miss"):
            then = b.said(*now)
            same = kind == "near-miss"
            common = b.name_of[now[1]] < 0 and b.pos[now[1]] not in ("PROPN", "NUM")
            if common and (not b.content[now[1]] or b.pos[now[1]] != "NOUN" or definite(b, now)):
                # "Vietnam" … "the country": said again by what it is.
                continue
            unsure = same or (common and p.loose(name.last))
            yield Finding(
                "entity",
                "minor" if unsure else "serious",
                "substituted",
                where,
                place(b, *now),
                "entity.near_miss" if same else "entity.substituted",
                {"source": said, "reconstruction": then},
                0.75 if same else 0.7 if common else 0.9,
            )
        elif kind == "dropped":
            lone = p.change_of[name.first]
            small = lone >= 0 and p.changes[lone].size <= 6 and p.rewritten[a.sentence[name.first]] <= ANEW
            yield Finding(
                "entity", "serious" if small else "minor", "dropped", where, None, "entity.dropped", {"source": said}, 0.6
            )
    for name in b.names:
        if any(j in covered for j in range(name.first, name.last + 1)):
            continue
        tokens = range(name.first, name.last + 1)
        if any(p.back[j] >= 0 for j in tokens):
            continue
        said = b.said(name.first, name.last)
        known = any(same_name(said, s) for s in said_before)
        yield Finding(
            "entity",
            "minor" if known or behind(p, name.first) else "serious",
            "added",
            None,
            place(b, name.first, name.last),
            "entity.added",
            {"reconstruction": said},
            0.4 if known else 0.75,
            anchor(p, name.first),
        )


def nouns(p: Pair) -> Iterator[Finding]:
    """Common nouns: another head, or another noun before it ("honey bee" for "blue-banded bee")."""
    a, b = p.source, p.reconstruction
    done: set[tuple[int, int]] = set()
    for i in range(len(a)):
        j = p.match[i]
        if a.pos[i] != "NOUN" or a.name_of[i] >= 0:
            continue
        if (
            j >= 0
            and p.how[i] in ("changed", "synonym")
            and not p.moved[i]
            and b.content[j]
            and not (both_units(a, i) and both_units(b, j))
        ):
            if b.pos[j] not in ("NOUN", "PROPN"):
                continue
            verdict = exchange(p, i, j)
            named = b.name_of[j] >= 0
            (f, t), (g, u) = phrase(a, i), phrase(b, j)
            if (f, g) in done:
                continue
            done.add((f, g))
            yield Finding(
                "entity",
                "serious" if named and not p.loose(i) else verdict.severity,
                "substituted",
                place(a, f, t),
                place(b, g, u),
                "entity.substituted",
                {"source": a.said(f, t), "reconstruction": b.said(g, u)},
                verdict.confidence,
            )
        elif j >= 0 and p.kept(i):
            (f, t), (g, u) = phrase(a, i), phrase(b, j)
            mine = [k for k in range(f, t) if a.content[k] and not p.kept(k)]
            theirs = [k for k in range(g, u) if b.content[k] and not p.came(k)]
            if (
                mine
                and theirs
                and (f, g) not in done
                and not any(p.match[k] in range(g, u) and exchange(p, k, p.match[k]).severity == "acceptable" for k in mine)
            ):
                done.add((f, g))
                yield Finding(
                    "entity",
                    "serious",
                    "substituted",
                    place(a, f, t),
                    place(b, g, u),
                    "entity.substituted",
                    {"source": a.said(f, t), "reconstruction": b.said(g, u)},
                    0.75,
                )
    yield from renamed(p, done)


def renamed(p: Pair, done: set[tuple[int, int]]) -> Iterator[Finding]:
    """Other words before the same noun, found without the tree: "blue-banded bee", "honey bee"."""
    a, b = p.source, p.reconstruction
    for change in p.changes:
        i, j = change.after
        left = [k for k in change.source if a.content[k]]
        right = [k for k in change.reconstruction if b.content[k]]
        if not left or not right or change.size > 5 or i >= len(a) or a.pos[i] != "NOUN" or a.sentence[left[0]] != a.sentence[i]:
            continue
        if any(p.match[k] >= 0 for k in left) or any(p.back[k] >= 0 for k in right) or p.loose(i):
            continue
        named = any(b.pos[k] in ("NOUN", "PROPN") for k in right) and all(
            a.pos[k] in ("ADJ", "NOUN", "PROPN", "VERB") for k in left
        )
        if named and all(b.pos[k] in ("ADJ", "NOUN", "PROPN", "VERB") for k in right):
            first, second = phrase(a, left[0])[0], phrase(b, right[0])[0]
            if (first, second) not in done:
                yield Finding(
                    "entity",
                    "serious",
                    "substituted",
                    place(a, first, i),
                    place(b, second, j),
                    "entity.substituted",
                    {"source": a.said(first, i), "reconstruction": b.said(second, j)},
                    0.7,
                )


def definite(r, where: tuple[int, int]) -> bool:
    return any(
        r.lower[c] in ("the", "this", "that", "these", "those", "his", "her", "its", "their") for c in r.children[where[1]]
    )


def behind(p: Pair, j: int) -> bool:
    """The sentence that token j of the reconstruction stands in was written anew."""
    while j >= 0 and p.back[j] < 0:
        j -= 1
    return j >= 0 and p.rewritten[p.source.sentence[p.back[j]]] > ANEW


def both_units(r, i: int) -> bool:
    """Units are compared with the numbers."""
    return r.lemma[i] in UNITS


UNITS = frozenset(
    "second minute hour day week weekend fortnight month quarter season year decade century inch foot yard mile "
    "metre meter kilometre kilometer litre liter gram kilogram pound ounce ton tonne degree percent million billion "
    "trillion thousand hundred dozen morning afternoon evening night".split()
)


def anchor(p: Pair, j: int) -> tuple[int, int]:
    """Where in the source something new stands: behind the last word before it that has a pair."""
    while j >= 0 and p.back[j] < 0:
        j -= 1
    end = p.source.end[p.back[j]] if j >= 0 else 0
    return end, end


def ledger(p: Pair) -> Iterator[Entity]:
    """Every named entity once, at its first mention."""
    a, b = p.source, p.reconstruction
    rows: list[tuple[str, Entity]] = []
    covered: set[int] = set()
    rank = ("kept", "near-miss", "changed", "dropped")
    for name in a.names:
        kind, now = status(p, name)
        kind = {"elsewhere": "kept", "pronoun": "kept"}.get(kind, kind)
        said = a.said(name.first, name.last)
        if now:
            covered.update(range(now[0], now[1] + 1))
        entity = Entity(
            status=kind,
            label=name.label,
            source=span(a, name.first, name.last),
            reconstruction=None if now is None else span(b, *now),
        )
        for k, (known, row) in enumerate(rows):
            if same_name(known, said):
                if rank.index(kind) > rank.index(row.status) and row.status != "changed":
                    rows[k] = (known, entity)
                break
        else:
            rows.append((said, entity))
    yield from (row for _, row in rows)
    invented: list[str] = []
    for name in b.names:
        said = b.said(name.first, name.last)
        if any(j in covered for j in range(name.first, name.last + 1)) or any(
            p.back[j] >= 0 for j in range(name.first, name.last + 1)
        ):
            continue
        if not any(same_name(said, s) for s in [*(k for k, _ in rows), *invented]):
            invented.append(said)
            yield Entity(status="invented", label=name.label, source=None, reconstruction=span(b, name.first, name.last))


def span(r, first: int, last: int) -> Span:
    start, end = r.span(first, last)
    return Span(start=start, end=end, text=r.text[start:end])
