"""What a world holds: rows and bytes by volume, table and source."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Select, column, func, select, table

from toolservers.world.manifest import Source
from toolservers.world.postgres import PostgresWorld
from toolservers.world.volume import Volume, volumes
from toolservers.world.world import World


@dataclass(frozen=True)
class TableInfo:
    """One table: its rows, its bytes with indexes, and the packages that supply it."""

    name: str
    rows: int
    bytes: int
    sources: tuple[str, ...]


@dataclass(frozen=True)
class SourceInfo:
    """One pinned package: rows and bytes are those of its tables, of which others may supply a part."""

    source: Source
    rows: int
    bytes: int


@dataclass(frozen=True)
class VolumeInfo:
    """One volume."""

    domain: str
    version: str
    rows: int
    bytes: int
    tables: tuple[TableInfo, ...]
    sources: tuple[SourceInfo, ...]


@dataclass(frozen=True)
class WorldInfo:
    """A whole world."""

    version: str
    rows: int
    bytes: int
    volumes: tuple[VolumeInfo, ...]


async def info(world: World) -> WorldInfo:
    """Counts the rows and measures the tables of an open world."""
    found = tuple([await _volume(world, volumes()[domain]) for domain in world.versions])
    return WorldInfo(world.version, *_sums(found), found)


async def _volume(world: World, volume: Volume) -> VolumeInfo:
    measured, tables = await _bytes(world, volume), []
    for facts in volume.tables:
        rows = (await world.scalars(select(func.count()).select_from(facts)))[0]
        names = tuple(source.name for source in volume.manifest.sources if facts.name in source.tables)
        tables.append(TableInfo(facts.name, rows, measured[facts.name], names))
    sources = tuple(SourceInfo(source, *_sums([one for one in tables if one.name in source.tables]))
                    for source in volume.manifest.sources)
    return VolumeInfo(volume.domain, world.versions[volume.domain], *_sums(tables), tuple(tables), sources)


def _sums(parts: list[TableInfo] | tuple[VolumeInfo, ...]) -> tuple[int, int]:
    """Rows and bytes."""
    return sum(part.rows for part in parts), sum(part.bytes for part in parts)


async def _bytes(world: World, volume: Volume) -> dict[str, int]:
    """Bytes of each table and its indexes, as the database counts them."""
    if isinstance(world, PostgresWorld):
        sizes = {facts.name: select(func.pg_total_relation_size(facts.name)) for facts in volume.tables}
        return {name: (await world.scalars(size))[0] for name, size in sizes.items()}
    return {row[0]: row[1] for row in await world.all(_pages(volume.domain))}


def _pages(domain: str) -> Select[tuple[str, int]]:
    """Bytes by table of one attached file."""
    pages = table("dbstat", column("name"), column("pgsize"), column("schema"))
    trees = table("sqlite_master", column("name"), column("tbl_name"), schema=domain)
    owner = func.coalesce(trees.c.tbl_name, pages.c.name)
    size = select(owner, func.sum(pages.c.pgsize)).select_from(pages.outerjoin(trees, trees.c.name == pages.c.name))
    return size.where(pages.c.schema == domain).group_by(owner)
