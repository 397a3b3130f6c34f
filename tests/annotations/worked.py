"""A process that works off jobs until it is killed (test_jobs.py)."""

from __future__ import annotations

import random
import time

from inspector.annotations import jobs
from inspector.annotations.database import open_database
from inspector.annotations.items import Item

LEASE = 1.0  # seconds


def work(where: str) -> None:
    """Each item says which worker made it: were a job done twice, it would have two items."""
    with open_database(where) as db:
        me = jobs.new_worker()
        while True:
            taken = jobs.claim(db, me, lease=LEASE)
            for job in taken:
                time.sleep(random.uniform(0, 0.03))
                item = Item(source=f"{job.subject} {job.compressor}", reconstruction=me, compressor=job.compressor)
                jobs.keep(db, job, me, item, None)
            if not taken:
                time.sleep(0.05)
