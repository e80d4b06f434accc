"""The contract that every tool of every domain keeps, checked over the whole catalogue."""

from __future__ import annotations

import datetime
import importlib
import math
import pkgutil
import random
import re
from collections import Counter
from typing import Any

import jsonschema
import orjson
import pytest

from toolservers import catalog
from toolservers.annotations import Typical
from toolservers.domains import domains
from toolservers.errors import ErrorKind, ToolError
from toolservers.tool import Kind, Parameter, Tool
from toolservers.world import World

TOOLS = list(catalog.load().values())
SLOT = re.compile(r"\{(\w+)\}")
OPTIONAL = re.compile(r"\[[^\]]*\]")
every_tool = pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
world_tool = pytest.mark.parametrize("tool", [item for item in TOOLS if item.needs_world], ids=lambda tool: tool.name)
plain_tool = pytest.mark.parametrize(
    "tool", [item for item in TOOLS if not item.needs_world], ids=lambda tool: tool.name)
NO_WORLD: Any = None
"""What a tool is called with that reads no world."""


def defined_names() -> list[str]:
    """Name of every tool in the modules of every domain, repeated where two modules define the same one."""
    packages = [importlib.import_module(f"toolservers.{domain}") for domain in domains()]
    modules = [importlib.import_module(f"{package.__name__}.{module.name}")
               for package in packages for module in pkgutil.iter_modules(package.__path__) if not module.ispkg]
    return [member.name for module in modules for member in vars(module).values()
            if isinstance(member, Tool) and member.function.__module__ == module.__name__]


def test_names_are_unique():
    names = defined_names()
    assert len(names) > 80
    assert [name for name, count in Counter(names).items() if count > 1] == []
    assert sorted(names) == list(catalog.load())


@every_tool
def test_name_description_and_kind(tool: Tool):
    assert re.fullmatch(r"[a-z]+(_[a-z0-9]+)+", tool.name), "snake_case, namespace first"
    assert len(tool.name) <= 32
    assert tool.description.endswith(".")
    assert tool.kind is Kind.PROCESSING or tool.needs_world, "a retrieval tool reads the world"


@every_tool
def test_parameters_are_described_and_can_be_filled(tool: Tool):
    for parameter in tool.parameters.values():
        assert parameter.field.description, parameter.name
        if parameter.required:
            assert parameter.typical or parameter.entity, f"{parameter.name}: no Typical and no entity"


@every_tool
async def test_typical_values_are_valid_arguments(tool: Tool):
    for parameter in tool.parameters.values():
        typical = parameter.typical
        if typical is None:
            continue
        values = typical.values or (typical.low, typical.high)
        assert None not in values, parameter.name
        for value in values:
            tool._parse({**tool.example, parameter.name: value})


@every_tool
def test_nouns_name_the_required_parameters_and_no_others(tool: Tool):
    required = {parameter.name for parameter in tool.parameters.values() if parameter.required}
    answerable = [field for field in tool.fields.values() if field.noun]
    assert answerable, "no field can be an answer"
    for field in answerable:
        phrase = field.noun.phrase
        always = set(SLOT.findall(OPTIONAL.sub("", phrase)))
        assert required <= always, f"{field.name}: {required - always} not named"
        assert set(SLOT.findall(phrase)) <= set(tool.parameters), field.name
        sometimes = set(SLOT.findall(phrase)) - always
        assert not sometimes & required, field.name
        assert phrase == phrase.strip() and not phrase.endswith(".")


@every_tool
def test_schemas_are_valid_and_fit_the_example(tool: Tool):
    for schema in (tool.input_schema, tool.output_schema):
        jsonschema.Draft202012Validator.check_schema(schema)
        orjson.dumps(schema)
    jsonschema.validate(dict(tool.example), tool.input_schema)
    assert not set(tool.parameters) - set(tool.input_schema["properties"])


@plain_tool
async def test_example_runs_to_the_same_bytes_twice(tool: Tool):
    await check_example(tool, NO_WORLD)


@world_tool
async def test_example_finds_the_same_bytes_twice(tool: Tool, world: World):
    await check_example(tool, world)


async def check_example(tool: Tool, world: World) -> None:
    first, second = [orjson.dumps(await tool.call(world, tool.example)) for _ in range(2)]
    assert first == second
    output = orjson.loads(first)
    jsonschema.validate(output, tool.output_schema)
    assert any(field.name in output for field in tool.fields.values() if field.noun)


def draw(parameter: Parameter, typical: Typical, source: random.Random) -> Any:
    """A value that a person might type for the parameter."""
    if typical.values:
        return source.choice(typical.values)
    if isinstance(typical.low, str):
        first, last = (datetime.date.fromisoformat(str(day)).toordinal() for day in (typical.low, typical.high))
        return datetime.date.fromordinal(source.randint(first, last)).isoformat()
    steps = int((typical.high - typical.low) / typical.step + 1e-9)
    return parameter.field.annotation(typical.low + source.randint(0, steps) * typical.step)


@plain_tool
async def test_typical_arguments_mostly_have_an_answer(tool: Tool):
    source, answers, tries = random.Random(tool.name), 0, 40
    for _ in range(tries):
        arguments = {name: draw(parameter, parameter.typical, source) for name, parameter in tool.parameters.items()
                     if parameter.required and parameter.typical}
        try:
            await tool.call(NO_WORLD, {**tool.example, **arguments})
            answers += 1
        except ToolError as error:
            assert any(error.message.startswith(f"{name}:") for name in tool.parameters), error.message
    assert answers >= tries / 2, f"{answers} of {tries}"


def extreme(schema: dict[str, Any], example: Any, source: random.Random) -> Any:
    """A bound of a number, a long or short list of such, or else the example."""
    if schema.get("type") == "array":
        length = source.choice([schema.get("minItems", 1), 30])
        return [extreme(schema["items"], None, source) for _ in range(length)]
    if schema.get("type") not in ("number", "integer"):
        return example
    low = schema["minimum"] if "minimum" in schema else math.nextafter(schema["exclusiveMinimum"], math.inf)
    bounds = [bound for bound in (low, 0, 1, schema["maximum"]) if low <= bound <= schema["maximum"]]
    value = source.choice(bounds)
    return int(value) if schema["type"] == "integer" else float(value)


@plain_tool
async def test_extreme_arguments_give_an_answer_or_a_typed_error(tool: Tool):
    source, properties = random.Random(tool.name), tool.input_schema["properties"]
    for _ in range(60):
        arguments = {name: extreme(properties[name], value, source) for name, value in tool.example.items()}
        try:
            orjson.dumps(await tool.call(NO_WORLD, arguments))
        except ToolError as error:
            assert error.kind is ErrorKind.EXECUTION, error.message


@every_tool
async def test_unknown_arguments_and_wrong_types_are_refused(tool: Tool):
    for arguments in ({**tool.example, "bogus": 1}, {name: {"a": []} for name in tool.example}):
        with pytest.raises(ToolError) as caught:
            await tool.call(NO_WORLD, arguments)  # refused before any world is read
        assert caught.value.kind is ErrorKind.INVALID_ARGUMENTS
        assert any(name in caught.value.message for name in ("bogus", *tool.parameters))
