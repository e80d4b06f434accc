"""Facts about one listed company, and the companies that share a fact (Wikipedia by way of pytickersymbols)."""

from __future__ import annotations

from typing import Annotated, Any

from sqlalchemy import Select, select

from toolservers.annotations import Entity, Noun
from toolservers.entities import City, Company, Country, Industry, Isin, StockIndex, Ticker
from toolservers.financial.facts import models
from toolservers.general import places
from toolservers.general.names import find_country
from toolservers.lookup import page_of_names, present, require, same_text
from toolservers.quantities import Count, Year
from toolservers.tool import Kind, Limit, Offset, Output, Page, tool
from toolservers.world import World


class CompanyIsin(Output):
    isin: Annotated[Isin, Noun("the ISIN of {company}")]


class CompanyWithIsin(Output):
    company: Annotated[Company, Noun("the company with the ISIN {isin}")]


class CompanyTicker(Output):
    ticker: Annotated[Ticker, Noun("the US ticker of {company}")]


class CompanyWithTicker(Output):
    company: Annotated[Company, Noun("the company with the US ticker {ticker}")]


class CompanyCountry(Output):
    country: Annotated[Country, Noun("the home country of {company}")]


class CompanyCity(Output):
    city: Annotated[City, Noun("the city where {company} is headquartered")]


class CompanyIndustry(Output):
    industry: Annotated[Industry, Noun("the main industry of {company}")]


class CompanyFounded(Output):
    year: Annotated[Year, Noun("the year in which {company} was founded")]


class CompanyEmployees(Output):
    employees: Annotated[Count, Noun("the number of employees of {company}")]


class CompaniesInCountry(Page[str]):
    total: Annotated[Count, Noun("the number of companies on record in {country}")]
    items: Annotated[list[str], Entity("company"), Noun("the companies in {country}", item="company")]


class CompaniesInCity(Page[str]):
    total: Annotated[Count, Noun("the number of companies on record with headquarters in {city}")]
    items: Annotated[list[str], Entity("company"), Noun("the companies with headquarters in {city}", item="company")]


class CompaniesInIndustry(Page[str]):
    total: Annotated[Count, Noun("the number of companies on record in the industry {industry}")]
    items: Annotated[list[str], Entity("company"), Noun("the companies in the industry {industry}", item="company")]


class IndexMembers(Page[str]):
    total: Annotated[Count, Noun("the number of companies in {index}")]
    items: Annotated[list[str], Entity("company"), Noun("the companies in {index}", item="company")]


class CompanyIndices(Page[str]):
    total: Annotated[Count, Noun("the number of stock indices that hold {company}")]
    items: Annotated[list[str], Entity("index"), Noun("the stock indices that hold {company}", item="stock index")]


@tool(Kind.RETRIEVAL, example={"company": "SAP"})
async def company_isin(world: World, company: Company) -> CompanyIsin:
    """ISIN of a company's shares."""
    return CompanyIsin(isin=await fact(world, company, "isin", "ISIN"))


@tool(Kind.RETRIEVAL, example={"company": "SAP"})
async def company_ticker(world: World, company: Company) -> CompanyTicker:
    """US ticker of a company."""
    return CompanyTicker(ticker=await fact(world, company, "ticker", "US ticker"))


@tool(Kind.RETRIEVAL, example={"company": "SAP"})
async def company_country(world: World, company: Company) -> CompanyCountry:
    """Home country of a company."""
    return CompanyCountry(country=await fact(world, company, "country", "country"))


@tool(Kind.RETRIEVAL, example={"company": "Siemens"})
async def company_city(world: World, company: Company) -> CompanyCity:
    """City where a company is headquartered."""
    row = await find_company(world, company)
    city = present(row.city, "company", f"{row.name} has no headquarters on record")
    return CompanyCity(city=await places.label(world, city, row.country))


@tool(Kind.RETRIEVAL, example={"company": "SAP"})
async def company_industry(world: World, company: Company) -> CompanyIndustry:
    """Main industry of a company."""
    return CompanyIndustry(industry=await fact(world, company, "industry", "industry"))


@tool(Kind.RETRIEVAL, example={"company": "SAP"})
async def company_founded(world: World, company: Company) -> CompanyFounded:
    """Year in which a company was founded."""
    return CompanyFounded(year=await fact(world, company, "founded", "year of foundation"))


