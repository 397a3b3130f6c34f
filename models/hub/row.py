"""From a card and a loading function to a row of the registry: fetch, look for room, load, test."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from models.compressor import Compressor, Kind, Loading, Row
from models.hub.card import Card, Part, gigabytes
from models.hub.settings import HubSettings, refusal
from models.said import first_line

Load = Callable[[Sequence[Path], HubSettings, tuple[str, ...]], Compressor]
LOOK_EVERY = 0.5  # seconds between looks at how much has been downloaded


def hub_row(
    name: str,
    title: str,
    kind: Kind,
    ratios: tuple[int, ...],
    default_ratio: int,
    window: int | None,
    card: Card,
    load: Load,
    parameters: Mapping[str, int] | None = None,
    **flags: Any,
) -> Row:
    """A row whose compressor is made by `load(folders, settings, options)`, a folder for each of the card's parts.

    Everything else is done here: what is missing is downloaded, memory is looked for, the self-test runs, and a sentence says
    what went wrong.
    """

    def loaded(options: tuple[str, ...], told: Callable[[Loading], None] = lambda _: None) -> Compressor:
        settings = HubSettings.named()
        folders = [part.local(settings) or fetch(part, told) for part in card.parts]
        return make(name, default_ratio, card, load, folders, settings, options, told)

    given = {"parameters": parameters or {"compressor": 0, "embeddings": 0, "decoder": 0}, "family": "hub", **flags}
    return Row(name, title, kind, ratios, default_ratio, window, loaded, card=card, why_not=card.why_not, **given)


def make(
    name: str,
    ratio: int,
    card: Card,
    load: Load,
    folders: Sequence[Path],
    settings: HubSettings,
    options: tuple[str, ...],
    told: Callable[[Loading], None],
) -> Compressor:
    """Load from folders and run the self-test.

    Raises:
        RuntimeError: no room, or it failed; one sentence.
    """
    from models.hub.room import ran_out, too_small
    from models.hub.selftest import verdict
    from models.hub.weights import out_of_memory
    from models.pocket import device

    needed = card.memory(settings)
    if "low-memory" not in settings.allow and not settings.device_map and (short := too_small(needed, device())):
        raise RuntimeError(f"{name} is not loaded: {short}")
    told(Loading("weights", 0.0, f"reading {gigabytes(needed)}"))
    try:
        compressor = load(folders, settings, options)
        told(Loading("self-test", 0.0, "one sentence through compressor and decoder"))
        passed, said = verdict(compressor, ratio, card.check)
    except Exception as error:
        if out_of_memory(error):
            raise RuntimeError(ran_out(name, device())) from error
        raise (
            error if isinstance(error, RuntimeError) else RuntimeError(f"{name} cannot be loaded: {first_line(error)}")
        ) from error
    if not passed and "failed-self-test" not in settings.allow:
        raise RuntimeError(f"{name} is not used: {refusal('failed-self-test', said)}")
    own = getattr(compressor, "notes", {})
    compressor.notes = {**own, "self_test": f"{said[0].upper()}{said[1:]}. {card.check.why}"} | (
        {"limits": card.limits} if card.limits else {}
    )
    return compressor


def fetch(part: Part, told: Callable[[Loading], None]) -> Path:
    """Download a part into the hub's cache, telling how far it is.

    Raises:
        RuntimeError: the hub cannot be reached, or does not give it; one sentence.
    """
    from huggingface_hub import snapshot_download

    result: list[Path | Exception] = []

    def work() -> None:
        try:
            result.append(Path(snapshot_download(part.repo, allow_patterns=list(part.files), ignore_patterns=list(part.without))))
        except Exception as error:  # no network, no such repository, a licence not accepted, a full disk
            result.append(error)

    size = gigabytes(part.bytes) if part.bytes else "an unknown size"
    print(f"{part.repo}: downloading {size} ({part.licence})", file=sys.stderr)
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    while thread.is_alive():
        there = arrived(part)
        share = min(0.99, there / part.bytes) if part.bytes else 0.0
        told(Loading("download", share, f"{gigabytes(there)} of {size} from {part.repo}"))
        thread.join(LOOK_EVERY)
    if isinstance(result[0], Exception):
        raise RuntimeError(f"{part.repo} cannot be downloaded: {first_line(result[0])}") from result[0]
    if absent := part.absent(result[0]):
        raise RuntimeError(f"{part.repo} lacks {', '.join(absent[:3])}; it may have been changed since this was written")
    return result[0]


def arrived(part: Part) -> int:
    """Bytes of a repository in the hub's cache, whole files and begun ones."""
    from huggingface_hub import constants

    blobs = Path(constants.HF_HUB_CACHE) / f"models--{part.repo.replace('/', '--')}" / "blobs"
    total = 0
    for path in blobs.glob("*"):
        try:
            total += path.stat().st_size
        except OSError:  # finished and renamed meanwhile
            continue
    return total
