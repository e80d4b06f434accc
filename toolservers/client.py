"""The client: one `connect()` for tools in this process, in a subprocess, or behind HTTP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from toolservers.catalog import load
from toolservers.connection import DEFAULT_TIMEOUT, Connection
from toolservers.host import ToolHost
from toolservers.memory import MemoryConnection
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

    `world` is an open world or a database URL (default: the packaged world). `timeout` bounds each call, in seconds.
    """
    names = (domain,) if isinstance(domain, str) else tuple(domain or ())
    opened = open_world(world) if world is None or isinstance(world, str) else world
    return MemoryConnection(ToolHost(load(*names), opened, timeout))
