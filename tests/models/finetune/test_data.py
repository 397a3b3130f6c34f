"""Texts for fine-tuning, and what cannot be used."""

import importlib.util
import json
from pathlib import Path

import pytest

from models.hub.weights import tokenizer
from models.training.__main__ import main
from models.training.finetune import data
from tests.models.finetune.made import TEXT, options, settings


def test_texts_come_each_once_a_pass_in_another_order_and_from_any_position(tmp_path, monkeypatch):
    monkeypatch.setattr(data, "BUFFER", 10)
    files = [str(tmp_path / f"{i}.jsonl") for i in range(2)]
    for i, file in enumerate(files):
        Path(file).write_text("\n".join(json.dumps({"text": f"{i} {j}"}) for j in range(20)), encoding="utf-8")
    stream = data.stream(files, 0)
    first, second = ([next(stream) for _ in range(40)] for _ in range(2))
    expected = [f"{i} {j}" for i in range(2) for j in range(20)]
    assert sorted(first) == sorted(second) == sorted(expected) and first != expected and first != second
    again = data.stream(files, 0, 55)
    assert [next(again) for _ in range(5)] == second[15:20]


def test_a_long_text_gives_stretches_and_a_short_one_is_divided(tiny):
    own, words = (tokenizer(Path(f"tiny/{name}")) for name in ("compressor", "decoder"))
    s = settings()
    long = [data.sample(TEXT * 50, at, s, own, words) for at in range(40)]
    assert sum(len(x.source) == 18 and len(x.following) == 6 for x in long) > 25
    assert {len(x.source) for x in long} > {18} and len({x.source[0] for x in long}) > 1
    short = [data.sample("the green otter the", at, s, own, words) for at in range(40)]
    assert max(len(x.source) for x in short) == 3 and all(len(x.following) >= 1 for x in short)
    assert data.sample("the green otter the", 1, settings(continuation=0.0), own, words).following == []
    sample = data.sample(TEXT, 0, s, own, words)
    assert own.text(sample.row) == words.text(sample.source)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "line 2: "),
        ('["text"]', "line 2: no object"),
        ('{"text": " "}', "line 2: no object"),
        ('{"text": "\\ud800"}', "line 2: "),
    ],
)
def test_a_bad_line_is_told_by_its_number_before_anything_starts(tiny, tmp_path, capsys, line, said):
    file = tmp_path / "bad.jsonl"
    file.write_text('{"text": "fine"}\n' + line + "\n", encoding="utf-8")
    assert main(options("never", data=f"tiny/texts.jsonl {file}")) == 2
    error = capsys.readouterr().err
    assert f"bad.jsonl, {said}" in error and error.count("\n") == 1
    assert not Path("never").exists()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"ratio": "4 4"}, "--ratio takes whole numbers from 1, each once"),
        ({"lora": 0}, "--full trains the whole compressor"),
        ({"batch": 0}, "--batch is 0, but must be at least 1"),
        ({"compressor": "./nothing"}, "the configuration of ./nothing cannot be read"),
        ({"window": 200}, "takes 256 positions, and a window of 200 may need 402"),
        ({"targets": "nobody"}, "no linear layer 'nobody'; it has q_proj"),
        ({"data": "none.jsonl"}, "none.jsonl"),
    ],
)
def test_what_cannot_be_used_is_one_sentence(tiny, capsys, changes, said):
    assert main(options("never", **changes)) == 2
    error = capsys.readouterr().err
    assert said in error and error.count("\n") == 1


@pytest.mark.parametrize("package", ["peft", "accelerate"])
def test_a_missing_package_is_named_with_the_extra_that_brings_it(tiny, monkeypatch, capsys, package):
    found = importlib.util.find_spec
    monkeypatch.setattr("models.training.finetune.settings.find_spec", lambda name: None if name == package else found(name))
    assert main(options("never")) == 2
    assert capsys.readouterr().err == f"fine-tuning needs the package {package}: pip install 'compression-inspector[hub]'\n"
