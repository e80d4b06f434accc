"""Demonstrations: episodes that the oracle played and the environment rewarded in full, as token trajectories."""

from __future__ import annotations

from random import Random
from typing import Any

from envs.messages import Observation, Turn
from envs.tasks.source import TaskSource
from envs.tasks.task import Task
from envs.tool_env import AsyncToolEnv
from policies.agent import Agent, play
from policies.oracle import Oracle
from policies.renderer import Renderer, signature, write_call
from policies.trajectory import Trajectory
from policies.wanderer import Wanderer
from toolservers.connection import Connection
from trainer.pseudonyms import Pseudonyms


class DemonstrationError(RuntimeError):
    """The oracle failed a task: its proof does not hold here, and it must not be learned from."""


class _Recorder:
    """An agent, with its turns written down as tokens, under pseudonyms where there are any."""

    def __init__(self, task: Task, agent: Agent, renderer: Renderer, pseudonyms: Pseudonyms | None) -> None:
        self._agent = agent
        self._renderer = renderer
        self._pseudonyms = pseudonyms
        self.trajectory = Trajectory(task=task.id)

    async def act(self, observation: Observation) -> Turn | None:
        self._hear(observation)
        turn = await self._agent.act(observation)
        if turn is not None:
            self._say(turn)
        return turn

    def _hear(self, observation: Observation) -> None:
        told = self._pseudonyms.observation(observation) if self._pseudonyms else observation
        first = not self.trajectory.ids
        self.trajectory.observe((self._renderer.prompt if first else self._renderer.results)(told))

    def _say(self, turn: Turn) -> None:
        ids = self._renderer.turn(self._pseudonyms.turn(turn) if self._pseudonyms else turn)
        self.trajectory.act(ids, [0.0] * len(ids), version=0)


class Demonstrations:
    """An endless seeded sequence of demonstrations; number `seed` is the same in every run.

    `detours` is the chance of a detour before each turn (see `policies.wanderer`); one that fails is taken back.
    `pseudonyms` is the share of demonstrations that are retold with invented names (see `trainer.pseudonyms`).
    """

    def __init__(self, connection: Connection, source: TaskSource, renderer: Renderer, *, detours: float = 0.0,
                 pseudonyms: float = 0.0) -> None:
        self._env = AsyncToolEnv(connection, source, max_turns=16)
        self._source = source
        self._renderer = renderer
        self._detours = detours
        self._retold = pseudonyms

    async def draw(self, seed: int) -> Trajectory:
        """Raises DemonstrationError if the oracle did not earn the full reward."""
        task = await self._source.draw(seed)
        if self._detours:
            wandered, info = await self._play(task, Wanderer(task, Random(f"detours/{seed}"), self._detours), seed)
            if info.get("correct") and not info["tool_errors"]:
                return wandered
        trajectory, info = await self._play(task, Oracle(task), seed)
        if not info.get("correct"):
            raise DemonstrationError(f"the oracle failed task {task.id}: {task.question!r} ({info})")
        return trajectory

    async def _play(self, task: Task, agent: Agent, seed: int) -> tuple[Trajectory, dict[str, Any]]:
        observation, _ = await self._env.areset(0, task=task)
        rng = Random(f"pseudonyms/{seed}")
        pseudonyms = Pseudonyms(task, rng) if rng.random() < self._retold else None
        recorder = _Recorder(task, agent, self._renderer, pseudonyms)
        outcome = await play(self._env, recorder, observation)
        return recorder.trajectory, outcome.info


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
