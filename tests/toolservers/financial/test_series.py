from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import linregress

from toolservers.errors import ToolError
from toolservers.financial.series import LONG, SAMPLES

X, Y = [1.0, 2.5, 3.0, 4.0, 7.0], [2.1, 3.9, 6.2, 7.8, 9.0]


async def test_regression_agrees_with_scipy(call):
    expected = linregress(X, Y)
    assert (await call("regression_slope", x=X, y=Y))["slope"] == pytest.approx(expected.slope, rel=1e-9)
    assert (await call("regression_intercept", x=X, y=Y))["intercept"] == pytest.approx(expected.intercept, rel=1e-9)
    assert (await call("regression_fit", x=X, y=Y))["r_squared"] == pytest.approx(expected.rvalue**2, rel=1e-5)


@pytest.mark.parametrize("values", [list(map(float, sample)) for sample in SAMPLES])
async def test_trend_autocorrelation_and_forecast_agree_with_numpy_and_pandas(call, values):
    trend = (await call("series_trend", values=values))["trend"]
    assert trend == pytest.approx(np.polyfit(range(len(values)), values, 1)[0], rel=1e-8)
    rest = np.array(values) - np.mean(values)
    expected = np.correlate(rest, rest, "full")[len(values) + 1] / np.dot(rest, rest)
    found = (await call("series_autocorrelation", values=values, lag=2))["autocorrelation"]
    assert found == pytest.approx(expected, rel=1e-5)
    forecast = (await call("series_forecast", values=values, alpha=0.3))["forecast"]
    assert forecast == pytest.approx(pd.Series(values).ewm(alpha=0.3, adjust=False).mean().iloc[-1], rel=1e-9)


@pytest.mark.parametrize("lags", [0, 1])
async def test_dickey_fuller_statistic_is_the_t_value_of_its_regression(call, lags):
    values = np.array(LONG[0], float)
    steps = np.diff(values)
    rows = len(steps) - lags
    columns = [values[lags:-1], *(steps[lags - k:len(steps) - k] for k in range(1, lags + 1)), np.ones(rows)]
    design, target = np.column_stack(columns), steps[lags:]
    beta, residual, *_ = np.linalg.lstsq(design, target, rcond=None)
    error = np.sqrt(residual[0] / (rows - design.shape[1]) * np.linalg.inv(design.T @ design)[0, 0])
    found = await call("series_adf", values=values.tolist(), lags=lags)
    assert found["statistic"] == pytest.approx(beta[0] / error, rel=1e-5)
    assert 0 < found["p_value"] < 1


async def test_series_without_an_answer_are_refused(call):
    with pytest.raises(ToolError, match=r"y: has 2 values where x has 3|y: List should have at least 3"):
        await call("regression_slope", x=[1.0, 2.0, 3.0], y=[1.0, 2.0])
    with pytest.raises(ToolError, match="x: its values or their steps are all the same"):
        await call("regression_slope", x=[1.0, 1.0, 1.0], y=[1.0, 2.0, 3.0])
    with pytest.raises(ToolError, match=r"lag: must be below the number of values \(3\)"):
        await call("series_autocorrelation", values=[1.0, 2.0, 3.0], lag=3)
    with pytest.raises(ToolError, match="values: its values or their steps are all the same"):
        await call("series_adf", values=[float(step) for step in range(20)], lags=1)
    with pytest.raises(ToolError, match="values: they follow the regression without an error"):
        await call("series_adf", values=[0.0, 1.0] * 10, lags=0)
