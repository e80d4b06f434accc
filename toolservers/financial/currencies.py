"""Currencies in use (ISO 4217)."""

from __future__ import annotations

from typing import Annotated

from toolservers.annotations import Noun
from toolservers.entities import Currency
from toolservers.general.names import find_currency
from toolservers.lookup import present
from toolservers.tool import Kind, Output, tool
from toolservers.world import World


class CurrencyName(Output):
    name: Annotated[str, Noun("the name of the currency {currency}")]


class CurrencyDigits(Output):
    digits: Annotated[int, Noun("the number of decimal places of {currency}")]


@tool(Kind.RETRIEVAL, example={"currency": "JPY"})
async def currency_name(world: World, currency: Currency) -> CurrencyName:
    """Name of a currency."""
    return CurrencyName(name=(await find_currency(world, currency)).name)


@tool(Kind.RETRIEVAL, example={"currency": "JPY"})
async def currency_digits(world: World, currency: Currency) -> CurrencyDigits:
    """Decimal places in which amounts of a currency are written: 2 where it has cents."""
    row = await find_currency(world, currency)
    return CurrencyDigits(digits=present(row.minor_units, "currency", f"{row.code} has no minor unit"))
