"""The engine end to end on fakes: events, windows, cache, stopping, failures, hostile text, JSON both ways."""

import itertools
import re
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inspector.compare import CACHE, Builder, InputError, compare, stream, validate
from inspector.engine import WindowCache
from inspector.inspection import Comparison
from models.compressor import Row
from models.registry import Registry, UnknownCompressor
from tests.conftest import WINDOW, fake_rows, tiny_decoder, tiny_soft

TEXT = "Marta hit the post with her bicycle, and Jonas, who saw it, laughed until the dog bit him. It was 3 May 1994."
HOSTILE = [
    "x",
    "\x00",
    "<img src=x onerror=alert(1)>",
    "${alert(1)} `back` C:\\u12",
    "안녕하세요 세계",
    "שלום עולם",
    "👩‍👩‍👧 🜚",
    "\u202eabc",
    "a\n\n\tb  ",
]


@pytest.fixture(autouse=True)
def empty_cache():
    CACHE.clear()


def test_events_come_in_the_order_a_reader_wants(fakes):
    fields = [e.field for e in stream(TEXT, ["fake-a@4"], registry=fakes)]
    first = {name: fields.index(name) for name in ("memory", "spectrum", "trace", "reconstruction", "scores", "notes", "seconds")}
    assert list(first) == sorted(first, key=first.get)


def test_a_comparison_survives_json(fakes):
    made = compare(TEXT, ["fake-a@4", "fake-b@16", "fake-words@2"], registry=fakes)
    assert Comparison.from_json(made.to_json()) == made
    assert [i.compressor for i in made.inspections] == ["fake-a@4", "fake-b@16", "fake-words@2"]


def test_what_a_kind_lacks_is_null_with_a_reason(fakes):
    for inspection in compare(TEXT, ["fake-a@4", "fake-words@2"], registry=fakes).inspections:
        for name in ("spectrum", "trace", "reconstruction", "divergences"):
            assert (getattr(inspection, name) is None) == (name in inspection.notes), name
        for name, value in inspection.scores.model_dump().items():
            assert value is not None or name in inspection.notes, name


def test_what_brings_no_text_back_is_not_scored_as_if_it_had_brought_an_empty_one():
    (row,) = (r for r in fake_rows() if r.name == "fake-a")
    mute = Registry([replace(row, name="mute", reconstructs=False)])
    (inspection,) = compare(TEXT, ["mute@4"], registry=mute).inspections
    assert set(inspection.scores.model_dump().values()) == {None}
    assert "mute cannot bring a text back" in inspection.notes["scores"]
    assert inspection.reconstruction is None and inspection.trace is not None and inspection.spectrum is not None


def test_windows_cover_the_text_and_the_short_last_one_works(fakes):
    inspection = compare(TEXT * 3, ["fake-a@16"], registry=fakes).inspections[0]
    windows = inspection.memory.windows
    assert len(windows) > 2 and windows[0].start == 0 and windows[-1].end == len(TEXT * 3)
    assert all(a.end == b.start for a, b in itertools.pairwise(windows))
    assert inspection.memory.vectors == sum(w.vectors for w in windows) == inspection.spectrum.rows
    tokens = len(inspection.trace.tokens)
    assert tokens % WINDOW and inspection.ratio == pytest.approx(tokens / inspection.memory.vectors)


def test_trace_tokens_are_the_source(fakes):
    trace = compare(TEXT, ["fake-a@4"], registry=fakes, max_top=3).inspections[0].trace
    assert "".join(TEXT[t.start : t.end] for t in trace.tokens) == TEXT
    assert all(len(t.alternatives) == 3 == len(t.prior_alternatives) and t.rank >= 1 and t.entropy >= 0 for t in trace.tokens)
    assert trace.mean_entropy == pytest.approx(sum(t.entropy for t in trace.tokens) / len(trace.tokens))


def test_several_compressors_at_once_give_what_each_gives_alone(fakes):
    together = compare(TEXT * 2, ["fake-a@4", "fake-b@4", "fake-a@16"], registry=fakes)
    for inspection in together.inspections:
        CACHE.clear()
        alone = compare(TEXT * 2, [inspection.compressor], registry=fakes).inspections[0]
        assert alone.reconstruction == inspection.reconstruction
        assert alone.spectrum == inspection.spectrum
        assert alone.trace.mean_entropy == pytest.approx(inspection.trace.mean_entropy, abs=1e-3)


