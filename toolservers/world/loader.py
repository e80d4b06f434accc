"""Loaders turn source files into rows, one module per body of facts; here are their type and the readers they share.

A loader returns plain rows per model. Order of rows does not matter (the build sorts them by primary key), but the rows
themselves depend on the source files alone.
"""

from __future__ import annotations

import csv
import datetime
import gzip
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from toolservers.world.fingerprint import Row
from toolservers.world.model import Model
from toolservers.world.sources import Sources

Tables: TypeAlias = dict[type[Model], list[Row]]
Loader: TypeAlias = Callable[[Sources], Tables]

__all__ = ["Loader", "Row", "Tables", "american_date", "csv_rows", "text_or_none"]


def csv_rows(sources: Sources, name: str, path: str) -> Iterator[dict[str, str]]:
    """Rows of a gzipped CSV file with a header line."""
    lines = gzip.decompress(sources.read(name, path)).decode("utf-8-sig").splitlines()
    yield from csv.DictReader(lines)


def american_date(text: str) -> datetime.date:
    """The day written as month/day/year."""
    month, day, year = map(int, text.split("/"))
    return datetime.date(year, month, day)


def text_or_none(value: Any) -> str | None:
    """Stripped text, or None for nothing."""
    return str(value or "").strip() or None
