"""The benchmark: both sides say the same, texts have the length asked for, ratios are printed."""

from argparse import Namespace

import pytest

from inspector import benchmark


def test_it_prints_a_line_for_each_case_and_both_sides_agree(fakes, monkeypatch, capsys):
    monkeypatch.setattr(benchmark, "COUNTS", (1, 2))
    monkeypatch.setattr(benchmark, "TOKENS", (32, 60))
    assert benchmark.main(Namespace(compressor=["fake-a@4", "fake-b@16"], repeat=1), fakes) == 0
    out, err = capsys.readouterr()
    cells = [line.split("|")[1:-1] for line in out.splitlines() if line.startswith("| ") and line[2].isdigit()]
    assert [(int(c[0]), int(c[1])) for c in cells] == [(1, 32), (1, 60), (2, 32), (2, 60)]
    assert all(float(c[5]) > 0 for c in cells) and "the same on both sides" in err


def test_a_side_that_says_something_else_is_not_hidden(fakes, monkeypatch, capsys):
    monkeypatch.setattr(benchmark, "COUNTS", (1,))
    monkeypatch.setattr(benchmark, "TOKENS", (32,))
    monkeypatch.setattr(benchmark, "llama", lambda compressor: lambda memory, ids: [0] * len(ids))
    assert benchmark.main(Namespace(compressor=["fake-a@4"], repeat=1), fakes) == 1
    assert "DIFFER" in capsys.readouterr().err


@pytest.mark.parametrize("tokens", [1, 32, 200])
def test_texts_have_exactly_the_tokens_asked_for(fakes, tokens):
    compressor = fakes.load(fakes.resolve("fake-a"))
    assert len(compressor.source(benchmark.text_of(tokens, compressor)).ids) == tokens


def test_a_decoder_that_is_no_llama_is_refused_in_one_sentence():
    from models.registry import registry

    table = registry()
    with pytest.raises(ValueError, match="name compressors such as superposition-s@16"):
        benchmark.llama(table.load(table.resolve("pocket-xs@4")))
