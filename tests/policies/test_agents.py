"""Agents that need no model: the oracle is right, the wanderer is right the long way round, the random one is wrong."""

from __future__ import annotations

from collections.abc import AsyncIterator
from random import Random

import pytest

from envs.messages import Observation, Turn
from envs.spaces import TurnSpace
from envs.tasks.task import Split, Task
from envs.tool_env import AsyncToolEnv
from policies.agent import Agent, Outcome, play
from policies.oracle import Oracle, RandomAgent, spell
from policies.wanderer import Wanderer
from trainer.config import WorldSettings
from trainer.setting import Setting, open_setting

COUNT = 25


@pytest.fixture
async def setting(world: object) -> AsyncIterator[Setting]:
    groups = ("companies", "countries", "cities", "dates", "arithmetic")
    async with open_setting(WorldSettings(groups=groups)) as opened:
        yield opened


@pytest.fixture
async def tasks(setting: Setting) -> list[Task]:
    return [*await setting.tasks("short", Split.TRAIN, COUNT), *await setting.tasks("frontier", Split.TRAIN, COUNT)]


async def episode(setting: Setting, task: Task, agent: Agent) -> tuple[Outcome, list[Turn | Observation]]:
    env = AsyncToolEnv(setting.connection, max_turns=20)
    observation, _ = await env.areset(0, task=task)
    return await play(env, agent, observation), env.trace


async def test_the_oracle_is_right_in_as_many_turns_as_the_proof_is_deep(setting: Setting, tasks: list[Task]) -> None:
    for task in tasks:
        outcome, _ = await episode(setting, task, Oracle(task))
        assert outcome.info["correct"] == 1.0
        assert outcome.info["turns"] == task.measures.depth + 1
        assert outcome.info["calls"] == task.measures.calls


async def test_the_wanderer_makes_detours_that_no_call_repeats_and_is_still_right(
    setting: Setting, tasks: list[Task]
) -> None:
    extra = 0
    for number, task in enumerate(tasks):
        outcome, trace = await episode(setting, task, Wanderer(task, Random(number), rate=0.5))
        made = [call for turn in trace if isinstance(turn, Turn) for call in turn.calls]
        wanted = {(call.tool, str(call.arguments)) for call in task.proof.calls if not call.sources}
        assert wanted <= {(call.name, str(call.arguments)) for call in made}
        assert len({str(call) for call in made}) == len(made)
        if not outcome.info["tool_errors"]:
            assert outcome.info["correct"] == 1.0
        extra += len(made) - task.measures.calls
    assert extra > COUNT / 2


async def test_without_a_rate_the_wanderer_is_the_oracle(setting: Setting, tasks: list[Task]) -> None:
    for task in tasks[::5]:
        _, wandered = await episode(setting, task, Wanderer(task, Random(0), rate=0.0))
        _, straight = await episode(setting, task, Oracle(task))
        assert wandered == straight


async def test_the_random_agent_draws_turns_that_the_environment_can_judge(setting: Setting, tasks: list[Task]) -> None:
    offered = await setting.connection.tools()
    for number, task in enumerate(tasks[::5]):
        space = TurnSpace.of([offered[name] for name in task.tools])
        space.seed(number)
        outcome, _ = await episode(setting, task, RandomAgent(space))
        assert outcome.info["stop"] and not outcome.info["correct"]


@pytest.mark.parametrize(("value", "text"), [
    (True, "yes"), (False, "no"), ("Lima", "Lima"), (1.25, "1.25"), (7, "7"), (["a", "b"], '["a","b"]')])
def test_answers_are_spelled_as_tools_write_values(value: object, text: str) -> None:
    assert spell(value) == text
