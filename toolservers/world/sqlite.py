"""The world in SQLite files, one per volume: statements run at once on the caller's thread, so nothing is awaited.

SQLAlchemy compiles a statement once per shape; after that a look-up costs its cache key and the bare SQLite call.
"""

from __future__ import annotations

import datetime
import os
import sqlite3
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Boolean, Date
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.sql.compiler import SQLCompiler

from toolservers.world.errors import WorldError
from toolservers.world.fingerprint import schema
from toolservers.world.rows import row_maker
from toolservers.world.version import text
from toolservers.world.volume import Volume
from toolservers.world.world import Statement, Values

DIALECT = SQLiteDialect_pysqlite(paramstyle="named")
MOST_SHAPES = 4096  # compiled statements held; a tool has a few
STATEMENTS_HELD = 1024  # prepared by SQLite
PRAGMAS = ("PRAGMA mmap_size = 1073741824", "PRAGMA temp_store = MEMORY", "PRAGMA query_only = ON")


@dataclass(frozen=True, slots=True)
class Shape:
    """A compiled statement, good for any values of its parameters."""

    compiled: SQLCompiler
    sql: str
    stored: tuple[tuple[int, Callable[[Any], Any]], ...]
    """Positions of columns that SQLite stores in another type, and the way back."""
    row: Callable[[Any], Any]

    @classmethod
    def of(cls, statement: Statement, key: Any = None) -> Shape:
        compiled = statement.compile(dialect=DIALECT, cache_key=key, compile_kwargs={"render_postcompile": key is None})
        assert isinstance(compiled, SQLCompiler)
        columns = compiled._result_columns
        backs = enumerate(way_back(column.type) for column in columns)
        return cls(compiled, str(compiled), tuple((position, back) for position, back in backs if back),
                   row_maker(tuple(column.keyname for column in columns)))

    def decode(self, values: tuple[Any, ...]) -> Any:
        if not self.stored:
            return self.row(values)
        changed = list(values)
        for position, back in self.stored:
            if changed[position] is not None:
                changed[position] = back(changed[position])
        return self.row(changed)


def way_back(kind: Any) -> Callable[[Any], Any] | None:
    """How to read a value that SQLite stores as text or as 0 and 1."""
    if isinstance(kind, Date):
        return datetime.date.fromisoformat
    return bool if isinstance(kind, Boolean) else None


def bound(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters as SQLite stores them."""
    return {name: value.isoformat() if isinstance(value, datetime.date) else value
            for name, value in parameters.items()}


class SqliteWorld:
    """A read-only connection to the files of some volumes, at most ten.

    They are attached to an empty database in memory, so a table's name finds it wherever it lies. Raises `WorldError`
    if a file is missing, damaged or of another schema.
    """

    def __init__(self, files: Mapping[Volume, Path]) -> None:
        self.files = dict(files)
        self._shapes: dict[Any, Shape] = {}
        self._standing: weakref.WeakKeyDictionary[Statement, Shape] = weakref.WeakKeyDictionary()
        self._abandoned: list[sqlite3.Connection] = []  # a parent process' connections are never closed by its child
        self._connection = self._open()
        self.versions: Mapping[str, str] = {volume.domain: self._check(volume) for volume in self.files}
        self.version = text(self.versions)
        reopen = weakref.WeakMethod(self._reopen)
        os.register_at_fork(after_in_child=lambda: (method := reopen()) and method())

    async def all(self, statement: Statement, values: Values = None) -> list[Any]:
        shape, rows = self._run(statement, values, sqlite3.Cursor.fetchall)
        return [shape.decode(row) for row in rows]

    async def first(self, statement: Statement, values: Values = None) -> Any | None:
        shape, row = self._run(statement, values, sqlite3.Cursor.fetchone)
        return None if row is None else shape.decode(row)

    async def scalars(self, statement: Statement, values: Values = None) -> list[Any]:
        return [row[0] for row in await self.all(statement, values)]

    def _run(self, statement: Statement, values: Values, fetch: Callable[[sqlite3.Cursor], Any]) -> tuple[Shape, Any]:
        shape, parameters = self._shape(statement) if values is None else self._prepared(statement, values)
        try:
            return shape, fetch(self._connection.execute(shape.sql, parameters))
        except sqlite3.DatabaseError as error:
            if type(error) is sqlite3.DatabaseError:  # subclasses are faults of the statement
                raise damaged(error, *self.files.values()) from error
            raise

    def _shape(self, statement: Statement) -> tuple[Shape, dict[str, Any]]:
        """The compiled form of a statement and its parameters; lists (`IN`) change the text, so they compile anew."""
        key = statement._generate_cache_key()
        shape = self._shapes.get(key.key) if key else None
        if shape is None:
            shape = Shape.of(statement, key)
            if key is None or shape.compiled.post_compile_params:
                shape = Shape.of(statement)
                return shape, bound(shape.compiled.params)
            if len(self._shapes) < MOST_SHAPES:
                self._shapes[key.key] = shape
        values = shape.compiled.construct_params(extracted_parameters=key.bindparams if key else None)
        return shape, bound(values)

    def _prepared(self, statement: Statement, values: Mapping[str, Any]) -> tuple[Shape, dict[str, Any]]:
        """As `_shape`, for a statement that is always the same object."""
        shape = self._standing.get(statement)
        if shape is None:
            shape = self._standing[statement] = Shape.of(statement)
        return shape, bound({**shape.compiled.params, **values})

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(":memory:", uri=True, check_same_thread=False, isolation_level=None,
                                     cached_statements=STATEMENTS_HELD)
        for volume, path in self.files.items():
            uri = f"file:{quote(str(path.absolute()))}?mode=ro&immutable=1"
            try:
                connection.execute("ATTACH ? AS ?", (uri, volume.domain))
            except sqlite3.DatabaseError as error:
                raise damaged(error, path) from error
        for pragma in PRAGMAS:  # of every file
            connection.execute(pragma)
        return connection

    def _reopen(self) -> None:
        self._abandoned.append(self._connection)
        self._connection = self._open()

    def _check(self, volume: Volume) -> str:
        """The version that the file states, once its schema is ours; SQLite itself refuses a file cut short."""
        path = self.files[volume]
        try:
            stated = self._connection.execute(f'SELECT volume, schema, version FROM "{volume.domain}".meta').fetchone()
        except sqlite3.DatabaseError as error:
            raise damaged(error, path) from error
        if stated is None or stated[:2] != (volume.domain, schema(volume.tables)):
            raise WorldError(f"{path} is of another version of divegym; build it again: divegym world build --force")
        return str(stated[2])


def damaged(reason: object, *paths: Path) -> WorldError:
    """The error for files of which one is missing or not whole."""
    for path in paths:
        if not path.exists():
            return WorldError(f"there is no volume at {path}; build it: divegym world build")
    names = " or ".join(map(str, paths))
    return WorldError(f"{names} is no whole volume ({reason}); delete it and build again: divegym world build")
