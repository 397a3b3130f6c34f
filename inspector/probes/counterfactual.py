"""Other words in the place of the source's own: what the decoder would have said of each, given memory and given none.

A candidate stands in the source's place, after the same prefix. Its tokens are those that differ when the whole text is
tokenised with it, over a stretch that is the same for all candidates of a place, so that what is summed covers the same words.

    ln p(c | Z, x<a) = Σ_k ln p(c_k | Z, x<a, c<k)          share(c) = p(c) / Σ p(c')

`memory_full` and `prior_full` go on to the end of the window, so what comes after the words has its say as well.

What compares: every candidate under the prior, and under memory that is not tied to position. Memory that is tied reads token
t at place t: a candidate of another number of tokens runs over what memory holds for the words after it, so it is scored but
`comparable` is false, and its full likelihood under memory is null. Sums favour few tokens; `…_per_token` is the mean instead.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from inspector.compare import InputError, validate
from inspector.divergence.overwriting import tied
from inspector.inspection import Contract, Span, Text
from inspector.probes.in_place import Row, log_probabilities
from models.compressor import Compressor, Memory, Source
from models.registry import Address, Registry
from models.registry import registry as default_registry

VERSION = 1
MOST_OTHERS = 24
MOST_PLACES = 16
WHY = {
    "words": "Kept words are read by no decoder, so no likelihood is defined given memory.",
    "traces": "This compressor cannot score a text token by token.",
    "prior": "This decoder cannot score a text without memory, so there is no prior to ask.",
    "window": "The words reach over the border between two windows, so they have no common prefix.",
    "slow": "Its memory is found by optimisation, so only the ratio asked for is scored.",
    "room": "With some candidates the text is longer than a window, so they are not scored there.",
    "tied": "This memory is tied to position: given memory, only candidates with the source's number of tokens compare.",
    "places": f"Only the first {MOST_PLACES} occurrences are scored.",
}


class Odds(Contract):
    """One candidate; log-probabilities in nats, shares of the candidates' probabilities from 0 to 1, None where not scored."""

    words: str
    memory: float | None
    prior: float | None
    memory_per_token: float | None
    prior_per_token: float | None
    memory_share: float | None
    prior_share: float | None


class Candidate(Odds):
    tokens: int
    comparable: bool  # given memory, with the source's own words
    memory_full: float | None = None  # to the end of the window
    prior_full: float | None = None


class Occurrence(Contract):
    span: Span  # of the source
    candidates: tuple[Candidate, ...]  # the source's own words first
    note: str | None = None  # why it has none, or not all


class Reading(Contract):
    """One compressor at one ratio."""

    compressor: str
    ratio: int  # requested
    occurrences: tuple[Occurrence, ...]
    mean: tuple[Odds, ...]  # over the occurrences in which all candidates could be scored
    note: str | None = None


class Counterfactual(Contract):
    version: int = VERSION
    source: Text
    words: str
    others: tuple[str, ...]
    readings: tuple[Reading, ...]

    def to_json(self, **options: Any) -> str:
        return self.model_dump_json(**options)

    @classmethod
    def from_json(cls, text: str | bytes) -> Counterfactual:
        """Raises pydantic.ValidationError (a ValueError) that names the field that is wrong."""
        return cls.model_validate_json(text)


@dataclass(frozen=True)
class Place:
    """An occurrence in tokens: window [start, end) of the source, and for each candidate its tokens and what follows them."""

    window: tuple[int, int]
    prefix: tuple[int, ...]
    variants: tuple[tuple[int, ...], ...]
    rest: tuple[int, ...]


def occurrences(text: str, words: str) -> list[tuple[int, int]]:
    """Code points [start, end) of the words in the text, not overlapping; whole words where there are any, else any."""
    found = [m.span() for m in re.finditer(re.escape(words), text)]
    whole = [(a, b) for a, b in found if not (_joined(text, a) or _joined(text, b))]
    return whole or found


def _joined(text: str, at: int) -> bool:
    """Do two letters or digits meet here?"""
    return 0 < at < len(text) and text[at - 1].isalnum() and text[at].isalnum()


