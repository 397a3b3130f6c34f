"""Many clients of the page at once: is every answer there, and the right one, and how long did it take?

Four of five clients do what a browser does: they fetch the page and the files that it names, run a comparison of their own text
through the page's own event, and follow its stream. Every fifth is a program that asks the endpoint `/inspect`. Then each submits
a label of what came back. All answers are compared with one that was computed here, without the server.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import platform
import re
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from inspector.compare import LIMIT, Builder, stream
from inspector.pages.run import DEFAULT
from inspector.views.compare import payload
from models.registry import Registry
from models.registry import registry as default_registry

TEXTS = Path(__file__).parents[1] / "models" / "training" / "held_out" / "wikipedia2015-test.jsonl"
NAMED = re.compile(r'(?:src|href)="\.?/?([^":]+\.(?:js|css)(?:\?[^"]*)?|gradio_api/file=[^"]+)"')  # in the page and its head
OURS = re.compile(r'new URL\("(gradio_api/file=[^"]+)"')  # in components' scripts
IMPORTED = re.compile(r'(?:from|import) ?"\./([\w.-]+\.js)"')  # by a script of Gradio's
CONNECTIONS = 6  # that a browser opens to one host over HTTP/1.1
LONGEST = 900  # seconds that a client waits for its answer
QUEUE = "clients"  # of the annotations


@dataclass
class Figures:
    """Seconds by step, what went wrong, and how much was fetched."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    wrong: list[str] = field(default_factory=list)
    files: int = 0
    bytes: int = 0


@dataclass
class Expected:
    """What one text gives, computed without the server."""

    text: str
    frame: dict[str, Any]  # the page's last payload
    comparison: Any


def expected(text: str, names: Sequence[str], table: Registry) -> Expected:
    builder = Builder(text, names)
    for event in stream(text, names, registry=table, limit=LIMIT):
        builder.apply(event)
    frame = payload(text, builder.columns, run=0, status="done", progress=1.0, language="en")
    return Expected(text, json.loads(json.dumps(frame)), builder.comparison())


async def page(http: httpx.AsyncClient, figures: Figures) -> int:
    """Load the page as a browser does; returns the number of the event that runs a comparison."""
    fetched: dict[str, int] = {}

    async def get(name: str) -> str:
        answer = (await http.get(name)).raise_for_status()
        fetched[name] = len(answer.content)
        return answer.text

    html, config = await get(""), json.loads(await get("config"))
    scripts = " ".join(str(component["props"].get("js_on_load")) for component in config["components"])
    names = {*NAMED.findall(html), *NAMED.findall(config["head"]), *OURS.findall(scripts)}
    while new := [name for name in names if name not in fetched]:
        texts = await asyncio.gather(*map(get, new))
        found = (IMPORTED.findall(text) for name, text in zip(new, texts, strict=True) if name.startswith("assets/"))
        names = {f"assets/{name}" for group in found for name in group}
    figures.files, figures.bytes = len(fetched), sum(fetched.values())
    go = next(c["id"] for c in config["components"] if c["props"].get("elem_id") == "go")
    return next(d["id"] for d in config["dependencies"] if [go, "click"] in d["targets"] and len(d["inputs"]) == 3)


async def visitor(http: httpx.AsyncClient, event: int, text: str, names: Sequence[str]) -> dict[str, Any]:
    """A comparison as the page runs it; its last payload.

    Raises:
        RuntimeError: the server refused it, or ended it.
    """
    session = secrets.token_hex(8)
    order = {"moment": time.time() * 1000, "language": "en", "live": False}
    asked = {"data": [text, list(names), order], "fn_index": event, "session_hash": session, "trigger_id": None}
    joined = await http.post("gradio_api/queue/join", json=asked)
    if joined.is_error:
        raise RuntimeError(f"refused: {joined.text[:200]}")
    async with http.stream("GET", "gradio_api/queue/data", params={"session_hash": session}) as answer:
        async for line in answer.aiter_lines():
            told = json.loads(line.removeprefix("data:")) if line.startswith("data:") else {}
            if told.get("msg") == "process_completed":
                if not told["success"]:
                    raise RuntimeError(f"failed: {told['output']}")
                still, moving = (json.loads(told["output"]["data"][0][part]) for part in ("still", "moving"))
                columns = [a | b for a, b in zip(still["columns"], moving["columns"], strict=True)]
                return still | moving | {"columns": columns}
    raise RuntimeError("the stream ended without an answer")


