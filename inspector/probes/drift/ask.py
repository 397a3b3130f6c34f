"""The drift probe: see `inspector.probes.drift`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from inspector.divergence.overwriting import tied
from inspector.probes.asked import Asked
from inspector.probes.drift.make import pairs_of
from inspector.probes.drift.pair import MinimalPair
from inspector.probes.drift.score import TIED, Place, locate, margin
from inspector.probes.in_place import Row, log_probabilities

if TYPE_CHECKING:
    from inspector.studies.items import Item
    from models.compressor import Compressor, Memory, Source
    from models.registry import Address

WORDS = "Kept words are read by no decoder, so no likelihood is defined given memory."
TRACES = "This compressor cannot score a text token by token."
LANGUAGE = "The language is not one that the English pipeline knows, so no pairs were made."
NONE = "The text has no sentence that could be changed in any of the seven ways."
PRIOR = "This decoder cannot score a text without memory, so there is no prior to ask."


def ask(items: Sequence[Item], address: Address, compressor: Compressor, shared: dict[str, Any]) -> list[list[Asked]]:
    """Does memory prefer each text's own sentences to altered ones?

    Args:
        items: texts; the control of each is the memory of the next one, of the first for the last; where they are the same, or
            there is one only, of the texts in `shared["controls"]` the one that the text's hash picks, else there is none.
        shared: kept by the caller over the compressors of one batch: pairs, tokens and the prior's figures are stored in it.

    Returns:
        A list for each item. It has one `Asked` with a note where there is nothing to ask or nobody to ask.
    """
    why = WORDS if address.row.kind == "words" else TRACES if compressor.decoder is None or not address.row.traces else None
    if why:
        return [[noted(why)] for _ in items]
    made = made_of(items, shared)
    sources = [_source(item.text, compressor, shared) for item in items]
    places = [
        [_place(item, source, pair, address, compressor, shared) for pair in found or ()]
        for item, source, found in zip(items, sources, made, strict=True)
    ]
    controls = [_control(k, items, sources, compressor, shared) for k in range(len(items))]
    memories = _memories(compressor, address.ratio, sources, places, controls)
    return _asked(items, made, places, sources, controls, memories, compressor, shared)


def noted(why: str) -> Asked:
    return Asked(probe="drift", way="likelihood", kind="drift", question="", expected="", note=why)


def made_of(items: Sequence[Item], shared: dict[str, Any]) -> list[list[MinimalPair] | None]:
    """The pairs of each text, None where its language is not known; made once for all who have the same `shared`."""
    kept = shared.setdefault("drift pairs", {})
    fresh = list(dict.fromkeys(item.text for item in items if item.text not in kept))
    kept |= dict(zip(fresh, pairs_of(fresh), strict=True))
    return [kept[item.text] for item in items]


def _source(text: str, compressor: Compressor, shared: dict[str, Any]) -> Source:
    return compressor.source(text)


def _place(
    item: Item, source: Source, pair: MinimalPair, address: Address, compressor: Compressor, shared: dict[str, Any]
) -> Place | str:
    """Tokens of a pair. Compressors that make the same tokens and windows of a text share them."""
    kept = shared.setdefault("drift places", {})
    key = (tuple(source.ids), tuple(source.windows), address.row.window, pair)
    if key not in kept:
        kept[key] = locate(compressor, source, pair, address.row.window)
    return kept[key]


def _control(
    k: int, items: Sequence[Item], sources: Sequence[Source], compressor: Compressor, shared: dict[str, Any]
) -> Source | None:
    """The text whose memory cannot know."""
    text = items[k].text
    for step in range(1, len(items)):
        if items[at := (k + step) % len(items)].text != text and sources[at].ids:
            return sources[at]
    others = [other for other in shared.get("controls", ()) if other != text and other.strip()]
    if not others:
        return None
    found = compressor.source(others[int(items[k].hash[:8], 16) % len(others)])
    return found if found.ids else None


def _memories(
    compressor: Compressor,
    ratio: int,
    sources: Sequence[Source],
    places: Sequence[Sequence[Place | str]],
    controls: Sequence[Source | None],
) -> dict[tuple[str, tuple[int, int]], Memory]:
    """Memories of the windows asked about, and of those that serve as controls, by text and window; each made once."""
    wanted: dict[str, tuple[Source, dict[tuple[int, int], None]]] = {}
    for source, found, control in zip(sources, places, controls, strict=True):
        for place in found:
            if isinstance(place, Place):
                wanted.setdefault(source.text, (source, {}))[1][place.window] = None
                if control is not None:
                    wanted.setdefault(control.text, (control, {}))[1][_like(control, source, place.window)] = None
    made = {}
    for text, (source, windows) in wanted.items():
        made |= zip(((text, w) for w in windows), compressor.compress(source, list(windows), ratio), strict=True)
    return made


def _like(control: Source, source: Source, window: tuple[int, int]) -> tuple[int, int]:
    """The control's window that stands where the text's does, in turn."""
    return control.windows[list(source.windows).index(window) % len(control.windows)]


def _asked(
    items: Sequence[Item],
    made: Sequence[list[MinimalPair] | None],
    places: Sequence[Sequence[Place | str]],
    sources: Sequence[Source],
    controls: Sequence[Source | None],
    memories: dict[tuple[str, tuple[int, int]], Memory],
    compressor: Compressor,
    shared: dict[str, Any],
) -> list[list[Asked]]:
    given: list[tuple[Memory, Place]] = []
    slots: dict[tuple[int, int, str], int] = {}
    for k, found in enumerate(places):
        for n, place in enumerate(found):
            if not isinstance(place, Place):
                continue
            memory = memories[sources[k].text, place.window]
            if place.moves and tied(memory):
                continue
            slots[k, n, "memory"] = len(given)
            given.append((memory, place))
            if (control := controls[k]) is not None:
                slots[k, n, "control"] = len(given)
                given.append((memories[control.text, _like(control, sources[k], place.window)], place))
    margins = _margins(compressor, given)
    priors = _priors(compressor, [p for found in places for p in found if isinstance(p, Place)], shared)
    answers = []
    for k, (item, found) in enumerate(zip(items, made, strict=True)):
        if not found:
            answers.append([noted(LANGUAGE if found is None else NONE)])
            continue
        rows = []
        for n, (pair, place) in enumerate(zip(found, places[k], strict=True)):
            memory = margins[slots[k, n, "memory"]] if (k, n, "memory") in slots else None
            control = margins[slots[k, n, "control"]] if (k, n, "control") in slots else None
            note = place if isinstance(place, str) else TIED if memory is None else PRIOR if priors is None else None
            rows.append(
                Asked(
                    probe="drift",
                    way="likelihood",
                    kind=pair.dimension,
                    question=f"{pair.altered(item.text)} [{pair.how}]",
                    expected=pair.true(item.text),
                    other=pair.altered(item.text),
                    right=None if memory is None else right(memory),
                    memory=memory,
                    prior=priors[place] if priors is not None and isinstance(place, Place) else None,
                    control=control,
                    note=note,
                )
            )
        answers.append(rows)
    return answers


def right(value: float) -> float:
    """1, ½ for a tie, 0."""
    return 1.0 if value > 0 else 0.5 if value == 0 else 0.0


def _margins(compressor: Compressor, asked: Sequence[tuple[Memory | None, Place]]) -> list[float]:
    """ln p(true) − ln p(altered), in nats."""
    rows: list[Row] = [(memory, place.row(altered), len(place.prefix)) for memory, place in asked for altered in (False, True)]
    values = log_probabilities(compressor.decoder, rows)
    return [margin(values[2 * k], values[2 * k + 1]) for k in range(len(asked))]


def _priors(compressor: Compressor, places: Sequence[Place], shared: dict[str, Any]) -> dict[Place, float] | None:
    """Margins given no memory, less what other compressors of the same decoder have asked; None where it needs memory."""
    kept = shared.setdefault("drift priors", {})
    mine = kept.setdefault(id(compressor.decoder), (compressor.decoder, {}))[1]
    fresh = [p for p in dict.fromkeys(places) if p not in mine]
    try:
        mine |= dict(zip(fresh, _margins(compressor, [(None, p) for p in fresh]), strict=True))
    except NotImplementedError:
        return None
    return mine
