"""Where an environment's tasks come from. A source is seeded: the same seed gives the same task."""

from __future__ import annotations

import asyncio
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Protocol

from envs.tasks.database import TaskStore
from envs.tasks.store import TaskFileError, read_tasks
from envs.tasks.task import Split, Task
from toolservers.world.version import agrees, difference

if TYPE_CHECKING:
    from envs.dive.synthesize import Synthesizer


class TaskSource(Protocol):
    """Where tasks come from."""

    async def draw(self, seed: int) -> Task: ...


class FileSource:
    """The tasks of a file, held in memory. With `world`, a file made in another is refused (TaskFileError)."""

    def __init__(self, path: str | Path, world: str | None = None) -> None:
        self._tasks = list(read_tasks(path))
        if not self._tasks:
            raise TaskFileError(Path(path), 0, "holds no task")
        for line, task in enumerate(self._tasks, start=1):
            if world is not None and not agrees(task.world, world):
                raise TaskFileError(Path(path), line, f"{difference(task.world, world)}: "
                                    "synthesise the tasks again, or open the world that they were made in")

    def __len__(self) -> int:
        return len(self._tasks)

    async def draw(self, seed: int) -> Task:
        return self._tasks[spread(seed, len(self._tasks))]


class StoreSource:
    """The tasks in a database that agree with one world (of a domain, and of a split)."""

    def __init__(self, store: TaskStore, world: str, domain: str | None = None, split: Split | None = None) -> None:
        known = store.worlds()
        self._worlds = [stated for stated in known if agrees(stated, world)]
        self._store, self._domain, self._split = store, domain, split
        self._count = store.count(domain, split, self._worlds)
        if not self._count:
            raise ValueError(f"the store holds no such task of world {world}; it has worlds {known}")

    def __len__(self) -> int:
        return self._count

    async def draw(self, seed: int) -> Task:
        place = spread(seed, self._count)
        return await asyncio.to_thread(self._store.at, place, self._domain, self._split, self._worlds)


class StreamSource:
    """Endless: each seed is a task of its own, made when it is asked for."""

    def __init__(self, synthesizer: Synthesizer) -> None:
        self._synthesizer = synthesizer

    async def draw(self, seed: int) -> Task:
        return await self._synthesizer.task(seed)


def spread(seed: int, count: int) -> int:
    """A place among `count` for a seed: consecutive seeds land anywhere, alike on every machine."""
    return Random(f"draw/{seed}").randrange(count)


def stream(domain: str, world: str | None, difficulty: str, toolset: tuple[int, int], split: str) -> StreamSource:
    """Endless tasks from the world at a URL. Raises ValueError for an unknown domain, difficulty or split."""
    from envs.dive.setting import open_synthesizer  # brings in every tool, which a file of tasks can do without

    return StreamSource(open_synthesizer(domain, world, split=split, difficulty=difficulty, toolset=toolset))
