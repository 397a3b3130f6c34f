"""Texts out of files."""

import pytest

from inspector.annotations.database import StoreError
from inspector.annotations.texts import Imported, read


def test_plain_texts():
    data = "\ufeffOne line.\nAnother.\n \n\n\u2028 Second paragraph 안녕 🐝\n".encode()
    assert [each.source for each in read("a.TXT", data)] == [data.decode("utf-8-sig")]
    assert [each.source for each in read("a.txt", data, "paragraphs")] == ["One line.\nAnother.", "Second paragraph 안녕 🐝"]
    assert [each.source for each in read("a.txt", data, "lines")] == ["One line.", "Another.", "Second paragraph 안녕 🐝"]


def test_csv_and_json_lines():
    data = b'id,text,reconstruction,compressor\n1,"a ""b""\nc",,\n2,d,e,x@4\n'
    assert read("a.csv", data) == [Imported('a "b"\nc'), Imported("d", "e", "x@4")]
    lines = '{"text": "a\\u0000\u2028"}\n\n{"source": "b", "text": "no", "reconstruction": "c", "other": 1}\r\n'
    assert read("a.jsonl", lines.encode()) == [Imported("a\x00\u2028"), Imported("b", "c")]
    assert read("a.jsonl", lines.encode())[0].item is None
    assert read("a.jsonl", lines.encode())[1].item.reconstruction == "c"


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.pdf", b"x", "a.pdf: texts come as"),
        ("a.txt", b"ab\xff", "a.txt is not UTF-8: byte 3 is 0xff"),
        ("a.txt", b" \n", "a.txt, the text: The text is empty"),
        ("a.csv", b"id,name\n1,2\n", "a.csv, line 2: a column `text`"),
        ("a.csv", b"text\n", "a.csv holds no text"),
        ("a.csv", b'text\nok\n""\n', "a.csv, line 3: "),
        ("a.jsonl", b'{"text": "a"}\nb\n', "a.jsonl, line 2: not JSON"),
        ("a.jsonl", b'["a"]\n', "a.jsonl, line 1: no object"),
        ("a.jsonl", b'{"text": 1}', "a.jsonl, line 1: a column"),
        ("a.jsonl", b'{"text": "a", "reconstruction": 1}', "a.jsonl, line 1: a column"),
        ("a.jsonl", b'{"text": "\\ud800"}', "a.jsonl, line 1: The text holds half"),
    ],
)
def test_files_that_cannot_be_used(name, data, words):
    with pytest.raises(StoreError) as error:
        read(name, data)
    assert str(error.value).startswith(words)
