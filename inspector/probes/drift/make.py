"""All minimal pairs of a text: at most three a dimension and fourteen in all, drawn by the text's own hash.

That a pair differs in meaning follows from how it is made. The ledger (`inspector.divergence`) is not asked: it saw a change of
meaning in 757 of 803 drafts of 24 paragraphs, and the 46 others were its own misses, but for `in` that became `near`, which is
no longer made. Asking it took four fifths of the time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from inspector.divergence.language import language, load, parse
from inspector.divergence.reading import Reading
from inspector.probes.drift import coreference, entity, modifier, predicate, relation, role, topic
from inspector.probes.drift.pair import Draft, MinimalPair, articled, draw, tokens

DIMENSIONS = {
    "role_binding": role.drafts,
    "modifier_scope": modifier.drafts,
    "coreference": coreference.drafts,
    "relation_anchor": relation.drafts,
    "entity_list": entity.drafts,
    "predicate_exactness": predicate.drafts,
    "main_topic": topic.drafts,
}
EACH, MOST = 3, 14  # pairs of a dimension, of a text
LONGEST = 20_000  # characters of a text that are read
ODD = ("  ", " ,", " .", ",,", ", .", "( ", "the the ", "the a ", "a the ", "not not", "a no ")


def pairs(text: str) -> list[MinimalPair] | None:
    """The pairs of a text, by dimension; None where its language is not one that the English pipeline knows."""
    return pairs_of([text])[0]


def pairs_of(texts: Sequence[str]) -> list[list[MinimalPair] | None]:
    """`pairs` of many texts, which are parsed together. Of a long text only the first `LONGEST` characters are read."""
    read = [text[:LONGEST] for text in texts]
    known = [bool(text.strip()) and language(text) == "en" for text in read]
    readings = iter(list(parse((t for t, ok in zip(read, known, strict=True) if ok), load()))) if any(known) else iter(())
    return [of(next(readings)) if ok else [] if not text.strip() else None for text, ok in zip(read, known, strict=True)]


def of(r: Reading) -> list[MinimalPair]:
    """The pairs of a parsed text: the dimensions take turns until there are enough."""
    by: dict[str, list[MinimalPair]] = {}
    for name in reversed(DIMENSIONS):  # the topic first, so that a change of a name counts as the topic's where it is one
        taken = [pair for other in by.values() for pair in other]
        by[name] = chosen(r.text, ranked(r, name, DIMENSIONS[name](r)), taken)
    turns = [(k, n, pair) for n, name in enumerate(DIMENSIONS) for k, pair in enumerate(by[name])]
    kept = sorted(turns, key=lambda t: t[:2])[:MOST]
    return [pair for _, _, pair in sorted(kept, key=lambda t: (t[1], t[2].start, t[2].edits[0].start))]


def ranked(r: Reading, name: str, drafts: Iterable[Draft]) -> list[tuple[bool, MinimalPair]]:
    """The drafts that come out clean, with whether words outside the change keep their places; in the order they're tried.

    Every place is tried once before any is tried again, and every sentence gives one before any gives two.
    """
    made = []
    for k, draft in enumerate(drafts):
        if pair := finished(r, draft):
            made.append((not aligned(r.text, pair), draw(r.text, name, draft.how, pair.start), k, pair))
    made.sort(key=lambda d: d[:3])
    places: Counter[int] = Counter()
    turns: Counter[int] = Counter()
    order = []
    for loose, drawn, _, pair in made:
        place = pair.edits[-1].start
        order.append(((places[place] > 0, loose, turns[pair.start], drawn), (not loose, pair)))
        places[place] += 1
        turns[pair.start] += 1
    return [each for _, each in sorted(order, key=lambda o: o[0])]


def finished(r: Reading, draft: Draft) -> MinimalPair | None:
    """The pair of a draft with its articles; None where it changes nothing, or leaves a stray space or comma."""
    start, end = r.span(*r.sentences[draft.sentence])
    while r.text[start] in '"”’)' and r.text[start + 1 : start + 2].isspace() and start + 2 < end:
        start += 2  # the end of what was quoted before
    edits, own = articled(r.text, draft.edits), articled(r.text, draft.own)
    if edits is None or own is None or not all(start <= e.start and e.end <= end for e in (*edits, *own)):
        return None
    pair = MinimalPair(draft.dimension, start, end, edits, draft.how, own)
    true, altered = pair.true(r.text), pair.altered(r.text)
    return None if true == altered or any(o in altered and o not in true for o in ODD) else pair


def aligned(text: str, pair: MinimalPair) -> bool:
    """Does every word outside the edits keep its place among the tokens, by the bundled tokenizer?"""
    if pair.own and len(pair.own) != len(pair.edits):
        return False
    own = [e.text for e in pair.own] or [text[e.start : e.end] for e in pair.edits]
    return all(tokens(a) == tokens(e.text) for a, e in zip(own, pair.edits, strict=True))


def chosen(text: str, made: Sequence[tuple[bool, MinimalPair]], taken: Sequence[MinimalPair]) -> list[MinimalPair]:
    """Up to three that don't touch each other or repeat one of another dimension. The third is one that moves the words
    after it, if there is one: memory that is not tied to position can be asked about those as well."""
    found: list[MinimalPair] = []
    left = [each for each in made if not any(pair_alike(each[1], other) for other in taken)]
    while left and len(found) < EACH:
        want = len(found) < EACH - 1
        _, pair = min(left, key=lambda each: each[0] != want)
        found.append(pair)
        left = [each for each in left if not overlaps(each[1], pair)]
    return found


def pair_alike(a: MinimalPair, b: MinimalPair) -> bool:
    """The same words change."""
    return [(e.start, e.end) for e in a.edits] == [(e.start, e.end) for e in b.edits]


def overlaps(a: MinimalPair, b: MinimalPair) -> bool:
    return any((x.start < y.end and y.start < x.end) or x.start == y.start for x in a.edits for y in b.edits)
