"""Compressors over a queue's texts."""

import pytest

from inspector.annotations import jobs, queues, runs, store
from inspector.annotations.database import StoreError
from inspector.annotations.items import Item, of_comparison
from inspector.compare import compare
from models.compressor import Row
from models.registry import Registry, UnknownCompressor

TEXTS = ["Anna paid Otto 312 euros.\x00", "안녕 🐝 a bee."]


def test_a_queue_is_inspected_once_and_goes_on_where_it_stopped(db, fakes):
    queues.create(db, queues.Queue("q"))
    assert queues.add_texts(db, "q", [*TEXTS, TEXTS[0]]) == 2
    steps = list(runs.inspect(db, "q", ["fake-a@4"], registry=fakes, stop=iter([False, True]).__next__))
    assert [(step.done, step.total) for step in steps] == [(0, 2), (1, 2)]
    assert queues.progress(db, "q")["items"] == 1
    steps = list(runs.inspect(db, "q", ["fake-a@4", "fake-words"], registry=fakes))
    assert (steps[-1].done, steps[-1].total, steps[-1].failed) == (2, 2, ())
    assert [step.total for step in runs.inspect(db, "q", ["fake-a@4", "fake-words@2"], registry=fakes)] == [0]
    with db.read() as connection:
        items = [store.get_item(connection, name) for name in queues.items_of(connection, "q")]
    assert sorted((item.source, item.compressor) for item in items) == sorted(
        (text, name) for text in TEXTS for name in ("fake-a@4", "fake-words@2")
    )
    made = of_comparison(compare(TEXTS[0], ["fake-a@4"], registry=fakes))[0]
    assert made[0] in items
    assert made[0].ratio is not None
    with db.read() as connection:
        assert store.get_suggestions(connection, made[0].id) == made[1]


def test_settings_make_another_item(small, fakes):
    queues.create(small, queues.Queue("q"))
    queues.add_texts(small, "q", TEXTS[:1])
    for truncate in (None, "1"):
        list(runs.inspect(small, "q", ["fake-a@4"], truncate=truncate, registry=fakes))
    assert queues.progress(small, "q")["items"] == 2


def test_one_that_fails_does_not_hold_up_the_others_and_is_tried_again(small, fakes):
    works = []

    def load(options):
        if not works:
            raise RuntimeError("no memory left\nfor it")
        return fakes.rows["fake-a"].load(options)

    rows = [fakes.rows["fake-a"], Row("fake-broken", "Broken", "soft", (4,), 4, load=load, window=24)]
    table = Registry(rows)
    queues.create(small, queues.Queue("q"))
    queues.add_texts(small, "q", TEXTS[1:])
    last = list(runs.inspect(small, "q", ["fake-broken", "fake-a@4"], registry=table))[-1]
    assert len(last.failed) == 1 and last.failed[0].startswith("fake-broken@4: ") and "no memory left" in last.failed[0]
    assert queues.progress(small, "q")["items"] == 1
    assert [compressor for _, compressor, _ in jobs.failures(small, "q")] == ["fake-broken@4"]
    works.append(True)
    assert list(runs.inspect(small, "q", ["fake-broken"], registry=table))[-1].failed == ()
    assert jobs.failures(small, "q") == [] and queues.progress(small, "q")["items"] == 2


def test_what_cannot_be_begun(small, fakes):
    with pytest.raises(StoreError, match="no queue 'q'"):
        list(runs.inspect(small, "q", ["fake-a"], registry=fakes))
    queues.create(small, queues.Queue("q"))
    with pytest.raises(UnknownCompressor):
        list(runs.inspect(small, "q", ["nothing"], registry=fakes))
    with pytest.raises(ValueError, match="lots"):
        list(runs.inspect(small, "q", ["fake-a"], truncate="lots", registry=fakes))


def test_pairs_get_suggestions(small):
    queues.create(small, queues.Queue("q"))
    item = Item(source="He paid 312 euros on Monday.", reconstruction="He paid 213 euros on Monday.")
    name = queues.add_items(small, "q", [(item, None)])[0]
    assert [step.done for step in runs.suggest(small, "q")] == [0, 1]
    with small.read() as connection:
        found = store.get_suggestions(connection, name)
    assert [(d.kind, d.source.text, d.reconstruction.text) for d in found.divergences] == [("number", "312 euros", "213 euros")]
    assert [step.total for step in runs.suggest(small, "q")] == [0]
    assert [step.total for step in runs.suggest(small, "q", again=True)] == [1, 1]
