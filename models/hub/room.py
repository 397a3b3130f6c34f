"""How much memory is free where models are loaded, and one clear sentence where it is too little."""

from __future__ import annotations

import gc
import sys
from pathlib import Path

from models.hub.card import gigabytes
from models.hub.settings import ALLOW
from models.said import first_line

CGROUP = Path("/sys/fs/cgroup")


def free(device: str) -> int | None:
    """Bytes free on a device; None where nobody tells. A container's own limit counts."""
    if device.startswith("cuda"):
        import torch

        return torch.cuda.mem_get_info(torch.device(device))[0] if torch.cuda.is_available() else None
    if device != "cpu":
        return None
    found = [int(line.split()[1]) * 1024 for line in _lines(Path("/proc/meminfo")) if line.startswith("MemAvailable")]
    limit, used = (next(iter(_lines(CGROUP / name)), "") for name in ("memory.max", "memory.current"))
    if limit.isdigit() and used.isdigit():
        found.append(max(0, int(limit) - int(used)))
    return min(found, default=None)


def too_small(needed: int, device: str) -> str | None:
    """One sentence if so many bytes do not fit on a device now, else None."""
    there = free(device)
    if there is None or needed <= there:
        return None
    return (
        f"its weights need {gigabytes(needed)} and {gigabytes(there)} are free on {device}: free some, load it in fewer bits "
        f"(INSPECTOR_HUB=bits=4), spread it (device_map=auto), or try all the same ({ALLOW}=low-memory)"
    )


def ran_out(what: str, device: str) -> str:
    """One sentence after memory ran out."""
    there = free(device)
    left = f", {gigabytes(there)} are free now" if there is not None else ""
    return (
        f"{what} ran out of memory on {device}{left}: take a shorter text or fewer compressors, "
        "or load it in fewer bits (INSPECTOR_HUB=bits=4)."
    )


def sentence(error: BaseException, what: str) -> str:
    """One sentence on why something failed; where memory ran out, what can be done about it."""
    from models.hub.weights import out_of_memory
    from models.pocket import device

    return ran_out(what, device()) if out_of_memory(error) else first_line(error, f"{type(error).__name__} in {what}.")


def empty() -> None:
    """Give back memory that nobody uses any more, a GPU's too."""
    gc.collect()
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        torch.cuda.empty_cache()


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="ascii").splitlines()
    except OSError:
        return []
