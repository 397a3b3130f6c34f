"""Which language a text is in, and which pipelines can be used."""

from __future__ import annotations

from pathlib import Path

import pytest
import spacy

from inspector.divergence import diverge
from inspector.divergence.language import NEEDED, PipelineError, language, load, parse, title

LANGUAGES = [
    ("Bob left.", "en"),
    ("Hi.", "en"),
    ("123", "en"),  # numbers can be compared
    ("The cat sat on the mat and it was a good day for all of us in the house by the river.", "en"),
    ("The capital of Korea is Seoul (서울), and it is a city of many people that all of us know.", "en"),
    ("<p>The cat sat on the mat, and it was a good day for all of us in the old house.</p>", "en"),
    ("고양이가 매트 위에 앉았다.", "ko"),
    ("서울에서 GPU 서버를 쓴다.", "ko"),
    ("ㅋㅋㅋ", "ko"),
    ("猫がマットの上に座った。", "ja"),
    ("جلس القط على السجادة.", "ar"),
    ("Кот сидел на коврике.", "ru"),
    ("החתול ישב על השטיח.", "he"),
    ("Le chat est assis sur le tapis et il regarde les oiseaux dans le jardin toute la journée.", "und"),
    ("Der Hund lief schnell über die Straße und bellte laut den ganzen Tag ohne eine Pause.", "und"),
    ("def f(x):\n    return x[0]\n", "und"),
    ("for (int i = 0; i < n; i++) { a[i] = b[i]; }", "und"),
    ("", "und"),
    ("  \n\t ", "und"),
    ("...", "und"),
    ("😀😀", "und"),
    ("\x00", "und"),
]


@pytest.mark.parametrize(("text", "expected"), LANGUAGES)
def test_language(text: str, expected: str) -> None:
    assert language(text) == expected


@pytest.mark.parametrize(("text", "expected"), [row for row in LANGUAGES if row[1] in ("en", "ko", "ar") and "<" not in row[0]])
def test_length_does_not_matter(text: str, expected: str) -> None:
    assert language(" ".join([text] * 3)) == expected


def test_the_default_pipeline() -> None:
    nlp = load()
    assert nlp is load()  # once a process
    assert set(NEEDED) <= set(nlp.pipe_names)
    assert title(nlp).startswith("en_") and title(nlp) == title(nlp).strip()


def test_unknown_pipeline() -> None:
    with pytest.raises(PipelineError, match="'no_such_pipeline' cannot be loaded"):
        load("no_such_pipeline")


def test_a_folder_without_a_pipeline(tmp_path: Path) -> None:
    with pytest.raises(PipelineError, match="cannot be loaded"):
        load(str(tmp_path))


def test_incomplete_pipeline(tmp_path: Path) -> None:
    spacy.blank("en").to_disk(tmp_path)
    with pytest.raises(PipelineError, match="lacks tagger, parser, ner"):
        load(str(tmp_path))


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("tagger").add_label("NN")
    nlp.initialize()
    nlp.to_disk(tmp_path)
    with pytest.raises(PipelineError, match="lacks parser, ner; it needs tagger, parser, ner"):
        load(str(tmp_path))


def test_the_environment_names_a_pipeline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spacy.blank("en").to_disk(tmp_path)
    monkeypatch.setenv("INSPECTOR_PIPELINE", str(tmp_path))
    with pytest.raises(PipelineError, match="lacks"):
        load()


def test_diverge_says_it_too() -> None:
    with pytest.raises(PipelineError):
        diverge("Bob left.", "Ann left.", pipeline="no_such_pipeline")


def test_no_pipeline_is_needed_for_another_language() -> None:
    report = diverge("고양이가 3마리 있다.", "고양이가 4마리 있다.", pipeline="no_such_pipeline")
    assert report.language == "ko" and report.pipeline is None


def test_parse_keeps_order_and_offsets() -> None:
    texts = ["Bob left.", "A\x00b  \n\n c\x07.", "", "Bob left.", "😀 Ann’s boat"]
    readings = list(parse(texts, load()))
    assert len(readings) == len(texts)
    for text, r in zip(texts, readings, strict=True):
        assert len(r.text) == len(text)
        assert [text[s:e] for s, e in zip(r.start, r.end, strict=True)] == r.words
        assert [k for f, t in r.sentences for k in range(f, t + 1)] == list(range(len(r)))
    assert readings[0].words == readings[3].words
