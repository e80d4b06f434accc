"""Companies registered with the US Securities and Exchange Commission: tickers and central index keys."""

from __future__ import annotations

from typing import Annotated, Any

from sqlalchemy import select

from toolservers.annotations import Entity, Noun
from toolservers.entities import Cik, Ticker
from toolservers.errors import unknown_entity
from toolservers.financial.facts import models
from toolservers.lookup import page_of_names, present, require
from toolservers.quantities import Count
from toolservers.tool import Kind, Limit, Offset, Output, Page, tool
from toolservers.world import World


class TickerCik(Output):
    cik: Annotated[Cik, Noun("the SEC central index key of the stock {ticker}")]


class TickerExchange(Output):
    exchange: Annotated[str, Noun("the exchange that the SEC names for the stock {ticker}")]


class RegistrantName(Output):
    name: Annotated[str, Noun("the name of the SEC registrant with the central index key {cik}")]


class RegistrantTickers(Page[str]):
    total: Annotated[Count, Noun("the number of tickers of the SEC registrant with the central index key {cik}")]
    items: Annotated[list[str], Entity("ticker"),
                     Noun("the tickers of the SEC registrant with the central index key {cik}", item="ticker")]


@tool(Kind.RETRIEVAL, example={"ticker": "AAPL"})
async def sec_cik(world: World, ticker: Ticker) -> TickerCik:
    """SEC central index key behind a US ticker."""
    return TickerCik(cik=(await find_security(world, ticker)).cik)


@tool(Kind.RETRIEVAL, example={"ticker": "AAPL"})
async def sec_exchange(world: World, ticker: Ticker) -> TickerExchange:
    """US exchange on which a stock is listed, as the SEC writes it."""
    row = await find_security(world, ticker)
    return TickerExchange(exchange=present(row.exchange, "ticker", f"{row.ticker} has no exchange on record"))


@tool(Kind.RETRIEVAL, example={"cik": 320193})
async def sec_name(world: World, cik: Cik) -> RegistrantName:
    """Name of an SEC registrant, as it stands in the register."""
    return RegistrantName(name=(await find_registrant(world, cik)).name)


@tool(Kind.RETRIEVAL, example={"cik": 1652044})
async def sec_tickers(world: World, cik: Cik, limit: Limit = 10, offset: Offset = 0) -> RegistrantTickers:
    """Tickers of an SEC registrant, in alphabetical order."""
    await find_registrant(world, cik)
    security = models.Security
    statement = select(security.ticker).where(security.cik == cik).order_by(security.ticker)
    total, items = await page_of_names(world, statement, limit, offset)
    return RegistrantTickers(total=total, items=items)


async def find_security(world: World, ticker: str) -> Any:
    """The row of a US-listed security, by ticker."""
    security = models.Security
    statement = select(security.__table__).where(security.ticker == ticker)
    return await require(world, statement, "ticker", ticker, security.ticker)


async def find_registrant(world: World, cik: int) -> Any:
    """The first security of an SEC registrant."""
    row = await world.first(select(models.Security.__table__).where(models.Security.cik == cik)
                            .order_by(models.Security.ticker))
    if row is None:
        raise unknown_entity("cik", str(cik))
    return row
