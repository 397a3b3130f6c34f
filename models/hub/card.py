"""What is said of a public compressor before it loads: whose files, how large, under which licence, and how it is checked."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from models.hub.find import folder_of, offline
from models.hub.settings import HubSettings, refusal

FILES = ("*.json", "*.safetensors", "*.model", "*.jinja")  # a transformers model with its tokenizer
PICKLED = ("*.bin", "*.pt", "*.pth")
WEIGHTS = ("*.safetensors", *PICKLED)


@dataclass(frozen=True)
class Part:
    """Files of one repository on the hub, or of a folder."""

    repo: str  # ORG/NAME, or a folder
    bytes: int = 0  # of the weights taken, as published; 0 for a folder, which is looked into
    licence: str = "licence of its owner"
    files: Sequence[str] = FILES  # patterns of the paths taken, within the repository
    without: Sequence[str] = ()  # patterns of paths left out
    stored: float = 2.0  # bytes of a number in its weights; 4 where they are stored in float32 and run in 16 bits
    pickle: bool = False  # the weights are pickled, with no safetensors beside them

    def takes(self, path: str) -> bool:
        return any(fnmatch(path, p) for p in self.files) and not any(fnmatch(path, p) for p in self.without)

    def local(self, settings: HubSettings) -> Path | None:
        """Its folder on this machine, if everything taken is there."""
        named = folder_of(self.repo)
        found = named or settings.local(self.repo) or _cached(self.repo)
        return found if found is not None and not self.absent(found) else None

    def absent(self, folder: Path) -> list[str]:
        """What a folder lacks: files named outright, shards of an index, and weights where there are none at all."""
        there = {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file() and self.takes(str(p.relative_to(folder)))}
        plain = [name for name in self.files if not set("*?[") & set(name)]
        lacking = [name for name in plain if name not in there]
        formats = (".safetensors.index.json", ".bin.index.json") if self.pickled(folder) else (".safetensors.index.json",)
        for index in (name for name in there if name.endswith(formats)):
            shards = json.loads((folder / index).read_text(encoding="utf-8")).get("weight_map", {}).values()
            lacking += [name for s in sorted(set(shards)) if (name := str(Path(index).parent / s)) not in there]
        wanted = any(_weights(Path(p)) for p in self.files)  # else a tokenizer alone
        if wanted and not any(fnmatch(name, w) for name in there for w in WEIGHTS):
            lacking.append(next((p for p in self.files if p in WEIGHTS), "weights"))
        return lacking

    def pickled(self, folder: Path | None) -> bool:
        """Are its weights a pickle? Not in a folder to which somebody has brought safetensors, where those are taken."""
        found = () if folder is None else folder.rglob("*.safetensors")
        return self.pickle and not any(self.takes(str(path.relative_to(folder))) for path in found)

    def size(self, settings: HubSettings) -> int:
        """Bytes of the weights: read off the files where they are here, else as published."""
        folder = self.local(settings)
        if folder is None:
            return self.bytes
        paths = (p for p in folder.rglob("*") if p.is_file())
        return sum(p.stat().st_size for p in paths if self.takes(str(p.relative_to(folder))) and _weights(p))


@dataclass(frozen=True)
class Check:
    """The self-test that runs after loading: a measure of `models.hub.selftest`, and the least value that passes."""

    measure: str
    least: float
    why: str  # where the threshold comes from, one sentence
    text: str = ""  # for token_accuracy and memory_gain: scored in place of `selftest.TEXT`


@dataclass(frozen=True)
class Card:
    """A compressor's own page of facts."""

    parts: tuple[Part, ...]
    check: Check
    paper: str = ""  # address
    code: str = ""  # address
    limits: str = ""  # one or two sentences for the person who reads the reconstruction
    packages: tuple[str, ...] = ()  # import names of packages beside the usual ones
    extra: str = "hub"  # of this project, which brings those packages
    blocked: str | None = None  # why it cannot be had at all
    published: bool | None = False  # was it ever run here on the published weights? None where there are none but yours

    @property
    def licence(self) -> str:
        """Of all parts, each once."""
        return ", ".join(dict.fromkeys(part.licence for part in self.parts))

    def missing(self, settings: HubSettings) -> list[Part]:
        """Parts that would have to be downloaded."""
        return [part for part in self.parts if part.local(settings) is None]

    def download(self, settings: HubSettings) -> int:
        """Bytes of weights to download."""
        return sum(part.bytes for part in self.missing(settings))

    def memory(self, settings: HubSettings) -> int:
        """Bytes that the weights take once loaded; activations come on top."""
        return round(sum(part.size(settings) / part.stored for part in self.parts) * settings.bytes_a_number)

    def why_not(self) -> str | None:
        """One sentence if it cannot run here even after a download, else None."""
        return next(self._reasons(), None)

    def _reasons(self) -> Iterator[str]:
        from importlib.util import find_spec

        if self.blocked:
            yield self.blocked
        absent = [name for name in self.packages if find_spec(name) is None]
        if absent:
            yield f"it needs the package {absent[0]}: pip install 'compression-inspector[{self.extra}]'"
        settings = HubSettings.named()
        for part in self.missing(settings):
            folder = folder_of(part.repo)
            if folder is not None:
                yield (
                    f"there is no folder {part.repo}"
                    if not folder.is_dir()
                    else (f"the folder {part.repo} lacks {', '.join(part.absent(folder)[:3])}")
                )
            elif offline():
                yield f"{part.repo} is not on this machine, and HF_HUB_OFFLINE keeps it from the hub"
        pickled = next((part for part in self.parts if part.pickled(part.local(settings))), None)
        if pickled and "pickle" not in settings.allow:
            yield refusal("pickle", f"the weights of {pickled.repo} are published as a pickle only, which can hold code")

    def to_fetch(self) -> str | None:
        """One sentence on what has to be downloaded before it runs, or None."""
        settings = HubSettings.named()
        parts = self.missing(settings)
        if not parts:
            return None
        return f"not downloaded yet: {gigabytes(self.download(settings))} from {' and '.join(p.repo for p in parts)}"


def gigabytes(count: int) -> str:
    """A number of bytes as people say it; 1 GB = 10^9 bytes."""
    return f"{count / 1e9:,.1f} GB" if count >= 1e8 else f"{count / 1e6:,.1f} MB"


def _weights(path: Path) -> bool:
    return any(fnmatch(path.name, pattern) for pattern in WEIGHTS)


def _cached(repo: str) -> Path | None:
    """The newest snapshot of a repository in the hub's cache, whole or not."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        return Path(snapshot_download(repo, local_files_only=True))
    except (LocalEntryNotFoundError, ValueError):
        return None
