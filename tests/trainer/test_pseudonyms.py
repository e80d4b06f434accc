"""Retold demonstrations: the same calls about names that nothing bears, consistently, and nothing else changed."""

from __future__ import annotations

import re
from random import Random

from envs.messages import Observation, ToolCall, Turn
from envs.tasks.task import Split, Task
from envs.tool_env import AsyncToolEnv
from policies.agent import play
from policies.oracle import Oracle
from policies.renderer import CompactRenderer
from toolservers.result import ToolResult
from trainer.demonstrations import Demonstrations
from trainer.pseudonyms import Incognito, Pseudonyms
from trainer.setting import Setting


async def chain(setting: Setting) -> Task:
    """What is ... of the city where some company is headquartered?"""
    source = setting.source("short", Split.TRAIN)
    for seed in range(1000):
        task = await source.draw(seed)
        if [call.tool for call in task.proof.calls] == ["company_city", "city_population"]:
            return task
    raise AssertionError("no such task in a thousand")


async def test_a_name_has_one_pseudonym_in_question_result_and_call(setting: Setting) -> None:
    task = await chain(setting)
    company = task.proof.calls[0].arguments["company"]
    assert isinstance(company, str)
    told = Pseudonyms(task, Random(0))
    asked = told.observation(Observation(question=task.question))
    called = told.turn(Turn(calls=(ToolCall("company_city", {"company": company}),)))
    heard = told.observation(Observation(results=(ToolResult({"city": company, "employees": 12}),)))
    invented = called.calls[0].arguments["company"]
    assert invented != company
    assert asked.question == task.question.replace(company, invented)
    assert heard.results[0].output == {"city": invented, "employees": 12}
    assert told.turn(Turn(answer=company)).answer == invented


async def test_a_name_inside_another_is_left_to_the_longer_one(setting: Setting) -> None:
    told = Pseudonyms(await chain(setting), Random(0))
    pair = told.observation(Observation(results=(ToolResult({"a": "York", "b": "New York"}),))).results[0].output
    assert pair is not None
    answer = told.turn(Turn(answer="New York, York, Yorkshire")).answer
    assert answer == f"{pair['b']}, {pair['a']}, Yorkshire"


async def test_a_code_becomes_another_of_its_form(setting: Setting) -> None:
    told = Pseudonyms(await chain(setting), Random(0))
    codes = {"mic": "XLON", "isin": "DE0005909006", "ticker": "BRK.B"}
    found = told.observation(Observation(results=(ToolResult(codes),))).results[0].output
    assert found is not None
    assert re.fullmatch(r"[A-Z]{4} [A-Z]{2}\d{10} [A-Z]{3}\.[A-Z]", " ".join(found.values()))
    assert not set(found.values()) & set(codes.values())


async def test_dates_numbers_and_verdicts_stay(setting: Setting) -> None:
    told = Pseudonyms(await chain(setting), Random(0))
    output = {"on": "2020-01-02", "open": True, "rate": 1.5, "answer": "yes", "values": [1, 2.5], "sign": "A"}
    assert told.observation(Observation(results=(ToolResult(output),))).results[0].output == output


async def test_what_is_written_under_pseudonyms_is_revealed(setting: Setting) -> None:
    task = await chain(setting)
    told = Pseudonyms(task, Random(0))
    told.observation(Observation(question=task.question, results=(ToolResult({"city": "New York", "was": "York"}),)))
    for turn in (Turn(calls=(ToolCall("company_city", dict(task.proof.calls[0].arguments)),)),
                 Turn(answer="New York, York and nothing else")):
        assert told.turn(turn) != turn
        assert told.reveal(told.turn(turn)) == turn


async def test_the_oracle_earns_its_reward_incognito(setting: Setting) -> None:
    class Masked:
        """The oracle, who knows the world, behind a policy's mask."""

        def __init__(self, task: Task, told: Pseudonyms) -> None:
            self.oracle, self.told = Oracle(task), told

        async def act(self, observation: Observation) -> Turn:
            assert not re.search(rf"\b{re.escape(company)}\b", observation.question)
            heard = [ToolResult(self.told.reveal(Turn(calls=(ToolCall("", result.output or {}),))).calls[0].arguments)
                     for result in observation.results]
            return self.told.turn(await self.oracle.act(Observation(results=tuple(heard))))

    task = await chain(setting)
    company = str(task.proof.calls[0].arguments["company"])
    env = AsyncToolEnv(setting.connection)
    observation, _ = await env.areset(0, task=task)
    told = Pseudonyms(task, Random(0))
    outcome = await play(env, Incognito(Masked(task, told), told), observation)
    assert outcome.info["correct"] == 1.0


async def test_a_literal_that_the_question_words_otherwise_keeps_its_value(setting: Setting) -> None:
    task = await chain(setting)
    told = Pseudonyms(task.model_copy(update={"question": "What is it?"}), Random(0))
    turn = Turn(calls=(ToolCall("company_city", dict(task.proof.calls[0].arguments)),))
    assert told.turn(turn) == turn


async def test_retold_demonstrations_copy_every_name_from_what_was_read(
    setting: Setting, renderer: CompactRenderer
) -> None:
    shown = Demonstrations(setting.connection, setting.source("short", Split.TRAIN), renderer, pseudonyms=1.0)
    copied = 0
    for seed in range(40):
        trajectory = await shown.draw(seed)
        assert trajectory == await shown.draw(seed)
        text = renderer.tokenizer.decode(trajectory.ids)
        for found in re.finditer(r'="([^"]*[a-z][^"]*)"', text):
            assert text.index(found[1]) < found.start(1)
            copied += 1
    assert copied > 10
