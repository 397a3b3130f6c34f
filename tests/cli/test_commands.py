"""`compressors`, `validate`, `benchmark`, help, and the process around them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import inspector.benchmark
from inspector import cli

ROOT = Path(__file__).parents[2]
ROW = [
    *("name", "title", "kind", "ratios", "default_ratio", "window", "parameters"),
    *("reconstructs", "traces", "answers", "vectors", "live", "optimises", "bundled", "ready", "why_not"),
    *("licence", "download", "memory", "published"),
]


def process(*args: str, stdin: bytes = b"", program=("-m", "inspector")) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([sys.executable, *program, *args], input=stdin, capture_output=True, cwd=ROOT, timeout=300, check=False)


def test_compressors_as_json(run):
    rows = run("compressors", "--json").json()
    assert [list(row) for row in rows] == [ROW] * 4
    assert [row["name"] for row in rows] == ["fake-a", "fake-b", "fake-words", "fake-absent"]
    assert rows[0]["ratios"] == [4, 16] and list(rows[0]["parameters"]) == ["compressor", "embeddings", "decoder"]
    assert [(row["ready"], row["why_not"]) for row in rows[2:]] == [(True, None), (False, "its weights are missing")]


def test_compressors_as_a_table(run):
    lines = run("compressors").out.splitlines()
    assert lines[1].startswith("fake-a") and "(4), 16" in lines[1]
    assert "its weights are missing" in lines[4]


def test_bundled_compressors_are_listed_without_loading_torch():
    code = "import sys; from inspector.cli import main; main(['compressors', '--json']); "
    ran = process(program=("-c", code + "sys.exit('torch' in sys.modules or 'spacy' in sys.modules)"))
    assert ran.returncode == 0, ran.stderr
    for name in (b"superposition-xs", b"superposition-s", b"superposition", b"pruning"):
        assert b'"' + name + b'"' in ran.stdout


@pytest.mark.parametrize("command", [[], ["compressors"], ["inspect"], ["validate"], ["benchmark"]])
def test_help(run, command):
    ran = run(*command, "--help")
    assert ran.code == 0 and ran.out.startswith("usage: python -m inspector") and not ran.err


@pytest.mark.parametrize("args", [[], ["nonsense"], ["compressors", "extra"], ["validate"], ["benchmark", "--repeat", "0"]])
def test_an_unusable_command_is_one_line(run, args):
    assert "--help" in run(*args).complaint


def made(run) -> str:
    return run("inspect", "--compressor", "fake-a", "--json", stdin="A cat sat on a mat.").out


def test_validate_accepts_what_inspect_writes(run, tmp_path):
    one, many = tmp_path / "one.json", tmp_path / "many.jsonl"
    text = made(run)
    one.write_text(text)
    many.write_text(text + '{"error": "line 2: the text is empty"}\n' + text)
    ran = run("validate", str(one), str(many))
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == f"{one}: valid, 1 comparison\n{many}: valid, 2 comparisons, 1 error line\n"
    assert run("validate", "-", stdin=text).out == "-: valid, 1 comparison\n"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"version":1', '"version":2', "version: 2"),
        ('"source":', '"sauce":', "source: Field required"),
        ('"ratio_requested":4', '"ratio_requested":"four"', "inspections.0.ratio_requested: "),
        ('"start":0', '"start":99', "outside the source"),
        ('"singular_values":[', '"singular_values":[0.0,', "not descending"),
        ('"notes":{', '"notes":{"a":1,', "inspections.0.notes.a"),
        ("}", "", "not JSON"),
    ],
)
def test_validate_names_what_is_wrong_and_where(run, tmp_path, old, new, words):
    file, text = tmp_path / "bad.json", made(run)
    assert old in text
    file.write_text(text.replace(old, new, 1))
    ran = run("validate", str(file))
    assert (ran.code, ran.err, ran.out.count("\n")) == (1, "", 1)
    assert ran.out.startswith(f"{file}: ") and words in ran.out
    lines = tmp_path / "bad.jsonl"
    lines.write_text(text + file.read_text().replace("\n", "") + "\n")
    assert run("validate", str(lines)).out.startswith(f"{lines}: line 2: ")


def test_validate_goes_on_after_a_bad_file(run, tmp_path):
    (tmp_path / "empty.json").touch()
    (tmp_path / "good.json").write_text(made(run))
    ran = run("validate", str(tmp_path / "empty.json"), str(tmp_path / "good.json"))
    assert ran.code == 1 and len(ran.out.splitlines()) == 2 and ran.out.endswith("good.json: valid, 1 comparison\n")


def test_validate_without_the_file_is_one_line(run, tmp_path):
    assert "cannot read" in run("validate", str(tmp_path / "none.json")).complaint


def test_benchmark_passes_its_settings_on(run, fakes, monkeypatch):
    seen = {}
    monkeypatch.setattr(inspector.benchmark, "main", lambda args, table: seen.update(vars(args), table=table) or 0)
    assert run("benchmark", "--compressor", "fake-a@4", "fake-b", "--repeat", "2").code == 0
    assert (seen["compressor"], seen["repeat"], seen["table"]) == (["fake-a@4", "fake-b"], 2, fakes)
    assert "unknown compressor" in run("benchmark", "--compressor", "nope").complaint


def test_a_process_speaks_utf_8_and_one_line(tmp_path):
    ran = process("inspect", "--compressor", "나비", stdin=b"text")
    assert (ran.returncode, ran.stdout) == (2, b"")
    assert ran.stderr.decode().startswith("inspect: unknown compressor '나비'; known: pocket-xs") and ran.stderr.count(b"\n") == 1


def test_a_reader_that_leaves_early_is_no_error():
    reader, writer = os.pipe()
    os.close(reader)
    try:
        command = [sys.executable, "-m", "inspector", "compressors", "--json"]
        ran = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, cwd=ROOT, timeout=300, check=False)
    finally:
        os.close(writer)
    assert (ran.returncode, ran.stderr) == (cli.BROKEN_PIPE, b"")
