"""Strings whose every character counts."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.divergence import diverge
from inspector.divergence.identifier import compare, distinct, identifiers, ledger, paired

FOUND = [
    ("Replace part AX-4471-Q now.", ["AX-4471-Q"]),
    ("It is in v2.3.1 and 1.2.3.", ["v2.3.1", "1.2.3"]),
    ("Ping 192.168.0.1, please.", ["192.168.0.1"]),
    ("Call load_model() or loadModel.", ["load_model()", "loadModel"]),
    ("See https://example.org/a?b=1&c=2.", ["https://example.org/a?b=1&c=2"]),
    ("(see http://example.org/x)", ["http://example.org/x"]),
    ('<a href="https://example.org/x">', ["https://example.org/x"]),
    ("www.example.org!", ["www.example.org"]),
    ("Mail ada.l+x@mail.example.org.", ["ada.l+x@mail.example.org"]),
    ("Open /etc/hosts and C:\\temp\\a.txt", ["/etc/hosts", "C:\\temp\\a.txt"]),
    ("Commit 9f8e7d6c5b4a fixed it.", ["9f8e7d6c5b4a"]),
    ("부품 AX-4471-Q를 교체하세요.", ["AX-4471-Q"]),  # a Korean particle follows at once
    ("버전v2.3.1을 쓰세요.", ["v2.3.1"]),
    ("COVID19 and B2B", ["COVID19", "B2B"]),
]
NONE = [
    "",
    "   ",
    "A plain sentence, with commas.",
    "A 19-year-old won in the 1990s.",
    "He ran 5km in 20min, 3rd of 40.",
    "It cost 5m, 20GB and 100kWh at 3pm.",
    "and/or, he/she",
    "well-known state-of-the-art tools",
    "3.14 and 1,000",
    "U.S. and e.g. this",
    "mid-1990s",
    "한국어 문장입니다.",
    "🙂🙃",
]


@pytest.mark.parametrize(("text", "expected"), FOUND)
def test_found(text: str, expected: list[str]) -> None:
    found = identifiers(text)
    assert [x.text for x in found] == expected
    assert all(text[x.start : x.end] == x.text for x in found)


@pytest.mark.parametrize("text", NONE)
def test_none(text: str) -> None:
    assert identifiers(text) == []


@pytest.mark.parametrize(
    ("source", "told", "expected"),
    [
        ("Take AX-4471-Q.", "Take AX-4417-Q.", [("substituted", "AX-4471-Q", "AX-4417-Q")]),
        ("Take AX-4471-Q.", "Take ax-4471-q.", [("substituted", "AX-4471-Q", "ax-4471-q")]),
        ("Take AX-4471-Q.", "Take it.", [("dropped", "AX-4471-Q", None)]),
        ("Take it.", "Take AX-4471-Q.", [("added", None, "AX-4471-Q")]),
        ("Take AX-4471-Q.", "Read load_model().", [("dropped", "AX-4471-Q", None), ("added", None, "load_model()")]),
        ("Use a_b1 and c_d2.", "Use c_d2 and a_b1.", []),  # all there, elsewhere
        ("a_b1 a_b1", "a_b1", [("dropped", "a_b1", None)]),
        ("See https://x.org/?a=1&b=2 now", "See https://x.org/?a=1&amp;b=2 now", []),  # the same once unescaped
        ("이 AX-4471-Q는 새것이다.", "이 AX-4417-Q는 새것이다.", [("substituted", "AX-4471-Q", "AX-4417-Q")]),
        ("Same v1.2.3.", "Same v1.2.3.", []),
    ],
)
def test_compare(source: str, told: str, expected: list[tuple[str, str | None, str | None]]) -> None:
    found = list(compare(source, told))
    cut = [(f.change, f.source and source[slice(*f.source)], f.reconstruction and told[slice(*f.reconstruction)]) for f in found]
    assert cut == expected
    assert all(f.kind == "identifier" and f.severity == "serious" for f in found)


def test_each_goes_to_the_most_alike() -> None:
    rows, new = paired("x AAA-1111 y BBB-2222 z", "x BBB-2223 y AAA-1112 z")
    assert [(x.text, y and y.text) for x, y in rows] == [("AAA-1111", "AAA-1112"), ("BBB-2222", "BBB-2223")]
    assert new == []


def test_ledger_says_each_string_once() -> None:
    rows = distinct(list(ledger("a_b1 a_b1 c_d2 e_f3", "a_b1 a_b1 c_d9 ZZ-99-Z")))
    assert [(r.status, r.source and r.source.text, r.reconstruction and r.reconstruction.text) for r in rows] == [
        ("kept", "a_b1", "a_b1"),
        ("near-miss", "c_d2", "c_d9"),
        ("dropped", "e_f3", None),
        ("invented", None, "ZZ-99-Z"),
    ]
    assert all(r.label == "ID" for r in rows)


CODE = "def load_model(path):\n    return read_file(path)\n\nif __name__ == '__main__':\n    load_model('/tmp/x/y.bin')\n"


def test_code() -> None:
    told = CODE.replace("read_file", "read_fail")
    assert [(f.change, CODE[slice(*f.source)]) for f in compare(CODE, told)] == [("substituted", "read_file(")] or [
        (f.change, CODE[slice(*f.source)]) for f in compare(CODE, told)
    ] == [("substituted", "read_file")]
    assert [d.kind for d in diverge(CODE, told).divergences] == ["identifier"]


HOSTILE = [
    "\x00" * 50,
    "a_" * 5_000,
    "-" * 5_000,
    "1." * 5_000,
    "a1-" * 5_000,
    "http://" * 1_000,
    "/a" * 5_000,
    "a@" * 5_000,
    "a." * 3_000 + "@",
    "A" * 20_000,
    "A" * 10_000 + "1",
    "<script>alert(1)</script> & {source} {}",
    "\u202eAX-1\u202c",
    "😀AX-11😀",
    "\ud800",  # half a pair
]


@pytest.mark.timeout(60)
@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_texts(text: str) -> None:
    found = identifiers(text)
    assert all(text[x.start : x.end] == x.text and len(x.text) < 300 for x in found)
    assert list(compare(text, text)) == []


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="aB1-_./:@ 가\n", max_size=60), st.text(alphabet="aB1-_./:@ 가\n", max_size=60))
def test_any_text(source: str, told: str) -> None:
    left, right = identifiers(source), identifiers(told)
    rows, new = paired(source, told)
    assert [x for x, _ in rows] == left
    assert sorted((y.start, y.end) for y in [*(y for _, y in rows if y), *new]) == [(y.start, y.end) for y in right]
    assert all(x.end <= y.start for x, y in pairwise(left))
    assert list(compare(source, source)) == []
