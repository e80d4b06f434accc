"""MCP as its client sees it: JSON-RPC requests and replies, whatever carries them.

Speaks the stateless era (2026-07-28: every request carries its own envelope) and falls back to the `initialize`
handshake for a server that knows only the older one.
"""

from __future__ import annotations

import asyncio
import itertools
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

import orjson

from toolservers import episode as episodes
from toolservers.connection import WORLD_KEY, ToolSpec, check_call
from toolservers.errors import ErrorKind, ToolError
from toolservers.result import ToolResult

MODERN = "2026-07-28"
HANDSHAKE = "2025-11-25"  # newest revision with an `initialize` handshake
INVALID_PARAMS = -32602
CLIENT = {"name": "divegym", "version": "1"}
ENVELOPE = {
    "io.modelcontextprotocol/protocolVersion": MODERN,
    "io.modelcontextprotocol/clientInfo": CLIENT,
    "io.modelcontextprotocol/clientCapabilities": {},
}
MAX_REPLY_BYTES = 4 * 1024 * 1024
MAX_PAGES = 100  # of a tool listing

Message = dict[str, Any]


class Rejected(ToolError):
    """The server understood that it was asked, and declined: a JSON-RPC error or an HTTP 4xx."""

    def __init__(self, message: str, code: int | None = None) -> None:
        super().__init__(message, ErrorKind.INVALID_ARGUMENTS if code == INVALID_PARAMS else ErrorKind.TRANSPORT)


class RpcConnection(ABC):
    """A `Connection` over an exchange of JSON-RPC messages; a subclass carries them.

    A request is sent once. When its fate is unknown (time-out, broken pipe) the call fails; nothing is replayed.
    """

    def __init__(self, timeout: float, key: bytes | None = None) -> None:
        self.timeout = timeout
        self.version = MODERN
        self.world: str | None = None
        self._key = key
        self._ids = itertools.count(1)
        self._specs: dict[str, ToolSpec] = {}

    @abstractmethod
    async def _exchange(self, request: Message) -> Message:
        """The reply to a request. Raises `ToolError` if none can come, `Rejected` for an HTTP 4xx."""

    @abstractmethod
    async def _notify(self, notification: Message) -> None:
        """Sends a message that has no reply."""

    @abstractmethod
    async def aclose(self) -> None: ...

    async def open(self, timeout: float) -> None:
        """Finds out the server's era and its tools. Raises `ToolError` if that takes over `timeout` seconds."""
        try:
            async with asyncio.timeout(timeout):
                try:
                    specs = await self._list()
                except Rejected:
                    await self._initialize()
                    specs = await self._list()
        except TimeoutError:
            raise ToolError(f"{self}: no list of tools within {timeout:g} s", ErrorKind.TIMEOUT) from None
        self._specs = {spec.name: spec for spec in sorted(specs, key=lambda spec: spec.name)}

    async def tools(self) -> Mapping[str, ToolSpec]:
        return self._specs

    async def call(self, name: str, arguments: Mapping[str, Any], *, episode: str | None = None) -> ToolResult:
        try:
            check_call(name, arguments)
            meta = {} if episode is None else {episodes.META_KEY: episodes.sign(self._key, episode)}
            async with asyncio.timeout(self.timeout):
                return parse_result(await self._request("tools/call", {"name": name, "arguments": arguments}, meta))
        except TimeoutError:
            return ToolResult.failure(ToolError(f"{name}: no answer within {self.timeout:g} s", ErrorKind.TIMEOUT))
        except ToolError as error:
            return ToolResult.failure(error)

    async def _request(self, method: str, params: Message, meta: Message | None = None) -> Message:
        meta = {**(ENVELOPE if self.version == MODERN else {}), **(meta or {})}
        request: Message = {"jsonrpc": "2.0", "id": next(self._ids), "method": method, "params": params}
        if meta:
            params["_meta"] = meta
        return read_reply(await self._exchange(request), request["id"])

    async def _list(self) -> list[ToolSpec]:
        found: list[ToolSpec] = []
        cursor: Message = {}
        for _ in range(MAX_PAGES):
            page = await self._request("tools/list", dict(cursor))
            found += parse_listing(page)
            self.world = parse_world(page) or self.world
            if not isinstance(page.get("nextCursor"), str):
                return found
            cursor = {"cursor": page["nextCursor"]}
        raise garbage(f"a tool list of over {MAX_PAGES} pages")

    async def _initialize(self) -> None:
        self.version = HANDSHAKE
        hello = await self._request(
            "initialize", {"protocolVersion": HANDSHAKE, "capabilities": {}, "clientInfo": CLIENT})
        self.version = str(hello.get("protocolVersion", HANDSHAKE))
        await self._notify({"jsonrpc": "2.0", "method": "notifications/initialized"})


def garbage(what: object) -> ToolError:
    """The error for a server that does not speak MCP."""
    return ToolError(f"the server returned garbage: {str(what)[:200]}", ErrorKind.TRANSPORT)


def parse_message(data: bytes | str) -> Message:
    """One JSON-RPC message. Raises `ToolError` (transport) for anything else."""
    try:
        message = orjson.loads(data)
    except orjson.JSONDecodeError:
        raise garbage(repr(data[:200])) from None
    if not isinstance(message, dict) or message.get("jsonrpc") != "2.0":
        raise garbage(repr(data[:200]))
    return message


def read_reply(reply: Message, request_id: int) -> Message:
    """The result inside a reply. Raises `Rejected` for a JSON-RPC error, `ToolError` (transport) for garbage."""
    error, result = reply.get("error"), reply.get("result")
    if isinstance(error, dict):
        raise Rejected(f"the server declined: {str(error.get('message'))[:500]}", error.get("code"))
    if reply.get("id") != request_id or not isinstance(result, dict):
        raise garbage(reply)
    return result


def parse_listing(page: Message) -> list[ToolSpec]:
    """The tools on one page of `tools/list`."""
    try:
        return [ToolSpec(str(tool["name"]), str(tool.get("description") or ""), dict(tool["inputSchema"]),
                         tool.get("outputSchema"), dict(tool.get("_meta") or {})) for tool in page["tools"]]
    except (KeyError, TypeError, ValueError, AttributeError):
        raise garbage(page) from None


def parse_world(page: Message) -> str | None:
    """The version of the world that our own servers state on a page of `tools/list`."""
    meta = page.get("_meta")
    stated = meta.get(WORLD_KEY) if isinstance(meta, dict) else None
    return stated if isinstance(stated, str) else None


def parse_result(result: Message) -> ToolResult:
    """The outcome of `tools/call`, whoever wrote the server.

    Our own servers send `ToolResult.text`. Elsewhere an error's text becomes an `execution` failure, and text that is
    not a JSON object gives way to the structured content, or becomes `{"text": ...}`.
    """
    content = result.get("content")
    if not isinstance(content, list) or result.get("resultType", "complete") != "complete":
        raise garbage(result)
    text = "\n".join(str(block["text"]) for block in content if isinstance(block, dict) and "text" in block)
    if result.get("isError"):
        return _failure(text)
    try:
        output = orjson.loads(text)
    except orjson.JSONDecodeError:
        output = None
    if not isinstance(output, dict):
        output = result.get("structuredContent")
    return ToolResult(output if isinstance(output, dict) else {"text": text})


def _failure(text: str) -> ToolResult:
    try:
        return ToolResult.parse(text, is_error=True)
    except ToolError:
        return ToolResult.failure(ToolError(text))
