"""Statistics of a series: trend, regression, autocorrelation, stationarity and forecast."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated

from pydantic import Field

from toolservers.annotations import Digits, Noun, Typical
from toolservers.errors import ToolError
from toolservers.quantities import Number, Numbers, Ratio
from toolservers.tool import Kind, Output, tool

LIBRARIES = ("statsmodels",)
SAMPLES = ((12, 14, 13, 17, 19, 18), (2.1, 2.4, 2.2, 2.9, 3.1, 3.3), (50, 47, 49, 44, 41, 42),
           (100, 104, 110, 108, 115, 121))
"""Of one length, so that any two make a pair."""
LONG = ((3, 5, 4, 6, 5, 7, 4, 6, 5, 8, 6, 7, 5, 6, 4, 7), (10, 11, 13, 12, 15, 16, 18, 17, 20, 22, 21, 24, 25, 27),
        (7.1, 6.8, 7.4, 7.0, 6.5, 7.2, 7.7, 6.9, 7.3, 6.6, 7.0, 7.5, 6.7))
Values = Annotated[
    Numbers, Field(min_length=3, description="values at equal intervals, oldest first"), Typical(values=SAMPLES)
]
Xs = Annotated[Numbers, Field(min_length=3, description="values of the explaining variable"), Typical(values=SAMPLES)]
Ys = Annotated[Numbers, Field(min_length=3, description="values of the explained variable"), Typical(values=SAMPLES)]


class Slope(Output):
    slope: Annotated[float, Digits(12), Noun("the slope of the regression of {y} on {x}")]


class Intercept(Output):
    intercept: Annotated[float, Digits(12), Noun("the intercept of the regression of {y} on {x}")]


class Determination(Output):
    r_squared: Annotated[Ratio, Noun("the R squared of the regression of {y} on {x}")]


class Trend(Output):
    trend: Annotated[float, Digits(12), Noun("the linear trend per step of {values}")]


class Autocorrelation(Output):
    autocorrelation: Annotated[Ratio, Noun("the autocorrelation at lag {lag} of {values}")]


class DickeyFuller(Output):
    statistic: Annotated[float, Noun("the augmented Dickey-Fuller statistic with {lags} lags of {values}")]
    p_value: Annotated[float, Noun("the p-value of the augmented Dickey-Fuller test with {lags} lags of "
                                   "{values}")]


class Forecast(Output):
    forecast: Annotated[
        Number,
        Noun("the exponential smoothing forecast, with a smoothing factor of {alpha}, of {values}"),
    ]


EXAMPLE = {"x": [1.0, 2.0, 3.0, 4.0], "y": [2.1, 3.9, 6.2, 7.8]}
SERIES = [12.0, 14.0, 13.0, 17.0, 19.0, 18.0]


@tool(Kind.PROCESSING, example=EXAMPLE)
async def regression_slope(x: Xs, y: Ys) -> Slope:
    """Slope of the least-squares line of y on x."""
    return Slope(slope=least_squares(x, y)[0])


@tool(Kind.PROCESSING, example=EXAMPLE)
async def regression_intercept(x: Xs, y: Ys) -> Intercept:
    """Value at x = 0 of the least-squares line of y on x."""
    return Intercept(intercept=least_squares(x, y)[1])


@tool(Kind.PROCESSING, example=EXAMPLE)
async def regression_fit(x: Xs, y: Ys) -> Determination:
    """Share of the variance of y that the least-squares line on x explains."""
    return Determination(r_squared=least_squares(x, y)[2])


@tool(Kind.PROCESSING, example={"values": SERIES})
async def series_trend(values: Values) -> Trend:
    """Slope of the least-squares line through a series, per step."""
    return Trend(trend=least_squares(range(len(values)), values)[0])


@tool(Kind.PROCESSING, example={"values": SERIES, "lag": 1})
async def series_autocorrelation(
    values: Values,
    lag: Annotated[int, Field(ge=1, le=250, description="steps between the compared values"), Typical(1, 3)],
) -> Autocorrelation:
    """Autocorrelation of a series at a lag (the usual estimator, over the variance of the whole series)."""
    if lag >= len(values):
        raise ToolError(f"lag: must be below the number of values ({len(values)})")
    mean = math.fsum(values) / len(values)
    rest = [value - mean for value in values]
    return Autocorrelation(autocorrelation=math.fsum(a * b for a, b in zip(rest, rest[lag:], strict=False))
                           / spread("values", rest))


@tool(Kind.PROCESSING, example={"values": list(LONG[0]), "lags": 1})
async def series_adf(
    values: Annotated[
        Numbers, Field(min_length=12, description="values at equal intervals, oldest first"), Typical(values=LONG)
    ],
    lags: Annotated[int, Field(ge=0, le=3, description="lagged differences in the regression"), Typical(0, 2)],
) -> DickeyFuller:
    """Augmented Dickey-Fuller test for a unit root, with a constant (p-value: MacKinnon 1994)."""
    from statsmodels.tools.sm_exceptions import SingularMatrixWarning
    from statsmodels.tsa.stattools import adfuller

    steps = [after - before for before, after in pairwise(values)]
    spread("values", [step - steps[0] for step in steps])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SingularMatrixWarning)  # its statistic is huge or not a number
        found = adfuller(values, maxlag=lags, regression="c", autolag=None, result_object=True)
    if not abs(found.statistic) < 1e6:
        raise ToolError("values: they follow the regression without an error; give values that vary more freely")
    return DickeyFuller(statistic=float(found.statistic), p_value=float(found.pvalue))


@tool(Kind.PROCESSING, example={"values": SERIES, "alpha": 0.5})
async def series_forecast(
    values: Values,
    alpha: Annotated[float, Field(gt=0, le=1, description="weight of the newest value"), Typical(0.1, 0.9, 0.1)],
) -> Forecast:
    """Next value by simple exponential smoothing, started at the oldest value."""
    level = values[0]
    for value in values[1:]:
        level += alpha * (value - level)
    return Forecast(forecast=level)


def least_squares(x: Sequence[float], y: Sequence[float]) -> tuple[float, float, float]:
    """Slope, intercept and R squared (1 where y is constant) of y on x."""
    if len(x) != len(y):
        raise ToolError(f"y: has {len(y)} values where x has {len(x)}; give as many")
    mean_x, mean_y = math.fsum(x) / len(x), math.fsum(y) / len(y)
    dx, dy = [value - mean_x for value in x], [value - mean_y for value in y]
    slope = math.fsum(a * b for a, b in zip(dx, dy, strict=True)) / spread("x", dx)
    total = math.fsum(value**2 for value in dy)
    left = math.fsum((b - slope * a) ** 2 for a, b in zip(dx, dy, strict=True))
    return slope, mean_y - slope * mean_x, 1 - left / total if total else 1.0


def spread(parameter: str, deviations: Sequence[float]) -> float:
    """Sum of squared deviations; raises `ToolError` where there is none."""
    total = math.fsum(value**2 for value in deviations)
    if total < 1e-18:
        raise ToolError(f"{parameter}: its values or their steps are all the same; give values that vary")
    return total
