"""The MCP server of a domain: its catalogue of tools behind stdio and streamable HTTP, for both protocol eras.

The tools bring ready schemas and validate for themselves, so they are registered on the SDK's low-level `Server`,
which passes both through; the SDK is used in this module alone.

    python -m toolservers.server financial                       # stdio
    python -m toolservers.server financial --http 0.0.0.0:8101   # MCP at /mcp, liveness at /health
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import ctypes
import importlib.metadata
import signal
import socket
import sys
from collections.abc import Sequence
from typing import Any, Literal

import uvicorn
from mcp.server import Server
from mcp.server.caching import CacheHint
from mcp.server.context import ServerRequestContext
from mcp.server.stdio import stdio_server
from mcp.server.transport_security import TransportSecuritySettings
from mcp_types import (
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    PaginatedRequestParams,
    TextContent,
    Tool,
    ToolAnnotations,
)
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from toolservers import episode
from toolservers.catalog import load
from toolservers.connection import DEFAULT_TIMEOUT, MAX_CALL_BYTES, WORLD_KEY, ToolSpec
from toolservers.errors import ToolError
from toolservers.host import ToolHost
from toolservers.result import ToolResult
from toolservers.world import World, open_world

MAX_BODY_BYTES = 2 * MAX_CALL_BYTES  # a call and its envelope
MAX_IN_FLIGHT = 4_096  # connections and requests; above it a server answers 503
KEEP_ALIVE = 75  # seconds; longer than any client's, so that the client is the one to close
GRACE = 5  # seconds that calls in flight get at shutdown
LIST_TTL_MS = 3_600_000
READ_ONLY = ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False)


def build_server(domain: str, host: ToolHost, key: bytes | None = None) -> Server[Any]:
    """One MCP server over the host's catalogue. With a `key`, calls must carry an episode handle that it signed."""
    listing = ListToolsResult(tools=[_listed(ToolSpec.of(tool)) for tool in host.catalog.values()],
                              _meta={WORLD_KEY: host.world.version})
    schemas = {tool.name: tool.input_schema for tool in host.catalog.values()}

    async def list_tools(_: ServerRequestContext[Any], __: PaginatedRequestParams | None) -> ListToolsResult:
        return listing

    async def call_tool(context: ServerRequestContext[Any], params: CallToolRequestParams) -> CallToolResult:
        try:
            if key is not None:
                episode.verify(key, (context.meta or {}).get(episode.META_KEY))
        except ToolError as error:
            return _answer(ToolResult.failure(error))
        return _answer(await host.call(params.name, params.arguments or {}))

    return Server(
        f"divegym-{domain}", version=_version(), on_list_tools=list_tools, on_call_tool=call_tool,
        get_tool_input_schema=schemas.get,  # else every modern call first runs tools/list
        cache_hints={"tools/list": CacheHint(LIST_TTL_MS, "public")},
    )


def _listed(spec: ToolSpec) -> Tool:
    return Tool(name=spec.name, description=spec.description, input_schema=dict(spec.input_schema),
                output_schema=dict(spec.output_schema or {}), annotations=READ_ONLY, _meta=dict(spec.meta))


def _answer(result: ToolResult) -> CallToolResult:
    text = TextContent(type="text", text=result.text)
    return CallToolResult(content=[text], structured_content=result.output, is_error=not result.ok)


def _version() -> str:
    try:
        return importlib.metadata.version("divegym")
    except importlib.metadata.PackageNotFoundError:  # run from a source tree
        return "0"


def http_app(domain: str, host: ToolHost, *, key: bytes | None = None, allowed_hosts: Sequence[str] = ()) -> Starlette:
    """The ASGI application: streamable HTTP at `/mcp`, `{status, domain, world, tools}` at `/health`.

    Requests must name a known host in their `Host` header (DNS rebinding): this machine, the domain (the name of the
    service in a compose file) or one of `allowed_hosts`; `"*"` among those admits any.
    """
    async def health(_: Request) -> JSONResponse:
        return JSONResponse({"status": "ok", "domain": domain, "world": host.world.version, "tools": len(host.catalog)})

    return build_server(domain, host, key).streamable_http_app(
        json_response=True, stateless_http=True, max_request_body_size=MAX_BODY_BYTES,
        transport_security=_security(["localhost", "127.0.0.1", "[::1]", domain, *allowed_hosts]),
        custom_starlette_routes=[Route("/health", health)],
    )


def _security(names: Sequence[str]) -> TransportSecuritySettings:
    hosts = [form for name in names for form in (name, f"{name}:*")]
    return TransportSecuritySettings(
        enable_dns_rebinding_protection="*" not in names, allowed_hosts=hosts,
        allowed_origins=[f"{scheme}://{host}" for scheme in ("http", "https") for host in hosts],
    )


async def serve(
    domain: str,
    transport: Literal["stdio", "http"] = "http",
    host: str = "127.0.0.1",
    port: int = 8100,
    *,
    world: World | str | None = None,
    timeout: float = DEFAULT_TIMEOUT,
    allowed_hosts: Sequence[str] = (),
) -> None:
    """Serves one domain until a signal (HTTP) or until the client hangs up (stdio).

    The episode key comes from $DIVEGYM_EPISODE_KEY. Raises ValueError for an unknown domain.
    """
    with contextlib.redirect_stdout(sys.stderr):  # over stdio, stdout is the wire
        opened = open_world([domain], world) if world is None or isinstance(world, str) else world
    tools, key = ToolHost(load(domain), opened, timeout), episode.shared_key()
    if transport == "stdio":
        await serve_stdio(build_server(domain, tools, key))
    else:
        await serve_http(http_app(domain, tools, key=key, allowed_hosts=allowed_hosts), host, port)


async def serve_stdio(server: Server[Any]) -> None:
    """Serves the process's stdin and stdout until stdin ends or the parent dies."""
    die_with_parent()
    async with stdio_server() as (reader, writer):
        await server.run(reader, writer, server.create_initialization_options())


async def serve_http(
    app: Starlette, host: str = "127.0.0.1", port: int = 8100, *, listening: socket.socket | None = None,
) -> None:
    """Serves `app` until SIGINT or SIGTERM, then lets calls in flight finish. `listening` replaces host and port."""
    config = uvicorn.Config(
        app, host, port, log_level="warning", access_log=False, limit_concurrency=MAX_IN_FLIGHT,
        timeout_keep_alive=KEEP_ALIVE, timeout_graceful_shutdown=GRACE,
    )
    await uvicorn.Server(config).serve(sockets=[listening] if listening else None)


def die_with_parent() -> None:
    """Asks Linux to kill this process when its parent dies, however the parent dies; elsewhere EOF has to do."""
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m toolservers.server", description="Serve one domain over MCP.")
    parser.add_argument("domain")
    parser.add_argument("--http", metavar="HOST:PORT", help="serve streamable HTTP here instead of stdio")
    parser.add_argument("--world", metavar="URL", help="database of the world (default: the packaged one)")
    parser.add_argument("--timeout", type=float, default=DEFAULT_TIMEOUT, help="seconds a call may take")
    parser.add_argument("--allow-host", action="append", default=[], help="a Host header to accept; * for any")
    chosen = parser.parse_args(arguments)
    host, _, port = (chosen.http or ":0").rpartition(":")
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(
            chosen.domain, "http" if chosen.http else "stdio", host or "127.0.0.1", int(port),
            world=chosen.world, timeout=chosen.timeout, allowed_hosts=chosen.allow_host,
        ))


if __name__ == "__main__":
    main()
