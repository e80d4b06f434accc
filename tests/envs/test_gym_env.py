from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from typing import Any

import gymnasium as gym
import pytest
from gymnasium.error import ClosedEnvironmentError, ResetNeeded
from gymnasium.utils.env_checker import check_env, data_equivalence

import envs.registration
from envs import loop
from envs.gym_env import ToolEnv
from envs.messages import ToolCall, Turn
from toolservers.domains import domains

GENERAL = "dive/General-v0"


def add(first: float, second: float = 2.0) -> dict:
    return {"calls": ({"name": "number_sum", "arguments": {"first": first, "second": second}},), "answer": None}


@pytest.fixture
def gym_env(source: Any):
    env = gym.make(GENERAL, tasks=source)
    yield env
    env.close()


def test_there_is_an_environment_for_every_domain() -> None:
    assert {f"dive/{name.capitalize()}-v0" for name in domains()} <= set(gym.registry)


@pytest.mark.parametrize("domain", domains())
def test_every_environment_passes_the_checker(domain: str) -> None:
    env = gym.make(envs.registration.environment_id(domain), difficulty="short", toolset=(5, 10))
    check_env(env.unwrapped)
    env.close()


def test_importing_the_package_is_light() -> None:
    heavy = ["pydantic", "sqlalchemy", "QuantLib", "torch", "pandas", "aiohttp", "mcp"]
    code = f"import sys, envs; print(*(name for name in {heavy} if name in sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert found.stdout.split() == []


def test_an_episode(gym_env: gym.Env) -> None:
    text, info = gym_env.reset(seed=1)
    question, *tools = text.split("\n")
    assert question == gym_env.unwrapped.core.task.question and len(tools) == 3
    assert info["task"] == gym_env.unwrapped.core.task.id
    assert gym_env.step(add(5.0))[0] == '{"sum":7.0}'
    answer = gym_env.unwrapped.core.task.answer.reference
    text, reward, terminated, truncated, info = gym_env.step(Turn(answer=answer))
    assert (text, reward, terminated, truncated, info["stop"]) == ("", 1.1, True, False, "answered")


def test_infos_hold_no_answer_and_no_handle(gym_env: gym.Env) -> None:
    runs = []
    for _ in range(2):
        infos = [gym_env.reset(seed=3)[1], gym_env.step(add(1.0))[4], gym_env.step({"answer": "x"})[4]]
        runs.append(infos)
    assert data_equivalence(*runs)
    assert set(runs[0][0]) == {"task", "correct", "format", "stop", "turns", "calls", "errors", "tool_errors"}


def test_episodes_depend_on_the_seed_alone(gym_env: gym.Env) -> None:
    first = [gym_env.reset(seed=5)[0], gym_env.reset()[0], gym_env.reset()[0]]
    again = [gym_env.reset(seed=5)[0], gym_env.reset()[0], gym_env.reset()[0]]
    assert first == again and len(set(first)) > 1


def test_a_task_can_be_given(gym_env: gym.Env, source: Any) -> None:
    assert gym_env.reset(options={"task": source.tasks[7]})[1]["task"] == source.tasks[7].id


@pytest.mark.parametrize("action", [None, 42, {"tool": "x"}, {"calls": ({"name": "number_sum"},), "answer": None}])
def test_any_object_is_an_action_if_a_bad_one(source: Any, action: object) -> None:
    env = ToolEnv("general", tasks=source)
    env.reset(seed=0)
    text, _, terminated, truncated, info = env.step(action)  # type: ignore[arg-type]
    assert '"error":"invalid_arguments"' in text and info["errors"] == 1 and not terminated and not truncated
    env.close()


def test_stepping_after_the_end_is_gymnasiums_error(gym_env: gym.Env) -> None:
    gym_env.reset(seed=0)
    gym_env.step({"calls": (), "answer": "1"})
    with pytest.raises(ResetNeeded, match="has ended"):
        gym_env.step({"calls": (), "answer": "1"})


def test_closing_twice_and_using_what_is_closed(source: Any) -> None:
    env = ToolEnv("general", tasks=source)
    env.close()
    env.close()
    with pytest.raises(ResetNeeded):
        env.step(add(1.0))
    with pytest.raises(ClosedEnvironmentError, match="make a new one"):
        env.reset(seed=0)


