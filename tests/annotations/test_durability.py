"""Acknowledged labels outlive `kill -9`; writers in several processes never overwrite each other."""

import multiprocessing
import random
import sqlite3
import time

import pytest

from inspector.annotations import events
from inspector.annotations.database import StoreError, open_database
from inspector.annotations.labels import Label
from tests.annotations import submitter
from tests.annotations.conftest import fill

KILLS = 100
# Children are forked from a server that has everything imported: a hundred starts of Python would take minutes.
context = multiprocessing.get_context("forkserver")
context.set_forkserver_preload(["tests.annotations.submitter", "sqlalchemy.dialects.sqlite", "psycopg"])


def start(target, *args) -> tuple[multiprocessing.Process, object]:
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=target, args=(*args, there), daemon=True)
    process.start()
    there.close()
    return process, here


def said(pipe) -> list[int]:
    """All that the process had said when it died."""
    heard = []
    try:
        while True:
            heard.append(pipe.recv())
    except EOFError:
        return heard


def test_every_acknowledged_label_outlives_kill_9(db, where):
    item, began, dice, stored = fill(db)[0], time.monotonic(), random.Random(1), 0
    for _ in range(KILLS):
        process, pipe = start(submitter.submit, where, item, "Ann", stored + 1)
        assert pipe.poll(30), "the process stored nothing"
        time.sleep(dice.uniform(0, 0.03))  # into the middle of some submit
        process.kill()
        heard = said(pipe)
        process.join()
        assert process.exitcode == -9
        kept = events.of(db, "q", item, "Ann")
        numbers = [event.number for event in kept]
        assert numbers == list(range(1, len(numbers) + 1))
        assert heard == list(range(stored + 1, heard[-1] + 1))
        assert heard[-1] <= numbers[-1] <= heard[-1] + 1  # at most one was stored and not yet acknowledged
        assert [event.label.comment for event in kept[stored:]] == [f"number {number}" for number in numbers[stored:]]
        stored = settled(db)
    assert stored >= KILLS
    assert time.monotonic() - began < 90


def settled(db) -> int:
    """How many events there are once a killed client's last one has come through, or not."""
    if db.engine.dialect.name == "postgresql":
        with db.read() as connection:
            others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            for _ in range(500):
                if connection.exec_driver_sql(others + " AND state <> 'idle'").scalar() == 0:
                    break
                time.sleep(0.01)
    return events.count(db)


def test_the_file_is_whole_after_kills(tmp_path):
    file = tmp_path / "labels.db"
    with open_database(file) as db:
        item = fill(db)[0]
    stored = 0
    for _ in range(5):
        process, pipe = start(submitter.submit, str(file), item, "Ann", stored + 1)
        assert pipe.poll(30)
        process.kill()
        process.join()
        with sqlite3.connect(file) as plain:  # nobody else has it open: the log is recovered here
            assert plain.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            stored = plain.execute("SELECT count(*) FROM events").fetchone()[0]
        assert stored >= said(pipe)[-1]


def test_processes_at_once_lose_nothing(db, where):
    item = fill(db)[0]
    runs = [start(submitter.race, where, item, name, 15) for name in ("Ann", "Ann", "Bo", "Bo")]
    [pipe.recv() for _, pipe in runs]
    [process.join() for process, _ in runs]
    for name in ("Ann", "Bo"):
        comments = [event.label.comment for event in events.of(db, "q", item, name)]
        assert len(comments) == len(set(comments)) == 30


def test_a_full_disk_is_said_and_stores_nothing(small):
    item = fill(small)[0]
    for connection in (small.engine.connect(), small.engine.connect()):
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        connection.close()

    def submit(number: int) -> None:
        events.add(small, "q", item, "Ann", "submit", Label(verdict="drift", comment="long " * 9999), after=number)

    with pytest.raises(StoreError, match=r"not confirmed \(database or disk is full\); send it again"):
        [submit(number) for number in range(100)]
    stored = events.of(small, "q", item, "Ann")
    assert [event.number for event in stored] == list(range(1, len(stored) + 1))


def cut(way, other) -> None:
    """A transaction whose connection is cut on the server's side, as when a cable is pulled."""
    with way() as connection:
        own = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar()
        with other.write() as killer:
            killer.exec_driver_sql(f"SELECT pg_terminate_backend({own})")
        connection.exec_driver_sql("SELECT 1")


@pytest.mark.parametrize("where", ["postgres"], indirect=True)
def test_a_server_that_goes_away_is_said_and_the_event_sent_again_is_stored_once(db, where):
    item, said = fill(db)[0], Label(verdict="drift")
    with open_database(where) as other:
        with pytest.raises(StoreError, match=r"not confirmed \(.*\); send it again"):
            cut(db.write, other)
        with pytest.raises(StoreError, match="could not be read"):
            cut(db.read, other)
    first = events.add(db, "q", item, "Ann", "submit", said)  # the pool finds a new connection
    assert events.add(db, "q", item, "Ann", "submit", said) == first and events.count(db) == 1
