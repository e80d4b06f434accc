"""Cash flows: sums at equal intervals (the first one now) or on dates; their present value and rate of return.

Outgoing money is negative. The internal rate of return r is the root of Σ value_k / (1 + r)^t_k = 0.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated

from pydantic import Field

from toolservers.annotations import Noun, Typical, Unit
from toolservers.entities import Date
from toolservers.errors import ToolError
from toolservers.quantities import Amount, Amounts, RatePercent
from toolservers.tool import Kind, Output, tool

Flows = Annotated[
    Amounts, Field(description="cash flows one year apart, the first one now; money spent is negative"),
    Typical(values=((-1000, 300, 400, 500), (-5000, 1500, 1500, 1500, 1500), (-20000, 6000, 7000, 8000, 9000),
                    (-800, 250, 350, 450), (-12000, 2000, 4000, 5000, 6000))),
]
Money = Field(ge=0.01, le=1e12)
START, END = "2005-01-03", "2014-12-31"


class NetPresentValue(Output):
    value: Annotated[Amount, Noun("the net present value of the yearly cash flows {flows} at a yearly rate of {rate}")]


class InternalRate(Output):
    rate: Annotated[RatePercent, Noun("the internal rate of return of the yearly cash flows {flows}")]


class DatedRate(Output):
    rate: Annotated[
        RatePercent, Noun("the yearly rate of return of paying {paid} on {start} and receiving {received} on {end}")
    ]


class Payback(Output):
    years: Annotated[int, Unit("years"), Noun("the number of years in which the cash flows {flows} pay back")]


@tool(Kind.PROCESSING, example={"flows": [-1000.0, 300.0, 400.0, 500.0], "rate": 5.0})
async def cashflow_npv(
    flows: Flows,
    rate: Annotated[
        RatePercent, Field(ge=-50, le=1000, description="yearly discount rate in percent (5.0 means 5 %)"),
        Typical(1, 12, 0.5),
    ],
) -> NetPresentValue:
    """Net present value of yearly cash flows; the first one is not discounted."""
    return NetPresentValue(value=round(present_value(flows, rate / 100), 2))


@tool(Kind.PROCESSING, example={"flows": [-1000.0, 300.0, 400.0, 500.0]})
async def cashflow_irr(flows: Flows) -> InternalRate:
    """Internal rate of return of yearly cash flows, in percent a year."""
    signs = [flow > 0 for flow in flows if flow]
    if sum(a != b for a, b in pairwise(signs)) != 1:
        raise ToolError("flows: the rate is defined where the flows change sign exactly once; give such flows")
    return InternalRate(rate=100 * internal_rate(flows))


@tool(Kind.PROCESSING, example={"paid": 1000.0, "start": "2010-03-01", "received": 1500.0, "end": "2016-09-15"})
async def cashflow_xirr(
    paid: Annotated[Amount, Money, Field(description="sum paid at the start"), Typical(500, 20_000, 500)],
    start: Annotated[Date, Typical(START, END), Field(description="day of the payment, as YYYY-MM-DD")],
    received: Annotated[Amount, Money, Field(description="sum received"), Typical(1_000, 40_000, 500)],
    end: Annotated[
        Date, Typical("2015-01-02", "2024-12-31"), Field(description="day on which it is received, as YYYY-MM-DD")
    ],
) -> DatedRate:
    """Yearly compound rate (days / 365) that turns one dated payment into one dated receipt."""
    days = (end - start).days
    if days <= 0:
        raise ToolError(f"end: must be a day after start ({start})")
    exponent = math.log(received / paid) * 365 / days
    if exponent > 50:
        raise ToolError("end: the yearly rate is astronomical over so few days; give a later day")
    return DatedRate(rate=100 * math.expm1(exponent))


@tool(Kind.PROCESSING, example={"flows": [-1000.0, 300.0, 400.0, 500.0]})
async def cashflow_payback(flows: Flows) -> Payback:
    """Number of years after which the undiscounted cash flows have paid back what was spent."""
    total = flows[0]
    for year, flow in enumerate(flows[1:], start=1):
        total += flow
        if total >= 0:
            return Payback(years=year)
    raise ToolError("flows: they never pay back; give flows whose sum is not negative")


def present_value(flows: Sequence[float], rate: float) -> float:
    """Value now of flows one period apart (the first one now) at `rate` a period, a fraction above -1."""
    total = 0.0
    for flow in reversed(flows):  # Horner's scheme
        total = total / (1 + rate) + flow
    return total


def internal_rate(flows: Sequence[float]) -> float:
    """The one root above -1 of `present_value`, by bisection on the discount factor; raises `ToolError` if far off."""
    low, high = 1e-6, 20.0  # discount factors 1 / (1 + rate)
    if present_value(flows, 1 / low - 1) * present_value(flows, 1 / high - 1) > 0:
        raise ToolError("flows: the rate of return lies below -95 % or is astronomical; check the flows")
    while high - low > 1e-15 * high:
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if present_value(flows, 1 / low - 1) * present_value(flows, 1 / middle - 1) <= 0:
            high = middle
        else:
            low = middle
    return 1 / high - 1
