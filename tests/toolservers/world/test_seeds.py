from __future__ import annotations

from typing import Any

import pytest

from toolservers.world import World, open_world
from toolservers.world.info import info
from toolservers.world.seeds import seeds
from toolservers.world.volume import volumes

KNOWN = {"country": "Japan", "currency": "USD", "company": "SAP", "ticker": "AAPL", "cik": 320193,
         "isin": "DE0007164600", "mic": "XNYS", "bic": "MARKDEF1100", "index": "DAX", "timezone": "Europe/Paris"}


@pytest.mark.parametrize("entity", sorted({entity for volume in volumes().values() for entity in volume.seeds}))
async def test_seeds_are_sorted_and_distinct(world: World, entity: str) -> None:
    values: list[Any] = list(await seeds(world, entity))
    assert values == sorted(set(values)) and values
    assert await seeds(world, entity) is await seeds(world, entity)


@pytest.mark.parametrize(("entity", "value"), KNOWN.items())
async def test_a_known_entity_is_a_seed(world: World, entity: str, value: str | int) -> None:
    assert value in await seeds(world, entity)


async def test_an_unknown_type_has_no_seeds(world: World) -> None:
    assert await seeds(world, "unicorn") == ()


async def test_of_two_volumes_the_one_built_on_the_other_chooses(world: World) -> None:
    """The euro has no rate against itself; the kuna has one and no country any more."""
    used, quoted = await seeds(open_world(["general"]), "currency"), await seeds(world, "currency")
    assert "EUR" in used and "HRK" not in used
    assert "EUR" not in quoted and "HRK" in quoted


async def test_info_counts_and_attributes_every_table(world: World) -> None:
    described = await info(world)
    for volume in described.volumes:
        assert {table.name: table.rows for table in volume.tables} == volumes()[volume.domain].manifest.rows
        assert all(table.sources and table.bytes for table in volume.tables)
        assert all(source.rows and source.bytes for source in volume.sources)
        assert volume.bytes == sum(table.bytes for table in volume.tables)
    assert (described.rows, described.version) == (824_404, world.version)
    assert described.bytes < 300e6
