"""What the export gives: the last finished comparison of each session, as the contract, in memory and bounded."""

from __future__ import annotations

import threading
import zlib
from collections import OrderedDict

from inspector.inspection import Comparison
from inspector.views.pair import Rewriting

Made = Comparison | Rewriting


def of_pair(session: str) -> str:
    """The name under which a session's last pair of texts is kept, beside its comparison."""
    return f"{session}:pair"


class Finished:
    """Comparisons by session, packed, since a trace is large as objects; the longest unused go first."""

    def __init__(self, sessions: int = 32, size: int = 64 << 20) -> None:
        """
        Args:
            sessions: most that are remembered.
            size: most bytes of all together; one larger than that is not kept.
        """
        self._kept: OrderedDict[str, tuple[int, type[Made], bytes]] = OrderedDict()
        self._sessions, self._size, self._lock = sessions, size, threading.Lock()

    def put(self, session: str, run: int, made: Made) -> None:
        """Keep the comparison of a run in the place of the session's last one."""
        packed = zlib.compress(made.to_json().encode("utf-8"), 1)
        with self._lock:
            self._kept.pop(session, None)
            self._kept[session] = (run, type(made), packed)
            while len(self._kept) > self._sessions or sum(len(p) for *_, p in self._kept.values()) > self._size:
                self._kept.popitem(last=False)

    def get(self, session: str, run: int) -> Made | None:
        """The session's comparison, if it is that of this run and still here."""
        with self._lock:
            found = self._kept.get(session)
            if found is None or found[0] != run:
                return None
            self._kept.move_to_end(session)
        _, of, packed = found
        return of.model_validate_json(zlib.decompress(packed))
