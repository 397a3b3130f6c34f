"""Rows of the registry → `compressors --json`, the table of a terminal, and what the page says of each."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from inspector.views.reasons import bilingual, said
from inspector.views.words import LANGUAGES
from models.compressor import Row
from models.hub.card import Card, gigabytes
from models.hub.room import free, too_small
from models.hub.settings import HubSettings

ROW_FIELDS = (
    *("name", "title", "kind", "ratios", "default_ratio", "window", "parameters"),
    *("reconstructs", "traces", "answers", "vectors", "live", "optimises", "bundled"),
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


def listed(row: Row) -> dict[str, Any]:
    """A line of the page's list. `state`: ready, here (to be loaded), download, pattern (takes a model) or blocked."""
    card, why_not = row.card, row.why_not()
    waiting = "download" if card and card.missing(HubSettings.named()) else "here" if card else "ready"
    return {
        "name": row.name,
        "title": bilingual(row.title),
        "kind": row.kind,
        "ratios": list(row.ratios),
        "default": row.default_ratio,
        "window": row.window,
        "options": list(row.options),
        "parameters": {name: amount(count) for name, count in row.parameters.items() if count},
        "state": waiting if why_not is None else "pattern" if row.pattern else "blocked",
        "why_not": bilingual(why_not and sentence(why_not)),
        "card": facts(row.name, card) if card and not row.pattern else None,
    }


def facts(key: str, card: Card) -> dict[str, Any]:
    """What a card says before anything is downloaded or loaded; sizes as people say them.

    Args:
        key: what would be loaded, an address without a ratio.
    """
    settings = HubSettings.named()
    missing, needed = card.missing(settings), card.memory(settings)
    room = None if settings.device_map else too_small(needed, _device())
    return {
        "key": key,
        "licence": {of: ", ".join(dict.fromkeys(said(part.licence, of) for part in card.parts)) for of in LANGUAGES},
        "parts": [
            {
                "repo": part.repo,
                "size": gigabytes(part.size(settings)),
                "licence": bilingual(part.licence),
                "here": part not in missing,
                "pickle": part.pickled(part.local(settings)),
            }
            for part in card.parts
        ],
        "download": gigabytes(card.download(settings)) if missing else "",
        "memory": gigabytes(needed),
        "room": bilingual(room and sentence(room)),
        "tight": "low-memory" in settings.allow,
        "check": {
            "measure": bilingual(card.check.measure.replace("_", " ")),
            "least": f"{card.check.least:g}",
            "why": bilingual(card.check.why),
        },
        "paper": web(card.paper),
        "code": web(card.code),
        "limits": bilingual(card.limits),
        "published": card.published,
    }


def here() -> dict[str, Any]:
    """Where and how large compressors load, as set: device, its free memory, and the settings in force."""
    settings = HubSettings.named()
    there = free(_device())
    return {
        "device": settings.device_map or _device(),
        "free": None if there is None else gigabytes(there),
        "dtype": settings.dtype,
        "bits": settings.bits,
        "minutes": f"{settings.minutes:g}",
        "folder": settings.folder,
        "allow": sorted(settings.allow),
    }


def sentence(reason: str) -> str:
    """A reason as a sentence that stands alone."""
    return reason[0].upper() + reason[1:] + ("" if reason.endswith((".", "!", "?", "”", '"')) else ".")


def web(address: str) -> str:
    """An address that a browser may be sent to; a plug-in's card may hold anything."""
    return address if address.startswith(("https://", "http://")) else ""


def _device() -> str:
    from models.pocket import device

    return device()
