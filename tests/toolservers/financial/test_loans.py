from __future__ import annotations

import numpy_financial as npf
import pytest

from toolservers.errors import ToolError

pytestmark = pytest.mark.filterwarnings("ignore:invalid value encountered:RuntimeWarning:numpy_financial")
LOANS = [(200_000.0, 4.5, 20), (15_000.0, 0.0, 3), (1_000_000.0, 12.0, 30), (500.0, 0.25, 1)]


@pytest.mark.parametrize(("amount", "rate", "years"), LOANS)
async def test_payment_interest_and_size_agree_with_numpy_financial(call, amount, rate, years):
    terms = {"rate": rate, "years": years}
    expected = float(-npf.pmt(rate / 1200, 12 * years, amount))
    assert (await call("loan_payment", amount=amount, **terms))["payment"] == pytest.approx(expected, abs=0.0051)
    interest = (await call("loan_interest", amount=amount, **terms))["interest"]
    assert interest == pytest.approx(12 * years * expected - amount, abs=0.0051)
    size = (await call("loan_amount", payment=round(expected, 2), **terms))["amount"]
    assert size == pytest.approx(-npf.pv(rate / 1200, 12 * years, round(expected, 2)), abs=0.0051)


@pytest.mark.parametrize(("amount", "rate", "years"), LOANS)
async def test_balance_follows_the_ledger_month_by_month(call, amount, rate, years):
    payment, balance = float(-npf.pmt(rate / 1200, 12 * years, amount)), amount
    for month in range(1, 12 * years + 1):
        balance += balance * rate / 1200 - payment
        if month % 11 == 0 or month == 12 * years:
            found = (await call("loan_balance", amount=amount, rate=rate, years=years, months=month))["balance"]
            assert found == pytest.approx(balance, abs=0.006)


@pytest.mark.parametrize(("amount", "rate", "payment"), [(200_000.0, 4.5, 1_500.0), (1_200.0, 0.0, 100.0),
                                                         (10_000.0, 6.0, 60.0)])
async def test_months_is_the_first_month_in_which_the_ledger_is_paid(call, amount, rate, payment):
    balance, months = amount, 0
    while balance > 1e-9:
        balance, months = balance * (1 + rate / 1200) - payment, months + 1
    assert (await call("loan_months", amount=amount, rate=rate, payment=payment)) == {"months": months}


async def test_cents_survive_in_large_sums(call):
    found = (await call("loan_interest", amount=100_000_000.0, rate=5.0, years=30))["interest"]
    assert found == pytest.approx(-360 * npf.pmt(0.05 / 12, 360, 1e8) - 1e8, abs=0.0051)


async def test_a_payment_below_the_interest_and_a_balance_past_the_end_are_refused(call):
    with pytest.raises(ToolError, match=r"payment: .*500\.00"):
        await call("loan_months", amount=100_000.0, rate=6.0, payment=500.0)
    with pytest.raises(ToolError, match="months: the loan ends after 12"):
        await call("loan_balance", amount=1_000.0, rate=6.0, years=1, months=13)
    with pytest.raises(ToolError, match=r"amount: .*greater than 0; years: Field required"):
        await call("loan_payment", amount=0.0, rate=6.0)
