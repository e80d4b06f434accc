from __future__ import annotations

import functools

import exchange_calendars
import pandas as pd
import pytest
from sqlalchemy import select

from toolservers.errors import ErrorKind
from toolservers.financial.facts import models

MICS = ["XNYS", "XTKS", "XLON", "XSAU", "XTAE", "XSHG", "BVMF"]
PERIODS = [("2001-08-15", "2001-10-15"), ("2014-01-01", "2014-12-31"), ("2021-02-01", "2022-01-31")]


@functools.cache
def library(mic):
    start = "2021-01-03" if mic == "XSAU" else "2001-01-02"  # the library knows no earlier day
    return exchange_calendars.get_calendar(mic, start=start, end="2025-12-31")


@pytest.mark.parametrize("mic", MICS)
@pytest.mark.parametrize(("start", "end"), PERIODS)
async def test_days_agree_with_exchange_calendars(ask, mic, start, end):
    if mic == "XSAU" and start < "2021":
        return
    sessions = library(mic).sessions_in_range(start, end)
    assert await ask("exchange_days", mic=mic, start=start, end=end) == {"sessions": len(sessions)}
    for day in pd.date_range(start, end)[::17]:
        on = day.date().isoformat()
        assert (await ask("exchange_open", mic=mic, on=on))["open"] is (day in sessions)
        following = library(mic).date_to_session(day + pd.Timedelta(days=1), "next")
        assert await ask("exchange_next_day", mic=mic, on=on) == {"on": following.date().isoformat()}
        earlier = library(mic).date_to_session(day - pd.Timedelta(days=1), "previous")
        assert await ask("exchange_previous_day", mic=mic, on=on) == {"on": earlier.date().isoformat()}


@pytest.mark.parametrize(("mic", "on", "hours"), [  # the exchanges' own calendars
    ("XNYS", "2020-11-30", ("09:30", "16:00")),
    ("XNYS", "2020-11-27", ("09:30", "13:00")),  # day after Thanksgiving
    ("XTKS", "2024-11-01", ("09:00", "15:00")),
    ("XTKS", "2024-11-05", ("09:00", "15:30")),  # half an hour longer from this day on
])
async def test_hours(ask, mic, on, hours):
    assert await ask("exchange_hours", mic=mic, on=on) == dict(zip(("opens", "closes"), hours, strict=True))


async def test_closed_days_have_no_hours(refusal):
    assert "2020-12-28" in (await refusal("exchange_hours", mic="XNYS", on="2020-12-25")).message


async def test_holidays_of_a_year(ask, refusal):
    # New York Stock Exchange, holidays of 2020: 4 July fell on a Saturday and was kept on Friday
    listed = await ask("exchange_holidays", mic="XNYS", year=2020, limit=50)
    assert listed == {"total": 9, "items": [
        "2020-01-01", "2020-01-20", "2020-02-17", "2020-04-10", "2020-05-25", "2020-07-03", "2020-09-07", "2020-11-26",
        "2020-12-25"]}
    assert "Christmas" in (await ask("exchange_holiday", mic="XNYS", on="2020-12-25"))["name"]
    assert "no holiday" in (await refusal("exchange_holiday", mic="XNYS", on="2020-12-23")).message
    assert (await refusal("exchange_holidays", mic="XNYS", year=1990)).message.startswith("year: ")


async def test_the_longest_closure_is_crossed(ask):
    assert await ask("exchange_next_day", mic="XNYS", on="2001-09-10") == {"on": "2001-09-17"}


async def test_time_zone(ask):
    assert await ask("exchange_timezone", mic="XTKS") == {"timezone": "Asia/Tokyo"}


async def test_outside_the_calendar(refusal):
    for on in ("1999-12-30", "2027-01-04", "0001-01-01", "9999-12-31"):
        for tool in ("exchange_open", "exchange_next_day", "exchange_previous_day", "exchange_hours"):
            error = await refusal(tool, mic="XNYS", on=on)
            assert error.kind is ErrorKind.EXECUTION and error.message.startswith("on: ")
    assert "runs from" in (await refusal("exchange_days", mic="XNYS", start="1990-01-01", end="2020-01-01")).message


async def test_an_exchange_without_a_calendar_is_refused(refusal):
    error = await refusal("exchange_open", mic="XNYX", on="2020-01-02")
    assert error.kind is ErrorKind.UNKNOWN_ENTITY and "XNYS" in error.message


async def test_a_session_outside_the_regular_weekdays_is_one(ask, world):
    extra = models.ExtraSession
    rows = await world.all(select(extra.mic, extra.date).order_by(extra.mic, extra.date))
    assert len(rows) > 20  # Moscow and Mumbai on working Saturdays, Tel Aviv on Fridays from 2026
    for mic, day in rows[::10]:
        assert await ask("exchange_open", mic=mic, on=day.isoformat()) == {"open": True}
