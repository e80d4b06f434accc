from __future__ import annotations

import datetime
import statistics

import pytest
from sqlalchemy import select

from toolservers.errors import ErrorKind
from toolservers.financial.facts import models

YEAR = {"start": "2020-01-01", "end": "2020-12-31"}


async def rates(world, currency, start, end):
    known = models.FxRate
    first, last = datetime.date.fromisoformat(start), datetime.date.fromisoformat(end)
    rows = await world.all(select(known.date, known.rate).where(known.currency == currency).order_by(known.date))
    return [(day, rate) for day, rate in rows if first <= day <= last]


@pytest.mark.parametrize(("currency", "on", "rate"), [  # European Central Bank, eurofxref
    ("USD", "1999-01-04", 1.1789), ("USD", "2020-01-02", 1.1193), ("JPY", "2020-01-02", 121.75),
    ("GBP", "2016-06-24", 0.8075), ("LTL", "2014-12-31", 3.4528),
])
async def test_rates_are_those_of_the_ecb(ask, currency, on, rate):
    assert await ask("fx_rate", currency=currency, on=on) == {"rate": rate}


@pytest.mark.parametrize("currency", ["USD", "TRY", "ISK"])
async def test_a_period_agrees_with_brute_force(ask, world, currency):
    values = await rates(world, currency, **YEAR)
    top = max(rate for _, rate in values)
    bottom = min(rate for _, rate in values)
    first = {rate: day.isoformat() for day, rate in reversed(values)}
    assert await ask("fx_high", currency=currency, **YEAR) == {"rate": top, "on": first[top]}
    assert await ask("fx_low", currency=currency, **YEAR) == {"rate": bottom, "on": first[bottom]}
    mean = (await ask("fx_mean", currency=currency, **YEAR))["rate"]
    assert mean == pytest.approx(statistics.fmean(rate for _, rate in values), rel=1e-5)


async def test_change_and_history(ask, world):
    history = await ask("fx_history", currency="USD", start="2020-01-01", limit=3)
    assert history["items"] == [{"on": "2020-01-02", "rate": 1.1193}, {"on": "2020-01-03", "rate": 1.1147},
                                {"on": "2020-01-06", "rate": 1.1194}]
    assert await ask("fx_fixings", currency="USD", start="2020-01-01", limit=3) == {"rates": [1.1193, 1.1147, 1.1194]}
    change = await ask("fx_change", currency="USD", start="2020-01-02", end="2020-01-03")
    assert change["change"] == pytest.approx(100 * (1.1147 - 1.1193) / 1.1193, rel=1e-5)


async def test_conversion_crosses_through_the_euro(ask):
    day = {"on": "2020-01-02"}
    yen = await ask("fx_convert", amount=100, currency="USD", target="JPY", **day)
    assert yen == {"amount": round(100 / 1.1193 * 121.75, 2)}
    back = await ask("fx_convert", amount=yen["amount"], currency="JPY", target="USD", **day)
    assert back == {"amount": 100.0}
    assert await ask("fx_convert", amount=100, currency="EUR", target="USD", **day) == {"amount": 111.93}
    assert await ask("fx_convert", amount=111.93, currency="USD", target="EUR", **day) == {"amount": 100.0}


async def test_currencies_of_a_day(ask, world):
    listed = await ask("fx_currencies", on="2020-01-02", limit=50)
    assert listed["total"] == len(listed["items"]) == 32 and listed["items"] == sorted(listed["items"])
    assert "ISK" in listed["items"] and "EUR" not in listed["items"] and "LTL" not in listed["items"]


async def test_a_day_without_a_rate_names_the_nearest(refusal):
    message = (await refusal("fx_rate", currency="USD", on="2020-01-04")).message  # a Saturday
    assert message.startswith("on: ") and "2020-01-03" in message and "2020-01-06" in message
    assert "2014-12-31" in (await refusal("fx_rate", currency="LTL", on="2020-01-02")).message
    dollar, weekend = {"currency": "USD"}, {"start": "2020-01-04", "end": "2020-01-05"}
    assert (await refusal("fx_change", **dollar, start="2020-01-02", end="2020-01-04")).message.startswith("end: ")
    assert (await refusal("fx_currencies", on="2020-01-04")).message.startswith("on: ")
    assert (await refusal("fx_mean", **dollar, **weekend)).message.startswith("start: ")


async def test_unknown_and_wrong_currencies(refusal):
    error = await refusal("fx_rate", currency="USX", on="2020-01-02")
    assert error.kind is ErrorKind.UNKNOWN_ENTITY and "USD" in error.message
    error = await refusal("fx_convert", amount=1, currency="USD", target="XXX", on="2020-01-02")
    assert error.kind is ErrorKind.UNKNOWN_ENTITY and error.message.startswith("target: ")
    assert "EUR has none" in (await refusal("fx_rate", currency="EUR", on="2020-01-02")).message
    for arguments in ({"currency": "usd"}, {"currency": "US' --"}, {"on": "2020-13-01"}, {"on": 20200102}):
        error = await refusal("fx_rate", **{"currency": "USD", "on": "2020-01-02"} | arguments)
        assert error.kind is ErrorKind.INVALID_ARGUMENTS


async def test_a_period_runs_forward(refusal):
    assert (await refusal("fx_mean", currency="USD", start="2020-12-31", end="2020-01-01")).message.startswith("end: ")
