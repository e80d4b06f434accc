"""An open world: runs SELECT statements over the models and knows its version."""

from __future__ import annotations

from typing import Any, Protocol

from sqlalchemy import Select


class World(Protocol):
    """What tools see of the database. Statements are SQLAlchemy selects over `toolservers.world.models`."""

    version: str
    """Content hash of every row, recorded in every task."""

    async def all(self, statement: Select[Any]) -> list[Any]:
        """Every row, in the statement's order."""

    async def first(self, statement: Select[Any]) -> Any | None:
        """The first row, or None."""

    async def scalars(self, statement: Select[Any]) -> list[Any]:
        """The first column of every row."""


def open_world(url: str | None = None) -> World: ...
