"""Interest rates: what a rate becomes under another compounding, after inflation, or between two dates."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from toolservers.annotations import Noun, Typical, Unit
from toolservers.entities import Date
from toolservers.errors import ToolError
from toolservers.financial import quantlib
from toolservers.quantities import RatePercent, Ratio
from toolservers.tool import Kind, Output, tool

LIBRARIES = ("QuantLib",)
Percent = Field(ge=-50, le=1000)
Years = Annotated[int, Unit("years"), Field(ge=1, le=100)]
Convention = Literal["30/360", "ACT/360", "ACT/365", "ACT/ACT"]


class EffectiveRate(Output):
    rate: Annotated[
        RatePercent,
        Noun("the effective yearly rate, compounding {times} times a year, of a nominal rate of {rate}"),
    ]


class RealRate(Output):
    rate: Annotated[
        RatePercent,
        Noun("the real interest rate for a nominal rate of {rate} and an inflation of {inflation}"),
    ]


class ForwardRate(Output):
    rate: Annotated[
        RatePercent,
        Noun("the forward rate from year {near} to year {far} where the zero rates are "
             "{near_rate} and {far_rate}"),
    ]


class YearFraction(Output):
    fraction: Annotated[Ratio, Unit("years"), Noun("the {convention} year fraction from {start} to {end}")]


@tool(Kind.PROCESSING, example={"rate": 6.0, "times": 12})
async def rate_effective(
    rate: Annotated[
        RatePercent, Field(ge=0, le=1000, description="nominal yearly rate in percent (5.0 means 5 %)"),
        Typical(1, 24, 0.5),
    ],
    times: Annotated[
        int, Field(ge=1, le=366, description="how often a year interest is compounded (12 means monthly)"),
        Typical(values=(2, 4, 12, 52, 365)),
    ],
) -> EffectiveRate:
    """Effective yearly rate of a nominal rate: (1 + rate / times)^times - 1."""
    return EffectiveRate(rate=100 * ((1 + rate / 100 / times) ** times - 1))


@tool(Kind.PROCESSING, example={"rate": 5.0, "inflation": 2.0})
async def rate_real(
    rate: Annotated[
        RatePercent, Percent, Field(description="nominal yearly rate in percent (5.0 means 5 %)"), Typical(0, 12, 0.25)
    ],
    inflation: Annotated[
        RatePercent, Percent, Field(description="yearly inflation in percent (2.0 means 2 %)"), Typical(0, 9, 0.1)
    ],
) -> RealRate:
    """Real interest rate by the exact Fisher equation: (1 + rate) / (1 + inflation) - 1."""
    return RealRate(rate=100 * ((1 + rate / 100) / (1 + inflation / 100) - 1))


@tool(Kind.PROCESSING, example={"near_rate": 3.0, "near": 2, "far_rate": 4.0, "far": 5})
async def rate_forward(
    near_rate: Annotated[
        RatePercent, Percent, Field(description="zero rate to the near year, in percent (5.0 means 5 %)"),
        Typical(0.5, 5, 0.25),
    ],
    near: Annotated[Years, Field(description="near end of the period, in years from now"), Typical(1, 5)],
    far_rate: Annotated[
        RatePercent, Percent, Field(description="zero rate to the far year, in percent (5.0 means 5 %)"),
        Typical(1, 6, 0.25),
    ],
    far: Annotated[Years, Field(description="far end of the period, in years from now"), Typical(6, 30)],
) -> ForwardRate:
    """Yearly compound rate between two future years that two zero rates imply."""
    if far <= near:
        raise ToolError(f"far: must be greater than near ({near})")
    growth = (1 + far_rate / 100) ** far / (1 + near_rate / 100) ** near
    return ForwardRate(rate=100 * (growth ** (1 / (far - near)) - 1))


@tool(Kind.PROCESSING, example={"start": "2020-01-15", "end": "2021-07-31", "convention": "30/360"})
async def year_fraction(
    start: Annotated[Date, Field(description="first day, as YYYY-MM-DD"), Typical("2010-01-01", "2017-12-31")],
    end: Annotated[Date, Field(description="last day, as YYYY-MM-DD"), Typical("2018-01-01", "2025-12-31")],
    convention: Annotated[
        Convention, Field(description="day count convention: 30/360 (bond basis), ACT/360, ACT/365 or ACT/ACT (ISDA)"),
        Typical(values=("30/360", "ACT/360", "ACT/365", "ACT/ACT")),
    ],
) -> YearFraction:
    """Length of a period in years under a day count convention (ISDA 2006 definitions, section 4.16)."""
    if end < start:
        raise ToolError(f"end: must not be before start ({start})")
    first, last = quantlib.date("start", start), quantlib.date("end", end)
    return YearFraction(fraction=day_counter(convention).yearFraction(first, last))


def day_counter(convention: Convention) -> Any:
    """QuantLib's counter for a day count convention."""
    ql = quantlib.library()
    match convention:
        case "30/360":
            return ql.Thirty360(ql.Thirty360.BondBasis)
        case "ACT/360":
            return ql.Actual360()
        case "ACT/365":
            return ql.Actual365Fixed()
        case "ACT/ACT":
            return ql.ActualActual(ql.ActualActual.ISDA)
