"""Two agents that need no model: the oracle plays a task's proof, the random one draws schema-valid calls."""

from __future__ import annotations

from typing import Any

import orjson

from envs.messages import Observation, ToolCall, Turn
from envs.spaces import TurnSpace
from envs.tasks.expression import Output
from envs.tasks.task import Task


class Oracle:
    """Plays the proof level by level, the calls of a level in parallel, then answers. Right in the task's own world."""

    def __init__(self, task: Task) -> None:
        self._proof = task.proof
        self._levels = task.proof.levels()
        self._outputs: list[Output] = [{} for _ in task.proof.calls]
        self._played = 0

    async def act(self, observation: Observation) -> Turn:
        self._read(observation)
        if self._played == len(self._levels):
            return Turn(answer=spell(self._proof.answer(self._outputs)))
        calls = (self._proof.calls[index] for index in self._levels[self._played])
        self._played += 1
        return Turn(calls=tuple(ToolCall(call.tool, call.bind(self._outputs)) for call in calls))

    def _read(self, observation: Observation) -> None:
        if self._played == 0:
            return
        for index, result in zip(self._levels[self._played - 1], observation.results, strict=True):
            self._outputs[index] = result.output or {}


class RandomAgent:
    """Draws turns from the task's action space: the floor of every comparison."""

    def __init__(self, space: TurnSpace) -> None:
        self._space = space

    async def act(self, observation: Observation) -> Turn:
        return Turn.from_action(self._space.sample())


def spell(value: Any) -> str:
    """A value as an answer: yes/no, a name as it stands, a number or a list as JSON, as tool results write them."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else orjson.dumps(value).decode()
