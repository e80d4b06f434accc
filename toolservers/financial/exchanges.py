"""Exchanges: what and where they are (ISO 10383)."""

from __future__ import annotations

from typing import Annotated, Any

from sqlalchemy import select

from toolservers.annotations import Entity, Noun
from toolservers.entities import City, Country, Mic
from toolservers.financial.facts import models
from toolservers.general import places
from toolservers.general.names import find_country
from toolservers.lookup import page_of_names, require
from toolservers.quantities import Count
from toolservers.tool import Kind, Limit, Offset, Output, Page, tool
from toolservers.world import World


class ExchangeName(Output):
    name: Annotated[str, Noun("the name of the exchange {mic}")]


class ExchangePlace(Output):
    city: Annotated[City, Noun("the city of the exchange {mic}")]
    country: Annotated[Country, Noun("the country of the exchange {mic}")]


class ExchangeOperator(Output):
    operator: Annotated[Mic, Noun("the operator of the exchange {mic}")]


class ExchangesInCountry(Page[str]):
    total: Annotated[Count, Noun("the number of exchange operators in {country}")]
    items: Annotated[list[str], Entity("mic"), Noun("the exchange operators in {country}", item="exchange")]


class ExchangeMarkets(Page[str]):
    total: Annotated[Count, Noun("the number of market segments of the exchange {mic}")]
    items: Annotated[list[str], Entity("mic"), Noun("the market segments of the exchange {mic}", item="market")]


async def find_exchange(world: World, mic: str) -> Any:
    """The row of an exchange, by its market identifier code."""
    exchange = models.Exchange
    return await require(world, select(exchange.__table__).where(exchange.mic == mic), "mic", mic, exchange.mic)


@tool(Kind.RETRIEVAL, example={"mic": "XTKS"})
async def exchange_name(world: World, mic: Mic) -> ExchangeName:
    """Name of an exchange."""
    return ExchangeName(name=(await find_exchange(world, mic)).name)


@tool(Kind.RETRIEVAL, example={"mic": "XTKS"})
async def exchange_place(world: World, mic: Mic) -> ExchangePlace:
    """City and country of an exchange."""
    row = await find_exchange(world, mic)
    return ExchangePlace(city=await places.label(world, row.city, row.country), country=row.country)


@tool(Kind.RETRIEVAL, example={"mic": "XNGS"})
async def exchange_operator(world: World, mic: Mic) -> ExchangeOperator:
    """Operator of an exchange or market segment."""
    return ExchangeOperator(operator=(await find_exchange(world, mic)).operating_mic)


@tool(Kind.RETRIEVAL, example={"mic": "XNAS"})
async def exchange_segments(world: World, mic: Mic, limit: Limit = 5, offset: Offset = 0) -> ExchangeMarkets:
    """Active market segments that an exchange operates."""
    operator, known = (await find_exchange(world, mic)).mic, models.Exchange
    segment = (known.operating_mic == operator, known.mic != operator, known.status != "EXPIRED")
    total, items = await page_of_names(world, select(known.mic).where(*segment).order_by(known.mic), limit, offset)
    return ExchangeMarkets(total=total, items=items)


@tool(Kind.RETRIEVAL, example={"country": "Japan"})
async def exchanges_in_country(world: World, country: Country, limit: Limit = 5,
                               offset: Offset = 0) -> ExchangesInCountry:
    """Active exchange operators of a country."""
    name, known = (await find_country(world, country)).name, models.Exchange
    operating = (known.country == name, known.mic == known.operating_mic, known.status != "EXPIRED")
    total, items = await page_of_names(world, select(known.mic).where(*operating).order_by(known.mic), limit, offset)
    return ExchangesInCountry(total=total, items=items)
