"""Headless Chromium for tests of the page; skips with a reason where there is none."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
]
NAMES = ("chromium", "chromium-browser", "google-chrome")


def executable() -> str | None:
    """`CHROMIUM`, or the first browser on the path."""
    return os.environ.get("CHROMIUM") or next((found for name in NAMES if (found := shutil.which(name))), None)


def launched() -> Iterator:
    """A browser for a module's tests."""
    file = executable()
    if file is None:
        pytest.skip("no Chromium is installed; set CHROMIUM to its path")
    playwright = pytest.importorskip("playwright.sync_api").sync_playwright().start()
    browser = playwright.chromium.launch(executable_path=file, args=FLAGS)
    yield browser
    browser.close()
    playwright.stop()
