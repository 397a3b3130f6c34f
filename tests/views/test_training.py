"""The payload of the Training page: units, sentences from the numbers, and which checkpoints can be replayed."""

import json
import math

import pytest

from inspector.views.reasons import bilingual
from inspector.views.training import payload, run
from models.training.logs import parse
from tests.logs import fields


def made(**other):
    return parse(json.dumps(fields(**other)))


def curve(values, name="erank_batch_16", **other):
    rows = [[100_000 * i, v] for i, v in enumerate(values)]
    return made(columns=["tokens", name], rows=rows, **other)


def said(log, language="en", ratio=16):
    from models.registry import Registry
    from tests.conftest import fake_rows

    return run(log, Registry(fake_rows()))["said"][ratio][language]


def test_nats_become_bits_and_shares_stay(fakes):
    shown = run(made(), fakes)
    assert shown["columns"]["loss_16"][0] == pytest.approx(6 / math.log(2), rel=1e-3)
    assert shown["columns"]["accuracy_16"][-1] == 0.8 and shown["columns"]["erank_batch_16"][0] == 5
    assert shown["rows"] == {4: None, 16: 512} and "seconds" not in shown["columns"]
    assert shown["shape"][16] == "rise_fall" and shown["fell"][16] is True


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (
            [1, 4, 9, 8, 6, 4, 3],
            "Effective rank at 16× rises, then falls: 1.00 at 0 tokens → 9.00 at 200 k tokens → 3.00 at 600 k tokens.",
        ),
        ([1, 2, 3, 4, 5, 6, 7], "Effective rank at 16× rises: 1.00 at 0 tokens → 7.00 at 600 k tokens."),
        ([5] * 7, "Effective rank at 16× moves no more than it jitters: 5.00 at 0 tokens → 5.00 at 600 k tokens."),
        ([1, 9, 1], "Effective rank at 16×: too few points to tell (3; 6 are needed)."),
        ([1, None, None, 9, 1, 5, None, None], "Effective rank at 16×: too few points to tell (4; 6 are needed)."),
    ],
)
def test_the_sentence_follows_the_numbers(values, sentence):
    assert said(curve(values))[0] == sentence


def test_the_sentence_in_bits_and_in_korean():
    falling = curve([x * math.log(2) for x in (6, 5, 4, 3, 2.5, 2)], name="entropy_16")
    assert said(falling)[1] == "Conditional entropy at 16× falls: 6.00 bits at 0 tokens → 2.00 bits at 500 k tokens."
    assert said(falling)[0] == "Effective rank at 16×: not in the log."
    assert said(falling, "ko")[1] == "16배 조건부 엔트로피: 내려감. 6.00 비트 (0 토큰) → 2.00 비트 (500 k 토큰)."


def test_entropy_that_ends_higher_or_stays_has_not_fallen(fakes):
    for values, fell in (([1, 2, 3, 4, 5, 6], False), ([3] * 6, False), ([6, 8, 9, 5, 3, 2, 1], True), ([3, 2], None)):
        assert run(curve(values, name="entropy_16"), fakes)["fell"][16] is fell


def test_checkpoints_are_replayed_where_they_are_shipped(fakes):
    points = ["fake-words+digits", "fake-words+names", "fake-words", "fake-a+early", "fake-absent", "nobody"]
    shown = run(made(checkpoints=[{"tokens": 100 * i, "address": a} for i, a in enumerate(points)]), fakes)
    assert [c["at"][4] for c in shown["checkpoints"]] == [
        ["fake-words+digits@4", "fake-words@4"],
        ["fake-words+names@4", "fake-words@4"],
        ["fake-words@4"],
        None,
        None,
        None,
    ]
    assert all(c["at"][16] is None for c in shown["checkpoints"])  # words have no 16×
    assert shown["all"] == {4: ["fake-words+digits@4", "fake-words+names@4", "fake-words@4"], 16: None}


def test_no_more_than_four_are_replayed_at_once(fakes):
    options = ["digits", "names", "digits+names", "names+digits"]
    shown = run(made(checkpoints=[{"tokens": i, "address": f"fake-words+{o}"} for i, o in enumerate(options)]), fakes)
    assert shown["all"][4] == ["fake-words+digits@4", "fake-words+names@4", "fake-words+digits+names@4", "fake-words@4"]


def test_the_payload_is_json_and_lists_what_is_wrong(fakes):
    given = payload([made(), made(name="b", ratios=[4, 64])], [("x.json", "it is no JSON")], fakes, number=3)
    told = json.loads(json.dumps(given, allow_nan=False))
    assert told["ratios"] == [4, 16, 64] and told["problems"] == [{"file": "x.json", "said": bilingual("it is no JSON")}]
    assert told["runs"][1]["said"]["64"]["en"][0] == "Effective rank at 64×: not in the log."


def test_a_log_without_rows_is_drawn_as_nothing(fakes):
    shown = run(made(rows=[]), fakes)
    assert shown["tokens"] == [] and shown["columns"] == {} and shown["shape"] == {4: None, 16: None}
