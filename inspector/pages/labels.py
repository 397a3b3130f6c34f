"""Static files of the page, and its labels in English and Korean."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import gradio as gr

from inspector.views.words import STATIC, script_data, word, words

__all__ = ["STATIC", "module", "presets", "say", "script_data", "translation", "url", "word", "words"]


@lru_cache(maxsize=1)
def presets() -> list[dict[str, Any]]:
    return json.loads((STATIC / "presets.json").read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def translation() -> gr.I18n:
    """Labels of native components; keys of `words.json` with `_` for `.`, which Gradio would read as nesting."""
    return gr.I18n(**{language: {k.replace(".", "_"): v for k, v in table.items()} for language, table in words().items()})


def say(key: str) -> Any:
    """A label that the browser fills in, in its language."""
    return translation()(key.replace(".", "_"))


def url(file: Path) -> str:
    """Address of a static file, relative to the page; a changed file gets a new one."""
    return f"gradio_api/file={file.as_posix()}?v={int(file.stat().st_mtime)}"


def module(name: str, call: str) -> str:
    """JavaScript that loads a module of `static` and then runs `call`, where the module is `m`."""
    return f"import(new URL({script_data(url(STATIC / name))}, document.baseURI)).then((m) => {{ {call} }});"
