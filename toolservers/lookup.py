"""Look-ups that retrieval tools share: the one row behind a name, a fact that may be missing, a page of a list.

Every miss is a `ToolError` that names the parameter and the nearest names that the world knows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import InstrumentedAttribute

from toolservers.errors import ToolError, unknown_entity
from toolservers.world import World

CANDIDATES = 300  # names compared with a misspelt one: bounds the work that a wrong argument can cause
COMMON_STARTS = (6, 4, 2)
LAST_SIGN = "\U0010ffff"
T = TypeVar("T")
Names = InstrumentedAttribute[str] | InstrumentedAttribute[str | None]


async def require(world: World, statement: Select[Any], parameter: str, value: str | int, names: Names,
                  values: Mapping[str, Any] | None = None) -> Any:
    """The first row of `statement`; raises the unknown-entity error with suggestions from the column `names`."""
    row = await world.first(statement, values)
    if row is None:
        raise unknown_entity(parameter, str(value), await candidates(world, names, str(value)))
    return row


async def candidates(world: World, names: Names, value: str) -> list[str]:
    """Known names worth suggesting for `value`: those with the longest common start, else the first of the column."""
    listed = select(names).where(names.is_not(None)).distinct().order_by(names).limit(CANDIDATES)
    for length in COMMON_STARTS:
        start = value[:1].upper() + value[1:length]
        if alike := await world.scalars(listed.where(names.between(start, start + LAST_SIGN))):  # a range: one seek
            return [str(name) for name in alike]
    return [str(name) for name in await world.scalars(listed)]


def present(value: T | None, parameter: str, message: str) -> T:
    """A fact that the world may not hold; raises `ToolError` where it does not."""
    if value is None:
        raise ToolError(f"{parameter}: {message}")
    return value


async def page(world: World, statement: Select[Any], limit: int, offset: int) -> tuple[int, list[Any]]:
    """How many rows `statement` has, and those of one window of it."""
    counted = select(func.count()).select_from(statement.order_by(None).subquery())
    total = (await world.scalars(counted))[0]
    return int(total), await world.all(statement.limit(limit).offset(offset))


async def page_of_names(world: World, statement: Select[Any], limit: int, offset: int) -> tuple[int, list[Any]]:
    """`page` for a statement of one column: its bare values."""
    total, rows = await page(world, statement, limit, offset)
    return total, [row[0] for row in rows]


def same_text(column: Names, value: str) -> ColumnElement[bool]:
    """Equality that ignores case (beyond ASCII only where the database does) and surrounding white space."""
    return func.lower(column) == value.strip().lower()
