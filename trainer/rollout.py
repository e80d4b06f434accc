"""Rollouts: episodes played by a token policy, many at once on one event loop, as trajectories with rewards."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from envs.stop import StopReason
from envs.tasks.task import Task
from envs.tool_env import AsyncToolEnv
from policies.agent import play
from policies.renderer import Renderer
from policies.sampler import Limits, Sampler
from policies.token_agent import TokenAgent
from policies.trajectory import Trajectory
from toolservers.connection import Connection
from trainer.config import SamplingSettings, WorldSettings
from trainer.pseudonyms import Incognito, Pseudonyms


@dataclass(frozen=True)
class RolloutWorker:
    """Plays tasks with a sampler. Nothing that happens inside an episode raises: it ends with a stop reason."""

    connection: Connection
    sampler: Sampler
    renderer: Renderer
    world: WorldSettings
    sampling: SamplingSettings

    async def play(self, tasks: Sequence[Task], *, name: str, group: int = 1, temperature: float = 1.0,
                   greedy: bool = False, pseudonyms: float = 0.0) -> list[list[Trajectory]]:
        """`group` rollouts of each task, in task order. `name` seeds the draws: same weights, same rollouts.

        `pseudonyms` is the share of the tasks that are played under invented names.
        """
        limits = Limits(self.sampling.max_tokens, self.renderer.stop, temperature, greedy)
        sessions = [f"{name}/{number}/{member}" for number in range(len(tasks)) for member in range(group)]
        with self.sampler.cohort(sessions):
            done = await asyncio.gather(*(
                self._episode(tasks[place // group], session, limits, Random(f"{name}/{place // group}"), pseudonyms)
                for place, session in enumerate(sessions)))
        return [list(done[start:start + group]) for start in range(0, len(done), group)]

    async def _episode(self, task: Task, session: str, limits: Limits, rng: Random, pseudonyms: float) -> Trajectory:
        env = AsyncToolEnv(self.connection, None, max_turns=self.world.max_turns, max_errors=self.world.max_errors,
                           max_failures=self.world.max_failures)
        agent = TokenAgent(self.sampler, self.renderer, session=session, limits=limits, context=self.sampling.context)
        agent.trajectory.task = task.id
        try:
            observation, _ = await env.areset(0, task=task)
            player = Incognito(agent, Pseudonyms(task, rng)) if rng.random() < pseudonyms else agent
            outcome = await play(env, player, observation)
        finally:
            self.sampler.close(session)
        agent.trajectory.reward = outcome.reward
        agent.trajectory.correct = float(outcome.info.get("correct", 0.0))
        agent.trajectory.stop = str(StopReason.CONTEXT_LIMIT if outcome.gave_up else outcome.info["stop"])
        return agent.trajectory
