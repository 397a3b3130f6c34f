"""All minimal pairs of a text: at most three a dimension and fourteen in all, drawn by the text's own hash."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from inspector.divergence import reading_of
from inspector.divergence.language import language
from inspector.divergence.reading import Reading
from inspector.probes.drift import coreference, entity, modifier, predicate, relation, role, topic
from inspector.probes.drift.pair import Draft, MinimalPair, articled, changed, draw

DIMENSIONS = {
    "role_binding": role.drafts,
    "modifier_scope": modifier.drafts,
    "coreference": coreference.drafts,
    "relation_anchor": relation.drafts,
    "entity_list": entity.drafts,
    "predicate_exactness": predicate.drafts,
    "main_topic": topic.drafts,
}
EACH, MOST, TRIED = 3, 14, 8  # pairs of a dimension, of a text; drafts of a dimension that are looked at
LONGEST = 20_000  # characters of a text that are read


def pairs(text: str) -> list[MinimalPair] | None:
    """The pairs of a text, by dimension; None where its language is not one that the English pipeline knows."""
    return pairs_of([text])[0]


def pairs_of(texts: Sequence[str]) -> list[list[MinimalPair] | None]:
    """`pairs` of many texts. What an altered sentence means is judged for all at once."""
    drafted = [_drafted(text) for text in texts]
    wanted = [(changed(text, p.own, p.start, p.end), p.altered(text)) for text, found in zip(texts, drafted) for p in found or ()]
    differs = dict(zip(wanted, _differ(wanted), strict=True))
    return [
        None if found is None else _chosen([p for p in found if differs[p.true(text), p.altered(text)]])
        for text, found in zip(texts, drafted, strict=True)
    ]


def _differ(wanted: Sequence[tuple[str, str]]) -> Iterator[bool]:
    """Does the altered sentence say something else, by the same instrument that reads reconstructions?"""
    from inspector.divergence import diverge_many

    for report in diverge_many(wanted):
        yield any(d.severity != "acceptable" for d in report.divergences)


def _drafted(text: str) -> list[MinimalPair] | None:
    text = text[:LONGEST]
    if not text.strip():
        return []
    reading = reading_of(text) if language(text) == "en" else None
    if reading is None:
        return None
    found: list[MinimalPair] = []
    for name, make in DIMENSIONS.items():
        found += _ranked(reading, name, make(reading))
    return found


def _ranked(r: Reading, name: str, made: Iterator[Draft]) -> list[MinimalPair]:
    """The first drafts of a dimension: those first that leave every other token in its place, of every sentence one in turn."""
    drafts = []
    for k, draft in enumerate(made):
        edits, own = articled(r.text, draft.edits), articled(r.text, draft.own)
        first, last = r.sentences[draft.sentence]
        start, end = r.span(first, last)
        if edits is None or own is None or not all(start <= e.start and e.end <= end for e in (*edits, *own)):
            continue
        pair = MinimalPair(name, start, end, edits, draft.how, own)
        if _clean(r.text, pair):
            drafts.append((not aligned(r.text, pair), draw(r.text, name, draft.how, start), k, pair))
    drafts.sort(key=lambda d: d[:3])
    turns: dict[int, int] = {}
    places: set[int] = set()
    order = []
    for loose, drawn, _, pair in drafts:
        place = pair.edits[-1].start
        again = place in places
        turns[pair.start] = turns.get(pair.start, 0) + 1
        places.add(place)
        order.append(((again, loose, turns[pair.start], drawn), pair))
    return [pair for _, pair in sorted(order, key=lambda o: o[0])[:TRIED]]


def _clean(text: str, pair: MinimalPair) -> bool:
    """Something changes, and no double spaces or stray commas come of it."""
    true, altered = pair.true(text), pair.altered(text)
    odd = ("  ", " ,", " .", ",,", ", .", "( ", "the the", "the a ", "a the")
    return true != altered and not any(o in altered and o not in true for o in odd)


def aligned(text: str, pair: MinimalPair) -> bool:
    """Does every word outside the edits keep its place among the tokens, by the bundled tokenizer?"""
    from inspector.probes.drift.pair import tokens

    if len(pair.own) != len(pair.edits):
        own = [text[e.start : e.end] for e in pair.edits] if not pair.own else None
    else:
        own = [e.text for e in pair.own]
    return own is not None and all(tokens(a) == tokens(e.text) for a, e in zip(own, pair.edits, strict=True))


def _chosen(found: Sequence[MinimalPair]) -> list[MinimalPair]:
    """The dimensions take turns until there are enough."""
    by: dict[str, list[MinimalPair]] = {}
    for pair in found:
        mine = by.setdefault(pair.dimension, [])
        if len(mine) < EACH and not any(_overlaps(pair, other) for other in mine):
            mine.append(pair)
    turns = [(k, list(DIMENSIONS).index(name), pair) for name, mine in by.items() for k, pair in enumerate(mine)]
    kept = sorted(turns, key=lambda t: t[:2])[:MOST]
    return [pair for _, _, pair in sorted(kept, key=lambda t: (t[1], t[2].start, t[2].edits[0].start))]


def _overlaps(a: MinimalPair, b: MinimalPair) -> bool:
    return any((x.start < y.end and y.start < x.end) or x.start == y.start for x in a.edits for y in b.edits)
