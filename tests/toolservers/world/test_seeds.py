from __future__ import annotations

from typing import Any

import pytest

from toolservers.world import World
from toolservers.world.info import info
from toolservers.world.manifest import manifest
from toolservers.world.seeds import STATEMENTS, seeds

KNOWN = {"country": "Japan", "currency": "USD", "company": "SAP", "ticker": "AAPL", "cik": 320193,
         "isin": "DE0007164600", "mic": "XNYS", "bic": "MARKDEF1100", "index": "DAX", "timezone": "Europe/Paris"}


@pytest.mark.parametrize("entity", STATEMENTS)
async def test_seeds_are_sorted_and_distinct(world: World, entity: str) -> None:
    values: list[Any] = list(await seeds(world, entity))
    assert values == sorted(set(values)) and values
    assert await seeds(world, entity) is await seeds(world, entity)


@pytest.mark.parametrize(("entity", "value"), KNOWN.items())
async def test_a_known_entity_is_a_seed(world: World, entity: str, value: str | int) -> None:
    assert value in await seeds(world, entity)


async def test_an_unknown_type_has_no_seeds(world: World) -> None:
    assert await seeds(world, "unicorn") == ()


async def test_info_counts_and_attributes_every_table(world: World) -> None:
    described = await info(world)
    assert {table.name: table.rows for table in described.tables} == manifest().rows
    assert all(table.sources and table.bytes for table in described.tables)
    assert described.bytes < 300e6