async def program(http: httpx.AsyncClient, text: str, names: Sequence[str]) -> dict[str, Any]:
    """A comparison from `/inspect`.

    Raises:
        RuntimeError: the server refused it, or ended it.
    """
    joined = await http.post("gradio_api/call/v2/inspect", json={"text": text, "compressors": list(names)})
    if joined.is_error:
        raise RuntimeError(f"refused: {joined.text[:200]}")
    async with http.stream("GET", f"gradio_api/call/inspect/{joined.json()['event_id']}") as answer:
        kind = ""
        async for line in answer.aiter_lines():
            if line.startswith("event: "):
                kind = line.removeprefix("event: ")
            elif line.startswith("data: ") and kind == "complete":
                return json.loads(line.removeprefix("data: "))[0]
            elif line.startswith("data: ") and kind == "error":
                raise RuntimeError(line)
    raise RuntimeError("the stream ended without an answer")


def differs(made: Any, wanted: Any, where: str = "") -> str | None:
    """Where two JSON values differ, or None; seconds and the run's number are nobody's answer."""
    if isinstance(made, dict) and isinstance(wanted, dict):
        keys = [key for key in made | wanted if key not in ("seconds", "run")]
        return next((d for key in keys if (d := differs(made.get(key), wanted.get(key), f"{where}.{key}"))), None)
    if isinstance(made, list) and isinstance(wanted, list) and len(made) == len(wanted):
        return next((d for i, pair in enumerate(zip(made, wanted, strict=True)) if (d := differs(*pair, f"{where}.{i}"))), None)
    if isinstance(made, float) and isinstance(wanted, int | float):  # the same sum in another order of threads
        return None if abs(made - wanted) <= 1e-3 * max(1.0, abs(wanted)) else f"{where[1:]}: {made}, not {wanted}"
    return None if made == wanted else f"{where[1:]}: {str(made)[:60]!r}, not {str(wanted)[:60]!r}"


class Labels:
    """A database of annotations, into which each client submits one label: through the store, as the Annotate page does."""

    def __init__(self, file: Path) -> None:
        from inspector.annotations.database import open_database
        from inspector.annotations.queues import Queue, create

        self.db = open_database(file)
        create(self.db, Queue(QUEUE, shown="never"))

    def submit(self, who: str, wanted: Expected) -> None:
        from inspector.annotations import events, queues
        from inspector.annotations.items import Item
        from inspector.annotations.labels import Label
        from inspector.annotations.store import set_person

        found = wanted.comparison.inspections[0]
        item = Item(source=wanted.text, reconstruction=found.reconstruction.text, compressor=found.compressor)
        set_person(self.db, who)
        queues.add_items(self.db, QUEUE, [(item, None)])
        events.add(self.db, QUEUE, item.id, who, "submit", Label(verdict="drift", comment=f"by {who}"))

    def lost(self, people: Sequence[str]) -> list[str]:
        """What was submitted and is not there, read from the file again."""
        from inspector.annotations import events

        there = {(who, thread[-1].label.comment) for (_, who), thread in events.all_of(self.db, QUEUE).items()}
        return [f"the label of {who} is not there" for who in people if (who, f"by {who}") not in there]


