"""Logs of training runs: what is written is what is read, and every broken file is told in one sentence."""

import json

import pytest

from models.training import logs
from models.training.logs import LogError, parse, read, read_folder, write
from tests.logs import fields, put


def text(**other) -> str:
    return json.dumps(fields(**other))


def test_a_log_is_read_as_it_was_written(tmp_path):
    given = fields(title="한국어 «x» </script>", checkpoints=[{"tokens": 250_000, "address": "fake-a+early"}])
    log = parse(json.dumps(given))
    write(log, tmp_path / "runs" / "fake-a.json")
    file = tmp_path / "runs" / "fake-a.json"
    assert read(file) == log
    assert json.loads(file.read_text(encoding="utf-8")) == given
    assert log.column("tokens")[:2] == [0, 100_000] and log.column("overwriting_4") is None
    assert log.checkpoints[0].address == "fake-a+early"


def test_gaps_unknown_columns_and_absent_checkpoints_are_no_error():
    given = fields(columns=["mood", "tokens", "loss_16"], rows=[["fine", 0, None], [{"a": 1}, 5, 2.5]], parameters=None)
    del given["checkpoints"]
    log = parse(json.dumps(given | {"colour": "red"}))
    assert log.column("loss_16") == [None, 2.5] and log.column("mood")[0] == "fine" and log.parameters is None
    assert parse(text(rows=[])).column("tokens") is None


def row(name: str, value) -> dict:
    return {"columns": ["tokens", name], "rows": [[0, 1], [1, value]]}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("", "no JSON"),
        ("[1]", "a list, but a log is an object"),
        ("{" * 100_000, "no JSON"),
        ('{"name": "x"}', "'title' is missing"),
        (text().replace("null", "1").replace("0.0", "NaN", 1), "NaN"),
        (text(name="two words"), "'name'"),
        (text(name="a@16"), "'name'"),
        (text(title=7), "'title'"),
        (text(title="x" * 3_000), "'title' must be a text of at most 2,000"),
        (text(start="\ud800"), "'start' holds half of a surrogate"),
        (text(series="best"), "known: main, converged, ordinary, joint"),
        (text(series=["main"]), "'series'"),
        (text(parameters=True), "'parameters'"),
        (text(ratios=[]), "'ratios'"),
        (text(ratios=[4, 4]), "'ratios'"),
        (text(ratios="16"), "'ratios' is a text"),
        (text(columns=["loss_4"]), "lacks 'tokens'"),
        (text(columns=["tokens", "loss_4", "loss_4"]), "'loss_4' twice"),
        (text(columns=["tokens", 4]), "'columns'"),
        (text(rows={}), "'rows' is an object"),
        (text(columns=["tokens", "loss_4"], rows=[[0, 1], [2]]), "row 2 has 1 values, but there are 2 columns"),
        (text(columns=["tokens", "loss_4"], rows=[[0, 1], 7]), "row 2 has a number"),
        (text(columns=["tokens"], rows=[[5], [4]]), "row 2, column 'tokens': 4 is not after"),
        (text(columns=["tokens"], rows=[[None]]), "row 1, column 'tokens'"),
        (text(**row("loss_4", "low")), "column 'loss_4': \"low\" is no number"),
        (text(**row("loss_4", True)), "true is no number"),
        (text(**row("entropy_16", -0.1)), "less than 0"),
        (text(**row("accuracy_16", 1.5)), "no share from 0 to 1"),
        (text(**row("loss_4", 10**300)), "is no number"),
        (text().replace("6.0", "1e999", 1), "is no number"),
        (text(checkpoints=[{"address": "a"}]), "'checkpoints', number 1 needs 'tokens'"),
        (text(checkpoints=[{"tokens": 1, "address": "a@16"}]), "without a ratio"),
        (text(checkpoints=[7]), "'checkpoints', number 1"),
        (text(title="x" * logs.LARGEST), "more than 1,000,000 bytes"),
    ],
)
def test_a_broken_log_is_told_in_one_sentence_that_names_the_field(given, said):
    with pytest.raises(LogError) as caught:
        parse(given)
    assert said in str(caught.value) and "\n" not in str(caught.value) and len(str(caught.value)) < 300


def test_a_folder_gives_its_logs_in_order_and_what_is_wrong_with_the_rest(tmp_path):
    put(tmp_path, name="large", parameters=9)
    put(tmp_path, name="small", parameters=1)
    put(tmp_path, name="apart", parameters=0, series="joint")
    (tmp_path / "z-twin.json").write_text(text(name="small"), encoding="utf-8")
    (tmp_path / "latin.json").write_bytes(b'{"name": "\xe9"}')
    (tmp_path / "huge.json").write_bytes(b" " * (logs.LARGEST + 1))
    (tmp_path / "notes.txt").write_text("no log")
    (tmp_path / "folder.json").mkdir()
    found, problems = read_folder(tmp_path)
    assert [log.name for log in found] == ["small", "large", "apart"]
    said = dict(problems)
    assert "as in small.json" in said["z-twin.json"] and "no UTF-8" in said["latin.json"] and "bytes" in said["huge.json"]
    assert set(said) == {"z-twin.json", "latin.json", "huge.json", "folder.json"}
    assert read_folder(tmp_path / "nowhere") == ([], [])


def test_a_wrong_log_is_not_written(tmp_path):
    from dataclasses import replace

    with pytest.raises(LogError, match="series"):
        write(replace(parse(text()), series="best"), tmp_path / "x.json")
    assert not (tmp_path / "x.json").exists()
