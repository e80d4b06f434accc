"""Facts that can be checked by hand, and the ties between tables that tools rely on."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute

from toolservers.general.facts import models
from toolservers.world import World


async def test_country(world: World) -> None:
    japan = await world.first(select(models.Country).where(models.Country.iso3 == "JPN"))
    assert japan and (japan.name, japan.capital, japan.currency, japan.numeric) == ("Japan", "Tokyo", "JPY", 392)
    assert (japan.continent, japan.calling_code, japan.tld) == ("Asia", "+81", ".jp")


async def test_borders_stand_in_both_directions(world: World) -> None:
    pairs = {(row.country, row.neighbour) for row in await world.all(select(models.Neighbour))}
    assert ("France", "Spain") in pairs
    assert pairs == {(there, here) for here, there in pairs}


@pytest.mark.parametrize(("column", "key"), [
    (models.Neighbour.neighbour, models.Country.name), (models.City.country, models.Country.name),
    (models.TimeZone.country, models.Country.name), (models.Country.currency, models.Currency.code),
], ids=str)
async def test_every_reference_finds_its_row(world: World, column: InstrumentedAttribute[str],
                                             key: InstrumentedAttribute[str]) -> None:
    lost = select(column).distinct().where(column.is_not(None), column.not_in(select(key)))
    assert await world.scalars(lost) == []
