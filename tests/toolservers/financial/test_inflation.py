from __future__ import annotations

import pytest

from toolservers.errors import ErrorKind


@pytest.mark.parametrize(("year", "level"), [  # BLS, CPI-U annual averages; one decimal until 2006
    (2020, 258.811), (2010, 218.056), (1980, 82.4), (1913, 9.9), (2024, 313.689),
])
async def test_annual_averages_are_those_of_the_bureau(ask, year, level):
    assert (await ask("cpi_year", year=year))["level"] == pytest.approx(level, abs=0.05 if year < 2007 else 0.0006)


async def test_months(ask):
    assert await ask("cpi_month", year=2020, month=1) == {"level": 257.971}  # BLS news release, February 2020
    # the same release: +2.5 percent over the last twelve months; June 2022: +9.1
    assert (await ask("cpi_month_inflation", year=2020, month=1))["inflation"] == pytest.approx(2.5, abs=0.05)
    assert (await ask("cpi_month_inflation", year=2022, month=6))["inflation"] == pytest.approx(9.1, abs=0.05)


async def test_growth_between_years(ask):
    years = {"start_year": 2010, "end_year": 2020}
    expected = 100 * (258.811 / 218.056 - 1)
    headline = await ask("cpi_inflation", **years)
    assert headline["inflation"] == pytest.approx(expected, abs=0.001)
    assert await ask("cpi_item_inflation", item="All items", **years) == headline
    adjusted = (await ask("cpi_adjust", amount=100, **years))["amount"]
    assert adjusted == pytest.approx(100 + expected, abs=0.006)
    back = await ask("cpi_adjust", amount=adjusted, start_year=2020, end_year=2010)
    assert back["amount"] == pytest.approx(100, abs=0.01)


async def test_items(ask, refusal):
    assert (await ask("cpi_item_year", item="food", year=2020))["level"] == pytest.approx(267.2, abs=0.05)
    listed = await ask("cpi_items", year=2020, limit=50)
    assert len(listed["items"]) == 50 < listed["total"] and listed["items"] == sorted(set(listed["items"]))
    assert (await ask("cpi_items", year=1913))["total"] < listed["total"]
    assert "Bananas" in (await refusal("cpi_item_year", item="Banana", year=2020)).message


async def test_refusals(refusal):
    assert "2025-10" in (await refusal("cpi_month", year=2025, month=10)).message  # never collected
    assert (await refusal("cpi_year", year=2025)).message.startswith("year: ")
    assert "no US consumer price index on record for 1912" in (
        await refusal("cpi_month_inflation", year=1913, month=1)).message
    assert (await refusal("cpi_adjust", amount=1, start_year=2000, end_year=2000)).message.startswith("end_year: ")
    for arguments in ({"year": 1800}, {"year": "2020"}, {"month": 13}, {"month": 0}, {"month": "May"}):
        error = await refusal("cpi_month", **{"year": 2020, "month": 1} | arguments)
        assert error.kind is ErrorKind.INVALID_ARGUMENTS
