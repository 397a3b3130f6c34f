"""The English pipeline: ours by default, another by name; which language a text is in; texts → readings.

The bundled pipeline (`models/english`, card beside it) is always the default, so that results repeat on every machine.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from inspector.divergence.reading import Reading, read

if TYPE_CHECKING:
    from spacy.language import Language

BUNDLED = Path(__file__).parents[2] / "models" / "english" / "pipeline"
NEEDED = ("tagger", "parser", "ner")
SCRIPTS = {
    "ko": "\uac00-\ud7af\u1100-\u11ff\u3130-\u318f", "ja": "\u3040-\u30ff", "zh": "\u4e00-\u9fff", "ru": "\u0400-\u04ff",
    "ar": "\u0600-\u06ff", "he": "\u0590-\u05ff", "el": "\u0370-\u03ff", "th": "\u0e00-\u0e7f", "hi": "\u0900-\u097f",
}  # fmt: skip
FUNCTION = frozenset(
    "the a an of to and in is are was were be been for on with as by at from that this it its he she they his her their "
    "or but not have has had will would can could which who when what i you we my your our do did does if there all one".split()
)
UNSPOKEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
_lock = Lock()


class PipelineError(ValueError):
    """A pipeline cannot be used; the message is one sentence."""


@cache
def _load(name: str | None) -> Language:
    import spacy

    try:
        nlp = spacy.load(name or BUNDLED)
    except (OSError, ValueError) as error:
        if name is None:
            raise PipelineError(
                f"The bundled language pipeline in {BUNDLED} cannot be loaded; install the project again."
            ) from error
        raise PipelineError(
            f"The spaCy pipeline {name!r} cannot be loaded; install it, or leave the option out to use the bundled one."
        ) from error
    missing = [part for part in NEEDED if part not in nlp.pipe_names]
    if missing:
        raise PipelineError(f"The spaCy pipeline {name!r} lacks {', '.join(missing)}; it needs {', '.join(NEEDED)}.")
    return nlp


def load(name: str | None = None) -> Language:
    """The pipeline, loaded once a process.

    Args:
        name: a package or folder that `spacy.load` takes; None for what INSPECTOR_PIPELINE names, else the bundled one.

    Raises:
        PipelineError: it cannot be loaded, or lacks a component.
    """
    with _lock:
        return _load(name or os.environ.get("INSPECTOR_PIPELINE") or None)


def title(nlp: Language) -> str:
    """Name and version, as an inspection states it."""
    return f"{nlp.meta.get('lang', '')}_{nlp.meta.get('name', '')} {nlp.meta.get('version', '')}".strip()


@lru_cache(maxsize=256)
def language(text: str) -> str:
    """`en`, the language of another script, or `und`: what the English pipeline should not be asked about.

    A guess from script and function words. Code and other languages in Latin script come out as `und`.
    """
    text = re.sub(r"<[^<>]{1,200}>", " ", text)
    letters = re.findall(r"[^\W\d_]", text)
    if not letters:
        return "en" if re.search(r"\d", text) else "und"
    for code, range_ in SCRIPTS.items():
        if len(re.findall(f"[{range_}]", text)) > 0.3 * len(letters):
            return code
    words = [w.lower() for w in re.findall(r"[^\W\d_]+", text)]
    if sum(c.isascii() for c in letters) < 0.8 * len(letters):
        return "und"
    marks = len(re.findall(r"[{}()\[\];=<>_\\/|&*#]", text))
    if marks > 0.12 * len(words) + 3 or (marks > 0.5 * len(words)):
        return "und"
    share = sum(w in FUNCTION for w in words) / len(words)
    return "en" if share >= 0.14 or len(words) < 12 else "und"


def parse(texts: Iterable[str], nlp: Language) -> Iterator[Reading]:
    """Texts → readings, in batches; the same text next to itself is parsed once."""
    # NUL, direction marks and the like are no words; a space in their place keeps every offset.
    clean = ((UNSPOKEN.sub(" ", text), text) for text in texts)
    for doc, text in nlp.pipe(clean, as_tuples=True, batch_size=64):
        reading = read(doc)
        reading.text = text
        yield reading
