"""The world in a PostgreSQL database, for many servers over one copy."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from toolservers.world.errors import WorldError
from toolservers.world.fingerprint import schema
from toolservers.world.loop_thread import LoopThread
from toolservers.world.model import Meta
from toolservers.world.postgres_store import async_engine, safe, unreachable
from toolservers.world.rows import row_maker
from toolservers.world.version import text
from toolservers.world.volume import Volume
from toolservers.world.world import Statement, Values

POOL_SIZE = 8


class PostgresWorld:
    """A pool of connections per event loop. Raises `WorldError` if the server or a volume is not there."""

    def __init__(self, url: str, volumes: Sequence[Volume]) -> None:
        self.url, self.volumes = url, tuple(volumes)
        self._engines: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, AsyncEngine] = weakref.WeakKeyDictionary()
        with LoopThread() as loop:
            self.versions: Mapping[str, str] = loop.run(self._check())
        self.version = text(self.versions)

    async def all(self, statement: Statement, values: Values = None) -> list[Any]:
        async with self._engine().connect() as connection:
            result = await connection.execute(statement, values)
            return list(map(row_maker(tuple(result.keys())), result.all()))

    async def first(self, statement: Statement, values: Values = None) -> Any | None:
        async with self._engine().connect() as connection:
            result = await connection.execute(statement, values)
            row = result.first()
            return None if row is None else row_maker(tuple(result.keys()))(row)

    async def scalars(self, statement: Statement, values: Values = None) -> list[Any]:
        async with self._engine().connect() as connection:
            return list((await connection.execute(statement, values)).scalars())

    async def close(self) -> None:
        """Closes the connections of the running loop."""
        engine = self._engines.pop(asyncio.get_running_loop(), None)
        if engine:
            await engine.dispose()

    def _engine(self) -> AsyncEngine:
        loop = asyncio.get_running_loop()  # a connection belongs to the loop that opened it
        if loop not in self._engines:
            self._engines[loop] = async_engine(self.url, pool_size=POOL_SIZE)
        return self._engines[loop]

    async def _check(self) -> dict[str, str]:
        try:
            stated = {row.volume: row for row in await self.all(select(Meta))}
        except (OSError, DBAPIError, TimeoutError) as error:
            raise unreachable(self.url, error) from error
        finally:
            await self.close()
        for volume in self.volumes:
            fault = "no {} volume" if volume.domain not in stated else "a {} volume of another version of divegym"
            if volume.domain not in stated or stated[volume.domain].schema != schema(volume.tables):
                raise WorldError(f"{safe(self.url)} holds {fault.format(volume.domain)}; build it: "
                                 f"divegym world build --domain {volume.domain} --url ...")
        return {volume.domain: str(stated[volume.domain].version) for volume in self.volumes}
