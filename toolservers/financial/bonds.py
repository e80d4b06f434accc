"""Fixed-rate bonds: price, yield, duration and accrued interest, per 100 of face value, on a settlement day.

Convention: coupons twice a year on an unadjusted schedule counted back from maturity, actual/actual (ICMA), yields
compounded twice a year: that of US Treasury notes and bonds.
"""

from __future__ import annotations

import datetime
import math
from typing import Annotated, Any

from pydantic import Field

from toolservers.annotations import Noun, Typical, Unit
from toolservers.entities import Date
from toolservers.errors import ToolError
from toolservers.financial import quantlib
from toolservers.quantities import BondPrice as PricePer100
from toolservers.quantities import RatePercent
from toolservers.tool import Kind, Output, tool

LIBRARIES = ("QuantLib",)
Coupon = Annotated[
    RatePercent, Field(ge=0, le=50, description="yearly coupon in percent of face value (5.0 means 5 %)"),
    Typical(1, 8, 0.25),
]
Yield = Annotated[
    RatePercent, Field(ge=-10, le=50, description="yield to maturity in percent, compounded twice a year"),
    Typical(0.5, 8, 0.25),
]
Settlement = Annotated[
    Date, Field(description="settlement day, as YYYY-MM-DD"), Typical("2015-01-05", "2022-12-30")
]
Maturity = Annotated[
    Date, Field(description="day of repayment, as YYYY-MM-DD"),
    Typical(values=("2025-05-15", "2027-11-15", "2030-02-15", "2033-08-15", "2040-05-15", "2045-02-15")),
]
BOND = "a bond maturing on {maturity} with a coupon of {coupon}"


class BondPrice(Output):
    price: Annotated[PricePer100, Noun(f"the clean price on {{on}} of {BOND} at a yield of {{rate}}")]


class BondYield(Output):
    rate: Annotated[RatePercent, Noun(f"the yield to maturity on {{on}} of {BOND} at a clean price of {{price}}")]


class BondDuration(Output):
    duration: Annotated[
        float, Unit("years"), Noun(f"the modified duration on {{on}} of {BOND} at a yield of {{rate}}")
    ]


class BondConvexity(Output):
    convexity: Annotated[float, Noun(f"the convexity on {{on}} of {BOND} at a yield of {{rate}}")]


class BondAccrued(Output):
    accrued: Annotated[PricePer100, Noun(f"the interest accrued on {{on}} per 100 of {BOND}")]


class ZeroPrice(Output):
    price: Annotated[
        PricePer100, Noun("the price per 100 of a zero-coupon bond due in {years} years at a yield of {rate}")
    ]


EXAMPLE = {"coupon": 4.5, "on": "2020-03-10", "maturity": "2030-05-15"}


@tool(Kind.PROCESSING, example={**EXAMPLE, "rate": 4.0})
async def bond_price(coupon: Coupon, rate: Yield, on: Settlement, maturity: Maturity) -> BondPrice:
    """Clean price of a bond at a yield to maturity."""
    ql, bond = quantlib.library(), fixed_rate_bond(coupon, on, maturity)
    return BondPrice(price=ql.BondFunctions.cleanPrice(bond, *compounded(rate), quantlib.date("on", on)))


@tool(Kind.PROCESSING, example={**EXAMPLE, "price": 104.25})
async def bond_yield(
    coupon: Coupon,
    price: Annotated[
        PricePer100, Field(ge=1, le=1000, description="clean price per 100 of face value"), Typical(85, 120)
    ],
    on: Settlement,
    maturity: Maturity,
) -> BondYield:
    """Yield to maturity of a bond at a clean price."""
    ql, bond = quantlib.library(), fixed_rate_bond(coupon, on, maturity)
    quote = ql.BondPrice(price, ql.BondPrice.Clean)
    try:
        day, terms = quantlib.date("on", on), (counter(), ql.Compounded, ql.Semiannual)
        found = 100 * bond.bondYield(quote, *terms, day, 1e-12, 500)
    except RuntimeError:  # the solver gave up: the price is out of any yield's reach
        found = math.inf
    if not -50 <= found <= 200:
        raise ToolError(f"price: no yield between -50 % and 200 % gives {price:g}; give a price nearer to 100")
    return BondYield(rate=found)


