"""`inspect`: every field of the contract, every way to get it wrong."""

import json
import math
from dataclasses import replace

import pytest

import models.registry
from inspector.inspection import VERSION, Comparison
from inspector.measures.bertscore import BertScore
from models.registry import Registry

TEXT = "Marta hit the post with her bicycle, and Jonas laughed until the dog bit him. It was 3 May 1994."
INSPECTION = [
    *("compressor", "ratio", "ratio_requested", "characters_per_vector", "bits", "memory", "reconstruction"),
    *("scores", "spectrum", "trace", "divergences", "language", "pipeline", "entities", "retention", "notes", "seconds"),
]
SCORES = ["bleu", "chrf", "rouge_1", "rouge_2", "rouge_l", "exact_prefix", "token_accuracy", "edit_similarity", "bertscore"]
TOKEN = ["text", "start", "end", "entropy", "surprisal", "rank", "prior_entropy", "prior_surprisal", "alternatives"]


def without_seconds(comparison):
    return [{k: v for k, v in i.items() if k != "seconds"} for i in comparison["inspections"]]


def test_a_comparison_has_the_contracts_fields_in_its_order(run):
    ran = run("inspect", "--compressor", "fake-a@4", "fake-b", "--json", stdin=TEXT)
    made = ran.json()
    assert (ran.code, ran.err, ran.out.count("\n")) == (0, "", 1)
    assert list(made) == ["version", "source", "inspections"]
    assert made["version"] == VERSION and made["source"] == {"text": TEXT}
    assert [i["compressor"] for i in made["inspections"]] == ["fake-a@4", "fake-b@4"]
    for inspection in made["inspections"]:
        assert list(inspection) == INSPECTION
        assert list(inspection["bits"]) == ["text", "memory"] and inspection["bits"]["text"] == 8 * len(TEXT)
        memory = inspection["memory"]
        assert list(memory)[:3] == ["vectors", "width", "windows"] and memory["width"] == 64
        assert [list(w) for w in memory["windows"]] == [["start", "end", "vectors"]] * len(memory["windows"])
        assert sum(w["vectors"] for w in memory["windows"]) == memory["vectors"]
        assert inspection["characters_per_vector"] == pytest.approx(len(TEXT) / memory["vectors"])
        assert isinstance(inspection["reconstruction"]["text"], str)
        assert list(inspection["scores"]) == SCORES
        spectrum = inspection["spectrum"]
        assert list(spectrum) == ["singular_values", "effective_rank", "rows", "untruncated"]
        assert spectrum["singular_values"] == sorted(spectrum["singular_values"], reverse=True)
        assert spectrum["rows"] == memory["vectors"] and spectrum["untruncated"] is None
        tokens = inspection["trace"]["tokens"]
        assert list(inspection["trace"]) == ["mean_entropy", "tokens"]
        assert all(list(token)[: len(TOKEN)] == TOKEN for token in tokens)
        assert all([list(a) for a in token["alternatives"]] == [["text", "probability"]] * 5 for token in tokens)
        assert "".join(TEXT[t["start"] : t["end"]] for t in tokens) == TEXT
        assert inspection["ratio"] == pytest.approx(len(tokens) / memory["vectors"])
        assert inspection["scores"]["bertscore"] is None and "bertscore" in inspection["notes"]
        assert all(seconds >= 0 for seconds in inspection["seconds"].values())


def test_output_is_a_comparison_again(run):
    ran = run("inspect", "--compressor", "fake-a", "fake-words+digits@2", "--json", stdin=TEXT)
    assert [i.compressor for i in Comparison.from_json(ran.out).inspections] == ["fake-a@4", "fake-words+digits@2"]


def test_what_kept_words_lack_is_null_with_a_note(run):
    inspection = run("inspect", "--compressor", "fake-words", "--json", stdin=TEXT).json()["inspections"][0]
    for field in ("spectrum", "trace"):
        assert inspection[field] is None and inspection["notes"][field].endswith(".")
    assert inspection["reconstruction"]["text"]


def test_compressors_may_be_named_by_one_option_or_several(run):
    together = run("inspect", "--compressor", "fake-a", "fake-b", "--json", stdin=TEXT).json()
    one_by_one = run("inspect", "--compressor", "fake-a", "--compressor", "fake-b", "--json", stdin=TEXT).json()
    assert without_seconds(together) == without_seconds(one_by_one)


