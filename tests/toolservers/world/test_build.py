from __future__ import annotations

import multiprocessing
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from toolservers.general.facts.loaders import currencies, geography
from toolservers.general.facts.models import Currency
from toolservers.world import World, WorldError, open_world
from toolservers.world.build import build, build_lock, build_volume
from toolservers.world.fingerprint import Fingerprint, canonical
from toolservers.world.home import home
from toolservers.world.location import volume_file
from toolservers.world.sqlite import SqliteWorld
from toolservers.world.volume import volumes
from toolservers.world.world import open_volumes

GENERAL = volumes()["general"]


@pytest.mark.parametrize("domain", volumes())
async def test_the_version_is_the_hash_of_the_rows_that_are_stored(world: World, domain: str) -> None:
    volume, fingerprint = volumes()[domain], Fingerprint()
    for table in volume.tables:
        columns = table.columns.keys()
        rows = [dict(zip(columns, row, strict=True)) for row in await world.all(select(table))]
        assert len(rows) == volume.manifest.rows[table.name]
        fingerprint.add(table, canonical(table, rows))
    assert fingerprint.version == world.versions[domain] == volume.manifest.version


def test_the_same_volume_is_built_twice_and_in_any_order(tmp_path: Path, world: World) -> None:
    again = build_volume(GENERAL, f"sqlite:///{tmp_path}", progress=False, loaders=GENERAL.loaders[::-1])
    assert again == world.versions["general"]


def test_one_changed_value_changes_the_version(tmp_path: Path, world: World) -> None:
    def altered(sources: Any) -> Any:
        tables = currencies.load(sources)
        tables[Currency][0] = tables[Currency][0] | {"minor_units": 7}
        return tables

    changed = build_volume(GENERAL, f"sqlite:///{tmp_path}", progress=False, loaders=(altered, geography.load))
    assert changed != world.versions["general"]


def test_what_is_there_is_built_anew_by_force_alone(small: Path, tmp_path: Path) -> None:
    path = volume_file(tmp_path, GENERAL)
    shutil.copy(volume_file(small, GENERAL), path)
    written = path.stat().st_ino
    build(["general"], f"sqlite:///{tmp_path}", progress=False)
    assert path.stat().st_ino == written
    build(["general"], f"sqlite:///{tmp_path}", progress=False, force=True)
    assert path.stat().st_ino != written
    assert list(tmp_path.iterdir()) == [path]  # the other volume was not asked for


@pytest.mark.parametrize(("rows", "complaint"), [
    (lambda rows: [*rows[1:], rows[1]], "holds .* twice"),
    (lambda rows: rows[1:], "188 rows, the manifest says 189"),
    (lambda rows: [{"code": "EUR"}], "no column 'numeric'"),
])
def test_a_broken_loader_builds_nothing(world: World, tmp_path: Path, rows: Any, complaint: str) -> None:
    def broken(sources: Any) -> Any:
        return {Currency: rows(currencies.load(sources)[Currency])}

    with pytest.raises(WorldError, match=complaint):
        build_volume(GENERAL, f"sqlite:///{tmp_path}", progress=False, loaders=(broken,))
    assert list(tmp_path.iterdir()) == []


def test_a_loader_fills_the_tables_of_its_own_volume_only(world: World, tmp_path: Path) -> None:
    with pytest.raises(WorldError, match="volume financial gives rows of currencies, which is not its table"):
        build_volume(volumes()["financial"], f"sqlite:///{tmp_path}", progress=False, loaders=[currencies.load])


KILLED = """
import os, signal, sys
from toolservers.general.facts.loaders import currencies
from toolservers.world.build import build_volume
from toolservers.world.volume import volumes

def dies(sources):
    os.kill(os.getpid(), signal.SIGKILL)

build_volume(volumes()["general"], sys.argv[1], progress=False, loaders=(currencies.load, dies))
"""


def test_a_killed_build_leaves_the_old_volume_and_the_next_one_cleans_up(small: Path, tmp_path: Path) -> None:
    whole, path, url = volume_file(small, GENERAL).read_bytes(), volume_file(tmp_path, GENERAL), f"sqlite:///{tmp_path}"
    path.write_bytes(whole)
    killed = subprocess.run([sys.executable, "-c", KILLED, url], timeout=60, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert path.read_bytes() == whole
    build_volume(GENERAL, url, progress=False)
    assert list(tmp_path.iterdir()) == [path]


def _build(url: str) -> str:
    return build_volume(GENERAL, url, progress=False, loaders=(currencies.load,))


def test_builds_at_once_take_turns(world: World, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}"
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        versions = pool.map(_build, [url] * 2)
    assert versions[0] == versions[1] == open_volumes(url, [GENERAL]).versions["general"]
    assert list(tmp_path.iterdir()) == [volume_file(tmp_path, GENERAL)]


def test_a_volume_is_built_while_another_one_is(world: World, tmp_path: Path) -> None:
    with build_lock(volumes()["financial"]):
        assert _build(f"sqlite:///{tmp_path}")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(WorldError, match=r"no volume at .*none\.sqlite"):
        SqliteWorld({GENERAL: tmp_path / "none.sqlite"})


@pytest.mark.parametrize("keep", [0.0, 0.2, 0.9])
def test_a_file_cut_short_is_refused(small: Path, tmp_path: Path, keep: float) -> None:
    whole = volume_file(small, GENERAL).read_bytes()
    (tmp_path / "cut.sqlite").write_bytes(whole[: int(len(whole) * keep)])
    with pytest.raises(WorldError, match=r"cut\.sqlite is no whole volume"):
        SqliteWorld({GENERAL: tmp_path / "cut.sqlite"})


def test_another_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not a database, but longer than a header of one hundred bytes. " * 3)
    with pytest.raises(WorldError, match="is no whole volume"):
        SqliteWorld({GENERAL: tmp_path / "notes.txt"})


@pytest.mark.parametrize("change", ["schema = 'older'", "volume = 'financial'"])
def test_another_schema_or_volume_is_refused(small: Path, tmp_path: Path, change: str) -> None:
    path = tmp_path / "old.sqlite"
    shutil.copy(volume_file(small, GENERAL), path)
    with sqlite3.connect(path) as database:
        database.execute(f"UPDATE meta SET {change}")
    database.close()
    with pytest.raises(WorldError, match="another version of divegym"):
        SqliteWorld({GENERAL: path})


def test_a_first_use_builds_what_it_needs_and_no_more(world: World, tmp_path: Path,
                                                      monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "wheels").symlink_to(home() / "wheels")
    monkeypatch.setenv("DIVEGYM_HOME", str(tmp_path))
    monkeypatch.delenv("DIVEGYM_WORLD", raising=False)
    assert open_world(["general"]).versions == {"general": world.versions["general"]}
    assert [path.name for path in tmp_path.glob("*.sqlite")] == [volume_file(tmp_path, GENERAL).name]
