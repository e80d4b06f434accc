from __future__ import annotations

import asyncio

import pytest
from gymnasium.error import ResetNeeded

from envs.messages import Observation, ToolCall, Turn
from envs.stop import StopReason
from envs.tool_env import AsyncToolEnv, UnplayableTaskError
from toolservers.errors import ErrorKind, ToolError
from toolservers.result import ToolResult


def add(first: float, second: float = 2.0) -> ToolCall:
    return ToolCall("number_sum", {"first": first, "second": second})


async def test_an_episode_from_question_to_reward(env: AsyncToolEnv) -> None:
    observation, info = await env.areset(seed=4)
    assert observation.question == "What is the sum of 5.0 and 2.0?"
    assert [tool.name for tool in observation.tools] == ["number_product", "number_ratio", "number_sum"]
    assert info["stop"] is None and info["task"] == env.task.id

    observation, reward, terminated, truncated, info = await env.astep(Turn(calls=(add(5.0), add(1.0))))
    assert [result.output for result in observation.results] == [{"sum": 7.0}, {"sum": 3.0}]
    assert (reward, terminated, truncated, info["calls"]) == (0.0, False, False, 2)

    _, reward, terminated, truncated, info = await env.astep(Turn(answer="7"))
    assert (reward, terminated, truncated) == (1.1, True, False)
    assert info == {"task": env.task.id, "correct": 1.0, "format": 1.0, "stop": "answered", "turns": 2, "calls": 2,
                    "errors": 0, "tool_errors": {}}


@pytest.mark.parametrize(("answer", "correct", "form"), [
    ("7.0", 1.0, 1.0), ("8", 0.0, 1.0), ("seven", 0.0, 0.0), ("", 0.0, 0.0), ("7 or 8", 0.0, 0.0),
])
async def test_correctness_and_form_are_told_apart(
    env: AsyncToolEnv, answer: str, correct: float, form: float
) -> None:
    await env.areset(seed=4)
    _, reward, _, _, info = await env.astep(Turn(answer=answer))
    assert (info["correct"], info["format"]) == (correct, form)
    assert reward == pytest.approx(correct + 0.1 * form)


async def test_an_error_of_form_costs_the_format_reward(env: AsyncToolEnv) -> None:
    await env.areset(seed=4)
    await env.astep(Turn(malformed="not JSON"))
    assert (await env.astep(Turn(answer="7")))[1] == 1.0


@pytest.mark.parametrize(("turn", "words"), [
    (Turn(malformed="no closing brace"), "no closing brace"),
    (Turn(), "empty"),
    (Turn(calls=(add(1.0),), answer="7"), "both calls and an answer"),
    (Turn(calls=(add(1.0),) * 9), "at most 8"),
    (Turn(answer="7" * 20_000), "over 10000 characters"),
])
async def test_a_turn_of_wrong_form_is_explained_and_ends_the_episode_at_the_third(
    env: AsyncToolEnv, turn: Turn, words: str
) -> None:
    await env.areset(seed=0)
    for count in (1, 2, 3):
        observation, reward, terminated, truncated, info = await env.astep(turn)
        assert words in observation.results[0].message and observation.results[0].error is ErrorKind.INVALID_ARGUMENTS
        assert (info["errors"], reward, terminated, truncated) == (count, 0.0, False, count == 3)
    assert info["stop"] == StopReason.ERROR_LIMIT and info["calls"] == 0


async def test_failed_calls_end_the_episode_where_few_are_allowed(env: AsyncToolEnv) -> None:
    strict = AsyncToolEnv(env.connection, env.source, max_failures=2)
    await strict.areset(seed=0)
    broken = Turn(calls=(ToolCall("number_ratio", {"first": 1.0, "second": 0.0}),))
    assert (await strict.astep(broken))[2:4] == (False, False)
    observation, reward, terminated, truncated, info = await strict.astep(broken)
    assert (reward, terminated, truncated, info["stop"]) == (0.0, False, True, StopReason.ERROR_LIMIT)
    assert observation.results[0].error is ErrorKind.EXECUTION


