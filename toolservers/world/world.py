"""An open world: runs SELECT statements over the tables of its volumes and knows their versions."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeAlias

from sqlalchemy import Select

from toolservers.world.location import default_url, sqlite_folder, volume_file
from toolservers.world.volume import Volume, closure

Statement: TypeAlias = Select[*tuple[Any, ...]]
"""A select of any columns."""
Values: TypeAlias = Mapping[str, Any] | None
"""Values of a statement's own parameters, by name."""


class World(Protocol):
    """What tools see of the database. Statements are SQLAlchemy selects over the models of its volumes.

    A row is a named tuple of the selected columns. Selecting a model selects its columns: `row.name`, not a mapped
    object. Safe to share between threads and event loops.

    A statement with `bindparam`s of its own takes their values beside it; made once, it costs a third of a fresh one.
    """

    versions: Mapping[str, str]
    """By volume, the hash of every row; a volume stands after those that it needs."""
    version: str
    """All of that as one text (`toolservers.world.version`), recorded in every task."""

    async def all(self, statement: Statement, values: Values = None) -> list[Any]:
        """Every row, in the statement's order."""

    async def first(self, statement: Statement, values: Values = None) -> Any | None:
        """The first row, or None."""

    async def scalars(self, statement: Statement, values: Values = None) -> list[Any]:
        """The first column of every row."""


_worlds: dict[tuple[str, tuple[Volume, ...]], World] = {}
_opening = threading.Lock()


def open_world(domains: Iterable[str] | None = None, url: str | None = None) -> World:
    """The volumes of some domains (None: of all) and those that they need, out of the world at `url`.

    A process opens the same volumes once. Without a URL they are the user's own, built on first use (about a minute).
    Raises ValueError for an unknown domain, and `WorldError` if a volume is not there, damaged or of another schema.
    """
    place, volumes = url or os.environ.get("DIVEGYM_WORLD") or default_url(), closure(domains)
    with _opening:
        if (place, volumes) not in _worlds:
            if place == default_url():
                _build_missing(place, volumes)
            _worlds[place, volumes] = open_volumes(place, volumes)
        return _worlds[place, volumes]


def open_volumes(url: str, volumes: Sequence[Volume]) -> World:
    """A new connection to just these volumes."""
    folder = sqlite_folder(url)
    if folder is None:
        from toolservers.world.postgres import PostgresWorld  # imports this module, and a driver

        return PostgresWorld(url, volumes)
    from toolservers.world.sqlite import SqliteWorld  # imports this module

    return SqliteWorld({volume: volume_file(folder, volume) for volume in volumes})


def _build_missing(url: str, volumes: Sequence[Volume]) -> None:
    folder = sqlite_folder(url)
    missing = [volume for volume in volumes if folder and not volume_file(folder, volume).exists()]
    if missing:
        from toolservers.world.build import build_missing  # loads what an open world does without

        for volume in missing:
            build_missing(volume, url)
