"""The evaluation table: transformer on and off, and how plausible errors are."""

import json

import pytest

from models.registry import Registry
from models.training.evaluate import evaluate
from models.training.plausible import known_words, same_part_share, unknown_share
from tests.conftest import fake_rows

LONG = "The miller's daughter carried the lantern down to the harbour and waited there until the last of the boats came in. "


@pytest.fixture
def data(tmp_path):
    for name in ("little", "wikipedia2015-train", "openstax", "novels"):
        rows = (json.dumps({"text": LONG * (2 + k)}) for k in range(3))
        (tmp_path / f"{name}.jsonl").write_text("\n".join(rows), encoding="utf-8")
    return tmp_path


def test_on_and_off_stand_side_by_side(data, tmp_path, capsys):
    table = Registry(fake_rows())
    out = tmp_path / "rows.json"
    found = evaluate(data, ["fake-a@4", "fake-a@16"], ("little",), 2, out, tmp_path / "cache", table, off=(16,))
    assert [(r.ratio, r.transformer) for r in found] == [(4, "on"), (16, "on"), (16, "off")]
    on, off = found[1], found[2]
    assert (on.entropy, on.erank) != (off.entropy, off.erank)
    assert on.source_unknown == 0.0 < on.unknown_words  # random weights write words that no text holds
    assert on.rows_batch == on.texts == 2
    assert [row["ratio"] for row in json.loads(out.read_text())] == [4, 16, 16]
    assert capsys.readouterr().out.count("\n") == 5  # two lines of head, three rows


def test_known_words_are_those_of_the_training_sets(data, tmp_path):
    known = known_words(data, tmp_path / "cache")
    assert {"miller", "lantern", "harbour"} <= known
    assert unknown_share(["The lantern and the zzyzx"], known) == pytest.approx(1 / 5)
    assert known_words(tmp_path / "cache", tmp_path / "elsewhere") is None
    assert unknown_share(["anything"], None) is None


def test_an_error_is_plausible_if_known_and_of_the_same_part(data, tmp_path):
    known = frozenset("the old miller saw a boat dog and it sank quickly".split())
    source = ["The old miller saw a boat and it sank."]
    assert same_part_share(source, ["The old miller saw a dog and it sank."], known) == (1.0, 1)
    assert same_part_share(source, ["The old miller saw a bort and it sank."], known) == (0.0, 1)  # no word of the corpus
    assert same_part_share(source, ["The old miller saw a quickly and it sank."], known)[0] == 0.0  # another part of speech
    assert same_part_share(source, source, known) == (None, 0)
    assert same_part_share(source, source, None) == (None, 0)