def test_environments_of_one_venue_share_a_connection_until_the_last_is_closed(source: Any) -> None:
    first, second = (ToolEnv("general", tasks=source, max_turns=turns) for turns in (3, 4))
    other = ToolEnv("general", tasks=source, timeout=3.0)
    assert first.core.connection is second.core.connection is not other.core.connection
    first.close()
    second.reset(seed=0)
    assert second.step(add(1.0))[0] == '{"sum":3.0}'
    second.close()
    third = ToolEnv("general", tasks=source)
    assert third.core.connection is not second.core.connection
    other.close()
    third.close()


def test_rendering(source: Any, capsys: pytest.CaptureFixture[str]) -> None:
    shown = ToolEnv("general", tasks=source, render_mode="human")
    shown.reset(seed=0)
    shown.step(add(1.0))
    written = capsys.readouterr().out
    text = ToolEnv("general", tasks=source, render_mode="ansi")
    text.reset(seed=0)
    text.step(add(1.0))
    assert text.render() == written.rstrip("\n")
    assert '> number_sum {"first": 1.0, "second": 2.0}\n< {"sum":3.0}' in written
    for env in (shown, text):
        env.close()
    with pytest.raises(ValueError, match="render_mode is 'rgb_array'; there are ansi, human"):
        ToolEnv("general", tasks=source, render_mode="rgb_array")


@pytest.mark.parametrize(("options", "error", "words"), [
    ({"transport": "http"}, ValueError, "url"),
    ({"url": "http://127.0.0.1:1"}, ValueError, "url"),
    ({"difficulty": "impossible"}, ValueError, "unknown difficulty"),
    ({"split": "validation"}, ValueError, "validation"),
    ({"tasks": "/no/such/file.jsonl"}, ValueError, "no/such/file"),
    ({"max_turns": 0}, ValueError, "max_turns is 0"),
    ({"max_steps": 3}, TypeError, "max_steps"),
    ({"domain": "astrology"}, ValueError, "unknown domain 'astrology'"),
])
def test_options_that_make_no_sense_are_refused_at_once(options: dict, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        ToolEnv(**{"domain": "general", **options})


def test_the_specification_travels() -> None:
    env = gym.make(GENERAL, difficulty="short", toolset=5)
    spec = pickle.loads(pickle.dumps(env.spec))
    again = gym.make(spec)
    assert again.reset(seed=2)[0] == env.reset(seed=2)[0]
    assert pickle.loads(pickle.dumps(env.action_space)) == again.action_space
    env.close()
    again.close()


def test_a_forked_child_plays_on(source: Any) -> None:
    env = ToolEnv("general", tasks=source)
    expected = env.reset(seed=4)[0]
    child = os.fork()
    if child == 0:
        signal.alarm(20)  # a child that hangs dies
        try:
            with pytest.raises(ResetNeeded):
                env.step(add(1.0))
            fresh = ToolEnv("general", tasks=source)
            same = env.reset(seed=4)[0] == fresh.reset(seed=4)[0] == expected
            env.close()
            fresh.close()
            os._exit(0 if same else 1)
        except BaseException:
            os._exit(2)
    assert os.waitpid(child, 0)[1] == 0
    assert env.step(add(1.0))[0] == '{"sum":3.0}'
    env.close()


def test_the_synchronous_shell_refuses_to_block_its_own_loop(gym_env: gym.Env) -> None:
    async def nested() -> None:
        gym_env.reset(seed=0)

    with pytest.raises(RuntimeError, match="use AsyncToolEnv"):
        loop.run(nested())


def test_messages_and_actions_are_one_thing(gym_env: gym.Env) -> None:
    turn = Turn(calls=(ToolCall("number_sum", {"first": 1.0, "second": 2.0}),))
    gym_env.reset(seed=0)
    by_turn = gym_env.step(turn)[0]
    gym_env.reset(seed=0)
    assert gym_env.step(turn.action)[0] == by_turn
    assert turn.action in gym_env.action_space
