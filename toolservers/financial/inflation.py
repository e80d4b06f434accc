"""US consumer prices: all urban consumers, U.S. city average, not seasonally adjusted (Bureau of Labor Statistics).

A year's level is the mean of its twelve months, rounded to three decimals as the Bureau publishes it.
"""

from __future__ import annotations

import datetime
from typing import Annotated

from pydantic import Field
from sqlalchemy import func, select

from toolservers.annotations import Digits, Entity, Noun, Typical
from toolservers.entities import CpiItem
from toolservers.errors import ToolError
from toolservers.financial.facts import models
from toolservers.lookup import page_of_names, require, same_text
from toolservers.quantities import Amount, Count, Percent, RatePercent, Year
from toolservers.tool import Kind, Limit, Offset, Output, Page, tool
from toolservers.world import World

HEADLINE = "All items"
Known = Field(ge=1913, le=2025, description="year, 1913 to 2025")
PriceYear = Annotated[Year, Known, Typical(1950, 2024)]
StartYear = Annotated[Year, Known, Typical(1950, 1999)]
EndYear = Annotated[Year, Known, Typical(2000, 2024)]
Month = Annotated[int, Field(ge=1, le=12, description="month, 1 to 12"), Typical(1, 12)]
Money = Annotated[Amount, Field(ge=-1e12, le=1e12, description="amount in dollars"), Typical(100, 10_000, 100)]
Level = Annotated[float, Entity("number"), Digits(6)]


class CpiMonth(Output):
    level: Annotated[Level, Noun("the US consumer price index in month {month} of {year}")]


class CpiYear(Output):
    level: Annotated[Level, Noun("the average US consumer price index of {year}")]


class CpiMonthInflation(Output):
    inflation: Annotated[RatePercent, Noun("the twelve-month US inflation rate in month {month} of {year}")]


class CpiInflation(Output):
    inflation: Annotated[Percent, Noun("the percentage change of US consumer prices "
                                           "from {start_year} to {end_year}")]


class CpiAdjusted(Output):
    amount: Annotated[Amount, Noun("the value in {end_year} prices of {amount} dollars in {start_year} prices")]


class CpiItemYear(Output):
    level: Annotated[Level, Noun("the average US consumer price index of {item} in {year}")]


class CpiItemInflation(Output):
    inflation: Annotated[Percent, Noun("the percentage change of the US consumer price index of {item} "
                                           "from {start_year} to {end_year}")]


class CpiItems(Page[str]):
    total: Annotated[Count, Noun("the number of items with a US consumer price index in January of {year}")]
    items: Annotated[list[str], Entity("cpi_item"),
                     Noun("the items with a US consumer price index in January of {year}", item="item")]


@tool(Kind.RETRIEVAL, example={"year": 2020, "month": 1})
async def cpi_month(world: World, year: PriceYear, month: Month) -> CpiMonth:
    """US consumer price index (CPI-U, all items, 1982-84 = 100) in a month."""
    return CpiMonth(level=await month_level(world, year, month))


@tool(Kind.RETRIEVAL, example={"year": 2020})
async def cpi_year(world: World, year: PriceYear) -> CpiYear:
    """Average US consumer price index (CPI-U, all items, 1982-84 = 100) of a year."""
    return CpiYear(level=await year_level(world, HEADLINE, year))


@tool(Kind.RETRIEVAL, example={"year": 2020, "month": 1})
async def cpi_month_inflation(world: World, year: PriceYear, month: Month) -> CpiMonthInflation:
    """US inflation in percent: prices of a month against the same month one year earlier."""
    earlier = await month_level(world, year - 1, month)
    return CpiMonthInflation(inflation=100 * (await month_level(world, year, month) / earlier - 1))


@tool(Kind.RETRIEVAL, example={"start_year": 2010, "end_year": 2020})
async def cpi_inflation(world: World, start_year: StartYear, end_year: EndYear) -> CpiInflation:
    """US inflation in percent from one year's average prices to another's."""
    return CpiInflation(inflation=100 * (await growth(world, HEADLINE, start_year, end_year) - 1))


@tool(Kind.PROCESSING, example={"amount": 100.0, "start_year": 1980, "end_year": 2020})
async def cpi_adjust(world: World, amount: Money, start_year: StartYear, end_year: EndYear) -> CpiAdjusted:
    """Dollars of one year in the prices of another, by average US consumer prices."""
    return CpiAdjusted(amount=round(amount * await growth(world, HEADLINE, start_year, end_year), 2))


@tool(Kind.RETRIEVAL, example={"item": "Food", "year": 2020})
async def cpi_item_year(world: World, item: CpiItem, year: PriceYear) -> CpiItemYear:
    """Average US consumer price index of one item in a year."""
    return CpiItemYear(level=await year_level(world, item, year))


@tool(Kind.RETRIEVAL, example={"item": "Food", "start_year": 2010, "end_year": 2020})
async def cpi_item_inflation(world: World, item: CpiItem, start_year: StartYear, end_year: EndYear) -> CpiItemInflation:
    """Percentage change of an item's US consumer price index between two years' averages."""
    return CpiItemInflation(inflation=100 * (await growth(world, item, start_year, end_year) - 1))


@tool(Kind.RETRIEVAL, example={"year": 2020, "limit": 5})
async def cpi_items(world: World, year: PriceYear, limit: Limit = 5, offset: Offset = 0) -> CpiItems:
    """Items with a US consumer price index in January of a year, in alphabetical order."""
    series, january = models.CpiSeries, datetime.date(year, 1, 1)
    covered = (series.seasonally_adjusted.is_(False), series.first <= january, series.last >= january)
    statement = select(series.item).where(*covered).distinct().order_by(series.item)
    total, items = await page_of_names(world, statement, limit, offset)
    return CpiItems(total=total, items=items)


async def series_id(world: World, item: str) -> str:
    """The unadjusted series of an item, the first of several."""
    series = models.CpiSeries
    statement = select(series.id).where(same_text(series.item, item), series.seasonally_adjusted.is_(False))
    return str((await require(world, statement.order_by(series.id), "item", item, series.item))[0])


async def month_level(world: World, year: int, month: int) -> float:
    """The headline index in a month. Raises `ToolError` for a month without one."""
    value, day = models.CpiValue, datetime.date(year, month, 1)
    levels = await world.scalars(select(value.value).where(value.series == await series_id(world, HEADLINE),
                                                           value.date == day))
    if not levels:
        raise ToolError(f"year, month: no US consumer price index on record for {year}-{month:02}")
    return float(levels[0])


async def year_level(world: World, item: str, year: int) -> float:
    """Mean index of an item over the months of a year. Raises `ToolError` unless it has all twelve."""
    value, (first, last) = models.CpiValue, (datetime.date(year, 1, 1), datetime.date(year, 12, 1))
    statement = select(func.count().label("months"), func.avg(value.value).label("mean")).where(
        value.series == await series_id(world, item), value.date.between(first, last))
    row = await world.first(statement)
    if row is None or row.months < 12:
        raise ToolError(f"year: the consumer price index of {item} does not cover all of {year}")
    return round(float(row.mean), 3)


async def growth(world: World, item: str, start_year: int, end_year: int) -> float:
    """An item's average level of one year over that of another."""
    if start_year == end_year:
        raise ToolError("end_year: it is the same as start_year")
    return await year_level(world, item, end_year) / await year_level(world, item, start_year)
