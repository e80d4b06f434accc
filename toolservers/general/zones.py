"""Time zones and the countries they belong to (IANA tz database)."""

from __future__ import annotations

from typing import Annotated

from sqlalchemy import select

from toolservers.annotations import Entity, Noun
from toolservers.entities import Country, Timezone
from toolservers.general.facts import models
from toolservers.general.names import find_country
from toolservers.lookup import page_of_names, require
from toolservers.quantities import Count
from toolservers.tool import Kind, Limit, Offset, Output, Page, tool
from toolservers.world import World


class ZoneCountry(Output):
    country: Annotated[Country, Noun("the country of the time zone {timezone}")]


class CountryZones(Page[str]):
    total: Annotated[Count, Noun("the number of time zones in {country}")]
    items: Annotated[list[str], Entity("timezone"), Noun("the time zones in {country}", item="time zone")]


@tool(Kind.RETRIEVAL, example={"timezone": "Asia/Tokyo"})
async def timezone_country(world: World, timezone: Timezone) -> ZoneCountry:
    """Country that an IANA time zone belongs to."""
    zone = models.TimeZone
    statement = select(zone.__table__).where(zone.name == timezone)
    return ZoneCountry(country=(await require(world, statement, "timezone", timezone, zone.name)).country)


@tool(Kind.RETRIEVAL, example={"country": "Portugal"})
async def country_timezones(world: World, country: Country, limit: Limit = 10, offset: Offset = 0) -> CountryZones:
    """IANA time zones of a country, in alphabetical order."""
    name, zone = (await find_country(world, country)).name, models.TimeZone
    statement = select(zone.name).where(zone.country == name).order_by(zone.name)
    total, items = await page_of_names(world, statement, limit, offset)
    return CountryZones(total=total, items=items)
