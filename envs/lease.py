"""Leases: within a process, all environments of one venue share its connection and its source of tasks.

So 64 environments over stdio start one server. Leases live on the environments' event loop (`envs.loop`); a forked
child starts with none.
"""

from __future__ import annotations

import asyncio
import atexit
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from envs import loop
from envs.messages import Observation
from envs.stop import StopReason
from envs.tool_env import AsyncToolEnv, TaskSource
from envs.venue import Venue
from toolservers.errors import ToolError

if TYPE_CHECKING:
    from toolservers.connection import Connection

logger = logging.getLogger(__name__)
_open: dict[Venue, Lease] = {}
_changing = asyncio.Lock()


@dataclass(eq=False)
class Lease:
    """What a venue has open, and how many environments hold it."""

    venue: Venue
    connection: Connection
    source: TaskSource
    holders: int = 0
    pid: int = field(default_factory=os.getpid)
    lost: list[Connection] = field(default_factory=list)

    @property
    def inherited(self) -> bool:
        """Taken before a fork: the connection belongs to the parent process."""
        return self.pid != os.getpid()

    async def areset(self, env: AsyncToolEnv, seed: int, **options: Any) -> tuple[Observation, dict[str, Any]]:
        """`env.areset`; a server process that was lost is started anew first. Other servers come back by themselves."""
        if env.stop is StopReason.SERVER_LOST and self.venue.transport == "stdio":
            await self._restart(env.connection)
        env.connection = self.connection
        return await env.areset(seed, **options)

    async def _restart(self, connection: Connection) -> None:
        async with _changing:
            if connection is not self.connection:
                return  # another environment has done it
            try:
                self.connection = await self.venue.connect()
            except ToolError as error:
                logger.warning("the server of %s does not come back: %s", self.venue.domain, error)
            else:
                self.lost.append(connection)  # others may still wait on it


async def open_envs(venue: Venue, count: int, options: Mapping[str, Any]) -> tuple[Lease, list[AsyncToolEnv]]:
    """A lease, and `count` environments on it. Raises what `take` raises, and ValueError or TypeError for options."""
    lease = await take(venue)
    try:
        return lease, [AsyncToolEnv(lease.connection, lease.source, **options) for _ in range(count)]
    except BaseException:
        await give_back(lease)
        raise


async def take(venue: Venue) -> Lease:
    """The venue's lease, opened if nobody holds it. Raises what `Venue.connect` and `Venue.source` raise."""
    async with _changing:
        if venue not in _open:
            _open[venue] = await _start(venue)
        _open[venue].holders += 1
        return _open[venue]


async def _start(venue: Venue) -> Lease:
    connection = await venue.connect()
    try:
        return Lease(venue, connection, await venue.source(connection))
    except BaseException:
        await connection.aclose()
        raise


async def give_back(lease: Lease) -> None:
    """Closes the connection when its last holder goes. A lease from before a fork is the parent's to close."""
    if lease.inherited:
        return
    async with _changing:
        lease.holders -= 1
        if lease.holders == 0:
            del _open[lease.venue]
            await asyncio.gather(*(one.aclose() for one in (lease.connection, *lease.lost)))


async def _close_all() -> None:
    for lease in list(_open.values()):
        lease.holders = 1
        await give_back(lease)


def _forget() -> None:
    global _changing
    _open.clear()
    _changing = asyncio.Lock()


os.register_at_fork(after_in_child=_forget)
atexit.register(lambda: loop.stop(_close_all()))
