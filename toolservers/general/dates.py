"""Dates of the Gregorian calendar: the days between them, and their place in the week and the year."""

from __future__ import annotations

import calendar
import datetime
from typing import Annotated

from pydantic import Field

from toolservers.annotations import Entity, Noun, Typical, Unit
from toolservers.entities import Date
from toolservers.errors import ToolError
from toolservers.tool import Kind, Output, tool

On = Annotated[Date, Field(description="day, as YYYY-MM-DD"), Typical("1990-01-01", "2029-12-31")]


class Days(Output):
    days: Annotated[int, Entity("number"), Unit("days"), Noun("the number of days from {first} to {second}")]


class Later(Output):
    date: Annotated[Date, Noun("the date {days} days after {on}")]


class MonthsLater(Output):
    date: Annotated[Date, Noun("the date {months} months after {on}")]


class Weekday(Output):
    weekday: Annotated[str, Noun("the day of the week of {on}")]


class Week(Output):
    week: Annotated[int, Noun("the ISO week number of {on}")]


class YearDay(Output):
    day: Annotated[int, Noun("the day of the year of {on}")]


class Age(Output):
    years: Annotated[int, Unit("years"), Noun("the age in full years on {on} of someone born on {born}")]


class MonthEnd(Output):
    date: Annotated[Date, Noun("the last day of the month of {on}")]


@tool(Kind.PROCESSING, example={"first": "2020-01-15", "second": "2021-03-01"})
async def date_difference(
    first: Annotated[Date, Field(description="first day, as YYYY-MM-DD"), Typical("1990-01-01", "2009-12-31")],
    second: Annotated[Date, Field(description="second day, as YYYY-MM-DD"), Typical("2010-01-01", "2029-12-31")],
) -> Days:
    """Days from one date to another; negative where the second is earlier."""
    return Days(days=(second - first).days)


@tool(Kind.PROCESSING, example={"on": "2020-01-15", "days": 90})
async def date_add(
    on: On,
    days: Annotated[
        int, Unit("days"), Field(ge=-400_000, le=400_000, description="days to add; negative to go back"),
        Typical(10, 1_000, 5),
    ],
) -> Later:
    """Date some days after another."""
    try:
        return Later(date=on + datetime.timedelta(days))
    except OverflowError as error:
        raise ToolError("days: the date falls outside the years 1 to 9999; give fewer days") from error


@tool(Kind.PROCESSING, example={"on": "2020-01-31", "months": 1})
async def date_months(
    on: On,
    months: Annotated[
        int, Unit("months"), Field(ge=-12_000, le=12_000, description="months to add; negative to go back"),
        Typical(1, 60),
    ],
) -> MonthsLater:
    """Date some months after another, on the same day of the month or on its last day where that is earlier."""
    years, month = divmod(on.month - 1 + months, 12)
    year = on.year + years
    if not datetime.MINYEAR <= year <= datetime.MAXYEAR:
        raise ToolError("months: the date falls outside the years 1 to 9999; give fewer months")
    return MonthsLater(date=datetime.date(year, month + 1, min(on.day, calendar.monthrange(year, month + 1)[1])))


@tool(Kind.PROCESSING, example={"on": "2020-01-15"})
async def date_weekday(on: On) -> Weekday:
    """Day of the week, as its English name."""
    names = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    return Weekday(weekday=names[on.weekday()])


@tool(Kind.PROCESSING, example={"on": "2020-12-31"})
async def date_week(on: On) -> Week:
    """Number of the week by ISO 8601 (weeks begin on Monday; week 1 holds the first Thursday)."""
    return Week(week=on.isocalendar().week)


@tool(Kind.PROCESSING, example={"on": "2020-12-31"})
async def date_yearday(on: On) -> YearDay:
    """Day of the year, from 1."""
    return YearDay(day=on.timetuple().tm_yday)


@tool(Kind.PROCESSING, example={"born": "1984-02-29", "on": "2020-02-28"})
async def date_age(
    born: Annotated[Date, Field(description="day of birth, as YYYY-MM-DD"), Typical("1930-01-01", "1989-12-31")],
    on: On,
) -> Age:
    """Full years lived; a birthday on 29 February falls on 1 March in common years."""
    if on < born:
        raise ToolError(f"on: must not be before the day of birth ({born})")
    return Age(years=on.year - born.year - ((on.month, on.day) < (born.month, born.day)))


@tool(Kind.PROCESSING, example={"on": "2020-02-10"})
async def date_monthend(on: On) -> MonthEnd:
    """Last day of the month that a date is in."""
    return MonthEnd(date=on.replace(day=calendar.monthrange(on.year, on.month)[1]))
