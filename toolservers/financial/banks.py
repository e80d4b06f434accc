"""Banks by BIC and by national bank code, and what a country's IBANs look like (national registries, SWIFT)."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field
from sqlalchemy import select

from toolservers.annotations import Entity, Noun
from toolservers.entities import Bic, Country
from toolservers.errors import unknown_entity
from toolservers.financial.facts import models
from toolservers.general.names import find_country
from toolservers.lookup import page_of_names, present, require
from toolservers.quantities import Count
from toolservers.tool import Kind, Limit, Offset, Output, Page, tool
from toolservers.world import World

NationalCode = Annotated[str, Entity("bank_code"), Field(pattern="^[A-Z0-9]{1,12}$", description="national bank code")]


class BankName(Output):
    name: Annotated[str, Noun("the name of the bank with the BIC {bic}")]


class BankCountry(Output):
    country: Annotated[Country, Noun("the country of the bank with the BIC {bic}")]


class BankWithCode(Output):
    bic: Annotated[Bic, Noun("the BIC of the bank with the national code {code} in {country}")]


class BankCode(Output):
    code: Annotated[NationalCode, Noun("the lowest national code of the bank with the BIC {bic}")]


class BanksInCountry(Page[str]):
    total: Annotated[Count, Noun("the number of BICs on record in {country}")]
    items: Annotated[list[str], Entity("bic"), Noun("the BICs of the banks in {country}", item="BIC")]


class IbanLength(Output):
    length: Annotated[int, Noun("the number of characters of an IBAN from {country}")]


class IbanSepa(Output):
    sepa: Annotated[bool, Noun("whether {country} is part of the single euro payments area")]


@tool(Kind.RETRIEVAL, example={"bic": "DEUTDEFF"})
async def bank_name(world: World, bic: Bic) -> BankName:
    """Name of a bank."""
    return BankName(name=(await find_bank(world, bic)).name)


@tool(Kind.RETRIEVAL, example={"bic": "DEUTDEFF"})
async def bank_country(world: World, bic: Bic) -> BankCountry:
    """Country of a bank."""
    return BankCountry(country=(await find_bank(world, bic)).country)


@tool(Kind.RETRIEVAL, example={"country": "Germany", "code": "10070000"})
async def bank_by_code(world: World, country: Country, code: NationalCode) -> BankWithCode:
    """BIC of the bank with a national bank code, the one inside its IBANs."""
    name, known = (await find_country(world, country)).name, models.BankCode
    row = await world.first(select(known.bic.label("bic")).where(known.country == name, known.code == code))
    if row is None:
        near = select(known.code).where(known.country == name, known.code.startswith(code[:2], autoescape=True))
        raise unknown_entity("code", code, await world.scalars(near.order_by(known.code).limit(300)))
    return BankWithCode(bic=present(row.bic, "code", f"the bank with the code {code} has no BIC on record"))


@tool(Kind.RETRIEVAL, example={"bic": "DEUTDEFF"})
async def bank_code(world: World, bic: Bic) -> BankCode:
    """National code of a bank, the one inside its IBANs; of several the lowest."""
    row, known = await find_bank(world, bic), models.BankCode
    codes = select(known.code).where(known.bic == row.bic, known.country == row.country).order_by(known.code)
    found = await world.scalars(codes.limit(1))
    return BankCode(code=present(next(iter(found), None), "bic", f"{row.bic} has no national code on record"))


@tool(Kind.RETRIEVAL, example={"country": "Austria"})
async def banks_in_country(world: World, country: Country, limit: Limit = 5, offset: Offset = 0) -> BanksInCountry:
    """BICs of the banks of a country, in alphabetical order."""
    name, bank = (await find_country(world, country)).name, models.Bank
    statement = select(bank.bic).where(bank.country == name).order_by(bank.bic)
    total, items = await page_of_names(world, statement, limit, offset)
    return BanksInCountry(total=total, items=items)


@tool(Kind.RETRIEVAL, example={"country": "Germany"})
async def iban_length(world: World, country: Country) -> IbanLength:
    """Number of characters of a country's IBANs."""
    return IbanLength(length=(await find_spec(world, country)).length)


@tool(Kind.RETRIEVAL, example={"country": "Germany"})
async def iban_sepa(world: World, country: Country) -> IbanSepa:
    """Whether a country takes part in the single euro payments area (SEPA)."""
    return IbanSepa(sepa=(await find_spec(world, country)).sepa)


async def find_bank(world: World, bic: str) -> Any:
    """The row of a bank by BIC; a head office is the same with and without its XXX."""
    bank = models.Bank
    statement = select(bank.__table__).where(bank.bic == bic.removesuffix("XXX"))
    return await require(world, statement, "bic", bic, bank.bic)


async def find_spec(world: World, country: str) -> Any:
    """The make-up of a country's IBANs; raises `ToolError` for a country that has none."""
    name, spec = (await find_country(world, country)).name, models.IbanSpec
    row = await world.first(select(spec.__table__).where(spec.country == name))
    return present(row, "country", f"{name} does not use IBANs")
