from __future__ import annotations

import asyncio
import datetime
import multiprocessing
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import bindparam, create_engine, func, literal, select, text

from toolservers.financial.facts.models import FxRate, IndexMember
from toolservers.general.facts.models import City, Country, Currency
from toolservers.world import World, WorldError, open_world
from toolservers.world.location import volume_file
from toolservers.world.sqlite import SqliteWorld
from toolservers.world.volume import closure, volumes
from toolservers.world.world import Statement

DAY = datetime.date(2020, 1, 2)
STATEMENTS: dict[str, Statement] = {
    "date in and out": select(FxRate).where(FxRate.date == DAY).order_by(FxRate.currency),
    "in": select(FxRate.rate).where(FxRate.currency.in_(["USD", "JPY"]), FxRate.date == DAY).order_by(FxRate.rate),
    "in another": select(FxRate.rate).where(FxRate.currency.in_(["CHF"]), FxRate.date == DAY),
    "in nothing": select(FxRate.rate).where(FxRate.currency.in_([])),
    "date list": select(FxRate.rate).where(FxRate.currency == "USD", FxRate.date.in_([DAY])),
    "join": select(City.name, Country.iso2).join(Country, Country.name == City.country)
    .where(City.population > 15_000_000),
    "join across volumes": select(FxRate.rate, Currency.name).join(Currency, Currency.code == FxRate.currency)
    .where(FxRate.date == DAY).order_by(Currency.code),
    "aggregate": select(FxRate.currency, func.count(), func.max(FxRate.date)).group_by(FxRate.currency),
    "boolean": select(Currency.code, Currency.active).order_by(Currency.code),
    "null": select(Country.capital).where(Country.name == "Tokelau"),
    "page": select(IndexMember).order_by(IndexMember.index, IndexMember.company).limit(5).offset(7),
    "label": select(literal("x").label("constant"), (Country.population / Country.area_km2).label("density"))
    .where(Country.iso2 == "JP"),
    "like": select(Country.name).where(Country.name.ilike("%land%")).order_by(Country.name),
    "subquery": select(func.count()).select_from(select(FxRate.date).distinct().subquery()),
}


@pytest.mark.parametrize("name", STATEMENTS)
async def test_rows_are_those_of_sqlalchemy(world: SqliteWorld, name: str) -> None:
    statement = STATEMENTS[name]
    with create_engine("sqlite://").connect() as connection:
        for volume, path in world.files.items():
            connection.execute(text("ATTACH :path AS :name"), {"path": str(path), "name": volume.domain})
        expected = [tuple(row) for row in connection.execute(statement)]
    connection.engine.dispose()
    for _ in range(2):  # compiled anew, and out of the cache
        assert [tuple(row) for row in await world.all(statement)] == expected
    assert await world.scalars(statement) == [row[0] for row in expected]
    first = await world.first(statement)
    assert (None if first is None else tuple(first)) == (expected[0] if expected else None)


async def test_one_shape_serves_other_values(world: World) -> None:
    rates = {currency: (await world.scalars(select(FxRate.rate).where(FxRate.currency == currency, FxRate.date == DAY)))
             for currency in ("USD", "JPY", "XXX")}
    assert rates == {"USD": [1.1193], "JPY": [121.75], "XXX": []}


async def test_a_statement_made_once_takes_its_values_beside_it(world: World) -> None:
    wanted = (FxRate.currency == bindparam("code"), FxRate.date >= bindparam("day"), FxRate.rate > 0)
    standing = select(FxRate).where(*wanted).order_by(FxRate.date).limit(3)
    for code, day in (("USD", DAY), ("JPY", DAY), ("USD", datetime.date(2021, 5, 4))):
        fresh = select(FxRate).where(FxRate.currency == code, FxRate.date >= day, FxRate.rate > 0)
        rows = await world.all(fresh.order_by(FxRate.date).limit(3))
        assert rows[0].currency == code and len(rows) == 3
        values = {"code": code, "day": day}
        assert await world.all(standing, values) == rows
        assert await world.first(standing, values) == rows[0]
        assert await world.scalars(standing, values) == [row[0] for row in rows]


async def test_columns_are_attributes_even_those_named_like_methods(world: World) -> None:
    member = await world.first(select(IndexMember).where(IndexMember.company == "SAP").order_by(IndexMember.index))
    assert member and member.index == "DAX"


async def test_nothing_can_be_written(world: World) -> None:
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        await world.all(text("DELETE FROM currencies").columns(Currency.code))  # type: ignore[arg-type]
    assert await world.scalars(select(func.count()).select_from(Currency)) == [189]


async def test_damage_inside_a_table_is_reported(small: Path, tmp_path: Path) -> None:
    general, financial = closure()
    whole = bytearray(volume_file(small, general).read_bytes())
    whole[len(whole) // 4 : -4096] = b"\xff" * len(whole[len(whole) // 4 : -4096])
    (tmp_path / "damaged.sqlite").write_bytes(whole)
    with pytest.raises(WorldError, match=r"damaged\.sqlite .*is no whole volume"):
        damaged = SqliteWorld({general: tmp_path / "damaged.sqlite", financial: volume_file(small, financial)})
        for model in (City, Country, Currency):
            await damaged.all(select(model))


def test_threads_and_loops_share_a_world(world: World) -> None:
    barrier = threading.Barrier(4)

    def look_up(currency: str) -> list[float]:
        barrier.wait(10)
        statement = select(FxRate.rate).where(FxRate.currency == currency).order_by(FxRate.date)
        return asyncio.run(world.scalars(statement))

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(look_up, ["USD", "JPY", "USD", "JPY"]))
    assert found[0] == found[2] != found[1] == found[3]


def _rate_in_child(_: int) -> tuple[list[float], str]:
    world = open_world()
    rate = select(FxRate.rate).where(FxRate.currency == "USD", FxRate.date == DAY)
    return asyncio.run(world.scalars(rate)), world.version


def test_a_forked_process_reads_on(world: World) -> None:
    with multiprocessing.get_context("fork").Pool(2) as pool:
        assert pool.map(_rate_in_child, range(4)) == [([1.1193], world.version)] * 4


def test_a_process_opens_the_same_volumes_once(world: World) -> None:
    assert open_world() is world is open_world(["financial"])  # which needs the other


async def test_a_domain_opens_what_it_needs_and_no_more(world: World) -> None:
    general = open_world(["general"])
    assert general.versions == {"general": world.versions["general"]}
    assert await general.scalars(select(func.count()).select_from(Country)) == [250]
    with pytest.raises(sqlite3.OperationalError, match="no such table: fx_rates"):
        await general.all(select(FxRate))


async def test_a_folder_holds_a_world(world: World, small: Path) -> None:
    elsewhere = open_world(url=f"sqlite:///{small}")
    assert elsewhere.versions["general"] == world.versions["general"]
    assert elsewhere.versions["financial"] != world.versions["financial"]
    assert await elsewhere.scalars(select(func.count()).select_from(IndexMember)) == [0]


def test_a_folder_without_a_volume_names_it(tmp_path: Path) -> None:
    with pytest.raises(WorldError, match=f"no volume at .*general-{volumes()['general'].recipe}"):
        open_world(["general"], f"sqlite:///{tmp_path}")
    (tmp_path / "file.sqlite").touch()
    with pytest.raises(WorldError, match="a world is a folder"):
        open_world(["general"], f"sqlite:///{tmp_path}/file.sqlite")
