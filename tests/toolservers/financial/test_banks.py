from __future__ import annotations

import pytest

from toolservers.errors import ErrorKind


@pytest.mark.parametrize(("tool", "arguments", "expected"), [
    ("bank_name", {"bic": "DEUTDEFF"}, {"name": "Deutsche Bank"}),
    ("bank_name", {"bic": "DEUTDEFFXXX"}, {"name": "Deutsche Bank"}),  # ISO 9362: XXX is the head office
    ("bank_country", {"bic": "DEUTDEFF"}, {"country": "Germany"}),
    ("bank_by_code", {"country": "Germany", "code": "10070000"}, {"bic": "DEUTDEBB"}),  # Bundesbank, Bankleitzahlen
    ("bank_by_code", {"country": "DE", "code": "50010517"}, {"bic": "INGDDEFF"}),
    ("iban_length", {"country": "Germany"}, {"length": 22}),  # SWIFT IBAN registry
    ("iban_length", {"country": "Norway"}, {"length": 15}),
    ("iban_length", {"country": "Malta"}, {"length": 31}),
    ("iban_sepa", {"country": "Switzerland"}, {"sepa": True}),
    ("iban_sepa", {"country": "Brazil"}, {"sepa": False}),
])
async def test_facts(ask, tool, arguments, expected):
    assert await ask(tool, **arguments) == expected


async def test_banks_of_a_country_belong_to_it(ask):
    listed = await ask("banks_in_country", country="Austria", limit=50)
    assert len(listed["items"]) == 50 < listed["total"] and listed["items"] == sorted(listed["items"])
    for bic in listed["items"][::10]:
        assert await ask("bank_country", bic=bic) == {"country": "Austria"}


async def test_a_national_code_leads_back_to_the_bank(ask):
    code = (await ask("bank_code", bic="INGDDEFF"))["code"]
    assert await ask("bank_by_code", country="Germany", code=code) == {"bic": "INGDDEFF"}


async def test_refusals(refusal):
    assert "did you mean DEUTDE" in (await refusal("bank_name", bic="DEUTDEFX")).message
    error = await refusal("bank_by_code", country="Germany", code="10070009")
    assert error.kind is ErrorKind.UNKNOWN_ENTITY and "10070000" in error.message
    assert "does not use IBANs" in (await refusal("iban_length", country="United States")).message
    for bic in ("DEUT", "deutdeff", "DEUTDEFF' OR 1", 5):
        assert (await refusal("bank_name", bic=bic)).kind is ErrorKind.INVALID_ARGUMENTS
