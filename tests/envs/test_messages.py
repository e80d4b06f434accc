from __future__ import annotations

import orjson
import pytest

from envs.messages import Observation, ToolCall, Turn
from toolservers.connection import ToolSpec
from toolservers.errors import ErrorKind, ToolError
from toolservers.result import ToolResult


@pytest.mark.parametrize("turn", [
    Turn(), Turn(answer=""), Turn(answer="42"), Turn(calls=(ToolCall("a", {}), ToolCall("b", {"x": [1]}))),
])
def test_turns_become_actions_and_come_back(turn: Turn) -> None:
    assert Turn.from_action(turn.action) == turn
    assert Turn.from_action(turn) is turn


def test_an_action_may_leave_out_what_it_does_not_use() -> None:
    assert Turn.from_action({"answer": "42"}) == Turn(answer="42")
    assert Turn.from_action({"calls": [{"name": "a", "arguments": {}}]}) == Turn(calls=(ToolCall("a", {}),))


@pytest.mark.parametrize("action", [
    None, 3, "call a tool", [], {"tool": "a"}, {"calls": 3}, {"calls": "ab"}, {"calls": [None]}, {"answer": 42},
    {"calls": [{"name": "a"}]}, {"calls": [{"name": 1, "arguments": {}}]},
    {"calls": [{"name": "a", "arguments": "{}"}]},
])
def test_what_is_not_an_action_becomes_a_malformed_turn(action: object) -> None:
    assert Turn.from_action(action).malformed
    assert Turn.from_action(action).error(max_parallel=8)


def test_a_well_formed_turn_has_no_error() -> None:
    assert not Turn(answer="").error(max_parallel=1)
    assert not Turn(calls=(ToolCall("a", {}),)).error(max_parallel=1)
    assert Turn(calls=(ToolCall("a", {}),) * 2).error(max_parallel=1)


def test_the_text_of_an_observation() -> None:
    tool = ToolSpec("add", "Adds.", {"type": "object", "properties": {}})
    question, line = Observation("How many?", (tool,)).text.split("\n")
    assert question == "How many?"
    assert orjson.loads(line) == {"name": "add", "description": "Adds.", "parameters": tool.input_schema}
    failure = ToolResult.failure(ToolError("no", ErrorKind.EXECUTION))
    assert Observation(results=(ToolResult({"sum": 1.0}), failure)).text == (
        '{"sum":1.0}\n{"error":"execution","message":"no"}')
    assert Observation().text == ""
