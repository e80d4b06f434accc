"""What a world holds: rows and bytes per table, and where each table comes from."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import column, func, select, table

from toolservers.world.fingerprint import fact_tables
from toolservers.world.manifest import Source, manifest
from toolservers.world.postgres import PostgresWorld
from toolservers.world.world import World


@dataclass(frozen=True)
class TableInfo:
    """One table: its rows, its bytes with indexes, and the packages that supply it."""

    name: str
    rows: int
    bytes: int
    sources: tuple[str, ...]


@dataclass(frozen=True)
class WorldInfo:
    """A whole world."""

    version: str
    tables: tuple[TableInfo, ...]
    sources: tuple[Source, ...]

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.tables)

    @property
    def bytes(self) -> int:
        return sum(table.bytes for table in self.tables)


async def info(world: World) -> WorldInfo:
    """Counts the rows and measures the tables of an open world."""
    measured = await _bytes(world)
    tables = []
    for facts in fact_tables():
        rows = (await world.scalars(select(func.count()).select_from(facts)))[0]
        sources = tuple(source.name for source in manifest().sources if facts.name in source.tables)
        tables.append(TableInfo(facts.name, rows, measured[facts.name], sources))
    return WorldInfo(world.version, tuple(tables), manifest().sources)


async def _bytes(world: World) -> dict[str, int]:
    """Bytes of each table and its indexes, as the database counts them."""
    if isinstance(world, PostgresWorld):
        sizes = {facts.name: select(func.pg_total_relation_size(facts.name)) for facts in fact_tables()}
        return {name: (await world.scalars(size))[0] for name, size in sizes.items()}
    pages = table("dbstat", column("name"), column("pgsize"))
    trees = table("sqlite_master", column("name"), column("tbl_name"))
    owner = func.coalesce(trees.c.tbl_name, pages.c.name)
    size = select(owner, func.sum(pages.c.pgsize)).select_from(pages.outerjoin(trees, trees.c.name == pages.c.name))
    return {row[0]: row[1] for row in await world.all(size.group_by(owner))}
