"""Names of cities: the shortest form that names one city and no other.

Of several cities that share a name the largest owns it; the others add their country, or region and country:
"Cambridge", "Cambridge, United States", "Aurora, IL, United States". Accents and case may be left out.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, func, select

from toolservers.errors import unknown_entity
from toolservers.general.facts import models
from toolservers.lookup import candidates, same_text
from toolservers.world import World

ALIASES = {  # names in wide use that differ from GeoNames' by more than accents
    "new york": "New York City", "frankfurt": "Frankfurt am Main", "duesseldorf": "Düsseldorf", "muenchen": "Munich",
    "kiev": "Kyiv", "berne": "Bern", "nur-sultan": "Astana", "macao": "Macau", "washington, d.c.": "Washington",
}
UNDECOMPOSED = str.maketrans({"ł": "l", "đ": "d", "ø": "o", "ð": "d", "ß": "ss", "æ": "ae", "œ": "oe", "ı": "i",
                              "’": "'", "‘": "'", "-": " "})
PLAIN = re.compile(r"[bcfgjkmpqvwx]")  # letters that `fold` never makes out of another one


async def find_city(world: World, value: str, parameter: str = "city") -> Any:
    """The row of a city by name, by "name, country" or by "name, region, country"; the largest one that fits.

    Raises `ToolError` if there is none.
    """
    value = ALIASES.get(value.strip().lower(), value)
    name, *where = [part.strip() for part in value.split(",")]
    row = await _largest(world, name, _located(where))
    if row is None and where:  # a name may itself hold a comma
        row = await _largest(world, value.strip(), [])
    if row is None:
        raise unknown_entity(parameter, value, await candidates(world, models.City.name, value))
    return row


async def label(world: World, name: str, country: str) -> str:
    """How to name the largest city called `name` in `country`; the plain name if the world holds no such city."""
    row = await _largest(world, ALIASES.get(name.lower(), name), [models.City.country == country])
    return name if row is None else await label_of(world, row)


async def label_of(world: World, row: Any) -> str:
    """How to name the city of this row."""
    namesakes = await world.all(NAMED, {"name": row.name})
    if namesakes[0].id == row.id:
        return str(row.name)
    if next(other for other in namesakes if other.country == row.country).id == row.id:
        return f"{row.name}, {row.country}"
    return f"{row.name}, {row.region}, {row.country}"


def fold(text: str) -> str:
    """`text` in small letters without accents: "São Paulo" and "Sao Paulo" are the same."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign)).translate(UNDECOMPOSED)


def _by_size() -> Select[Any]:
    city = models.City
    return select(city.__table__).order_by(city.population.desc(), city.id)


NAMED = _by_size().where(models.City.name == bindparam("name"))


def _located(where: list[str]) -> list[ColumnElement[bool]]:
    columns = (models.City.country, models.City.region)
    return [same_text(column, part) for column, part in zip(columns, reversed(where), strict=False)]


async def _largest(world: World, name: str, where: list[ColumnElement[bool]]) -> Any | None:
    """The largest city with this very name, else with this name but for accents and case."""
    exact = await (world.first(_by_size().where(models.City.name == name, *where)) if where
                   else world.first(NAMED, {"name": name}))
    if exact is not None:
        return exact
    shape = "".join(sign if PLAIN.match(sign) else "_" for sign in fold(name))
    alike = await world.all(_by_size().where(func.lower(models.City.name).like(shape), *where))
    return next((row for row in alike if fold(row.name) == fold(name)), None)
