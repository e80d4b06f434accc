from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.error import ClosedEnvironmentError, ResetNeeded
from gymnasium.utils.env_checker import data_equivalence
from gymnasium.vector import AsyncVectorEnv, AutoresetMode, SyncVectorEnv

from envs.gym_env import ToolEnv
from envs.messages import ToolCall, Turn
from envs.tasks.task import Task
from envs.vector import ToolVectorEnv

SCRIPT = [
    Turn(calls=(ToolCall("number_sum", {"first": 5.0, "second": 2.0}),)), Turn(), Turn(malformed="no JSON"),
    Turn(answer="7"), Turn(calls=(ToolCall("number_sum", {}), ToolCall("nothing", {}))), Turn(answer="none"),
]
LIMITS = {"max_turns": 4, "max_errors": 2}


def turns(step: int, count: int) -> tuple[Turn, ...]:
    return tuple(SCRIPT[(step * (index + 1) + index) % len(SCRIPT)] for index in range(count))


@pytest.fixture
def vector(source: Any) -> Iterator[ToolVectorEnv]:
    env = ToolVectorEnv(3, "general", tasks=source)
    yield env
    env.close()


@pytest.mark.parametrize("mode", [AutoresetMode.NEXT_STEP, AutoresetMode.SAME_STEP])
def test_results_equal_those_of_gymnasiums_own_vector(source: Any, mode: AutoresetMode) -> None:
    ours = ToolVectorEnv(5, "general", autoreset_mode=mode, tasks=source, **LIMITS)
    theirs = SyncVectorEnv([lambda: ToolEnv("general", tasks=source, **LIMITS)] * 5, autoreset_mode=mode)
    assert data_equivalence(ours.reset(seed=11), theirs.reset(seed=11), exact=True)
    ended = 0
    for step in range(30):
        one, other = ours.step(turns(step, 5)), theirs.step(turns(step, 5))
        assert data_equivalence(one, other, exact=True), step
        ended += int(one[2].sum() + one[3].sum())
    assert ended > 20
    assert data_equivalence(ours.reset(), theirs.reset(), exact=True)
    seeds = [7, None, 1, None, 2]
    assert data_equivalence(ours.reset(seed=seeds), theirs.reset(seed=seeds), exact=True)
    for env in (ours, theirs):
        env.close()


def test_without_autoreset_the_caller_resets_what_has_ended(source: Any) -> None:
    env = ToolVectorEnv(3, "general", autoreset_mode="Disabled", tasks=source)
    before, _ = env.reset(seed=0)
    _, rewards, terminated, _, _ = env.step((Turn(answer="x"), SCRIPT[0], Turn(answer="y")))
    assert terminated.tolist() == [True, False, True] and rewards.tolist() == [0.0, 0.0, 0.0]
    with pytest.raises(ResetNeeded, match=r"episodes \[0, 2\] have ended"):
        env.step((SCRIPT[0],) * 3)
    observations, infos = env.reset(seed=[0, None, 2], options={"reset_mask": terminated})
    assert observations[0] == before[0] and observations[1] == '{"sum":7.0}' and observations[2] == before[2]
    assert infos["_task"].tolist() == [True, False, True]
    assert not env.step((SCRIPT[0],) * 3)[2].any()
    env.close()


@pytest.mark.parametrize("mask", [[True, False, True], np.zeros(3, bool), np.ones(2, bool), np.ones(3)])
def test_a_mask_of_wrong_form_is_refused(vector: ToolVectorEnv, mask: object) -> None:
    with pytest.raises(ValueError, match="reset_mask"):
        vector.reset(options={"reset_mask": mask})


class Patchy:
    """A source that has no task for every second seed."""

    def __init__(self, source: Any) -> None:
        self.source = source

    async def draw(self, seed: int) -> Task:
        if seed % 2:
            raise LookupError(f"no task for seed {seed}")
        return await self.source.draw(seed)


