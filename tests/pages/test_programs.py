"""docs/programs.md as printed: each example is run against a page with the bundled compressors, on a free port."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from inspector.pages import build, launch_options
from tests.conftest import run_async

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "programs.md").read_text(encoding="utf-8")
MCP = find_spec("mcp") is not None
needs_mcp = pytest.mark.skipif(not MCP, reason="mcp is not installed: pip install -e '.[mcp]'")


def example(language: str, holds: str) -> str:
    found = [code for code in re.findall(rf"```{language}\n(.*?)```", GUIDE, re.S) if holds in code]
    assert len(found) == 1
    return found[0]


@pytest.fixture(scope="module")
def here():
    """Puts the served page's address in the place of the printed one."""
    app = build()
    options = {"prevent_thread_lock": True, "quiet": True, "server_name": "127.0.0.1", "mcp_server": MCP}
    _, address, _ = app.launch(**launch_options() | options)
    yield lambda code: code.replace("http://127.0.0.1:7860", address.rstrip("/"))
    app.close(verbose=False)


def run(*command: str) -> str:
    made = subprocess.run(
        command, capture_output=True, encoding="utf-8", timeout=300, cwd=ROOT, env=os.environ | {"PYTHONUTF8": "1"}
    )
    assert made.returncode == 0, made.stderr
    return made.stdout


def test_the_python_example(here):
    said = run(sys.executable, "-c", here(example("python", "gradio_client")))
    assert re.search(r"^pocket-xs@4 \d", said, re.M) and re.search(r"^superposition-s@16 \d.*Aldebaran", said, re.M)
    assert "serious role Source says Alice hit Bob" in said and "'pocket-l'" in said


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_curl_example(here):
    said = run("bash", "-c", here(example("sh", "curl")))
    assert "event: complete" in said
    (report,) = json.loads(said.split("data: ", 1)[1])
    assert report["divergences"][0]["kind"] == "role"


@needs_mcp
def test_the_mcp_example(here):
    tools, text = run(sys.executable, "-c", here(example("python", "streamable_http_client"))).splitlines()
    assert tools == "['inspect', 'diverge', 'compressors']" and len(text.split()) > 3


@needs_mcp
def test_the_configuration_leads_to_the_tools(here):
    from mcp import ClientSession
    from mcp.client.streamable_http import streamable_http_client

    ((_, server),) = json.loads(here(example("json", "mcpServers")))["mcpServers"].items()

    async def name() -> str:
        async with streamable_http_client(server["url"]) as (read, write, _), ClientSession(read, write) as session:
            return (await session.initialize()).serverInfo.name

    assert run_async(name()) == "Inspector"


def test_the_table_names_the_arguments():
    from inspector.pages import programs

    source = Path(programs.__file__).read_text(encoding="utf-8")
    for name in ("inspect", "diverge", "compressors"):
        given = re.search(rf"def {name}\(\s*request: gr.Request,?(.*?)\s*\) ->", source, re.S)[1]
        row = re.search(rf"^\| `/{name}`, `{name}` \|(.*?)\|", GUIDE, re.M)[1]
        assert re.findall(r"(\w+):", given) == [w for w in re.findall(r"`(\w+)`", row) if w != "NAME"]
