"""The truncation sweep behind the page: the text and compressors that are shown, curves out as they grow."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

from inspector.compare import InputError, validate
from inspector.measures.truncation import Point, default_steps, refusal, sweep
from inspector.pages.labels import word
from inspector.pages.run import MOST, Runs
from inspector.pages.run import refusal as sentence
from inspector.views.reasons import said
from inspector.views.truncation import curve
from inspector.views.words import language_of
from models.registry import Address, UnknownCompressor
from models.said import first_line

log = logging.getLogger(__name__)


def frames(runs: Runs, session: str, order: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Payloads of one sweep for `static/sweep.js`; a later run of the session, or Stop, ends it at its next step.

    Args:
        order: from the browser: `moment` (ms), `language`, `text`, `names`.
    """
    moment, language = float(order.get("moment") or 0), language_of(order)
    curves: list[dict[str, Any]] = []

    def stop() -> bool:
        return runs.moments.newest(session)[0] > moment

    def frame(status: str, progress: float, message: str | None = None) -> dict[str, Any]:
        return {"status": status, "progress": round(progress, 3), "message": message, "columns": list(curves)}

    try:
        text, chosen = _asked(runs, order, language)
    except (InputError, UnknownCompressor) as error:
        yield frame("error", 0.0, sentence(error, language))
        return
    for number, address in enumerate(chosen):
        points: list[Point] = []
        curves.append(curve(str(address), points))
        yield frame("running", number / len(chosen))
        if reason := refusal(address.row):
            curves[-1] = curve(str(address), points, said(reason, language))
            continue
        try:
            compressor = runs.table.load(address)
            for point in sweep(compressor, address.ratio, [text], traces=address.row.traces, stop=stop):
                points.append(point)
                curves[-1] = curve(str(address), points)
                yield frame("running", (number + len(points) / len(default_steps(point.of))) / len(chosen))
        except Exception as error:  # plug-ins may raise anything; the other curves live on
            log.exception("a sweep of %s failed", address)
            curves[-1] = curve(str(address), points, said(first_line(error), language))
        if stop():
            break
    yield frame("stopped" if stop() else "done", 1.0)


def _asked(runs: Runs, order: dict[str, Any], language: str) -> tuple[str, list[Address]]:
    text, names = order.get("text"), order.get("names")
    if not isinstance(text, str) or not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise InputError(word("page.error.types", language))
    if not 1 <= len(names) <= MOST:
        raise InputError(word("page.error.too_many" if names else "page.error.none", language, most=MOST))
    validate(text, runs.limit)
    return text, [runs.table.resolve(name) for name in names]
