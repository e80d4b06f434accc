"""A task store in a SQL database (SQLite or PostgreSQL): many readers, drawn from by split, domain and world."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import (
    Column,
    ColumnElement,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    func,
    select,
)

from envs.tasks.task import Split, Task

METADATA = MetaData()
TASKS = Table(
    "tasks", METADATA,
    Column("id", String(16), primary_key=True),
    Column("seed", Integer, nullable=False),
    Column("domain", String(40), nullable=False),
    Column("split", String(8), nullable=False),
    Column("world", String(400), nullable=False),
    Column("shape", String(200), nullable=False),
    Column("body", Text, nullable=False),
    Index("tasks_by_split", "domain", "split", "world", "id"),
)
BATCH = 500


class TaskStore:
    """Tasks in a database. A task is stored once: its id is the hash of its content."""

    def __init__(self, url: str) -> None:
        self._engine = create_engine(url)
        METADATA.create_all(self._engine)

    def add(self, tasks: Iterable[Task]) -> int:
        """Stores tasks in one transaction, all or none; how many were new."""
        rows = {task.id: _row(task) for task in tasks}
        with self._engine.begin() as connection:
            known = set(connection.scalars(select(TASKS.c.id).where(TASKS.c.id.in_(list(rows)))))
            fresh = [row for key, row in sorted(rows.items()) if key not in known]
            if fresh:
                connection.execute(TASKS.insert(), fresh)
        return len(fresh)

    def count(self, domain: str | None = None, split: Split | None = None, worlds: Sequence[str] | None = None) -> int:
        chosen = select(func.count()).select_from(TASKS).where(*_chosen(domain, split, worlds))
        with self._engine.connect() as connection:
            return int(connection.scalar(chosen) or 0)

    def at(self, place: int, domain: str | None = None, split: Split | None = None,
           worlds: Sequence[str] | None = None) -> Task:
        """The task at a place in id order. Raises IndexError past the end."""
        chosen = select(TASKS.c.body).where(*_chosen(domain, split, worlds)).order_by(TASKS.c.id)
        with self._engine.connect() as connection:
            body = connection.scalar(chosen.offset(place).limit(1))
        if body is None:
            raise IndexError(f"the store holds no task at place {place}")
        return Task.model_validate_json(body)

    def read(self, domain: str | None = None, split: Split | None = None,
             worlds: Sequence[str] | None = None) -> Iterator[Task]:
        """Tasks in id order, as a stream."""
        chosen = select(TASKS.c.body).where(*_chosen(domain, split, worlds)).order_by(TASKS.c.id)
        with self._engine.connect().execution_options(yield_per=BATCH) as connection:
            for body in connection.scalars(chosen):
                yield Task.model_validate_json(body)

    def worlds(self) -> list[str]:
        """World versions that tasks were made in."""
        with self._engine.connect() as connection:
            return list(connection.scalars(select(TASKS.c.world).distinct().order_by(TASKS.c.world)))

    def close(self) -> None:
        self._engine.dispose()


def _row(task: Task) -> dict[str, object]:
    return {"id": task.id, "seed": task.seed, "domain": task.domain, "split": str(task.split), "world": task.world,
            "shape": task.measures.shape, "body": task.model_dump_json()}


def _chosen(domain: str | None, split: Split | None, worlds: Sequence[str] | None) -> list[ColumnElement[bool]]:
    wanted = [column == value for column, value in ((TASKS.c.domain, domain), (TASKS.c.split, split and str(split)))
              if value is not None]
    return wanted if worlds is None else [*wanted, TASKS.c.world.in_(worlds)]
