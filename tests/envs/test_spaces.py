from __future__ import annotations

import json
import pickle
from collections import Counter
from copy import deepcopy

import numpy as np
import pytest
from gymnasium.utils.env_checker import data_equivalence
from gymnasium.vector.utils import batch_space, iterate
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from envs.messages import Turn
from envs.samples import draw
from envs.spaces import TurnSpace, UnicodeText
from toolservers.catalog import load
from toolservers.connection import ToolSpec

ADD = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"], "additionalProperties": False}
SCHEMAS = [
    {"type": "integer", "minimum": 3, "maximum": 5}, {"type": "integer", "exclusiveMinimum": 3, "exclusiveMaximum": 5},
    {"type": "integer", "minimum": 3, "maximum": 20, "multipleOf": 5}, {"type": "integer", "maximum": -7},
    {"type": "number", "exclusiveMinimum": 0, "maximum": 1e-6}, {"type": "number", "minimum": 2, "exclusiveMaximum": 3},
    {"type": "number", "maximum": -1}, {"type": "boolean"}, {"type": "null"}, {"const": "x"},
    {"enum": [1, "two", None]},
    {"type": "string", "minLength": 20, "maxLength": 30}, {"type": "string", "maxLength": 2},
    {"type": "string", "pattern": "^[A-Z]{3}$"}, {"type": "string", "examples": ["USD"], "pattern": "^[A-Z]{3}$"},
    {"anyOf": [{"type": "integer"}, {"type": "null"}]}, {"type": "array", "items": {"type": "number"}, "minItems": 2},
    {"type": "array", "items": {"enum": [1, 2]}, "uniqueItems": True, "maxItems": 2}, {"type": "object"},
    {"$defs": {"Side": {"enum": ["buy", "sell"]}}, "type": "object", "required": ["side"],
     "properties": {"side": {"$ref": "#/$defs/Side"}, "size": {"oneOf": [{"type": "integer"}, {"type": "string"}]}}},
]


@pytest.mark.parametrize("schema", SCHEMAS, ids=json.dumps)
@given(seed=st.integers(0, 2**32))
def test_drawn_values_are_valid(schema: dict, seed: int) -> None:
    Draft202012Validator(schema).validate(draw(schema, np.random.default_rng(seed)))


def test_every_tool_accepts_most_of_what_is_drawn_for_it() -> None:
    catalog, rng = load(), np.random.default_rng(0)
    refused: Counter[str] = Counter()
    for name, tool in catalog.items():
        for _ in range(5):
            try:
                tool.arguments.model_validate_json(json.dumps(draw(tool.input_schema, rng)), strict=True)
            except ValidationError:
                refused[name] += 1
    assert refused.total() <= 0.05 * 5 * len(catalog), refused


def test_a_turn_space_holds_what_it_samples() -> None:
    space = TurnSpace.of(map(ToolSpec.of, load().values()), seed=1)
    turns = [space.sample() for _ in range(200)]
    assert all(turn in space for turn in turns)
    assert {len(turn["calls"]) for turn in turns} == {0, 1, 2, 3}
    assert all((turn["answer"] is None) == bool(turn["calls"]) for turn in turns)


def test_a_mask_names_the_tools_to_draw_from() -> None:
    space = TurnSpace({"add": ADD, "sub": ADD}, seed=1)
    names = {call["name"] for _ in range(50) for call in space.sample(mask={"sub"})["calls"]}
    assert names == {"sub"}
    assert space.sample(mask=())["calls"] == ()


@pytest.mark.parametrize("turn", [
    None, "add", {}, {"calls": ()}, {"calls": (), "answer": None}, {"calls": (), "answer": 3},
    {"calls": ({"name": "mul", "arguments": {"a": 1}},), "answer": None},
    {"calls": ({"name": "add", "arguments": {"a": "1"}},), "answer": None},
    {"calls": ({"name": "add", "arguments": {"a": 1, "b": 2}},), "answer": None},
    {"calls": ({"name": "add", "arguments": {"a": 1}},), "answer": "1"},
    {"calls": ({"name": "add", "arguments": {"a": 1}},) * 3, "answer": None},
    {"calls": (), "answer": "x" * 10_001},
])
def test_what_a_turn_space_does_not_hold(turn: object) -> None:
    space = TurnSpace({"add": ADD}, max_parallel=2)
    assert turn not in space
    assert {"calls": ({"name": "add", "arguments": {"a": 1}},) * 2, "answer": None} in space


@pytest.mark.parametrize("space", [TurnSpace({"add": ADD}, seed=3), UnicodeText(seed=3)], ids=repr)
def test_copies_are_equal_and_draw_the_same(space: TurnSpace | UnicodeText) -> None:
    assert space.sample() in space  # fills the caches that must not travel
    for copy in (pickle.loads(pickle.dumps(space)), deepcopy(space)):
        assert copy == space
        assert [copy.sample() for _ in range(5)] == [one.sample() for one in [deepcopy(space)] for _ in range(5)]
    samples = [space.sample() for _ in range(5)]
    assert data_equivalence(space.from_jsonable(json.loads(json.dumps(space.to_jsonable(samples)))), samples)


def test_a_used_space_pickles_as_a_fresh_one() -> None:
    used = TurnSpace({"add": ADD}, seed=3)
    before = pickle.dumps(used)
    assert {"calls": ({"name": "add", "arguments": {"a": 1}},), "answer": None} in used
    assert pickle.dumps(used) == before


def test_spaces_differ_by_what_they_hold() -> None:
    assert TurnSpace({"add": ADD}) != TurnSpace({"sub": ADD})
    assert TurnSpace({"add": ADD}) != TurnSpace({"add": ADD}, max_parallel=1)
    assert UnicodeText(5) != UnicodeText(6)
    assert UnicodeText(5) != TurnSpace({})


def test_texts() -> None:
    assert "日本語 🎌" in UnicodeText(10)
    assert "x" * 11 not in UnicodeText(10)
    assert 3 not in UnicodeText(10)
    assert 1 <= len(UnicodeText(2, seed=0).sample()) <= 2
    with pytest.raises(ValueError, match="at least 1"):
        UnicodeText(0)


def test_a_batch_shares_its_schemas() -> None:
    space = TurnSpace({"add": ADD}, seed=0)
    batch = batch_space(space, 3)
    assert all(part.tools["add"] is ADD for part in batch.spaces)
    turns = list(iterate(batch, batch.sample()))
    assert len(turns) == 3 and all(Turn.from_action(turn).error(8) == "" for turn in turns)
