"""The kinds of divergence: ten built in, more through the entry point `inspector.divergences`.

A kind is a function `Pair → Iterator[Finding]`. A plug-in is called like the built-in ones; what it finds must be of a kind in
`inspector.inspection.KINDS`, since every kind belongs to one drift dimension.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from functools import cache
from importlib.metadata import entry_points

from inspector.divergence import coreference, entity, identifier, modifier, negation, number, predicate, relation, role, topic
from inspector.divergence.finding import Detector, Finding
from inspector.divergence.pairing import Pair
from inspector.inspection import KINDS

GROUP = "inspector.divergences"
BUILT_IN: dict[str, Detector] = {
    "topic": topic.find,
    "identifier": identifier.find,
    "number": number.find,
    "role": role.find,
    "negation": negation.find,
    "coreference": coreference.find,
    "entity": entity.find,
    "predicate": predicate.find,
    "modifier": modifier.find,
    "relation": relation.find,
}
log = logging.getLogger(__name__)


@cache
def detectors() -> dict[str, Detector]:
    """Name → detector, the built-in ones first; a plug-in that cannot be loaded is left out and logged."""
    found = dict(BUILT_IN)
    for point in entry_points(group=GROUP):
        try:
            found[point.name] = point.load()
        except Exception:  # a plug-in may raise anything
            log.exception("The divergence kind %s could not be loaded.", point.name)
    return found


def findings(p: Pair, only: frozenset[str] | None = None) -> Iterator[Finding]:
    """What all kinds, or the named ones, find."""
    for name, detect in detectors().items():
        if only is None or name in only:
            for found in detect(p):
                if found.kind not in KINDS:
                    raise ValueError(f"{name} reports the kind {found.kind!r}; known kinds are {', '.join(KINDS)}.")
                yield found
