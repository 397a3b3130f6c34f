"""What a probe finds: one question, put to one compressor about one text. A row of a study's `probes.parquet`.

A probe is a function `(items, address, compressor, shared) → for each item its Asked`, under a name and a version in `PROBES`;
plug-ins come through the entry point group `inspector.probes`. It computes many texts at once where it can, draws nothing at
random that is not drawn from the texts' own hashes, and says why where a compressor cannot be asked (`note`), rather than
giving a chance figure.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any, Literal

from inspector.inspection import Contract

if TYPE_CHECKING:
    from inspector.studies.items import Item
    from models.compressor import Compressor
    from models.registry import Address

GROUP = "inspector.probes"
Way = Literal["reconstruction", "likelihood", "answer"]
Verdict = Literal["kept", "other", "neither"]
log = logging.getLogger(__name__)


class Asked(Contract):
    """One question. Margins are ln p(expected) − ln p(other) in nats: above 0 the expected is preferred.

    `right` is 1, ½ for a tie, 0; None where nothing could be asked, and then `note` says why.
    """

    probe: str
    way: Way  # read off the reconstruction; by likelihood; answered by the decoder, or by a reader
    kind: str  # drift: one of the seven dimensions; else the probe's own word, such as `span` or `swap`
    question: str  # as it is put to people
    expected: str  # what the source says
    other: str | None = None  # the altered sentence, or what a prior would say
    given: str | None = None  # what came back, or was answered
    verdict: Verdict | None = None
    right: float | None = None
    memory: float | None = None  # margin given memory
    prior: float | None = None  # margin given none
    control: float | None = None  # margin given the memory of another text, which cannot know
    f1: float | None = None  # token F1 of an answer, 0 to 1
    level: int | None = None  # demonstrations, where there are any
    reader: str | None = None  # what else than the compressor's own decoder read or judged
    note: str | None = None


Probe = Callable[["Sequence[Item]", "Address", "Compressor", dict[str, Any]], list[list[Asked]]]


@dataclass(frozen=True)
class Registered:
    """A probe as it is listed. `version` goes up when what is asked, or how, changes: older rows are then asked again."""

    name: str
    version: int
    where: str  # MODULE:FUNCTION
    needs: str  # what a text must come with, one sentence; empty where any text will do
    reads: bool = False  # does it let `shared["reader"]` read and answer, where one is named?

    def load(self) -> Probe:
        module, _, function = self.where.partition(":")
        return getattr(import_module(module), function)


BUILT_IN = (
    Registered("drift", 1, "inspector.probes.drift:ask", ""),
    Registered("knowledge", 1, "inspector.probes.knowledge:ask", "It needs an answer, and what a prior would say instead.", True),
    Registered("rag", 1, "inspector.probes.rag:ask", "It needs a question and its answers.", True),
    Registered("icl", 1, "inspector.probes.icl:ask", ""),
)


@cache
def probes() -> dict[str, Registered]:
    """Name → probe, the built-in ones first; a plug-in's entry point gives a `Registered`. What cannot be loaded is logged."""
    found = {probe.name: probe for probe in BUILT_IN}
    for point in entry_points(group=GROUP):
        try:
            made = point.load()
            found[made.name] = made
        except Exception:  # a plug-in may raise anything
            log.exception("The probe %s could not be loaded.", point.name)
    return found
