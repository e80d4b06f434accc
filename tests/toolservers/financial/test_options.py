from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from toolservers.errors import ToolError

TERMS = {"spot": 100.0, "strike": 105.0, "rate": 3.0, "volatility": 20.0, "days": 180}
GREEKS = {"delta": ("spot", 1.0), "vega": ("volatility", 1.0), "rho": ("rate", 1.0)}


def expected_payoff(side: str, spot: float, strike: float, rate: float, volatility: float, days: int) -> float:
    """Discounted mean payoff under the lognormal law, by quadrature."""
    t, r, sigma = days / 365, rate / 100, volatility / 100
    end = lambda z: spot * math.exp((r - sigma**2 / 2) * t + sigma * math.sqrt(t) * z)  # noqa: E731
    sign = 1 if side == "call" else -1
    edge = (math.log(strike / spot) - (r - sigma**2 / 2) * t) / (sigma * math.sqrt(t))
    low, high = (edge, 12) if side == "call" else (-12, edge)
    return math.exp(-r * t) * quad(lambda z: sign * (end(z) - strike) * norm.pdf(z), low, high, epsabs=1e-11)[0]


def binomial(side: str, spot: float, strike: float, rate: float, volatility: float, days: int, steps: int) -> float:
    """American price on a Cox-Ross-Rubinstein tree."""
    dt, r = days / 365 / steps, rate / 100
    up = math.exp(volatility / 100 * math.sqrt(dt))
    weight, sign = (math.exp(r * dt) - 1 / up) / (up - 1 / up), (1 if side == "call" else -1)
    value = np.maximum(sign * (spot * up ** np.arange(-steps, steps + 1, 2.0) - strike), 0)
    for step in range(steps - 1, -1, -1):
        value = math.exp(-r * dt) * (weight * value[1:] + (1 - weight) * value[:-1])
        value = np.maximum(value, sign * (spot * up ** np.arange(-step, step + 1, 2.0) - strike))
    return float(value[0])


@pytest.mark.parametrize("side", ["call", "put"])
@pytest.mark.parametrize(
    "change", [{}, {"strike": 80.0}, {"rate": -1.0}, {"days": 1}, {"volatility": 80.0, "days": 900}])
async def test_price_is_the_discounted_mean_payoff(call, side, change):
    terms = TERMS | change
    found = (await call("option_price", side=side, **terms))["price"]
    assert found == pytest.approx(expected_payoff(side, **terms), rel=1e-6, abs=1e-8)


async def test_hulls_example(call):  # Options, Futures and Other Derivatives, example 15.6: call 4.76, put 0.81
    terms = {"spot": 42.0, "strike": 40.0, "rate": 10.0, "volatility": 20.0, "days": 182}
    assert (await call("option_price", side="call", **terms))["price"] == pytest.approx(4.76, abs=0.01)
    assert (await call("option_price", side="put", **terms))["price"] == pytest.approx(0.81, abs=0.01)


@pytest.mark.parametrize("side", ["call", "put"])
async def test_greeks_are_slopes_of_the_price(call, side):
    price = lambda **change: expected_payoff(side, **(TERMS | change))  # noqa: E731
    for greek, (name, unit) in GREEKS.items():
        step = 1e-3
        slope = (price(**{name: TERMS[name] + step}) - price(**{name: TERMS[name] - step})) / (2 * step) * unit
        assert (await call("option_greek", greek=greek, side=side, **TERMS))["value"] == pytest.approx(slope, rel=1e-4)
    bend = (price(spot=100.1) - 2 * price() + price(spot=99.9)) / 0.01
    assert (await call("option_greek", greek="gamma", side=side, **TERMS))["value"] == pytest.approx(bend, rel=1e-3)
    decay = (price(days=179) - price(days=181)) / 2
    assert (await call("option_greek", greek="theta", side=side, **TERMS))["value"] == pytest.approx(decay, rel=1e-3)


@pytest.mark.parametrize("volatility", [8.0, 20.0, 150.0])
async def test_implied_volatility_undoes_price(call, volatility):
    terms = {key: value for key, value in TERMS.items() if key != "volatility"}
    price = expected_payoff("put", volatility=volatility, **terms)
    found = (await call("option_volatility", side="put", price=price, **terms))["volatility"]
    assert found == pytest.approx(volatility, rel=1e-5)


@pytest.mark.parametrize("side", ["call", "put"])
async def test_american_price_agrees_with_a_binomial_tree(call, side):
    found = (await call("option_american", side=side, **TERMS))["price"]
    assert found == pytest.approx(binomial(side, **TERMS, steps=2000), abs=2e-3)


@pytest.mark.parametrize("side", ["call", "put"])
@pytest.mark.parametrize(("way", "barrier"), [("down", 85.0), ("up", 125.0)])
async def test_knock_in_and_knock_out_make_the_plain_option(call, side, way, barrier):
    parts = [(await call("option_barrier", knock=f"{way}-and-{end}", barrier=barrier, side=side, **TERMS))["price"]
             for end in ("in", "out")]
    assert sum(parts) == pytest.approx((await call("option_price", side=side, **TERMS))["price"], rel=1e-6)
    assert min(parts) > 0


async def test_down_and_in_call_by_reflection(call):
    r, sigma, barrier = 0.03, 0.2, 85.0  # Merton 1973: (H/S)^(2r/s^2 - 1) calls at the image H^2/S
    power = 2 * r / sigma**2 - 1
    image = expected_payoff("call", **(TERMS | {"spot": barrier**2 / 100}))
    found = (await call("option_barrier", knock="down-and-in", barrier=barrier, side="call", **TERMS))["price"]
    assert found == pytest.approx((barrier / 100) ** power * image, rel=1e-5)


async def test_impossible_options_are_refused(call):
    terms = {key: value for key, value in TERMS.items() if key != "volatility"}
    with pytest.raises(ToolError, match="price: no volatility"):
        await call("option_volatility", side="call", price=101.0, **terms)
    with pytest.raises(ToolError, match="barrier: a down-and-out barrier must lie below the spot price"):
        await call("option_barrier", knock="down-and-out", barrier=100.0, side="call", **TERMS)
    with pytest.raises(ToolError, match="greek: Input should be 'delta'"):
        await call("option_greek", greek="charm", side="call", **TERMS)
