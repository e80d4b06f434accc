"""Dated values of one entity: what `fx_rates` holds for a currency, or `stock_prices` for a ticker.

A day without a value is an error that names the nearest day with one; nothing is carried forward silently.
"""

from __future__ import annotations

import datetime
import difflib
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import BindParameter, Select, bindparam, func, select
from sqlalchemy.orm import InstrumentedAttribute

from toolservers.errors import ErrorKind, ToolError
from toolservers.world import World


@dataclass(frozen=True)
class TimeSeries:
    """Where the values stand: `key` names the entity, passed by agents as `parameter`."""

    key: InstrumentedAttribute[str]
    date: InstrumentedAttribute[datetime.date]
    value: InstrumentedAttribute[float]
    parameter: str

    @cached_property
    def _on(self) -> Select[Any]:
        """The row of a day."""
        return self.of(bindparam("entity")).where(self.date == bindparam("day"))

    @cached_property
    def _before(self) -> Select[Any]:
        return self.of(bindparam("entity")).where(self.date < bindparam("day")).order_by(self.date.desc()).limit(1)

    @cached_property
    def _after(self) -> Select[Any]:
        return self.of(bindparam("entity")).where(self.date > bindparam("day")).order_by(self.date).limit(1)

    @cached_property
    def _highest(self) -> Select[Any]:
        return self._period.order_by(self.value.desc(), self.date).limit(1)

    @cached_property
    def _lowest(self) -> Select[Any]:
        return self._period.order_by(self.value, self.date).limit(1)

    @cached_property
    def _mean(self) -> Select[Any]:
        return select(func.avg(self.value)).where(
            self.key == bindparam("entity"), self.date.between(bindparam("start"), bindparam("end")))

    @cached_property
    def _period(self) -> Select[Any]:
        return self.of(bindparam("entity")).where(self.date.between(bindparam("start"), bindparam("end")))

    @cached_property
    def _entities(self) -> Select[Any]:
        return self.entities()

    def of(self, entity: str | BindParameter[Any]) -> Select[Any]:
        """Rows `(date, value)` of an entity, in no order."""
        columns: list[Any] = [self.date.label("date"), self.value.label("value")]
        return select(*columns).where(self.key == entity)

    async def at(self, world: World, entity: str, on: datetime.date, name: str = "on") -> float:
        """The value on a day. Raises `ToolError` for an unknown entity and for a day without a value."""
        row = await world.first(self._on, {"entity": entity, "day": on})
        if row is None:
            raise await self.missing(world, entity, on, name)
        return float(row.value)

    async def missing(self, world: World, entity: str, on: datetime.date, name: str) -> ToolError:
        """The error for a day without a value."""
        values = {"entity": entity, "day": on}
        before, after = await world.first(self._before, values), await world.first(self._after, values)
        if before is None and after is None:
            return await self.unknown(world, entity)
        days = " and ".join(row.date.isoformat() for row in (before, after) if row is not None)
        return ToolError(f"{name}: no value for {entity} on {on}; nearest: {days}")

    async def unknown(self, world: World, entity: str) -> ToolError:
        """The error for an entity without any value; it may well be known elsewhere."""
        keys = await world.scalars(self._entities, {})
        near = difflib.get_close_matches(entity, keys, n=3) or keys[:5]
        return ToolError(f"{self.parameter}: no values for {entity[:64]!r}; there are some for {', '.join(near)}",
                         ErrorKind.UNKNOWN_ENTITY)

    def entities(self, on: datetime.date | None = None) -> Select[Any]:
        """Every entity in order, or those with a value on a day: one index seek each, where DISTINCT reads all rows."""
        least: Any = select(func.min(self.key).label("key")).cte("entities", recursive=True)
        following = select(func.min(self.key)).where(self.key > least.c.key).scalar_subquery()
        each = least.union_all(select(following).where(least.c.key.is_not(None)))
        statement: Select[Any] = select(each.c.key).where(each.c.key.is_not(None)).order_by(each.c.key)
        return statement if on is None else statement.where(
            select(self.date).where(self.key == each.c.key, self.date == on).exists())

    async def change(self, world: World, entity: str, start: datetime.date, end: datetime.date) -> float:
        """Percent by which the value on `end` exceeds that on `start`."""
        in_order(start, end)
        first = await self.at(world, entity, start, "start")
        if first <= 0:
            raise ToolError(f"start: the value on {start} is {first:g}; a percentage needs one above zero")
        return 100 * (await self.at(world, entity, end, "end") / first - 1)

    async def extreme(self, world: World, entity: str, start: datetime.date, end: datetime.date, *,
                      highest: bool) -> Any:
        """The row `(date, value)` with the highest or lowest value of a period, the earliest one of equals."""
        in_order(start, end)
        statement = self._highest if highest else self._lowest
        row = await world.first(statement, {"entity": entity, "start": start, "end": end})
        if row is None:
            raise await self.missing(world, entity, start, "start")
        return row

    async def mean(self, world: World, entity: str, start: datetime.date, end: datetime.date) -> float:
        """Mean of the values of a period."""
        in_order(start, end)
        mean = (await world.scalars(self._mean, {"entity": entity, "start": start, "end": end}))[0]
        if mean is None:
            raise await self.missing(world, entity, start, "start")
        return float(mean)

    async def following(self, world: World, entity: str, start: datetime.date, limit: int) -> list[Any]:
        """The first `limit` rows `(date, value)` from `start` on; raises `ToolError` if there are none."""
        rows = await world.all(self.of(entity).where(self.date >= start).order_by(self.date).limit(limit))
        if not rows:
            raise await self.missing(world, entity, start, "start")
        return rows

    def between(self, entity: str, start: datetime.date, end: datetime.date) -> Select[Any]:
        """Rows `(date, value)` of a period, both ends included, in no order."""
        return self.of(entity).where(self.date.between(start, end))


def in_order(start: datetime.date, end: datetime.date) -> None:
    """Raises `ToolError` unless `start` lies before `end`."""
    if start >= end:
        raise ToolError(f"end: {end} does not lie after the start, {start}")
