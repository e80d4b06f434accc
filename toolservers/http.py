"""The HTTP transport: MCP over streamable HTTP on a pool of warm connections.

One connection object serves every episode of a process. aiohttp's pool has no owner task, so the object may be opened
in one task and closed in another.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from typing import Any

import aiohttp
import orjson
from yarl import URL

from toolservers import episode
from toolservers.connection import DEFAULT_TIMEOUT
from toolservers.errors import ErrorKind, ToolError
from toolservers.event_stream import EventStream
from toolservers.rpc import MAX_REPLY_BYTES, MODERN, Message, Rejected, RpcConnection, garbage, parse_message

POOL = 64  # connections; further calls wait their turn, within their time-out
KEEP_ALIVE = 4.0  # seconds; below the 5 s of common servers: a request on a connection they just closed would be lost
BASE_HEADERS = {
    "Content-Type": "application/json", "Accept": "application/json, text/event-stream", "Accept-Encoding": "identity",
}
TOO_LARGE = 413
SAFE = re.compile(r"(?!=\?base64\?)[!-~]([ -~]*[!-~])?")


class HttpConnection(RpcConnection):
    """A `Connection` to one server at `url`."""

    def __init__(self, url: str, timeout: float = DEFAULT_TIMEOUT, key: bytes | None = None, pool: int = POOL) -> None:
        super().__init__(timeout, key)
        self.url = url
        self._session_id: str | None = None  # of a server of the handshake era
        self._mirrored: dict[str, dict[tuple[str, ...], str]] = {}
        self._url = URL(url)
        self._http = aiohttp.ClientSession(
            headers=BASE_HEADERS, connector=aiohttp.TCPConnector(limit=pool, keepalive_timeout=KEEP_ALIVE),
            timeout=aiohttp.ClientTimeout(total=None), cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False,
        )

    @classmethod
    async def connect(cls, url: str, timeout: float = DEFAULT_TIMEOUT, pool: int = POOL) -> HttpConnection:
        """Raises `ToolError` if there is no MCP server at `url`."""
        connection = cls(url, timeout, episode.shared_key(), pool)
        try:
            await connection.open(timeout)
        except BaseException:
            await connection.aclose()
            raise
        return connection

    def __str__(self) -> str:
        return self.url

    async def open(self, timeout: float) -> None:
        await super().open(timeout)
        self._mirrored = {name: found for name, spec in self._specs.items()
                          if (found := dict(mirrored(spec.input_schema)))}

    async def aclose(self) -> None:
        await self._http.close()

    async def _exchange(self, request: Message) -> Message:
        try:
            async with self._http.post(
                self._url, data=orjson.dumps(request), headers=self._headers(request), allow_redirects=False,
            ) as reply:
                return await self._read(reply, request)
        except (aiohttp.ClientError, OSError, RuntimeError) as error:  # RuntimeError: the session is closed
            if isinstance(error, TimeoutError):
                raise
            raise ToolError(f"{self.url}: {error or type(error).__name__}", ErrorKind.TRANSPORT) from error

    async def _notify(self, notification: Message) -> None:
        await self._exchange(notification)

    def _headers(self, request: Message) -> dict[str, str]:
        method = request["method"]
        if method == "initialize":
            return {}
        headers = {"MCP-Protocol-Version": self.version}
        if self.version != MODERN:
            return headers if self._session_id is None else {**headers, "Mcp-Session-Id": self._session_id}
        headers["Mcp-Method"] = method
        if (name := request["params"].get("name")) is not None:
            headers["Mcp-Name"] = header_value(name)
            if paths := self._mirrored.get(name):
                headers |= mirror(paths, request["params"]["arguments"])
        return headers

    async def _read(self, reply: aiohttp.ClientResponse, request: Message) -> Message:
        if reply.status == TOO_LARGE:
            raise ToolError("arguments: too large for the server; send fewer", ErrorKind.INVALID_ARGUMENTS)
        if "id" not in request:
            return {}
        if reply.content_type == "text/event-stream":
            message = await _read_events(reply, request["id"])
        else:
            message = _read_body(reply.status, await _read_bytes(reply))
        if request["method"] == "initialize":
            self._session_id = reply.headers.get("Mcp-Session-Id")
        return message


def _read_body(status: int, body: bytes) -> Message:
    try:
        return parse_message(body)
    except ToolError:
        if status < 400:
            raise
    text = body[:200].decode(errors="replace")
    if status < 500:
        raise Rejected(f"HTTP {status}: {text}")
    raise ToolError(f"HTTP {status}: {text}", ErrorKind.TRANSPORT)


async def _read_bytes(reply: aiohttp.ClientResponse) -> bytes:
    if 0 <= (reply.content_length or -1) <= MAX_REPLY_BYTES:
        return await reply.read()
    body = bytearray()
    async for chunk in reply.content.iter_any():
        body += chunk
        if len(body) > MAX_REPLY_BYTES:
            raise garbage(f"a reply of over {MAX_REPLY_BYTES} bytes")
    return bytes(body)


async def _read_events(reply: aiohttp.ClientResponse, request_id: int) -> Message:
    stream, size = EventStream(), 0
    async for chunk in reply.content.iter_any():
        size += len(chunk)
        if size > MAX_REPLY_BYTES:
            break
        for data in stream.feed(chunk):
            if (message := parse_message(data)).get("id") == request_id and "method" not in message:
                return message
    raise garbage("an event stream without a reply")


def header_value(value: str) -> str:
    """`value` as MCP writes it in a header: plain if printable ASCII, else `=?base64?...?=`."""
    if SAFE.fullmatch(value) or not value:
        return value
    return f"=?base64?{base64.b64encode(value.encode(errors='replace')).decode()}?="


def mirrored(schema: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Where an input schema asks (`x-mcp-header`) for arguments to be repeated in headers: (path, header) pairs."""
    for name, part in (schema.get("properties") or {}).items():
        if isinstance(part, Mapping):
            if "x-mcp-header" in part:
                yield (*path, name), str(part["x-mcp-header"])
            yield from mirrored(part, (*path, name))


def mirror(paths: Mapping[tuple[str, ...], str], arguments: Mapping[str, Any]) -> dict[str, str]:
    """The `Mcp-Param-*` headers of a call."""
    headers = {}
    for path, header in paths.items():
        value: Any = arguments
        for name in path:
            value = value.get(name) if isinstance(value, Mapping) else None
        if isinstance(value, bool):
            value = "true" if value else "false"
        if isinstance(value, (str, int, float)):
            headers[f"Mcp-Param-{header}"] = header_value(str(value))
    return headers
