"""Words of the page in English and Korean: labels of `static/words.json`, sentences of `static/divergences.json`."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from inspector.inspection import Divergence

STATIC = Path(__file__).resolve().parents[2] / "static"
LANGUAGES = ("en", "ko")


@lru_cache(maxsize=1)
def words() -> dict[str, dict[str, str]]:
    """Labels by language and key."""
    return json.loads((STATIC / "words.json").read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def templates() -> dict[str, dict[str, str]]:
    """Sentences of divergences by language and key; empty where the file is not there."""
    file = STATIC / "divergences.json"
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}


def fill(template: str, values: dict[str, object]) -> str:
    """A template with its `{slots}` filled; what is filled in may hold braces itself.

    Raises:
        KeyError: a slot has no value.
    """
    pieces = template.split("{")
    filled = (str(values[name]) + rest for name, _, rest in (piece.partition("}") for piece in pieces[1:]))
    return pieces[0] + "".join(filled)


def word(key: str, language: str, **values: object) -> str:
    """A label with its slots filled."""
    return fill(words().get(language, words()["en"])[key], values)


def sentence(divergence: Divergence, language: str) -> str:
    """What a divergence says; its own English explanation where no other sentence is written for it."""
    template = templates().get(language, {}).get(divergence.message.key) if language != "en" else None
    if template is None:
        return divergence.explanation
    try:
        return fill(template, dict(divergence.message.arguments))
    except KeyError:
        return divergence.explanation


def script_data(data: Any) -> str:
    """JSON that may stand in a script."""
    return json.dumps(data, ensure_ascii=False).replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def language_of(sent: Any) -> str:
    """ "ko" or "en": what a page says it is shown in; English where it says nothing that can be used."""
    return "ko" if isinstance(sent, dict) and sent.get("language") == "ko" else "en"
