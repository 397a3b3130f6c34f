"""The same study on a real local Ray cluster, with a worker killed on the way: the same table."""

import os
import signal

import pytest

from inspector.studies.cluster import ClusterError, RayEngine
from tests.studies import made

pytestmark = pytest.mark.slow


class Killing(RayEngine):
    """Kills the first worker as soon as it has handed in a unit."""

    killed = None

    def run(self, units):
        for unit, rows in super().run(units):
            yield unit, rows
            if self.killed is None:
                self.killed = self.pids[0]
                os.kill(self.killed, signal.SIGKILL)


@pytest.fixture
def ray():
    found = pytest.importorskip("ray", reason="ray is not installed: pip install -e '.[cluster]'")
    yield found
    found.shutdown()


def test_a_worker_is_killed_and_the_table_is_the_same(ray, tmp_path):
    engine = Killing(made.table(), made.table, 2)
    try:
        outcome = made.run(tmp_path, engine, batch=1)
        assert engine.deaths >= 1 and len(set(engine.pids)) >= 2
        assert (outcome.made, outcome.failed) == (40, 0)
        assert not [actor for actor in engine.actors if actor.units]
        assert len(engine.actors) <= 2
    finally:
        engine.close()
    assert not ray.is_initialized()
    alone = tmp_path / "alone"
    made.run(alone, batch=1)
    assert made.rows(tmp_path).equals(made.rows(alone))


def test_what_kills_every_worker_becomes_rows_that_say_so(ray, tmp_path):
    engine = RayEngine(made.table(), made.table, 1, retries=1, worker=made.Dying)
    try:
        outcome = made.run(tmp_path, engine, count=3, batch=1, truncations=(None,))
    finally:
        engine.close()
    from inspector.studies.store import read

    errors = {(row["id"], row["error"]) for row in read(tmp_path).to_pylist()}
    assert outcome.failed == 3 and engine.deaths == 2
    assert errors == {("m0", None), ("m1", "the worker died 2 times on it"), ("m2", None)}


def test_without_ray_one_sentence_says_how_to_have_it(monkeypatch):
    monkeypatch.setattr("inspector.studies.cluster.find_spec", lambda name: None)
    with pytest.raises(ClusterError, match=r"pip install -e '.\[cluster\]'"):
        RayEngine(made.table(), made.table)