@pytest.mark.parametrize("mode", [AutoresetMode.NEXT_STEP, AutoresetMode.SAME_STEP])
def test_an_episode_that_cannot_begin_does_not_stop_the_others(source: Any, mode: AutoresetMode) -> None:
    env = ToolVectorEnv(16, "general", tasks=Patchy(source), autoreset_mode=mode)
    _, infos = env.reset(seed=0)
    broken = infos["stop"] == "environment_error"
    assert 0 < broken.sum() < 16
    _, rewards, terminated, truncated, infos = env.step((Turn(malformed="no JSON"),) * 16)
    assert (truncated == broken).all() and not terminated.any()
    _, rewards, terminated, truncated, infos = env.step((Turn(answer="0"),) * 16)
    assert (terminated == ~broken).all() and (rewards[~broken] == 0.0).all()
    for _ in range(20):  # whatever was without a task finds one
        _, _, _, _, infos = env.step((Turn(malformed="no JSON"),) * 16)
    assert set(infos["errors"]) == {0, 1, 2, 3} - ({3} if mode is AutoresetMode.SAME_STEP else set())
    env.close()


def test_if_no_episode_can_begin_the_reset_says_why(source: Any, source_of: Any) -> None:
    foreign = source.tasks[0].model_copy(update={"tools": ("loan_payment",)})
    env = ToolVectorEnv(2, "general", tasks=source_of([foreign]))
    with pytest.raises(ValueError, match="needs loan_payment, which is not on offer"):
        env.reset(seed=0)
    env.close()


def test_a_thousand_episodes_in_one_process(source: Any) -> None:
    env = ToolVectorEnv(1000, "general", tasks=source)
    env.reset(seed=0)
    first = [task.proof.calls[0] for task in env.tasks]
    observations, *_ = env.step([Turn(calls=(ToolCall(call.tool, call.arguments),)) for call in first])
    answers = [Turn(answer=task.answer.reference) for task in env.tasks]
    assert len(set(observations)) > 10
    _, rewards, terminated, _, infos = env.step(answers)
    assert rewards.tolist() == [1.1] * 1000 and terminated.all() and set(infos["stop"]) == {"answered"}
    env.close()


def test_gymnasium_makes_it(source: Any) -> None:
    env = gym.make_vec("dive/General-v0", num_envs=2, tasks=source, render_mode="ansi")
    assert isinstance(env, ToolVectorEnv) and env.metadata["autoreset_mode"] is AutoresetMode.NEXT_STEP
    observations, _ = env.reset(seed=0)
    assert observations in env.observation_space
    actions = env.action_space.sample()
    assert actions in env.action_space
    assert env.step(actions)[0] in env.observation_space
    assert [text.startswith("? What is the sum") for text in env.render()] == [True, True]
    env.close()


def test_worker_processes_of_gymnasiums_own_vector_play_too(source: Any) -> None:
    env = AsyncVectorEnv([lambda: ToolEnv("general", tasks=source)] * 2, shared_memory=False)
    ours = ToolVectorEnv(2, "general", tasks=source)
    assert env.reset(seed=3)[0] == ours.reset(seed=3)[0]
    actions = tuple(turn.action for turn in turns(0, 2))
    assert env.step(actions)[0] == ours.step(actions)[0]
    for one in (env, ours):
        one.close()


def test_misuse_is_named(vector: ToolVectorEnv, source: Any) -> None:
    with pytest.raises(ResetNeeded, match="call reset first"):
        vector.step(turns(0, 3))
    with pytest.raises(ValueError, match="2 seeds for 3"):
        vector.reset(seed=[1, 2])
    vector.reset(seed=0)
    with pytest.raises(ValueError, match="2 actions for 3"):
        vector.step(turns(0, 2))
    vector.close()
    vector.close()
    with pytest.raises(ClosedEnvironmentError):
        vector.reset(seed=0)
    with pytest.raises(ValueError, match="num_envs is 0"):
        ToolVectorEnv(0, "general", tasks=source)
