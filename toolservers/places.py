"""Names of cities: the shortest form that names one city and no other.

Of several cities that share a name the largest owns it; the others add their country, or region and country:
"Cambridge", "Cambridge, United States", "Springfield, IL, United States".
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from toolservers.lookup import require, same_text
from toolservers.world import World, models


async def find_city(world: World, value: str, parameter: str = "city") -> Any:
    """The row of a city by name, by "name, country" or by "name, region, country"; the largest one that fits."""
    name, *where = [part.strip() for part in value.split(",")]
    city = models.City
    statement = select(city.__table__).where(same_text(city.name, name))
    if where:
        statement = statement.where(same_text(city.country, where[-1]))
    if len(where) > 1:
        statement = statement.where(same_text(city.region, where[-2]))
    return await require(world, statement.order_by(city.population.desc(), city.id), parameter, value, city.name)


async def label(world: World, name: str, country: str) -> str:
    """How to name the largest city called `name` in `country`; the plain name if the world holds no such city."""
    city = models.City
    columns = select(city.__table__).where(city.name == name)
    row = await world.first(columns.where(city.country == country).order_by(city.population.desc(), city.id))
    return name if row is None else await label_of(world, row)


async def label_of(world: World, row: Any) -> str:
    """How to name the city of this row."""
    city = models.City
    same = select(city.__table__).where(city.name == row.name).order_by(city.population.desc(), city.id)
    namesakes = await world.all(same)
    if namesakes[0].id == row.id:
        return str(row.name)
    if next(other for other in namesakes if other.country == row.country).id == row.id:
        return f"{row.name}, {row.country}"
    return f"{row.name}, {row.region}, {row.country}"
