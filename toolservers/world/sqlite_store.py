"""Writes a volume into one SQLite file, which appears whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path
from typing import cast

from sqlalchemy import Connection, Table, create_engine, text
from sqlalchemy.pool import NullPool

from toolservers.world.fingerprint import Row, schema
from toolservers.world.model import Meta, Model
from toolservers.world.volume import Volume

META = cast(Table, Meta.__table__)
FAST = ("journal_mode = OFF", "synchronous = OFF", "locking_mode = EXCLUSIVE", "cache_size = -65536")


class SqliteStore:
    """A file under construction beside its destination; a killed build leaves that only, for the next to remove."""

    def __init__(self, path: Path, volume: Volume) -> None:
        self.path, self.volume = path, volume
        self.partial = path.with_name(f".{path.name}.partial")

    def __enter__(self) -> SqliteStore:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.partial.unlink(missing_ok=True)
        self._engine = create_engine(f"sqlite:///{self.partial}", poolclass=NullPool)
        self._connection: Connection = self._engine.connect()
        for pragma in FAST:
            self._connection.execute(text(f"PRAGMA {pragma}"))
        self._connection.commit()
        Model.metadata.create_all(self._connection, tables=[META, *self.volume.tables])
        return self

    def write(self, table: Table, rows: list[Row]) -> None:
        if rows:
            self._connection.execute(table.insert(), rows)

    def finish(self, version: str) -> None:
        """Records the version and puts the file in its place."""
        self.write(META, [{"volume": self.volume.domain, "version": version, "schema": schema(self.volume.tables)}])
        self._connection.execute(text("ANALYZE"))
        self._connection.commit()
        self._connection.close()
        with self.partial.open("rb+") as file:
            os.fsync(file.fileno())
        os.replace(self.partial, self.path)

    def __exit__(self, *_: object) -> None:
        self._connection.close()
        self._engine.dispose()
        self.partial.unlink(missing_ok=True)
