"""The wanderer: an oracle that now and then makes a call nobody asked for, on something it already knows.

Demonstrations by the plain oracle teach a policy to count: two calls, then the answer, always. A new task that needs a
third call is then never tried, and reinforcement has nothing to reinforce. The wanderer's detours leave a small chance
of one more call at every turn; its answers are still right, and its proofs are still the short ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from envs.messages import Observation, ToolCall, Turn
from envs.tasks.task import Task
from policies.oracle import Oracle
from toolservers.connection import PREFIX, ToolSpec

Known = dict[str, list[Any]]


class Wanderer:
    """Plays like the oracle, but before each turn makes a detour with probability `rate`, if one can be made."""

    def __init__(self, task: Task, rng: Random, rate: float) -> None:
        self._task = task
        self._oracle = Oracle(task)
        self._rng = rng
        self._rate = rate
        self._tools: dict[str, ToolSpec] = {}
        self._known: Known = {}
        self._waiting: Turn | None = None
        self._calls: tuple[ToolCall, ...] = ()
        self._made: list[ToolCall] = []

    async def act(self, observation: Observation) -> Turn:
        self._learn(observation)
        turn, self._waiting = self._waiting, None
        if turn is None:
            turn = await self._oracle.act(observation)
            if (detour := self._detour(turn.calls)) is not None:
                self._waiting, turn = turn, Turn(calls=(detour,))
        return self._take(turn)

    def _take(self, turn: Turn) -> Turn:
        self._calls = turn.calls
        self._made += turn.calls
        return turn

    def _learn(self, observation: Observation) -> None:
        """Remembers the named things that the question or the last results hold, by entity type."""
        if observation.tools:
            self._tools = {tool.name: tool for tool in observation.tools}
            for step in self._task.proof.calls:
                self._remember(_entities(self._tools[step.tool], "parameters"), step.arguments)
        for call, result in zip(self._calls, observation.results, strict=True):
            self._remember(_entities(self._tools[call.name], "output"), result.output or {})

    def _remember(self, types: Mapping[str, str], values: Mapping[str, Any]) -> None:
        for name, kind in types.items():
            value = values.get(name)
            if isinstance(value, (str, int, float)) and value not in self._known.get(kind, []):
                self._known.setdefault(kind, []).append(value)

    def _detour(self, due: Sequence[ToolCall]) -> ToolCall | None:
        """A call that was not made before and is not due anyway."""
        if self._rng.random() >= self._rate:
            return None
        open_to = [tool for tool in self._tools.values() if _required(tool)
                   and all(_entities(tool, "parameters").get(name) in self._known for name in _required(tool))]
        new = [call for call in map(self._call, open_to) if call not in self._made and call not in due]
        return self._rng.choice(new) if new else None

    def _call(self, tool: ToolSpec) -> ToolCall:
        """A call on what was learned last, of each type that the tool wants."""
        types = _entities(tool, "parameters")
        return ToolCall(tool.name, {name: self._known[types[name]][-1] for name in _required(tool)})


def _required(tool: ToolSpec) -> list[str]:
    return list(tool.input_schema.get("required", ()))


def _entities(tool: ToolSpec, side: str) -> dict[str, str]:
    """Entity types by name, of a tool's `parameters` or `output`."""
    return dict(tool.meta[PREFIX + "entities"][side])
