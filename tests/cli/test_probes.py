"""`counterfactual` and `sample`, as scripts call them."""

from __future__ import annotations

import pytest

from inspector.probes.counterfactual import Counterfactual
from inspector.probes.samples import Samples

TEXT = "Anna met Ben by the mill, and Ben gave Anna 12 pears."


def test_counterfactual_as_json(run):
    made = run(
        "counterfactual",
        "--compressor",
        "fake-a",
        "fake-words",
        "--words",
        "Ben",
        "--others",
        "Bob",
        "Carl",
        "--json",
        stdin=TEXT,
    )
    found = Counterfactual.from_json(made.out)
    assert made.code == 0 and (found.words, found.others) == ("Ben", ("Bob", "Carl"))
    assert [r.compressor for r in found.readings] == ["fake-a@4", "fake-a@16", "fake-words@2", "fake-words@4"]
    assert [[c.words for c in o.candidates] for o in found.readings[0].occurrences] == [["Ben", "Bob", "Carl"]] * 2


def test_counterfactual_to_read(run):
    out = run("counterfactual", "--compressor", "fake-a", "--words", "Ben", "--others", "Bo\x1bb", stdin=TEXT).out
    assert "fake-a@16: 'Ben' stands 2×" in out and "Ben (source)" in out and "\x1b" not in out
    assert "Kept words" in run("counterfactual", "--compressor", "fake-words", "--words", "Ben", "--others", "x", stdin=TEXT).out


def test_sample_as_json_is_repeatable(run):
    args = ("sample", "--compressor", "fake-a@4", "--samples", "2", "--seed", "3", "--json")
    made = run(*args, stdin=TEXT)
    found = Samples.from_json(made.out)
    assert (found.compressor, found.seed, found.temperature, len(found.samples)) == ("fake-a@4", 3, 1.0, 2)
    assert run(*args, stdin=TEXT).out == made.out


def test_sample_to_read(run):
    out = run("sample", "--compressor", "fake-a@4", "--samples", "2", stdin=TEXT).out
    assert out.startswith("fake-a@4: 2 samples at temperature 1, seed 0, mean agreement 0.")
    assert "\ngreedy\n" in out and "\nsample 2\n" in out


@pytest.mark.parametrize(
    ("args", "text", "said"),
    [
        (["counterfactual", "--compressor", "fake-a", "--words", "Ben"], TEXT, "--others"),
        (["counterfactual", "--compressor", "fake-a", "--words", "Zoe", "--others", "Bob"], TEXT, "do not stand in the text"),
        (["counterfactual", "--compressor", "no", "--words", "Ben", "--others", "Bob"], TEXT, "known: fake-a"),
        (["counterfactual", "--compressor", "fake-absent", "--words", "Ben", "--others", "Bob"], TEXT, "its weights are missing"),
        (["counterfactual", "--compressor", "fake-a", "--words", "Ben", "--others", "Bob"], "", "The text is empty"),
        (["sample", "--compressor", "fake-words"], TEXT, "nothing to sample"),
        (["sample", "--compressor", "fake-a", "--temperature", "0"], TEXT, "above 0"),
        (["sample", "--compressor", "fake-a", "--samples", "1000"], TEXT, "from 1 to 64"),
        (["sample", "--compressor", "fake-a", "--seed", "-1"], TEXT, "seed"),
        (["sample", "--compressor", "fake-a"], b"caf\xe9", "not UTF-8"),
    ],
)
def test_bad_input_is_one_line_and_code_2(run, args, text, said):
    assert said in run(*args, stdin=text).complaint
