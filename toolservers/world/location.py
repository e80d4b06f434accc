"""Where a world lies: a folder with one SQLite file per volume, or one PostgreSQL database that holds them all."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from toolservers.world.errors import WorldError
from toolservers.world.home import home
from toolservers.world.volume import Volume


def default_url() -> str:
    """The user's cache folder."""
    return f"sqlite:///{home()}"


def volume_file(folder: Path, volume: Volume) -> Path:
    """The file that belongs to this version of the code: changed loaders never read an old file."""
    return folder / f"{volume.domain}-{volume.recipe}.sqlite"


def sqlite_folder(url: str) -> Path | None:
    """The folder behind a SQLite URL, None for PostgreSQL; raises `WorldError` for anything else."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise WorldError(f"{url!r} is no database URL; write sqlite:///folder or postgresql://user@host/db") from error
    if parsed.get_backend_name() == "postgresql":
        return None
    if parsed.get_backend_name() != "sqlite" or not parsed.database or Path(parsed.database).is_file():
        raise WorldError(f"{parsed.render_as_string()}: a world is a folder of SQLite files (sqlite:///folder) "
                         "or a PostgreSQL database")
    return Path(parsed.database)
