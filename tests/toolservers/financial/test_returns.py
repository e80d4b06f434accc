from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from toolservers.errors import ToolError

PRICES = [100.0, 103.0, 99.0, 104.0, 95.5, 108.0, 105.0]
OTHERS = [50.0, 52.0, 51.0, 52.5, 49.0, 50.5, 53.0]
RETURNS = pd.Series(PRICES).pct_change().dropna()
MARKET = pd.Series(OTHERS).pct_change().dropna()


async def test_returns_between_two_prices(call):
    assert (await call("return_simple", first=80.0, second=100.0)) == {"change": 25.0}
    assert (await call("return_log", first=80.0, second=100.0))["change"] == pytest.approx(100 * np.log(1.25), rel=1e-5)
    rate = (await call("return_annual", first=80.0, second=100.0, years=4))["rate"]
    assert 80 * (1 + rate / 100) ** 4 == pytest.approx(100, rel=1e-6)


@pytest.mark.parametrize("periods", [12, 252])
async def test_volatility_and_sharpe_ratio_agree_with_numpy(call, periods):
    found = (await call("prices_volatility", prices=PRICES, periods=periods))["volatility"]
    assert found == pytest.approx(100 * np.std(np.diff(np.log(PRICES)), ddof=1) * np.sqrt(periods), rel=1e-5)
    excess = RETURNS - 0.02 / periods
    found = (await call("prices_sharpe", prices=PRICES, rate=2.0, periods=periods))["ratio"]
    assert found == pytest.approx(excess.mean() / excess.std() * np.sqrt(periods), rel=1e-5)


async def test_drawdown_is_the_worst_of_all_pairs(call):
    worst = max(1 - low / high for place, high in enumerate(PRICES) for low in PRICES[place:])
    assert (await call("prices_drawdown", prices=PRICES))["drawdown"] == pytest.approx(100 * worst, rel=1e-5)


async def test_correlation_and_beta_agree_with_pandas(call):
    found = (await call("prices_correlation", prices=PRICES, others=OTHERS))["correlation"]
    assert found == pytest.approx(RETURNS.corr(MARKET), rel=1e-5)
    found = (await call("prices_beta", prices=PRICES, others=OTHERS))["beta"]
    assert found == pytest.approx(RETURNS.cov(MARKET) / MARKET.var(), rel=1e-5)


async def test_series_without_an_answer_are_refused(call):
    flat = [5.0, 5.0, 5.0]
    for name, parameter, arguments in (("prices_sharpe", "prices", {"prices": flat}),
                                       ("prices_correlation", "prices", {"prices": flat, "others": OTHERS[:3]}),
                                       ("prices_beta", "others", {"prices": OTHERS[:3], "others": flat}),
                                       ("prices_beta", "others", {"prices": PRICES, "others": OTHERS[:3]}),
                                       ("prices_volatility", "prices", {"prices": [1.0, 2.0]}),
                                       ("prices_drawdown", "prices", {"prices": [1.0, -2.0, 3.0]}),
                                       ("prices_drawdown", "prices", {"prices": [1.0] * 501})):
        with pytest.raises(ToolError, match=f"^{parameter}"):
            await call(name, **arguments)
