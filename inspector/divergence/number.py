"""Numbers, dates, times and units, compared by value."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator

from inspector.divergence.entity import UNITS, anchor, behind
from inspector.divergence.finding import Finding, phrase, place
from inspector.divergence.lexicon import lexicon
from inspector.divergence.pairing import Pair
from inspector.divergence.quantities import Quantity, quantities, same
from inspector.divergence.reading import Reading


def tokens(r: Reading, q: Quantity) -> range:
    """Tokens that a quantity covers."""
    first = max(bisect_right(r.start, q.start) - 1, 0)
    last = first
    while last + 1 < len(r) and r.start[last + 1] < q.end:
        last += 1
    return range(first if r.end[first] > q.start else min(first + 1, len(r) - 1), last + 1)


def find(p: Pair) -> Iterator[Finding]:
    a, b = p.source, p.reconstruction
    left, right = quantities(a.text), quantities(b.text)
    paired, free = matches(p, left, right)
    for q, w in paired:
        verdict = same(q, w)
        if verdict == "same" or q.text.lower() == w.text.lower():
            continue
        if verdict == "different" and len(q.values) != len(w.values) and spelled_out(q, w, left, right):
            continue
        mild = verdict in ("less exact", "more exact")
        bound = verdict == "bound"
        yield Finding(
            "number",
            "acceptable"
            if mild and verdict == "less exact" and q.kind == "date"
            else "minor"
            if mild or bound or (q.weak and w.weak)
            else "serious",
            "substituted",
            (q.start, q.end),
            (w.start, w.end),
            f"number.{verdict.replace(' ', '_')}" if mild or bound else "number.substituted",
            {"source": q.text, "reconstruction": w.text},
            0.5 if mild or bound else 0.95,
        )
    yield from units(p)
    taken = {id(q) for q, _ in paired}
    for q in left:
        if id(q) not in taken and not q.weak and not any(p.kept(i) for i in tokens(a, q) if a.content[i]):
            yield Finding("number", "minor", "dropped", (q.start, q.end), None, "number.dropped", {"source": q.text}, 0.6)
    for w in free:
        if not w.weak and not any(p.came(j) for j in tokens(b, w) if b.content[j]):
            known = any(same(q, w) == "same" for q in left)
            yield Finding(
                "number",
                "minor" if known or w.kind == "ordinal" or behind(p, tokens(b, w)[0]) else "serious",
                "added",
                None,
                (w.start, w.end),
                "number.added",
                {"reconstruction": w.text},
                0.4 if known else 0.7,
                anchor(p, tokens(b, w)[0]),
            )


def units(p: Pair) -> Iterator[Finding]:
    """ "Several days" → "several weeks": a unit exchanged where the number is a word, or no number at all."""
    a, b = p.source, p.reconstruction
    for i, j in enumerate(p.match):
        if j >= 0 and p.how[i] in ("changed", "synonym") and a.lemma[i] in UNITS and b.lemma[j] in UNITS:
            if lexicon().synonyms(a.lemma[i], b.lemma[j], "n"):
                continue
            yield Finding(
                "number",
                "minor" if p.loose(i) else "serious",
                "substituted",
                place(a, *phrase(a, i)),
                place(b, *phrase(b, j)),
                "number.substituted",
                {"source": a.said(*phrase(a, i)), "reconstruction": b.said(*phrase(b, j))},
                0.85,
            )


def spelled_out(q: Quantity, w: Quantity, left: list[Quantity], right: list[Quantity]) -> bool:
    """ "from 90 to 100" and "90 … and 100": the ends of a range stand singly on the other side."""
    long, short, others = (q, w, right) if len(q.values) > len(w.values) else (w, q, left)
    single = {v for x in others for v in x.values if x.unit in (short.unit, long.unit, None)}
    return len(long.values) > 1 and set(long.values) <= single | set(short.values)


def matches(p: Pair, left: list[Quantity], right: list[Quantity]) -> tuple[list[tuple[Quantity, Quantity]], list[Quantity]]:
    """Quantities in each other's place, and those of the reconstruction that came from nowhere."""
    a, b = p.source, p.reconstruction
    owner = {j: w for w in right for j in tokens(b, w)}
    free = dict.fromkeys(range(len(right)))
    number = {id(w): k for k, w in enumerate(right)}
    paired, rest = [], []
    for q in left:
        hits = [owner[p.match[i]] for i in tokens(a, q) if p.match[i] in owner and number[id(owner[p.match[i]])] in free]
        equal = [w for w in hits if same(q, w) == "same"]
        if hits:
            w = (equal or hits)[0]
            free.pop(number[id(w)])
            paired.append((q, w))
        else:
            rest.append(q)
    for q in rest:
        change = {p.change_of[i] for i in tokens(a, q)} - {-1}
        near = [k for k in free if {p.change_at[j] for j in tokens(b, right[k])} & change]
        equal = [k for k in free if same(q, right[k]) == "same"]
        same_kind = [k for k in near if right[k].kind == q.kind]
        chosen = equal[:1] or same_kind[:1]
        if chosen:
            free.pop(chosen[0])
            paired.append((q, right[chosen[0]]))
    return paired, [right[k] for k in free]


def retention(p: Pair) -> tuple[int, int]:
    """Numbers of the source, and how many of them the reconstruction holds with the same value."""
    left = [q for q in quantities(p.source.text) if not q.weak]
    right = list(quantities(p.reconstruction.text))
    kept = 0
    for q in left:
        found = next((w for w in right if same(q, w) in ("same", "less exact", "more exact")), None)
        if found is not None:
            right.remove(found)
            kept += 1
    return len(left), kept
