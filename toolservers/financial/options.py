"""Options on one underlying without dividends, in the Black-Scholes model; time counts in days of a 365-day year.

European prices and Greeks are the closed form (Black and Scholes 1973); American prices come from the fixed-point
method of Andersen, Lake and Offengenden (2016), barrier prices from the formulas of Reiner and Rubinstein (1991),
both as QuantLib computes them.
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Annotated, Any, Literal

from pydantic import Field

from toolservers.annotations import Noun, Typical, Unit
from toolservers.errors import ToolError
from toolservers.financial import quantlib
from toolservers.quantities import Price, RatePercent, Volatility
from toolservers.tool import Kind, Output, tool

LIBRARIES = ("QuantLib",)
Side = Annotated[
    Literal["call", "put"], Field(description="call (right to buy) or put (right to sell)"),
    Typical(values=("call", "put")),
]
Spot = Annotated[
    Price, Field(ge=0.01, le=1e7, description="price of the underlying now"), Typical(80, 120, 5)
]
Strike = Annotated[
    Price, Field(ge=0.01, le=1e7, description="price at which the option may be exercised"), Typical(90, 115, 5)
]
Rate = Annotated[
    RatePercent, Field(ge=-10, le=100, description="risk-free rate in percent, compounded continuously"),
    Typical(0, 6, 0.5),
]
YearlyVolatility = Annotated[
    Volatility, Field(ge=0.1, le=500, description="yearly volatility in percent (20.0 means 20 %)"),
    Typical(10, 45, 5),
]
Days = Annotated[
    int, Unit("days"), Field(ge=1, le=10_000, description="days until the option expires"),
    Typical(values=(30, 60, 90, 120, 180, 270, 365, 730)),
]
CONTRACT = "{side} option with a strike of {strike} expiring in {days} days where the spot price is {spot}"
TERMS = f"{CONTRACT} and the interest rate is {{rate}}"
FULL = f"{CONTRACT}, the interest rate is {{rate}} and the volatility is {{volatility}}"
NORMAL = NormalDist()


class OptionPrice(Output):
    price: Annotated[Price, Noun(f"the Black-Scholes price of a {FULL}")]


class ImpliedVolatility(Output):
    volatility: Annotated[
        Volatility, Noun(f"the implied volatility, in percent, at a price of {{price}} of a {TERMS}")
    ]


class OptionGreek(Output):
    value: Annotated[float, Noun(f"the {{greek}} of a {FULL}")]


class AmericanPrice(Output):
    price: Annotated[Price, Noun(f"the price of an American {FULL}")]


class BarrierPrice(Output):
    price: Annotated[Price, Noun(f"the price of a {{knock}} (barrier {{barrier}}) {FULL}")]


EXAMPLE = {"side": "call", "spot": 100.0, "strike": 105.0, "rate": 3.0, "volatility": 20.0, "days": 180}


@tool(Kind.PROCESSING, example=EXAMPLE)
async def option_price(
    side: Side, spot: Spot, strike: Strike, rate: Rate, volatility: YearlyVolatility, days: Days
) -> OptionPrice:
    """Black-Scholes price of a European option."""
    return OptionPrice(price=black_scholes(side, spot, strike, rate, volatility, days)["price"])


@tool(Kind.PROCESSING, example={**EXAMPLE, "greek": "delta"})
async def option_greek(
    greek: Annotated[
        Literal["delta", "gamma", "vega", "theta", "rho"],
        Field(description="delta, gamma, vega and rho (per 1 percentage point), theta (per day)"),
        Typical(values=("delta", "gamma", "vega", "theta", "rho")),
    ],
    side: Side,
    spot: Spot,
    strike: Strike,
    rate: Rate,
    volatility: YearlyVolatility,
    days: Days,
) -> OptionGreek:
    """One sensitivity of the Black-Scholes price of a European option."""
    return OptionGreek(value=black_scholes(side, spot, strike, rate, volatility, days)[greek])


@tool(Kind.PROCESSING, example={"side": "call", "price": 4.0, "spot": 100.0, "strike": 105.0, "rate": 3.0, "days": 180})
async def option_volatility(
    side: Side,
    price: Annotated[Price, Field(gt=0, le=1e7, description="price of the option"), Typical(8, 24)],
    spot: Spot,
    strike: Strike,
    rate: Rate,
    days: Days,
) -> ImpliedVolatility:
    """Volatility at which the Black-Scholes price of a European option equals its market price."""
    low, high = 0.1, 500.0
    if not (black_scholes(side, spot, strike, rate, low, days)["price"] < price
            < black_scholes(side, spot, strike, rate, high, days)["price"]):
        raise ToolError(f"price: no volatility between 0.1 % and 500 % gives {price:g}; give a price between the "
                        "option's intrinsic value and, for a call, the spot (for a put, the strike)")
    for _ in range(60):  # bisection to the last bit; the price rises with the volatility
        middle = (low + high) / 2
        if black_scholes(side, spot, strike, rate, middle, days)["price"] < price:
            low = middle
        else:
            high = middle
    return ImpliedVolatility(volatility=high)


@tool(Kind.PROCESSING, example={**EXAMPLE, "side": "put"})
async def option_american(
    side: Side, spot: Spot, strike: Strike, rate: Rate, volatility: YearlyVolatility, days: Days
) -> AmericanPrice:
    """Price of an American option, which may be exercised on any day."""
    ql, (start, end, process) = quantlib.library(), market(spot, rate, volatility, days)
    option = ql.VanillaOption(payoff(side, strike), ql.AmericanExercise(start, end))
    option.setPricingEngine(ql.QdFpAmericanEngine(process, ql.QdFpAmericanEngine.accurateScheme()))
    return AmericanPrice(price=priced(option))


@tool(Kind.PROCESSING, example={**EXAMPLE, "knock": "down-and-out", "barrier": 85.0})
async def option_barrier(
    knock: Annotated[
        Literal["down-and-out", "down-and-in", "up-and-out", "up-and-in"],
        Field(description="what touching the barrier does: ends the option (out) or starts it (in)"),
        Typical(values=("down-and-out", "down-and-in", "up-and-out", "up-and-in")),
    ],
    barrier: Annotated[
        Price, Field(gt=0, le=1e7, description="price that, once touched, ends or starts the option"),
        Typical(values=(60, 65, 70, 75, 130, 140, 150, 160)),
    ],
    side: Side,
    spot: Spot,
    strike: Strike,
    rate: Rate,
    volatility: YearlyVolatility,
    days: Days,
) -> BarrierPrice:
    """Price of a European barrier option, the barrier watched continuously, without rebate."""
    ql, (_, end, process) = quantlib.library(), market(spot, rate, volatility, days)
    if (barrier >= spot) if knock.startswith("down") else (barrier <= spot):
        raise ToolError(f"barrier: a {knock} barrier must lie {'below' if knock.startswith('down') else 'above'} "
                        f"the spot price ({spot:g})")
    kind = {"down-and-out": ql.Barrier.DownOut, "down-and-in": ql.Barrier.DownIn,
            "up-and-out": ql.Barrier.UpOut, "up-and-in": ql.Barrier.UpIn}[knock]
    option = ql.BarrierOption(kind, barrier, 0.0, payoff(side, strike), ql.EuropeanExercise(end))
    option.setPricingEngine(ql.AnalyticBarrierEngine(process))
    return BarrierPrice(price=priced(option))


def black_scholes(
    side: str, spot: float, strike: float, rate: float, volatility: float, days: int
) -> dict[str, float]:
    """Price and Greeks of a European option; `rate` and `volatility` in percent."""
    r, sigma, t = rate / 100, volatility / 100, days / 365
    sign, spread, discount = (1 if side == "call" else -1), sigma * math.sqrt(t), math.exp(-r * t)
    d1 = (math.log(spot / strike) + (r + sigma**2 / 2) * t) / spread
    d2, density = d1 - spread, NORMAL.pdf(d1)
    first, second = NORMAL.cdf(sign * d1), NORMAL.cdf(sign * d2)
    carry = sign * r * strike * discount * second
    return {
        "price": max(0.0, sign * (spot * first - strike * discount * second)),
        "delta": sign * first,
        "gamma": density / (spot * spread),
        "vega": spot * density * math.sqrt(t) / 100,
        "theta": (-spot * density * sigma / (2 * math.sqrt(t)) - carry) / 365,
        "rho": sign * strike * t * discount * second / 100,
    }


def market(spot: float, rate: float, volatility: float, days: int) -> tuple[Any, Any, Any]:
    """A fixed first day (set as the evaluation date), the day of expiry, and the Black-Scholes process between."""
    ql = quantlib.library()
    start, counter = ql.Date(1, 1, 2020), ql.Actual365Fixed()
    quantlib.evaluate_on(start)
    flat = ql.YieldTermStructureHandle(ql.FlatForward(start, rate / 100, counter))
    smile = ql.BlackVolTermStructureHandle(ql.BlackConstantVol(start, ql.NullCalendar(), volatility / 100, counter))
    process = ql.BlackScholesProcess(ql.QuoteHandle(ql.SimpleQuote(spot)), flat, smile)
    return start, start + days, process


def payoff(side: str, strike: float) -> Any:
    """QuantLib's payoff of a plain call or put."""
    ql = quantlib.library()
    return ql.PlainVanillaPayoff(ql.Option.Call if side == "call" else ql.Option.Put, strike)


def priced(option: Any) -> float:
    """The option's value, never below zero; raises `ToolError` where the numerics give up."""
    try:
        return max(0.0, float(option.NPV()))
    except RuntimeError as error:
        raise ToolError("volatility: the price cannot be computed for so extreme arguments; "
                        "give milder ones") from error
