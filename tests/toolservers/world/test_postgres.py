from __future__ import annotations

import asyncio
import datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from toolservers.world import WorldError, open_world
from toolservers.world.build import build
from toolservers.world.fingerprint import Fingerprint, canonical, fact_tables
from toolservers.world.info import info
from toolservers.world.loaders import currencies, geography
from toolservers.world.models import City, Country, Currency, FxRate
from toolservers.world.postgres import PostgresWorld
from toolservers.world.sqlite import SqliteWorld
from toolservers.world.world import Statement

SUBSET = (currencies.load, geography.load)
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
    assert build(postgres, progress=False, loaders=SUBSET) == SqliteWorld(small).version
    return postgres


async def test_both_databases_give_the_same_rows(filled: str, small: Path) -> None:
    ours, theirs = PostgresWorld(filled), SqliteWorld(small)
    for statement in STATEMENTS:
        rows = await theirs.all(statement)
        assert await ours.all(statement) == rows
        assert await ours.scalars(statement) == [row[0] for row in rows]
        first = await ours.first(statement)
        assert first == (rows[0] if rows else None)
        assert first is None or first._fields == rows[0]._fields
    await ours.close()


async def test_the_stored_rows_have_the_stated_version(filled: str) -> None:
    world, fingerprint = PostgresWorld(filled), Fingerprint()
    loaded = {"cities", "countries", "currencies", "fx_rates", "neighbours", "timezones"}
    for table in fact_tables():
        if table.name in loaded:
            columns = table.columns.keys()
            rows = [dict(zip(columns, row, strict=True)) for row in await world.all(select(table))]
            fingerprint.add(table, canonical(table, rows))
    assert fingerprint.version == world.version
    described = {table.name: table for table in (await info(world)).tables}
    assert described["currencies"].rows == 189 and described["currencies"].bytes > 0
    await world.close()


async def test_a_failed_build_keeps_the_old_world(filled: str) -> None:
    before = PostgresWorld(filled).version

    def broken(_: object) -> dict[type[Currency], list[dict[str, object]]]:
        return {Currency: [{"code": "EUR"}]}

    with pytest.raises(WorldError, match="no column"):
        build(filled, progress=False, loaders=(currencies.load, broken))  # type: ignore[arg-type]
    world = PostgresWorld(filled)
    assert world.version == before
    assert await world.scalars(select(func.count()).select_from(FxRate)) == [221_702]
    await world.close()


def test_each_loop_has_its_own_connections(filled: str) -> None:
    world = PostgresWorld(filled)

    async def count() -> int:
        found = await asyncio.gather(*(world.scalars(select(func.count()).select_from(Country)) for _ in range(3)))
        await world.close()
        return sum(rows[0] for rows in found)

    assert [asyncio.run(count()) for _ in range(2)] == [750, 750]


def test_an_absent_server_is_named_without_its_password() -> None:
    with pytest.raises(WorldError, match=r"127\.0\.0\.1:1/none: .* is the server up") as raised:
        open_world("postgresql://someone:secret@127.0.0.1:1/none")
    assert "secret" not in str(raised.value)


def test_a_url_of_another_database_is_refused() -> None:
    for url in ("mysql://host/name", "nonsense"):
        with pytest.raises(WorldError):
            open_world(url)