@tool(Kind.PROCESSING, example={**EXAMPLE, "rate": 4.0})
async def bond_duration(coupon: Coupon, rate: Yield, on: Settlement, maturity: Maturity) -> BondDuration:
    """Modified duration of a bond: relative fall of its dirty price per unit of yield."""
    ql, bond = quantlib.library(), fixed_rate_bond(coupon, on, maturity)
    terms = ql.InterestRate(*compounded(rate))
    value = ql.BondFunctions.duration(bond, terms, ql.Duration.Modified, quantlib.date("on", on))
    return BondDuration(duration=value)


@tool(Kind.PROCESSING, example={**EXAMPLE, "rate": 4.0})
async def bond_convexity(coupon: Coupon, rate: Yield, on: Settlement, maturity: Maturity) -> BondConvexity:
    """Convexity of a bond: second derivative of its dirty price by the yield, relative to the price."""
    ql, bond = quantlib.library(), fixed_rate_bond(coupon, on, maturity)
    terms = ql.InterestRate(*compounded(rate))
    return BondConvexity(convexity=ql.BondFunctions.convexity(bond, terms, quantlib.date("on", on)))


@tool(Kind.PROCESSING, example=EXAMPLE)
async def bond_accrued(coupon: Coupon, on: Settlement, maturity: Maturity) -> BondAccrued:
    """Interest accrued since the last coupon."""
    bond = fixed_rate_bond(coupon, on, maturity)
    return BondAccrued(accrued=quantlib.library().BondFunctions.accruedAmount(bond, quantlib.date("on", on)))


@tool(Kind.PROCESSING, example={"rate": 4.0, "years": 10})
async def bond_zero(
    rate: Annotated[
        RatePercent, Field(ge=-50, le=100, description="yield in percent, compounded once a year"),
        Typical(0.5, 9, 0.25),
    ],
    years: Annotated[int, Unit("years"), Field(ge=1, le=100, description="years to maturity"), Typical(1, 30)],
) -> ZeroPrice:
    """Price of a zero-coupon bond."""
    return ZeroPrice(price=100 * (1 + rate / 100) ** -years)


def fixed_rate_bond(coupon: float, on: datetime.date, maturity: datetime.date) -> Any:
    """A bond issued at least a year before `on`; sets the evaluation date. Raises `ToolError` for impossible days."""
    if on >= maturity:
        raise ToolError(f"maturity: must be a day after the settlement day ({on})")
    if maturity.year - on.year > quantlib.MATURITY_SPAN:
        raise ToolError(f"maturity: must lie within {quantlib.MATURITY_SPAN} years of the settlement day ({on})")
    ql, settlement, end = quantlib.library(), quantlib.date("on", on), quantlib.date("maturity", maturity)
    quantlib.evaluate_on(settlement)
    periods = 2 * (maturity.year - on.year + 2)  # counted from maturity, so that the first date is before `on`
    dates = [ql.NullCalendar().advance(end, ql.Period(-6 * k, ql.Months)) for k in range(periods, -1, -1)]
    return ql.FixedRateBond(0, 100.0, ql.Schedule(dates), [coupon / 100], counter())


def counter() -> Any:
    """Actual/actual (ICMA), the coupons' day counter."""
    ql = quantlib.library()
    return ql.ActualActual(ql.ActualActual.Bond)


def compounded(rate: float) -> tuple[Any, ...]:
    """A percent yield with the day counter, compounding and frequency that QuantLib asks for."""
    ql = quantlib.library()
    return rate / 100, counter(), ql.Compounded, ql.Semiannual
