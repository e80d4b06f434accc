"""The tables of the general volume: countries, cities, time zones and currencies, which every domain names."""

from __future__ import annotations

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from toolservers.world.model import Indexed, Key, Model


class Country(Model):
    """A country or territory with an ISO 3166 code (GeoNames)."""

    __tablename__ = "countries"
    name: Mapped[Key]
    iso2: Mapped[str] = mapped_column(unique=True)
    iso3: Mapped[str] = mapped_column(unique=True)
    numeric: Mapped[int]
    capital: Mapped[str | None]
    continent: Mapped[Indexed]
    area_km2: Mapped[float]
    population: Mapped[int]
    currency: Mapped[str | None] = mapped_column(index=True)
    calling_code: Mapped[str | None]
    tld: Mapped[str | None]
    languages: Mapped[str | None]
    """Language tags separated by commas, the most spoken first."""


class Neighbour(Model):
    """A land border; each pair stands in both directions (GeoNames)."""

    __tablename__ = "neighbours"
    country: Mapped[Key]
    neighbour: Mapped[Key]


class City(Model):
    """A city of 15,000 people or more, or a capital (GeoNames)."""

    __tablename__ = "cities"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[Indexed]
    country: Mapped[str]
    region: Mapped[str]
    """GeoNames first-level division; in the United States the state's postal code."""
    population: Mapped[int]
    latitude: Mapped[float]
    longitude: Mapped[float]
    timezone: Mapped[Indexed]
    __table_args__ = (Index("cities_by_size", "country", "population"),)


class TimeZone(Model):
    """An IANA time zone and the country it belongs to (tz database, zone.tab)."""

    __tablename__ = "timezones"
    name: Mapped[Key]
    country: Mapped[Indexed]
    latitude: Mapped[float]
    longitude: Mapped[float]
    comment: Mapped[str | None]


class Currency(Model):
    """A currency (ISO 4217), in use or withdrawn; of the withdrawn ones those that the ECB quoted."""

    __tablename__ = "currencies"
    code: Mapped[Key]
    numeric: Mapped[int]
    name: Mapped[str]
    minor_units: Mapped[int | None]
    """Digits after the decimal point; None where ISO says that the notion does not apply."""
    active: Mapped[bool]
