"""What tests share: fakes (the real classes of the pocket family with tiny random weights), and a browser."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from models.compressor import Row
from models.registry import Registry

WINDOW = 24
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --disable-background-networking --no-first-run"
    " --disable-component-update --disable-sync"
)


def tiny_decoder(seed: int = 0):
    import torch

    from models.pocket.decoder import PocketDecoder
    from models.pocket.network import DecoderNetwork, Shape

    torch.manual_seed(seed)
    return PocketDecoder(DecoderNetwork(Shape(width=64, layers=2, heads=2, hidden=96, window=WINDOW), seed=seed))


def tiny_soft(decoder, seed: int = 0):
    import torch

    from models.pocket.network import CompressorNetwork, Shape
    from models.pocket.soft import SoftCompressor
    from models.pocket.tokenizer import bundled

    torch.manual_seed(seed + 1)
    network = CompressorNetwork(Shape(width=32, layers=1, heads=2, hidden=48, memory_width=64))
    torch.nn.init.normal_(network.out.weight, std=0.05)  # as if trained: it changes the code
    return SoftCompressor(decoder, bundled(), network)


def fake_rows() -> list[Row]:
    shared: dict[str, object] = {}

    def decoder():
        return shared.setdefault("decoder", shared.get("decoder") or tiny_decoder())

    def words(options: tuple[str, ...]):
        from models.pocket.pruning import Pruning
        from models.pocket.tokenizer import bundled

        return Pruning(decoder(), bundled(), options)

    common = {"window": WINDOW, "live": True}
    return [
        Row("fake-a", "Fake A", "soft", (4, 16), 4, load=lambda _: tiny_soft(decoder(), 1), **common),
        Row("fake-b", "Fake B", "soft", (4, 16), 4, load=lambda _: tiny_soft(decoder(), 2), **common),
        Row(
            "fake-words",
            "Fake words",
            "words",
            (2, 4),
            2,
            load=words,
            traces=False,
            vectors=False,
            options=("digits", "names"),
            **common,
        ),
        Row(
            "fake-absent",
            "Fake that is not there",
            "soft",
            (4,),
            4,
            load=words,
            why_not=lambda: "its weights are missing",
            **common,
        ),
    ]


@pytest.fixture(scope="session")
def fakes() -> Registry:
    """Rows `fake-a`, `fake-b` (soft, one decoder), `fake-words`, and `fake-absent`, which is not ready."""
    return Registry(fake_rows())


def chromium() -> str | None:
    named = os.environ.get("CHROMIUM")
    found = [named] if named else [shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome")]
    return next((path for path in found if path and Path(path).exists()), None)


@pytest.fixture(scope="session")
def browser():
    """One headless Chromium for all tests; skips with a reason where there is none."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install -e '.[dev]'")
    path = chromium()
    if path is None:
        pytest.skip("no Chromium found; install one, or name it in the variable CHROMIUM")
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=path, args=FLAGS.split())
        yield opened
        opened.close()


def apart(work, *given):
    """What a function returns, called on a thread of its own: the browser's driver keeps a loop running on this one."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work, *given).result()


def run_async(work):
    """The result of a coroutine."""
    import asyncio

    return apart(asyncio.run, work)
