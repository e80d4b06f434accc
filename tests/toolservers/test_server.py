"""The official SDK's client, in every mode and over every transport, against our server."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from typing import Any

import aiohttp
import orjson
import pytest
from mcp import Client, StdioServerParameters
from mcp_types import CallToolResult
from processes import TOY_SERVER, ServerProcess, http_server
from toys.basic import toy_host

from toolservers.memory import MemoryConnection
from toolservers.server import MAX_BODY_BYTES, build_server, http_app

MODES = ["auto", "2026-07-28", "legacy"]
CALLS: list[tuple[str, dict[str, Any]]] = [
    ("add", {"a": 0.1, "b": 0.2}), ("add", {"a": "1"}), ("add", {"a": 1e-7, "b": 1e22}), ("echo", {"text": "日本 \n"}),
    ("measure", {"value": [1, {"a": None}]}), ("measure", {"value": "[1]"}), ("refuse", {}), ("crash", {}), ("no", {}),
]


@pytest.fixture(scope="module")
def server() -> Iterator[ServerProcess]:
    with http_server(timeout=1.0) as process:
        yield process


def target(front: str, server: ServerProcess) -> Any:
    if front == "memory":
        return build_server("toys", toy_host(1.0))
    return server.url if front == "http" else StdioServerParameters(command=TOY_SERVER[0], args=[TOY_SERVER[1], "1.0"])


def text_of(result: CallToolResult) -> str:
    [block] = result.content
    assert block.type == "text"
    return block.text


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("front", ["memory", "http", "stdio"])
async def test_the_sdk_client_lists_and_calls(front: str, mode: str, server: ServerProcess) -> None:
    reference = MemoryConnection(toy_host(1.0))
    async with asyncio.timeout(30), Client(target(front, server), mode=mode) as client:
        listed = {tool.name: tool for tool in (await client.list_tools()).tools}
        for name, spec in (await reference.tools()).items():
            tool = listed[name]
            assert (tool.description, tool.input_schema) == (spec.description, spec.input_schema)
            assert (tool.output_schema, tool.meta) == (spec.output_schema, spec.meta)
            assert tool.annotations and tool.annotations.read_only_hint
        for name, arguments in CALLS:
            result, wanted = await client.call_tool(name, arguments), await reference.call(name, arguments)
            assert (text_of(result), result.is_error) == (wanted.text, not wanted.ok), (name, arguments)
            assert result.structured_content == wanted.output
        results = await asyncio.gather(*(client.call_tool("add", {"a": i, "b": 0}) for i in range(20)))
        assert [one.structured_content for one in results] == [{"total": float(i)} for i in range(20)]


async def post(url: str, body: bytes, **headers: str) -> tuple[int, Any]:
    headers = {"Content-Type": "application/json", "Accept": "application/json", **headers}
    async with aiohttp.request("POST", url, data=body, headers=headers) as reply:
        raw = await reply.read()
        return reply.status, orjson.loads(raw) if raw.startswith(b"{") else raw


async def test_health_names_domain_world_and_tools(server: ServerProcess) -> None:
    async with aiohttp.request("GET", server.url.replace("/mcp", "/health")) as reply:
        assert await reply.json() == {"status": "ok", "domain": "toys", "world": "w1", "tools": 9}


async def test_requests_out_of_bounds_are_refused(server: ServerProcess) -> None:
    ping = b'{"jsonrpc":"2.0","id":1,"method":"ping"}'
    assert (await post(server.url, b" " * (MAX_BODY_BYTES + 1)))[0] == 413
    assert (await post(server.url, b"{"))[0] == 400
    assert (await post(server.url, ping, Host="evil.example"))[0] == 421
    assert (await post(server.url, ping, Origin="http://evil.example"))[0] == 403
    assert (await post(server.url, ping, Host="toys:8101"))[0] == 200
    status, body = await post(server.url, ping, **{"MCP-Protocol-Version": "2026-07-28", "Mcp-Method": "tools/call"})
    assert status == 400 and "error" in body


def test_more_hosts_can_be_allowed() -> None:
    from starlette.testclient import TestClient

    ping = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    accept = {"Accept": "application/json"}
    cases = [([], "gym.example", 421), (["gym.example"], "gym.example:80", 200), (["*"], "x", 200)]
    for allowed, name, status in cases:
        app = http_app("toys", toy_host(), allowed_hosts=allowed)
        with TestClient(app, base_url=f"http://{name}") as client:
            assert client.post("/mcp", json=ping, headers=accept).status_code == status


async def test_a_slow_tool_meets_the_servers_own_limit(server: ServerProcess) -> None:
    async with Client(server.url, mode="2026-07-28") as client:
        result = await client.call_tool("wait", {})
        assert text_of(result) == '{"error":"timeout","message":"wait: no answer within 1 s"}'


async def test_sigterm_lets_the_call_in_flight_finish() -> None:
    with http_server(timeout=0.5) as server:
        async with Client(server.url, mode="2026-07-28") as client:
            call = asyncio.create_task(client.call_tool("wait", {}))
            await client.call_tool("add", {"a": 1})  # sent after the other, so that one is under way
            server.process.send_signal(signal.SIGTERM)
            assert "no answer within 0.5 s" in text_of(await call)
        assert await asyncio.to_thread(server.process.wait, 10) == -signal.SIGTERM