def test_ratio_stands_in_where_an_address_names_none(run):
    made = run("inspect", "--compressor", "fake-a", "fake-b@4", "--ratio", "16", "--json", stdin=TEXT).json()
    assert [(i["compressor"], i["ratio_requested"]) for i in made["inspections"]] == [("fake-a@16", 16), ("fake-b@4", 4)]


@pytest.mark.parametrize("truncation", ["2", "60%"])
def test_truncation_shows_in_the_spectrum(run, truncation):
    spectrum = run("inspect", "--compressor", "fake-a", "--truncate", truncation, "--json", stdin=TEXT).json()["inspections"][0][
        "spectrum"
    ]
    kept = [v for v in spectrum["singular_values"] if v > 1e-6 * spectrum["singular_values"][0]]
    assert len(spectrum["untruncated"]) == len(spectrum["singular_values"]) > len(kept)
    assert kept == pytest.approx(spectrum["untruncated"][: len(kept)], rel=1e-4)
    if truncation == "2":
        assert len(kept) == 2


@pytest.mark.parametrize("top", [0, 1, 9])
def test_max_top_bounds_the_alternatives(run, top):
    trace = run("inspect", "--compressor", "fake-a", "--max-top", str(top), "--json", stdin=TEXT).json()["inspections"][0][
        "trace"
    ]
    assert {len(token["alternatives"]) for token in trace["tokens"]} == {top}


@pytest.mark.parametrize(
    "text",
    ["x", "a\x00b", "<b>&amp;${alert(1)}`\\", "안녕하세요 세계", "שלום עולם", "👩‍👩‍👧 🜚 é", "line\r\nline\n", "  both ends \n"],
)
def test_any_text_comes_back_as_it_was_given(run, text):
    made = run("inspect", "--compressor", "fake-a", "--json", stdin=text).json()
    assert made["source"]["text"] == text
    assert all(0 <= t["start"] <= t["end"] <= len(text) for t in made["inspections"][0]["trace"]["tokens"])


def test_a_byte_order_mark_is_no_part_of_the_text(run):
    assert run("inspect", "--compressor", "fake-a", "--json", stdin=b"\xef\xbb\xbfhello").json()["source"]["text"] == "hello"


@pytest.mark.parametrize(
    ("stdin", "words"),
    [
        (b"", "empty"),
        (b" \n\t", "empty"),
        (b"ab\xff", "standard input is not UTF-8: byte 3 is 0xff"),
        ("\ud800".encode("utf-8", "surrogatepass"), "standard input is not UTF-8: byte 1 is 0xed"),
    ],
)
def test_an_unusable_text_is_one_line(run, stdin, words):
    assert words in run("inspect", "--compressor", "fake-a", "--json", stdin=stdin).complaint


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--compressor", "nope"], "unknown compressor 'nope'; known: fake-a, fake-b, fake-words, fake-absent"),
        (["--compressor", "fake-a@5"], "fake-a has no ratio 5; known: 4, 16"),
        (["--compressor", "fake-a", "--ratio", "5"], "fake-a has no ratio 5; known: 4, 16"),
        (["--compressor", "fake-a+digits"], "no option 'digits'"),
        (["--compressor", "fake-a@"], "unknown compressor 'fake-a@'"),
        (["--compressor", ""], "unknown compressor ''"),
        (["--compressor", "fake-absent"], "fake-absent is not ready: its weights are missing"),
        ([], "--compressor"),
        (["--compressor"], "expected at least one argument"),
        (["--compressor", "fake-a", "--ratio", "0"], "whole number from 1"),
        (["--compressor", "fake-a", "--ratio", "4.5"], "whole number from 1"),
        (["--compressor", "fake-a", "--max-top", "-1"], "--max-top"),
        (["--compressor", "fake-a", "--max-top", "1000"], "from 0 to 100"),
        (["--compressor", "fake-a", "--truncate", "abc"], "abc"),
        (["--compressor", "fake-a", "--truncate", "0"], "0"),
        (["--compressor", "fake-a", "--truncate", "101%"], "101%"),
        (["--compressor", "fake-a", "--limit", "3"], "limit"),
        (["--compressor", "fake-a", "--texts", "no-such-file.jsonl"], "cannot read no-such-file.jsonl: No such file"),
        (["--compressor", "fake-a", "--nonsense"], "--nonsense"),
    ],
)
def test_an_unusable_argument_is_one_line(run, args, words):
    assert words in run("inspect", *args, "--json", stdin=TEXT).complaint


