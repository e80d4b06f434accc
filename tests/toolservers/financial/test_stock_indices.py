from __future__ import annotations

import pytest

from toolservers.errors import ErrorKind

YEAR = {"start": "2008-01-01", "end": "2008-12-31"}


async def test_levels_of_the_crisis(ask):
    # S&P Dow Jones Indices: 1,447.16 on 2 January, the year's low of 752.44 on 20 November, 903.25 at its end
    assert await ask("index_close", index="S&P 500", on="2008-10-10") == {"close": 899.22}
    assert await ask("index_high", index="S&P 500", **YEAR) == {"close": 1447.16, "on": "2008-01-02"}
    assert await ask("index_low", index="S&P 500", **YEAR) == {"close": 752.44, "on": "2008-11-20"}
    loss = await ask("index_change", index="S&P 500", start="2008-01-02", end="2008-12-31")
    assert loss["change"] == pytest.approx(100 * (903.25 / 1447.16 - 1), rel=1e-5)
    assert 752.44 < (await ask("index_mean", index="S&P 500", **YEAR))["close"] < 1447.16
    assert (await ask("index_closes", index="S&P 500", start="2008-10-10", limit=1)) == {"closes": [899.22]}


async def test_an_index_without_levels_says_which_have_some(refusal):
    error = await refusal("index_close", index="DAX", on="2008-10-10")
    assert error.kind is ErrorKind.UNKNOWN_ENTITY and "S&P 500" in error.message
    assert "2008-10-10" in (await refusal("index_close", index="S&P 500", on="2008-10-11")).message
