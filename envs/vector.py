"""Many episodes in one process as a gymnasium `VectorEnv`: a step is one hop to the event loop and one gather there.

Seeds, observations, rewards and infos equal those of gymnasium's `SyncVectorEnv` over `ToolEnv`; what differs is the
cost. One episode's failure never stops the others: it is truncated, and `info["stop"]` says why.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any

import numpy as np
from gymnasium.error import ClosedEnvironmentError, ResetNeeded
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from envs import loop
from envs.gym_env import ToolEnv, action_space, checked, split
from envs.lease import Lease, give_back, open_envs
from envs.messages import Turn
from envs.slot import Info, Outcome, Slot
from envs.spaces import UnicodeText
from envs.tasks.task import Task
from envs.venue import Venue

Observations = tuple[str, ...]
Step = tuple[Observations, NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_], Info]


class ToolVectorEnv(VectorEnv[Observations, Sequence[Any], NDArray[Any]]):
    """`num_envs` episodes of one domain. An action is a sequence of turns (or their dicts), one for each episode.

    At most `max_concurrency` episodes act at the same moment, so that a call's time limit is not spent in a queue.
    Other keyword arguments are those of `Venue` and `AsyncToolEnv`.
    """

    def __init__(
        self,
        num_envs: int,
        domain: str,
        *,
        autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
        render_mode: str | None = None,
        max_concurrency: int = 256,
        **options: Any,
    ) -> None:
        if num_envs < 1:
            raise ValueError(f"num_envs is {num_envs}; a vector needs at least 1")
        self.num_envs = num_envs
        self.render_mode = checked(render_mode)
        self.autoreset_mode = AutoresetMode(autoreset_mode)
        self.metadata = {**ToolEnv.metadata, "autoreset_mode": self.autoreset_mode}
        self.max_concurrency = max_concurrency
        self._lease: Lease | None = None
        self._open(*split(domain, options))

    def _open(self, venue: Venue, options: dict[str, Any]) -> None:
        self._lease, cores = loop.run(open_envs(venue, self.num_envs, options))
        self._slots = [Slot(core, ended=True) for core in cores]
        self._started = False
        self._observations = [""] * self.num_envs
        self.single_action_space = action_space(self._slots[0].core)
        self.single_observation_space = UnicodeText()
        self.action_space = batch_space(self.single_action_space, self.num_envs)
        self.observation_space = batch_space(self.single_observation_space, self.num_envs)

    @property
    def tasks(self) -> tuple[Task | None, ...]:
        """The task of each episode, for training code: its proof is the way to the answer."""
        return tuple(slot.core.task for slot in self._slots)

    def reset(
        self, *, seed: int | Sequence[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observations, Info]:
        """Starts the episodes that `options["reset_mask"]` names (default: all). An episode that cannot begin is
        truncated by its first step; if none can, raises why.

        `seed` is a number (episode i gets seed + i), or one for each.
        """
        lease = self._held()
        for slot, one in zip(self._slots, _seeds(seed, self.num_envs), strict=True):
            if one is not None:
                slot.seed(one)
        chosen = np.flatnonzero(_mask(options, self.num_envs))
        resets = loop.run(self._gather([self._slots[index].reset(lease) for index in chosen]))
        if all(isinstance(reset, Exception) for reset in resets):
            raise resets[0]
        infos: Info = {}
        for index, reset in zip(chosen, resets, strict=True):
            text, info = reset if isinstance(reset, tuple) else self._slots[index].stillborn(reset)
            self._observations[index] = text
            infos = self._add_info(infos, info, int(index))
        self._started = True
        return tuple(self._observations), infos

    def step(self, actions: Sequence[Any]) -> Step:
        """Plays one turn of every episode. Raises `ResetNeeded` before the first reset, and in autoreset mode DISABLED
        while an episode waits for its reset."""
        lease = self._held()
        self._check(actions)
        outcomes = loop.run(self._gather([
            slot.step(lease, Turn.from_action(action), self.autoreset_mode)
            for slot, action in zip(self._slots, actions, strict=True)
        ]))
        self._observations = [outcome.observation for outcome in outcomes]
        return (
            tuple(self._observations),
            np.array([outcome.reward for outcome in outcomes], dtype=np.float64),
            np.array([outcome.terminated for outcome in outcomes], dtype=np.bool_),
            np.array([outcome.truncated for outcome in outcomes], dtype=np.bool_),
            self._infos(outcomes),
        )

    def _check(self, actions: Sequence[Any]) -> None:
        if len(actions) != self.num_envs:
            raise ValueError(f"{len(actions)} actions for {self.num_envs} environments")
        if not self._started:
            raise ResetNeeded("no episode runs: call reset first")
        ended = [index for index, slot in enumerate(self._slots) if slot.ended]
        if ended and self.autoreset_mode is AutoresetMode.DISABLED:
            raise ResetNeeded(f"episodes {ended[:10]} have ended: reset them with options={{'reset_mask': mask}}")

    def _infos(self, outcomes: Sequence[Outcome]) -> Info:
        infos: Info = {}
        for index, outcome in enumerate(outcomes):
            if outcome.final is not None:
                infos = self._add_info(infos, outcome.final, index)
            infos = self._add_info(infos, outcome.info, index)
        return infos

    async def _gather(self, coroutines: Sequence[Coroutine[Any, Any, Any]]) -> list[Any]:
        """Results in order; an exception takes the place of the result."""
        results: list[Any] = [None] * len(coroutines)
        waiting = iter(enumerate(coroutines))

        async def worker() -> None:
            for index, coroutine in waiting:  # shared: whoever is free takes the next
                try:
                    results[index] = await coroutine
                except Exception as error:
                    results[index] = error

        await asyncio.gather(*(worker() for _ in range(min(self.max_concurrency, len(coroutines)))))
        return results

    def _held(self) -> Lease:
        if self._lease is None:
            raise ClosedEnvironmentError("this environment is closed: make a new one")
        if self._lease.inherited:
            raise ClosedEnvironmentError("this environment was made before a fork: make one in this process")
        return self._lease

    def render(self) -> tuple[str, ...] | None:
        """ansi: each episode so far."""
        return tuple(slot.core.render() for slot in self._slots) if self.render_mode == "ansi" else None

    def close_extras(self, **kwargs: Any) -> None:
        lease, self._lease = getattr(self, "_lease", None), None  # absent if the constructor refused its arguments
        if lease is not None:
            loop.spawn(give_back(lease))


def _seeds(seed: int | Sequence[int | None] | None, count: int) -> Sequence[int | None]:
    if seed is None:
        return [None] * count
    seeds = [seed + index for index in range(count)] if isinstance(seed, int) else seed
    if len(seeds) != count:
        raise ValueError(f"{len(seeds)} seeds for {count} environments")
    return seeds


def _mask(options: dict[str, Any] | None, count: int) -> NDArray[np.bool_]:
    mask = (options or {}).get("reset_mask")
    if mask is None:
        return np.ones(count, dtype=np.bool_)
    if not isinstance(mask, np.ndarray) or mask.dtype != np.bool_ or mask.shape != (count,) or not mask.any():
        raise ValueError(f"reset_mask: a boolean array of shape ({count},) with at least one True, not {mask!r}")
    return mask
