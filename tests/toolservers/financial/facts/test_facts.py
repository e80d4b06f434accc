"""Facts that can be checked by hand, and the ties between tables that tools rely on."""

from __future__ import annotations

import datetime

import exchange_calendars
import pytest
from sqlalchemy import func, not_, select
from sqlalchemy.orm import InstrumentedAttribute

from toolservers.financial.facts import models as m
from toolservers.general.facts import models as general
from toolservers.world import World

day = datetime.date


@pytest.mark.parametrize(("currency", "on", "rate"), [
    ("USD", day(2020, 1, 2), 1.1193), ("USD", day(1999, 1, 4), 1.1789), ("JPY", day(2008, 7, 23), 169.75),
    ("GBP", day(1999, 1, 4), 0.7111), ("CHF", day(2015, 1, 15), 1.028),
])
async def test_reference_rates_are_those_the_ecb_published(world: World, currency: str, on: day, rate: float) -> None:
    found = await world.scalars(select(m.FxRate.rate).where(m.FxRate.currency == currency, m.FxRate.date == on))
    assert found == [rate]


async def test_no_rate_on_a_day_without_publication(world: World) -> None:
    assert await world.first(select(m.FxRate).where(m.FxRate.date == day(2020, 1, 1))) is None


async def test_securities_and_companies(world: World) -> None:
    apple = await world.first(select(m.Security).where(m.Security.ticker == "AAPL"))
    assert apple and (apple.cik, apple.exchange) == (320193, "Nasdaq")
    sap = await world.first(select(m.Company).where(m.Company.name == "SAP"))
    assert sap and (sap.isin, sap.country, sap.ticker) == ("DE0007164600", "Germany", "SAP")


async def test_a_bank_and_its_code(world: World) -> None:
    bank = await world.first(select(m.Bank).where(m.Bank.bic == "MARKDEF1100"))
    assert bank and (bank.name, bank.country) == ("Bundesbank", "Germany")
    code = select(m.BankCode.bic).where(m.BankCode.country == "Germany", m.BankCode.code == "10000000")
    assert await world.scalars(code) == ["MARKDEF1100"]


async def test_iban_specs_add_up(world: World) -> None:
    specs = await world.all(select(m.IbanSpec))
    assert {spec.iso2: spec.length for spec in specs}["NO"] == 15
    assert all(spec.length == spec.bban_length + 4 for spec in specs)


async def test_consumer_prices(world: World) -> None:
    """CPI-U, all items, not seasonally adjusted, 1982-84 = 100, as the Bureau of Labor Statistics lists it."""
    months = [day(1913, 1, 1), day(1983, 1, 1), day(2020, 1, 1)]
    listed = select(m.CpiValue.value).where(m.CpiValue.series == "CUUR0000SA0", m.CpiValue.date.in_(months))
    assert await world.scalars(listed.order_by(m.CpiValue.date)) == [9.8, 97.8, 257.971]


async def test_prices_are_positive_and_bars_hold_their_closes(world: World) -> None:
    for bar in (m.StockBar, m.IndexBar):
        broken = not_(bar.close.between(bar.low - 0.01, bar.high + 0.01))
        assert await world.scalars(select(func.count()).where(broken)) == [0]
    assert await world.scalars(select(func.min(m.StockPrice.close) > 0)) == [True]


COUNTRY_COLUMNS = [m.Exchange.country, m.Company.country, m.Bank.country, m.BankCode.country, m.IbanSpec.country]
REFERENCES = [
    *((column, general.Country.name) for column in COUNTRY_COLUMNS),
    (m.FxRate.currency, general.Currency.code), (m.Calendar.mic, m.Exchange.mic),
    (m.Holiday.mic, m.Calendar.mic), (m.Exchange.operating_mic, m.Exchange.mic),
    (m.StockPrice.ticker, m.Security.ticker), (m.StockBar.ticker, m.Security.ticker),
    (m.Company.ticker, m.Security.ticker),
    (m.BankCode.bic, m.Bank.bic), (m.IndexMember.company, m.Company.name), (m.IndexMember.index, m.StockIndex.name),
    (m.CompanyIndustry.company, m.Company.name), (m.CpiValue.series, m.CpiSeries.id),
    (m.MarketValue.series, m.MarketSeries.name),
]


@pytest.mark.parametrize(("column", "key"), REFERENCES, ids=str)
async def test_every_reference_finds_its_row(world: World, column: InstrumentedAttribute[str],
                                             key: InstrumentedAttribute[str]) -> None:
    lost = select(column).distinct().where(column.is_not(None), column.not_in(select(key)))
    assert await world.scalars(lost) == []


@pytest.mark.parametrize("mic", ["XNYS", "XTKS", "XTAE"])
async def test_sessions_are_the_librarys(world: World, mic: str) -> None:
    calendar = await world.first(select(m.Calendar).where(m.Calendar.mic == mic))
    holidays = set(await world.scalars(select(m.Holiday.date).where(m.Holiday.mic == mic)))
    extra = set(await world.scalars(select(m.ExtraSession.date).where(m.ExtraSession.mic == mic)))
    assert calendar
    days = (calendar.first + datetime.timedelta(offset) for offset in range((calendar.last - calendar.first).days + 1))
    regular = {weekday for weekday, flag in enumerate(calendar.weekdays) if flag == "1"}
    sessions = [one for one in days if (one.weekday() in regular and one not in holidays) or one in extra]
    theirs = exchange_calendars.get_calendar(mic, start=calendar.first, end=calendar.last).sessions
    assert sessions == [one.date() for one in theirs]
    assert len(sessions) == calendar.sessions


async def test_named_holiday_and_early_close(world: World) -> None:
    christmas, eve = day(2024, 12, 25), day(2024, 12, 24)
    names = select(m.Holiday.name).where(m.Holiday.mic == "XNYS", m.Holiday.date == christmas)
    assert await world.scalars(names) == ["Christmas"]
    closes = select(m.EarlyClose.closes).where(m.EarlyClose.mic == "XNYS", m.EarlyClose.date == eve)
    assert await world.scalars(closes) == ["13:00"]
