from __future__ import annotations

import asyncio
import datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from toolservers.financial.facts.loaders import fx
from toolservers.financial.facts.models import FxRate
from toolservers.general.facts.loaders import currencies
from toolservers.general.facts.models import City, Country, Currency
from toolservers.world import WorldError, open_world
from toolservers.world.build import build, build_volume
from toolservers.world.fingerprint import Fingerprint, canonical
from toolservers.world.info import info
from toolservers.world.postgres import PostgresWorld
from toolservers.world.volume import closure, volumes
from toolservers.world.world import Statement, open_volumes

STATEMENTS: list[Statement] = [
    select(FxRate).where(FxRate.date == datetime.date(2020, 1, 2)).order_by(FxRate.currency),
    select(City.name).where(City.population > 2_000_000).order_by(City.name),  # accents and capitals sort alike
    select(Country).order_by(Country.name),
    select(Currency).where(Currency.active.is_(False)).order_by(Currency.code),
    select(Currency.code, func.count().label("uses")).join(Country, Country.currency == Currency.code)
    .group_by(Currency.code).order_by(func.count().desc(), Currency.code),
    select(FxRate.rate).where(FxRate.currency == "XXX"),
]


@pytest.fixture(scope="session")
def filled(postgres: str, small: Path) -> str:
    build(["general"], postgres, progress=False)
    build_volume(volumes()["financial"], postgres, progress=False, loaders=[fx.load])
    return postgres


def opened(url: str) -> PostgresWorld:
    return PostgresWorld(url, closure())


async def test_both_databases_give_the_same_rows(filled: str, small: Path) -> None:
    ours, theirs = opened(filled), open_volumes(f"sqlite:///{small}", closure())
    assert ours.versions == theirs.versions
    for statement in STATEMENTS:
        rows = await theirs.all(statement)
        assert await ours.all(statement) == rows
        assert await ours.scalars(statement) == [row[0] for row in rows]
        first = await ours.first(statement)
        assert first == (rows[0] if rows else None)
        assert first is None or first._fields == rows[0]._fields
    await ours.close()


async def test_the_stored_rows_have_the_stated_version(filled: str) -> None:
    world, fingerprint = opened(filled), Fingerprint()
    for table in volumes()["general"].tables:
        columns = table.columns.keys()
        rows = [dict(zip(columns, row, strict=True)) for row in await world.all(select(table))]
        fingerprint.add(table, canonical(table, rows))
    assert fingerprint.version == world.versions["general"] == volumes()["general"].manifest.version
    general, _ = (await info(world)).volumes
    described = {table.name: table for table in general.tables}
    assert described["currencies"].rows == 189 and described["currencies"].bytes > 0
    await world.close()


async def test_a_failed_build_keeps_the_old_world(filled: str) -> None:
    before = opened(filled).version

    def broken(_: object) -> dict[type[Currency], list[dict[str, object]]]:
        return {Currency: [{"code": "EUR"}]}

    with pytest.raises(WorldError, match="no column"):
        build_volume(volumes()["general"], filled, False, (currencies.load, broken))  # type: ignore[arg-type]
    world = opened(filled)
    assert world.version == before
    assert await world.scalars(select(func.count()).select_from(FxRate)) == [221_702]
    await world.close()


async def test_a_build_of_one_volume_touches_no_other(filled: str) -> None:
    before = opened(filled).versions
    build_volume(volumes()["general"], filled, progress=False, loaders=[currencies.load])
    world = opened(filled)
    assert world.versions["general"] != before["general"] and world.versions["financial"] == before["financial"]
    assert await world.scalars(select(func.count()).select_from(FxRate)) == [221_702]
    assert await world.scalars(select(func.count()).select_from(Country)) == [0]
    await world.close()
    build(["general"], filled, force=True, progress=False)
    assert opened(filled).versions == before


def test_each_loop_has_its_own_connections(filled: str) -> None:
    world = opened(filled)

    async def count() -> int:
        found = await asyncio.gather(*(world.scalars(select(func.count()).select_from(Country)) for _ in range(3)))
        await world.close()
        return sum(rows[0] for rows in found)

    assert [asyncio.run(count()) for _ in range(2)] == [750, 750]


def test_an_absent_server_is_named_without_its_password() -> None:
    with pytest.raises(WorldError, match=r"127\.0\.0\.1:1/none: .* is the server up") as raised:
        open_world(url="postgresql://someone:secret@127.0.0.1:1/none")
    assert "secret" not in str(raised.value)


def test_a_url_of_another_database_is_refused() -> None:
    for url in ("mysql://host/name", "nonsense"):
        with pytest.raises(WorldError):
            open_world(url=url)