async def test_a_failing_tool_is_an_observation(env: AsyncToolEnv) -> None:
    await env.areset(seed=0)
    calls = (ToolCall("number_ratio", {"first": 1.0, "second": 0.0}), ToolCall("number_mean", {"values": [1, 2]}),
             ToolCall("number_sum", {"first": "1", "second": 2.0}), ToolCall("number_sum", {"first": float("nan")}),
             ToolCall("number_sum", {"first": object()}))
    observation, _, terminated, truncated, info = await env.astep(Turn(calls=calls))
    assert [result.error for result in observation.results] == [
        ErrorKind.EXECUTION, ErrorKind.UNKNOWN_TOOL, *[ErrorKind.INVALID_ARGUMENTS] * 3]
    assert "number_product, number_ratio, number_sum" in observation.results[1].message
    assert not terminated and not truncated
    assert info["tool_errors"] == {"execution": 1, "invalid_arguments": 3, "unknown_tool": 1} and info["errors"] == 0


async def test_the_last_turn_without_an_answer_truncates(connection, source) -> None:
    env = AsyncToolEnv(connection, source, max_turns=2)
    await env.areset(seed=0)
    assert not (await env.astep(Turn(calls=(add(1.0),))))[3]
    observation, reward, terminated, truncated, info = await env.astep(Turn(calls=(add(1.0),)))
    assert (reward, terminated, truncated, info["stop"]) == (0.0, False, True, "turn_limit")
    assert observation.results[0].ok


async def test_an_answer_in_the_last_turn_counts(connection, source) -> None:
    env = AsyncToolEnv(connection, source, max_turns=1)
    await env.areset(seed=4)
    assert (await env.astep(Turn(answer="7")))[1:4] == (1.1, True, False)


async def test_a_turn_over_the_call_limit_runs_nothing(connection, source) -> None:
    env = AsyncToolEnv(connection, source, max_calls=3)
    await env.areset(seed=0)
    await env.astep(Turn(calls=(add(1.0), add(2.0))))
    assert (await env.astep(Turn(calls=(add(1.0),))))[4]["stop"] is None
    observation, _, terminated, truncated, info = await env.astep(Turn(calls=(add(1.0),)))
    assert (terminated, truncated, info["stop"], info["calls"]) == (False, True, "call_limit", 3)
    assert observation.results == ()


async def test_stepping_outside_an_episode_is_an_error(env: AsyncToolEnv) -> None:
    with pytest.raises(ResetNeeded, match="areset first"):
        await env.astep(Turn(answer="7"))
    await env.areset(seed=0)
    await env.astep(Turn(answer="7"))
    with pytest.raises(ResetNeeded, match="has ended"):
        await env.astep(Turn(answer="7"))


class Scripted:
    """A connection to tools whose every call does what the script says."""

    def __init__(self, connection, *script) -> None:
        self.connection, self.script, self.closed = connection, list(script), 0

    async def tools(self):
        return await self.connection.tools()

    async def call(self, name, arguments, *, episode=None) -> ToolResult:
        return await self.script.pop(0)()

    async def aclose(self) -> None:
        self.closed += 1


def failing(kind: ErrorKind):
    async def call() -> ToolResult:
        return ToolResult.failure(ToolError("no", kind))
    return call


async def hang() -> ToolResult:
    return await asyncio.get_running_loop().create_future()


async def crash() -> ToolResult:
    raise RuntimeError("a bug")


async def fine() -> ToolResult:
    return ToolResult({"sum": 1.0})


@pytest.mark.parametrize(("script", "stop"), [
    ((fine, failing(ErrorKind.TRANSPORT)), StopReason.SERVER_LOST),
    ((failing(ErrorKind.TIMEOUT), failing(ErrorKind.TIMEOUT)), StopReason.TIMEOUT),
    ((fine, hang), StopReason.TIMEOUT),
    ((fine, crash), StopReason.ENVIRONMENT_ERROR),
    ((fine, failing(ErrorKind.TIMEOUT)), None),
])
async def test_a_fault_of_the_environment_truncates_with_its_reason(connection, source, script, stop) -> None:
    env = AsyncToolEnv(Scripted(connection, *script), source, step_timeout=0.05)
    await env.areset(seed=0)
    _, reward, terminated, truncated, info = await env.astep(Turn(calls=(add(1.0), add(2.0))))
    assert (reward, terminated, truncated, info["stop"]) == (0.0, False, stop is not None, stop)
    assert stop is None or stop.is_fault