def checked(text: str, words: str, others: Sequence[str], limit: int | None = None) -> tuple[str, tuple[str, ...]]:
    """Words and candidates without outer white space, each candidate once.

    Raises:
        InputError: the text, the words or the candidates cannot be used; the message says which and why.
    """
    validate(text, limit)
    words, others = words.strip(), tuple(dict.fromkeys(o.strip() for o in others))
    others = tuple(o for o in others if o and o != words)
    for given in (words, *others):
        if any(0xD800 <= ord(c) <= 0xDFFF for c in given):
            raise InputError("The words hold half of a surrogate pair, which is no Unicode text; remove it.")
    if not words:
        raise InputError("No words are marked; give some that stand in the text.")
    if words not in text:
        raise InputError(f"The words {words!r} do not stand in the text; copy them from it, capitals included.")
    if not others:
        raise InputError("No other words are given; give at least one that could stand there.")
    if len(others) > MOST_OTHERS:
        raise InputError(f"{len(others)} other words are given; at most {MOST_OTHERS} are scored at once.")
    return words, others


def targets(compressors: Sequence[str], table: Registry, ratio: int | None = None) -> list[tuple[Address, str | None]]:
    """Every ratio of every compressor named, in order and once; with a key of WHY where something is left out.

    Raises:
        UnknownCompressor: an address cannot be resolved.
    """
    found: dict[str, tuple[Address, str | None]] = {}
    for address in (table.resolve(name, ratio) for name in compressors):
        slow = address.row.kind == "optimised" or address.row.optimises
        ratios = (address.ratio,) if slow else sorted({*address.row.ratios, address.ratio})
        for each in ratios:
            made = Address(address.row, address.options, each)
            found.setdefault(str(made), (made, "slow" if slow else None))
    return list(found.values())


def read(
    text: str,
    words: str,
    others: Sequence[str],
    compressors: Sequence[str],
    *,
    ratio: int | None = None,
    stop: Callable[[], bool] | None = None,
    limit: int | None = None,
    registry: Registry | None = None,
) -> Iterator[Reading]:
    """Score the candidates with each compressor at each of its ratios; a reading each, as it is made.

    Args:
        text: the source; `words` stand in it once or several times, and each time all of `others` are tried.
        compressors: addresses; the ratio asked for is among those read, even where it is not a listed one.
        stop: asked before each reading; once true, nothing more is read.

    Raises:
        InputError, UnknownCompressor: see `checked` and `targets`.
        RuntimeError: a compressor cannot run here.
    """
    words, others = checked(text, words, others, limit)
    table = registry or default_registry()
    wanted = targets(compressors, table, ratio)
    if not wanted:
        raise InputError("Name at least one compressor, such as superposition-s@16.")
    spans = occurrences(text, words)
    priors: dict[tuple[int, int, tuple[int, ...]], list[float]] = {}
    for address, reason in wanted:
        if stop and stop():
            return
        yield _reading(text, spans, (words, *others), address, table.load(address), reason, priors)


def counterfactual(text: str, words: str, others: Sequence[str], compressors: Sequence[str], **settings: Any) -> Counterfactual:
    """All of `read`, as one object; arguments and errors are the same."""
    readings = tuple(read(text, words, others, compressors, **settings))
    words, others = checked(text, words, others)
    return Counterfactual(source=Text(text=text), words=words, others=others, readings=readings)


def _reading(
    text: str,
    spans: Sequence[tuple[int, int]],
    candidates: Sequence[str],
    address: Address,
    compressor: Compressor,
    reason: str | None,
    priors: dict[tuple[int, int, tuple[int, ...]], list[float]],
) -> Reading:
    named = {"compressor": str(address), "ratio": address.ratio}
    if address.row.kind == "words" or compressor.decoder is None or not address.row.traces:
        return Reading(**named, occurrences=(), mean=(), note=WHY["words" if address.row.kind == "words" else "traces"])
    source = compressor.source(text)
    places = [locate(compressor, source, span, candidates) for span in spans[:MOST_PLACES]]
    windows = list(dict.fromkeys(p.window for p in places if p))
    memories = dict(zip(windows, compressor.compress(source, windows, address.ratio) if windows else (), strict=True))
    room = address.row.window
    rows = [
        (memories[p.window], (*p.prefix, *variant, *p.rest)[: room or None], len(p.prefix))
        for p in places
        if p
        for variant in p.variants
        if not room or len(p.prefix) + len(variant) <= room
    ]
    guessed = _guessed(compressor, rows, priors)
    scored = zip(log_probabilities(compressor.decoder, rows), guessed or [None] * len(rows), strict=True)
    made = [_occurrence(text, span, place, candidates, memories, room, scored) for span, place in zip(spans, places)]
    loose = any(c.memory is not None and not c.comparable for o in made for c in o.candidates)
    told = {"tied": loose, "prior": guessed is None, "places": len(spans) > MOST_PLACES}
    note = " ".join(WHY[r] for r in (reason, *(name for name, true in told.items() if true)) if r) or None
    return Reading(**named, occurrences=tuple(made), mean=mean(made), note=note)


