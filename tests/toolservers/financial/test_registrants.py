from __future__ import annotations

import pytest

from toolservers.errors import ErrorKind


@pytest.mark.parametrize(("tool", "arguments", "expected"), [  # SEC EDGAR
    ("sec_cik", {"ticker": "AAPL"}, {"cik": 320193}),
    ("sec_cik", {"ticker": "IBM"}, {"cik": 51143}),
    ("sec_name", {"cik": 320193}, {"name": "Apple Inc."}),
    ("sec_exchange", {"ticker": "AAPL"}, {"exchange": "Nasdaq"}),
    ("sec_exchange", {"ticker": "IBM"}, {"exchange": "NYSE"}),
    ("sec_tickers", {"cik": 1652044}, {"total": 2, "items": ["GOOG", "GOOGL"]}),
])
async def test_facts(ask, tool, arguments, expected):
    assert await ask(tool, **arguments) == expected


async def test_refusals(refusal):
    assert "AAPL" in (await refusal("sec_cik", ticker="AAPLL")).message
    assert (await refusal("sec_cik", ticker="A' OR 1=1")).kind is ErrorKind.INVALID_ARGUMENTS
    error = await refusal("sec_name", cik=7)
    assert error.kind is ErrorKind.UNKNOWN_ENTITY and error.message.startswith("cik: ")
    for cik in ("320193", 0, 1.5, 10**12):
        assert (await refusal("sec_name", cik=cik)).kind is ErrorKind.INVALID_ARGUMENTS
