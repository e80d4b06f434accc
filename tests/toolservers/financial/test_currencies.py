from __future__ import annotations

import pycountry
import pytest

from toolservers.errors import ErrorKind


@pytest.mark.parametrize("currency", ["JPY", "EUR", "CHF", "KWD"])
async def test_names_are_those_of_iso_4217(ask, currency):
    assert await ask("currency_name", currency=currency) == {"name": pycountry.currencies.get(alpha_3=currency).name}


@pytest.mark.parametrize(("currency", "digits"), [("JPY", 0), ("EUR", 2), ("KWD", 3)])  # ISO 4217 minor units
async def test_decimal_places(ask, currency, digits):
    assert await ask("currency_digits", currency=currency) == {"digits": digits}


async def test_refusals(refusal):
    assert (await refusal("currency_name", currency="XQQ")).kind is ErrorKind.UNKNOWN_ENTITY
    assert (await refusal("currency_name", currency="yen")).kind is ErrorKind.INVALID_ARGUMENTS
    assert "no minor unit" in (await refusal("currency_digits", currency="XAU")).message  # gold
