"""One thread that works off what compressors are to make of queues' texts, for as long as the program runs.

What is to be done stands in the database (jobs.py): a program that is stopped or killed goes on with it when it runs again, and
several programs on one database share it.
"""

from __future__ import annotations

import atexit
import logging
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from inspector.annotations import jobs, runs
from inspector.annotations.database import Database, StoreError

if TYPE_CHECKING:
    from models.registry import Registry

IDLE = 10.0  # seconds between looks for what others asked for, or died over
LOOK = 1.0  # seconds between looks whether the job is still held
log = logging.getLogger(__name__)


class Worker:
    """Asleep until `wake`.

    Args:
        db, table: where jobs and compressors come from; asked for on the worker's thread.
        give_way: called between steps; returns when nobody who waits in front of a page is kept waiting.
        lease: as in jobs.py.
    """

    def __init__(
        self,
        db: Callable[[], Database],
        table: Callable[[], Registry],
        give_way: Callable[[], None] = lambda: None,
        lease: float = jobs.LEASE,
    ) -> None:
        self._db, self._table, self._give_way, self._lease = db, table, give_way, lease
        self._lock, self._more, self._ended = threading.Lock(), threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None
        self.name = jobs.new_worker()

    def wake(self) -> None:
        """There may be something to do."""
        with self._lock:
            self._more.set()
            if self._thread is None and not self._ended.is_set():
                self._thread = threading.Thread(target=self._run, daemon=True, name="annotations: worker")
                self._thread.start()
                atexit.register(self.close)

    def close(self, patience: float = 5.0) -> None:
        """End, at the next step, and give back what is under way."""
        self._ended.set()
        self._more.set()
        with self._lock:
            thread, self._thread = self._thread, None
        if thread is not None:
            atexit.unregister(self.close)
            thread.join(patience)

    def _run(self) -> None:
        try:
            db = self._db()
        except StoreError as error:  # whoever opens the page is told too
            log.warning("queues are not inspected: %s", error)
            self._thread = None
            return
        broken = False
        with jobs.Alive(db, self.name, self._lease / 6):
            while not self._ended.is_set():
                self._more.clear()
                try:
                    if broken:  # what it still holds, it would keep from everybody as long as it lives
                        jobs.release(db, self.name)
                        broken = False
                    if runs.work(db, self.name, self._table(), self._stopping(db), self._lease):
                        continue
                except Exception:  # the store is away: later, again
                    broken = True
                    log.exception("the inspection of queues paused for %.0f seconds", IDLE)
                self._more.wait(IDLE)
            try:
                jobs.release(db, self.name)
            except StoreError as error:
                log.warning("what was under way is free again in %.0f seconds: %s", self._lease, error)

    def _stopping(self, db: Database) -> Callable[[], bool]:
        """Asked between steps: is this program ending, or was the job taken away?"""
        looked, lost = time.monotonic(), False

        def stop() -> bool:
            nonlocal looked, lost
            if self._ended.is_set() or lost:
                return True
            self._give_way()
            if time.monotonic() - looked >= LOOK:
                looked, lost = time.monotonic(), not jobs.held(db, self.name)
            return lost

        return stop
