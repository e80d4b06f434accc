"""Seeds: for each entity type that the world knows, the canonical values from which task synthesis draws."""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from types import MappingProxyType

from sqlalchemy import select

from toolservers.world.models import (
    Bank,
    Calendar,
    City,
    Company,
    CompanyIndustry,
    Country,
    CpiSeries,
    Currency,
    Exchange,
    FxRate,
    MarketSeries,
    Security,
    StockIndex,
    TimeZone,
)
from toolservers.world.world import Statement, World

Seeds = tuple[str, ...] | tuple[int, ...]
BIG_CITY = 300_000  # people; below, names repeat

STATEMENTS: Mapping[str, Statement] = MappingProxyType({
    "bic": select(Bank.bic).order_by(Bank.bic),
    "cik": select(Security.cik).distinct().where(Security.exchange.is_not(None)).order_by(Security.cik),
    "city": select(City.name).distinct().where(City.population >= BIG_CITY).order_by(City.name),
    "company": select(Company.name).order_by(Company.name),
    "continent": select(Country.continent).distinct().order_by(Country.continent),
    "country": select(Country.name).where(Country.population > 0).order_by(Country.name),
    "cpi_item": select(CpiSeries.item).distinct().order_by(CpiSeries.item),
    "currency": select(Currency.code).where(Currency.code.in_(select(FxRate.currency))).order_by(Currency.code),
    "index": select(StockIndex.name).order_by(StockIndex.name),
    "industry": select(CompanyIndustry.industry).distinct().order_by(CompanyIndustry.industry),
    "isin": select(Company.isin).where(Company.isin.is_not(None)).order_by(Company.isin),
    "mic": select(Exchange.mic).where(Exchange.mic.in_(select(Calendar.mic))).order_by(Exchange.mic),
    "series": select(MarketSeries.name).order_by(MarketSeries.name),
    "ticker": select(Security.ticker).where(Security.exchange.is_not(None)).order_by(Security.ticker),
    "timezone": select(TimeZone.name).order_by(TimeZone.name),
})
_drawn: weakref.WeakKeyDictionary[World, dict[str, Seeds]] = weakref.WeakKeyDictionary()


async def seeds(world: World, entity: str) -> Seeds:
    """Every canonical value of an entity type, in order; empty for a type that the world does not know."""
    known = _drawn.setdefault(world, {})
    if entity not in known and entity in STATEMENTS:
        known[entity] = tuple(await world.scalars(STATEMENTS[entity]))
    return known.get(entity, ())
