"""Which figures feed which parameters: what is like in kind, not merely in form."""

import pytest

from envs.dive.wiring import accepts
from toolservers.catalog import load

TOOLS = load("financial", "general")


@pytest.mark.parametrize(("source", "field", "taker", "parameter", "fits"), [
    ("cpi_month_inflation", "inflation", "loan_payment", "rate", True),
    ("stock_return", "change", "loan_payment", "rate", False),
    ("number_share", "share", "bond_price", "rate", False),
    ("prices_drawdown", "drawdown", "option_price", "volatility", False),
    ("prices_volatility", "volatility", "option_price", "volatility", True),
    ("prices_volatility", "volatility", "loan_payment", "rate", False),
    ("stock_close", "close", "bond_yield", "price", False),
    ("bond_price", "price", "bond_yield", "price", True),
    ("stock_close", "close", "number_product", "first", False),
    ("stock_close", "close", "number_sum", "first", True),
])
def test_a_figure_feeds_its_like(source: str, field: str, taker: str, parameter: str, fits: bool) -> None:
    assert accepts(TOOLS[taker].parameters[parameter], TOOLS[source].fields[field]) is fits
