"""Where tasks are kept: JSON Lines files, one task a line, written whole or not at all and read as a stream."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from pydantic import ValidationError

from envs.tasks.task import SCHEMA_VERSION, Task


class TaskFileError(ValueError):
    """A task file that cannot be read: which line, and what is wrong with it."""

    def __init__(self, path: Path, line: int, fault: str) -> None:
        super().__init__(f"{path}, line {line}: {fault}")
        self.path, self.line, self.fault = path, line, fault


class TaskSink(Protocol):
    """Takes finished tasks one by one."""

    def write(self, task: Task) -> None: ...


class TaskFile:
    """An open task file. Lines end in a newline, keys stand in declared order: equal tasks, equal bytes."""

    def __init__(self, descriptor: int) -> None:
        self._file = os.fdopen(descriptor, "w", encoding="utf-8", newline="\n")

    def write(self, task: Task) -> None:
        self._file.write(task.model_dump_json() + "\n")

    def close(self) -> None:
        """Flushed to disk before the file takes its name."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()


@contextmanager
def task_file(path: str | Path) -> Iterator[TaskFile]:
    """A file to write tasks to. It appears under `path` when the block ends; after an error nothing is left behind."""
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".part")
    file = TaskFile(descriptor)
    try:
        yield file
        file.close()
        os.chmod(name, 0o644)
        os.replace(name, target)
    except BaseException:
        file._file.close()
        os.unlink(name)
        raise


def write_tasks(path: str | Path, tasks: Iterable[Task]) -> int:
    """Writes tasks atomically; how many there were."""
    with task_file(path) as file:
        return sum(1 for _ in map(file.write, tasks))


def read_tasks(path: str | Path) -> Iterator[Task]:
    """The tasks of a file, one at a time. Raises TaskFileError naming the first bad line."""
    target = Path(path)
    try:
        with target.open("rb") as file:
            for number, line in enumerate(file, start=1):
                yield parse(target, number, line)
    except OSError as error:
        raise TaskFileError(target, 0, f"cannot be read: {error.strerror}") from error


def parse(path: Path, number: int, line: bytes) -> Task:
    """One line as a task. Raises TaskFileError."""
    if not line.endswith(b"\n"):
        raise TaskFileError(path, number, "cut off: the line does not end")
    try:
        task = Task.model_validate_json(line)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise TaskFileError(path, number, f"{where or 'task'}: {first['msg']}") from error
    if task.schema_version != SCHEMA_VERSION:
        raise TaskFileError(path, number, f"schema version {task.schema_version}, this program reads {SCHEMA_VERSION}")
    return task
