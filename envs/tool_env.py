"""The environment itself: episodes of tool use at the level of messages, asynchronous and without any framework.

    env = AsyncToolEnv(connection, source)
    observation, info = await env.areset(seed=1)
    observation, reward, terminated, truncated, info = await env.astep(Turn(calls=(ToolCall("fx_rate", {...}),)))

The calls of a turn run in parallel. A tool's failure is an observation. A failure of the environment (a dead
server, a step that takes too long) truncates the episode and names the `StopReason`; it is never an exception.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from gymnasium.error import ResetNeeded

from envs.episode import Episode, Limits
from envs.messages import Observation, ToolCall, Turn
from envs.stop import StopReason
from envs.trace import render
from toolservers.errors import ErrorKind, ToolError
from toolservers.result import ToolResult

if TYPE_CHECKING:
    from envs.tasks.task import Task
    from toolservers.connection import Connection, ToolSpec

logger = logging.getLogger(__name__)
Step = tuple[Observation, float, bool, bool, dict[str, Any]]


class TaskSource(Protocol):
    """Where tasks come from. The same seed gives the same task."""

    async def draw(self, seed: int) -> Task: ...


class UnplayableTaskError(ValueError):
    """The task needs tools that the connection does not offer."""


class AsyncToolEnv:
    """One episode at a time over a connection that any number of environments share.

    Answers earn `correct + format_weight * format`. `step_timeout` bounds a reset and a step, in seconds; it is
    the last resort behind the connection's own timeout for each call. `task` and `trace` are for whoever trains
    or watches; no tool reaches them.
    """

    def __init__(
        self,
        connection: Connection,
        source: TaskSource | None = None,
        *,
        max_turns: int = 8,
        max_calls: int = 32,
        max_parallel: int = 8,
        max_errors: int = 3,
        max_failures: int = 32,
        format_weight: float = 0.1,
        step_timeout: float = 60.0,
        owns_connection: bool = False,
    ) -> None:
        self.connection = connection
        self.source = source
        self.limits = Limits(max_turns, max_calls, max_parallel, max_errors, max_failures)
        self.format_weight = format_weight
        self.step_timeout = step_timeout
        self.owns_connection = owns_connection
        self._episode: Episode | None = None

    @property
    def task(self) -> Task | None:
        """The task being played; None before the first reset."""
        return self._episode.task if self._episode else None

    @property
    def trace(self) -> list[Turn | Observation]:
        """Turns and observations so far, from the reset on."""
        return self._episode.trace if self._episode else []

    @property
    def stop(self) -> StopReason | None:
        """Why the episode ended; None while it runs."""
        return self._episode.stop if self._episode else None

    def render(self) -> str:
        """The trace as text for a person."""
        return render(self.trace)

    async def areset(self, seed: int, *, task: Task | None = None) -> tuple[Observation, dict[str, Any]]:
        """Starts the episode of `task`, or of the task that the source draws for `seed`.

        If the server is gone the episode begins ended: `info["stop"]` says why and `astep` truncates at once.
        Raises `UnplayableTaskError`, and whatever the source raises for a seed it has no task for; ValueError
        without a task and without a source.
        """
        self._episode = None
        try:
            async with asyncio.timeout(self.step_timeout):
                task = task or await self._draw(seed)
                offered = await self.connection.tools()
        except (TimeoutError, OSError, ToolError) as error:
            return self._dead_on_arrival(task, error)
        self._episode = episode = Episode(task, _select(task, offered), self.limits)
        observation = Observation(task.question, tuple(episode.tools.values()))
        episode.trace.append(observation)
        return observation, episode.info()

    async def astep(self, turn: Turn) -> Step:
        """Plays one turn. Raises gymnasium's `ResetNeeded` before a reset and after the episode has ended."""
        episode = self._episode
        if episode is None:
            raise ResetNeeded("there is no episode: call areset first")
        if episode.stop is not None:
            return self._after_the_end(episode)
        error = episode.admit(turn)
        if error:
            results = [ToolResult.failure(ToolError(error, ErrorKind.INVALID_ARGUMENTS))]
        elif turn.answer is not None:
            results = []
            episode.answer(turn.answer)
        else:
            results = [] if episode.stop else await self._run(episode, turn.calls)
        return self._outcome(episode, episode.observe(results))

    async def aclose(self) -> None:
        """Ends the episode; closes the connection if it is this environment's own. May be called twice."""
        self._episode = None
        if self.owns_connection:
            await self.connection.aclose()

    async def _draw(self, seed: int) -> Task:
        if self.source is None:
            raise ValueError("there is no task: give one to areset, or give the environment a source")
        return await self.source.draw(seed)

    async def _run(self, episode: Episode, calls: tuple[ToolCall, ...]) -> list[ToolResult]:
        try:
            async with asyncio.timeout(self.step_timeout):
                if len(calls) == 1:  # the common case is spared a task
                    results = [await self._call(episode, calls[0])]
                else:
                    results = await asyncio.gather(*(self._call(episode, call) for call in calls))
        except TimeoutError:
            episode.stop = StopReason.TIMEOUT
            return []
        except Exception:  # a connection that raises has a bug: this episode ends, the others go on
            logger.exception("the environment failed in task %s", episode.info()["task"])
            episode.stop = StopReason.ENVIRONMENT_ERROR
            return []
        episode.count_failures(results)
        return results

    async def _call(self, episode: Episode, call: ToolCall) -> ToolResult:
        if call.name not in episode.tools:
            message = f"no tool is called {call.name[:64]!r}; on offer: {', '.join(episode.tools)}"
            return ToolResult.failure(ToolError(message, ErrorKind.UNKNOWN_TOOL))
        return await self.connection.call(call.name, call.arguments, episode=episode.handle)

    def _outcome(self, episode: Episode, observation: Observation) -> Step:
        answered = episode.stop is StopReason.ANSWERED
        reward = episode.reward.total(self.format_weight)
        return observation, reward, answered, episode.stop is not None and not answered, episode.info()

    def _dead_on_arrival(self, task: Task | None, error: Exception) -> tuple[Observation, dict[str, Any]]:
        logger.warning("an episode could not start: %s", error)
        timeout = isinstance(error, TimeoutError) or getattr(error, "kind", None) is ErrorKind.TIMEOUT
        self._episode = Episode(task, {}, self.limits, stop=StopReason.TIMEOUT if timeout else StopReason.SERVER_LOST)
        return Observation(task.question if task else ""), self._episode.info()

    def _after_the_end(self, episode: Episode) -> Step:
        if episode.turns == 0:  # it never began: the first step brings the news
            episode.turns = 1
            return self._outcome(episode, Observation())
        raise ResetNeeded(f"the episode has ended ({episode.stop}): call areset to start the next")


def _select(task: Task, offered: Mapping[str, ToolSpec]) -> dict[str, ToolSpec]:
    if missing := [name for name in task.tools if name not in offered]:
        raise UnplayableTaskError(f"task {task.id} needs {', '.join(missing[:3])}, which is not on offer: "
                                  f"connect to the task's domain ({task.domain})")
    return {name: offered[name] for name in task.tools}
