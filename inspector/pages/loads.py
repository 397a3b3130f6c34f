"""Loading large compressors beside the page: in threads of their own, shared by all who ask, never inside a run."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from typing import Any

from inspector.views.reasons import bilingual
from models.compressor import Compressor, Loading
from models.hub.card import gigabytes
from models.hub.room import empty, sentence
from models.hub.settings import HubSettings
from models.registry import Address, Registry

KEPT = 100  # failures remembered
log = logging.getLogger(__name__)


def whole(address: Address) -> str:
    """What is loaded for an address: all of it but the ratio."""
    return "+".join((address.row.name, *address.options))


def waits(table: Registry, address: Address) -> bool:
    """Is it a large one that could be loaded, and is not?"""
    return address.row.card is not None and not table.is_loaded(address) and address.row.why_not() is None


def how_to_load(address: Address) -> str:
    """One sentence for somebody who asked for one that is not loaded."""
    card, settings = address.row.card, HubSettings.named()
    parts, size = card.missing(settings), gigabytes(card.download(settings))
    fetched = f" {size} are downloaded then ({', '.join(dict.fromkeys(part.licence for part in parts))})," if parts else ""
    return (
        f"{whole(address)} is large and not loaded: load it on the Compressors page (?tab=compressors);{fetched} "
        f"or name it on the command line, which loads it at once: python -m inspector inspect --compressor {address}."
    )


class NotLoaded(RuntimeError):
    """A large compressor is not loaded; the message says how to load it."""


class Apart:
    """A registry as runs on the page see it: of the large compressors there are only those that are loaded."""

    def __init__(self, table: Registry) -> None:
        self.table = table

    def __getattr__(self, name: str) -> Any:
        return getattr(self.table, name)

    def load(self, address: Address) -> Compressor:
        """As `Registry.load`.

        Raises:
            NotLoaded: it is large and not loaded.
            RuntimeError: it cannot run here; the message says why.
        """
        if waits(self.table, address):
            raise NotLoaded(how_to_load(address))
        return self.table.load(address)


class Loads:
    """What is being loaded, what failed, and what is there."""

    def __init__(self, table: Registry) -> None:
        self.table, self._lock = table, threading.Lock()
        self._under_way: dict[str, Loading] = {}
        self._failed: OrderedDict[str, str] = OrderedDict()

    def start(self, address: Address) -> None:
        """Begin to load, unless that is under way or done."""
        key = whole(address)
        with self._lock:
            if key in self._under_way or self.table.is_loaded(address):
                return
            self._failed.pop(key, None)
            self._under_way[key] = Loading("begin", 0.0, "")
        threading.Thread(target=self._load, args=(address, key), daemon=True, name=f"load {key}").start()

    def _load(self, address: Address, key: str) -> None:
        said = "It was not loaded."

        def told(step: Loading) -> None:
            self._under_way[key] = step

        try:
            self.table.load(address, told)
            said = ""
        except Exception as error:  # no network, no room, a failed self-test, a damaged file: the page says it in one sentence
            said = sentence(error, key)
            log.warning("%s: %s", key, said)
        finally:
            if said:
                empty()
            with self._lock:
                self._under_way.pop(key)
                if said:
                    self._failed[key] = said
                while len(self._failed) > KEPT:
                    self._failed.popitem(last=False)

    def release(self, name: str) -> None:
        """Release a row's compressors, whoever loaded them."""
        self.table.release(name)

    def states(self) -> dict[str, dict[str, Any]]:
        """By what is loaded: `loading` with stage, share and detail, `failed` with a sentence, `loaded` with its self-test's."""
        with self._lock:
            under_way, failed = dict(self._under_way), dict(self._failed)
        found: dict[str, dict[str, Any]] = {key: {"state": "failed", "said": bilingual(said)} for key, said in failed.items()}
        for key, compressor in self.table.loaded().items():
            found[key] = {"state": "loaded", "said": bilingual(getattr(compressor, "notes", {}).get("self_test"))}
        for key, step in under_way.items():
            found[key] = {"state": "loading", "stage": step.stage, "share": round(step.share, 3), "said": bilingual(step.detail)}
        return found
