"""US consumer price indices (Bureau of Labor Statistics)."""

from __future__ import annotations

import datetime
import sqlite3
import tempfile
from collections import defaultdict
from contextlib import closing

from toolservers.financial.facts import models
from toolservers.world.loader import Row, Tables
from toolservers.world.sources import Sources

# U.S. city average, all urban consumers, monthly: every unadjusted series, and the adjusted ones of the aggregates.
SERIES = """
    SELECT series.id, items.name, series.title, series.seasonally_adjusted
    FROM series JOIN items ON items.id = series.items
    WHERE area = '0000' AND periodicity = 'R' AND survey = 'All urban consumers'
      AND (NOT seasonally_adjusted OR items.id LIKE 'SA%')
    ORDER BY series.id
"""
VALUES = """
    SELECT series, year, CAST(substr(period, 2) AS INTEGER), value FROM indexes WHERE period BETWEEN 'M01' AND 'M12'
"""


def load(sources: Sources) -> Tables:
    """Annual averages (period M13) are left out, and so is a series without a monthly value."""
    with tempfile.TemporaryDirectory() as folder:
        path = sources.extract("cpi", "cpi/cpi.db", folder)
        with closing(sqlite3.connect(path)) as database:
            series = database.execute(SERIES).fetchall()
            values = _values(database, {identifier for identifier, *_ in series})
    return {
        models.CpiSeries: [
            {"id": identifier, "item": item.strip(), "title": title.strip(), "seasonally_adjusted": bool(adjusted),
             "first": values[identifier][0]["date"], "last": values[identifier][-1]["date"]}
            for identifier, item, title, adjusted in series if identifier in values
        ],
        models.CpiValue: [row for rows in values.values() for row in rows],
    }


def _values(database: sqlite3.Connection, wanted: set[str]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for series, year, month, value in database.execute(VALUES):
        if series in wanted and value is not None:
            found[series].append({"series": series, "date": datetime.date(year, month, 1), "value": float(value)})
    return {series: sorted(rows, key=lambda row: row["date"]) for series, rows in sorted(found.items())}
