from __future__ import annotations

import pytest

from toolservers.errors import ErrorKind


@pytest.mark.parametrize(("tool", "mic", "expected"), [  # ISO 10383
    ("exchange_name", "XTKS", {"name": "TOKYO STOCK EXCHANGE"}),
    ("exchange_place", "XTKS", {"city": "Tokyo", "country": "Japan"}),
    ("exchange_place", "XNYS", {"city": "New York City", "country": "United States"}),
    ("exchange_operator", "XNGS", {"operator": "XNAS"}),
    ("exchange_operator", "XNYS", {"operator": "XNYS"}),
])
async def test_facts(ask, tool, mic, expected):
    assert await ask(tool, mic=mic) == expected


async def test_an_exchange_stands_in_its_country(ask):
    listed = await ask("exchanges_in_country", country="JP", limit=50)
    assert listed["total"] == len(listed["items"]) and "XJPX" in listed["items"]  # Japan Exchange Group
    for mic in listed["items"][::5]:
        assert (await ask("exchange_place", mic=mic))["country"] == "Japan"


async def test_segments_name_their_operator(ask):
    listed = await ask("exchange_segments", mic="XNAS", limit=50)
    assert {"XNGS", "XNMS", "XNCM"} <= set(listed["items"]) and "XNAS" not in listed["items"]
    for mic in listed["items"]:
        assert await ask("exchange_operator", mic=mic) == {"operator": "XNAS"}


async def test_refusals(refusal):
    error = await refusal("exchange_name", mic="XTKX")
    assert error.kind is ErrorKind.UNKNOWN_ENTITY and "did you mean XT" in error.message
    for mic in ("xtks", "XT'S", "", 7):
        assert (await refusal("exchange_name", mic=mic)).kind is ErrorKind.INVALID_ARGUMENTS
