from __future__ import annotations

import datetime

import pytest

from toolservers.errors import ToolError

# (coupon, settlement, maturity, coupon day before the settlement, coupon day after it)
BONDS = [(4.5, "2020-03-10", "2030-05-15", "2019-11-15", "2020-05-15"),
         (1.0, "2020-03-10", "2020-05-15", "2019-11-15", "2020-05-15"),
         (0.0, "2018-07-02", "2045-02-15", "2018-02-15", "2018-08-15"),
         (7.25, "2016-02-29", "2033-08-15", "2016-02-15", "2016-08-15")]


def dirty_price(coupon: float, rate: float, on: str, maturity: str, before: str, after: str) -> tuple[float, float]:
    """Discounted coupons and principal, and accrued interest, straight from the definition."""
    day, end, last, following = map(datetime.date.fromisoformat, (on, maturity, before, after))
    count = 2 * (end.year - following.year) + (end.month - following.month) // 6 + 1
    wait = (following - day).days / (following - last).days
    growth = 1 + rate / 200
    coupons = sum(coupon / 2 / growth ** (wait + k) for k in range(count))
    return coupons + 100 / growth ** (wait + count - 1), coupon / 2 * (1 - wait)


@pytest.mark.parametrize("bond", BONDS)
@pytest.mark.parametrize("rate", [0.5, 4.0, 9.0])
async def test_price_accrued_duration_and_convexity_follow_from_discounting(call, bond, rate):
    coupon, on, maturity, *days = bond
    terms = {"coupon": coupon, "on": on, "maturity": maturity}
    value = lambda r: dirty_price(coupon, r, on, maturity, *days)[0]  # noqa: E731
    dirty, accrued = dirty_price(coupon, rate, on, maturity, *days)
    assert (await call("bond_price", rate=rate, **terms))["price"] == pytest.approx(dirty - accrued, rel=1e-7)
    assert (await call("bond_accrued", **terms))["accrued"] == pytest.approx(accrued, abs=1e-7)
    step = 0.01
    slope = (value(rate + step) - value(rate - step)) / (2 * step / 100)
    bend = (value(rate + step) - 2 * dirty + value(rate - step)) / (step / 100) ** 2
    assert (await call("bond_duration", rate=rate, **terms))["duration"] == pytest.approx(-slope / dirty, rel=1e-4)
    assert (await call("bond_convexity", rate=rate, **terms))["convexity"] == pytest.approx(bend / dirty, rel=1e-3)


@pytest.mark.parametrize("bond", BONDS)
async def test_yield_undoes_price(call, bond):
    terms = dict(zip(("coupon", "on", "maturity"), bond[:3], strict=True))
    price = (await call("bond_price", rate=3.75, **terms))["price"]
    assert (await call("bond_yield", price=price, **terms))["rate"] == pytest.approx(3.75, abs=2e-4)


async def test_a_bond_at_its_coupon_day_and_yield_is_worth_par(call):
    found = await call("bond_price", coupon=5.0, rate=5.0, on="2020-05-15", maturity="2040-05-15")
    assert found == {"price": 100.0}


async def test_zero_coupon_price(call):
    assert (await call("bond_zero", rate=100.0, years=3)) == {"price": 12.5}


async def test_every_month_end_is_a_possible_maturity(call):
    for day in ("2030-01-31", "2030-08-31", "2028-02-29", "2030-12-30"):
        found = await call("bond_price", coupon=4.0, rate=4.0, on="2020-03-10", maturity=day)
        assert found["price"] == pytest.approx(100, abs=0.1)


async def test_impossible_bonds_are_refused(call):
    with pytest.raises(ToolError, match="maturity: must be a day after the settlement"):
        await call("bond_accrued", coupon=4.0, on="2030-05-15", maturity="2030-05-15")
    with pytest.raises(ToolError, match="maturity: must lie within 100 years"):
        await call("bond_accrued", coupon=4.0, on="1930-05-15", maturity="2050-05-15")
    with pytest.raises(ToolError, match="on: must lie between 1910 and 2190"):
        await call("bond_accrued", coupon=4.0, on="1900-05-15", maturity="1950-05-15")
    with pytest.raises(ToolError, match="price: no yield between -50 % and 200 % gives 1;"):
        await call("bond_yield", coupon=50.0, price=1.0, on="2020-05-14", maturity="2020-05-15")
    with pytest.raises(ToolError, match="price: no yield between -50 % and 200 % gives 1000;"):
        await call("bond_yield", coupon=0.0, price=1000.0, on="2020-05-14", maturity="2020-05-15")
