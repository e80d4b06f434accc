"""Where a world lies: a database URL, or a file in the user's cache folder named after the recipe that builds it."""

from __future__ import annotations

import hashlib
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from toolservers.world.errors import WorldError
from toolservers.world.home import home

RECIPE_DIGITS = 12


def recipe() -> str:
    """A hash of everything that decides what a build holds: models, manifest and loaders."""
    folder = Path(__file__).parent
    parts = [folder / "models.py", folder / "manifest.toml", *sorted((folder / "loaders").glob("*.py"))]
    return hashlib.sha256(b"\0".join(part.read_bytes() for part in parts)).hexdigest()[:RECIPE_DIGITS]


def default_url() -> str:
    """The file that belongs to this version of the code: changed loaders never read an old file."""
    return f"sqlite:///{home() / f'world-{recipe()}.sqlite'}"


def sqlite_path(url: str) -> Path | None:
    """The file behind a SQLite URL, None for PostgreSQL; raises `WorldError` for anything else."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise WorldError(f"{url!r} is no database URL; write sqlite:///path or postgresql://user@host/name") from error
    if parsed.get_backend_name() == "postgresql":
        return None
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        raise WorldError(f"{parsed.render_as_string()}: a world is a SQLite file or a PostgreSQL database")
    return Path(parsed.database)
