from __future__ import annotations

import datetime

import dateutil.tz
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolservers.errors import ErrorKind, ToolError
from toolservers.general.clocks import ZONES, zone_names

NAMES = st.sampled_from(ZONES)
DAYS = st.dates(datetime.date(1975, 1, 1), datetime.date(2036, 12, 31))  # dateutil reads no rules past 2037


@given(NAMES, NAMES, DAYS)
async def test_offsets_agree_with_dateutil(call, first, second, on):
    noon = datetime.datetime.combine(on, datetime.time(12))
    own = noon.replace(tzinfo=dateutil.tz.gettz(first)).utcoffset().total_seconds() / 3600
    assert await call("clock_offset", timezone=first, on=str(on)) == {"offset": pytest.approx(own, rel=1e-5)}
    at_noon = [noon.replace(tzinfo=dateutil.tz.UTC).astimezone(dateutil.tz.gettz(name)).replace(tzinfo=None)
               for name in (first, second)]
    hours = (at_noon[1] - at_noon[0]).total_seconds() / 3600
    assert await call("clock_difference", first=first, second=second, on=str(on)) == {"hours": pytest.approx(hours)}


async def test_conversions_across_midnight_and_summer_time(call):
    arguments = {"time": "21:30", "first": "America/New_York", "second": "Asia/Tokyo"}
    assert await call("clock_convert", on="2020-07-01", **arguments) == {"time": "10:30", "date": "2020-07-02"}
    assert await call("clock_convert", on="2020-12-31", **arguments) == {"time": "11:30", "date": "2021-01-01"}
    twice = {"time": "02:30", "first": "Europe/Paris", "second": "UTC", "on": "2020-10-25"}
    assert await call("clock_convert", **twice) == {"time": "00:30", "date": "2020-10-25"}


async def test_every_listed_zone_is_readable_at_the_ends_of_the_calendar(call):
    for name in sorted(zone_names()):
        for on in ("0002-01-01", "9998-12-31"):
            assert abs((await call("clock_offset", timezone=name, on=on))["offset"]) < 16


@pytest.mark.parametrize("name", ["Europe/Pariss", "../../etc/passwd", "America", "Europe/Paris\x00", "/etc/localtime"])
async def test_names_outside_the_list_are_unknown(call, name):
    with pytest.raises(ToolError, match="timezone: nothing known as") as caught:
        await call("clock_offset", timezone=name, on="2020-01-01")
    assert caught.value.kind is ErrorKind.UNKNOWN_ENTITY


async def test_bad_times_are_refused(call):
    with pytest.raises(ToolError, match="time: String should match"):
        await call("clock_convert", time="24:00", on="2020-01-01", first="UTC", second="UTC")
    with pytest.raises(ToolError, match="on: Input should be less than or equal to 9998-12-31"):
        await call("clock_difference", on="9999-12-31", first="UTC", second="UTC")
