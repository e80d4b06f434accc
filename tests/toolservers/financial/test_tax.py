from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolservers.errors import ToolError
from toolservers.financial.tax_brackets import BRACKETS

# The tax at the foot of each bracket above the first, as the Revenue Procedures print it beside the bracket.
PRINTED = {
    (2023, "single"): (1_100, 5_147, 16_290, 37_104, 52_832, 174_238.25),
    (2023, "joint"): (2_200, 10_294, 32_580, 74_208, 105_664, 186_601.50),
    (2023, "separate"): (1_100, 5_147, 16_290, 37_104, 52_832, 93_300.75),
    (2023, "head"): (1_570, 6_868, 14_678, 35_498, 51_226, 172_623.50),
    (2024, "single"): (1_160, 5_426, 17_168.50, 39_110.50, 55_678.50, 183_647.25),
    (2024, "joint"): (2_320, 10_852, 34_337, 78_221, 111_357, 196_669.50),
    (2024, "separate"): (1_160, 5_426, 17_168.50, 39_110.50, 55_678.50, 98_334.75),
    (2024, "head"): (1_655, 7_241, 15_469, 37_417, 53_977, 181_954.50),
    (2025, "single"): (1_192.50, 5_578.50, 17_651, 40_199, 57_231, 188_769.75),
    (2025, "joint"): (2_385, 11_157, 35_302, 80_398, 114_462, 202_154.50),
    (2025, "separate"): (1_192.50, 5_578.50, 17_651, 40_199, 57_231, 101_077.25),
    (2025, "head"): (1_700, 7_442, 15_912, 38_460, 55_484, 187_031.50),
}


@pytest.mark.parametrize(("year", "status"), PRINTED)
async def test_tax_at_each_bracket_is_the_one_the_revenue_procedure_prints(call, year, status):
    for low, printed in zip(BRACKETS[year][status][1:], PRINTED[year, status], strict=True):
        assert await call("tax_income", income=float(low), year=year, status=status) == {"tax": printed}


@given(st.floats(0, 2e6), st.sampled_from(sorted(PRINTED)))
async def test_one_dollar_more_costs_the_marginal_rate(call, income, table):
    where = dict(zip(("year", "status"), table, strict=True))
    rate = (await call("tax_marginal", income=income + 1, **where))["rate"]
    less, more = [(await call("tax_income", income=income + extra, **where))["tax"] for extra in (0, 1)]
    if not any(income < low < income + 1 for low in BRACKETS[table[0]][table[1]]):
        assert 100 * (more - less) == pytest.approx(rate, abs=1.01)  # two roundings to a cent


async def test_marginal_rate_at_the_edges(call):
    for income, rate in ((0.0, 10.0), (11_600.0, 10.0), (11_600.01, 12.0), (1e9, 37.0)):
        assert await call("tax_marginal", income=income, year=2024, status="single") == {"rate": rate}


async def test_vat_net_and_gross(call):
    assert await call("vat_gross", net=100.0, rate=19.0) == {"gross": 119.0}
    assert await call("vat_net", gross=119.0, rate=19.0) == {"net": 100.0}


async def test_years_without_a_table_are_refused(call):
    with pytest.raises(ToolError, match=r"year: .*less than or equal to 2025"):
        await call("tax_income", income=1.0, year=2026, status="single")
    with pytest.raises(ToolError, match="status: Input should be"):
        await call("tax_income", income=1.0, year=2025, status="widow")
