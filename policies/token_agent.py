"""A token agent: renders observations, samples token ids, parses them into turns, and records the trajectory."""

from __future__ import annotations

from envs.messages import Observation, Turn
from policies.renderer import Renderer
from policies.sampler import Limits, Sampler
from policies.trajectory import Trajectory


class TokenAgent:
    """One episode of a token policy. `trajectory` holds what was seen and sampled so far."""

    def __init__(self, sampler: Sampler, renderer: Renderer, *, session: str, limits: Limits, context: int) -> None:
        self._sampler = sampler
        self._renderer = renderer
        self._session = session
        self._limits = limits
        self._context = context
        self.trajectory = Trajectory()

    async def act(self, observation: Observation) -> Turn | None:
        first = not self.trajectory.ids
        self.trajectory.observe((self._renderer.prompt if first else self._renderer.results)(observation))
        if len(self.trajectory.ids) + self._limits.max_tokens > self._context:
            return None
        sample = await self._sampler.sample(self.trajectory.ids, session=self._session, limits=self._limits)
        self.trajectory.act(sample.ids, sample.logprobs, sample.weights)
        return self._renderer.parse(sample.ids)
