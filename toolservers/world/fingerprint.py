"""The fingerprint of a volume: a hash over the contents of every row, the same however and wherever they are stored."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from itertools import pairwise
from typing import Any, TypeAlias

import orjson
from sqlalchemy import Double, Table

from toolservers.world.errors import WorldError

Row: TypeAlias = dict[str, Any]
VERSION_DIGITS = 16


def schema(tables: Iterable[Table]) -> str:
    """A hash of every table's columns, types and keys: a database of another schema cannot be opened."""
    columns = [[table.name, column.name, str(column.type), column.primary_key, bool(column.nullable)]
               for table in tables for column in table.columns]
    return hashlib.sha256(orjson.dumps(columns)).hexdigest()[:VERSION_DIGITS]


def canonical(table: Table, rows: Iterable[Row]) -> list[Row]:
    """Rows with their columns in the table's order, by primary key (text by code point).

    Raises `WorldError` if a row lacks a column or two rows share a key.
    """
    floats = {column.name for column in table.columns if isinstance(column.type, Double)}
    keys = [column.name for column in table.primary_key]
    names = table.columns.keys()
    try:
        complete = [{name: float(row[name]) if name in floats else row[name] for name in names} for row in rows]
    except KeyError as error:
        raise WorldError(f"a row of table {table.name} has no column {error}; its loader must give one") from error
    complete.sort(key=lambda row: tuple(row[key] for key in keys))
    for before, after in pairwise(complete):
        if all(before[key] == after[key] for key in keys):
            key = [after[key] for key in keys]
            raise WorldError(f"table {table.name} holds {key} twice; its loader must choose one")
    return complete


class Fingerprint:
    """Collects the hash of each table; the order in which tables are added does not matter."""

    def __init__(self) -> None:
        self._tables: dict[str, str] = {}

    def add(self, table: Table, rows: Iterable[Row]) -> None:
        """Takes in the canonical rows of a table."""
        digest = hashlib.sha256(orjson.dumps(table.columns.keys()) + b"\n")
        for row in rows:
            digest.update(orjson.dumps(list(row.values()), option=orjson.OPT_APPEND_NEWLINE))
        self._tables[table.name] = digest.hexdigest()

    @property
    def version(self) -> str:
        """The first 16 hexadecimal digits of the sha256 over all tables."""
        return hashlib.sha256(orjson.dumps(sorted(self._tables.items()))).hexdigest()[:VERSION_DIGITS]
