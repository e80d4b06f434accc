from __future__ import annotations

import statistics

import pytest
from sqlalchemy import select

from toolservers.errors import ErrorKind
from toolservers.financial.facts import models

YEAR = {"start": "2020-01-01", "end": "2020-12-31"}


async def closes(world, ticker):
    price = models.StockPrice
    rows = await world.all(select(price.date, price.close).where(price.ticker == ticker).order_by(price.date))
    return {day.isoformat(): close for day, close in rows}


@pytest.mark.parametrize("ticker", ["AAPL", "XOM"])
async def test_a_period_agrees_with_brute_force(ask, world, ticker):
    prices = {day: close for day, close in (await closes(world, ticker)).items() if day.startswith("2020-")}
    top, bottom = max(prices, key=prices.__getitem__), min(prices, key=prices.__getitem__)
    assert await ask("stock_high", ticker=ticker, **YEAR) == {"close": pytest.approx(prices[top]), "on": top}
    assert await ask("stock_low", ticker=ticker, **YEAR) == {"close": pytest.approx(prices[bottom]), "on": bottom}
    mean = (await ask("stock_mean", ticker=ticker, **YEAR))["close"]
    assert mean == pytest.approx(statistics.fmean(prices.values()), rel=1e-7)
    first, *_, last = prices
    gain = (await ask("stock_return", ticker=ticker, start=first, end=last))["change"]
    assert gain == pytest.approx(100 * (prices[last] / prices[first] - 1), rel=1e-5)
    assert (await ask("stock_closes", ticker=ticker, start=first, limit=4))["closes"] == list(prices.values())[:4]


async def test_apple_in_2020_returned_four_fifths(ask):
    # Apple closed 2019 at $73.41 and 2020 at $132.69, split-adjusted, and paid $0.81 a share: +82 %
    gain = await ask("stock_return", ticker="AAPL", start="2019-12-31", end="2020-12-31")
    assert gain["change"] == pytest.approx(82, abs=1)


async def test_bars_as_traded(ask):
    # IBM in the crash of October 2008: between 83.51 and 91.66 dollars on the 10th
    assert await ask("stock_range", ticker="IBM", on="2008-10-10") == {"high": 91.66, "low": 83.51}
    assert (await ask("stock_volume", ticker="IBM", on="2008-10-10"))["volume"] == 24_637_400


async def test_stocks_of_a_day(ask, refusal):
    listed = await ask("stock_tickers", on="2020-01-02", limit=50)
    assert listed["total"] == len(listed["items"]) == 20 and "AAPL" in listed["items"]
    assert (await refusal("stock_tickers", on="2020-01-04")).message.startswith("on: ")


async def test_refusals(refusal):
    error = await refusal("stock_close", ticker="APPL", on="2020-01-02")
    assert error.kind is ErrorKind.UNKNOWN_ENTITY and "AAPL" in error.message
    message = (await refusal("stock_close", ticker="AAPL", on="2020-01-04")).message
    assert "2020-01-03" in message and "2020-01-06" in message
    assert "2013-03-01" in (await refusal("stock_range", ticker="IBM", on="2020-01-02")).message
    assert (await refusal("stock_return", ticker="AAPL", start="2020-01-03", end="2020-01-02")).message[:3] == "end"
    for arguments in ({"ticker": "aapl"}, {"ticker": ["AAPL"]}, {"on": "January"}):
        error = await refusal("stock_close", **{"ticker": "AAPL", "on": "2020-01-02"} | arguments)
        assert error.kind is ErrorKind.INVALID_ARGUMENTS
