"""An agent acts in messages: it sees an observation and takes a turn. `play` runs one agent through one episode."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from envs.messages import Observation, Turn
from envs.tool_env import AsyncToolEnv


class Agent(Protocol):
    """Whatever plays an episode; one object per episode."""

    async def act(self, observation: Observation) -> Turn | None:
        """The next turn, or None to give up (the context is full)."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an episode ended."""

    reward: float
    info: dict[str, Any]
    gave_up: bool = False


async def play(env: AsyncToolEnv, agent: Agent, observation: Observation) -> Outcome:
    """Plays from `observation` (what `areset` returned) to the end of the episode."""
    while True:
        turn = await agent.act(observation)
        if turn is None:
            return Outcome(0.0, {}, gave_up=True)
        observation, reward, terminated, truncated, info = await env.astep(turn)
        if terminated or truncated:
            return Outcome(reward, info)
