from __future__ import annotations

import pytest

from toolservers.errors import ErrorKind

YEAR = {"start": "2008-01-01", "end": "2008-12-31"}


async def test_the_oil_peak_of_2008(ask):
    # EIA, Cushing spot price: 145.31 dollars on 3 July, 30.28 on 23 December
    assert await ask("market_high", series="WTI", **YEAR) == {"value": 145.31, "on": "2008-07-03"}
    assert await ask("market_low", series="WTI", **YEAR) == {"value": 30.28, "on": "2008-12-23"}
    fall = await ask("market_change", series="WTI", start="2008-07-03", end="2008-12-23")
    assert fall["change"] == pytest.approx(100 * (30.28 / 145.31 - 1), rel=1e-5)
    assert (await ask("market_mean", series="WTI", **YEAR))["value"] == pytest.approx(99.67, abs=0.01)  # EIA annual


async def test_a_monthly_series_answers_for_any_day_of_the_month(ask):
    # Moody's Aaa yield in October 2008: 6.28 percent (Federal Reserve, H.15)
    assert await ask("market_value", series="AAA", on="2008-10-17") == {"value": 6.28}


async def test_what_is_there(ask):
    assert await ask("market_info", series="WTI") == {"title": "WTI crude oil spot price, Cushing",
                                                      "unit": "USD per barrel"}
    listed = (await ask("market_series", on="2008-10-10", limit=50))["items"]
    assert "WTI" in listed and "VIX" not in listed


async def test_refusals(refusal):
    assert "WTI" in (await refusal("market_value", series="WTJ", on="2008-10-10")).message
    assert (await refusal("market_value", series="WTI", on="2008-10-11")).message.startswith("on: ")
    error = await refusal("market_change", series="HML", start="2008-10-10", end="2009-10-10")  # from -2.9 percent
    assert error.message.startswith("start: ")
    assert (await refusal("market_mean", series="nothing", **YEAR)).kind is ErrorKind.UNKNOWN_ENTITY
