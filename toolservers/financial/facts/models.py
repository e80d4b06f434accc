"""The tables of the financial volume: rates, markets, companies, banks and prices."""

from __future__ import annotations

import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from toolservers.world.model import COMPACT, Day, Indexed, Key, Model


class FxRate(Model):
    """Euro foreign exchange reference rate: units of `currency` for one euro (European Central Bank)."""

    __tablename__ = "fx_rates"
    currency: Mapped[Key]
    date: Mapped[Day]
    rate: Mapped[float]
    __table_args__ = (Index("fx_rates_by_date", "date"), COMPACT)


class Exchange(Model):
    """A market in the ISO 10383 list."""

    __tablename__ = "exchanges"
    mic: Mapped[Key]
    operating_mic: Mapped[Indexed]
    """The operator's own code; equal to `mic` for an operator."""
    name: Mapped[Indexed]
    legal_entity: Mapped[str | None]
    acronym: Mapped[str | None]
    city: Mapped[str]
    country: Mapped[Indexed]
    website: Mapped[str | None]
    category: Mapped[str]
    """ISO market category code, e.g. RMKT (regulated market), MLTF (multilateral trading facility)."""
    status: Mapped[str]
    """ACTIVE, UPDATED or EXPIRED."""
    created: Mapped[datetime.date]


class Calendar(Model):
    """A trading calendar, exact from `first` to `last` (exchange-calendars).

    A day is a session if its weekday is flagged and it is not in `holidays`, or if it is in `extra_sessions`.
    """

    __tablename__ = "calendars"
    mic: Mapped[Key]
    timezone: Mapped[str]
    weekdays: Mapped[str]
    """Seven flags from Monday to Sunday, "1111100": the days on which it mostly trades."""
    first: Mapped[datetime.date]
    last: Mapped[datetime.date]
    sessions: Mapped[int]


class TradingHours(Model):
    """Regular hours of an exchange from `since` on, local time as HH:MM."""

    __tablename__ = "trading_hours"
    mic: Mapped[Key]
    since: Mapped[Day]
    opens: Mapped[str]
    closes: Mapped[str]


class Holiday(Model):
    """A day of a regular weekday on which an exchange is closed."""

    __tablename__ = "holidays"
    mic: Mapped[Key]
    date: Mapped[Day]
    name: Mapped[str | None]
    __table_args__ = (Index("holidays_by_date", "date"), COMPACT)


class ExtraSession(Model):
    """A trading day outside the regular weekdays."""

    __tablename__ = "extra_sessions"
    mic: Mapped[Key]
    date: Mapped[Day]


class EarlyClose(Model):
    """A session that closes before the regular hour; `closes` is local time as HH:MM."""

    __tablename__ = "early_closes"
    mic: Mapped[Key]
    date: Mapped[Day]
    closes: Mapped[str]


class Security(Model):
    """A US-listed security and its SEC registrant; a registrant may have several tickers."""

    __tablename__ = "securities"
    ticker: Mapped[Key]
    cik: Mapped[int] = mapped_column(index=True)
    name: Mapped[Indexed]
    exchange: Mapped[str | None]
    """As the SEC writes it: NYSE, Nasdaq, OTC or CBOE."""


class Company(Model):
    """A company in at least one stock index (Wikipedia by way of pytickersymbols)."""

    __tablename__ = "companies"
    name: Mapped[Key]
    isin: Mapped[str | None] = mapped_column(unique=True)
    ticker: Mapped[str | None] = mapped_column(index=True)
    """US ticker, if the company is listed in the United States: joins `securities`."""
    symbol: Mapped[str | None] = mapped_column(index=True)
    """Symbol on the home exchange, with the exchange's suffix ("SAP.DE")."""
    country: Mapped[Indexed]
    city: Mapped[str | None] = mapped_column(index=True)
    industry: Mapped[str | None] = mapped_column(index=True)
    """Broad industry: a GICS sector name."""
    founded: Mapped[int | None]
    employees: Mapped[int | None]


