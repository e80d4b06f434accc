"""Daily prices of US stocks and indices, and market series: oil, volatility, bond yields, factor returns."""

from __future__ import annotations

import datetime
from collections.abc import Callable

from toolservers.financial.facts import models
from toolservers.world.loader import Row, Tables, american_date, csv_rows
from toolservers.world.sources import Sources

RENAMED = {"FB": "META"}  # tickers are today's, so that they join the SEC's
INDICES = {"S&P 500": "arch/data/sp500/sp500.csv.gz", "NASDAQ Composite": "arch/data/nasdaq/nasdaq.csv.gz"}


def iso_month(text: str) -> datetime.date:
    """First day of the month of an ISO date."""
    return datetime.date.fromisoformat(text).replace(day=1)


def packed_month(text: str) -> datetime.date:
    """First day of the month written YYYYMM."""
    return datetime.date(int(text[:4]), int(text[4:]), 1)


ParseDate = Callable[[str], datetime.date]
iso: ParseDate = datetime.date.fromisoformat
FACTORS = "arch/data/frenchdata/frenchdata.csv.gz"
YIELDS, CRUDE = "arch/data/default/default.csv.gz", "arch/data/crude/crude.csv.gz"
SERIES: dict[str, tuple[str, str, str, str, str, str, ParseDate]] = {
    # name: title, unit, frequency, package, file, column, how its dates are written
    "WTI": ("WTI crude oil spot price, Cushing", "USD per barrel", "daily", "arch", "arch/data/wti/wti.csv.gz",
            "DCOILWTICO", american_date),
    "WTI-M": ("WTI crude oil price, monthly", "USD per barrel", "monthly", "arch", CRUDE, "WTI", iso_month),
    "BRENT-M": ("Brent crude oil price, monthly", "USD per barrel", "monthly", "arch", CRUDE, "Brent", iso_month),
    "VIX": ("CBOE volatility index", "percent", "daily", "arch", "arch/data/vix/vix.csv.gz", "vix", american_date),
    "AAA": ("Moody's seasoned Aaa corporate bond yield", "percent", "monthly", "arch", YIELDS, "AAA", american_date),
    "BAA": ("Moody's seasoned Baa corporate bond yield", "percent", "monthly", "arch", YIELDS, "BAA", american_date),
    "MKT-RF": ("US market return over the risk-free rate (Fama-French)", "percent", "monthly", "arch", FACTORS,
               "Mkt-RF", packed_month),
    "SMB": ("US size factor return, small minus big (Fama-French)", "percent", "monthly", "arch", FACTORS, "SMB",
            packed_month),
    "HML": ("US value factor return, high minus low (Fama-French)", "percent", "monthly", "arch", FACTORS, "HML",
            packed_month),
    "RF": ("US one-month risk-free return (Fama-French)", "percent", "monthly", "arch", FACTORS, "RF", packed_month),
    "SP500": ("S&P 500 index, daily close", "points", "daily", "skfolio", "skfolio/datasets/data/sp500_index.csv.gz",
              "SP500", iso),
}


def load(sources: Sources) -> Tables:
    """Empty cells and FRED's "." are days without a quote and left out."""
    series = {name: _values(sources, name) for name in SERIES}
    return {
        models.StockPrice: _closes(sources),
        models.StockBar: _stock_bars(sources),
        models.IndexBar: [row for name, path in INDICES.items() for row in _index_bars(sources, name, path)],
        models.MarketSeries: [
            {"name": name, "title": title, "unit": unit, "frequency": frequency, "first": series[name][0]["date"],
             "last": series[name][-1]["date"]}
            for name, (title, unit, frequency, *_) in SERIES.items()
        ],
        models.MarketValue: [row for rows in series.values() for row in rows],
    }


def _closes(sources: Sources) -> list[Row]:
    return [
        {"ticker": ticker, "date": iso(day["Date"]), "close": float(close)}
        for day in csv_rows(sources, "skfolio", "skfolio/datasets/data/sp500_dataset.csv.gz")
        for ticker, close in day.items() if ticker != "Date" and close
    ]


def _stock_bars(sources: Sources) -> list[Row]:
    return [
        {"ticker": RENAMED.get(day["Ticker"], day["Ticker"]), "date": iso(day["Date"]), **_bar(day),
         "adjusted": float(day["Adj Close"])}
        for day in csv_rows(sources, "bokeh-sampledata", "bokeh_sampledata/_data/stocks.csv.gz")
    ]


def _index_bars(sources: Sources, name: str, path: str) -> list[Row]:
    return [{"index": name, "date": american_date(day["Date"]), **_bar(day)} for day in csv_rows(sources, "arch", path)]


def _bar(day: dict[str, str]) -> Row:
    prices = {name.lower(): round(float(day[name]), 2) for name in ("Open", "High", "Low", "Close")}
    return {**prices, "volume": int(day["Volume"])}


def _values(sources: Sources, name: str) -> list[Row]:
    *_, package, path, column, parse = SERIES[name]
    rows = ((parse(day["Date"]), day[column]) for day in csv_rows(sources, package, path))
    quoted = sorted((date, value) for date, value in rows if value not in ("", "."))
    return [{"series": name, "date": date, "value": float(value)} for date, value in quoted]
