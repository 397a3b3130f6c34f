"""`truncation`: a table, JSON, means over texts, and every way to get it wrong."""

import json

import pytest

TEXT = "Alice hit Bob with a stick, and the dog bit the man near the river. The farm has 412 cows and 287 sheep."


def table(out: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in out.splitlines() if line.startswith("|")]


def test_one_text_gives_a_row_for_each_step_and_the_whole(run, tmp_path):
    file = tmp_path / "sweep.json"
    ran = run("truncation", "--compressor", "fake-a@4", "fake-b@16", "--directions", "1", "50%", "--json", str(file), stdin=TEXT)
    assert (ran.code, ran.err) == (0, "")
    heads, _, *rows = table(ran.out)
    assert [row[:2] for row in rows] == [[n, k] for n in ("fake-a@4", "fake-b@16") for k in ("1", "50%", "**whole**")]
    made = json.loads(file.read_text(encoding="utf-8"))
    assert made["texts"] == 1 and [c["compressor"] for c in made["compressors"]] == ["fake-a@4", "fake-b@16"]
    for compressor in made["compressors"]:
        last = compressor["points"][-1]
        assert last["directions"] == last["of"] and last["energy"] == pytest.approx(1.0)
        assert compressor["means"][-1]["values"]["bleu"] == {"mean": last["bleu"], "low": None, "high": None, "texts": 1}
    assert rows[2][heads.index("BLEU")] == f"{made['compressors'][0]['points'][-1]['bleu']:.1f}"
    assert "Exchanged pairs" in ran.out


def test_many_texts_give_means_with_intervals(run, tmp_path):
    file = tmp_path / "texts.jsonl"
    file.write_text("".join(json.dumps({"text": f"{TEXT} It was {n}."}) + "\n" for n in (3, 4, 5)), encoding="utf-8")
    ran = run("truncation", "--compressor", "fake-a@4", "--directions", "2", "--texts", str(file), "--limit", "2")
    heads, _, two, whole = table(ran.out)
    assert ran.code == 0 and "2 of 2" in ran.err
    assert " to " in two[heads.index("BLEU")] and two[1] == "2" and whole[1] == "**whole**"


@pytest.mark.parametrize(
    ("args", "stdin", "said"),
    [
        (["--compressor", "fake-words"], TEXT, "fake-words keeps no vectors, so there are no directions to truncate."),
        (["--compressor", "fake-absent"], TEXT, "its weights are missing"),
        (["--compressor", "nonsense"], TEXT, "known: fake-a"),
        (["--compressor", "fake-a", "--directions", "0"], TEXT, "cannot keep '0' directions"),
        (["--compressor", "fake-a", "--directions", "101%"], TEXT, "a share of all such as 25%"),
        (["--compressor", "fake-a", "--directions", "x"], TEXT, "cannot keep 'x' directions"),
        (["--compressor", "fake-a", "--limit", "3"], TEXT, "--limit goes with --texts"),
        (["--compressor", "fake-a", "--texts", "/nowhere.jsonl"], "", "cannot read /nowhere.jsonl"),
        (["--compressor", "fake-a"], "", "The text is empty"),
        (["--compressor", "fake-a"], b"\xff", "not UTF-8"),
    ],
)
def test_bad_input_is_one_line(run, args, stdin, said):
    assert said in run("truncation", *args, stdin=stdin).complaint


@pytest.mark.parametrize(
    ("lines", "said"), [("", "holds no texts"), ('{"text": "a"}\n{"no": 1}\n', "line 2"), ('{"text": " "}\n', "is empty")]
)
def test_bad_lines_are_named(run, tmp_path, lines, said):
    file = tmp_path / "texts.jsonl"
    file.write_text(lines, encoding="utf-8")
    assert said in run("truncation", "--compressor", "fake-a", "--texts", str(file)).complaint
