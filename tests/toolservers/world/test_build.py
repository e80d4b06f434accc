from __future__ import annotations

import multiprocessing
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from toolservers.world import World, WorldError
from toolservers.world.build import build
from toolservers.world.fingerprint import Fingerprint, canonical, fact_tables
from toolservers.world.loaders import currencies, geography
from toolservers.world.manifest import manifest
from toolservers.world.models import Currency
from toolservers.world.sqlite import SqliteWorld

SUBSET = (currencies.load, geography.load)


async def test_the_version_is_the_hash_of_the_rows_that_are_stored(world: World) -> None:
    fingerprint = Fingerprint()
    for table in fact_tables():
        columns = table.columns.keys()
        rows = [dict(zip(columns, row, strict=True)) for row in await world.all(select(table))]
        assert len(rows) == manifest().rows[table.name]
        fingerprint.add(table, canonical(table, rows))
    assert fingerprint.version == world.version == manifest().version


def test_the_same_world_is_built_twice_and_in_any_order(small: Path, tmp_path: Path) -> None:
    again = build(f"sqlite:///{tmp_path / 'again.sqlite'}", progress=False, loaders=SUBSET[::-1])
    assert again == SqliteWorld(small).version


def test_one_changed_value_changes_the_version(small: Path, tmp_path: Path) -> None:
    def altered(sources: Any) -> Any:
        tables = currencies.load(sources)
        tables[Currency][0] = tables[Currency][0] | {"minor_units": 7}
        return tables

    changed = build(f"sqlite:///{tmp_path / 'changed.sqlite'}", progress=False, loaders=(altered, geography.load))
    assert changed != SqliteWorld(small).version


@pytest.mark.parametrize(("rows", "complaint"), [
    (lambda rows: [*rows[1:], rows[1]], "holds .* twice"),
    (lambda rows: rows[1:], "188 rows, the manifest says 189"),
    (lambda rows: [{"code": "EUR"}], "no column 'numeric'"),
])
def test_a_broken_loader_builds_nothing(world: World, tmp_path: Path, rows: Any, complaint: str) -> None:
    def broken(sources: Any) -> Any:
        return {Currency: rows(currencies.load(sources)[Currency])}

    with pytest.raises(WorldError, match=complaint):
        build(f"sqlite:///{tmp_path / 'broken.sqlite'}", progress=False, loaders=(broken,))
    assert list(tmp_path.iterdir()) == []


KILLED = """
import os, signal, sys
from toolservers.world.build import build
from toolservers.world.loaders import currencies

def dies(sources):
    os.kill(os.getpid(), signal.SIGKILL)

build(sys.argv[1], progress=False, loaders=(currencies.load, dies))
"""


def test_a_killed_build_leaves_the_old_world_and_the_next_one_cleans_up(small: Path, tmp_path: Path) -> None:
    path = tmp_path / "world.sqlite"
    path.write_bytes(small.read_bytes())
    killed = subprocess.run([sys.executable, "-c", KILLED, f"sqlite:///{path}"], timeout=60, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert path.read_bytes() == small.read_bytes()
    build(f"sqlite:///{path}", progress=False, loaders=SUBSET)
    assert list(tmp_path.iterdir()) == [path]


def _build(path: str) -> str:
    return build(f"sqlite:///{path}", progress=False, loaders=(currencies.load,))


def test_builds_at_once_take_turns(world: World, tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        versions = pool.map(_build, [str(tmp_path / "world.sqlite")] * 2)
    assert versions[0] == versions[1] == SqliteWorld(tmp_path / "world.sqlite").version
    assert os.listdir(tmp_path) == ["world.sqlite"]


def test_a_missing_world_is_named(tmp_path: Path) -> None:
    with pytest.raises(WorldError, match=r"no world at .*none\.sqlite"):
        SqliteWorld(tmp_path / "none.sqlite")


@pytest.mark.parametrize("keep", [0.0, 0.2, 0.9])
def test_a_file_cut_short_is_refused(small: Path, tmp_path: Path, keep: float) -> None:
    whole = small.read_bytes()
    (tmp_path / "cut.sqlite").write_bytes(whole[: int(len(whole) * keep)])
    with pytest.raises(WorldError, match=r"cut\.sqlite is no whole world"):
        SqliteWorld(tmp_path / "cut.sqlite")


def test_another_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not a database, but longer than a header of one hundred bytes. " * 3)
    with pytest.raises(WorldError, match="is no whole world"):
        SqliteWorld(tmp_path / "notes.txt")


def test_another_schema_is_refused(small: Path, tmp_path: Path) -> None:
    path = tmp_path / "old.sqlite"
    path.write_bytes(small.read_bytes())
    with sqlite3.connect(path) as database:
        database.execute("UPDATE meta SET value = 'older' WHERE key = 'schema'")
    database.close()
    with pytest.raises(WorldError, match="another version of divegym"):
        SqliteWorld(path)
