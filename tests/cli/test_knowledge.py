"""`python -m inspector knowledge`, as scripts call it."""

from __future__ import annotations

import json

import pytest

TEXT = "Anna met Ben by the mill, and Ben gave Anna 12 pears."
ASKED = ("--answer", "Ben", "--other", "Carl", "--question", "Whom did Anna meet?")


def test_bars_and_verdicts_to_read(run):
    made = run("knowledge", "--compressor", "fake-a@4", "fake-words", *ASKED, stdin=TEXT)
    assert (made.code, made.err) == (0, "")
    assert made.out.startswith("fake-a@4\n") and "\nfake-words@2\n" in made.out
    assert {"given memory", "given nothing", "given another text's memory"} <= {
        line[4:31].strip() for line in made.out.split("\n")
    }
    assert "nats" in made.out and "█" in made.out and "answers no questions, because" in made.out


def test_json_has_everything_and_nothing_for_the_terminal(run):
    made = run("knowledge", "--compressor", "fake-a", "--ratio", "16", *ASKED, "--json", stdin=TEXT).json()
    assert (made["version"], made["answers"], made["others"], made["source"]) == (1, ["Ben"], ["Carl"], {"text": TEXT})
    [reading] = made["readings"]
    assert (reading["compressor"], [a["way"] for a in reading["asked"]]) == (
        "fake-a@16",
        ["reconstruction", "likelihood", "answer"],
    )
    weighed = reading["asked"][1]
    assert weighed["kind"] == "place" and None not in (weighed["memory"], weighed["prior"], weighed["control"])
    assert "\x1b" not in run("knowledge", "--compressor", "fake-a", "--answer", "Be\x1bn", stdin="Be\x1bn came.").out


def test_many_texts_with_lines_that_cannot_be_used(run, tmp_path):
    file = tmp_path / "texts.jsonl"
    rows = [
        {"id": "one", "text": TEXT, "answer": ["Ben", "Benjamin"], "other": "Carl", "question": "Whom?"},
        {"text": TEXT},
        {"text": "<b>안나</b> ${x} 🙂", "answer": "안나", "other": "벤"},
        {"text": TEXT, "answer": "the Ben", "other": "ben"},
        [TEXT],
    ]
    file.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\nno json\n", encoding="utf-8")
    made = run("knowledge", "--compressor", "fake-a", "fake-words@4", "--texts", str(file)).lines()
    assert [row.get("id") for row in made] == ["one", None, "3", None, None, None]
    assert [row["compressor"] for row in made[2]["readings"]] == ["fake-a@4", "fake-words@4"]
    said = [row["error"] for row in made if "error" in row]
    assert [error.split(":")[0] for error in said] == ["line 2", "line 4", "line 5", "line 6"]
    assert "No answer" in said[0] and "same words" in said[1]


@pytest.mark.parametrize(
    ("args", "text", "said"),
    [
        (("--answer", "Ben", "--other", "the ben"), TEXT, "the same words"),
        (("--answer", " "), TEXT, "No answer is given"),
        (("--answer", "the"), TEXT, "no word in it"),
        (("--other", "Carl"), TEXT, "--answer is needed"),
        (("--answer", "Ben"), " \n", "The text is empty"),
        (("--texts", "x.jsonl", "--answer", "Ben"), "", "stand in the lines of --texts"),
        (("--texts", "nowhere.jsonl"), "", "cannot read nowhere.jsonl"),
    ],
)
def test_what_cannot_be_asked_is_one_line(run, args, text, said):
    assert said in run("knowledge", "--compressor", "fake-a", *args, stdin=text).complaint


def test_a_reader_that_is_not_there_is_named(run, tmp_path):
    made = run("knowledge", "--compressor", "fake-a", *ASKED, "--reader", str(tmp_path), stdin=TEXT)
    assert made.code == 1 and made.out == "" and "no config.json" in made.err
