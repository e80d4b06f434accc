from __future__ import annotations

import datetime

import numpy_financial as npf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolservers.errors import ToolError

FLOWS = [[-1000.0, 300.0, 400.0, 500.0], [-5000.0, 0.0, 0.0, 9000.0], [2000.0, -500.0, -600.0, -1000.0],
         [-100.0, 20.0, 20.0, 20.0]]


@pytest.mark.parametrize("flows", FLOWS)
async def test_npv_and_irr_agree_with_numpy_financial(call, flows):
    value = (await call("cashflow_npv", flows=flows, rate=5.0))["value"]
    assert value == pytest.approx(npf.npv(0.05, flows), abs=0.0051)
    assert (await call("cashflow_irr", flows=flows))["rate"] == pytest.approx(100 * npf.irr(flows), rel=1e-5)


@given(st.floats(1, 1e4), st.lists(st.floats(1, 1e4), min_size=1, max_size=8))
async def test_value_at_the_internal_rate_is_zero(call, spent, received):
    if sum(received) > spent / 3:
        rate = (await call("cashflow_irr", flows=[-spent, *received]))["rate"]
        slope = sum(k * value / (1 + rate / 100) ** (k + 1) for k, value in enumerate(received, 1))
        value = sum(value / (1 + rate / 100) ** k for k, value in enumerate([-spent, *received]))
        assert abs(value) <= slope * max(abs(rate), 1e-4) * 1e-7 + 1e-6  # the rate has six digits


async def test_dated_rate_brings_the_payment_to_the_receipt(call):
    arguments = {"paid": 1000.0, "start": "2010-03-01", "received": 1500.0, "end": "2016-09-15"}
    rate = (await call("cashflow_xirr", **arguments))["rate"]
    days = (datetime.date(2016, 9, 15) - datetime.date(2010, 3, 1)).days
    assert 1000 * (1 + rate / 100) ** (days / 365) == pytest.approx(1500, abs=0.01)


async def test_payback_counts_years(call):
    assert (await call("cashflow_payback", flows=[-1000.0, 300.0, 400.0, 500.0])) == {"years": 3}
    assert (await call("cashflow_payback", flows=[-700.0, 300.0, 400.0, 500.0])) == {"years": 2}


async def test_flows_without_an_answer_are_refused(call):
    with pytest.raises(ToolError, match=r"flows: .*change sign exactly once"):
        await call("cashflow_irr", flows=[-100.0, 300.0, -150.0])
    with pytest.raises(ToolError, match=r"flows: .*below -95 %"):
        await call("cashflow_irr", flows=[-1e6, 1.0])
    with pytest.raises(ToolError, match="flows: they never pay back"):
        await call("cashflow_payback", flows=[-100.0, 50.0])
    with pytest.raises(ToolError, match="end: must be a day after start"):
        await call("cashflow_xirr", paid=1.0, start="2020-01-02", received=2.0, end="2020-01-02")
    with pytest.raises(ToolError, match="end: the yearly rate is astronomical"):
        await call("cashflow_xirr", paid=1.0, start="2020-01-01", received=2.0, end="2020-01-02")
