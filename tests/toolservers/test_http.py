"""The HTTP client against servers that misbehave, that speak the older era, or that answer with event streams."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from hypothesis import given
from hypothesis import strategies as st
from mcp.shared.inbound import decode_header_value, encode_header_value

from toolservers.errors import ErrorKind, ToolError
from toolservers.http import HttpConnection, header_value
from toolservers.rpc import HANDSHAKE, MAX_REPLY_BYTES, MODERN

Handler = Callable[[web.Request, dict[str, Any]], Awaitable[web.StreamResponse]]
TOOLS = {"tools": [{"name": "t", "inputSchema": {"type": "object"}}]}


@asynccontextmanager
async def serving(answer: Handler) -> AsyncIterator[str]:
    async def handler(request: web.Request) -> web.StreamResponse:
        return await answer(request, await request.json())

    app = web.Application()
    app.router.add_post("/mcp", handler)
    async with TestServer(app) as server:
        yield str(server.make_url("/mcp"))


def reply(body: dict[str, Any], result: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": body["id"], "result": result}


def text(*lines: str, **more: Any) -> dict[str, Any]:
    return {"content": [{"type": "text", "text": line} for line in lines], **more}


async def call_answered(answer: Callable[[dict[str, Any]], web.Response]) -> Any:
    """The outcome of one call to a server that lists a tool and then answers like this."""
    async def handler(_: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        return web.json_response(reply(body, TOOLS)) if body["method"] == "tools/list" else answer(body)

    async with serving(handler) as url, aclosing(await HttpConnection.connect(url)) as connection:
        return await connection.call("t", {})


GARBAGE: list[Callable[[dict[str, Any]], web.Response]] = [
    lambda body: web.Response(text="<html>it works</html>"),
    lambda body: web.Response(text=""),
    lambda body: web.Response(body=b"\xff\xfe\x00"),
    lambda body: web.json_response([]),
    lambda body: web.json_response({"id": body["id"], "result": {}}),
    lambda body: web.json_response(reply({"id": 10**6}, text("{}"))),
    lambda body: web.json_response(reply(body, "text")),
    lambda body: web.json_response(reply(body, {})),
    lambda body: web.json_response(reply(body, text("?", resultType="input_required"))),
    lambda body: web.json_response({"jsonrpc": "2.0", "id": body["id"], "error": {"code": -32603, "message": "no"}}),
    lambda body: web.Response(status=503, text="busy"),
    lambda body: web.Response(status=302, headers={"Location": "/mcp"}),
    lambda body: web.Response(body=b" " * (MAX_REPLY_BYTES + 1)),
    lambda body: web.Response(text=": ping\n\n", content_type="text/event-stream"),
    lambda body: web.Response(text="data: {\n\n", content_type="text/event-stream"),
    lambda body: web.Response(body=gzip.compress(b" " * 10**7), headers={"Content-Encoding": "gzip"}),
]


@pytest.mark.parametrize("answer", GARBAGE)
async def test_garbage_is_a_transport_failure(answer: Callable[[dict[str, Any]], web.Response]) -> None:
    result = await call_answered(answer)
    assert result.error is ErrorKind.TRANSPORT
    assert 0 < len(result.message) < 1000


async def test_results_of_foreign_servers() -> None:
    """Text that is not ours still becomes a result."""
    wanted = [
        (text('{"a":1.50,"b":[2]}'), '{"a":1.5,"b":[2]}'),
        (text("hello", "there"), '{"text":"hello\\nthere"}'),
        (text("Sunny.", structuredContent={"sky": "clear"}), '{"sky":"clear"}'),
        (text("[1]"), '{"text":"[1]"}'),
        ({"content": [{"type": "image", "data": ""}]}, '{"text":""}'),
        (text("no such city", isError=True), '{"error":"execution","message":"no such city"}'),
        (text('{"error":"timeout","message":"m"}', isError=True), '{"error":"timeout","message":"m"}'),
    ]
    for sent, read in wanted:
        result = await call_answered(lambda body, sent=sent: web.json_response(reply(body, sent)))  # type: ignore[misc]
        assert result.text == read


async def test_a_declined_call_is_the_callers_fault() -> None:
    error = {"code": -32602, "message": "bad arguments"}
    result = await call_answered(lambda body: web.json_response(
        {"jsonrpc": "2.0", "id": body["id"], "error": error}, status=400))
    assert (result.error, result.message) == (ErrorKind.INVALID_ARGUMENTS, "the server declined: bad arguments")
    result = await call_answered(lambda body: web.Response(status=413))
    assert result.error is ErrorKind.INVALID_ARGUMENTS


async def test_a_lost_call_is_not_sent_again() -> None:
    calls = []

    async def handler(request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        if body["method"] == "tools/list":
            return web.json_response(reply(body, TOOLS))
        calls.append(body)
        assert request.transport
        request.transport.close()
        return web.Response()

    async with serving(handler) as url, aclosing(await HttpConnection.connect(url)) as connection:
        assert (await connection.call("t", {})).error is ErrorKind.TRANSPORT
        assert len(calls) == 1


async def test_an_event_stream_is_read_up_to_the_reply() -> None:
    """Notifications and a reply to someone else come first, and the stream stays open."""
    async def handler(request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        stream = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
        await stream.prepare(request)
        result = TOOLS if body["method"] == "tools/list" else text('{"ok":true}')
        for message in ({"jsonrpc": "2.0", "method": "notifications/progress", "params": {}},
                        reply({"id": -1}, {}), reply(body, result)):
            await stream.write(f"event: message\r\ndata: {web.json_response(message).text}\r\n\r\n".encode())
        assert request.transport
        while not request.transport.is_closing():
            await stream.write(b": ping\n\n")
        return stream

    async with serving(handler) as url, aclosing(await HttpConnection.connect(url)) as connection:
        assert (await connection.call("t", {})).output == {"ok": True}


async def test_an_endless_event_stream_is_cut_off() -> None:
    async def handler(request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        stream = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await stream.prepare(request)
        assert request.transport
        while not request.transport.is_closing():
            await stream.write(b": ping\n" * 10_000)
        return stream

    async with serving(handler) as url:
        with pytest.raises(ToolError, match="without a reply"):
            await HttpConnection.connect(url, timeout=60)


async def test_a_server_of_the_handshake_era() -> None:
    heard = []

    async def handler(request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        version, session = request.headers.get("MCP-Protocol-Version"), request.headers.get("Mcp-Session-Id")
        heard.append((body["method"], version, session))
        if version == MODERN:
            return web.Response(status=400, text="Bad Request: Missing session ID")
        if body["method"] == "initialize":
            hello = {"protocolVersion": "2025-06-18", "capabilities": {}, "serverInfo": {"name": "old", "version": "1"}}
            return web.json_response(reply(body, hello), headers={"Mcp-Session-Id": "s1"})
        if "id" not in body:
            return web.Response(status=202)
        assert "io.modelcontextprotocol/protocolVersion" not in body["params"].get("_meta", {})
        return web.json_response(reply(body, TOOLS if body["method"] == "tools/list" else text("old")))

    async with serving(handler) as url, aclosing(await HttpConnection.connect(url)) as connection:
        assert (await connection.call("t", {}, episode="e1")).output == {"text": "old"}
    assert heard == [
        ("tools/list", MODERN, None), ("initialize", None, None), ("notifications/initialized", "2025-06-18", "s1"),
        ("tools/list", "2025-06-18", "s1"), ("tools/call", "2025-06-18", "s1"),
    ]
    assert HANDSHAKE == "2025-11-25"


async def test_listing_follows_pages_but_not_for_ever() -> None:
    async def handler(_: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        page = int(body["params"].get("cursor", 0))
        tool = {"name": f"t{9 - page}", "inputSchema": {}}
        return web.json_response(reply(body, {"tools": [tool], **({"nextCursor": str(page + 1)} if page < 3 else {})}))

    async def endless(_: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        return web.json_response(reply(body, {"tools": [], "nextCursor": "again"}))

    async with serving(handler) as url, aclosing(await HttpConnection.connect(url)) as connection:
        assert list(await connection.tools()) == ["t6", "t7", "t8", "t9"]
    async with serving(endless) as url:
        with pytest.raises(ToolError, match="pages"):
            await HttpConnection.connect(url)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_header_values_survive(value: str) -> None:
    """The SDK's codec is the oracle."""
    assert header_value(value) == encode_header_value(value)
    assert decode_header_value(header_value(value)) == value
