"""What can go wrong while tasks are made or checked."""

from __future__ import annotations

from toolservers.world.version import difference


class SynthesisError(RuntimeError):
    """No task came of a seed within the allowed attempts."""


class WorldMismatch(RuntimeError):
    """A task was made in another version of the world, where its answer may be another."""

    def __init__(self, task_world: str, world: str) -> None:
        super().__init__(f"a task is of another world ({difference(task_world, world)}): "
                         "synthesise it again, or open the world that it was made in")
