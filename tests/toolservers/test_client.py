"""One protocol, three transports: same tools, same bytes, and no exception whatever the server does."""

from __future__ import annotations

import asyncio
import math
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from processes import TOY_SERVER, ServerProcess, http_server
from toys.basic import toy_host

from toolservers.catalog import load
from toolservers.client import connect
from toolservers.connection import MAX_CALL_BYTES, Connection
from toolservers.errors import ErrorKind, ToolError
from toolservers.host import ToolHost
from toolservers.http import HttpConnection
from toolservers.memory import MemoryConnection
from toolservers.router import Router
from toolservers.stdio import StdioConnection
from toolservers.world import World

deep: Any = 1
for _ in range(100):
    deep = [deep]

CALLS: list[tuple[str, Any]] = [
    ("add", {"a": 1}),
    ("add", {"a": 1e-7, "b": 1e22}),
    ("add", {"a": 0.1, "b": 0.2}),
    ("add", {"a": -0.0, "b": 0.0}),
    ("add", {"a": math.nan}),
    ("add", {"a": "1"}),
    ("add", {"b": 1, "c": 2}),
    ("add", {"a": 2**70}),
    ("add", {"a": 1e308, "b": 1e308}),
    ("add", [1, 2]),
    ("echo", {"text": ""}),
    ("echo", {"text": " edge "}),
    ("echo", {"text": "=?base64?eA==?="}),
    ("echo", {"text": "naïve 日本\n\u2028\x00\U0001f600 \\ \""}),
    ("echo", {"text": "\ud800"}),
    ("echo", {"text": 5}),
    ("echo", {"text": True}),
    ("echo", {"text": "x" * MAX_CALL_BYTES}),
    ("echo", {"text": "x" * 7_000}),
    ("measure", {"value": deep}),
    ("measure", {"value": None}),
    ("measure", {"value": {"a": [1, 2.50, "x"], "": {}}}),
    ("refuse", {}),
    ("crash", {}),
    ("flood", {}),
    ("wait", {}),
    ("", {}),
    ("no such tool", {}),
    ("ädd", {"a": 1}),
    ("add\r\nHost: x", {"a": 1}),
    ("\ud800", {}),
]


@pytest.fixture(scope="module")
def server() -> Iterator[ServerProcess]:
    with http_server(timeout=1.0) as process:
        yield process


async def stdio(timeout: float = 10.0) -> StdioConnection:
    return await StdioConnection.connect([*TOY_SERVER, "1.0"], timeout)


async def test_every_transport_gives_the_same_tools_and_bytes(server: ServerProcess) -> None:
    memory = MemoryConnection(toy_host(1.0))
    async with aclosing(await stdio()) as piped, aclosing(await HttpConnection.connect(server.url)) as remote:
        assert await memory.tools() == await piped.tools() == await remote.tools()
        for name, arguments in CALLS:
            texts = [(await one.call(name, arguments)).text for one in (memory, piped, remote)]
            assert texts[0] == texts[1] == texts[2], (name, arguments)


async def test_results_are_those_of_the_tools() -> None:
    memory = MemoryConnection(toy_host(0.05))
    spec = (await memory.tools())["echo"]
    assert (spec.kind, spec.domain, spec.meta["com.divegym/group"]) == ("retrieval", "toys", "basic")
    assert spec.meta["com.divegym/entities"] == {"parameters": {"text": "text"}, "output": {"text": "text"}}
    assert (await memory.call("add", {"a": 0.1, "b": 0.2})).text == '{"total":0.3}'
    kinds = {"no": ErrorKind.UNKNOWN_TOOL, "refuse": ErrorKind.EXECUTION, "wait": ErrorKind.TIMEOUT}
    for name, kind in kinds.items():
        assert (await memory.call(name, {})).error is kind
    assert "secret" not in (await memory.call("crash", {})).text


