"""US-listed securities and their registrants (SEC)."""

from __future__ import annotations

import io

import fastparquet

from toolservers.financial.facts import models
from toolservers.world.loader import Tables, text_or_none
from toolservers.world.sources import Sources


def load(sources: Sources) -> Tables:
    """Names stand as the SEC writes them; a security without an exchange is one that the SEC lists none for."""
    return {models.Security: [
        {"ticker": ticker, "cik": int(cik), "name": " ".join(name.split()), "exchange": text_or_none(exchange)}
        for ticker, cik, name, exchange in _records(sources) if ticker and name.strip()
    ]}


def tickers(sources: Sources) -> set[str]:
    """Every US ticker that the SEC knows."""
    return {ticker for ticker, *_ in _records(sources)}


def _records(sources: Sources) -> list[tuple[str, str, str, str | None]]:
    raw = sources.read("edgartools", "edgar/reference/data/company_tickers.parquet")
    frame = fastparquet.ParquetFile(io.BytesIO(raw)).to_pandas()
    return list(zip(frame.ticker, frame.cik, frame.name, frame.exchange, strict=True))
