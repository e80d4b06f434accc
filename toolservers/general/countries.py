"""Facts about one country, and the countries that share a fact (GeoNames)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from sqlalchemy import select

from toolservers.annotations import Digits, Entity, Noun
from toolservers.entities import City, Continent, Country, Currency
from toolservers.general import places
from toolservers.general.facts import models
from toolservers.general.names import find_country, find_currency
from toolservers.lookup import page_of_names, present, require, same_text
from toolservers.quantities import Area, Count
from toolservers.tool import Kind, Limit, Offset, Output, Page, tool
from toolservers.world import World

Domain = Annotated[str, Entity("internet_domain"), Field(pattern=r"^\.[a-z]{2,12}$", description="e.g. .jp")]


class Capital(Output):
    capital: Annotated[City, Noun("the capital of {country}")]


class CurrencyUsed(Output):
    currency: Annotated[Currency, Noun("the currency of {country}")]


class Population(Output):
    population: Annotated[Count, Noun("the population of {country}")]


class LandArea(Output):
    area: Annotated[Area, Noun("the area of {country}"), Digits(9)]


class ContinentOf(Output):
    continent: Annotated[Continent, Noun("the continent of {country}")]


class CallingCode(Output):
    calling_code: Annotated[str, Noun("the international calling code of {country}")]


class InternetDomain(Output):
    domain: Annotated[Domain, Noun("the internet domain of {country}")]


class Codes(Output):
    alpha2: Annotated[str, Noun("the two-letter ISO code of {country}")]
    alpha3: Annotated[str, Noun("the three-letter ISO code of {country}")]
    numeric: Annotated[int, Noun("the numeric ISO code of {country}")]


class CountryWithDomain(Output):
    country: Annotated[Country, Noun("the country with the internet domain {domain}")]


class Neighbours(Page[str]):
    total: Annotated[Count, Noun("the number of countries that border {country}")]
    items: Annotated[list[str], Entity("country"), Noun("the countries that border {country}", item="country")]


class CountriesOnContinent(Page[str]):
    total: Annotated[Count, Noun("the number of countries and territories in {continent}")]
    items: Annotated[list[str], Entity("country"), Noun("the countries in {continent}", item="country")]


class CountriesWithCurrency(Page[str]):
    total: Annotated[Count, Noun("the number of countries and territories that use {currency}")]
    items: Annotated[list[str], Entity("country"), Noun("the countries that use {currency}", item="country")]


@tool(Kind.RETRIEVAL, example={"country": "Japan"})
async def country_capital(world: World, country: Country) -> Capital:
    """Capital city of a country."""
    row = await find_country(world, country)
    name = present(row.capital, "country", f"{row.name} has no capital on record")
    return Capital(capital=await places.label(world, name, row.name))


@tool(Kind.RETRIEVAL, example={"country": "Japan"})
async def country_currency(world: World, country: Country) -> CurrencyUsed:
    """Currency of a country, as its ISO code."""
    row = await find_country(world, country)
    return CurrencyUsed(currency=present(row.currency, "country", f"{row.name} has no currency on record"))


@tool(Kind.RETRIEVAL, example={"country": "Japan"})
async def country_population(world: World, country: Country) -> Population:
    """Number of people who live in a country."""
    return Population(population=(await find_country(world, country)).population)


@tool(Kind.RETRIEVAL, example={"country": "Japan"})
async def country_area(world: World, country: Country) -> LandArea:
    """Area of a country in square kilometres."""
    return LandArea(area=(await find_country(world, country)).area_km2)


@tool(Kind.RETRIEVAL, example={"country": "Japan"})
async def country_continent(world: World, country: Country) -> ContinentOf:
    """Continent of a country."""
    return ContinentOf(continent=(await find_country(world, country)).continent)


@tool(Kind.RETRIEVAL, example={"country": "Japan"})
async def country_calling_code(world: World, country: Country) -> CallingCode:
    """International calling code of a country."""
    row = await find_country(world, country)
    return CallingCode(calling_code=present(row.calling_code, "country", f"{row.name} has no calling code on record"))


@tool(Kind.RETRIEVAL, example={"country": "Japan"})
async def country_domain(world: World, country: Country) -> InternetDomain:
    """Internet top-level domain of a country."""
    row = await find_country(world, country)
    return InternetDomain(domain=present(row.tld, "country", f"{row.name} has no internet domain on record"))


@tool(Kind.RETRIEVAL, example={"country": "Japan"})
async def country_codes(world: World, country: Country) -> Codes:
    """ISO 3166 codes of a country."""
    row = await find_country(world, country)
    return Codes(alpha2=row.iso2, alpha3=row.iso3, numeric=row.numeric)


@tool(Kind.RETRIEVAL, example={"domain": ".jp"})
async def country_by_domain(world: World, domain: Domain) -> CountryWithDomain:
    """Country that an internet top-level domain belongs to."""
    known = models.Country
    statement = select(known.name).where(known.tld == domain).order_by(known.name)
    return CountryWithDomain(country=(await require(world, statement, "domain", domain, known.tld)).name)


@tool(Kind.RETRIEVAL, example={"country": "Switzerland"})
async def country_neighbours(world: World, country: Country, limit: Limit = 10, offset: Offset = 0) -> Neighbours:
    """Countries that share a land border with a country."""
    row, border = await find_country(world, country), models.Neighbour
    statement = select(border.neighbour).where(border.country == row.name).order_by(border.neighbour)
    total, items = await page_of_names(world, statement, limit, offset)
    return Neighbours(total=total, items=items)


@tool(Kind.RETRIEVAL, example={"continent": "South America"})
async def countries_in_continent(world: World, continent: Continent, limit: Limit = 5,
                                 offset: Offset = 0) -> CountriesOnContinent:
    """Countries and territories of a continent, in alphabetical order."""
    known = models.Country
    matching = select(known.name).where(same_text(known.continent, continent)).order_by(known.name)
    await require(world, matching, "continent", continent, known.continent)
    total, items = await page_of_names(world, matching, limit, offset)
    return CountriesOnContinent(total=total, items=items)


@tool(Kind.RETRIEVAL, example={"currency": "USD"})
async def countries_with_currency(world: World, currency: Currency, limit: Limit = 5,
                                  offset: Offset = 0) -> CountriesWithCurrency:
    """Countries and territories that use a currency, in alphabetical order."""
    code = (await find_currency(world, currency)).code
    statement = select(models.Country.name).where(models.Country.currency == code).order_by(models.Country.name)
    total, items = await page_of_names(world, statement, limit, offset)
    return CountriesWithCurrency(total=total, items=items)
