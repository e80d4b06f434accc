"""Euro foreign exchange reference rates: units of a currency for one euro (European Central Bank, 1999-2026)."""

from __future__ import annotations

import datetime
from typing import Annotated

from pydantic import Field

from toolservers.annotations import Digits, Entity, Noun, Typical, Unit
from toolservers.entities import Currency, Date
from toolservers.errors import ToolError
from toolservers.financial.facts import models
from toolservers.lookup import page_of_names
from toolservers.quantities import Amount, Count, Percent
from toolservers.timeseries import TimeSeries
from toolservers.tool import Kind, Limit, Offset, Output, Page, tool
from toolservers.world import World

RATES = TimeSeries(models.FxRate.currency, models.FxRate.date, models.FxRate.rate, "currency")
Rate = Annotated[float, Entity("number"), Digits(6), Unit("per EUR")]
QUOTED = ("AUD", "BRL", "CAD", "CHF", "CNY", "CZK", "DKK", "GBP", "HKD", "HUF", "IDR", "ILS", "INR", "JPY", "KRW",
          "MXN", "MYR", "NOK", "NZD", "PHP", "PLN", "RON", "SEK", "SGD", "THB", "TRY", "USD", "ZAR")  # all since 2011
Quoted = Annotated[Currency, Typical(values=QUOTED)]
On = Annotated[Date, Typical("2011-01-03", "2026-10-30")]
Start = Annotated[Date, Typical("2011-01-03", "2016-12-30")]
End = Annotated[Date, Typical("2017-01-02", "2026-10-30")]
Money = Annotated[Amount, Field(ge=-1e12, le=1e12, description="amount of money"), Typical(100, 10_000, 100)]


class FxRate(Output):
    rate: Annotated[Rate, Noun("the euro reference rate of {currency} on {on}")]


class FxConversion(Output):
    amount: Annotated[Amount, Noun("the value in {target} of {amount} units of {currency} on {on}")]


class FxChange(Output):
    change: Annotated[Percent, Noun("the percentage change of the euro reference rate of {currency} "
                                        "from {start} to {end}")]


class FxMean(Output):
    rate: Annotated[Rate, Noun("the average euro reference rate of {currency} from {start} to {end}")]


class FxHigh(Output):
    rate: Annotated[Rate, Noun("the highest euro reference rate of {currency} between {start} and {end}")]
    on: Annotated[Date, Noun("the day of the highest euro reference rate of {currency} between {start} and {end}")]


class FxLow(Output):
    rate: Annotated[Rate, Noun("the lowest euro reference rate of {currency} between {start} and {end}")]
    on: Annotated[Date, Noun("the day of the lowest euro reference rate of {currency} between {start} and {end}")]


class FxPoint(Output):
    on: Date
    rate: Rate


class FxHistory(Output):
    items: Annotated[list[FxPoint],
                     Noun("the first {limit} daily euro reference rates of {currency} from {start} on", item="day")]


class FxFixings(Output):
    rates: Annotated[list[float], Entity("number"), Digits(6),
                     Noun("the first {limit} euro reference rates of {currency} from {start} on", item="rate")]


class FxCurrencies(Page[str]):
    total: Annotated[Count, Noun("the number of currencies with a euro reference rate on {on}")]
    items: Annotated[list[str], Entity("currency"),
                     Noun("the currencies with a euro reference rate on {on}", item="currency")]


@tool(Kind.RETRIEVAL, example={"currency": "USD", "on": "2020-01-02"})
async def fx_rate(world: World, currency: Quoted, on: On) -> FxRate:
    """Euro reference rate of a currency on a day: units of it for one euro."""
    return FxRate(rate=await RATES.at(world, quoted(currency), on))


@tool(Kind.PROCESSING, example={"amount": 100.0, "currency": "USD", "target": "JPY", "on": "2020-01-02"})
async def fx_convert(world: World, amount: Money, currency: Quoted, target: Quoted, on: On) -> FxConversion:
    """Amount of one currency converted to another at a day's reference rates."""
    value = amount / await per_euro(world, currency, on, "currency") * await per_euro(world, target, on, "target")
    return FxConversion(amount=round(value, 2))


@tool(Kind.RETRIEVAL, example={"currency": "USD", "start": "2020-01-02", "end": "2020-12-31"})
async def fx_change(world: World, currency: Quoted, start: Start, end: End) -> FxChange:
    """Percentage change of a euro reference rate between two days."""
    return FxChange(change=await RATES.change(world, quoted(currency), start, end))


@tool(Kind.RETRIEVAL, example={"currency": "USD", "start": "2020-01-01", "end": "2020-12-31"})
async def fx_mean(world: World, currency: Quoted, start: Start, end: End) -> FxMean:
    """Average euro reference rate of a currency over a period."""
    return FxMean(rate=await RATES.mean(world, quoted(currency), start, end))


@tool(Kind.RETRIEVAL, example={"currency": "USD", "start": "2020-01-01", "end": "2020-12-31"})
async def fx_high(world: World, currency: Quoted, start: Start, end: End) -> FxHigh:
    """Highest euro reference rate of a currency in a period, and its first day."""
    row = await RATES.extreme(world, quoted(currency), start, end, highest=True)
    return FxHigh(rate=row.value, on=row.date)


@tool(Kind.RETRIEVAL, example={"currency": "USD", "start": "2020-01-01", "end": "2020-12-31"})
async def fx_low(world: World, currency: Quoted, start: Start, end: End) -> FxLow:
    """Lowest euro reference rate of a currency in a period, and its first day."""
    row = await RATES.extreme(world, quoted(currency), start, end, highest=False)
    return FxLow(rate=row.value, on=row.date)


@tool(Kind.RETRIEVAL, example={"currency": "USD", "start": "2020-01-02", "limit": 5})
async def fx_history(world: World, currency: Quoted, start: On, limit: Limit = 5) -> FxHistory:
    """Euro reference rates of a currency, day by day from a start."""
    rows = await RATES.following(world, quoted(currency), start, limit)
    return FxHistory(items=[FxPoint(on=row.date, rate=row.value) for row in rows])


@tool(Kind.RETRIEVAL, example={"currency": "USD", "start": "2020-01-02", "limit": 5})
async def fx_fixings(world: World, currency: Quoted, start: On, limit: Limit = 5) -> FxFixings:
    """Euro reference rates of a currency on the days from a start, as a bare list of numbers."""
    rows = await RATES.following(world, quoted(currency), start, limit)
    return FxFixings(rates=[row.value for row in rows])


@tool(Kind.RETRIEVAL, example={"on": "2020-01-02", "limit": 10})
async def fx_currencies(world: World, on: On, limit: Limit = 5, offset: Offset = 0) -> FxCurrencies:
    """Currencies with a euro reference rate on a day, in alphabetical order."""
    total, items = await page_of_names(world, RATES.entities(on), limit, offset)
    if not total:
        raise await RATES.missing(world, "USD", on, "on")
    return FxCurrencies(total=total, items=items)


def quoted(currency: str) -> str:
    """The currency itself, if it can have a rate against the euro."""
    if currency == "EUR":
        raise ToolError("currency: the rates are units of a currency per euro, so EUR has none of its own")
    return currency


async def per_euro(world: World, currency: str, on: datetime.date, parameter: str) -> float:
    """Units of a currency for one euro; errors call the currency `parameter`."""
    if currency == "EUR":
        return 1.0
    return await TimeSeries(RATES.key, RATES.date, RATES.value, parameter).at(world, currency, on)
