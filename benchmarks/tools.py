"""What one tool call costs, front by front: the same calls to the same tool, in one run, as CPU time per call.

    divegym bench tools [--calls 1000] [--json]

CPU time of the client's process and of the server's are told apart; wall time is left out, for it measures the
neighbours. The last column compares client CPU with this project's HTTP client.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import socket
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from rich.table import Table

from toolservers.catalog import load
from toolservers.connection import Connection
from toolservers.host import ToolHost
from toolservers.http import HttpConnection
from toolservers.server import build_server, http_app, serve_http
from toolservers.stdio import StdioConnection
from toolservers.world import open_world

DOMAIN = "financial"
TOOL = "annuity_future"  # a cheap tool, so that the fronts show
ROUNDS = 3
WARM_UP = 100  # calls
CONCURRENCY = 64  # calls in flight, as of 64 episodes at once
OURS = "HTTP, our client"


@dataclass(frozen=True)
class Front:
    """One way to call a tool; `server` is the process that runs it, if it is another."""

    name: str
    call: Callable[[], Awaitable[Any]]
    server: int | None = None


def run(calls: int = 1000, concurrency: int = CONCURRENCY) -> list[dict[str, Any]]:
    """One row per front: CPU in µs per call on either side, and the client's as a multiple of our HTTP client's.

    Keys: `front`, `client_us`, `server_us` (None where there is no server process), `ratio`. Medians of three rounds.
    """
    open_world([DOMAIN])  # so that no process has to build it, and no call waits for that
    with _http_server() as (url, pid):
        measured = asyncio.run(_measure(url, pid, calls, concurrency))
    base = measured[OURS]["client_us"]
    return [{"front": name, **row, "ratio": round(row["client_us"] / base, 3)} for name, row in measured.items()]


async def _measure(url: str, pid: int, calls: int, concurrency: int) -> dict[str, dict[str, Any]]:
    samples: dict[str, list[tuple[float, float | None]]] = {}
    async with AsyncExitStack() as stack:
        fronts = [front async for front in _fronts(url, pid, stack)]
        for front in fronts:
            await _calls(front, WARM_UP, concurrency)
        for _ in range(ROUNDS):
            for front in fronts:
                samples.setdefault(front.name, []).append(await _sample(front, calls, concurrency))
    return {name: _row(rounds) for name, rounds in samples.items()}


def _row(rounds: list[tuple[float, float | None]]) -> dict[str, Any]:
    servers = [server for _, server in rounds if server is not None]
    return {"client_us": round(statistics.median(client for client, _ in rounds), 1),
            "server_us": round(statistics.median(servers), 1) if servers else None}


async def _sample(front: Front, calls: int, concurrency: int) -> tuple[float, float | None]:
    """CPU µs per call of this process and of the server's."""
    client, server = time.process_time(), cpu_seconds(front.server)
    await _calls(front, calls, concurrency)
    client, server = time.process_time() - client, cpu_seconds(front.server) - server
    return client / calls * 1e6, server / calls * 1e6 if front.server else None


async def _calls(front: Front, calls: int, concurrency: int) -> None:
    turns = iter(range(calls))

    async def worker() -> None:
        for _ in turns:  # shared: whoever is free takes the next
            await front.call()

    await asyncio.gather(*(worker() for _ in range(concurrency)))


def cpu_seconds(pid: int | None) -> float:
    """CPU time of another process, by its CPU clock (Linux: the clock's id is the complement of the pid)."""
    return 0.0 if pid is None else time.clock_gettime((~pid << 3) | 2)


async def _fronts(url: str, pid: int, stack: AsyncExitStack) -> AsyncIterator[Front]:
    host = ToolHost(load(DOMAIN), open_world([DOMAIN]))
    tool = host.catalog[TOOL]
    arguments = dict(tool.example)
    wanted = await tool.call(host.world, arguments)

    async def ours(connection: Connection) -> Callable[[], Awaitable[Any]]:
        stack.push_async_callback(connection.aclose)
        assert (await connection.call(TOOL, arguments)).output == wanted
        return lambda: connection.call(TOOL, arguments)

    async def theirs(client: Client) -> Callable[[], Awaitable[Any]]:
        await stack.enter_async_context(client)
        assert (await client.call_tool(TOOL, arguments)).structured_content == wanted
        return lambda: client.call_tool(TOOL, arguments)

    yield Front("plain function", lambda: tool.call(host.world, arguments))
    yield Front("memory", lambda: host.call(TOOL, arguments))
    yield Front("in process, SDK client", await theirs(Client(build_server(DOMAIN, host), mode="2026-07-28")))
    piped = await StdioConnection.serve(DOMAIN)
    yield Front("stdio, our client", await ours(piped), piped.pid)
    yield Front(OURS, await ours(await HttpConnection.connect(url)), pid)
    http = await stack.enter_async_context(httpx2.AsyncClient(limits=httpx2.Limits(max_connections=64)))
    yield Front("HTTP, SDK client",
                await theirs(Client(streamable_http_client(url, http_client=http), mode="2026-07-28")), pid)


@contextmanager
def _http_server() -> Iterator[tuple[str, int]]:
    """A server in a process of its own: its URL and process id."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        process = multiprocessing.get_context("spawn").Process(target=_serve, args=(listening,), daemon=True)
        process.start()
        assert process.pid
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/mcp", process.pid
        finally:
            process.terminate()
            process.join()


def _serve(listening: socket.socket) -> None:
    asyncio.run(serve_http(http_app(DOMAIN, ToolHost(load(DOMAIN), open_world([DOMAIN]))), listening=listening))


def table(rows: list[dict[str, Any]]) -> Table:
    """The rows for a terminal."""
    drawn = Table("front", title=f"CPU per tool call, µs ({CONCURRENCY} in flight)")
    for heading in ("client", "server", "client ÷ ours over HTTP"):
        drawn.add_column(heading, justify="right")
    for row in rows:
        server = "-" if row["server_us"] is None else f"{row['server_us']:.0f}"
        drawn.add_row(row["front"], f"{row['client_us']:.0f}", server, f"{row['ratio']:.2f}")
    return drawn
