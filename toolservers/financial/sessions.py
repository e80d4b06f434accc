"""Trading days of an exchange, from its calendar: regular weekdays less holidays, and extra sessions."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from toolservers.errors import ToolError
from toolservers.financial.facts import models
from toolservers.lookup import require
from toolservers.world import World

DAY = datetime.timedelta(days=1)
LONGEST_BREAK = 40 * DAY  # covers the closures of 1914, 2001 and every holiday season on record in a calendar


@dataclass(frozen=True)
class Sessions:
    """The trading days of one exchange between two days; `holidays` and `extra` are complete for that span."""

    weekdays: str
    holidays: frozenset[datetime.date]
    extra: frozenset[datetime.date]
    start: datetime.date
    end: datetime.date

    def __contains__(self, day: datetime.date) -> bool:
        return day in self.extra or (self.weekdays[day.weekday()] == "1" and day not in self.holidays)

    def days(self) -> list[datetime.date]:
        """Every trading day of the span, in order."""
        span = (self.end - self.start).days + 1
        return [day for day in (self.start + n * DAY for n in range(span)) if day in self]


async def find_calendar(world: World, mic: str) -> Any:
    """The calendar row of an exchange; raises `ToolError` for an exchange without one."""
    calendar = models.Calendar
    return await require(world, select(calendar.__table__).where(calendar.mic == mic), "mic", mic, calendar.mic)


def within_reach(calendar: Any, start: datetime.date, end: datetime.date, parameter: str) -> None:
    """Raises `ToolError` for a span that the calendar does not cover."""
    if start < calendar.first or end > calendar.last:
        raise ToolError(f"{parameter}: the calendar of {calendar.mic} runs from {calendar.first} to {calendar.last}")


async def load_sessions(world: World, calendar: Any, start: datetime.date, end: datetime.date,
                        parameter: str = "on") -> Sessions:
    """The trading days from `start` to `end`. Raises `ToolError` where the calendar does not reach."""
    within_reach(calendar, start, end, parameter)
    holiday, extra = models.Holiday, models.ExtraSession
    closed = select(holiday.date).where(holiday.mic == calendar.mic, holiday.date.between(start, end))
    opened = select(extra.date).where(extra.mic == calendar.mic, extra.date.between(start, end))
    return Sessions(calendar.weekdays, frozenset(await world.scalars(closed.order_by(holiday.date))),
                    frozenset(await world.scalars(opened.order_by(extra.date))), start, end)


async def next_session(world: World, mic: str, on: datetime.date) -> datetime.date:
    """The first trading day after a day."""
    calendar = await find_calendar(world, mic)
    within_reach(calendar, on, on, "on")
    sessions = await load_sessions(world, calendar, on, min(on + LONGEST_BREAK, calendar.last))
    return _chosen(sessions, [day for day in sessions.days() if day > on][:1])


async def previous_session(world: World, mic: str, on: datetime.date) -> datetime.date:
    """The last trading day before a day."""
    calendar = await find_calendar(world, mic)
    within_reach(calendar, on, on, "on")
    sessions = await load_sessions(world, calendar, max(on - LONGEST_BREAK, calendar.first), on)
    return _chosen(sessions, [day for day in sessions.days() if day < on][-1:])


def _chosen(sessions: Sessions, days: list[datetime.date]) -> datetime.date:
    if not days:
        raise ToolError(f"on: no trading day on record between {sessions.start} and {sessions.end}")
    return days[0]