async def test_a_hundred_parallel_calls_come_back_to_their_callers(server: ServerProcess) -> None:
    async with aclosing(await stdio()) as piped, aclosing(await HttpConnection.connect(server.url, pool=8)) as remote:
        for connection in (piped, remote):
            results = await asyncio.gather(*(connection.call("add", {"a": i, "b": 0}) for i in range(100)))
            assert [result.output for result in results] == [{"total": float(i)} for i in range(100)]


async def test_a_server_killed_in_mid_call() -> None:
    with http_server() as server:
        async with aclosing(await HttpConnection.connect(server.url)) as remote:
            waiting = asyncio.create_task(remote.call("wait", {}))
            assert (await remote.call("die", {})).error is ErrorKind.TRANSPORT
            assert (await waiting).error is ErrorKind.TRANSPORT
            assert (await remote.call("add", {"a": 1})).error is ErrorKind.TRANSPORT
    async with aclosing(await stdio()) as piped:
        waiting = asyncio.create_task(piped.call("wait", {}))
        dead = await piped.call("die", {})
        assert dead.error is ErrorKind.TRANSPORT
        assert "status 3" in dead.message and "these are my last words" in dead.message
        assert (await waiting).text == dead.text
        assert (await piped.call("add", {"a": 1})).text == dead.text


async def test_a_server_that_hangs_costs_one_time_out() -> None:
    with http_server() as server:
        async with aclosing(await HttpConnection.connect(server.url, pool=1)) as remote:
            remote.timeout = 0.3
            results = await asyncio.gather(*(remote.call("hang", {}) for _ in range(3)))  # two wait for the pool
            assert [result.error for result in results] == [ErrorKind.TIMEOUT] * 3
    async with aclosing(await stdio(timeout=0.3)) as piped:
        assert (await piped.call("hang", {})).message == "hang: no answer within 0.3 s"
        process = piped._process
    assert process.returncode is not None  # it did not heed the hang-up, so it was killed


async def test_cancelling_a_call_leaves_the_connection_usable(server: ServerProcess) -> None:
    async with aclosing(await stdio()) as piped, aclosing(await HttpConnection.connect(server.url, pool=2)) as remote:
        for connection in (piped, remote):
            call = asyncio.create_task(connection.call("wait", {}))
            await connection.call("add", {"a": 1})  # sent after the other, so that one is under way
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            assert all(one.ok for one in await asyncio.gather(*(connection.call("add", {"a": 1}) for _ in range(4))))


async def test_a_closed_connection_fails_and_closes_again(server: ServerProcess) -> None:
    for connection in (await stdio(), await HttpConnection.connect(server.url)):
        waiting = asyncio.create_task(connection.call("wait", {}))
        await connection.call("add", {"a": 1})
        await asyncio.gather(connection.aclose(), connection.aclose())
        assert (await waiting).error is ErrorKind.TRANSPORT
        assert (await connection.call("add", {"a": 1})).error is ErrorKind.TRANSPORT


PARENT = f"""
import asyncio, sys
sys.path[:0] = {[str(Path(__file__).parents[2]), str(Path(__file__).parent)]!r}
from toolservers.stdio import StdioConnection
async def main():
    connection = await StdioConnection.connect({[*TOY_SERVER, "10"]!r})
    print(connection._process.pid, flush=True)
    await connection.call("hang", {{}})
asyncio.run(main())
"""


def test_a_stdio_server_dies_with_its_parent() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE) as parent:
        assert parent.stdout
        child = os.pidfd_open(int(parent.stdout.readline()))
        parent.send_signal(signal.SIGKILL)
    ended, _, _ = select.select([child], [], [], 20)
    os.close(child)
    assert ended


async def test_a_server_that_cannot_be_reached_or_started() -> None:
    with pytest.raises(ToolError, match="Cannot connect") as refused:
        await HttpConnection.connect("http://127.0.0.1:1/mcp")
    assert refused.value.kind is ErrorKind.TRANSPORT
    with pytest.raises(ToolError, match="cannot start no-such-program"):
        await StdioConnection.connect(["no-such-program"])
    with pytest.raises(ToolError, match="status 7; sorry"):
        await StdioConnection.connect([sys.executable, "-c", "import sys; print('sorry', file=sys.stderr); exit(7)"])
    with pytest.raises(ToolError, match=r"no list of tools within 0\.2 s"):
        await StdioConnection.connect([sys.executable, "-c", "input(); input()"], startup=0.2)
    with pytest.raises(ToolError, match="garbage"):
        await StdioConnection.connect([sys.executable, "-c", "print('hello'); input()"])


