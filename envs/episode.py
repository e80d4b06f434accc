"""One episode's books: what was said, what was spent, and how it ended. No input or output happens here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from envs.messages import Observation, Turn
from envs.rewards import Reward, judge
from envs.stop import StopReason
from toolservers.errors import ErrorKind
from toolservers.result import ToolResult

if TYPE_CHECKING:
    from envs.tasks.task import Task
    from toolservers.connection import ToolSpec


@dataclass(frozen=True, slots=True)
class Limits:
    """What one episode may spend."""

    max_turns: int = 8
    """Turns, the answer's included."""
    max_calls: int = 32
    """Calls in all."""
    max_parallel: int = 8
    """Calls in one turn."""
    max_errors: int = 3
    """Turns of wrong form: the episode ends at this many."""
    max_failures: int = 32
    """Calls that fail: the episode ends at this many. 1 makes a policy in training fail fast."""

    def __post_init__(self) -> None:
        for name in self.__slots__:
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}; an episode needs at least 1")


@dataclass(slots=True)
class Episode:
    """The state between a reset and the next. `task` is None if the environment failed before it had one."""

    task: Task | None
    tools: Mapping[str, ToolSpec]
    limits: Limits
    handle: str = field(default_factory=lambda: uuid4().hex)
    """Names the episode to the tool servers; kept out of observations and infos, which are reproducible."""
    trace: list[Turn | Observation] = field(default_factory=list)
    turns: int = 0
    calls: int = 0
    errors: int = 0
    tool_errors: Counter[str] = field(default_factory=Counter)
    reward: Reward = field(default_factory=Reward)
    stop: StopReason | None = None

    def admit(self, turn: Turn) -> str:
        """Counts the turn. Returns what is wrong with its form, or "" and then its calls may run, if `stop` is None."""
        self.turns += 1
        self.trace.append(turn)
        if error := turn.error(self.limits.max_parallel):
            self.errors += 1
            self.stop = StopReason.ERROR_LIMIT if self.errors >= self.limits.max_errors else None
        elif self.calls + len(turn.calls) > self.limits.max_calls:
            self.stop = StopReason.CALL_LIMIT
        else:
            self.calls += len(turn.calls)
        return error

    def answer(self, text: str) -> None:
        """Ends the episode with an answer."""
        assert self.task is not None
        self.reward = judge(self.task, text, self.errors)
        self.stop = StopReason.ANSWERED

    def observe(self, results: Sequence[ToolResult]) -> Observation:
        """Takes in what the turn brought, and ends the episode if that, or the last turn, calls for it."""
        observation = Observation(results=tuple(results))
        self.trace.append(observation)
        if self.stop is None and self.turns >= self.limits.max_turns:
            self.stop = StopReason.TURN_LIMIT
        return observation

    def count_failures(self, results: Sequence[ToolResult]) -> None:
        """Counts the tools' failures by kind; a lost server, nothing but timeouts, or too many end the episode."""
        failures = [result.error for result in results if result.error]
        self.tool_errors.update(str(error) for error in failures)
        if self.tool_errors.total() >= self.limits.max_failures:
            self.stop = StopReason.ERROR_LIMIT
        if ErrorKind.TRANSPORT in failures:
            self.stop = StopReason.SERVER_LOST
        elif failures and failures.count(ErrorKind.TIMEOUT) == len(results):
            self.stop = StopReason.TIMEOUT

    def info(self) -> dict[str, Any]:
        """Reproducible facts only: no clock, no handle, no answer."""
        return {
            "task": self.task.id if self.task else "",
            "correct": self.reward.correct,
            "format": self.reward.format,
            "stop": str(self.stop) if self.stop else None,
            "turns": self.turns,
            "calls": self.calls,
            "errors": self.errors,
            "tool_errors": dict(sorted(self.tool_errors.items())),
        }
