"""What is to be inspected, kept in the store: who takes it, who dies over it, stop and go on. On SQLite and on PostgreSQL."""

import multiprocessing
import threading
import time

import pytest

from inspector.annotations import jobs, queues, runs, store, worker
from inspector.annotations.database import StoreError, open_database
from inspector.annotations.items import Item, Suggestions
from models.compressor import Row
from models.registry import Registry
from tests.annotations import worked

TEXTS = [f"Text {number}: Anna paid Otto {number} euros.\x00" for number in range(1, 7)]
context = multiprocessing.get_context("forkserver")
context.set_forkserver_preload(["tests.annotations.worked"])


def filled(db, texts=TEXTS) -> None:
    queues.create(db, queues.Queue("q", seed=1))
    queues.add_texts(db, "q", texts)


def made(job: jobs.Job) -> tuple[Item, Suggestions]:
    return Item(source=f"{job.subject}", reconstruction="what came back", compressor=job.compressor), Suggestions()


def until(met, seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.02)


def states(db) -> dict[str, int]:
    return {state: number for state, number in jobs.counts(db).get("q", {}).items() if number}


def test_jobs_are_asked_for_once_in_the_texts_order_and_taken_a_text_at_a_time(db):
    filled(db)
    assert jobs.ask(db, "q", ["a@4", "b@4"]) == jobs.ask(db, "q", ["a@4", "b@4"]) == 12
    first, second = jobs.claim(db, "me"), jobs.claim(db, "you")
    assert [job.compressor for job in first] == ["a@4", "b@4"]
    assert [jobs.text_of(db, batch[0]) for batch in (first, second)] == TEXTS[:2]
    assert states(db) == {"waiting": 8, "working": 4}
    assert jobs.keep(db, first[0], "me", *made(first[0])) and jobs.fail(db, first[1], "me", "no memory left")
    assert not jobs.keep(db, first[0], "me", *made(first[0]))  # it is settled
    assert not jobs.keep(db, second[0], "me", *made(second[0]))  # it is another's
    assert states(db) == {"waiting": 8, "working": 2, "done": 1, "failed": 1} and queues.sizes(db) == {"q": 1}
    assert [told[1:] for told in jobs.failures(db, "q")] == [("b@4", "no memory left")]
    assert jobs.ask(db, "q", ["a@4"]) == 8  # of b only what is asked for waits again
    assert jobs.ask(db, "q", ["b@4"]) == 9 and jobs.failures(db, "q") == []


def test_many_compressors_are_taken_a_few_at_a_time(small):
    filled(small, TEXTS[:1])
    jobs.ask(small, "q", [f"c@{n}" for n in range(1, 8)])
    assert [len(jobs.claim(small, "me")) for _ in range(3)] == [jobs.BATCH, 7 - jobs.BATCH, 0]


