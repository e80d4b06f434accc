from __future__ import annotations

import pytest

from toolservers.errors import ToolError

ASSET = {"cost": 50_000.0, "salvage": 5_000.0, "life": 7}


async def test_charges_of_a_whole_life_sum_to_cost_less_salvage(call):
    yearly = (await call("depreciation_linear", **ASSET))["charge"]
    assert 7 * yearly == pytest.approx(45_000, abs=0.04)
    charges = [(await call("depreciation_digits", year=year, **ASSET))["charge"] for year in range(1, 8)]
    assert sum(charges) == pytest.approx(45_000, abs=0.04)
    assert charges[0] == pytest.approx(7 * charges[-1], abs=0.05)


async def test_declining_balance_year_by_year(call):
    value = 50_000.0
    for years in range(6):
        assert (await call("depreciation_declining", cost=50_000.0, rate=22.5, years=years))["value"] == pytest.approx(
            value, abs=0.0051)
        value -= value * 0.225


async def test_impossible_assets_are_refused(call):
    with pytest.raises(ToolError, match=r"salvage: must not be above the cost \(50000\)"):
        await call("depreciation_linear", **(ASSET | {"salvage": 50_001.0}))
    with pytest.raises(ToolError, match="year: the asset lives 7 years"):
        await call("depreciation_digits", year=8, **ASSET)
