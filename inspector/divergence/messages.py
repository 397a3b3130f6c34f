"""The sentence of a divergence, in the page's languages, from `static/divergences.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

FILE = Path(__file__).parents[2] / "static" / "divergences.json"


@cache
def templates() -> dict[str, dict[str, str]]:
    return json.loads(FILE.read_text(encoding="utf-8"))


def sentence(key: str, arguments: Mapping[str, str], language: str = "en") -> str:
    """One plain sentence.

    A kind that a plug-in adds may bring a key of its own; its `sentence` argument is then said as it is.

    Raises:
        KeyError: no such key, and no `sentence` among the arguments.
    """
    template = templates()[language].get(key)
    if template is None:
        if "sentence" in arguments:
            return arguments["sentence"]
        raise KeyError(f"No sentence for {key!r} in {FILE.name}; add one, or pass an argument called sentence.")
    # Filled in one pass over the template: a text that itself holds braces must not be read as a place.
    parts = template.split("{")
    return parts[0] + "".join(arguments.get(part.split("}", 1)[0], "…") + part.split("}", 1)[1] for part in parts[1:])
