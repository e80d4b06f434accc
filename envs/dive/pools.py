"""Where literal arguments come from: the things the world knows, and the values a person would plausibly type."""

from __future__ import annotations

import datetime
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, Literal, get_args, get_origin

from envs.tasks.splits import named, split_of
from envs.tasks.task import Split
from toolservers.annotations import Typical
from toolservers.tool import Parameter, Tool

Seeds = Callable[[str], Awaitable[Sequence[Any]]]
"""Canonical values of an entity type, in a fixed order."""


@dataclass(frozen=True)
class Pools:
    """Draws literals of one split. What a parameter's own `Typical` says comes before the seeds of its entity type."""

    seeds: Seeds
    split: Split
    _values: dict[str, tuple[Any, ...]] = field(default_factory=dict)

    async def draw(self, tool: Tool, parameter: Parameter, rng: Random) -> Any | None:
        """A plausible value for a parameter, or None if nothing in this split fits."""
        if (typical := parameter.typical) is not None:
            return self._choose(parameter, typical.values, rng) if typical.values else between(typical, rng)
        if parameter.entity is not None and named(parameter.entity):
            pool = await self._pool(parameter.entity)
            return rng.choice(pool) if pool else None
        return self._choose(parameter, options(parameter) or (tool.example.get(parameter.name),), rng)

    def _choose(self, parameter: Parameter, values: Sequence[Any], rng: Random) -> Any | None:
        usable = [value for value in values if self._belongs(parameter.entity, value)]
        return plain(rng.choice(usable)) if usable else None

    def _belongs(self, entity: str | None, value: Any) -> bool:
        if value is None or entity is None or not named(entity):
            return value is not None
        items = value if isinstance(value, list | tuple) else [value]
        return all(split_of(entity, item) is self.split for item in items)

    async def _pool(self, entity: str) -> tuple[Any, ...]:
        if entity not in self._values:
            known = await self.seeds(entity)
            self._values[entity] = tuple(plain(value) for value in known if split_of(entity, value) is self.split)
        return self._values[entity]


def between(typical: Typical, rng: Random) -> Any:
    """A number or a day from the span that `typical` names."""
    low, high = typical.low, typical.high
    if isinstance(low, str) and isinstance(high, str):
        first, last = datetime.date.fromisoformat(low), datetime.date.fromisoformat(high)
        return (first + datetime.timedelta(days=rng.randint(0, (last - first).days))).isoformat()
    if low is None or high is None or isinstance(low, str) or isinstance(high, str):
        raise ValueError(f"{typical} needs values, or both ends of a span")
    steps = int((high - low) / typical.step + 1e-9)
    return plain(round(low + typical.step * rng.randint(0, steps), 10))


def options(parameter: Parameter) -> tuple[Any, ...]:
    """The closed set of values of a parameter: those of a `Literal`, or both booleans."""
    hint = parameter.field.annotation
    if get_origin(hint) is Literal:
        return get_args(hint)
    return (True, False) if hint is bool else ()


def plain(value: Any) -> Any:
    """`value` as JSON data, a whole number without a decimal point."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value.isoformat() if isinstance(value, datetime.date) else value
