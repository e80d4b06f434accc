from __future__ import annotations

from typing import get_args

import pytest
import stdnum.cusip
import stdnum.iban
import stdnum.isin
import stdnum.lei
from hypothesis import given
from hypothesis import strategies as st

from toolservers.errors import ToolError
from toolservers.financial.identifiers import IBANS, ISIN_BODIES, LeiCode


@given(st.from_regex("^[A-Z]{2}[A-Z0-9]{9}$", fullmatch=True))
async def test_isin_digit_agrees_with_stdnum(call, body):
    assert str((await call("isin_digit", body=body))["digit"]) == stdnum.isin.calc_check_digit(body)


@pytest.mark.parametrize("body", ISIN_BODIES)
async def test_isin_validity_by_every_last_digit(call, body):
    right = (await call("isin_digit", body=body))["digit"]
    for digit in range(10):
        assert await call("isin_valid", isin=f"{body}{digit}") == {"valid": digit == right}


async def test_isin_country_and_cusip(call):
    assert await call("isin_country", isin="JP3633400001") == {"country": "JP"}
    assert await call("isin_cusip", isin="US0378331005") == {"cusip": "037833100"}
    assert stdnum.cusip.is_valid("037833100")
    with pytest.raises(ToolError, match="isin: its prefix XS is not a country's"):
        await call("isin_country", isin="XS0378331005")
    with pytest.raises(ToolError, match=r"isin: .* holds no CUSIP"):
        await call("isin_cusip", isin="JP3633400001")
    with pytest.raises(ToolError, match="isin: String should match"):
        await call("isin_valid", isin="JP36")


@given(st.from_regex("^[A-Z0-9]{18}$", fullmatch=True), st.integers(0, 99))
async def test_lei_validity_agrees_with_stdnum(call, body, digits):
    for lei in (f"{body}{digits:02d}", body + stdnum.iso7064.mod_97_10.calc_check_digits(body)):
        assert (await call("lei_valid", lei=lei))["valid"] == stdnum.lei.is_valid(lei)


async def test_typical_leis_are_real(call):
    for lei in get_args(LeiCode)[-1].values:
        assert await call("lei_valid", lei=lei) == {"valid": True}


@pytest.mark.parametrize("iban", IBANS)
async def test_iban_validity_and_parts(call, iban):
    assert stdnum.iban.is_valid(iban, check_country=False)
    assert await call("iban_valid", iban=iban) == {"valid": True}
    broken = iban[:-1] + str((int(iban[-1], 36) + 1) % 10)
    assert await call("iban_valid", iban=broken) == {"valid": False}
    assert await call("iban_country", iban=iban) == {"country": iban[:2]}
    bank = (await call("iban_bank", iban=iban))["bank_code"]
    account = (await call("iban_account", iban=iban))["account"]
    assert bank in iban[4:] and iban[4:].index(bank) < iban[4:].index(account)
    with pytest.raises(ToolError, match=r"iban: .* is not valid"):
        await call("iban_bank", iban=broken)


async def test_parts_of_a_german_and_a_british_account(call):  # examples of the SWIFT IBAN registry
    assert await call("iban_bank", iban="DE89370400440532013000") == {"bank_code": "37040044"}
    assert await call("iban_account", iban="DE89370400440532013000") == {"account": "0532013000"}
    assert await call("iban_bank", iban="GB29NWBK60161331926819") == {"bank_code": "NWBK"}
    assert await call("iban_account", iban="GB29NWBK60161331926819") == {"account": "31926819"}
