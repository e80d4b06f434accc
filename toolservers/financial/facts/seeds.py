"""Seeds out of the financial volume. Its currencies are those with a reference rate."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from sqlalchemy import select

from toolservers.financial.facts import models
from toolservers.general.facts import models as general
from toolservers.world.world import Statement

_company, _security, _exchange = models.Company, models.Security, models.Exchange
_industry, _quoted = models.CompanyIndustry.industry, select(models.FxRate.currency)
_listed = _security.exchange.is_not(None)

STATEMENTS: Mapping[str, Statement] = MappingProxyType({
    "bic": select(models.Bank.bic).order_by(models.Bank.bic),
    "cik": select(_security.cik).distinct().where(_listed).order_by(_security.cik),
    "company": select(_company.name).order_by(_company.name),
    "cpi_item": select(models.CpiSeries.item).distinct().order_by(models.CpiSeries.item),
    "currency": select(general.Currency.code).where(general.Currency.code.in_(_quoted)).order_by(general.Currency.code),
    "index": select(models.StockIndex.name).order_by(models.StockIndex.name),
    "industry": select(_industry).distinct().order_by(_industry),
    "isin": select(_company.isin).where(_company.isin.is_not(None)).order_by(_company.isin),
    "mic": select(_exchange.mic).where(_exchange.mic.in_(select(models.Calendar.mic))).order_by(_exchange.mic),
    "series": select(models.MarketSeries.name).order_by(models.MarketSeries.name),
    "ticker": select(_security.ticker).where(_listed).order_by(_security.ticker),
})