def test_a_compressor_that_fails_is_one_line(run, fakes, monkeypatch):
    def broken(options):
        raise OSError("the disk\nis on fire")

    row = replace(fakes.rows["fake-a"], name="broken", load=broken)
    monkeypatch.setattr(models.registry, "registry", lambda: Registry([row]))
    ran = run("inspect", "--compressor", "broken", "--json", stdin=TEXT)
    assert (ran.code, ran.out, ran.err) == (1, "", "inspect: broken: the disk\n")


def test_texts_gives_a_line_for_a_line(run, tmp_path):
    rows = [
        b"\xef\xbb\xbf" + json.dumps({"text": TEXT, "id": 1}).encode(),
        b'{"text": "\\ud800"}',
        b"not json",
        b"",
        b'["text"]',
        b'{"text": 5}',
        b'{"text": "a\xff"}',
        b'{"text": " "}',
        b"[" * 100_000,
        '{"text": "안녕 세계"}'.encode(),
    ]
    file = tmp_path / "texts.jsonl"
    file.write_bytes(b"\n".join(rows) + b"\n")
    ran = run("inspect", "--compressor", "fake-a", "fake-words", "--texts", str(file), "--json", stdin="ignored")
    lines = ran.lines()
    assert (ran.code, ran.err, len(lines)) == (0, "", len(rows))
    assert [i for i, line in enumerate(lines, 1) if "error" not in line] == [1, 10]
    assert lines[0]["source"]["text"] == TEXT and lines[9]["source"]["text"] == "안녕 세계"
    for number, words in {
        2: "surrogate",
        3: "not JSON",
        4: "empty",
        5: '"text"',
        6: '"text"',
        7: "UTF-8",
        8: "empty",
        9: "JSON",
    }.items():
        assert list(lines[number - 1]) == ["error"]
        assert lines[number - 1]["error"].startswith(f"line {number}: ") and words in lines[number - 1]["error"]


def test_texts_loads_a_model_once(run, tmp_path, fakes, monkeypatch):
    loads = []
    row = fakes.rows["fake-a"]
    counted = replace(row, load=lambda options: loads.append(1) or row.load(options))
    table = Registry([counted])
    monkeypatch.setattr(models.registry, "registry", lambda: table)
    file = tmp_path / "texts.jsonl"
    file.write_text('{"text": "one"}\n{"text": "two"}\n{"text": "three"}')
    ran = run("inspect", "--compressor", "fake-a", "fake-a@16", "--texts", str(file))
    assert [line["source"]["text"] for line in ran.lines()] == ["one", "two", "three"]
    assert loads == [1]


def test_what_people_read_holds_the_measures_and_marks_the_differences(run):
    made = run("inspect", "--compressor", "fake-a", "fake-words", "--json", stdin=TEXT).json()["inspections"]
    ran = run("inspect", "--compressor", "fake-a", "fake-words", stdin=TEXT)
    heads, soft, words = ran.out.splitlines()[:3]
    assert heads.split()[:5] == ["compressor", "ratio", "memory", "bits", "BLEU"] and "erank" in heads
    assert soft.startswith("fake-a@4") and f"{made[0]['memory']['vectors']}×64" in soft
    assert f"{made[0]['trace']['mean_entropy'] / math.log(2):.2f}" in soft  # bits on screen, nats in JSON
    assert words.startswith("fake-words@2") and "–" in words
    assert "[-" in ran.out and "-]" in ran.out
    assert "\x1b" not in ran.out  # colour is for terminals


def test_a_text_cannot_drive_the_terminal(run):
    ran = run("inspect", "--compressor", "fake-words", stdin="red \x1b[31m and \u202edrawkcab, \x07 1, 2, 3")
    assert ran.code == 0 and not {"\x1b", "\u202e", "\x07"} & set(ran.out)


def test_bertscore_fills_its_field(run, monkeypatch):
    """The model itself is tested in tests/measures/test_bertscore.py."""
    monkeypatch.setattr(BertScore, "__init__", lambda self, name: None)
    monkeypatch.setattr(BertScore, "f1", lambda self, source, reconstruction: 87.5 if source == TEXT else 0.0)
    for inspection in run(
        "inspect", "--compressor", "fake-a", "fake-words", "--bertscore", "some/model", "--json", stdin=TEXT
    ).json()["inspections"]:
        assert inspection["scores"]["bertscore"] == 87.5
        assert "bertscore" not in inspection["notes"]


def test_a_bertscore_model_that_is_not_there_is_one_line(run, tmp_path):
    ran = run("inspect", "--compressor", "fake-a", "--bertscore", str(tmp_path), "--json", stdin=TEXT)
    assert "cannot load the BERTScore model" in ran.complaint
