"""Technical indicators: the latest value of a moving average or an oscillator over a series of prices."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated

from pydantic import Field

from toolservers.annotations import Noun, Typical
from toolservers.errors import ToolError
from toolservers.quantities import Percent, Price, Prices, Ratio
from toolservers.tool import Kind, Output, tool

Series = Annotated[
    Prices, Field(description="prices at equal intervals, oldest first"),
    Typical(values=((100, 103, 99, 104, 108, 105, 107), (52.5, 51, 53.2, 55.1, 54, 56.3, 58, 57.4),
                    (210, 205, 199, 203, 196, 201, 198), (75, 80, 78, 83, 90, 88, 85, 91, 94))),
]
Window = Annotated[int, Field(ge=2, le=250, description="number of prices that the indicator looks at"), Typical(2, 5)]


class MovingAverage(Output):
    average: Annotated[Price, Noun("the {window}-period simple moving average of {prices}")]


class ExponentialAverage(Output):
    average: Annotated[Price, Noun("the {window}-period exponential moving average of {prices}")]


class Strength(Output):
    rsi: Annotated[Ratio, Noun("the {window}-period relative strength index of {prices}")]


class Band(Output):
    lower: Annotated[Price, Noun("the lower {window}-period Bollinger band of {prices}[ at width {width}]")]
    upper: Annotated[Price, Noun("the upper {window}-period Bollinger band of {prices}[ at width {width}]")]


class Convergence(Output):
    macd: Annotated[Price, Noun("the MACD of {prices} with windows {fast} and {slow}")]


class Momentum(Output):
    momentum: Annotated[Percent, Noun("the {window}-period rate of change, in percent, of {prices}")]


EXAMPLE = {"prices": [100.0, 103.0, 99.0, 104.0, 108.0, 105.0], "window": 3}


@tool(Kind.PROCESSING, example=EXAMPLE)
async def indicator_sma(prices: Series, window: Window) -> MovingAverage:
    """Simple moving average: the mean of the latest prices."""
    return MovingAverage(average=math.fsum(latest(prices, window)) / window)


@tool(Kind.PROCESSING, example=EXAMPLE)
async def indicator_ema(prices: Series, window: Window) -> ExponentialAverage:
    """Exponential moving average with weight 2 / (window + 1), started at the oldest price."""
    latest(prices, window)
    return ExponentialAverage(average=exponential(prices, 2 / (window + 1)))


@tool(Kind.PROCESSING, example=EXAMPLE)
async def indicator_rsi(prices: Series, window: Window) -> Strength:
    """Relative strength index, 0 to 100, from plain means of the latest gains and losses (Cutler's form)."""
    changes = [b - a for a, b in pairwise(latest(prices, window + 1))]
    gains, losses = sum(max(change, 0) for change in changes), sum(max(-change, 0) for change in changes)
    if gains + losses == 0:
        raise ToolError("prices: the latest prices do not move, so the index has no value")
    return Strength(rsi=100 * gains / (gains + losses))


@tool(Kind.PROCESSING, example=EXAMPLE)
async def indicator_bollinger(
    prices: Series,
    window: Window,
    width: Annotated[float, Field(gt=0, le=10, description="half-width of the band in standard deviations")] = 2.0,
) -> Band:
    """Bollinger band: moving average plus and minus some population standard deviations of the same prices."""
    sample = latest(prices, window)
    mean = math.fsum(sample) / window
    reach = width * math.sqrt(math.fsum((price - mean) ** 2 for price in sample) / window)
    return Band(lower=mean - reach, upper=mean + reach)


@tool(Kind.PROCESSING, example={"prices": EXAMPLE["prices"], "fast": 2, "slow": 5})
async def indicator_macd(
    prices: Series,
    fast: Annotated[int, Field(ge=2, le=250, description="window of the fast average"), Typical(2, 3)],
    slow: Annotated[int, Field(ge=3, le=250, description="window of the slow average"), Typical(4, 6)],
) -> Convergence:
    """MACD line: fast minus slow exponential moving average."""
    if fast >= slow:
        raise ToolError(f"slow: must be greater than fast ({fast})")
    latest(prices, slow)
    return Convergence(macd=exponential(prices, 2 / (fast + 1)) - exponential(prices, 2 / (slow + 1)))


@tool(Kind.PROCESSING, example=EXAMPLE)
async def indicator_momentum(prices: Series, window: Window) -> Momentum:
    """Rate of change: the latest price against the one some periods before, in percent."""
    sample = latest(prices, window + 1)
    return Momentum(momentum=100 * (sample[-1] / sample[0] - 1))


def latest(prices: Sequence[float], count: int) -> Sequence[float]:
    """The last `count` prices; raises `ToolError` where there are fewer."""
    if len(prices) < count:
        raise ToolError(f"prices: {count} are needed and {len(prices)} given; give more or choose a smaller window")
    return prices[-count:]


def exponential(prices: Sequence[float], weight: float) -> float:
    """Last value of the recursion e = weight * price + (1 - weight) * e."""
    average = prices[0]
    for price in prices[1:]:
        average += weight * (price - average)
    return average
