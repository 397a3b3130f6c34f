"""Where this user's own data is kept: annotations, and links that were asked for."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def data_folder() -> Path:
    """$INSPECTOR_DATA, or `compression-inspector` in what the system names for the purpose; it need not exist yet."""
    if named := os.environ.get("INSPECTOR_DATA"):
        return Path(named)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "compression-inspector"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "compression-inspector"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "compression-inspector"
