"""Who computes first: whoever looks at a page. What works in the background gives way meanwhile."""

from __future__ import annotations

import time

PAUSE = 0.5  # seconds without a step in front of a page, after which the background goes on
MOST = 2.0  # seconds that one step of the background waits, so that a busy server's queues get on too


class Turns:
    """A page's runs say at every step that they are there; nothing to close, so nothing stays closed by mistake."""

    def __init__(self) -> None:
        self._taken = -PAUSE

    def taken(self) -> None:
        self._taken = time.monotonic()

    def give_way(self) -> None:
        began = time.monotonic()
        while time.monotonic() - self._taken < PAUSE and time.monotonic() - began < MOST:
            time.sleep(0.05)


TURNS = Turns()  # of this process
