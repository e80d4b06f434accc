"""Daily prices of US stocks: closes adjusted for splits and dividends (1990-2022) and bars as traded (2000-2013)."""

from __future__ import annotations

import datetime
from typing import Annotated, Any

from sqlalchemy import select

from toolservers.annotations import Entity, Noun, Typical, Unit
from toolservers.entities import Date, Ticker
from toolservers.financial.facts import models
from toolservers.lookup import page_of_names
from toolservers.quantities import Count, Percent, Price
from toolservers.timeseries import TimeSeries
from toolservers.tool import Kind, Limit, Offset, Output, Page, tool
from toolservers.world import World

CLOSES = TimeSeries(models.StockPrice.ticker, models.StockPrice.date, models.StockPrice.close, "ticker")
BARS = TimeSeries(models.StockBar.ticker, models.StockBar.date, models.StockBar.close, "ticker")
PRICED = ("AAPL", "AMD", "BAC", "BBY", "CVX", "GE", "HD", "JNJ", "JPM", "KO", "LLY", "MRK", "MSFT", "PEP", "PFE", "PG",
          "RRC", "UNH", "WMT", "XOM")
Stock = Annotated[Ticker, Typical(values=PRICED)]
BarStock = Annotated[Ticker, Typical(values=("AAPL", "GOOG", "IBM", "META", "MSFT"))]
On = Annotated[Date, Typical("1990-01-02", "2022-12-28")]
Start = Annotated[Date, Typical("1990-01-02", "2006-12-29")]
End = Annotated[Date, Typical("2007-01-03", "2022-12-28")]
BarDay = Annotated[Date, Typical("2012-05-18", "2013-03-01")]
Dollars = Annotated[Price, Unit("USD")]


class StockClose(Output):
    close: Annotated[Dollars, Noun("the adjusted closing price of {ticker} on {on}")]


class StockReturn(Output):
    change: Annotated[Percent, Noun("the percentage return of {ticker} from {start} to {end}")]


class StockMean(Output):
    close: Annotated[Dollars, Noun("the average adjusted closing price of {ticker} from {start} to {end}")]


class StockHigh(Output):
    close: Annotated[Dollars, Noun("the highest adjusted closing price of {ticker} between {start} and {end}")]
    on: Annotated[Date, Noun("the day of the highest adjusted closing price of {ticker} between {start} and {end}")]


class StockLow(Output):
    close: Annotated[Dollars, Noun("the lowest adjusted closing price of {ticker} between {start} and {end}")]
    on: Annotated[Date, Noun("the day of the lowest adjusted closing price of {ticker} between {start} and {end}")]


class StockCloses(Output):
    closes: Annotated[list[float], Entity("price"), Unit("USD"),
                      Noun("the first {limit} adjusted closing prices of {ticker} from {start} on",
                           item="price")]


class StockRange(Output):
    high: Annotated[Dollars, Noun("the highest traded price of {ticker} on {on}")]
    low: Annotated[Dollars, Noun("the lowest traded price of {ticker} on {on}")]


class StockVolume(Output):
    volume: Annotated[Count, Noun("the number of shares of {ticker} traded on {on}")]


class StockTickers(Page[str]):
    total: Count
    items: Annotated[list[str], Entity("ticker"),
                     Noun("the stocks with an adjusted closing price on {on}", item="ticker")]


@tool(Kind.RETRIEVAL, example={"ticker": "AAPL", "on": "2020-01-02"})
async def stock_close(world: World, ticker: Stock, on: On) -> StockClose:
    """Closing price of a US stock on a day in dollars, adjusted for splits and dividends."""
    return StockClose(close=await CLOSES.at(world, ticker, on))


@tool(Kind.RETRIEVAL, example={"ticker": "AAPL", "start": "2020-01-02", "end": "2020-12-31"})
async def stock_return(world: World, ticker: Stock, start: Start, end: End) -> StockReturn:
    """Percentage return of a US stock between two trading days, dividends included."""
    return StockReturn(change=await CLOSES.change(world, ticker, start, end))


@tool(Kind.RETRIEVAL, example={"ticker": "AAPL", "start": "2020-01-01", "end": "2020-12-31"})
async def stock_mean(world: World, ticker: Stock, start: Start, end: End) -> StockMean:
    """Average adjusted closing price of a US stock over a period."""
    return StockMean(close=await CLOSES.mean(world, ticker, start, end))


@tool(Kind.RETRIEVAL, example={"ticker": "AAPL", "start": "2020-01-01", "end": "2020-12-31"})
async def stock_high(world: World, ticker: Stock, start: Start, end: End) -> StockHigh:
    """Highest adjusted closing price of a US stock in a period, and its first day."""
    row = await CLOSES.extreme(world, ticker, start, end, highest=True)
    return StockHigh(close=row.value, on=row.date)


@tool(Kind.RETRIEVAL, example={"ticker": "AAPL", "start": "2020-01-01", "end": "2020-12-31"})
async def stock_low(world: World, ticker: Stock, start: Start, end: End) -> StockLow:
    """Lowest adjusted closing price of a US stock in a period, and its first day."""
    row = await CLOSES.extreme(world, ticker, start, end, highest=False)
    return StockLow(close=row.value, on=row.date)


@tool(Kind.RETRIEVAL, example={"ticker": "AAPL", "start": "2020-01-02", "limit": 5})
async def stock_closes(world: World, ticker: Stock, start: On, limit: Limit = 5) -> StockCloses:
    """Adjusted closing prices of a US stock, day by day from a start."""
    rows = await CLOSES.following(world, ticker, start, limit)
    return StockCloses(closes=[row.value for row in rows])


@tool(Kind.RETRIEVAL, example={"ticker": "IBM", "on": "2008-10-10"})
async def stock_range(world: World, ticker: BarStock, on: BarDay) -> StockRange:
    """Highest and lowest price at which a US stock traded on a day, in dollars as traded."""
    row = await bar(world, ticker, on)
    return StockRange(high=row.high, low=row.low)


@tool(Kind.RETRIEVAL, example={"ticker": "IBM", "on": "2008-10-10"})
async def stock_volume(world: World, ticker: BarStock, on: BarDay) -> StockVolume:
    """Number of shares of a US stock traded on a day."""
    return StockVolume(volume=(await bar(world, ticker, on)).volume)


@tool(Kind.RETRIEVAL, example={"on": "2020-01-02", "limit": 10})
async def stock_tickers(world: World, on: On, limit: Limit = 5, offset: Offset = 0) -> StockTickers:
    """US stocks with a closing price on a day."""
    total, items = await page_of_names(world, CLOSES.entities(on), limit, offset)
    if not total:
        raise await CLOSES.missing(world, PRICED[0], on, "on")
    return StockTickers(total=total, items=items)


async def bar(world: World, ticker: str, on: datetime.date) -> Any:
    """The daily bar of a stock."""
    known = models.StockBar
    row = await world.first(select(known.__table__).where(known.ticker == ticker, known.date == on))
    if row is None:
        raise await BARS.missing(world, ticker, on, "on")
    return row
