"""Writes a volume into a PostgreSQL database, in one transaction."""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import Table, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from toolservers.world.errors import WorldError
from toolservers.world.fingerprint import Row, schema
from toolservers.world.loop_thread import LoopThread
from toolservers.world.model import Meta, Model
from toolservers.world.volume import Volume

META = cast(Table, Meta.__table__)
BUILD_LOCK = 0x64697665  # advisory lock: builds of one volume from several machines take turns
CONNECT_TIMEOUT = 10.0  # seconds


def async_engine(url: str, **options: Any) -> AsyncEngine:
    """An engine over asyncpg; raises `WorldError` if the driver is not installed."""
    try:
        return create_async_engine(make_url(url).set(drivername="postgresql+asyncpg"),
                                   connect_args={"timeout": CONNECT_TIMEOUT}, **options)
    except ModuleNotFoundError as error:
        raise WorldError("a world on PostgreSQL needs the driver asyncpg: pip install 'divegym[cluster]'") from error


def safe(url: str) -> str:
    """The URL without its password."""
    return make_url(url).render_as_string(hide_password=True)


def unreachable(url: str, error: Exception) -> WorldError:
    """The error for a server that does not answer, refuses, or holds no world."""
    return WorldError(f"{safe(url)}: {error}; is the server up, and was the world built there (divegym world build)?")


class PostgresStore:
    """Replaces the tables of a volume; until `finish` commits, readers see the old ones."""

    def __init__(self, url: str, volume: Volume) -> None:
        self.url, self.volume = url, volume

    def __enter__(self) -> PostgresStore:
        self._loop = LoopThread()
        try:
            self._loop.run(self._open())
        except (OSError, DBAPIError, TimeoutError) as error:
            self._loop.close()
            raise unreachable(self.url, error) from error
        return self

    def write(self, table: Table, rows: list[Row]) -> None:
        self._loop.run(self._copy(table, rows))

    def finish(self, version: str) -> None:
        """Records the version and makes the volume visible."""
        self.write(META, [{"volume": self.volume.domain, "version": version, "schema": schema(self.volume.tables)}])
        self._loop.run(self._commit())

    def __exit__(self, *_: object) -> None:
        self._loop.run(self._close())
        self._loop.close()

    async def _open(self) -> None:
        self._engine = async_engine(self.url, poolclass=NullPool)
        self._connection: AsyncConnection = await self._engine.connect()
        await self._lock("meta")  # which all volumes share: whoever comes first makes it
        await self._connection.run_sync(Model.metadata.create_all, tables=[META])
        await self._connection.commit()
        await self._lock(self.volume.domain)
        await self._connection.run_sync(Model.metadata.drop_all, tables=self.volume.tables)
        await self._connection.run_sync(Model.metadata.create_all, tables=self.volume.tables)
        await self._connection.execute(META.delete().where(Meta.volume == self.volume.domain))

    async def _lock(self, name: str) -> None:
        """Until the transaction ends."""
        await self._connection.execute(text(f"SELECT pg_advisory_xact_lock({BUILD_LOCK}, hashtext(:name))"),
                                       {"name": name})

    async def _copy(self, table: Table, rows: list[Row]) -> None:
        raw = await self._connection.get_raw_connection()
        driver: Any = raw.driver_connection
        await driver.copy_records_to_table(table.name, records=(tuple(row.values()) for row in rows),
                                           columns=table.columns.keys())

    async def _commit(self) -> None:
        await self._connection.execute(text("ANALYZE"))
        await self._connection.commit()

    async def _close(self) -> None:
        await self._connection.close()
        await self._engine.dispose()
