"""Source against reconstruction: what changed in meaning, where, how badly, and why.

`diverge(source, reconstruction)` → `inspector.inspection.Report`. Importing this costs nothing; spaCy loads when called.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from threading import Lock
from typing import TYPE_CHECKING

from inspector.inspection import KINDS, Divergence, Entity, Message, Report, Retention, Span

if TYPE_CHECKING:
    from spacy.language import Language

    from inspector.divergence.finding import Finding, Place
    from inspector.divergence.pairing import Pair
    from inspector.divergence.reading import Reading

FRAGMENTS = frozenset(("identifier", "number", "entity", "negation", "topic"))  # kinds that need no whole sentences
MOST_KEPT, LONGEST_KEPT = 32, 50_000  # readings, characters of one
_kept: OrderedDict[tuple[int, str], Reading] = OrderedDict()
_lock = Lock()
UNKNOWN = (
    "The language is not one that the English pipeline knows, so only numbers and identifiers were compared; "
    "the marks show differences in words."
)


def diverge(source: str, reconstruction: str, *, pipeline: str | None = None, fragments: bool = False) -> Report:
    """What changed in meaning from `source` to `reconstruction`.

    Args:
        pipeline: a spaCy pipeline to use in place of the bundled one.
        fragments: the reconstruction is kept words and no sentences; kinds that need a parse are left out.

    Raises:
        PipelineError: the pipeline cannot be loaded.
    """
    return next(iter(diverge_many([(source, reconstruction)], pipeline=pipeline, fragments=fragments)))


def diverge_many(pairs: Iterable[tuple[str, str]], *, pipeline: str | None = None, fragments: bool = False) -> Iterator[Report]:
    """`diverge` for many pairs, in order; texts go through spaCy in batches."""
    batch: list[tuple[str, str]] = []
    for pair in pairs:
        batch.append(pair)
        if len(batch) == 64:
            yield from _batch(batch, pipeline, fragments)
            batch = []
    if batch:
        yield from _batch(batch, pipeline, fragments)


def reading_of(text: str, pipeline: str | None = None) -> Reading | None:
    """The text parsed; None where its language is not one that the English pipeline knows.

    Raises:
        PipelineError: the pipeline cannot be loaded.
    """
    from inspector.divergence.language import language, load

    return _read([text], load(pipeline))[text] if language(text) == "en" else None


def _batch(pairs: Sequence[tuple[str, str]], pipeline: str | None, fragments: bool) -> Iterator[Report]:
    from inspector.divergence.language import language, load, title
    from inspector.divergence.pairing import pair

    known = [language(source) == "en" for source, _ in pairs]
    texts = list(dict.fromkeys(t for (s, r), ok in zip(pairs, known, strict=True) if ok and s != r for t in (s, r)))
    nlp = load(pipeline) if texts else None
    readings = _read(texts, nlp) if texts else {}
    for (source, reconstruction), ok in zip(pairs, known, strict=True):
        if not ok:
            yield _unknown(source, reconstruction, language(source))
        elif source == reconstruction:
            nlp = nlp or load(pipeline)
            reading = _read([source], nlp)[source]
            yield _report(pair(reading, reading), title(nlp), fragments)
        else:
            yield _report(pair(readings[source], readings[reconstruction]), title(nlp), fragments)


def _read(texts: Sequence[str], nlp: Language) -> dict[str, Reading]:
    """Readings of texts; the columns of a comparison share a source, so the last ones are kept."""
    from inspector.divergence.language import parse

    with _lock:
        found = {t: _kept[id(nlp), t] for t in texts if (id(nlp), t) in _kept}
    fresh = [t for t in texts if t not in found]
    found |= dict(zip(fresh, parse(fresh, nlp), strict=True))
    with _lock:
        for t in texts:
            if len(t) <= LONGEST_KEPT:
                _kept[id(nlp), t] = found[t]
                _kept.move_to_end((id(nlp), t))
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
    return found


def _report(p: Pair, pipeline: str, fragments: bool) -> Report:
    from inspector.divergence import entity, identifier, number, role
    from inspector.divergence.kinds import findings
    from inspector.divergence.resolve import resolve

    same = p.source.text == p.reconstruction.text
    found = [] if same else resolve(findings(p, FRAGMENTS if fragments else None))
    strings = identifier.distinct(list(identifier.ledger(p.source.text, p.reconstruction.text)))
    rows = [*(row for row in entity.ledger(p) if not any(_overlap(row, s) for s in strings)), *strings]
    numbers, kept = number.retention(p)
    precision, recall, f1 = (None, None, None) if fragments else role.f1(p)
    return Report(
        language="en",
        pipeline=pipeline,
        divergences=tuple(_divergence(f, p.source.text, p.reconstruction.text) for f in found),
        entities=tuple(rows),
        retention=_retention(rows, numbers, kept, precision, recall, f1),
    )


def _overlap(x: Entity, y: Entity) -> bool:
    """A name that is part of an identifier is none of its own."""
    s, t = (x.source, y.source) if x.source is not None else (x.reconstruction, y.reconstruction)
    return s is not None and t is not None and s.start < t.end and t.start < s.end


def _retention(rows: Sequence[Entity], numbers: int, kept: int, *roles: float | None) -> Retention:
    mine = [row for row in rows if row.status != "invented"]
    precision, recall, f1 = (None if r is None else round(r, 4) for r in roles)
    return Retention(
        entities=len(mine),
        entities_kept=sum(row.status == "kept" for row in mine),
        numbers=numbers,
        numbers_kept=kept,
        role_precision=precision,
        role_recall=recall,
        role_f1=f1,
    )


def _unknown(source: str, reconstruction: str, language: str) -> Report:
    """Numbers and identifiers only: what needs no grammar."""
    from inspector.divergence import identifier, plain
    from inspector.divergence.resolve import resolve

    found = resolve([*identifier.compare(source, reconstruction), *plain.numbers(source, reconstruction)])
    rows = identifier.distinct(list(identifier.ledger(source, reconstruction)))
    numbers, kept = plain.retention(source, reconstruction)
    return Report(
        language=language,
        pipeline=None,
        divergences=tuple(_divergence(f, source, reconstruction) for f in found),
        entities=tuple(rows),
        retention=_retention(rows, numbers, kept, None, None, None),
        notes={"divergences": UNKNOWN},
    )


def _divergence(f: Finding, source: str, reconstruction: str) -> Divergence:
    from inspector.divergence.messages import sentence

    def span(where: Place, text: str) -> Span | None:
        return None if where is None else Span(start=where[0], end=where[1], text=text[where[0] : where[1]])

    arguments = {name: " ".join(value.split()) for name, value in f.arguments.items()}
    return Divergence(
        kind=f.kind,
        dimension=KINDS[f.kind],
        severity=f.severity,
        change=f.change,
        source=span(f.source, source),
        reconstruction=span(f.reconstruction, reconstruction),
        explanation=sentence(f.key, arguments),
        message=Message(key=f.key, arguments=arguments),
        confidence=round(min(max(f.confidence, 0.0), 1.0), 2),
    )
