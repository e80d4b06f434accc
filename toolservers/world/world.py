"""An open world: runs SELECT statements over the models and knows its version."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol, TypeAlias

from sqlalchemy import Select

from toolservers.world.location import default_url, sqlite_path

Statement: TypeAlias = Select[*tuple[Any, ...]]
"""A select of any columns."""
Values: TypeAlias = Mapping[str, Any] | None
"""Values of a statement's own parameters, by name."""


class World(Protocol):
    """What tools see of the database. Statements are SQLAlchemy selects over `toolservers.world.models`.

    A row is a named tuple of the selected columns. Selecting a model selects its columns: `row.name`, not a mapped
    object. Safe to share between threads and event loops.

    A statement with `bindparam`s of its own takes their values beside it; made once, it costs a third of a fresh one.
    """

    version: str
    """Content hash of every row, recorded in every task."""

    async def all(self, statement: Statement, values: Values = None) -> list[Any]:
        """Every row, in the statement's order."""

    async def first(self, statement: Statement, values: Values = None) -> Any | None:
        """The first row, or None."""

    async def scalars(self, statement: Statement, values: Values = None) -> list[Any]:
        """The first column of every row."""


_worlds: dict[str, World] = {}
_opening = threading.Lock()


def open_world(url: str | None = None) -> World:
    """The world at `url`, one per process; without a URL the user's own, built on first use (about a minute).

    Raises `WorldError` if there is none at `url`, or if it is damaged or of another schema.
    """
    place = url or os.environ.get("DIVEGYM_WORLD") or default_url()
    with _opening:
        if place not in _worlds:
            _worlds[place] = _open(place, may_build=place == default_url())
        return _worlds[place]


def _open(url: str, may_build: bool) -> World:
    from toolservers.world.sqlite import SqliteWorld  # imports this module

    path = sqlite_path(url)
    if path is None:
        from toolservers.world.postgres import PostgresWorld  # as well, and a driver that SQLite does without

        return PostgresWorld(url)
    if may_build and not path.exists():
        _build_once(url, path)
    return SqliteWorld(path)


def _build_once(url: str, path: Path) -> None:
    from toolservers.world.build import build_lock, build_locked  # loads pandas, which an open world does without

    with build_lock():
        if not path.exists():  # another process may have built it while this one waited
            build_locked(url, progress=True)
