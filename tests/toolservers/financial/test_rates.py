from __future__ import annotations

import datetime
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolservers.errors import ToolError

DAYS = st.dates(datetime.date(1950, 1, 1), datetime.date(2100, 12, 31))


async def test_effective_real_and_forward_rate_keep_the_growth(call):
    effective = (await call("rate_effective", rate=6.0, times=12))["rate"]
    assert effective == pytest.approx(100 * float(Fraction(1005, 1000) ** 12 - 1), rel=1e-5)
    real = (await call("rate_real", rate=5.0, inflation=2.0))["rate"]
    assert (1 + real / 100) * 1.02 == pytest.approx(1.05, abs=1e-7)
    forward = (await call("rate_forward", near_rate=3.0, near=2, far_rate=4.0, far=5))["rate"]
    assert 1.03**2 * (1 + forward / 100) ** 3 == pytest.approx(1.04**5, abs=1e-6)


@given(DAYS, DAYS)
async def test_year_fractions_follow_their_definitions(call, first, last):
    start, end = sorted((first, last))
    span = {"start": str(start), "end": str(end)}
    found = {convention: (await call("year_fraction", convention=convention, **span))["fraction"]
             for convention in ("30/360", "ACT/360", "ACT/365", "ACT/ACT")}
    days = (end - start).days
    day = min(start.day, 30)
    months = 360 * (end.year - start.year) + 30 * (end.month - start.month)
    thirty = months + (30 if end.day == 31 and day == 30 else end.day) - day
    assert found["30/360"] == pytest.approx(thirty / 360, rel=1e-5)
    assert found["ACT/360"] == pytest.approx(days / 360, rel=1e-5)
    assert found["ACT/365"] == pytest.approx(days / 365, rel=1e-5)
    assert found["ACT/ACT"] == pytest.approx(year_by_year(start, end), rel=1e-5)


def year_by_year(start: datetime.date, end: datetime.date) -> float:
    """ISDA actual/actual: each calendar year's days over that year's length."""
    edges = [start, *(datetime.date(year, 1, 1) for year in range(start.year + 1, end.year + 1)), end]
    return sum((later - earlier).days / (datetime.date(earlier.year, 12, 31).timetuple().tm_yday)
               for earlier, later in pairwise(edges))


async def test_impossible_spans_are_refused(call):
    with pytest.raises(ToolError, match=r"far: must be greater than near \(5\)"):
        await call("rate_forward", near_rate=3.0, near=5, far_rate=4.0, far=5)
    with pytest.raises(ToolError, match="end: must not be before start"):
        await call("year_fraction", start="2020-01-02", end="2020-01-01", convention="ACT/360")
    with pytest.raises(ToolError, match="start: must lie between 1910 and 2190"):
        await call("year_fraction", start="1800-01-02", end="2020-01-01", convention="ACT/360")
    with pytest.raises(ToolError, match="convention: Input should be '30/360'"):
        await call("year_fraction", start="2019-01-02", end="2020-01-01", convention="ACT")
