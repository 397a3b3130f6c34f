"""Does the decoder's prior explain a substitution? Scored in place, where memory is tied to position."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from inspector.inspection import Report


def judge(report: Report, text: str, compressor: Any, jobs: Sequence[Any]) -> Report:
    return report
