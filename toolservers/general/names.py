"""The rows behind the names that tools of every domain are given: countries and currencies."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, func, or_, select

from toolservers.general.facts import models
from toolservers.lookup import require
from toolservers.world import World

COUNTRY = select(models.Country.__table__).where(or_(
    func.lower(models.Country.name) == bindparam("name"), func.lower(models.Country.name) == bindparam("long"),
    models.Country.iso2 == bindparam("code"), models.Country.iso3 == bindparam("code"),
)).order_by(models.Country.name)


async def find_country(world: World, value: str, parameter: str = "country") -> Any:
    """The row of a country, by name or ISO 3166 code; "the Netherlands" and "Netherlands" are the same."""
    name = value.strip().lower().removeprefix("the ")
    values = {"name": name, "long": f"the {name}", "code": value.strip().upper()}
    return await require(world, COUNTRY, parameter, value, models.Country.name, values)


async def find_currency(world: World, value: str, parameter: str = "currency") -> Any:
    """The row of a currency in use, by its ISO 4217 code."""
    currency = models.Currency
    return await require(world, select(currency.__table__).where(currency.code == value), parameter, value,
                         currency.code)
