"""A tiny world and a catalogue over it: enough to chain, join and compare, small enough to check by hand."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import Field

from toolservers.annotations import Entity, Noun, Typical, Unit
from toolservers.catalog import Catalog
from toolservers.entities import City, Country, Currency, Date
from toolservers.errors import ToolError, unknown_entity
from toolservers.host import ToolHost
from toolservers.quantities import Amount, Area, Count, Number, RatePercent, Ratio
from toolservers.tool import Kind, Limit, Output, Page, Tool, tool
from toolservers.world import World

SYLLABLES = ("ba", "do", "fi", "ga", "lu", "me", "no", "ra", "si", "tu", "vo", "ze")
NAMES = tuple((first + second).title() for first in SYLLABLES for second in SYLLABLES if first != second)
COUNTRIES = {f"{name}land": {"capital": f"{name}ville", "currency": f"{name[:2].upper()}{chr(65 + i % 26)}",
                             "population": 100_003 + 7_919 * i, "area": 1_000.5 + 13.7 * ((i * 37) % 101)}
             for i, name in enumerate(NAMES)}


class Atlas:
    """A world that is a few dictionaries."""

    version = "atlas-1"

    def row(self, key: str, value: str) -> tuple[str, dict[str, Any]]:
        for name, facts in COUNTRIES.items():
            if value == (name if key == "name" else facts[key]):
                return name, facts
        raise unknown_entity(key, value)


class CapitalOf(Output):
    capital: Annotated[City, Noun("the capital of {country}")]


class CurrencyOf(Output):
    currency: Annotated[Currency, Noun("the currency of {country}")]


class PopulationOf(Output):
    population: Annotated[Count, Noun("the population of {country}")]


class AreaOf(Output):
    area: Annotated[Area, Noun("the area of {country}")]


class CountryOf(Output):
    country: Annotated[Country, Noun("the country of the city {city}")]


class RateOf(Output):
    rate: Annotated[Ratio, Noun("the rate of {currency} on {on}")]


class Borough(Output):
    name: Annotated[str, Entity("borough")]
    population: Count


class Boroughs(Page[Borough]):
    total: Annotated[Count, Noun("the number of boroughs of {city}")]
    items: Annotated[list[Borough], Noun("the boroughs of {city}", item="borough")]


class NeighboursOf(Page[str]):
    total: Annotated[Count, Noun("the number of neighbours of {country}")]
    items: Annotated[list[str], Entity("country"), Noun("the neighbours of {country}", item="country")]


class QuotientOf(Output):
    ratio: Annotated[Ratio, Noun("the ratio of {first} to {second}")]


class ShareOf(Output):
    share: Annotated[Number, Noun("{percent} percent of {number}[ plus {extra}]")]


class TaxOf(Output):
    tax: Annotated[Amount, Noun("the tax at {rate} percent on {amount}"), Unit("crowns")]


@tool(Kind.RETRIEVAL, example={"country": "Badoland"})
async def land_capital(world: World, country: Country) -> CapitalOf:
    """Capital of a country."""
    return CapitalOf(capital=atlas(world).row("name", country)[1]["capital"])


@tool(Kind.RETRIEVAL, example={"country": "Badoland"})
async def land_currency(world: World, country: Country) -> CurrencyOf:
    """Currency of a country."""
    return CurrencyOf(currency=atlas(world).row("name", country)[1]["currency"])


@tool(Kind.RETRIEVAL, example={"country": "Badoland"})
async def land_population(world: World, country: Country) -> PopulationOf:
    """Population of a country."""
    return PopulationOf(population=atlas(world).row("name", country)[1]["population"])


@tool(Kind.RETRIEVAL, example={"country": "Badoland"})
async def land_area(world: World, country: Country) -> AreaOf:
    """Area of a country."""
    return AreaOf(area=atlas(world).row("name", country)[1]["area"])


@tool(Kind.RETRIEVAL, example={"city": "Badoville"})
async def town_country(world: World, city: City) -> CountryOf:
    """Country of a capital."""
    return CountryOf(country=atlas(world).row("capital", city)[0])


@tool(Kind.RETRIEVAL, example={"currency": "BAA", "on": "2020-01-02"})
async def coin_rate(world: World, currency: Currency,
                    on: Annotated[Date, Typical("2019-01-01", "2021-12-31")]) -> RateOf:
    """Rate of a currency on a day."""
    _, facts = atlas(world).row("currency", currency)
    return RateOf(rate=facts["area"] / 1_000 + (on - datetime.date(2018, 1, 1)).days / 977)


@tool(Kind.RETRIEVAL, example={"city": "Badoville"})
async def town_boroughs(world: World, city: City, limit: Limit = 10) -> Boroughs:
    """Boroughs of a capital."""
    size = atlas(world).row("capital", city)[1]["population"] % 17 + 2
    items = [Borough(name=f"{city} {chr(65 + i)}", population=1_000 + (i * 7_001) % 9_973) for i in range(size)]
    return Boroughs(total=size, items=items[:limit])


@tool(Kind.RETRIEVAL, example={"country": "Badoland"})
async def land_neighbours(world: World, country: Country, limit: Limit = 10) -> NeighboursOf:
    """Neighbours of a country."""
    place = list(COUNTRIES).index(atlas(world).row("name", country)[0])
    found = list(COUNTRIES)[place + 1: place + 1 + place % 4]
    return NeighboursOf(total=len(found), items=found[:limit])


@tool(Kind.PROCESSING, example={"first": 8, "second": 2})
async def figure_ratio(first: Annotated[Number, Typical(10, 900, 10)],
                       second: Annotated[Number, Typical(10, 90, 5)]) -> QuotientOf:
    """First number divided by the second."""
    if second == 0:
        raise ToolError("second: must not be zero")
    return QuotientOf(ratio=first / second)


@tool(Kind.PROCESSING, example={"number": 8, "percent": 20})
async def figure_share(number: Annotated[Number, Typical(100, 900, 10)],
                       percent: Annotated[RatePercent, Typical(5, 95, 5)], extra: float = 0.0) -> ShareOf:
    """Some percent of a number."""
    return ShareOf(share=number * percent / 100 + extra)


@tool(Kind.PROCESSING, example={"amount": 1000, "rate": 20})
async def figure_tax(amount: Annotated[Amount, Field(gt=0), Typical(1_000, 9_000, 500)],
                     rate: Annotated[RatePercent, Typical(5, 45, 5)]) -> TaxOf:
    """Tax on an amount."""
    return TaxOf(tax=round(amount * rate / 100, 2))


def atlas(world: World) -> Atlas:
    assert isinstance(world, Atlas)
    return world


TOOLS: tuple[Tool, ...] = (
    land_capital, land_currency, land_population, land_area, town_country, coin_rate, town_boroughs, land_neighbours,
    figure_ratio, figure_share, figure_tax,
)
DOMAIN = TOOLS[0].domain


async def seeds(entity: str) -> Sequence[Any]:
    """Every country, capital and currency."""
    facts = {"country": list(COUNTRIES), "city": [one["capital"] for one in COUNTRIES.values()],
             "currency": sorted({one["currency"] for one in COUNTRIES.values()})}
    return facts.get(entity, ())


def host() -> ToolHost:
    return ToolHost(Catalog(TOOLS), Atlas())  # type: ignore[arg-type]
