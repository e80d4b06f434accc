"""A tool: a typed async function, and everything that a server, a task and a reader must know about it.

    class Rate(Output):
        rate: Annotated[float, Noun("the euro reference rate of {currency} on {on}"), Digits(6)]

    @tool(Kind.RETRIEVAL, example={"currency": "USD", "on": "2020-01-02"})
    async def fx_rate(world: World, currency: Currency, on: Date) -> Rate:
        '''Euro reference rate of a currency on a day, as published by the ECB.'''

Same world, same arguments, same bytes: numbers are rounded to their declared significant digits on the way out.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any, ClassVar, Generic, TypeVar, get_type_hints

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model
from pydantic.fields import FieldInfo

from toolservers.annotations import Digits, Entity, Noun, Typical, Unit, annotation
from toolservers.errors import ErrorKind, ToolError
from toolservers.world import World

DEFAULT_DIGITS = 6
T = TypeVar("T")


class Kind(StrEnum):
    RETRIEVAL = "retrieval"
    """Looks facts up in the world."""
    PROCESSING = "processing"
    """Computes from its arguments alone."""


class Output(BaseModel):
    """Base of every tool's output: documented, typed, rounded fields."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)
    _digits: ClassVar[dict[str, int]]

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        cls._digits = {name: (annotation(field, Digits) or Digits(DEFAULT_DIGITS)).significant
                       for name, field in cls.model_fields.items()}

    def payload(self) -> dict[str, Any]:
        """A JSON object: fields in declared order, absent (None) ones left out, floats rounded.

        Raises `ToolError` if a number is not finite: no tool may hand an agent a NaN.
        """
        values = ((name, getattr(self, name)) for name in type(self).model_fields)
        return {name: plain(value, self._digits[name]) for name, value in values if value is not None}


class Page(Output, Generic[T]):
    """A capped slice of a longer list: `total` says how long, `limit` and `offset` of the tool move the window."""

    total: int
    items: list[T]


Limit = Annotated[int, Field(ge=1, le=50, description="how many items to return")]
Offset = Annotated[int, Field(ge=0, le=1_000_000, description="how many items to skip")]


def plain(value: Any, digits: int) -> Any:
    """`value` as JSON data with its floats rounded to `digits` significant digits."""
    if isinstance(value, float):
        return round_significant(value, digits)
    if isinstance(value, Output):
        return value.payload()
    if isinstance(value, (list, tuple)):
        return [plain(item, digits) for item in value]
    if isinstance(value, dict):
        return {str(key): plain(item, digits) for key, item in value.items()}
    return value.isoformat() if hasattr(value, "isoformat") else value


def round_significant(value: float, digits: int) -> float:
    """`value` to `digits` significant decimal digits; raises `ToolError` for NaN and infinities."""
    if not math.isfinite(value):
        raise ToolError("the result is not a finite number for these arguments")
    return float(f"{value:.{digits - 1}e}") + 0.0  # + 0.0 turns -0.0 into 0.0


@dataclass(frozen=True)
class Parameter:
    """One argument of a tool."""

    name: str
    field: FieldInfo

    @cached_property
    def required(self) -> bool:
        return self.field.is_required()

    @cached_property
    def default(self) -> Any:
        return self.field.get_default(call_default_factory=True)

    @cached_property
    def entity(self) -> str | None:
        found = annotation(self.field, Entity)
        return found.type if found else None

    @cached_property
    def unit(self) -> str:
        found = annotation(self.field, Unit)
        return found.name if found else ""

    @cached_property
    def least_items(self) -> int:
        """How many items a list must have."""
        return max((getattr(item, "min_length", None) or 0 for item in self.field.metadata), default=0)

    @cached_property
    def typical(self) -> Typical | None:
        return annotation(self.field, Typical)


