"""Markets of the world (ISO 10383), decoded from the package's binary list.

Each record is a run of length-prefixed strings, packed dates and numbers that index lists in the package's source text:
cities, countries, categories and states are read from that text, which is never run.
"""

from __future__ import annotations

import datetime
import io
import re
from collections.abc import Callable
from typing import TypeVar

from toolservers.financial.facts import models
from toolservers.general.facts.loaders.geography import country_names
from toolservers.world.loader import Row, Tables
from toolservers.world.sources import Sources

T = TypeVar("T")
SECTION = re.compile(r"^class (MCC|ISOCC|City|Status)\(enum\.Enum\):(.*?)(?=^class )", re.M | re.S)
NUMBERED = re.compile(r"^    (\w+?)_? += (\d+)$", re.M)
CITY = re.compile(r"""_City\((\d+), (["'])(.*?)\2\)""")


def load(sources: Sources) -> Tables:
    """Codes without a country or a city (ISO's placeholders such as XOFF) are left out; categories are upper case."""
    lists = _lists(sources.read("iso10383", "iso10383/_iso10383.py").decode())
    names = country_names(sources)
    reader = Reader(sources.read("iso10383", "iso10383/_data"))
    rows = (_exchange(reader, lists) for _ in range(reader.number(2)))
    placed = (row for row in rows if row["country"] in names and row["city"])
    return {models.Exchange: [row | {"country": names[row["country"]]} for row in placed]}


def _lists(text: str) -> dict[str, dict[int, str]]:
    sections = dict(SECTION.findall(text))
    numbered = {kind: {int(number): name.upper() for name, number in NUMBERED.findall(sections[kind])}
                for kind in ("MCC", "ISOCC", "Status")}
    return numbered | {"City": {int(number): name for number, _, name in CITY.findall(sections["City"])}}


class Reader:
    """Reads the package's binary format from the front to the back."""

    def __init__(self, data: bytes) -> None:
        self._data = io.BytesIO(data)

    def number(self, size: int = 1) -> int:
        return int.from_bytes(self._data.read(size), "big")

    def string(self, size: int = 1) -> str:
        return self._data.read(self.number(size)).decode()

    def date(self) -> datetime.date:
        """Fifteen bits of year, four of month, five of day."""
        packed = self.number(3)
        return datetime.date(packed >> 9, packed >> 5 & 0xF, packed & 0x1F)

    def optional(self, read: Callable[[], T]) -> T | None:
        return read() if self.number() else None


def _exchange(reader: Reader, lists: dict[str, dict[int, str]]) -> Row:
    row: Row = {"mic": reader.string(), "name": reader.string(), "category": lists["MCC"][reader.number()],
                "created": reader.date(), "status": lists["Status"][reader.number()]}
    city = reader.optional(lambda: reader.number(2))
    row["city"] = None if city is None else lists["City"][city]
    row["operating_mic"] = reader.optional(reader.string) or row["mic"]
    reader.optional(reader.string)  # description of the institution
    row["legal_entity"] = reader.optional(reader.string)
    reader.optional(reader.string)  # legal entity identifier
    row["acronym"] = reader.optional(reader.string)
    country = reader.optional(reader.number)
    row["country"] = None if country is None else lists["ISOCC"][country]
    website = reader.optional(reader.string)
    row["website"] = website and website.lower()
    for read in (reader.date, reader.date, reader.date, lambda: reader.string(2)):
        reader.optional(read)  # last update, last validation, expiry, comments
    return row
