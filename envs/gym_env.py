"""The environment as a `gymnasium.Env`: a thin synchronous shell over `AsyncToolEnv`."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import gymnasium as gym
from gymnasium.error import ClosedEnvironmentError, ResetNeeded

from envs import loop
from envs.lease import Lease, give_back, open_envs
from envs.messages import Turn
from envs.spaces import TurnSpace, UnicodeText
from envs.tool_env import AsyncToolEnv
from envs.trace import lines
from envs.venue import Venue

RENDER_MODES = ("ansi", "human")
SEEDS = 2**31  # tasks are drawn by seeds below this


class ToolEnv(gym.Env[str, dict[str, Any]]):
    """Episodes of tool use in one domain.

    Observations are texts: at reset the question and the tools, one a line as JSON; after a turn its results, one a
    line. Actions are turns (`TurnSpace`): `{"calls": ({"name": ..., "arguments": {...}},), "answer": None}` or
    `{"calls": (), "answer": "42"}`; a `Turn` will do as well. `reset(options={"task": task})` plays a given task.
    Keyword arguments are those of `Venue` and `AsyncToolEnv`.
    """

    metadata: dict[str, Any] = {"render_modes": list(RENDER_MODES), "render_fps": 4}  # noqa: RUF012

    def __init__(self, domain: str, *, render_mode: str | None = None, **options: Any) -> None:
        self.render_mode = checked(render_mode)
        self._venue, self._options = split(domain, options)
        self._lease: Lease | None = None
        self._open()
        self.action_space = action_space(self._core)
        self.observation_space = UnicodeText()

    def _open(self) -> None:
        self._lease, (self._core,) = loop.run(open_envs(self._venue, 1, self._options))

    @property
    def core(self) -> AsyncToolEnv:
        """The asynchronous environment underneath: its `task` and `trace` are for training code and for people."""
        return self._core

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[str, dict[str, Any]]:
        super().reset(seed=seed)
        if self._lease is None:
            raise ClosedEnvironmentError("this environment is closed: make a new one")
        if self._lease.inherited:
            self._open()
        task = (options or {}).get("task")
        seed = int(self.np_random.integers(SEEDS))
        observation, info = loop.run(self._lease.areset(self._core, seed, task=task))
        self._show()
        return observation.text, info

    def step(self, action: dict[str, Any] | Turn) -> tuple[str, float, bool, bool, dict[str, Any]]:
        """Raises gymnasium's `ResetNeeded` where no episode runs."""
        if self._lease is None or self._lease.inherited:
            raise ResetNeeded("no episode runs in this process: call reset first")
        step = loop.run(self._core.astep(Turn.from_action(action)))
        self._show()
        observation, reward, terminated, truncated, info = step
        return observation.text, reward, terminated, truncated, info

    def render(self) -> str | None:
        """ansi: the episode so far. human: nothing, since `reset` and `step` print as they go."""
        return self._core.render() if self.render_mode == "ansi" else None

    def _show(self) -> None:
        if self.render_mode == "human":
            print(*(line for message in self._core.trace[-2:] for line in lines(message)), sep="\n", flush=True)

    def close(self) -> None:
        lease, self._lease = self._lease, None
        if lease is not None:
            loop.spawn(give_back(lease))


def split(domain: str, options: dict[str, Any]) -> tuple[Venue, dict[str, Any]]:
    """The venue, and what is left of the options for `AsyncToolEnv`."""
    names = {field.name for field in fields(Venue)}
    venue = Venue(domain, **{name: value for name, value in options.items() if name in names})
    return venue, {name: value for name, value in options.items() if name not in names}


def checked(render_mode: str | None) -> str | None:
    if render_mode is not None and render_mode not in RENDER_MODES:
        raise ValueError(f"render_mode is {render_mode!r}; there are {', '.join(RENDER_MODES)}")
    return render_mode


def action_space(core: AsyncToolEnv) -> TurnSpace:
    """Turns over every tool of the connection: a task offers some of them."""
    tools = loop.run(core.connection.tools())
    return TurnSpace.of(tools.values(), core.limits.max_parallel)