def test_a_text_that_grows_costs_only_its_last_window(fakes, monkeypatch):
    soft = fakes.load(fakes.resolve("fake-a@4"))
    asked = []
    original = soft.compress
    monkeypatch.setattr(
        soft, "compress", lambda source, windows, ratio: asked.append(len(windows)) or original(source, windows, ratio)
    )
    first = compare(TEXT * 2, ["fake-a@4"], registry=fakes).inspections[0]
    again = compare(TEXT * 2, ["fake-a@4"], registry=fakes).inspections[0]
    grown = compare(TEXT * 2 + " And then it rained.", ["fake-a@4"], registry=fakes).inspections[0]
    assert again.reconstruction == first.reconstruction and again.trace == first.trace
    assert asked[0] == len(first.memory.windows) and 1 <= sum(asked[1:]) <= 2
    assert grown.memory.windows[0] == first.memory.windows[0]


def test_truncation_keeps_the_strongest_directions(fakes):
    whole = compare(TEXT * 2, ["fake-a@4"], registry=fakes).inspections[0].spectrum
    cut = compare(TEXT * 2, ["fake-a@4"], registry=fakes, truncate="3").inspections[0].spectrum
    assert cut.untruncated == pytest.approx(whole.singular_values)
    assert cut.singular_values[:3] == pytest.approx(whole.singular_values[:3], rel=1e-3)
    assert max(cut.singular_values[3:]) < 1e-3 * cut.singular_values[0]
    assert cut.effective_rank < whole.effective_rank


def test_going_back_on_a_truncation_computes_nothing(fakes, monkeypatch):
    soft, counts = fakes.load(fakes.resolve("fake-a@4")), {"compress": 0, "begin": 0, "score": 0}

    def counted(owner, name):
        original = getattr(owner, name)

        def call(*args):
            counts[name] += 1
            return original(*args)

        monkeypatch.setattr(owner, name, call)

    counted(soft, "compress")
    counted(soft.decoder, "begin")
    counted(soft.decoder, "score")
    whole = compare(TEXT * 2, ["fake-a@4"], registry=fakes).inspections[0]
    three = compare(TEXT * 2, ["fake-a@4"], registry=fakes, truncate="3").inspections[0]
    assert counts["compress"] == 1 and three.trace.mean_entropy != whole.trace.mean_entropy
    before = dict(counts)
    for truncate, first in (("3", three), (None, whole), ("100%", whole), ("999", whole)):
        again = compare(TEXT * 2, ["fake-a@4"], registry=fakes, truncate=truncate).inspections[0]
        assert (again.reconstruction, again.trace) == (first.reconstruction, first.trace)
    assert counts["score"] - before["score"] <= 4  # only the ledger's own questions; no trace
    assert (counts["compress"], counts["begin"]) == (before["compress"], before["begin"])


def test_a_truncated_window_is_found_by_the_whole_text(fakes):
    tail = " And then it rained on the boats in the harbour of Oslo."
    short, long = (
        compare(text, ["fake-a@4"], registry=fakes, truncate="2").inspections[0] for text in (TEXT * 2, TEXT * 2 + tail)
    )
    CACHE.clear()
    alone = compare(TEXT * 2 + tail, ["fake-a@4"], registry=fakes, truncate="2").inspections[0]
    assert long.trace.tokens[0].entropy == pytest.approx(alone.trace.tokens[0].entropy, abs=1e-4)
    assert long.trace.tokens[0].entropy != pytest.approx(short.trace.tokens[0].entropy, abs=1e-6)


def test_kept_words_are_not_truncated_and_say_so(fakes):
    cut, plain = (compare(TEXT, ["fake-words@2"], registry=fakes, truncate=t).inspections[0] for t in ("2", None))
    assert cut.reconstruction == plain.reconstruction and "no vectors" in cut.notes["truncation"]
    assert "truncation" not in plain.notes


@pytest.mark.parametrize("truncate", ["0", "-1", "x", "0%", "101%", "1.5", ""])
def test_a_wrong_truncation_is_one_sentence(fakes, truncate):
    if truncate == "":
        assert compare(TEXT, ["fake-a@4"], registry=fakes, truncate=truncate).inspections[0].spectrum.untruncated is None
        return
    with pytest.raises(ValueError, match="truncat"):
        compare(TEXT, ["fake-a@4"], registry=fakes, truncate=truncate)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_gives_a_result(fakes, text):
    if not text.strip():
        pytest.fail("a case must hold something")
    made = compare(text, ["fake-a@4", "fake-words@2"], registry=fakes)
    assert made.source.text == text and len(made.inspections) == 2
    assert Comparison.from_json(made.to_json()) == made


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=60).filter(str.strip))
def test_any_unicode_text_gives_a_result(fakes, text):
    inspection = compare(text, ["fake-a@16"], registry=fakes).inspections[0]
    assert inspection.memory.windows[-1].end == len(text)


@pytest.mark.parametrize("text", ["", " ", "\n\t \u2003"])
def test_an_empty_text_is_one_sentence(fakes, text):
    with pytest.raises(InputError, match=r"^The text is empty; give at least one word\.$"):
        next(stream(text, ["fake-a"], registry=fakes))


