"""Clock times in the IANA time zones, from the `tzdata` package: the same rules on every machine."""

from __future__ import annotations

import datetime
from functools import cache
from importlib import resources
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import Field

from toolservers.annotations import Noun, Typical, Unit
from toolservers.entities import Date, Timezone
from toolservers.errors import unknown_entity
from toolservers.tool import Kind, Output, tool

ZONES = ("Europe/London", "Europe/Paris", "America/New_York", "America/Los_Angeles", "America/Sao_Paulo", "Asia/Tokyo",
         "Asia/Kolkata", "Asia/Shanghai", "Australia/Sydney", "Africa/Cairo", "Africa/Nairobi", "Pacific/Auckland")
Zone = Annotated[Timezone, Typical(values=ZONES)]
DAYS = Field(ge=datetime.date(2, 1, 1), le=datetime.date(9998, 12, 31))
On = Annotated[Date, DAYS, Field(description="day, as YYYY-MM-DD"), Typical("2005-01-01", "2025-12-31")]
NOON = datetime.time(12)


class Offset(Output):
    offset: Annotated[float, Unit("hours"), Noun("the UTC offset of {timezone} at noon on {on}")]


class Gap(Output):
    hours: Annotated[
        float, Unit("hours"), Noun("the time difference, in hours, from {first} to {second} at noon UTC on {on}")
    ]


class LocalTime(Output):
    time: Annotated[str, Noun("the local time in {second} when it is {time} in {first} on {on}")]
    date: Annotated[Date, Noun("the local date in {second} when it is {time} in {first} on {on}")]


@tool(Kind.PROCESSING, example={"timezone": "Europe/Paris", "on": "2020-07-01"})
async def clock_offset(timezone: Zone, on: On) -> Offset:
    """Hours that a zone's clocks are ahead of UTC at its noon on a day."""
    return Offset(offset=hours(datetime.datetime.combine(on, NOON, zone("timezone", timezone))))


@tool(Kind.PROCESSING, example={"first": "America/New_York", "second": "Asia/Tokyo", "on": "2020-07-01"})
async def clock_difference(first: Zone, second: Zone, on: On) -> Gap:
    """Hours that the second zone's clocks are ahead of the first's at noon UTC on a day."""
    noon = datetime.datetime.combine(on, NOON, datetime.UTC)
    return Gap(hours=hours(noon.astimezone(zone("second", second))) - hours(noon.astimezone(zone("first", first))))


@tool(Kind.PROCESSING,
      example={"time": "21:30", "on": "2020-07-01", "first": "America/New_York", "second": "Asia/Tokyo"})
async def clock_convert(
    time: Annotated[
        str, Field(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$", description="local time in the first zone, as HH:MM"),
        Typical(values=("06:00", "08:30", "09:15", "12:00", "15:45", "18:00", "21:30", "23:00")),
    ],
    on: Annotated[
        Date, DAYS, Field(description="day in the first zone, as YYYY-MM-DD"), Typical("2005-01-01", "2025-12-31")
    ],
    first: Zone,
    second: Zone,
) -> LocalTime:
    """Local time and date in the second zone at a local time in the first; a time said twice is the earlier one."""
    start = datetime.datetime.combine(on, datetime.time.fromisoformat(time), zone("first", first))
    local = start.astimezone(zone("second", second))
    return LocalTime(time=local.strftime("%H:%M"), date=local.date())


def hours(moment: datetime.datetime) -> float:
    """UTC offset of an aware time, in hours."""
    return (moment.utcoffset() or datetime.timedelta()) / datetime.timedelta(hours=1)


def zone(parameter: str, name: str) -> ZoneInfo:
    """The zone of that name; raises `ToolError` for a name that tzdata does not list."""
    if name not in zone_names():
        raise unknown_entity(parameter, name, sorted(zone_names()))
    return read_zone(name)


@cache
def zone_names() -> frozenset[str]:
    """Every name in tzdata's own list, so that no other name reaches the file system."""
    return frozenset(resources.files("tzdata").joinpath("zones").read_text("utf-8").split())


@cache
def read_zone(name: str) -> ZoneInfo:
    """A zone read from the tzdata package, never from the machine's own tables."""
    with resources.files("tzdata.zoneinfo").joinpath(*name.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)
