"""The build of a volume: fetches its sources, loads the rows, hashes them and writes one database.

A build takes its volume's lock, so that of several processes one builds it and the others wait; a build of one volume
touches no other.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol, cast

from filelock import FileLock
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from sqlalchemy import Table

from toolservers.world.errors import WorldError
from toolservers.world.fingerprint import Fingerprint, Row, canonical
from toolservers.world.home import home
from toolservers.world.loader import Loader, Tables
from toolservers.world.location import default_url, sqlite_folder, volume_file
from toolservers.world.postgres_store import PostgresStore
from toolservers.world.sources import Sources
from toolservers.world.sqlite_store import SqliteStore
from toolservers.world.volume import Volume, closure
from toolservers.world.world import open_volumes


class Store(AbstractContextManager[Any], Protocol):
    """A volume under construction; leaving it without `finish` leaves nothing behind."""

    def write(self, table: Table, rows: list[Row]) -> None: ...

    def finish(self, version: str) -> None: ...


def build(domains: Iterable[str] | None = None, url: str | None = None, *, force: bool = False,
          progress: bool = True) -> None:
    """Builds the volumes of some domains (None: of all) and those that they need, unless they are there whole.

    `force` builds them even then. The progress bar goes to standard error. Raises ValueError for an unknown domain, and
    `WorldError` if a source cannot be had or is not the pinned one, or if a table does not come out as the manifest
    says.
    """
    place = url or os.environ.get("DIVEGYM_WORLD") or default_url()
    for volume in closure(domains):
        if force:
            build_volume(volume, place, progress)
        else:
            build_missing(volume, place, progress)


def build_missing(volume: Volume, url: str, progress: bool = True) -> None:
    """Builds one volume unless it is there, perhaps since another process built it while this one waited."""
    with build_lock(volume):
        if not _stands(volume, url):
            build_locked(volume, url, progress)


def build_volume(volume: Volume, url: str, progress: bool = True, loaders: Sequence[Loader] | None = None) -> str:
    """Builds one volume in place of what is there; returns its version."""
    with build_lock(volume):
        return build_locked(volume, url, progress, loaders)


def build_lock(volume: Volume) -> FileLock:
    """Held by the one process that builds the volume."""
    return FileLock(home() / f"{volume.domain}.lock")


def build_locked(volume: Volume, url: str, progress: bool, loaders: Sequence[Loader] | None = None) -> str:
    """`build_volume` for a caller that holds the lock."""
    chosen = volume.loaders if loaders is None else loaders
    sources = Sources(wheel for one in closure([volume.domain]) for wheel in one.manifest.wheels)
    fingerprint = Fingerprint()
    with _progress(volume.domain, progress) as bar, _store(url, volume) as store:
        task = bar.add_task("downloads", total=len(chosen) + 1)
        sources.fetch()
        for load in chosen:
            bar.update(task, advance=1, description=load.__module__.rpartition(".")[2])
            _write(volume, load(sources), fingerprint, store)
        store.finish(fingerprint.version)
        bar.update(task, advance=1, description="done")
    return fingerprint.version


def _write(volume: Volume, tables: Tables, fingerprint: Fingerprint, store: Store) -> None:
    for model, rows in tables.items():
        table = cast(Table, model.__table__)
        ready = canonical(table, rows)
        _check(volume, table, ready)
        fingerprint.add(table, ready)
        store.write(table, ready)


def _store(url: str, volume: Volume) -> Store:
    folder = sqlite_folder(url)
    return PostgresStore(url, volume) if folder is None else SqliteStore(volume_file(folder, volume), volume)


def _stands(volume: Volume, url: str) -> bool:
    try:
        open_volumes(url, [volume])
    except WorldError:
        return False
    return True


def _check(volume: Volume, table: Table, rows: list[Row]) -> None:
    if table not in volume.tables:
        raise WorldError(f"a loader of volume {volume.domain} gives rows of {table.name}, which is not its table")
    expected = volume.manifest.rows.get(table.name, 0)
    if len(rows) != expected:
        raise WorldError(f"table {table.name} came out with {len(rows):,} rows, the manifest says {expected:,}: "
                         "a loader changed, so correct the manifest if that is meant")


def _progress(domain: str, shown: bool) -> Progress:
    columns = (TextColumn(f"building the {domain} volume:"), TextColumn("{task.description}"), BarColumn(),
               MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=Console(stderr=True), disable=not shown)
