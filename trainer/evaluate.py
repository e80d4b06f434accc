"""Evaluation: success of a policy on fixed held-out tasks, with its uncertainty and what went wrong."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from envs.tasks.task import Task
from policies.trajectory import Trajectory
from trainer.rollout import RolloutWorker

BATCH = 128  # episodes in flight


@dataclass(frozen=True)
class Evaluation:
    """One policy on one set of tasks."""

    tasks: int
    solved: int
    by_shape: dict[str, tuple[int, int]]
    """(solved, tasks) per proof shape."""
    stops: dict[str, int]

    @property
    def success(self) -> float:
        return self.solved / self.tasks if self.tasks else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval of the success rate."""
        return wilson(self.solved, self.tasks)

    def summary(self) -> dict[str, Any]:
        low, high = self.interval
        return {"tasks": self.tasks, "solved": self.solved, "success": round(self.success, 4),
                "interval": [round(low, 4), round(high, 4)],
                "by_shape": {shape: list(counts) for shape, counts in sorted(self.by_shape.items())},
                "stops": dict(sorted(self.stops.items()))}


async def evaluate(worker: RolloutWorker, tasks: Sequence[Task], *, name: str,
                   greedy: bool = True) -> tuple[Evaluation, list[Trajectory]]:
    """Plays every task once. `name` seeds the draws where `greedy` is False."""
    played: list[Trajectory] = []
    for start in range(0, len(tasks), BATCH):
        groups = await worker.play(tasks[start:start + BATCH], name=f"{name}/{start}", greedy=greedy)
        played += [group[0] for group in groups]
    shapes: dict[str, tuple[int, int]] = {}
    for task, trajectory in zip(tasks, played, strict=True):
        solved, total = shapes.get(task.measures.shape, (0, 0))
        shapes[task.measures.shape] = (solved + int(trajectory.correct), total + 1)
    solved = sum(int(trajectory.correct) for trajectory in played)
    return Evaluation(len(tasks), solved, shapes, dict(Counter(trajectory.stop for trajectory in played))), played


def wilson(successes: int, trials: int, z: float = 1.96) -> tuple[float, float]:
    """Wilson's score interval (1927) of a binomial proportion."""
    if not trials:
        return 0.0, 1.0
    rate, spread = successes / trials, z * z / trials
    centre = (rate + spread / 2) / (1 + spread)
    half = z / (1 + spread) * math.sqrt(rate * (1 - rate) / trials + spread / (4 * trials))
    return max(0.0, centre - half), min(1.0, centre + half)
