from __future__ import annotations

import statistics
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolservers.errors import ToolError

NUMBERS = st.floats(-1e9, 1e9).filter(lambda number: number == 0 or abs(number) > 1e-6)
LISTS = st.lists(NUMBERS, min_size=2, max_size=20)


def near(exact: Fraction | float, first: float = 0.0, digits: int = 12) -> object:
    """Equal up to the tool's digits; the scale of the operands bounds what cancellation may cost."""
    return pytest.approx(float(exact), rel=10.0 ** (1 - digits), abs=1e-15 * abs(first) + 1e-300)


@given(NUMBERS, NUMBERS)
async def test_operations_agree_with_exact_fractions(call, first, second):
    pair, a, b = {"first": first, "second": second}, Fraction(first), Fraction(second)
    scale = abs(first) + abs(second)
    assert (await call("number_sum", **pair))["sum"] == near(a + b, scale)
    assert (await call("number_difference", **pair))["difference"] == near(a - b, scale)
    assert (await call("number_product", **pair))["product"] == near(a * b)
    assert (await call("number_max", **pair))["largest"] == near(max(a, b))
    assert (await call("number_min", **pair))["smallest"] == near(min(a, b))
    if second:
        assert (await call("number_ratio", **pair))["ratio"] == near(a / b, digits=6)
        assert (await call("number_share", **pair))["share"] == near(100 * a / b, digits=6)
    if first:
        assert (await call("number_change", **pair))["change"] == near(
            100 * (b - a) / abs(a), 100 * scale / abs(first), digits=6)


@given(LISTS)
async def test_mean_median_and_deviation_agree_with_the_standard_library(call, values):
    scale = 1e3 * max(map(abs, values))
    assert (await call("number_mean", values=values))["mean"] == near(statistics.mean(map(Fraction, values)), scale)
    assert (await call("number_median", values=values))["median"] == near(statistics.median(values), scale)
    found = (await call("number_deviation", values=values))["deviation"]
    assert found == near(statistics.stdev(map(Fraction, values)), scale)


async def test_rounding_and_large_counts_keep_their_digits(call):
    assert await call("number_round", value=2.675, places=2) == {"rounded": 2.67}  # the double lies below 2.675
    assert await call("number_round", value=2.5, places=0) == {"rounded": 2.0}
    found = await call("number_difference", first=1_411_778_724.0, second=126_804_433.0)
    assert found == {"difference": 1_284_974_291.0}


async def test_change_of_a_negative_number_is_measured_by_its_size(call):
    assert await call("number_change", first=-50.0, second=-25.0) == {"change": 50.0}


async def test_division_by_zero_names_the_parameter(call):
    for name, parameter in (("number_ratio", "second"), ("number_share", "second"), ("number_change", "first")):
        with pytest.raises(ToolError, match=f"{parameter}: must not be zero"):
            await call(name, first=0.0, second=0.0)
    with pytest.raises(ToolError, match="values: List should have at least 2 items"):
        await call("number_mean", values=[1.0])
    with pytest.raises(ToolError, match="first: Input should be a valid number"):
        await call("number_sum", first="1", second=2.0)
