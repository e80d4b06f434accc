"""When exchanges trade: days, hours, holidays (exchange-calendars)."""

from __future__ import annotations

import datetime
from typing import Annotated

from pydantic import Field
from sqlalchemy import select

from toolservers.annotations import Entity, Noun, Typical
from toolservers.entities import Date, Mic, Timezone
from toolservers.errors import ToolError
from toolservers.financial.facts import models
from toolservers.financial.sessions import Sessions, find_calendar, load_sessions, next_session, previous_session
from toolservers.lookup import page_of_names, present
from toolservers.quantities import Count
from toolservers.timeseries import in_order
from toolservers.tool import Kind, Limit, Offset, Output, Page, tool
from toolservers.world import World

On = Annotated[Date, Typical("2008-01-02", "2025-12-30")]
Start = Annotated[Date, Typical("2008-01-02", "2016-12-30")]
End = Annotated[Date, Typical("2017-01-02", "2025-12-30")]
CalendarYear = Annotated[int, Field(ge=1800, le=2100, description="calendar year"), Typical(2008, 2025)]


class ExchangeTimezone(Output):
    timezone: Annotated[Timezone, Noun("the time zone of the exchange {mic}")]


class ExchangeHours(Output):
    opens: Annotated[str, Noun("the local opening time of the exchange {mic} on {on}")]
    closes: Annotated[str, Noun("the local closing time of the exchange {mic} on {on}")]


class ExchangeOpen(Output):
    open: Annotated[bool, Noun("whether the exchange {mic} was open on {on}")]


class NextSession(Output):
    on: Annotated[Date, Noun("the next trading day of the exchange {mic} after {on}")]


class PreviousSession(Output):
    on: Annotated[Date, Noun("the last trading day of the exchange {mic} before {on}")]


class SessionCount(Output):
    sessions: Annotated[Count, Noun("the number of trading days of the exchange {mic} from {start} to {end}")]


class ExchangeHoliday(Output):
    name: Annotated[str, Noun("the name of the holiday of the exchange {mic} on {on}")]


class ExchangeHolidays(Page[datetime.date]):
    total: Annotated[Count, Noun("the number of weekday holidays of the exchange {mic} in {year}")]
    items: Annotated[list[datetime.date], Entity("date"),
                     Noun("the days of {year} on which a holiday closes the exchange {mic}", item="day")]


@tool(Kind.RETRIEVAL, example={"mic": "XTKS"})
async def exchange_timezone(world: World, mic: Mic) -> ExchangeTimezone:
    """Time zone in which an exchange trades."""
    return ExchangeTimezone(timezone=(await find_calendar(world, mic)).timezone)


@tool(Kind.RETRIEVAL, example={"mic": "XNYS", "on": "2020-11-27"})
async def exchange_hours(world: World, mic: Mic, on: On) -> ExchangeHours:
    """Local opening and closing time of an exchange on a trading day, early closes included."""
    if on not in await day_of(world, mic, on):
        raise ToolError(f"on: {mic} is closed on {on}; its next trading day is {await next_session(world, mic, on)}")
    hours, early = models.TradingHours, models.EarlyClose
    regular = await world.first(select(hours.__table__).where(hours.mic == mic, hours.since <= on)
                                .order_by(hours.since.desc()))
    if regular is None:
        raise ToolError(f"on: no trading hours on record for {mic} on {on}")
    closes = await world.first(select(early.closes).where(early.mic == mic, early.date == on))
    return ExchangeHours(opens=regular.opens, closes=(closes or regular).closes)


@tool(Kind.RETRIEVAL, example={"mic": "XNYS", "on": "2020-12-25"})
async def exchange_open(world: World, mic: Mic, on: On) -> ExchangeOpen:
    """Whether a day is a trading day of an exchange."""
    return ExchangeOpen(open=on in await day_of(world, mic, on))


@tool(Kind.RETRIEVAL, example={"mic": "XNYS", "on": "2020-12-24"})
async def exchange_next_day(world: World, mic: Mic, on: On) -> NextSession:
    """First trading day of an exchange after a day."""
    return NextSession(on=await next_session(world, mic, on))


@tool(Kind.RETRIEVAL, example={"mic": "XNYS", "on": "2020-12-28"})
async def exchange_previous_day(world: World, mic: Mic, on: On) -> PreviousSession:
    """Last trading day of an exchange before a day."""
    return PreviousSession(on=await previous_session(world, mic, on))


@tool(Kind.RETRIEVAL, example={"mic": "XNYS", "start": "2020-01-01", "end": "2020-12-31"})
async def exchange_days(world: World, mic: Mic, start: Start, end: End) -> SessionCount:
    """Number of trading days of an exchange in a period, both ends included."""
    in_order(start, end)
    sessions = await load_sessions(world, await find_calendar(world, mic), start, end, "start, end")
    return SessionCount(sessions=len(sessions.days()))


@tool(Kind.RETRIEVAL, example={"mic": "XNYS", "year": 2020})
async def exchange_holidays(world: World, mic: Mic, year: CalendarYear, limit: Limit = 5,
                            offset: Offset = 0) -> ExchangeHolidays:
    """Days of a year on which a holiday closes an exchange, weekends left out."""
    calendar, holiday = await find_calendar(world, mic), models.Holiday
    first, last = datetime.date(year, 1, 1), datetime.date(year, 12, 31)
    if last < calendar.first or first > calendar.last:
        raise ToolError(f"year: the calendar of {mic} runs from {calendar.first} to {calendar.last}")
    statement = select(holiday.date).where(holiday.mic == mic, holiday.date.between(first, last))
    total, days = await page_of_names(world, statement.order_by(holiday.date), limit, offset)
    return ExchangeHolidays(total=total, items=days)


@tool(Kind.RETRIEVAL, example={"mic": "XNYS", "on": "2020-12-25"})
async def exchange_holiday(world: World, mic: Mic, on: On) -> ExchangeHoliday:
    """Name of the holiday that closes an exchange on a day."""
    calendar, holiday = await find_calendar(world, mic), models.Holiday
    row = await world.first(select(holiday.__table__).where(holiday.mic == calendar.mic, holiday.date == on))
    name = present(row, "on", f"{on} is no holiday of {mic} on record").name
    return ExchangeHoliday(name=present(name, "on", f"{mic} is closed on {on}, but the holiday has no name on record"))


async def day_of(world: World, mic: str, on: datetime.date) -> Sessions:
    """The calendar of one day."""
    return await load_sessions(world, await find_calendar(world, mic), on, on)
