"""The tools of `--mcp`, as a client of the Model Context Protocol sees them."""

from __future__ import annotations

import json
from typing import Any

import pytest

import app
from inspector.compare import compare
from inspector.inspection import Report
from inspector.views.compressors import row_json
from models.registry import Registry
from tests.conftest import fake_rows, run_async
from tests.pages.conftest import TEXT, served
from tests.pages.test_endpoint import TOLD, timeless

pytest.importorskip("mcp", reason="mcp is not installed: pip install -e '.[mcp]'")

from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client


@pytest.fixture(scope="module")
def server():
    with served(mcp_server=True) as address:
        yield address


def ask(server: str, name: str | None = None, **arguments: Any) -> Any:
    """List the tools, or call one, in a session of its own."""

    async def session() -> Any:
        async with streamable_http_client(f"{server}gradio_api/mcp/") as (read, write, _), ClientSession(read, write) as client:
            await client.initialize()
            return await (client.call_tool(name, arguments) if name else client.list_tools())

    return run_async(session())


def answer(result: Any) -> Any:
    assert not result.isError and len(result.content) == 1
    return json.loads(result.content[0].text)


def test_three_tools_and_nothing_of_the_page(server):
    tools = {tool.name: tool for tool in ask(server).tools}
    assert list(tools) == ["inspect", "diverge", "compressors"]
    schema = tools["inspect"].inputSchema
    assert list(schema["properties"]) == ["text", "compressors", "truncate", "max_top"]
    assert schema["required"] == ["text", "compressors"]
    for tool in tools.values():
        assert len(tool.description) > 60 and ", ," not in tool.description
        assert all(p["description"] for p in tool.inputSchema["properties"].values())


def test_they_answer_with_the_contracts_json(server):
    direct = compare(TEXT, ["fake-a@4", "fake-words@2"], max_top=0, registry=Registry(fake_rows()))
    made = answer(ask(server, "inspect", text=TEXT, compressors=["fake-a@4", "fake-words@2"], max_top=0))
    assert timeless(made) == timeless(direct.model_dump(mode="json"))
    made = Report.model_validate(answer(ask(server, "diverge", source=TEXT, reconstruction=TOLD)))
    assert any(found.kind == "number" for found in made.divergences)
    fakes = [row_json(row) for row in fake_rows()]
    assert answer(ask(server, "compressors"))[: len(fakes)] == fakes


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        ("inspect", {"text": "", "compressors": ["fake-a@4"]}, "The text is empty; give at least one word."),
        ("inspect", {"text": TEXT, "compressors": ["nonsense"]}, "Unknown compressor 'nonsense'"),
        ("inspect", {"text": TEXT, "compressors": ["fake-broken"]}, "the disk is on fire"),
        ("inspect", {"text": TEXT}, "'compressors' is a required property"),
        ("diverge", {"source": TEXT, "reconstruction": 7}, "7 is not of type 'string'"),
        ("run", {}, "Unknown tool"),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_sentence(server, tool, arguments, said):
    refused = ask(server, tool, **arguments)
    assert refused.isError and len(refused.content) == 1
    assert said in refused.content[0].text and "\n" not in refused.content[0].text


def test_no_report_of_its_use_leaves_the_machine(monkeypatch):
    """Gradio's server calls itself through its client, which reports its start unless it is told not to."""
    sent: list[Any] = []
    monkeypatch.setenv("GRADIO_ANALYTICS_ENABLED", "True")
    monkeypatch.setattr("gradio_client.client.send_telemetry", lambda *args, **more: sent.append(more))
    with served(mcp_server=True) as address:
        assert answer(ask(address, "compressors"))
    assert not sent


def test_mcp_asks_for_no_password(tmp_path):
    with pytest.raises(ValueError, match="asks for no password: not with --auth"):
        app.arguments(["--mcp", "--auth", str(tmp_path / "accounts")])
