"""Seeds out of the general volume."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from sqlalchemy import select

from toolservers.general.facts import models
from toolservers.world.world import Statement

BIG_CITY = 300_000  # people; below, names repeat
_city, _country, _currency, _zone = models.City, models.Country, models.Currency, models.TimeZone

STATEMENTS: Mapping[str, Statement] = MappingProxyType({
    "city": select(_city.name).distinct().where(_city.population >= BIG_CITY).order_by(_city.name),
    "continent": select(_country.continent).distinct().order_by(_country.continent),
    "country": select(_country.name).where(_country.population > 0).order_by(_country.name),
    "currency": select(_currency.code).where(_currency.code.in_(select(_country.currency))).order_by(_currency.code),
    "timezone": select(_zone.name).order_by(_zone.name),
})