def test_a_lone_surrogate_is_named_with_its_place():
    with pytest.raises(InputError, match="character 3"):
        validate("ab\ud800c")


@pytest.mark.parametrize("text", ["word " * 5000, "x" * 1_000_000])
def test_a_text_over_the_bound_is_refused_with_both_numbers(text):
    with pytest.raises(InputError, match="4,000"):
        validate(text, 4_000)


def test_no_bound_where_none_is_asked():
    validate("word " * 5000)


def test_unknown_addresses_list_what_is_known(fakes):
    with pytest.raises(UnknownCompressor, match="fake-a, fake-b, fake-words"):
        next(stream(TEXT, ["pocket-xxl"], registry=fakes))
    with pytest.raises(InputError, match="at least one"):
        next(stream(TEXT, [], registry=fakes))


def test_stopping_ends_every_column(fakes):
    builder, asked = Builder(TEXT * 4, ["fake-a@4", "fake-b@4"]), [0]

    def stop():
        asked[0] += 1
        return asked[0] > 8

    for event in stream(TEXT * 4, ["fake-a@4", "fake-b@4"], registry=fakes, stop=stop):
        builder.apply(event)
    assert [c["status"] for c in builder.columns] == ["stopped", "stopped"]
    assert builder.comparison().inspections == ()
    again = compare(TEXT * 4, ["fake-a@4"], registry=fakes)  # nothing half done is kept
    assert len(again.inspections) == 1


def broken_registry():
    def load(_):
        raise OSError("the disk went away\nwith a long story")

    rows = [*fake_rows(), Row("fake-broken", "Broken", "soft", (4,), 4, window=WINDOW, load=load)]
    return Registry(rows)


def test_one_that_fails_leaves_the_others_alone():
    builder = Builder(TEXT, ["fake-broken", "fake-a", "fake-absent"])
    for event in stream(TEXT, ["fake-broken", "fake-a", "fake-absent"], registry=broken_registry()):
        builder.apply(event)
    assert [c["status"] for c in builder.columns] == ["error", "done", "error"]
    assert builder.columns[0]["error"] == "the disk went away"
    assert "weights are missing" in builder.columns[2]["error"]
    assert [i.compressor for i in builder.comparison().inspections] == ["fake-a@4"]


def test_compare_raises_what_a_column_would_show():
    with pytest.raises(RuntimeError, match="fake-broken: the disk went away"):
        compare(TEXT, ["fake-broken"], registry=broken_registry())


def test_decoding_stops_at_an_end_token_where_memory_says_so(fakes):
    soft = fakes.load(fakes.resolve("fake-b@4"))
    memory = soft.compress(soft.source(TEXT), [(0, WINDOW)], 4)[0]
    from inspector.engine import Job, reconstruct

    free = Job(0, soft, (), [], None, replace(memory, stops_by_length=True))
    list(reconstruct(soft.decoder, [free], lambda: False))
    end = free.tokens[5]

    class Ending:
        end_ids = frozenset({end})
        begin, step = soft.decoder.begin, soft.decoder.step

    stopping = Job(0, soft, (), [], None, replace(memory, stops_by_length=False))
    list(reconstruct(Ending(), [stopping], lambda: False))
    assert stopping.tokens == free.tokens[: free.tokens.index(end)] and stopping.done


@pytest.mark.parametrize("step", ["load", "compress", "decode"])
@pytest.mark.parametrize("kind", ["torch", "python"])
def test_out_of_memory_is_a_sentence_that_says_what_to_do(step, kind, monkeypatch):
    import torch

    emptied = []
    monkeypatch.setattr("inspector.compare.empty", lambda: emptied.append(step))
    monkeypatch.setattr("inspector.compare.CACHE", WindowCache())

    def run_out(*_, **__):
        raise (
            torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB\nand more") if kind == "torch" else MemoryError()
        )

    def load(options):
        if step == "load":
            run_out()
        made = tiny_soft(tiny_decoder(9), 9)
        if step == "compress":
            made.compress = run_out
        else:
            made.decoder.begin = run_out
        return made

    table = Registry([*fake_rows(), Row("fake-large", "Large", "soft", (4,), 4, window=WINDOW, load=load)])
    builder = Builder(TEXT, ["fake-large", "fake-a"])
    for event in stream(TEXT, ["fake-large", "fake-a"], registry=table):
        builder.apply(event)
    assert [c["status"] for c in builder.columns] == ["error", "done"] and emptied == [step]
    said = builder.columns[0]["error"]
    assert re.match(r"fake-large@4 ran out of memory on cpu, [\d,.]+ [MG]B are free now: take a shorter text", said)
    assert "INSPECTOR_HUB=bits=4" in said and "\n" not in said
