"""Several connections behind one: each call goes to the server that offers the tool."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from typing import Any

from toolservers.connection import Connection, ToolSpec
from toolservers.result import ToolResult
from toolservers.world import version


class Router:
    """A `Connection` over other connections, which it owns. A name that none offers goes to the first, to be refused.

    Raises ValueError if two servers offer a tool of the same name.
    """

    def __init__(self, connections: Sequence[Connection], offers: Sequence[Mapping[str, ToolSpec]]) -> None:
        self._connections = connections
        self._routes: dict[str, Connection] = {}
        self._specs = {name: offer[name] for name, offer in sorted(
            (name, offer) for offer in offers for name in offer)}
        for connection, offer in zip(connections, offers, strict=True):
            if twice := self._routes.keys() & offer.keys():
                raise ValueError(f"two servers offer a tool called {min(twice)!r}")
            self._routes |= dict.fromkeys(offer, connection)

    @classmethod
    async def over(cls, opening: Iterable[Awaitable[Connection]]) -> Connection:
        """Opens all connections at once. If one fails, closes the others and raises its error."""
        tasks = [asyncio.ensure_future(one) for one in opening]
        try:
            connections = await asyncio.gather(*tasks)
            if len(connections) == 1:
                return connections[0]
            return cls(connections, [await one.tools() for one in connections])
        except BaseException:
            await _undo(tasks)
            raise

    @property
    def world(self) -> str | None:
        """All their volumes. One on which servers differ has all its versions: no task can agree with that."""
        return version.merge(one.world for one in self._connections if one.world is not None) or None

    async def tools(self) -> Mapping[str, ToolSpec]:
        return self._specs

    async def call(self, name: str, arguments: Mapping[str, Any], *, episode: str | None = None) -> ToolResult:
        return await self._routes.get(name, self._connections[0]).call(name, arguments, episode=episode)

    async def aclose(self) -> None:
        await close_all(self._connections)


async def close_all(connections: Iterable[Connection]) -> None:
    await asyncio.gather(*(one.aclose() for one in connections))


async def _undo(tasks: Sequence[asyncio.Future[Connection]]) -> None:
    for task in tasks:
        task.cancel()
    opened = await asyncio.gather(*tasks, return_exceptions=True)
    await close_all(one for one in opened if not isinstance(one, BaseException))
