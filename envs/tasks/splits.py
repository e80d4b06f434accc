"""Held-out entities: the split of a named thing, decided by its hash alone.

About 80 % of all entities are for training, 5 % for development and 15 % for testing. A training task touches training
entities only, in its arguments and in every output behind it; a test task is asked about test entities only. So what a
test question names never stood in a training episode, in any position. Quantities and dates name nothing and are free;
a question about these alone is split by the hash of its text.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from envs.tasks.schema import entity_values
from envs.tasks.task import Split
from toolservers.tool import Tool

QUANTITIES = frozenset({
    "number", "factor", "amount", "price", "bond_price", "rate_percent", "percent", "volatility", "ratio", "count",
    "year", "area", "length", "mass", "temperature",
})
UNNAMED = QUANTITIES | {"date"}
"""Entity types whose values belong to every split."""


def named(entity: str | None) -> bool:
    """Whether values of this type name things, so that they can be held out."""
    return entity is not None and entity not in UNNAMED


@lru_cache(maxsize=100_000)
def split_of(entity: str, value: Any) -> Split:
    """The split of one entity: the same on every machine, for ever."""
    digest = hashlib.sha256(f"{entity}\0{value}".encode()).digest()
    share = int.from_bytes(digest[:8], "big") / 2**64
    return Split.TRAIN if share < 0.80 else Split.DEV if share < 0.85 else Split.TEST


def argument_entities(tool: Tool, arguments: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """(type, value) of every named entity among the arguments of a call."""
    return [(entity, value) for entity, value in entity_values(tool.arguments, arguments) if named(entity)]


def output_entities(tool: Tool, output: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """(type, value) of every named entity in the output of a call, lists and nested records included."""
    return [(entity, value) for entity, value in entity_values(tool.output, output) if named(entity)]


def within(split: Split, entities: Iterable[tuple[str, Any]]) -> bool:
    """Whether all these entities belong to `split`."""
    return all(split_of(entity, value) is split for entity, value in entities)