def _guessed(
    compressor: Compressor, rows: Sequence[Row], priors: dict[tuple[int, int, tuple[int, ...]], list[float]]
) -> list[list[float]] | None:
    """The rows under the prior, less what other ratios have asked already; None where the decoder cannot do without memory."""
    keys = [(id(compressor.decoder), first, ids) for _, ids, first in rows]
    fresh = list(dict.fromkeys(key for key in keys if key not in priors))
    try:
        found = log_probabilities(compressor.decoder, [(None, ids, first) for _, first, ids in fresh])
    except NotImplementedError:
        return None
    priors |= dict(zip(fresh, found, strict=True))
    return [priors[key] for key in keys]


def locate(compressor: Compressor, source: Source, span: tuple[int, int], candidates: Sequence[str]) -> Place | None:
    """The tokens of every candidate in the place of a span; None where the source's own reach over a border of windows.

    What differs from the source is found by tokenising the whole altered text: no tokenizer's habits are assumed.
    """
    start, end = span
    touched = [k for k, (a, b) in enumerate(source.spans) if a < end and b > start]
    if not touched:
        return None
    ids = list(source.ids)
    altered = [list(compressor.source(source.text[:start] + c + source.text[end:]).ids) for c in candidates]
    first = min(touched[0], *(_shared(ids, other) for other in altered))
    after = min(len(ids) - touched[-1] - 1, *(_shared(ids[first:][::-1], other[first:][::-1]) for other in altered))
    last = len(ids) - after
    window = next((w for w in source.windows if w[0] <= first and last <= w[1]), None)
    if window is None:
        return None
    variants = tuple(tuple(other[first : len(other) - after]) for other in altered)
    return Place(window, tuple(ids[window[0] : first]), variants, tuple(ids[last : window[1]]))


def _shared(a: Sequence[int], b: Sequence[int]) -> int:
    """Length of the common prefix."""
    return next((k for k, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))


def _occurrence(
    text: str,
    span: tuple[int, int],
    place: Place | None,
    candidates: Sequence[str],
    memories: dict[tuple[int, int], Memory],
    room: int | None,
    scored: Iterator[tuple[list[float], list[float] | None]],
) -> Occurrence:
    where = Span(start=span[0], end=span[1], text=text[span[0] : span[1]])
    if place is None:
        return Occurrence(span=where, candidates=(), note=WHY["window"])
    positional, own = tied(memories[place.window]), len(place.variants[0])
    rows: list[dict[str, Any]] = []
    for words, variant in zip(candidates, place.variants, strict=True):
        size = len(variant)
        row = {"words": words, "tokens": size, "comparable": not positional or size == own}
        if room and len(place.prefix) + size > room:
            rows.append(row | dict.fromkeys(("memory", "prior")) | {"comparable": False})
            continue
        whole = not room or len(place.prefix) + size + len(place.rest) <= room
        given, guessed = next(scored)
        row |= {"memory": math.fsum(given[:size]), "prior": math.fsum(guessed[:size]) if guessed else None}
        row |= {"memory_full": math.fsum(given) if whole and row["comparable"] else None}
        rows.append(row | {"prior_full": math.fsum(guessed) if whole and guessed else None})
    for name in ("memory", "prior"):
        for row, share in zip(rows, shares([row[name] for row in rows]), strict=True):
            row |= {f"{name}_share": share, f"{name}_per_token": None if row[name] is None else row[name] / max(row["tokens"], 1)}
    missing = any(row["memory"] is None for row in rows)
    return Occurrence(span=where, candidates=tuple(Candidate(**row) for row in rows), note=WHY["room"] if missing else None)


def shares(values: Sequence[float | None]) -> list[float | None]:
    """exp of log-probabilities over their sum; None stays None and counts for nothing."""
    known = [v for v in values if v is not None]
    top = max(known, default=0.0)
    total = math.fsum(math.exp(v - top) for v in known)
    return [None if v is None else math.exp(v - top) / total for v in values]


def mean(found: Sequence[Occurrence]) -> tuple[Odds, ...]:
    """For each candidate the mean over occurrences: of nats, and of shares (not the shares of mean nats)."""
    whole = [o.candidates for o in found if o.candidates and all(c.memory is not None for c in o.candidates)]
    fields = [name for name in Odds.model_fields if name != "words"]

    def average(group: Sequence[Candidate], name: str) -> float | None:
        values = [getattr(c, name) for c in group]
        return None if None in values else math.fsum(values) / len(values)

    return tuple(Odds(words=group[0].words, **{n: average(group, n) for n in fields}) for group in zip(*whole, strict=True))
