"""Fields of a company as free text has them, each read only where it is unmistakable."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from toolservers.world.loader import text_or_none

PARENTHESIS = re.compile(r"\([^)]*\)?")
YEAR = re.compile(r"\b(1[5-9]\d\d|20[0-2]\d)\b")
NUMBER = re.compile(r"(?<![\d.,])\d{1,3}(?:,\d{3})+(?![\d,.])|(?<![\d.,$€£¥])\d{1,6}(?![\d,.])")
LABEL = re.compile(r" [,;] |;")
SHARE_CLASS = re.compile(r" \(Class [A-C]\)$|(?<=[a-zäöå])[ABC]$")
ALIASES = {
    "U.S": "United States", "US": "United States", "USA": "United States", "England": "United Kingdom",
    "Scotland": "United Kingdom", "UK": "United Kingdom", "U.K": "United Kingdom", "Russian Federation": "Russia",
    "Republic of Ireland": "Ireland", "D.C": "United States",
}
LISTINGS = {
    "AS": "Netherlands", "BR": "Belgium", "DE": "Germany", "HE": "Finland", "L": "United Kingdom", "MC": "Spain",
    "PA": "France", "ST": "Sweden", "SW": "Switzerland", "T": "Japan",
}
SECTORS = {  # GICS sector: how the source writes it (GICS, ICB and TRBC)
    "Communication Services": ("Communication Services", "Telecommunications", "Telecommunications Services"),
    "Consumer Discretionary": ("Consumer Discretionary", "Consumer Cyclicals", "Consumer Products & Services"),
    "Consumer Staples": ("Consumer Staples", "Consumer Non-Cyclicals", "Food, Beverage & Tobacco"),
    "Energy": ("Energy",),
    "Financials": ("Financials", "Financial Services", "Banks", "Banking", "Insurance"),
    "Health Care": ("Health Care", "Healthcare", "Pharmaceuticals"),
    "Industrials": ("Industrials", "Industrial Goods", "Industrial Goods & Services", "Machinery"),
    "Information Technology": ("Information Technology", "Technology"),
    "Materials": ("Materials", "Basic Materials", "Basic Resources", "Chemicals"),
    "Real Estate": ("Real Estate",),
    "Utilities": ("Utilities",),
}
SECTOR_OF = {label.casefold(): sector for sector, labels in SECTORS.items() for label in labels}


@dataclass(frozen=True)
class Gazetteer:
    """Known places: countries, their ISO codes and cities, and the states of the United States."""

    by_iso2: dict[str, str]
    cities: dict[str, frozenset[str]]
    states: frozenset[str]

    def country(self, place: str | None) -> str | None:
        """The country that a text such as "Bothell, Washington" or "Kita (Tokyo) , Japan" ends in."""
        last = pieces(place)[-1:]
        if not last:
            return None
        name = ALIASES.get(last[0], last[0])
        return "United States" if name in self.states else name if name in self.by_iso2.values() else None

    def city(self, place: str | None, country: str) -> str | None:
        """The last piece of the text that names a known city of the country, a state only at the front."""
        parts = pieces(place)
        if country == "United States":
            parts = [part for part in parts[:-1] if part not in self.states] or parts[:1]
        found = [part for part in map(_city_alias, parts) if part in self.cities.get(country, ())]
        return found[-1] if found else None


def _city_alias(name: str) -> str:
    return {"New York": "New York City", "Luxembourg City": "Luxembourg"}.get(name, name)


def pieces(place: str | None) -> list[str]:
    """The parts of an address, without parentheses."""
    parts = (part.strip(" .") for part in PARENTHESIS.sub("", place or "").split(","))
    return [part for part in parts if part]


def company_name(name: str) -> str:
    """The name without the class of the share."""
    return SHARE_CLASS.sub("", " ".join(name.split())).strip(" ,")


def founded_year(text: str | None) -> int | None:
    """The year, if the text names one year only."""
    years = set(YEAR.findall(text or ""))
    return int(years.pop()) if len(years) == 1 else None


def employee_count(text: str | None) -> int | None:
    """The number, if the text names one number outside parentheses and no multiplier."""
    plain = PARENTHESIS.sub("", text or "")
    numbers = NUMBER.findall(plain)
    if len(numbers) != 1 or re.search(r"million|thousand|FTE per", plain):
        return None
    return int(numbers[0].replace(",", "")) or None


def industries(labels: Iterable[str]) -> list[str]:
    """Single labels out of "Chemicals , Service , Water Management"; runs of words without a separator are left out."""
    parts = (part.strip(" .,") for label in labels for part in LABEL.split(label))
    return [part for part in parts if 2 < len(part) <= 60 and part.count(" ") <= 5]


def sector(labels: Iterable[str]) -> str | None:
    """The GICS sector that the labels name; the most frequent if several."""
    found = [SECTOR_OF[label.casefold()] for label in labels if label.casefold() in SECTOR_OF]
    return max(sorted(set(found)), key=found.count) if found else None


def valid_isin(isin: str) -> bool:
    """Whether the check digit is right (ISO 6166: the Luhn algorithm over letters written as numbers)."""
    if not re.fullmatch(r"[A-Z]{2}[A-Z0-9]{9}\d", isin):
        return False
    digits = [int(digit) for digit in "".join(str(int(char, 36)) for char in isin)][::-1]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def listing_country(symbol: str | None) -> str | None:
    """The country of the exchange that the symbol's suffix names."""
    return LISTINGS.get((text_or_none(symbol) or "").rpartition(".")[2])
