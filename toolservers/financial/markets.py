"""Market series other than stocks: oil, volatility, bond yields (FRED, CBOE, Moody's by way of arch)."""

from __future__ import annotations

import datetime
from typing import Annotated, Any

from sqlalchemy import select

from toolservers.annotations import Entity, Noun, Typical
from toolservers.entities import Date, Series
from toolservers.financial.facts import models
from toolservers.lookup import page_of_names, require
from toolservers.quantities import Count, Number, Percent
from toolservers.timeseries import TimeSeries
from toolservers.tool import Kind, Limit, Offset, Output, Page, tool
from toolservers.world import World

VALUES = TimeSeries(models.MarketValue.series, models.MarketValue.date, models.MarketValue.value, "series")
On = Annotated[Date, Typical("2014-01-03", "2018-11-30")]
Start = Annotated[Date, Typical("2014-01-03", "2016-06-30")]
End = Annotated[Date, Typical("2016-07-01", "2018-11-30")]


class MarketSeriesInfo(Output):
    title: Annotated[str, Noun("the full name of the market series {series}")]
    unit: Annotated[str, Noun("the unit of the market series {series}")]


class MarketValueOn(Output):
    value: Annotated[Number, Noun("the value of the market series {series} on {on}")]


class MarketChange(Output):
    change: Annotated[Percent, Noun("the percentage change of the market series {series} from {start} to {end}")]


class MarketMean(Output):
    value: Annotated[Number, Noun("the average value of the market series {series} from {start} to {end}")]


class MarketHigh(Output):
    value: Annotated[Number, Noun("the highest value of the market series {series} between {start} and {end}")]
    on: Annotated[Date, Noun("the day of the highest value of the market series {series} between {start} and {end}")]


class MarketLow(Output):
    value: Annotated[Number, Noun("the lowest value of the market series {series} between {start} and {end}")]
    on: Annotated[Date, Noun("the day of the lowest value of the market series {series} between {start} and {end}")]


class MarketSeriesOn(Page[str]):
    total: Annotated[Count, Noun("the number of market series that cover {on}")]
    items: Annotated[list[str], Entity("series"), Noun("the market series that cover {on}", item="market series")]


@tool(Kind.RETRIEVAL, example={"series": "WTI"})
async def market_info(world: World, series: Series) -> MarketSeriesInfo:
    """Full name and unit of a market series."""
    row = await find_series(world, series)
    return MarketSeriesInfo(title=row.title, unit=row.unit)


@tool(Kind.RETRIEVAL, example={"on": "2008-10-10", "limit": 10})
async def market_series(world: World, on: On, limit: Limit = 5, offset: Offset = 0) -> MarketSeriesOn:
    """Market series whose span covers a day: oil prices, volatility, yields, factor returns."""
    known = models.MarketSeries
    statement = select(known.name).where(known.first <= on, known.last >= on).order_by(known.name)
    total, items = await page_of_names(world, statement, limit, offset)
    return MarketSeriesOn(total=total, items=items)


@tool(Kind.RETRIEVAL, example={"series": "WTI", "on": "2008-10-10"})
async def market_value(world: World, series: Series, on: On) -> MarketValueOn:
    """Value of a market series on a day; of a monthly series, in that month."""
    return MarketValueOn(value=await VALUES.at(world, series, await dated(world, series, on)))


@tool(Kind.RETRIEVAL, example={"series": "WTI", "start": "2008-01-02", "end": "2008-12-31"})
async def market_change(world: World, series: Series, start: Start, end: End) -> MarketChange:
    """Percentage change of a market series between two days."""
    first, last = await dated(world, series, start), await dated(world, series, end)
    return MarketChange(change=await VALUES.change(world, series, first, last))


@tool(Kind.RETRIEVAL, example={"series": "WTI", "start": "2008-01-01", "end": "2008-12-31"})
async def market_mean(world: World, series: Series, start: Start, end: End) -> MarketMean:
    """Average value of a market series over a period."""
    return MarketMean(value=await VALUES.mean(world, series, start, end))


@tool(Kind.RETRIEVAL, example={"series": "WTI", "start": "2008-01-01", "end": "2008-12-31"})
async def market_high(world: World, series: Series, start: Start, end: End) -> MarketHigh:
    """Highest value of a market series in a period, and its first day."""
    row = await VALUES.extreme(world, series, start, end, highest=True)
    return MarketHigh(value=row.value, on=row.date)


@tool(Kind.RETRIEVAL, example={"series": "WTI", "start": "2008-01-01", "end": "2008-12-31"})
async def market_low(world: World, series: Series, start: Start, end: End) -> MarketLow:
    """Lowest value of a market series in a period, and its first day."""
    row = await VALUES.extreme(world, series, start, end, highest=False)
    return MarketLow(value=row.value, on=row.date)


async def find_series(world: World, series: str) -> Any:
    """The row of a market series, by name."""
    known = models.MarketSeries
    return await require(world, select(known.__table__).where(known.name == series), "series", series, known.name)


async def dated(world: World, series: str, on: datetime.date) -> datetime.date:
    """The day under which a value stands: a monthly series dates its values on the first of the month."""
    return on.replace(day=1) if (await find_series(world, series)).frequency == "monthly" else on