@dataclass(frozen=True)
class OutputField:
    """One field of a tool's output."""

    name: str
    field: FieldInfo

    @cached_property
    def entity(self) -> str | None:
        found = annotation(self.field, Entity)
        return found.type if found else None

    @cached_property
    def noun(self) -> Noun | None:
        return annotation(self.field, Noun)

    @cached_property
    def unit(self) -> str:
        found = annotation(self.field, Unit)
        return found.name if found else ""

    @cached_property
    def digits(self) -> int:
        return (annotation(self.field, Digits) or Digits(DEFAULT_DIGITS)).significant

    @cached_property
    def numeric(self) -> bool:
        return self.field.annotation in (int, float, int | None, float | None)


@dataclass(frozen=True, eq=False)
class Tool:
    """A registered tool. `name`, `domain` and `group` come from where its function stands."""

    function: Callable[..., Awaitable[Output]]
    kind: Kind
    example: Mapping[str, Any]
    arguments: type[BaseModel]
    output: type[Output]
    needs_world: bool

    @cached_property
    def name(self) -> str:
        return self.function.__name__

    @cached_property
    def domain(self) -> str:
        return self.function.__module__.split(".")[-2]

    @cached_property
    def group(self) -> str:
        return self.function.__module__.split(".")[-1]

    @cached_property
    def description(self) -> str:
        return inspect.getdoc(self.function) or ""

    @cached_property
    def parameters(self) -> dict[str, Parameter]:
        return {name: Parameter(name, field) for name, field in self.arguments.model_fields.items()}

    @cached_property
    def fields(self) -> dict[str, OutputField]:
        return {name: OutputField(name, field) for name, field in self.output.model_fields.items()}

    @cached_property
    def input_schema(self) -> dict[str, Any]:
        schema = self.arguments.model_json_schema()
        schema.pop("title", None)
        for spec in schema.get("properties", {}).values():
            spec.pop("title", None)
        return schema

    @cached_property
    def output_schema(self) -> dict[str, Any]:
        return self.output.model_json_schema(mode="serialization")

    async def call(self, world: World, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Validates, runs and rounds. Raises `ToolError`, and nothing else, for anything a caller can cause."""
        parsed = self._parse(arguments)
        values = {name: getattr(parsed, name) for name in self.arguments.model_fields}
        result = await (self.function(world, **values) if self.needs_world else self.function(**values))
        return result.payload()

    def _parse(self, arguments: Mapping[str, Any]) -> BaseModel:
        try:
            return self.arguments.model_validate_json(orjson.dumps(arguments), strict=True)
        except (ValidationError, orjson.JSONEncodeError) as error:
            raise ToolError(explain(error), ErrorKind.INVALID_ARGUMENTS) from error


def explain(error: ValidationError | orjson.JSONEncodeError) -> str:
    """A pydantic error as one short sentence per argument, each naming the argument."""
    if not isinstance(error, ValidationError):
        return f"arguments are not JSON: {error}"
    return "; ".join(f"{'.'.join(map(str, item['loc'])) or 'arguments'}: {item['msg']}"
                     for item in error.errors(include_url=False, include_input=False)[:5])


def tool(kind: Kind, *, example: Mapping[str, Any]) -> Callable[[Callable[..., Awaitable[Any]]], Tool]:
    """Registers an async function as a tool; a first parameter typed `World` is injected, the rest are arguments."""

    def register(function: Callable[..., Awaitable[Any]]) -> Tool:
        hints = get_type_hints(function, include_extras=True)
        output = hints.pop("return")
        signature = inspect.signature(function).parameters
        fields: dict[str, Any] = {
            name: (hints[name], ... if parameter.default is parameter.empty else parameter.default)
            for name, parameter in signature.items() if hints[name] is not World
        }
        config = ConfigDict(extra="forbid", defer_build=True)
        arguments = create_model(f"{function.__name__}_arguments", __config__=config, **fields)
        return Tool(function, kind, example, arguments, output, needs_world=len(fields) < len(signature))

    return register