async def test_connect_says_what_does_not_fit(server: ServerProcess) -> None:
    world: Any = toy_host().world
    wrong: list[tuple[Any, dict[str, Any]]] = [
        (("general", "http"), {}),
        (("general", "memory"), {"url": "http://x"}),
        ((["general", "medical"], "http"), {"url": "http://x"}),
        (("general", "http"), {"url": {"medical": "http://x"}}),
        (("general", "http"), {"url": server.url, "world": world}),
        (("general", "stdio"), {"world": world}),
        (("atlantis", "stdio"), {}),
        (("atlantis", "memory"), {"world": world}),
        ((None, "http"), {"url": {}}),
    ]
    for arguments, options in wrong:
        with pytest.raises(ValueError):
            await connect(*arguments, **options)


async def test_connect_adds_the_usual_path(server: ServerProcess) -> None:
    async with aclosing(await connect("toys", "http", url=server.url.removesuffix("/mcp"))) as connection:
        assert "add" in await connection.tools()


async def test_a_domain_gives_the_same_bytes_from_here_and_from_its_process(world: World) -> None:
    """The front door, over the packaged world: every tool of the general domain on its own example."""
    here = await connect("general", world=world)
    async with aclosing(await connect(["general"], "stdio")) as piped:
        assert await here.tools() == await piped.tools()
        for tool in load("general").values():
            assert (await piped.call(tool.name, tool.example)).text == (await here.call(tool.name, tool.example)).text


async def test_several_servers_stand_behind_one_connection(server: ServerProcess) -> None:
    """The general domain over memory beside the toys over HTTP."""
    async def general() -> Connection:
        return await connect("general", world=toy_host().world)

    async with aclosing(await Router.over([HttpConnection.connect(server.url), general()])) as both:
        tools = await both.tools()
        assert list(tools) == sorted(tools)
        assert {spec.domain for spec in tools.values()} == {"general", "toys"}
        assert (await both.call("add", {"a": 1, "b": 1})).output == {"total": 2.0}
        other = next(name for name, spec in tools.items() if spec.domain == "general" and spec.kind == "processing")
        assert (await both.call(other, {"no": 1})).error is ErrorKind.INVALID_ARGUMENTS
        assert (await both.call("nope", {})).error is ErrorKind.UNKNOWN_TOOL


@pytest.mark.parametrize(("other", "merged"), [
    ("financial-1 general-2", "financial-1 general-2"), ("medical-3", "general-2 medical-3"),
    ("general-4 medical-3", "general-2|4 medical-3"),  # no task agrees with that general volume
])
async def test_the_world_behind_several_servers_is_all_their_volumes(other: str, merged: str) -> None:
    async def general() -> Connection:
        return MemoryConnection(ToolHost(load("general"), SimpleNamespace(version="general-2")))  # type: ignore[arg-type]

    async def toys() -> Connection:
        return MemoryConnection(ToolHost(toy_host().catalog, SimpleNamespace(version=other)))  # type: ignore[arg-type]

    assert (await Router.over([general(), toys()])).world == merged


async def test_a_router_closes_what_it_opened_when_one_server_fails(server: ServerProcess) -> None:
    opened = await HttpConnection.connect(server.url)

    async def ready() -> Connection:
        return opened

    with pytest.raises(ToolError):
        await Router.over([ready(), HttpConnection.connect("http://127.0.0.1:1/mcp")])
    assert opened._http.closed
    with pytest.raises(ValueError, match="two servers offer a tool called 'add'"):
        await Router.over([HttpConnection.connect(server.url), HttpConnection.connect(server.url)])
