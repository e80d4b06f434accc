"""Trading calendars: sessions, hours and holidays of exchanges, computed once by exchange-calendars.

The library's own default window moves with today's date, so the window is given.
"""

from __future__ import annotations

import datetime
from importlib.metadata import version
from typing import Any

import exchange_calendars
import pandas as pd

from toolservers.financial.facts import models
from toolservers.world.errors import WorldError
from toolservers.world.loader import Row, Tables
from toolservers.world.sources import Sources
from toolservers.world.volume import volumes

FIRST, LAST = pd.Timestamp("2000-01-01"), pd.Timestamp("2026-12-31")
NOT_MARKETS = {"24/5", "24/7", "us_futures", "CMES", "IEPA"}  # made-up names, and trading days that open the day before


def load(_: Sources) -> Tables:
    """A calendar that the library only knows for part of the window has that part.

    Regular weekdays are those on which the exchange traded more often than not; late openings and closes are left out.
    """
    check_version()
    calendar_models = (models.Calendar, models.TradingHours, models.Holiday, models.ExtraSession, models.EarlyClose)
    tables: Tables = {model: [] for model in calendar_models}
    for mic in sorted(set(exchange_calendars.get_calendar_names(include_aliases=False)) - NOT_MARKETS):
        for model, rows in _tables(mic, _calendar(mic)).items():
            tables[model].extend(rows)
    return tables


def check_version() -> None:
    """Raises `WorldError` if another version of the library is installed: its holidays may differ."""
    pinned = {source.name: source.version for source in volumes()["financial"].manifest.computed}["exchange-calendars"]
    if (installed := version("exchange-calendars")) != pinned:
        raise WorldError(f"exchange-calendars {installed} is installed, but the world is built with {pinned}: "
                         f"pip install exchange-calendars=={pinned}")


def _calendar(mic: str) -> Any:
    factory = exchange_calendars.calendar_utils._default_calendar_factories[mic]
    first, last = factory.bound_min() or FIRST, factory.bound_max() or LAST
    return factory(start=max(first, FIRST), end=min(last, LAST))


def _tables(mic: str, calendar: Any) -> Tables:
    days = pd.date_range(calendar.first_session, calendar.last_session)
    traded = days.isin(calendar.sessions)
    share = pd.Series(traded).groupby(days.weekday).mean()
    usual = set(share.index[share > 0.5])
    regular = days.weekday.isin(usual)
    names = _holiday_names(calendar)
    return {
        models.Calendar: [{
            "mic": mic, "timezone": str(calendar.tz), "first": days[0].date(), "last": days[-1].date(),
            "weekdays": "".join("1" if day in usual else "0" for day in range(7)), "sessions": int(traded.sum()),
        }],
        models.TradingHours: _hours(mic, calendar, days[0].date()),
        models.Holiday: [{"mic": mic, "date": day.date(), "name": names.get(day)} for day in days[regular & ~traded]],
        models.ExtraSession: [{"mic": mic, "date": day.date()} for day in days[traded & ~regular]],
        models.EarlyClose: _early_closes(mic, calendar),
    }


def _holiday_names(calendar: Any) -> dict[pd.Timestamp, str]:
    """Names of the holidays that the library's rules name; those it lists one by one have none."""
    rules = calendar.regular_holidays
    if rules is None:
        return {}
    named = rules.holidays(calendar.first_session, calendar.last_session, return_name=True)
    return {day: name for day, name in sorted(named.items()) if isinstance(name, str) and name.strip()}


def _hours(mic: str, calendar: Any, first: datetime.date) -> list[Row]:
    """One row for every day on which a regular hour changed, and one for the start."""
    changes = {max(_day(since), first) for since, _ in (*calendar.open_times, *calendar.close_times)} | {first}
    return [
        {"mic": mic, "since": day, "opens": f"{_at(calendar.open_times, day):%H:%M}",
         "closes": f"{_at(calendar.close_times, day):%H:%M}"}
        for day in sorted(changes)
    ]


def _early_closes(mic: str, calendar: Any) -> list[Row]:
    local = calendar.schedule["close"].dt.tz_convert(calendar.tz)
    return [
        {"mic": mic, "date": session.date(), "closes": f"{close:%H:%M}"}
        for session, close in local.items()
        if close.date() == session.date() and close.time() < _at(calendar.close_times, session.date())
    ]


def _at(times: tuple[tuple[pd.Timestamp | None, datetime.time], ...], day: datetime.date) -> datetime.time:
    """The regular hour in force on a day; `times` runs from the earliest change to the latest."""
    return [time for since, time in times if _day(since) <= day][-1]


def _day(since: pd.Timestamp | None) -> datetime.date:
    return datetime.date.min if since is None else since.date()