def test_two_threads_never_take_the_same(db, where):
    filled(db, [f"Text {number}." for number in range(40)])
    jobs.ask(db, "q", ["a@4", "b@4"])
    taken, start = [], threading.Barrier(4)

    def come() -> None:
        with open_database(where) as own:
            me = jobs.new_worker()
            start.wait()
            while batch := jobs.claim(own, me):
                taken.extend(job.number for job in batch)
                for job in batch:
                    assert jobs.keep(own, job, me, *made(job))

    threads = [threading.Thread(target=come) for _ in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert len(taken) == len(set(taken)) == 80 == queues.sizes(db)["q"]
    assert states(db) == {"done": 80}


def test_who_is_silent_too_long_loses_the_job_and_cannot_store_it(db):
    filled(db, TEXTS[:1])
    jobs.ask(db, "q", ["a@4"])
    (job,) = jobs.claim(db, "slow")
    assert jobs.claim(db, "other") == []
    time.sleep(0.3)
    jobs.confirm(db, "slow")
    assert jobs.claim(db, "other", lease=0.2) == [] and jobs.held(db, "slow")
    time.sleep(0.3)
    assert jobs.claim(db, "other", lease=0.2) == [job]
    assert not jobs.held(db, "slow") and not jobs.keep(db, job, "slow", *made(job)) and queues.sizes(db) == {}
    assert jobs.keep(db, job, "other", *made(job)) and queues.sizes(db) == {"q": 1}


def test_a_job_that_ends_its_worker_again_and_again_fails(db):
    filled(db, TEXTS[:1])
    jobs.ask(db, "q", ["a@4"])
    for _ in range(jobs.TRIES):
        assert jobs.claim(db, "me", lease=-1)
    assert jobs.claim(db, "me", lease=-1) == []
    assert "ended 3 times" in jobs.failures(db, "q")[0][2]
    assert jobs.go_on(db, "q", "failed") == 1 and jobs.claim(db, "me")


def test_stop_go_on_and_drop(db):
    filled(db)
    jobs.ask(db, "q", ["a@4"])
    (job,) = jobs.claim(db, "me")
    assert jobs.stop(db, "q") == 6 and not jobs.held(db, "me") and jobs.claim(db, "me") == []
    assert not jobs.keep(db, job, "me", *made(job))  # what was under way is not stored
    assert jobs.go_on(db, "q") == 6
    (job,) = jobs.claim(db, "me")
    jobs.fail(db, job, "me", "broken")
    jobs.stop(db, "q")
    assert jobs.drop(db, "q") == 6 and states(db) == {}
    assert jobs.ask(db, "q", ["a@4"]) == 6
    for wrong in (lambda: jobs.go_on(db, "q", "done"), lambda: jobs.stop(db, "nothing"), lambda: jobs.ask(db, "nothing", [])):
        with pytest.raises(StoreError):
            wrong()


def test_pairs_are_asked_for_too(small):
    filled(small, [])
    item = Item(source="He paid 312 euros on Monday.", reconstruction="He paid 213 euros on Monday.")
    queues.add_items(small, "q", [(item, None)])
    assert jobs.ask(small, "q", []) == 1
    assert runs.work(small, "me", Registry([])) == 1 and runs.work(small, "me", Registry([])) == 0
    with small.read() as connection:
        found = store.get_suggestions(connection, item.id)
    assert isinstance(found, Suggestions) and [each.kind for each in found.divergences] == ["number"]
    assert states(small) == {"done": 1} and jobs.ask(small, "q", []) == 0


@pytest.fixture
def working(fakes):
    """Workers that are closed at the end."""
    begun: list[worker.Worker] = []

    def start(db, table=fakes, **settings) -> worker.Worker:
        begun.append(worker.Worker(lambda: db, lambda: table, **settings))
        begun[-1].wake()
        return begun[-1]

    yield start
    for one in begun:
        one.close()


def test_a_worker_does_what_is_asked_for_and_one_that_fails_can_be_tried_again(db, fakes, working):
    mended = []

    def load(options):
        if not mended:
            raise RuntimeError("no memory left\nfor it")
        return fakes.rows["fake-a"].load(options)

    table = Registry([fakes.rows["fake-a"], Row("fake-broken", "Broken", "soft", (4,), 4, load=load, window=24)])
    filled(db, TEXTS[:2])
    jobs.ask(db, "q", ["fake-a@4", "fake-broken@4", "gone@4"])
    one = working(db, table)
    until(lambda: sum(states(db).get(state, 0) for state in ("done", "failed")) == 6)
    assert states(db) == {"failed": 4, "done": 2}
    why = {compressor: reason for _, compressor, reason in jobs.failures(db, "q")}
    assert why["fake-broken@4"].startswith("no memory left") and "unknown compressor 'gone@4'" in why["gone@4"]
    mended.append(True)
    jobs.go_on(db, "q", "failed")
    one.wake()
    until(lambda: states(db) == {"done": 4, "failed": 2})
    assert queues.sizes(db) == {"q": 4}


def test_a_worker_that_is_closed_gives_back_what_it_has_and_the_next_goes_on(db, fakes, working):
    entered, leave = threading.Event(), threading.Event()

    def load(options):
        entered.set()
        leave.wait(20)
        return fakes.rows["fake-a"].load(options)

    filled(db)
    jobs.ask(db, "q", ["fake-slow@4"])
    one = working(db, Registry([Row("fake-slow", "Slow", "soft", (4,), 4, load=load, window=24)]))
    assert entered.wait(20)
    threading.Timer(0.2, leave.set).start()
    one.close(20)
    assert states(db) == {"waiting": 6}
    working(db, Registry([Row("fake-slow", "Slow", "soft", (4,), 4, load=load, window=24)]))
    until(lambda: states(db) == {"done": 6})
    assert queues.sizes(db) == {"q": 6}


def test_what_a_worker_could_not_store_is_free_again(small, fakes, working, monkeypatch):
    keep, fail, away = jobs.keep, jobs.fail, [True, True]

    def down(then):
        def tried(*args):
            if away:
                away.pop()
                raise StoreError("the database could not be read: it is away")
            return then(*args)

        return tried

    monkeypatch.setattr(jobs, "keep", down(keep))
    monkeypatch.setattr(jobs, "fail", down(fail))
    monkeypatch.setattr(worker, "IDLE", 0.1)
    filled(small, TEXTS[:1])
    jobs.ask(small, "q", ["fake-a@4"])
    working(small)
    until(lambda: states(small) == {"done": 1})
    assert not away and queues.sizes(small) == {"q": 1}


def test_stop_reaches_a_worker_in_the_middle_of_a_text(db, fakes, working):
    gate = threading.Event()
    filled(db)
    jobs.ask(db, "q", ["fake-a@4"])
    working(db, give_way=lambda: gate.wait(10))  # as if somebody kept on comparing
    until(lambda: states(db).get("working") == 1)
    jobs.stop(db, "q")
    time.sleep(worker.LOOK)
    gate.set()
    time.sleep(0.3)
    assert states(db) == {"stopped": 6} and queues.sizes(db) == {}


def test_killed_programs_lose_nothing_and_do_nothing_twice(db, where):
    """Two processes work on one database and are killed again and again; each job makes its item once."""
    filled(db, [f"Text {number}." for number in range(30)])
    jobs.ask(db, "q", ["a@4", "b@4"])
    running: list = []
    for kill in range(6):
        while len(running) < 2:
            running.append(context.Process(target=worked.work, args=(where,), daemon=True))
            running[-1].start()
        time.sleep(0.6)
        running[kill % 2].kill()
        running.pop(kill % 2).join()
    last = context.Process(target=worked.work, args=(where,), daemon=True)
    last.start()
    until(lambda: states(db) == {"done": 60}, 60)
    for process in (*running, last):
        process.kill()
        process.join()
    assert queues.sizes(db) == {"q": 60}
    with db.read() as connection:
        names = [store.get_item(connection, item).compressor for item in queues.items_of(connection, "q")]
    assert names.count("a@4") == names.count("b@4") == 30
