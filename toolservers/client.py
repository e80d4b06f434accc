"""The client: one `connect()` for tools in this process, in child processes, or behind HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Literal

from yarl import URL

from toolservers.catalog import load
from toolservers.connection import DEFAULT_TIMEOUT, Connection
from toolservers.domains import domains
from toolservers.host import ToolHost
from toolservers.memory import MemoryConnection
from toolservers.router import Router
from toolservers.stdio import StdioConnection
from toolservers.world import World, open_world

Transport = Literal["memory", "stdio", "http"]


async def connect(
    domain: str | Sequence[str] | None = None,
    transport: Transport = "memory",
    *,
    url: str | Mapping[str, str] | None = None,
    world: World | str | None = None,
    timeout: float = DEFAULT_TIMEOUT,
) -> Connection:
    """A connection to the tools of one domain, several, or all (None).

    memory: the tools run here. `world` is an open world or a database URL (default: the packaged world).
    stdio: one child process per domain. `world` is a database URL.
    http: `url` is that of one server, or a mapping of domains to URLs; a URL without a path means `/mcp`.

    `timeout` bounds each call, in seconds. Raises ValueError for arguments that do not fit together, and `ToolError`
    for a server that cannot be reached or started.
    """
    names = (domain,) if isinstance(domain, str) else tuple(domain or ())
    if (transport == "http") != (url is not None):
        raise ValueError("url belongs to transport='http', which cannot do without")
    if transport == "memory":
        if world is None or isinstance(world, str):
            world = await asyncio.to_thread(open_world, names or None, world)  # a first use builds, which takes a while
        return MemoryConnection(ToolHost(load(*names), world, timeout))
    if transport == "stdio":
        if not (world is None or isinstance(world, str)):
            raise ValueError("an open world cannot be handed to another process; give its URL")
        load(*names)  # raises for an unknown domain before anything is started
        return await Router.over(StdioConnection.serve(name, world, timeout) for name in names or domains())
    if world is not None:
        raise ValueError("over http, the server chooses the world")
    from toolservers.http import HttpConnection  # an HTTP client takes a tenth of a second that other transports save

    return await Router.over(HttpConnection.connect(address, timeout) for address in _addresses(names, url))


def _addresses(names: Sequence[str], url: str | Mapping[str, str] | None) -> list[str]:
    """One server address per domain."""
    if isinstance(url, str):
        if len(names) > 1:
            raise ValueError(f"one url for {len(names)} domains; give a mapping of domains to URLs")
        found = [url]
    else:
        known = url or {}
        if missing := [name for name in names if name not in known]:
            raise ValueError(f"no url for domain {missing[0]!r}; there are {', '.join(sorted(known)) or 'none'}")
        found = [known[name] for name in names or sorted(known)]
    if not found:
        raise ValueError("no url given")
    return [str(URL(one).with_path("/mcp")) if URL(one).path in ("", "/") else one for one in found]
