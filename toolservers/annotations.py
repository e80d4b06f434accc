"""What a tool says about its parameters and output fields, as metadata inside `typing.Annotated`.

    Currency = Annotated[str, Entity("currency"), Field(description="ISO 4217 code", examples=["USD"])]
    rate: Annotated[float, Noun("the euro reference rate of {currency} on {on}"), Unit("per EUR"), Digits(6)]
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import GetJsonSchemaHandler
from pydantic.fields import FieldInfo
from pydantic_core import CoreSchema

A = TypeVar("A")


@dataclass(frozen=True, slots=True)
class Entity:
    """The value names an entity of this type: one tool's output of the type feeds any parameter of the type."""

    type: str

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {**handler(core), "x-entity": self.type}


@dataclass(frozen=True, slots=True)
class Noun:
    """The noun phrase that names an output field, with `{parameter}` slots; question derivation nests these.

    A part in square brackets is said only when all its parameters differ from their defaults:
    "the price of {symbol} on {on}[ in {currency}]". `item` names one element of a list field ("company"), `form` says
    how to write an answer where a reader could wonder ("as a two-letter code").
    """

    phrase: str
    item: str = ""
    form: str = ""


@dataclass(frozen=True, slots=True)
class Digits:
    """Significant digits to which a number is rounded at the tool's edge (6 where a field says nothing)."""

    significant: int


@dataclass(frozen=True, slots=True)
class Unit:
    """Unit of a number, as a reader would write it behind the figure: "%", "years", "EUR"."""

    name: str

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {**handler(core), "x-unit": self.name}


@dataclass(frozen=True, slots=True)
class Typical:
    """Values a person would plausibly type for a literal parameter; task synthesis draws from these.

    Either `values`, or numbers from `low` to `high` in steps of `step`, or (both ISO dates) days in that span.
    """

    low: float | str | None = None
    high: float | str | None = None
    step: float = 1.0
    values: tuple[Any, ...] = ()


def annotation(field: FieldInfo, kind: type[A]) -> A | None:
    """The metadata of class `kind` on a pydantic field, if it carries one."""
    return next((item for item in field.metadata if isinstance(item, kind)), None)
