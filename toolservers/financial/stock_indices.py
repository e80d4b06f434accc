"""Daily levels of US stock indices, in points (1999-2018)."""

from __future__ import annotations

from typing import Annotated

from toolservers.annotations import Entity, Noun, Typical, Unit
from toolservers.entities import Date, StockIndex
from toolservers.financial.facts import models
from toolservers.quantities import Percent, Price
from toolservers.timeseries import TimeSeries
from toolservers.tool import Kind, Limit, Output, tool
from toolservers.world import World

LEVELS = TimeSeries(models.IndexBar.index, models.IndexBar.date, models.IndexBar.close, "index")
Levelled = Annotated[StockIndex, Typical(values=("NASDAQ Composite", "S&P 500"))]
On = Annotated[Date, Typical("1999-01-04", "2018-12-31")]
Start = Annotated[Date, Typical("1999-01-04", "2008-12-31")]
End = Annotated[Date, Typical("2009-01-02", "2018-12-31")]
Points = Annotated[Price, Unit("points")]


class IndexClose(Output):
    close: Annotated[Points, Noun("the closing level of {index} on {on}")]


class IndexChange(Output):
    change: Annotated[Percent, Noun("the percentage change of {index} from {start} to {end}")]


class IndexMean(Output):
    close: Annotated[Points, Noun("the average closing level of {index} from {start} to {end}")]


class IndexHigh(Output):
    close: Annotated[Points, Noun("the highest closing level of {index} between {start} and {end}")]
    on: Annotated[Date, Noun("the day of the highest closing level of {index} between {start} and {end}")]


class IndexLow(Output):
    close: Annotated[Points, Noun("the lowest closing level of {index} between {start} and {end}")]
    on: Annotated[Date, Noun("the day of the lowest closing level of {index} between {start} and {end}")]


class IndexCloses(Output):
    closes: Annotated[list[float], Entity("price"), Unit("points"),
                      Noun("the first {limit} closing levels of {index} from {start} on", item="level")]


@tool(Kind.RETRIEVAL, example={"index": "S&P 500", "on": "2008-10-10"})
async def index_close(world: World, index: Levelled, on: On) -> IndexClose:
    """Closing level of a US stock index on a day."""
    return IndexClose(close=await LEVELS.at(world, index, on))


@tool(Kind.RETRIEVAL, example={"index": "S&P 500", "start": "2008-01-02", "end": "2008-12-31"})
async def index_change(world: World, index: Levelled, start: Start, end: End) -> IndexChange:
    """Percentage change of a US stock index between two trading days."""
    return IndexChange(change=await LEVELS.change(world, index, start, end))


@tool(Kind.RETRIEVAL, example={"index": "S&P 500", "start": "2008-01-01", "end": "2008-12-31"})
async def index_mean(world: World, index: Levelled, start: Start, end: End) -> IndexMean:
    """Average closing level of a US stock index over a period."""
    return IndexMean(close=await LEVELS.mean(world, index, start, end))


@tool(Kind.RETRIEVAL, example={"index": "S&P 500", "start": "2008-01-01", "end": "2008-12-31"})
async def index_high(world: World, index: Levelled, start: Start, end: End) -> IndexHigh:
    """Highest closing level of a US stock index in a period, and its first day."""
    row = await LEVELS.extreme(world, index, start, end, highest=True)
    return IndexHigh(close=row.value, on=row.date)


@tool(Kind.RETRIEVAL, example={"index": "S&P 500", "start": "2008-01-01", "end": "2008-12-31"})
async def index_low(world: World, index: Levelled, start: Start, end: End) -> IndexLow:
    """Lowest closing level of a US stock index in a period, and its first day."""
    row = await LEVELS.extreme(world, index, start, end, highest=False)
    return IndexLow(close=row.value, on=row.date)


@tool(Kind.RETRIEVAL, example={"index": "S&P 500", "start": "2008-10-06", "limit": 5})
async def index_closes(world: World, index: Levelled, start: On, limit: Limit = 5) -> IndexCloses:
    """Closing levels of a US stock index, day by day from a start."""
    rows = await LEVELS.following(world, index, start, limit)
    return IndexCloses(closes=[row.value for row in rows])
