"""Links to texts too long for an address: kept on disk under a random id, only when somebody asks for it, and not for long."""

from __future__ import annotations

import json
import os
import re
import secrets
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gradio as gr

from inspector.folders import data_folder
from inspector.pages.labels import word
from inspector.views.words import language_of

LETTERS = re.compile(r"[A-Za-z0-9_-]{1,400000}")  # static/share.js packs a state into these; it is never unpacked here
ID = re.compile(r"[A-Za-z0-9_-]{16}")
MOST = 1_000  # links kept at once
DAYS = (1, 7, 30)
QUIET = {"api_visibility": "private", "show_progress": "hidden", "queue": False}


def usual_folder() -> Path:
    """Where links are kept: in the user's data folder."""
    return data_folder() / "links"


class Links:
    """States by random id. A file each, written whole or not at all, readable by this user alone, gone when it expires."""

    def __init__(self, folder: Path | None = None, now: Callable[[], float] = time.time) -> None:
        self.folder, self.now, self._lock = folder or usual_folder(), now, threading.Lock()

    def keep(self, letters: str, days: int) -> str | None:
        """Keep a packed state; its id, of 96 random bits, or None where too many are kept already.

        Raises:
            ValueError: it is no packed state, or not for one of `DAYS`.
        """
        if not LETTERS.fullmatch(letters) or days not in DAYS:
            raise ValueError("no packed state, or no number of days that is offered")
        with self._lock:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if self._sweep() >= MOST:
                return None
            name = secrets.token_urlsafe(12)
            begun = self.folder / f"{name}.part"
            row = json.dumps({"until": self.now() + 86_400 * days, "letters": letters})
            with os.fdopen(os.open(begun, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
                file.write(row)
            begun.rename(self.folder / f"{name}.json")
            return name

    def open(self, name: str) -> str | None:
        """The packed state of an id; None where there is none, or no longer."""
        row = self._read(self.folder / f"{name}.json") if ID.fullmatch(name) else None
        return row["letters"] if row and row["until"] > self.now() else None

    def _sweep(self) -> int:
        """Remove what has expired; how many stay."""
        stay = 0
        for file in self.folder.glob("*.json"):
            row = self._read(file)
            if row is None or row["until"] <= self.now():
                file.unlink(missing_ok=True)
            else:
                stay += 1
        return stay

    @staticmethod
    def _read(file: Path) -> dict[str, Any] | None:
        try:
            row = json.loads(file.read_text(encoding="ascii"))
            return {"until": float(row["until"]), "letters": str(row["letters"])}
        except (OSError, ValueError, KeyError, TypeError):
            return None


def share(names: gr.Dropdown, links: Links) -> None:
    """Wire the Share button of static/share.js inside the current Blocks; `names` are the chosen compressors."""
    told = gr.HTML(
        None,
        html_template="<div hidden></div>",
        js_on_load="watch('value', () => window.inspector.linked?.(props.value));",
        apply_default_css=False,
        padding=False,
        elem_id="link-data",
    )
    asked = gr.JSON(visible="hidden")

    def keep(order: Any) -> dict[str, Any]:
        order = order if isinstance(order, dict) else {}
        language = language_of(order)
        try:
            name = links.keep(str(order.get("letters") or ""), order.get("days"))
        except (ValueError, OSError):
            return {"moment": order.get("moment"), "error": word("share.refused", language)}
        answer = {"id": name} if name else {"error": word("share.full", language)}
        return {"moment": order.get("moment")} | answer

    def fetch(order: Any) -> dict[str, Any]:
        order = order if isinstance(order, dict) else {}
        language = language_of(order)
        letters = links.open(str(order.get("id") or ""))
        answer = {"letters": letters} if letters else {"error": word("share.gone", language)}
        return {"moment": order.get("moment")} | answer

    go = gr.Button(visible="hidden", elem_id="share-go")
    go.click(None, [names], None, js="(names) => { window.inspector.share(names); return []; }", **QUIET)
    for name, work in (("link-keep", keep), ("link-open", fetch)):
        button = gr.Button(visible="hidden", elem_id=name)
        button.click(work, [asked], told, js="() => [window.inspector.linkAsked()]", trigger_mode="multiple", **QUIET)