class CompanyIndustry(Model):
    """An industry label of a company; a company has several."""

    __tablename__ = "company_industries"
    company: Mapped[Key]
    industry: Mapped[str] = mapped_column(primary_key=True, index=True)


class StockIndex(Model):
    """A stock index."""

    __tablename__ = "stock_indices"
    name: Mapped[Key]
    members: Mapped[int]


class IndexMember(Model):
    """Membership of a company in a stock index."""

    __tablename__ = "index_members"
    index: Mapped[Key]
    company: Mapped[str] = mapped_column(primary_key=True, index=True)


class Bank(Model):
    """A bank, by BIC (national bank registries by way of schwifty)."""

    __tablename__ = "banks"
    bic: Mapped[Key]
    name: Mapped[Indexed]
    short_name: Mapped[str | None]
    country: Mapped[Indexed]


class BankCode(Model):
    """A national bank code, the one inside the IBANs of `country`."""

    __tablename__ = "bank_codes"
    country: Mapped[Key]
    code: Mapped[Key]
    name: Mapped[str]
    bic: Mapped[str | None] = mapped_column(index=True)


class IbanSpec(Model):
    """The make-up of a country's IBAN; positions count from the start of the BBAN, end excluded."""

    __tablename__ = "iban_specs"
    country: Mapped[Key]
    iso2: Mapped[str] = mapped_column(unique=True)
    length: Mapped[int]
    bban_length: Mapped[int]
    bban_structure: Mapped[str]
    """SWIFT notation: "8!n10!n" is eight digits and then ten digits."""
    bank_start: Mapped[int | None]
    bank_end: Mapped[int | None]
    account_start: Mapped[int | None]
    account_end: Mapped[int | None]
    sepa: Mapped[bool]


class CpiSeries(Model):
    """A monthly US consumer price index: all urban consumers, U.S. city average (Bureau of Labor Statistics)."""

    __tablename__ = "cpi_series"
    id: Mapped[Key]
    item: Mapped[Indexed]
    title: Mapped[str]
    seasonally_adjusted: Mapped[bool]
    first: Mapped[datetime.date]
    last: Mapped[datetime.date]


class CpiValue(Model):
    """Index level of a CPI series in the month that begins on `date`."""

    __tablename__ = "cpi_values"
    series: Mapped[Key]
    date: Mapped[Day]
    value: Mapped[float]
    __table_args__ = (COMPACT,)


class StockPrice(Model):
    """Daily close of a US stock in dollars, adjusted for splits and dividends (1990-2022)."""

    __tablename__ = "stock_prices"
    ticker: Mapped[Key]
    date: Mapped[Day]
    close: Mapped[float]
    __table_args__ = (COMPACT,)


class StockBar(Model):
    """Daily bar of a US stock in dollars as traded, and the adjusted close (2000-2013)."""

    __tablename__ = "stock_bars"
    ticker: Mapped[Key]
    date: Mapped[Day]
    open: Mapped[float]
    high: Mapped[float]
    low: Mapped[float]
    close: Mapped[float]
    adjusted: Mapped[float]
    volume: Mapped[int]
    __table_args__ = (COMPACT,)


class IndexBar(Model):
    """Daily bar of a US stock index in points (1999-2018)."""

    __tablename__ = "index_bars"
    index: Mapped[Key]
    date: Mapped[Day]
    open: Mapped[float]
    high: Mapped[float]
    low: Mapped[float]
    close: Mapped[float]
    volume: Mapped[int]
    __table_args__ = (COMPACT,)


class MarketSeries(Model):
    """A market series other than a stock: a commodity, a yield, a volatility index, an index level, a factor return."""

    __tablename__ = "market_series"
    name: Mapped[Key]
    title: Mapped[str]
    unit: Mapped[str]
    frequency: Mapped[str]
    """"daily" or "monthly"; a monthly value is dated on the first of its month."""
    first: Mapped[datetime.date]
    last: Mapped[datetime.date]


class MarketValue(Model):
    """Value of a market series on a day."""

    __tablename__ = "market_values"
    series: Mapped[Key]
    date: Mapped[Day]
    value: Mapped[float]
    __table_args__ = (COMPACT,)
