from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from toolservers.errors import ToolError

PRICES = [100.0, 103.0, 99.0, 104.0, 95.5, 108.0, 105.0, 107.25]
SERIES = pd.Series(PRICES)


@pytest.mark.parametrize("window", [2, 3, 5, 7])
async def test_indicators_agree_with_pandas(call, window):
    arguments = {"prices": PRICES, "window": window}
    rolling = SERIES.rolling(window)
    assert (await call("indicator_sma", **arguments))["average"] == pytest.approx(rolling.mean().iloc[-1])
    exponential = SERIES.ewm(span=window, adjust=False).mean().iloc[-1]
    assert (await call("indicator_ema", **arguments))["average"] == pytest.approx(exponential, rel=1e-7)
    band = await call("indicator_bollinger", width=1.5, **arguments)
    reach = 1.5 * rolling.std(ddof=0).iloc[-1]
    assert band["upper"] == pytest.approx(rolling.mean().iloc[-1] + reach, rel=1e-7)
    assert band["lower"] == pytest.approx(rolling.mean().iloc[-1] - reach, rel=1e-7)
    changes = SERIES.diff()
    gain, loss = (changes.clip(lower=0).rolling(window).mean().iloc[-1],
                  (-changes.clip(upper=0)).rolling(window).mean().iloc[-1])
    strength = 100 - 100 / (1 + gain / loss) if loss else 100.0
    assert (await call("indicator_rsi", **arguments))["rsi"] == pytest.approx(strength, rel=1e-5)
    change = 100 * SERIES.pct_change(window).iloc[-1]
    assert (await call("indicator_momentum", **arguments))["momentum"] == pytest.approx(change, rel=1e-5)


async def test_macd_is_the_difference_of_two_averages(call):
    fast, slow = (SERIES.ewm(span=span, adjust=False).mean().iloc[-1] for span in (3, 6))
    found = (await call("indicator_macd", prices=PRICES, fast=3, slow=6))["macd"]
    assert np.isclose(found, fast - slow, rtol=1e-6)


async def test_windows_longer_than_the_series_are_refused(call):
    with pytest.raises(ToolError, match="prices: 9 are needed and 8 given"):
        await call("indicator_sma", prices=PRICES, window=9)
    with pytest.raises(ToolError, match=r"slow: must be greater than fast \(6\)"):
        await call("indicator_macd", prices=PRICES, fast=6, slow=6)
    with pytest.raises(ToolError, match="prices: the latest prices do not move"):
        await call("indicator_rsi", prices=[2.0, 2.0, 2.0], window=2)
