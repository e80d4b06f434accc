"""Loaders of the financial volume, in the order of the build."""

from toolservers.financial.facts.loaders import (
    banks,
    calendars,
    companies,
    exchanges,
    fx,
    inflation,
    prices,
    securities,
)
from toolservers.world.loader import Loader

LOADERS: tuple[Loader, ...] = (
    fx.load, exchanges.load, calendars.load, securities.load, companies.load, banks.load, inflation.load, prices.load,
)