async def run(address: str, wanted: Sequence[Expected], names: Sequence[str], labels: Labels) -> Figures:
    """As many clients as there are texts, all at once.

    Args:
        address: of the page, with a slash at the end.
    """
    figures = Figures()

    async def timed(step: str, work: Any) -> Any:
        began = time.monotonic()
        made = await work
        figures.seconds[step].append(time.monotonic() - began)
        return made

    async def client(number: int, one: Expected) -> None:
        # Uvicorn closes connections that were idle for 5 s. A browser then asks again; here none that old is used.
        limits = httpx.Limits(max_connections=CONNECTIONS, keepalive_expiry=2)
        async with httpx.AsyncClient(base_url=address, timeout=LONGEST, limits=limits, trust_env=False) as http:
            try:
                if number % 5 == 4:
                    made = await timed("/inspect", program(http, one.text, names))
                    wrong = differs(made, one.comparison.model_dump(mode="json"))
                else:
                    event = await timed("page", page(http, figures))
                    made = await timed("comparison", visitor(http, event, one.text, names))
                    wrong = differs(made, one.frame)
                await timed("submit", asyncio.to_thread(labels.submit, f"client {number}", one))
            except (httpx.HTTPError, RuntimeError, ValueError, KeyError) as error:
                wrong = f"{type(error).__name__}: {error}"
            if wrong:
                figures.wrong.append(f"client {number}: {wrong}")

    await asyncio.gather(*(client(number, one) for number, one in enumerate(wanted)))
    figures.wrong += labels.lost([f"client {number}" for number in range(len(wanted))])
    return figures


@contextmanager
def served() -> Iterator[tuple[str, int]]:
    """`app.py` in a process of its own, on a free port; (address, process id)."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen([sys.executable, "-m", "app", "--port", str(port)], stdout=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}/"
    try:
        for _ in range(600):
            try:
                httpx.get(address, trust_env=False).raise_for_status()
                break
            except httpx.HTTPError:
                if process.poll() is not None:
                    raise RuntimeError("the server did not start; try python app.py") from None
                time.sleep(0.2)
        yield address, process.pid
    finally:
        process.terminate()
        process.wait(30)


def memory(pid: int) -> str:
    """Of a process, now and at most; empty where the system does not say."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        return ""
    now, most = (int(re.search(rf"{name}:\s+(\d+) kB", status)[1]) / 1e6 for name in ("VmRSS", "VmHWM"))
    return f"; the server held {now:.1f} GB at the end, {most:.1f} GB at most"


def table_of(figures: Figures) -> Iterator[str]:
    """Markdown."""
    steps = {"page": f"page, {figures.files} files ({figures.bytes / 1e6:.1f} MB)"}
    steps |= {"comparison": "comparison on the page", "/inspect": "`/inspect`", "submit": "label submitted"}
    yield "| step | clients | p50, s | p95, s | longest, s |\n|---|---|---|---|---|"
    for step, said in steps.items():
        if seconds := sorted(figures.seconds[step]):
            p50, p95 = (seconds[min(len(seconds) - 1, int(share * len(seconds)))] for share in (0.5, 0.95))
            yield f"| {said} | {len(seconds)} | {p50:.2f} | {p95:.2f} | {seconds[-1]:.2f} |"


def texts_of(count: int) -> list[str]:
    """As many texts, no two alike: paragraphs that ship with the project, numbered where they come again."""
    found = [json.loads(line)["text"] for line in TEXTS.read_text(encoding="utf-8").splitlines()]
    return [found[i % len(found)] + (f" {i}." if i >= len(found) else "") for i in range(count)]


def main(args: argparse.Namespace, table: Registry | None = None, say: Callable[[str], None] = print) -> int:
    """Run `args.clients` clients against a server of their own and print the figures.

    Returns:
        0, or 1 where an answer was lost or wrong.
    """
    import torch

    table, names = table or default_registry(), args.compressor or list(DEFAULT)
    wanted = [expected(text, names, table) for text in texts_of(args.clients)]
    with tempfile.TemporaryDirectory() as folder, served() as (address, pid):
        labels = Labels(Path(folder) / "annotations.db")
        first = asyncio.run(run(address, wanted[:1], names, Labels(Path(folder) / "first.db")))  # loads the models
        began = time.monotonic()
        figures = asyncio.run(run(address, wanted, names, labels)) if not first.wrong else first
        seconds, held = time.monotonic() - began, memory(pid)
        labels.db.close()
    say(f"{platform.processor() or platform.machine()}, {torch.get_num_threads()} threads, {', '.join(names)}")
    for line in table_of(figures):
        say(line)
    rate = 60 * len(wanted) / seconds
    say(f"{len(wanted)} clients in {seconds:.0f} s, {rate:.0f} comparisons a minute; lost or wrong: {len(figures.wrong)}{held}")
    for line in figures.wrong[:10]:
        say(line)
    return 1 if figures.wrong else 0
