"""The build of a world: fetches the sources, loads the rows, hashes them and writes one database.

A build takes a lock, so that of several processes one builds and the others wait.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol, cast

from filelock import FileLock
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from sqlalchemy import Table

from toolservers.world.errors import WorldError
from toolservers.world.fingerprint import Fingerprint, Row, canonical
from toolservers.world.home import home
from toolservers.world.loaders import LOADERS, Loader
from toolservers.world.loaders.rows import Tables
from toolservers.world.location import default_url, sqlite_path
from toolservers.world.manifest import manifest
from toolservers.world.postgres_store import PostgresStore
from toolservers.world.sources import Sources
from toolservers.world.sqlite_store import SqliteStore


class Store(AbstractContextManager[Any], Protocol):
    """A database under construction; leaving it without `finish` leaves nothing behind."""

    def write(self, table: Table, rows: list[Row]) -> None: ...

    def finish(self, version: str) -> None: ...


def build(url: str | None = None, progress: bool = True, loaders: Sequence[Loader] = LOADERS) -> str:
    """Builds the world at `url` (default: the user's cache folder) in place of what is there; returns its version.

    The progress bar goes to standard error. Raises `WorldError` if a source cannot be had or is not the pinned one, or
    if a table does not come out as the manifest says.
    """
    with build_lock():
        return build_locked(url or default_url(), progress, loaders)


def build_lock() -> FileLock:
    """Held by the one process that builds."""
    return FileLock(home() / "build.lock")


def build_locked(url: str, progress: bool, loaders: Sequence[Loader] = LOADERS) -> str:
    """`build` for a caller that holds the lock."""
    sources, fingerprint = Sources(), Fingerprint()
    with _progress(progress) as bar, _store(url) as store:
        task = bar.add_task("downloads", total=len(loaders) + 1)
        sources.fetch()
        for load in loaders:
            bar.update(task, advance=1, description=load.__module__.rpartition(".")[2])
            _write(load(sources), fingerprint, store)
        store.finish(fingerprint.version)
        bar.update(task, advance=1, description="done")
    return fingerprint.version


def _write(tables: Tables, fingerprint: Fingerprint, store: Store) -> None:
    for model, rows in tables.items():
        table = cast(Table, model.__table__)
        ready = canonical(table, rows)
        _check(table, ready)
        fingerprint.add(table, ready)
        store.write(table, ready)


def _store(url: str) -> Store:
    path = sqlite_path(url)
    return PostgresStore(url) if path is None else SqliteStore(path)


def _check(table: Table, rows: list[Row]) -> None:
    expected = manifest().rows.get(table.name, 0)
    if len(rows) != expected:
        raise WorldError(f"table {table.name} came out with {len(rows):,} rows, the manifest says {expected:,}: "
                         "a loader changed, so correct the manifest if that is meant")


def _progress(shown: bool) -> Progress:
    columns = (TextColumn("building the world:"), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
               TimeElapsedColumn())
    return Progress(*columns, console=Console(stderr=True), disable=not shown)
