from __future__ import annotations

import datetime

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolservers.errors import ToolError

DAYS = st.dates(datetime.date(1700, 1, 1), datetime.date(2250, 12, 31))


@given(DAYS, DAYS)
async def test_difference_and_add_are_inverse_and_count_julian_days(call, first, second):
    days = (await call("date_difference", first=str(first), second=str(second)))["days"]
    assert days == julian_day(second) - julian_day(first)
    assert await call("date_add", on=str(first), days=days) == {"date": str(second)}


def julian_day(day: datetime.date) -> int:
    """Julian day number (Fliegel and Van Flandern 1968)."""
    shift = (14 - day.month) // 12
    year, month = day.year + 4800 - shift, day.month + 12 * shift - 3
    return day.day + (153 * month + 2) // 5 + 365 * year + year // 4 - year // 100 + year // 400 - 32045


@given(DAYS)
async def test_places_in_week_and_year_agree_with_strftime(call, on):
    text = {"on": str(on)}
    assert (await call("date_weekday", **text))["weekday"] == pd.Timestamp(on).day_name()
    assert (await call("date_week", **text))["week"] == int(on.strftime("%V"))
    assert (await call("date_yearday", **text))["day"] == int(on.strftime("%j"))
    end = datetime.date.fromisoformat((await call("date_monthend", **text))["date"])
    assert end.month == on.month and end >= on and (end + datetime.timedelta(1)).day == 1


@given(DAYS, st.integers(-240, 240))
async def test_months_agree_with_pandas(call, on, months):
    expected = (pd.Timestamp(on) + pd.DateOffset(months=months)).date()
    assert await call("date_months", on=str(on), months=months) == {"date": str(expected)}


@given(DAYS, DAYS)
async def test_age_counts_birthdays(call, first, second):
    born, on = sorted((first, second))
    birthdays = sum(1 for year in range(born.year + 1, on.year + 1)
                    if (year, born.month, born.day) <= (on.year, on.month, on.day))
    assert await call("date_age", born=str(born), on=str(on)) == {"years": birthdays}


async def test_impossible_dates_are_refused(call):
    with pytest.raises(ToolError, match=r"on: .*"):
        await call("date_weekday", on="2021-02-29")
    with pytest.raises(ToolError, match="days: the date falls outside the years 1 to 9999"):
        await call("date_add", on="9999-12-31", days=1)
    with pytest.raises(ToolError, match="months: the date falls outside"):
        await call("date_months", on="0001-01-31", months=-1)
    with pytest.raises(ToolError, match="on: must not be before the day of birth"):
        await call("date_age", born="2000-01-02", on="2000-01-01")
