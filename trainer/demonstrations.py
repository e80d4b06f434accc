"""Demonstrations: episodes that the oracle played and the environment rewarded in full, as token trajectories."""

from __future__ import annotations

from envs.messages import Observation, Turn
from envs.tasks.source import TaskSource
from envs.tasks.task import Task
from envs.tool_env import AsyncToolEnv
from policies.agent import play
from policies.oracle import Oracle
from policies.renderer import Renderer, signature, write_call
from policies.trajectory import Trajectory
from toolservers.connection import Connection


class DemonstrationError(RuntimeError):
    """The oracle failed a task: its proof does not hold here, and it must not be learned from."""


class _Recorder:
    """The oracle, with its turns written down as tokens."""

    def __init__(self, task: Task, renderer: Renderer) -> None:
        self._oracle = Oracle(task)
        self._renderer = renderer
        self.trajectory = Trajectory(task=task.id)

    async def act(self, observation: Observation) -> Turn:
        first = not self.trajectory.ids
        self.trajectory.observe((self._renderer.prompt if first else self._renderer.results)(observation))
        turn = await self._oracle.act(observation)
        ids = self._renderer.turn(turn)
        self.trajectory.act(ids, [0.0] * len(ids), version=0)
        return turn


class Demonstrations:
    """An endless seeded sequence of demonstrations; number `seed` is the same in every run."""

    def __init__(self, connection: Connection, source: TaskSource, renderer: Renderer) -> None:
        self._env = AsyncToolEnv(connection, source)
        self._source = source
        self._renderer = renderer

    async def draw(self, seed: int) -> Trajectory:
        """Raises DemonstrationError if the oracle did not earn the full reward."""
        task = await self._source.draw(seed)
        observation, _ = await self._env.areset(seed, task=task)
        recorder = _Recorder(task, self._renderer)
        outcome = await play(self._env, recorder, observation)
        if not outcome.info.get("correct"):
            raise DemonstrationError(f"the oracle failed task {task.id}: {task.question!r} ({outcome.info})")
        return recorder.trajectory


async def texts(connection: Connection, source: TaskSource, count: int) -> list[str]:
    """What the first `count` episodes of a source say, message by message: the corpus of a tokenizer."""
    env = AsyncToolEnv(connection, source)
    corpus: list[str] = []
    for seed in range(count):
        task = await source.draw(seed)
        observation, _ = await env.areset(seed, task=task)
        oracle = Oracle(task)
        corpus += [observation.question, *map(signature, observation.tools)]
        ended = False
        while not ended:
            turn = await oracle.act(observation)
            corpus += [turn.answer or "", *map(write_call, turn.calls)]
            observation, _, terminated, truncated, _ = await env.astep(turn)
            corpus += [result.text for result in observation.results]
            ended = terminated or truncated
    return corpus