async def test_a_server_lost_before_the_reset_truncates_the_first_step(connection, source) -> None:
    class Gone(Scripted):
        async def tools(self):
            raise ToolError("connection refused", ErrorKind.TRANSPORT)

    env = AsyncToolEnv(Gone(connection), source)
    observation, info = await env.areset(seed=0)
    assert info["stop"] == "server_lost" and observation.tools == ()
    observation, reward, terminated, truncated, info = await env.astep(Turn(answer="3"))
    assert (reward, terminated, truncated, info["stop"]) == (0.0, False, True, "server_lost")
    with pytest.raises(ResetNeeded):
        await env.astep(Turn(answer="3"))


async def test_calls_of_a_turn_run_at_the_same_time(connection, source) -> None:
    both = asyncio.Barrier(3)

    async def meet() -> ToolResult:
        await both.wait()
        return ToolResult({})

    env = AsyncToolEnv(Scripted(connection, meet, meet, meet), source, step_timeout=5.0)
    await env.areset(seed=0)
    assert (await env.astep(Turn(calls=(add(1.0),) * 3)))[4]["stop"] is None


async def test_a_task_whose_tools_are_not_offered_cannot_be_played(env: AsyncToolEnv) -> None:
    await env.areset(seed=0)
    task = env.task.model_copy(update={"tools": ("number_sum", "loan_payment")})
    with pytest.raises(UnplayableTaskError, match="needs loan_payment"):
        await env.areset(seed=0, task=task)


async def test_without_a_source_the_task_is_given(connection, source) -> None:
    env = AsyncToolEnv(connection)
    observation, _ = await env.areset(seed=0, task=source.tasks[3])
    assert observation.question == source.tasks[3].question
    with pytest.raises(ValueError, match="give one to areset"):
        await env.areset(seed=0)


async def test_closing_twice_closes_an_owned_connection_only(connection, source) -> None:
    mine, shared = Scripted(connection), Scripted(connection)
    for env in (AsyncToolEnv(mine, source, owns_connection=True), AsyncToolEnv(shared, source)):
        await env.aclose()
        await env.aclose()
    assert (mine.closed > 0, shared.closed) == (True, 0)


async def test_the_trace_reads_as_a_conversation(env: AsyncToolEnv) -> None:
    await env.areset(seed=4)
    await env.astep(Turn(calls=(add(5.0),)))
    await env.astep(Turn(malformed="no JSON"))
    await env.astep(Turn(answer="7"))
    assert isinstance(env.trace[0], Observation)
    assert env.render().splitlines() == [
        "? What is the sum of 5.0 and 2.0?", "  (3 tools)",
        '> number_sum {"first": 5.0, "second": 2.0}', '< {"sum":7.0}',
        "! no JSON", '< {"error":"invalid_arguments","message":"no JSON"}',
        "= 7",
    ]


async def test_a_thousand_episodes_play_at_once(connection, source) -> None:
    async def play(seed: int) -> float:
        env = AsyncToolEnv(connection, source)
        await env.areset(seed)
        call = env.task.proof.calls[0]
        observation, *_ = await env.astep(Turn(calls=(ToolCall(call.tool, call.arguments),)))
        return (await env.astep(Turn(answer=str(observation.results[0].output["sum"]))))[1]

    assert await asyncio.gather(*map(play, range(1000))) == [1.1] * 1000


@pytest.mark.parametrize("limit", ["max_turns", "max_calls", "max_parallel", "max_errors", "max_failures"])
def test_a_limit_below_one_is_refused(connection, source, limit: str) -> None:
    with pytest.raises(ValueError, match=f"{limit} is 0"):
        AsyncToolEnv(connection, source, **{limit: 0})