@tool(Kind.RETRIEVAL, example={"company": "SAP"})
async def company_employees(world: World, company: Company) -> CompanyEmployees:
    """Number of employees of a company."""
    return CompanyEmployees(employees=await fact(world, company, "employees", "number of employees"))


@tool(Kind.RETRIEVAL, example={"isin": "DE0007164600"})
async def company_by_isin(world: World, isin: Isin) -> CompanyWithIsin:
    """Company that an ISIN belongs to."""
    return CompanyWithIsin(company=await company_where(world, models.Company.isin, "isin", isin))


@tool(Kind.RETRIEVAL, example={"ticker": "AAPL"})
async def company_by_ticker(world: World, ticker: Ticker) -> CompanyWithTicker:
    """Company that a US ticker belongs to."""
    return CompanyWithTicker(company=await company_where(world, models.Company.ticker, "ticker", ticker))


@tool(Kind.RETRIEVAL, example={"country": "Japan"})
async def companies_in_country(world: World, country: Country, limit: Limit = 5,
                               offset: Offset = 0) -> CompaniesInCountry:
    """Listed companies at home in a country, in alphabetical order."""
    name = (await find_country(world, country)).name
    total, items = await page_of_names(world, companies().where(models.Company.country == name), limit, offset)
    return CompaniesInCountry(total=total, items=items)


@tool(Kind.RETRIEVAL, example={"city": "Munich"})
async def companies_in_city(world: World, city: City, limit: Limit = 5, offset: Offset = 0) -> CompaniesInCity:
    """Listed companies with headquarters in a city, in alphabetical order."""
    place = await places.find_city(world, city)
    here = companies().where(models.Company.city == place.name, models.Company.country == place.country)
    total, items = await page_of_names(world, here, limit, offset)
    return CompaniesInCity(total=total, items=items)


@tool(Kind.RETRIEVAL, example={"industry": "Software"})
async def companies_in_industry(world: World, industry: Industry, limit: Limit = 5,
                                offset: Offset = 0) -> CompaniesInIndustry:
    """Listed companies of an industry, in alphabetical order."""
    label = models.CompanyIndustry
    here = select(label.company).where(same_text(label.industry, industry)).order_by(label.company)
    await require(world, here, "industry", industry, label.industry)
    total, items = await page_of_names(world, here, limit, offset)
    return CompaniesInIndustry(total=total, items=items)


@tool(Kind.RETRIEVAL, example={"index": "DAX"})
async def index_members(world: World, index: StockIndex, limit: Limit = 5, offset: Offset = 0) -> IndexMembers:
    """Companies in a stock index, in alphabetical order."""
    known, member = models.StockIndex, models.IndexMember
    name = (await require(world, select(known.name).where(same_text(known.name, index)), "index", index,
                          known.name)).name
    statement = select(member.company).where(member.index == name).order_by(member.company)
    total, items = await page_of_names(world, statement, limit, offset)
    return IndexMembers(total=total, items=items)


@tool(Kind.RETRIEVAL, example={"company": "SAP"})
async def company_indices(world: World, company: Company, limit: Limit = 10, offset: Offset = 0) -> CompanyIndices:
    """Stock indices that a company is part of."""
    row, member = await find_company(world, company), models.IndexMember
    statement = select(member.index).where(member.company == row.name).order_by(member.index)
    total, items = await page_of_names(world, statement, limit, offset)
    return CompanyIndices(total=total, items=items)


async def fact(world: World, company: str, column: str, meaning: str) -> Any:
    """One column of a company's row; raises `ToolError` if the company or the fact is unknown."""
    row = await find_company(world, company)
    return present(getattr(row, column), "company", f"{row.name} has no {meaning} on record")


async def company_where(world: World, column: Any, parameter: str, value: str) -> str:
    """Name of the company with this value in a column."""
    statement = select(models.Company.name).where(column == value).order_by(models.Company.name)
    return str((await require(world, statement, parameter, value, column)).name)


def companies() -> Select[Any]:
    """Names of companies, in order."""
    return select(models.Company.name).order_by(models.Company.name)


async def find_company(world: World, value: str, parameter: str = "company") -> Any:
    """The row of a company, by name."""
    company = models.Company
    exact = await world.first(select(company.__table__).where(company.name == value))
    alike = select(company.__table__).where(same_text(company.name, value)).order_by(company.name)
    return exact or await require(world, alike, parameter, value, company.name)
