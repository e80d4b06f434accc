"""Facts about one city, and lists of cities (GeoNames: cities of 15,000 people or more, and capitals)."""

from __future__ import annotations

import math
from typing import Annotated, Any

from sqlalchemy import select

from toolservers.annotations import Digits, Noun, Unit
from toolservers.entities import City, Country, Timezone
from toolservers.general.facts import models
from toolservers.general.names import find_country
from toolservers.general.places import find_city, label_of
from toolservers.lookup import page, require
from toolservers.quantities import Count, Length
from toolservers.tool import Kind, Limit, Offset, Output, Page, tool
from toolservers.world import World

EARTH_RADIUS_KM = 6371.0088  # mean radius R1 of the GRS 80 ellipsoid


class CityPopulation(Output):
    population: Annotated[Count, Noun("the population of {city}")]


class CityCountry(Output):
    country: Annotated[Country, Noun("the country of {city}")]


class CityTimezone(Output):
    timezone: Annotated[Timezone, Noun("the time zone of {city}")]


class Coordinates(Output):
    latitude: Annotated[float, Noun("the latitude of {city}"), Unit("°")]
    longitude: Annotated[float, Noun("the longitude of {city}"), Unit("°")]


class Distance(Output):
    distance: Annotated[Length, Noun("the great-circle distance between {city} and {other}"), Digits(5)]


class SizedCity(Output):
    city: City
    population: Count


class CitiesInCountry(Page[SizedCity]):
    total: Annotated[Count, Noun("the number of cities on record in {country}")]
    items: Annotated[list[SizedCity], Noun("the cities on record in {country}", item="city")]


class CitiesInTimezone(Page[SizedCity]):
    total: Annotated[Count, Noun("the number of cities on record in the time zone {timezone}")]
    items: Annotated[list[SizedCity], Noun("the cities on record in the time zone {timezone}", item="city")]


@tool(Kind.RETRIEVAL, example={"city": "Osaka"})
async def city_population(world: World, city: City) -> CityPopulation:
    """Number of people who live in a city."""
    return CityPopulation(population=(await find_city(world, city)).population)


@tool(Kind.RETRIEVAL, example={"city": "Osaka"})
async def city_country(world: World, city: City) -> CityCountry:
    """Country in which a city lies."""
    return CityCountry(country=(await find_city(world, city)).country)


@tool(Kind.RETRIEVAL, example={"city": "Osaka"})
async def city_timezone(world: World, city: City) -> CityTimezone:
    """IANA time zone of a city."""
    return CityTimezone(timezone=(await find_city(world, city)).timezone)


@tool(Kind.RETRIEVAL, example={"city": "Osaka"})
async def city_coordinates(world: World, city: City) -> Coordinates:
    """Latitude and longitude of a city in degrees, north and east positive."""
    row = await find_city(world, city)
    return Coordinates(latitude=row.latitude, longitude=row.longitude)


@tool(Kind.RETRIEVAL, example={"city": "Osaka", "other": "Paris"})
async def city_distance(world: World, city: City, other: City) -> Distance:
    """Great-circle distance between two cities in kilometres."""
    return Distance(distance=great_circle(await find_city(world, city), await find_city(world, other, "other")))


def great_circle(start: Any, end: Any) -> float:
    """Kilometres between two rows with coordinates, on a sphere (haversine formula)."""
    south, north = math.radians(start.latitude), math.radians(end.latitude)
    turn = math.radians(end.longitude - start.longitude)
    chord = math.sin((north - south) / 2) ** 2 + math.cos(south) * math.cos(north) * math.sin(turn / 2) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(min(chord, 1.0)))


@tool(Kind.RETRIEVAL, example={"country": "Japan", "limit": 5})
async def cities_in_country(world: World, country: Country, limit: Limit = 5, offset: Offset = 0) -> CitiesInCountry:
    """Cities of a country, the largest first."""
    name, city = (await find_country(world, country)).name, models.City
    statement = select(city.__table__).where(city.country == name).order_by(city.population.desc(), city.id)
    total, rows = await page(world, statement, limit, offset)
    return CitiesInCountry(total=total, items=[await sized(world, row) for row in rows])


@tool(Kind.RETRIEVAL, example={"timezone": "Asia/Tokyo", "limit": 5})
async def cities_in_timezone(world: World, timezone: Timezone, limit: Limit = 5,
                             offset: Offset = 0) -> CitiesInTimezone:
    """Cities of a time zone, the largest first."""
    city = models.City
    statement = select(city.__table__).where(city.timezone == timezone).order_by(city.population.desc(), city.id)
    await require(world, statement, "timezone", timezone, city.timezone)
    total, rows = await page(world, statement, limit, offset)
    return CitiesInTimezone(total=total, items=[await sized(world, row) for row in rows])


async def sized(world: World, row: Any) -> SizedCity:
    return SizedCity(city=await label_of(world, row), population=row.population)
