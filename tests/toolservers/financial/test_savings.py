from __future__ import annotations

import numpy_financial as npf
import pytest

from toolservers.errors import ToolError

pytestmark = pytest.mark.filterwarnings("ignore:invalid value encountered:RuntimeWarning:numpy_financial")

@pytest.mark.parametrize(("rate", "years"), [(3.0, 10), (0.0, 4), (12.0, 40)])
async def test_values_agree_with_numpy_financial(call, rate, years):
    terms = {"rate": rate, "years": years}
    close = lambda number: pytest.approx(number, abs=0.0051)  # noqa: E731
    assert (await call("deposit_future", amount=1234.5, **terms))["value"] == close(
        npf.fv(rate / 100, years, 0, -1234.5))
    assert (await call("deposit_present", amount=1234.5, **terms))["value"] == close(
        npf.pv(rate / 100, years, 0, -1234.5))
    assert (await call("annuity_future", payment=200.0, **terms))["value"] == close(
        npf.fv(rate / 1200, 12 * years, -200, 0))
    assert (await call("annuity_present", payment=200.0, **terms))["value"] == close(
        npf.pv(rate / 1200, 12 * years, -200, 0))
    assert (await call("savings_payment", goal=50_000.0, **terms))["payment"] == close(
        -npf.pmt(rate / 1200, 12 * years, 0, 50_000))


@pytest.mark.parametrize(("goal", "payment", "rate"), [(50_000.0, 500.0, 3.0), (1_000.0, 100.0, 0.0), (9.0, 10.0, 5.0)])
async def test_savings_months_is_the_first_month_that_reaches_the_goal(call, goal, payment, rate):
    saved, months = 0.0, 0
    while saved < goal - 1e-9:
        saved, months = saved * (1 + rate / 1200) + payment, months + 1
    assert (await call("savings_months", goal=goal, payment=payment, rate=rate)) == {"months": months}


async def test_an_unreachable_goal_is_refused(call):
    with pytest.raises(ToolError, match="payment: the goal is over 1,000 years away"):
        await call("savings_months", goal=1e9, payment=1.0, rate=0.0)
