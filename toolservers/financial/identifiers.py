"""Identifiers of securities, firms and accounts: their check digits and parts, by rule and without any register.

ISIN: ISO 6166 (Luhn); LEI and IBAN: ISO 17442 and ISO 13616 (mod 97-10, ISO 7064). CUSIP: ANSI X9.6.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from toolservers.annotations import Entity, Noun, Typical
from toolservers.entities import Iban, Isin
from toolservers.errors import ToolError
from toolservers.tool import Kind, Output, tool

LIBRARIES = ("pycountry", "schwifty", "stdnum")
ISIN_BODIES = ("US037833100", "US594918104", "DE000716460", "GB000263494", "FR000012027", "JP363340000")
IBANS = ("DE89370400440532013000", "GB29NWBK60161331926819", "FR1420041010050500013M02606", "NL91ABNA0417164300",
         "BE68539007547034", "CH9300762011623852957", "ES9121000418450200051332", "AT611904300234573201")
SomeIban = Annotated[Iban, Typical(values=IBANS)]
LeiCode = Annotated[
    str, Entity("lei"), Field(pattern="^[A-Z0-9]{18}[0-9]{2}$", description="legal entity identifier, 20 characters"),
    Typical(values=("HWUPKR0MPOU8FGXBT394", "INR2EJN1ERAN0W5ZP974", "5493006MHB84DD0ZWV18", "5493000IBP32UQZ0KL24",
                    "7LTWFZYICNSX8D621K86", "529900T8BM49AURSDO55")),
]


class CheckDigit(Output):
    digit: Annotated[int, Noun("the check digit that completes the ISIN {body}")]


class IsinValidity(Output):
    valid: Annotated[bool, Noun("whether the ISIN {isin} is valid")]


class IsinCountry(Output):
    country: Annotated[str, Entity("country"), Noun("the country of the ISIN {isin}", form="as a two-letter code")]


class IsinCusip(Output):
    cusip: Annotated[str, Entity("cusip"), Noun("the CUSIP in the ISIN {isin}")]


class LeiValidity(Output):
    valid: Annotated[bool, Noun("whether the LEI {lei} is valid")]


class IbanValidity(Output):
    valid: Annotated[bool, Noun("whether the IBAN {iban} is valid")]


class IbanCountry(Output):
    country: Annotated[str, Entity("country"), Noun("the country of the IBAN {iban}", form="as a two-letter code")]


class IbanBank(Output):
    bank_code: Annotated[str, Entity("bank_code"), Noun("the bank code in the IBAN {iban}")]


class IbanAccount(Output):
    account: Annotated[str, Noun("the account number in the IBAN {iban}")]


@tool(Kind.PROCESSING, example={"body": "US037833100"})
async def isin_digit(
    body: Annotated[
        str, Field(pattern="^[A-Z]{2}[A-Z0-9]{9}$", description="ISIN without its last digit, 11 characters"),
        Typical(values=ISIN_BODIES),
    ],
) -> CheckDigit:
    """Check digit of an ISIN."""
    return CheckDigit(digit=luhn_digit(body))


@tool(Kind.PROCESSING, example={"isin": "US0378331005"})
async def isin_valid(isin: Isin) -> IsinValidity:
    """Whether the check digit of an ISIN is right and its prefix an ISO 3166 country or XS, EU and the like."""
    from stdnum import isin as rules

    return IsinValidity(valid=rules.is_valid(isin))


@tool(Kind.PROCESSING, example={"isin": "US0378331005"})
async def isin_country(isin: Isin) -> IsinCountry:
    """Country whose numbering agency gave out an ISIN, as the ISO 3166 code that the ISIN begins with."""
    return IsinCountry(country=country_code("isin", isin))


@tool(Kind.PROCESSING, example={"isin": "US0378331005"})
async def isin_cusip(isin: Isin) -> IsinCusip:
    """CUSIP number inside an American or Canadian ISIN."""
    if isin[:2] not in {"US", "CA"}:
        raise ToolError(f"isin: {isin} is not American or Canadian, so it holds no CUSIP; give one with US or CA")
    return IsinCusip(cusip=isin[2:11])


@tool(Kind.PROCESSING, example={"lei": "HWUPKR0MPOU8FGXBT394"})
async def lei_valid(lei: LeiCode) -> LeiValidity:
    """Whether the two check digits of a legal entity identifier are right."""
    return LeiValidity(valid=int("".join(str(int(sign, 36)) for sign in lei)) % 97 == 1)


@tool(Kind.PROCESSING, example={"iban": "DE89370400440532013000"})
async def iban_valid(iban: SomeIban) -> IbanValidity:
    """Whether an IBAN has the length, layout and check digits of its country."""
    from schwifty import IBAN

    return IbanValidity(valid=IBAN(iban, allow_invalid=True).is_valid)


@tool(Kind.PROCESSING, example={"iban": "DE89370400440532013000"})
async def iban_country(iban: SomeIban) -> IbanCountry:
    """Country of an IBAN, as the ISO 3166 code that it begins with."""
    return IbanCountry(country=country_code("iban", iban))


@tool(Kind.PROCESSING, example={"iban": "DE89370400440532013000"})
async def iban_bank(iban: SomeIban) -> IbanBank:
    """Bank code inside a valid IBAN."""
    return IbanBank(bank_code=iban_part(iban, "bank_code"))


@tool(Kind.PROCESSING, example={"iban": "DE89370400440532013000"})
async def iban_account(iban: SomeIban) -> IbanAccount:
    """Account number inside a valid IBAN."""
    return IbanAccount(account=iban_part(iban, "account_code"))


def luhn_digit(body: str) -> int:
    """Luhn check digit of letters (A = 10) and digits."""
    digits = [int(digit) for sign in body for digit in str(int(sign, 36))]
    doubled = (2 * digit if place % 2 == 0 else digit for place, digit in enumerate(reversed(digits)))
    return -sum(digit // 10 + digit % 10 for digit in doubled) % 10


def country_code(parameter: str, identifier: str) -> str:
    """The first two letters, if they are an ISO 3166 code; raises `ToolError` for XS, EU and other prefixes."""
    import pycountry

    if pycountry.countries.get(alpha_2=identifier[:2]) is None:
        raise ToolError(f"{parameter}: its prefix {identifier[:2]} is not a country's; give one with a country code")
    return identifier[:2]


def iban_part(iban: str, part: str) -> str:
    """A component of a valid IBAN; raises `ToolError` for an invalid one."""
    from schwifty import IBAN
    from schwifty.exceptions import SchwiftyException

    try:
        value = str(getattr(IBAN(iban), part))
    except SchwiftyException as error:
        raise ToolError(f"iban: {iban} is not valid ({error}); check its digits") from error
    if not value:
        raise ToolError(f"iban: the IBANs of {iban[:2]} do not hold this part")
    return value
