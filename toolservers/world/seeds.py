"""Seeds: for each entity type that the world knows, the canonical values from which task synthesis draws."""

from __future__ import annotations

import weakref

from toolservers.world.volume import volumes
from toolservers.world.world import Statement, World

Seeds = tuple[str, ...] | tuple[int, ...]
_drawn: weakref.WeakKeyDictionary[World, dict[str, Seeds]] = weakref.WeakKeyDictionary()


async def seeds(world: World, entity: str) -> Seeds:
    """Every canonical value of an entity type, in order; empty for a type that the world does not know."""
    known = _drawn.setdefault(world, {})
    if entity not in known:
        statement = statement_of(world, entity)
        known[entity] = () if statement is None else tuple(await world.scalars(statement))
    return known[entity]


def statement_of(world: World, entity: str) -> Statement | None:
    """Of several volumes that know a type, the one built on the others decides: it knows what it has facts on."""
    for domain in reversed(list(world.versions)):
        if entity in volumes()[domain].seeds:
            return volumes()[domain].seeds[entity]
    return None
