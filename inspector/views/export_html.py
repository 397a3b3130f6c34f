"""A comparison, or several to be stepped through, as one HTML file that opens from disk and asks the network for nothing.

The page's own modules and styles are written into it, so that nothing is drawn by two codes; what they draw is JSON in a
script that is never run. Only the figure of the spectrum is drawn without Plotly (4.8 MB), by `static/plot.js` from the
same description of it.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from inspector.gallery import Case
from inspector.inspection import Comparison
from inspector.views.compare import payload
from inspector.views.gallery import columns
from inspector.views.pair import Rewriting
from inspector.views.words import STATIC, script_data, words
from models.registry import Registry

ENTRY = "standalone.js"
STYLES = ("compare.css", "meaning.css", "gallery.css", "present.css", "standalone.css")
IMPORT = re.compile(r"(?<=from ')\./([\w-]+\.js)(?=';)")
UNUSED = ("training", "odds", "samples", "verdict", "pair", "plot", "notice")  # words of other pages, or of Python alone
# The file may run its own scripts and show its own images, and can ask for nothing else.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline' data:; img-src data: blob:"
PAGE = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>Inspector</title>
<style>
{styles}
</style>
</head>
<body>
<script type="application/json" id="inspector-data">{data}</script>
<script type="importmap">{modules}</script>
<script type="module">import '{entry}';</script>
</body>
</html>
"""


def standalone(comparison: Comparison, table: Registry, language: str | None = None) -> str:
    """One comparison, with marks, ledger, tooltips, heatmaps and spectrum alive.

    Args:
        table: knows the compressors' families; one that it does not know has none.
        language: "en" or "ko" to begin with; None follows the reader's browser.
    """
    return _page({"slides": [{"id": None, "payload": _payload(comparison, table)}], "talk": False}, language)


def standalone_pair(made: Rewriting, language: str | None = None) -> str:
    """The same of two texts."""
    return _page({"slides": [{"id": None, "payload": made.payload(language or "en")}], "talk": False}, language)


def talk(cases: Sequence[tuple[Case, Comparison]], table: Registry, language: str | None = None) -> str:
    """Cases of the gallery with their stored results, large and one at a time, as in present mode.

    Raises:
        ValueError: there are none.
    """
    if not cases:
        raise ValueError("a talk needs at least one case")
    slides = [{"id": case.id, "payload": _payload(found, table)} for case, found in cases]
    return _page({"slides": slides, "talk": True}, language)


def talk_frame(language: str | None = None) -> str:
    """A talk without slides; static/talk-file.js writes a visitor's own in the place of `"slides": []`."""
    return _page({"slides": [], "talk": True}, language)


def _payload(comparison: Comparison, table: Registry) -> dict[str, Any]:
    return payload(comparison.source.text, columns(comparison, table), run=1, status="done", progress=1.0)


def _page(data: dict[str, Any], language: str | None) -> str:
    kept = {of: {k: v for k, v in rows.items() if k.split(".")[0] not in UNUSED} for of, rows in words().items()}
    return PAGE.format(
        language=language or "en",
        policy=POLICY,
        styles="\n".join((STATIC / name).read_text(encoding="utf-8") for name in STYLES),
        data=script_data(data | {"language": language, "words": kept}),
        modules=script_data({"imports": dict(modules())}),
        entry=f"inspector/{ENTRY}",
    )


@lru_cache(maxsize=1)
def modules() -> tuple[tuple[str, str], ...]:
    """(Name, data address) of the entry and of every module that it imports, each once; the names stand in an import map."""
    found: dict[str, str] = {}
    waiting = [ENTRY]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        source = (STATIC / name).read_text(encoding="utf-8")
        waiting += IMPORT.findall(source)
        code = base64.b64encode(IMPORT.sub(r"inspector/\1", source).encode("utf-8")).decode("ascii")
        found[name] = f"data:text/javascript;base64,{code}"
    return tuple((f"inspector/{name}", address) for name, address in sorted(found.items()))
