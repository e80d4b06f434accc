"""Loaders turn source files into rows: one module per body of facts, each with a `load`, in a fixed order.

A loader returns plain rows per model. Order of rows does not matter (the build sorts them by primary key), but the rows
themselves depend on the source files alone.
"""

from __future__ import annotations

from toolservers.world.loaders import (
    banks,
    calendars,
    companies,
    currencies,
    exchanges,
    geography,
    inflation,
    prices,
    securities,
)
from toolservers.world.loaders.rows import Loader

LOADERS: tuple[Loader, ...] = (
    geography.load, currencies.load, exchanges.load, calendars.load, securities.load, companies.load, banks.load,
    inflation.load, prices.load,
)

__all__ = ["LOADERS", "Loader"]
