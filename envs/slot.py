"""One place in a vector of episodes: an environment, its random generator, and what autoreset asks of it."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from gymnasium.utils import seeding
from gymnasium.vector import AutoresetMode

from envs.episode import Episode
from envs.gym_env import SEEDS
from envs.lease import Lease
from envs.messages import Turn
from envs.stop import StopReason
from envs.tool_env import AsyncToolEnv

logger = logging.getLogger(__name__)
Info = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one step of one slot brought. `final` is there if the episode ended and the next began in the same step."""

    observation: str
    reward: float
    terminated: bool
    truncated: bool
    info: Info
    final: Info | None = None


@dataclass(slots=True)
class Slot:
    """`ended`: the episode is over, and the next step may have to reset."""

    core: AsyncToolEnv
    ended: bool = False
    generator: np.random.Generator = field(default_factory=lambda: seeding.np_random()[0])

    def seed(self, seed: int) -> None:
        self.generator = seeding.np_random(seed)[0]

    async def reset(self, lease: Lease) -> tuple[str, Info]:
        """Starts the next episode. Raises what `AsyncToolEnv.areset` raises."""
        observation, info = await lease.areset(self.core, int(self.generator.integers(SEEDS)))
        self.ended = False
        return observation.text, info

    async def step(self, lease: Lease, turn: Turn, mode: AutoresetMode) -> Outcome:
        """Plays a turn, or resets; never raises: an error truncates this episode and leaves the others alone."""
        try:
            return await self._step(lease, turn, mode)
        except Exception as error:
            self.ended = True
            return self.failed(error)

    async def _step(self, lease: Lease, turn: Turn, mode: AutoresetMode) -> Outcome:
        if self.ended and mode is not AutoresetMode.DISABLED:
            text, info = await self.reset(lease)
            return Outcome(text, 0.0, False, False, info)
        observation, reward, terminated, truncated, info = await self.core.astep(turn)
        self.ended = terminated or truncated
        outcome = Outcome(observation.text, reward, terminated, truncated, info)
        return await self._next(lease, outcome) if self.ended and mode is AutoresetMode.SAME_STEP else outcome

    async def _next(self, lease: Lease, last: Outcome) -> Outcome:
        """The end of one episode and the start of the next, as one step."""
        final = {"final_obs": last.observation, "final_info": last.info}
        try:
            text, info = await self.reset(lease)
        except Exception as error:  # the end still counts; the next step tries again
            text, info = "", self.failed(error).info
        return replace(last, observation=text, info=info, final=final)

    def stillborn(self, error: Exception) -> tuple[str, Info]:
        """In place of a reset that failed: the first step will truncate."""
        self.ended = False
        outcome = self.failed(error)
        return outcome.observation, outcome.info

    def failed(self, error: Exception) -> Outcome:
        """An episode that could not begin."""
        logger.error("an episode failed", exc_info=error)
        info = Episode(None, {}, self.core.limits, stop=StopReason.ENVIRONMENT_ERROR).info()
        return Outcome("", 0.0, False, True, info)
