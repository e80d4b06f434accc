"""Returns: what an investment earned between two prices, and the risk in a series of prices."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Annotated

from pydantic import Field

from toolservers import quantities
from toolservers.annotations import Noun, Typical
from toolservers.errors import ToolError
from toolservers.quantities import Number, Percent, Price, Prices, RatePercent, Ratio
from toolservers.tool import Kind, Output, tool

First = Annotated[Price, Field(ge=1e-6, le=1e9, description="earlier price"), Typical(20, 120, 2)]
Second = Annotated[Price, Field(ge=1e-6, le=1e9, description="later price"), Typical(30, 200, 2.5)]
PRICES = ((100, 103, 99, 104, 108, 105), (52.5, 51, 53.2, 55.1, 54, 56.3), (210, 205, 199, 203, 196, 201),
          (18.2, 18.9, 19.4, 19.1, 20.3, 20.0), (75, 80, 78, 83, 90, 88))
"""Of one length, so that any two make a pair."""
Series = Annotated[
    Prices, Field(min_length=3, description="prices at equal intervals, oldest first"), Typical(values=PRICES)
]
Other = Annotated[
    Prices, Field(min_length=3, description="prices of the second series on the same days"), Typical(values=PRICES)
]
Periods = Annotated[
    int, Field(ge=1, le=366, description="price intervals in a year: 252 for trading days, 12 for months")
]


class SimpleReturn(Output):
    change: Annotated[Percent, Noun("the percent return from a price of {first} to a price of {second}")]


class LogReturn(Output):
    change: Annotated[Percent, Noun("the log return, in percent, from a price of {first} to a price of {second}")]


class AnnualReturn(Output):
    rate: Annotated[
        Percent,
        Noun("the compound annual growth rate from {first} to {second} over {years} years"),
    ]


class Volatility(Output):
    volatility: Annotated[
        quantities.Volatility, Noun("the annualised volatility, in percent, of {prices}[ with {periods} a year]")
    ]


class Drawdown(Output):
    drawdown: Annotated[Percent, Noun("the maximum drawdown, in percent, of {prices}")]


class Sharpe(Output):
    ratio: Annotated[
        Ratio,
        Noun("the annualised Sharpe ratio of {prices}[ over a risk-free rate of {rate}]"
             "[ with {periods} a year]"),
    ]


class Correlation(Output):
    correlation: Annotated[Ratio, Noun("the correlation of returns between {prices} and {others}")]


class Beta(Output):
    beta: Annotated[Ratio, Noun("the beta of {prices} against {others}")]


@tool(Kind.PROCESSING, example={"first": 100.0, "second": 112.5})
async def return_simple(first: First, second: Second) -> SimpleReturn:
    """Percent return between two prices."""
    return SimpleReturn(change=100 * (second / first - 1))


@tool(Kind.PROCESSING, example={"first": 100.0, "second": 112.5})
async def return_log(first: First, second: Second) -> LogReturn:
    """Logarithmic return between two prices, in percent."""
    return LogReturn(change=100 * math.log(second / first))


@tool(Kind.PROCESSING, example={"first": 100.0, "second": 150.0, "years": 5})
async def return_annual(
    first: Annotated[Number, Field(ge=1e-6, le=1e15, description="value at the start"), Typical(20, 120, 2)],
    second: Annotated[Number, Field(ge=1e-6, le=1e15, description="value at the end"), Typical(30, 200, 2.5)],
    years: Annotated[int, Field(ge=1, le=200, description="years between the two"), Typical(2, 20)],
) -> AnnualReturn:
    """Compound annual growth rate between two values."""
    return AnnualReturn(rate=100 * ((second / first) ** (1 / years) - 1))


@tool(Kind.PROCESSING, example={"prices": [100.0, 103.0, 99.0, 104.0]})
async def prices_volatility(prices: Series, periods: Periods = 252) -> Volatility:
    """Annualised volatility: standard deviation of log returns (n - 1) times the root of the periods in a year."""
    changes = [math.log(b / a) for a, b in pairwise(prices)]
    return Volatility(volatility=100 * math.sqrt(covariance(changes, changes) * periods))


@tool(Kind.PROCESSING, example={"prices": [100.0, 103.0, 99.0, 104.0]})
async def prices_drawdown(prices: Series) -> Drawdown:
    """Largest fall from an earlier high, in percent of that high; a positive number."""
    return Drawdown(drawdown=max(100 * (1 - price / high) for price, high in zip(prices, accumulate(prices, max),
                                                                               strict=True)))


@tool(Kind.PROCESSING, example={"prices": [100.0, 103.0, 99.0, 104.0]})
async def prices_sharpe(
    prices: Series,
    rate: Annotated[RatePercent, Field(gt=-100, le=100, description="risk-free rate in percent a year")] = 0.0,
    periods: Periods = 252,
) -> Sharpe:
    """Annualised Sharpe ratio of simple returns over a risk-free rate (divided by the periods in a year)."""
    excess = [change - rate / 100 / periods for change in simple_returns(prices)]
    deviation = math.sqrt(covariance(excess, excess))
    if deviation < 1e-12:
        raise ToolError("prices: the returns do not vary, so the ratio has no value; give prices that do")
    return Sharpe(ratio=math.fsum(excess) / len(excess) / deviation * math.sqrt(periods))


@tool(Kind.PROCESSING, example={"prices": [100.0, 103.0, 99.0, 104.0], "others": [50.0, 52.0, 51.0, 52.5]})
async def prices_correlation(prices: Series, others: Other) -> Correlation:
    """Pearson correlation of the simple returns of two price series."""
    first, second = paired_returns(prices, others)
    scale = math.sqrt(covariance(first, first) * covariance(second, second))
    if scale < 1e-18:
        raise ToolError("prices: the returns of one series do not vary; give prices that do")
    return Correlation(correlation=max(-1.0, min(1.0, covariance(first, second) / scale)))


@tool(Kind.PROCESSING, example={"prices": [100.0, 103.0, 99.0, 104.0], "others": [50.0, 52.0, 51.0, 52.5]})
async def prices_beta(prices: Series, others: Other) -> Beta:
    """Beta: covariance of the returns with the market's over the market's variance."""
    first, market = paired_returns(prices, others)
    variance = covariance(market, market)
    if variance < 1e-18:
        raise ToolError("others: the market's returns do not vary; give prices that do")
    return Beta(beta=covariance(first, market) / variance)


def simple_returns(prices: Sequence[float]) -> list[float]:
    """Returns between neighbours, as fractions."""
    return [b / a - 1 for a, b in pairwise(prices)]


def paired_returns(first: Sequence[float], second: Sequence[float]) -> tuple[list[float], list[float]]:
    """Returns of two series of one length; raises `ToolError` otherwise."""
    if len(first) != len(second):
        raise ToolError(f"others: has {len(second)} prices where prices has {len(first)}; give as many")
    return simple_returns(first), simple_returns(second)


def covariance(first: Sequence[float], second: Sequence[float]) -> float:
    """Sample covariance (n - 1)."""
    mean, other = math.fsum(first) / len(first), math.fsum(second) / len(second)
    return math.fsum((a - mean) * (b - other) for a, b in zip(first, second, strict=True)) / (len(first) - 1)
