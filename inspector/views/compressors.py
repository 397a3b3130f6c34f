"""Rows of the registry → `compressors --json`, the table of a terminal, and the payload of the page's list."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from models.compressor import Row
from models.hub.card import gigabytes
from models.hub.settings import HubSettings

ROW_FIELDS = (
    *("name", "title", "kind", "ratios", "default_ratio", "window", "parameters"),
    *("reconstructs", "traces", "vectors", "live", "optimises", "bundled"),
)
ALLOWING = re.compile(r"the option (--allow \S+?)\)")


def row_json(row: Row) -> dict[str, Any]:
    """A line of `compressors --json`, in the contract's order."""
    values = {name: getattr(row, name) for name in ROW_FIELDS} | {"ratios": list(row.ratios), "parameters": dict(row.parameters)}
    card, reason, settings = row.card, row.why_not(), HubSettings.named()
    if card and reason is None and (fetch := card.to_fetch()):
        reason = f"{fetch}; naming it downloads it"
    return values | {
        "ready": reason is None,
        "why_not": reason,
        "licence": card and card.licence,
        "download": card.download(settings) if card else 0,
        "memory": card and card.memory(settings),
        "published": card and card.published,
    }


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """The same for people: a size in the place of `yes` where it is to be downloaded, the option where it is refused without."""
    from inspector.views.terminal import table as columns

    def line(row: Mapping[str, Any]) -> tuple[str, ...]:
        parameters, why_not = row["parameters"], row["why_not"] or ""
        fetched, refused = why_not.startswith("not downloaded yet"), ALLOWING.search(why_not)
        ready = "yes" if row["ready"] else gigabytes(row["download"]) if fetched else refused[1] if refused else "no"
        return (
            row["name"],
            row["kind"],
            ", ".join(f"({r})" if r == row["default_ratio"] else str(r) for r in row["ratios"]),
            amount(parameters.get("compressor", 0)),
            amount(sum(parameters.get(k, 0) for k in ("embeddings", "decoder"))),
            ready,
            why_not if ready == "no" else row["title"],
        )

    notes = "(default ratio); a size: to be downloaded, which naming the compressor does; --allow …: refused without that option"
    return columns(("name", "kind", "ratios", "compressor", "decoder", "ready", ""), map(line, rows)) + f"\n{notes}"


def amount(count: int) -> str:
    """Parameters as people say them."""
    return "–" if not count else f"{count / 1e9:.1f} B" if count >= 1e9 else f"{count / 1e6:.1f} M"
