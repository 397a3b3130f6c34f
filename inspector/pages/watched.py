"""A compressor that can be stopped while a probe asks it, though probes know nothing of stopping."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any


class Stopped(Exception):
    """What was computed is not wanted any more."""


class Watched:
    """Something that is asked for work by its methods: before each of those named, and no more often, `stop` is asked."""

    def __init__(self, inner: Any, names: Sequence[str], stop: Callable[[], bool]) -> None:
        self._inner, self._names, self._stop = inner, names, stop

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if name not in self._names:
            return found

        def call(*args: Any, **more: Any) -> Any:
            if self._stop():
                raise Stopped
            return found(*args, **more)

        return call


class Watching:
    """Wraps the compressors of one run. Those that share a decoder still do."""

    def __init__(self, stop: Callable[[], bool]) -> None:
        self.stop, self._decoders = stop, {}

    def __call__(self, compressor: Any) -> Any:
        """A compressor that raises `Stopped` at the next memory, decoded token, scored batch or answer."""
        watched = Watched(compressor, ("answer", "compress"), self.stop)
        if (decoder := compressor.decoder) is not None:
            kept = self._decoders.setdefault(id(decoder), (decoder, Watched(decoder, ("begin", "step", "score"), self.stop)))
            watched.decoder = kept[1]
        if hasattr(compressor, "optimise"):
            watched.compress = lambda *asked: self._searched(compressor, *asked)
        return watched

    def _searched(self, compressor: Any, *asked: Any) -> list[Any]:
        """`compress` of one that searches for its memories, which takes minutes."""
        for progress in compressor.optimise(*asked, self.stop):
            last = progress
        if self.stop():
            raise Stopped
        return list(last.memories)
